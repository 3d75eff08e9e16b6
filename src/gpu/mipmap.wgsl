@group(0) @binding(0) var larger: texture_2d<f32>;
@group(0) @binding(1) var linear_sampler: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
}

// One triangle over the whole level.
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Corner {
    let at = vec2<f32>(f32(index & 1u) * 2.0, f32(index >> 1u) * 2.0);
    return Corner(vec4<f32>(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0), at);
}

// The middle of a pixel lies between four of the larger level: their mean, by the sampler's own arithmetic.
@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    return textureSample(larger, linear_sampler, corner.at);
}
