uniform sampler2D albedo_map; uniform sampler2D noise_map;
uniform vec3 density; uniform float saturation;          // optical density added per channel (melanin and blood)
uniform float contrast; uniform float freckles; uniform float gloss; uniform float power;
uniform vec4 lip_colour;       // rgb, strength
uniform vec4 blush_colour; uniform vec4 shadow_colour;
uniform float stubble; uniform vec3 stubble_colour; uniform float bump; uniform float scalp_shade; uniform vec3 scalp_colour;
uniform sampler2D wrinkle_map; uniform vec4 wrinkles;    // strengths of forehead, eyes, nasolabial, mouth
void main() {
    vec3 normal = normalize(n);
    if (!gl_FrontFacing) normal = -normal;
    vec3 texel = texture(albedo_map, t).rgb;
    vec4 noise = texture(noise_map, t * 9.0);
    vec3 albedo = texel * texel * exp(-density * (1.0 + 0.2 * (noise.a - 0.5)));
    albedo = mix(vec3(dot(albedo, vec3(0.3, 0.59, 0.11))), albedo, saturation);
    albedo *= 1.0 + contrast * (noise.r - 0.5);
    float fold = dot(texture(wrinkle_map, t).rgba * 2.0 - 1.0, wrinkles) * (0.7 + 0.6 * noise.a);
    albedo *= 1.0 + 0.55 * clamp(fold, -1.2, 0.5) * vec3(0.85, 1.0, 1.05);
    albedo = mix(albedo, albedo * vec3(0.72, 0.55, 0.45), freckles * smoothstep(0.60, 0.75, noise.g) * smoothstep(0.35, 0.65, noise.a));
    // The red of the lips turns into the dark of the mouth over a few millimetres.
    float inside = smoothstep(0.15, 0.75, -m.w);
    albedo = mix(albedo, lip_colour.rgb * (0.5 + 0.6 * texel.g), max(m.y, 0.0) * lip_colour.a);
    albedo = mix(albedo, albedo * blush_colour.rgb, m.z * blush_colour.a);
    albedo = mix(albedo, albedo * shadow_colour.rgb, max(m.w, 0.0) * shadow_colour.a);
    float whisker = smoothstep(0.25, 0.75, texture(noise_map, t * 38.0).b);
    albedo = mix(albedo, stubble_colour, stubble * smoothstep(0.15, 0.75, m.x) * (0.45 + 0.55 * whisker));
    float open = clamp(ao, 0.0, 1.0);
    // Negative lips mean the scalp.
    albedo = mix(albedo, scalp_colour * (0.6 + 0.8 * whisker), scalp_shade * smoothstep(0.2, 0.8, -m.y + 0.3 * (noise.a - 0.5)));
    albedo = mix(albedo, vec3(0.30, 0.09, 0.08), inside);
    // Pores: a little bump from the noise's slope.
    normal = normalize(normal + bump * (noise.rgb - 0.5));
    // A groove's upper flank looks down.
    normal = normalize(normal - 0.5 * clamp(fold, -1.0, 0.6) * vec3(0.0, 1.0, 0.0) * (1.0 - inside));
    float wet = max(m.y, 0.0) * 0.5;
    // The flat class follows whole triangles; the red of the lips ends where its mask does.
    float label = inside > 0.5 ? 6.0 : kind < 1.5 || kind > 9.5 || (kind > 5.5 && kind < 6.5) ? (m.y > 0.5 ? 10.0 : 1.0) : kind;
    vec3 colour = shade(albedo, normal, open, vec3(0.30, 0.13, 0.09) * (1.0 - inside), gloss + wet, mix(power, 45.0, wet));
    colour *= mix(1.0, open, inside);
    pixel = finish(colour, label);
}
