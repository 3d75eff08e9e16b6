// The person over the clean background.
//
// With photo I, clean background B and matte a, the person's share of a pixel is I - (1 - a) B wherever the photo
// shows it, and what is behind it is (1 - a) B where it goes. So at rest the sum is the photo itself, whatever the
// matte misses; what it misses moves along as a difference, and background stays where it is.

@group(1) @binding(0) var photo: texture_2d<f32>;
@group(1) @binding(1) var matte: texture_2d<f32>;
@group(1) @binding(2) var samp: sampler;
@group(1) @binding(3) var background: texture_2d<f32>;

struct Fragment {
    @builtin(position) position: vec4f,
    // Where the photo shows it, and where it is shown; both 0..1.
    @location(0) uv: vec2f,
    @location(1) here: vec2f,
};

@vertex
fn vertex_main(vertex: PictureVertex) -> Fragment {
    let clip = vertex.position * frame.scale + frame.offset;
    return Fragment(vec4f(clip, 0.0, 1.0), vertex.uv, vertex.position * frame.photo);
}

@fragment
fn fragment_main(fragment: Fragment) -> @location(0) vec4f {
    let seen = read_sharply(photo, fragment.uv).rgb;
    let behind = 1.0 - textureSample(matte, samp, fragment.uv).r;
    // Both read the same way: where nothing moves they are equal, and what the photo shows stands.
    let before = textureSampleBias(background, samp, fragment.uv, -0.5).rgb;
    let now = textureSampleBias(background, samp, fragment.here, -0.5).rgb;
    return vec4f(seen + behind * (now - before), 1.0);
}
