// The shadow pass: only hair's holes matter.
in vec2 t; in vec3 n; in vec4 m; uniform sampler2D albedo_map; uniform float has_alpha;
out vec4 pixel;
void main() { if (has_alpha > 0.5 && texture(albedo_map, t).a < 0.4) discard; pixel = vec4(1.0); }
