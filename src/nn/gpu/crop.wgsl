// A rotated square of a picture as three planes of -1..1: what `nn::crop::Pyramid::tensor` does on the processor.

struct Parameters {
    center: vec2<f32>, // of the patch, pixels
    size: vec2<f32>, // of the picture, pixels
    cosine: f32,
    sine: f32,
    side: f32, // of the patch, pixels
    mirror: f32, // -1 where it is mirrored
    level: f32, // the mip level to read
    taps: u32, // samples along either side of an output pixel
    pixels: u32, // output size
    zero_outside: u32, // 1 where pixels beyond the picture are middle grey, 0 where they repeat its edge
    output: u32, // where the planes begin
}

@group(0) @binding(0) var<storage, read_write> arena: array<f32>;
@group(0) @binding(1) var<uniform> p: Parameters;
@group(0) @binding(2) var picture: texture_2d<f32>;
@group(0) @binding(3) var smooth_sampler: sampler;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= p.pixels || id.y >= p.pixels) {
        return;
    }
    var sum = vec3<f32>();
    let step = 1.0 / f32(p.pixels * p.taps);
    for (var tap = 0u; tap < p.taps * p.taps; tap++) {
        let place = vec2<f32>(f32(id.x * p.taps + tap % p.taps), f32(id.y * p.taps + tap / p.taps));
        let off = ((place + 0.5) * step - 0.5) * p.side * vec2<f32>(p.mirror, 1.0);
        let at = p.center + vec2<f32>(p.cosine * off.x - p.sine * off.y, p.sine * off.x + p.cosine * off.y);
        let outside = any(at < vec2<f32>()) || any(at >= p.size);
        let color = textureSampleLevel(picture, smooth_sampler, at / p.size, p.level).rgb;
        sum += select(color, vec3<f32>(0.5), outside && p.zero_outside == 1u);
    }
    let value = sum * (2.0 / f32(p.taps * p.taps)) - 1.0;
    let plane = p.pixels * p.pixels;
    let index = p.output + id.y * p.pixels + id.x;
    arena[index] = value.x;
    arena[index + plane] = value.y;
    arena[index + 2u * plane] = value.z;
}
