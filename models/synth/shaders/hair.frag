// Hair cards and shells: the artist's picture gives strands and alpha, the person gives the colour.
uniform sampler2D albedo_map; uniform sampler2D noise_map; uniform vec3 hair_colour; uniform vec3 tip_colour;
uniform float mean_luminance; uniform float has_alpha; uniform float gloss; uniform vec2 strand; uniform float label; uniform float grey; uniform float roughness;
void main() {
    vec4 texel = texture(albedo_map, t);
    vec3 normal = normalize(n);
    if (!gl_FrontFacing) normal = -normal;
    vec4 fine = texture(noise_map, t * strand + m.x);
    // Below 0: a mass of curls. 0: closed surface.
    float alpha = has_alpha > 0.5 ? texel.a * 1.15 : has_alpha < -0.5 ? smoothstep(0.1, 0.5, fine.g) : 1.0;
    // Rims seen edge-on thin out into single strands instead of ending like a shell.
    float facing = abs(dot(normalize(n), normalize(eye - at)));
    alpha *= smoothstep(0.0, 0.35, facing + 0.35 * (fine.r - 0.35));
    if (holey(alpha)) discard;
    float light = dot(texel.rgb, vec3(0.3, 0.59, 0.11));
    float relative = has_alpha > 0.5 ? clamp(light / mean_luminance, 0.2, 1.9) : 1.0;
    float strands = 1.0 + roughness * (fine.r - 0.5);
    vec3 colour = mix(hair_colour, tip_colour, clamp(m.y, 0.0, 1.0)) * relative * strands * (0.85 + 0.3 * m.x);
    colour = mix(colour, vec3(0.32) * strands, 0.8 * grey * smoothstep(0.35, 0.8, fine.g));
    normal = normalize(normal + 0.5 * roughness * vec3(fine.r - 0.5, fine.g - 0.5, 0.0));
    float open = clamp(ao, 0.0, 1.0) * (0.45 + 0.55 * clamp(relative, 0.0, 1.0));
    pixel = finish(shade(colour, normal, open, vec3(0.22), gloss * strands, 14.0), label);
}
