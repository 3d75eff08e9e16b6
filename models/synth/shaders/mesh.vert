#version 330
// Head and neck: a vertex turns with the skull (facts.x = 1), with the trunk (0), or in between.
in vec3 position; in vec3 normal; in vec2 uv; in vec2 facts; in vec4 mask; in float occlusion;
uniform mat3 head; uniform mat3 trunk; uniform vec3 pivot; uniform mat4 projection;
// Fur: shells of a coat are copies of the skin pushed outwards; `lift` is the coat's reach here, dm.
uniform float lift; uniform vec3 droop; uniform int fur_mask; uniform vec2 part; uniform float curl;
out vec3 at; out vec3 n; out vec2 t; out vec4 m; out float ao; flat out float kind;
out vec3 rest;
void main() {
    mat3 turn = head * facts.x + trunk * (1.0 - facts.x);
    float reach = lift * max(fur_mask == 0 ? mask.x : -mask.y, 0.0);
    // Hair falls to both sides of its parting.
    float away = clamp((position.x - part.x) * 6.0, -1.0, 1.0);
    vec3 comb = droop + vec3(part.y * away * (1.0 - 0.6 * abs(normal.x)), 0.0, 0.0);
    comb += curl * sin(position.yzx * 23.0 + 7.0 * sin(position.zxy * 11.0));
    // Combed hair lies flatter than it stands.
    vec3 moved = position + reach * (normal * inversesqrt(1.0 + dot(comb, comb)) + comb * inversesqrt(1.0 + 0.5 * dot(comb, comb)));
    // It lies on the head, never in it.
    moved += normal * max(0.0, 0.35 * reach - dot(moved - position, normal));
    at = turn * (moved - pivot) + pivot;
    n = turn * normal; t = uv; m = mask; ao = occlusion; kind = facts.y; rest = position;
    gl_Position = projection * vec4(at, 1.0);
}
