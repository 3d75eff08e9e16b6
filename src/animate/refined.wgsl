// What the refiner adds to the frame. Colours cannot be negative on the way to a target, so what it takes away is
// drawn by a second entry point and subtracted.

@group(1) @binding(0) var residual: texture_2d<f32>;
@group(1) @binding(1) var unused: texture_2d<f32>;
@group(1) @binding(2) var samp: sampler;

struct Fragment {
    @builtin(position) position: vec4f,
    @location(0) uv: vec2f,
    // Share of the residual, and share of its colour: a photo without colour gets none.
    @location(1) alpha: f32,
    @location(2) saturation: f32,
};

@vertex
fn vertex_main(vertex: PictureVertex) -> Fragment {
    let clip = vec4f(vertex.position * frame.scale + frame.offset, 0.0, 1.0);
    return Fragment(clip, vertex.uv, vertex.alpha, vertex.masked);
}

fn change(fragment: Fragment) -> vec3f {
    let color = textureSample(residual, samp, fragment.uv).rgb;
    let grey = vec3f(dot(color, vec3f(0.2126, 0.7152, 0.0722)));
    return mix(grey, color, fragment.saturation) * fragment.alpha;
}

@fragment
fn added(fragment: Fragment) -> @location(0) vec4f {
    return vec4f(max(change(fragment), vec3f()), 0.0);
}

@fragment
fn subtracted(fragment: Fragment) -> @location(0) vec4f {
    return vec4f(max(-change(fragment), vec3f()), 0.0);
}
