// Where a tap reads along one axis, or -1 where that is outside.
fn source(at: u32, tap: u32, stride: u32, dilation: u32, pad: u32, size: u32) -> i32 {
#if TRANSPOSED
    // The inputs that a transposed convolution spreads here: those whose stride lands on this element.
    let spread = i32(at + pad) - i32(tap * dilation);
    let origin = spread / i32(stride);
    return select(-1, origin, spread >= 0 && origin * i32(stride) == spread && origin < i32(size));
#else
    let origin = i32(at * stride + tap * dilation) - i32(pad);
    return select(-1, origin, origin >= 0 && origin < i32(size));
#end
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let area = p.out_x * p.out_y * p.out_z;
    if (id.x >= area) {
        return;
    }
    let x = id.x % p.out_x;
    let y = (id.x / p.out_x) % p.out_y;
    let z = id.x / (p.out_x * p.out_y);
    let block = group.z % p.blocks;
    let part = group.z / p.blocks; // batch and group
    let plane = p.in_x * p.in_y * p.in_z;
    let taps = p.kernel_x * p.kernel_y * p.kernel_z;
    let own = (part % p.groups) * p.blocks + block;
    let base = p.input + part * p.inputs * plane;
    var sum = vec4<f32>();
    for (var kz = 0u; kz < p.kernel_z; kz++) {
        let from_z = source(z, kz, p.stride_z, p.dilation_z, p.pad_z, p.in_z);
        if (from_z < 0) {
            continue;
        }
        for (var ky = 0u; ky < p.kernel_y; ky++) {
            let from_y = source(y, ky, p.stride_y, p.dilation_y, p.pad_y, p.in_y);
            if (from_y < 0) {
                continue;
            }
            for (var kx = 0u; kx < p.kernel_x; kx++) {
                let from_x = source(x, kx, p.stride_x, p.dilation_x, p.pad_x, p.in_x);
                if (from_x < 0) {
                    continue;
                }
                var at = base + (u32(from_z) * p.in_y + u32(from_y)) * p.in_x + u32(from_x);
                var weight = p.weights + own * p.inputs * taps + (kz * p.kernel_y + ky) * p.kernel_x + kx;
                for (var channel = 0u; channel < p.inputs; channel++) {
                    sum = fma(vec4<f32>(weights[weight]), vec4<f32>(arena[at]), sum);
                    at += plane;
                    weight += taps;
                }
            }
        }
    }
    for (var c = 0u; c < 4u; c++) {
        let channel = block * 4u + c;
        if (channel < p.outputs) {
            let bias = constants[p.bias + (part % p.groups) * p.outputs + channel];
            put(sum[c] + bias, (part * p.outputs + channel) * area + id.x);
        }
    }
}
