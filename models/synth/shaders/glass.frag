// Lens: a faint tint and a reflection, blended; the class below stays visible.
uniform vec4 lens;  // tint, opacity
uniform float mirror_gain;
void main() {
    vec3 normal = normalize(n);
    vec3 view = normalize(eye - at);
    vec3 r = reflect(-view, faceforward(normal, -view, normal));
    float band = smoothstep(0.15, 0.3, sin(r.x * 5.0 + r.y * 9.0)) * smoothstep(0.0, 0.4, r.y + 0.15);
    vec3 colour = lens.rgb + mirror_gain * band;
    pixel = vec4(pow(clamp(colour * exposure, 0.0, 1.0), vec3(0.4545)), clamp(lens.a + mirror_gain * 0.6 * band, 0.0, 1.0));
}
