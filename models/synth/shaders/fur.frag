// One shell of a coat of short hair (beard, moustache, cropped scalp): strands are noise peaks that taper upwards.
uniform sampler2D noise_map; uniform vec3 hair_colour; uniform float height; uniform float coverage;
uniform vec2 strand_scale; uniform vec2 edge; uniform float taper; uniform float label; uniform int fur_mask; uniform float grey;
void main() {
    float grows = fur_mask == 0 ? m.x : max(-m.y, 0.0);
    vec4 fine = texture(noise_map, t * strand_scale);
    vec4 patch_ = texture(noise_map, t * 3.0);
    float density = coverage * smoothstep(edge.x, edge.y, grows + 1.6 * edge.x * (patch_.g - 0.5));
    float alpha = density * smoothstep(height * taper, height * taper + 0.25, fine.b);
    if (grows < 0.5 * edge.x || holey(alpha)) discard;
    vec3 normal = normalize(n + 0.5 * (fine.rgb - 0.5));
    vec3 albedo = mix(hair_colour, vec3(0.33), grey * smoothstep(0.0, 1.0, 0.6 * patch_.r + 0.4 * fine.g)) * (0.7 + 0.45 * fine.r + 0.25 * patch_.a);
    // Locks: strands lie in bundles, lighter and darker.
    albedo *= 0.75 + 0.5 * texture(noise_map, t * strand_scale * 0.21).r;
    float open = clamp(ao, 0.0, 1.0) * (0.45 + 0.55 * height);
    pixel = finish(shade(albedo, normal, open, vec3(0.15), 0.6, 18.0), label);
}
