// Three directional lights and a hemisphere; the first light casts a shadow.
in vec3 at; in vec3 n; in vec2 t; in vec4 m; in float ao; flat in float kind; in vec3 rest;
layout(location = 0) out vec4 pixel;   // sRGB, and the segmentation class in alpha (class / 15)
uniform vec3 eye; uniform vec3 light_direction[3]; uniform vec3 light_colour[3];
uniform vec3 sky; uniform vec3 ground; uniform vec3 up; uniform float exposure;
uniform sampler2DShadow shadow_map; uniform mat4 shadow_projection; uniform float shadow_strength; uniform float shadow_blur;

float shadow(vec3 normal) {
    if (shadow_strength <= 0.0) return 1.0;
    vec4 p = shadow_projection * vec4(at + normal * 0.03, 1.0);
    vec3 q = p.xyz * 0.5 + 0.5;
    // Four taps in a disc that turns from pixel to pixel: noise that the down-sampling averages to a soft edge.
    float turn = 6.2831853 * fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    vec2 u = shadow_blur * vec2(cos(turn), sin(turn)), v = vec2(-u.y, u.x);
    float z = q.z - 0.004, lit = 0.0;
    lit += texture(shadow_map, vec3(q.xy + u, z));
    lit += texture(shadow_map, vec3(q.xy - 0.75 * u, z));
    lit += texture(shadow_map, vec3(q.xy + 0.5 * v, z));
    lit += texture(shadow_map, vec3(q.xy - 0.9 * v, z));
    return 1.0 - shadow_strength * (1.0 - 0.25 * lit);
}

// `wrap` lets light bleed past the terminator, per channel: what subsurface scattering does to skin.
vec3 shade(vec3 albedo, vec3 normal, float open, vec3 wrap, float gloss, float power) {
    vec3 view = normalize(eye - at);
    float lit = shadow(normal);
    vec3 ambient = mix(ground, sky, 0.5 + 0.5 * dot(normal, up)) * open;
    // Light between near skin folds turns red instead of black.
    vec3 colour = albedo * ambient * mix(vec3(1.0), vec3(1.12, 0.95, 0.9), (1.0 - open) * wrap.r * 2.0);
    // Rough skin reflects far less at grazing angles than a polished surface would.
    float grazing = 1.0 - clamp(dot(normal, view), 0.0, 1.0);
    float fresnel = 0.04 + 0.22 * grazing * grazing * grazing * grazing;
    for (int k = 0; k < 3; k++) {
        vec3 l = light_direction[k];
        float s = k == 0 ? lit : mix(0.55, 1.0, open);
        float d = dot(normal, l);
        vec3 diffuse = max(vec3(d) + wrap, 0.0) / (1.0 + wrap);
        vec3 soft = mix(vec3(s), vec3(1.0), wrap * 0.25 * (1.0 - s));
        colour += albedo * diffuse * soft * light_colour[k] * mix(0.35 + 0.65 * open, 1.0, 0.4);
        vec3 h = normalize(l + view);
        float glint = pow(max(dot(normal, h), 0.0), power) * (power + 8.0) * 0.04;
        colour += gloss * glint * (fresnel + 0.02) * max(d, 0.0) * s * open * light_colour[k];
    }
    colour += gloss * fresnel * 0.25 * ambient;
    return colour;
}

vec4 finish(vec3 colour, float label) {
    colour *= exposure;
    // A soft shoulder for highlights, then the sRGB curve.
    colour = colour / (1.0 + max(colour - 0.7, 0.0) * 0.9);
    return vec4(pow(clamp(colour, 0.0, 1.0), vec3(1.0 / 2.2)), label / 15.0);
}

// Stochastic alpha test.
bool holey(float alpha) {
    ivec2 p = ivec2(gl_FragCoord.xy);
    // Fixed levels inside each 2 x 2 block, so that the average over a picture's pixel is nearly exact.
    float step4 = float((p.x & 1) * 2 + (p.y & 1) * 3 - 4 * (p.x & p.y & 1));
    float noise = fract(52.9829189 * fract(dot(floor(gl_FragCoord.xy * 0.5), vec2(0.06711056, 0.00583715))));
    return alpha < (step4 + 0.1 + 0.8 * noise) * 0.25;
}
