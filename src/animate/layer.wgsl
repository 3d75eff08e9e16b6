// A picture on triangles: background, person, eyes, face, the photo's own teeth, the label.

@group(1) @binding(0) var picture: texture_2d<f32>;
@group(1) @binding(1) var mask: texture_2d<f32>;
@group(1) @binding(2) var samp: sampler;

struct Fragment {
    @builtin(position) position: vec4f,
    @location(0) uv: vec2f,
    @location(1) alpha: f32,
    @location(2) masked: f32,
    @location(3) gain: f32,
};

@vertex
fn vertex_main(vertex: PictureVertex) -> Fragment {
    let clip = vertex.position * frame.scale + frame.offset;
    return Fragment(vec4f(clip, 0.0, 1.0), vertex.uv, vertex.alpha, vertex.masked, vertex.gain);
}

@fragment
fn fragment_main(fragment: Fragment) -> @location(0) vec4f {
    let color = read_sharply(picture, fragment.uv);
    let coverage = mix(1.0, textureSample(mask, samp, fragment.uv).r, fragment.masked);
    return vec4f(color.rgb * fragment.gain, color.a * coverage * fragment.alpha);
}
