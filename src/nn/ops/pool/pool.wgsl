@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let index = id.y * size.x * 64u + id.x;
    if (index >= p.elements) {
        return;
    }
    let x = index % p.out_x;
    let y = (index / p.out_x) % p.out_y;
    let z = (index / (p.out_x * p.out_y)) % p.out_z;
    let plane = p.input + index / (p.out_x * p.out_y * p.out_z) * p.in_x * p.in_y * p.in_z;
#if MAX
    var best = -3.402823e38;
#else
    var sum = 0.0;
    var count = 0.0;
#end
    for (var kz = 0u; kz < p.kernel_z; kz++) {
        let from_z = z * p.stride_z + kz * p.dilation_z - p.pad_z; // negative ones become huge
        for (var ky = 0u; ky < p.kernel_y; ky++) {
            let from_y = y * p.stride_y + ky * p.dilation_y - p.pad_y;
            for (var kx = 0u; kx < p.kernel_x; kx++) {
                let from_x = x * p.stride_x + kx * p.dilation_x - p.pad_x;
#if MEAN
                // Signed, because what is before the first element counts as padding.
                let reach = vec3<i32>(i32(from_x), i32(from_y), i32(from_z));
                let padded = vec3<i32>(i32(p.in_x + p.after_x), i32(p.in_y + p.after_y), i32(p.in_z + p.after_z));
                count += f32(all(reach < padded));
#end
                if (from_z < p.in_z && from_y < p.in_y && from_x < p.in_x) {
                    let value = arena[plane + (from_z * p.in_y + from_y) * p.in_x + from_x];
#if MAX
                    best = max(best, value);
#else
                    sum += value;
#if MEAN_INSIDE
                    count += 1.0;
#end
#end
                }
            }
        }
    }
#if MAX
    put(best, index);
#else
#if MEAN + MEAN_INSIDE
    sum = sum / max(count, 1.0);
#end
    put(sum, index);
#end
}
