// An eyeball: the iris picture around the gaze axis, limbal ring, the upper lid's shade, a wet highlight.
uniform sampler2D albedo_map; uniform vec2 disc; uniform float disc_scale;
uniform float iris_angle; uniform float pupil; uniform vec3 iris_tint; uniform vec3 sclera; uniform float lid_height; uniform float lid_low;
uniform vec2 window; uniform float sparkle; uniform float redness;
void main() {
    // `m.xyz` is the direction from the eye's centre in the eyeball's own frame, `m.w` the elevation in the head's frame.
    vec3 d = normalize(m.xyz);
    float angle = acos(clamp(d.z, -1.0, 1.0)) / iris_angle;         // 1 at the limbus
    vec2 around = length(d.xy) > 1e-5 ? normalize(d.xy) : vec2(0.0);
    // In the pictures the pupil ends at 0.36 of the iris.
    float r = angle < pupil ? angle / pupil * 0.36 : angle < 1.0 ? mix(0.36, 1.0, (angle - pupil) / (1.0 - pupil)) : angle;
    vec3 texel = texture(albedo_map, disc + around * min(r, 2.9) * disc_scale * vec2(1.0, 1.0)).rgb;
    vec3 albedo = texel * texel;
    float white = smoothstep(0.92, 1.08, angle);
    vec3 clear = albedo * sclera * mix(vec3(1.0), vec3(1.0, 0.72, 0.68), redness * smoothstep(1.2, 2.6, angle));
    albedo = mix(albedo * iris_tint, clear, white);
    albedo *= mix(1.0, 0.45, exp(-pow((angle - 0.97) / 0.10, 2.0)));
    if (angle < pupil) albedo *= 0.25;
    float shade_top = 1.0 - 0.6 * smoothstep(lid_height - 0.28, lid_height + 0.02, m.w);
    float shade_low = 1.0 - 0.35 * smoothstep(lid_low + 0.16, lid_low - 0.02, m.w);
    float side = mix(1.0, 0.72, smoothstep(1.4, 2.8, angle));
    float open = shade_top * shade_low * side * clamp(ao, 0.0, 1.0);
    vec3 normal = normalize(n);
    vec3 colour = shade(albedo, normal, open, vec3(0.25, 0.18, 0.16), 0.6, 90.0);
    colour *= mix(0.7, 1.0, open);
    // Catch-light: the key light's reflection on the cornea, a soft square like a window.
    vec3 view = normalize(eye - at);
    vec3 mirror = reflect(-view, normalize(normal + 0.0 * d));
    vec3 l = light_direction[0];
    vec3 x = normalize(cross(vec3(0.0, 1.0, 0.01), l)), y = cross(l, x);
    vec2 q = vec2(dot(mirror, x), dot(mirror, y)) / window;
    float spot = step(0.0, dot(mirror, l)) * smoothstep(1.15, 0.85, max(abs(q.x), abs(q.y)));
    colour += sparkle * spot * shade_top * (light_colour[0] * 0.5 + 0.1) * smoothstep(1.7, 1.1, angle);
    pixel = finish(colour, 5.0);
}
