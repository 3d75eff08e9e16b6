// Cloth, teeth, tongue, brows, lashes, hats, frames of glasses: a picture (or none) times a colour.
uniform sampler2D albedo_map; uniform sampler2D noise_map; uniform vec3 tint; uniform float keep_hue; uniform float has_alpha;
uniform float gloss; uniform float power; uniform vec3 scatter; uniform float weave; uniform vec2 weave_scale; uniform float alpha_gain;
uniform vec4 stripe; uniform float label;
void main() {
    vec4 texel = texture(albedo_map, t);
    if (has_alpha > 0.5 && holey(texel.a * alpha_gain)) discard;
    vec3 normal = normalize(n);
    if (!gl_FrontFacing) normal = -normal;
    vec3 linear = texel.rgb * texel.rgb;
    float grey = dot(linear, vec3(0.3, 0.59, 0.11));
    vec3 albedo = mix(vec3(grey), linear, keep_hue) * tint;
    vec4 fine = texture(noise_map, t * weave_scale);
    albedo *= 1.0 + weave * (fine.r - 0.5);
    albedo = mix(albedo, albedo * 0.3 + 0.25 * stripe.rgb, step(0.5, fract(t.x * stripe.a)) * step(0.5, stripe.a));
    normal = normalize(normal + 0.25 * weave * (fine.rgb - 0.5));
    float open = clamp(ao, 0.0, 1.0);
    vec3 colour = shade(albedo, normal, open, scatter, gloss, power);
    // Inside the mouth direct light is shut out as well.
    if (kind > 5.5 && kind < 6.5) colour *= 0.3 + 0.7 * open;
    // Gums are red, and no teeth.
    float own = label == 13.0 && texel.g < 0.72 * texel.r ? 6.0 : label;
    pixel = finish(colour, own);
}
