@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let x = id.x % p.out_width;
    let y = (id.x / p.out_width) * ${ROWS}u;
    if (y >= p.out_height) {
        return;
    }
    let channel = group.z % p.channels;
    let plane = u32(p.in_width * p.in_height);
    let weight = p.weights + channel * ${KERNEL_X * KERNEL_Y}u;
    let bias = constants[p.bias + channel];
#repeat r ROWS
    var sum${r} = bias;
#end
    let left = i32(x) * ${STRIDE_X} - p.pad_x;
    let top = i32(y) * ${STRIDE_Y} - p.pad_y;
    let base = p.input + group.z * plane;
    for (var tap = 0u; tap < ${KERNEL_X}u; tap++) {
        let column = left + i32(tap) * ${DILATION_X};
        let inside = column >= 0 && column < p.in_width;
        let at = base + u32(clamp(column, 0, p.in_width - 1));
#repeat t TAKEN
        let row${t} = top + ${t};
        let v${t} = select(0.0, arena[at + u32(clamp(row${t}, 0, p.in_height - 1) * p.in_width)], inside && row${t} >= 0 && row${t} < p.in_height);
#end
#repeat k KERNEL_Y
        let w${k} = constants[weight + ${k * KERNEL_X}u + tap];
#repeat r ROWS
        sum${r} = fma(w${k}, v${r * STRIDE_Y + k * DILATION_Y}, sum${r});
#end
#end
    }
    let index = group.z * p.out_width * p.out_height + y * p.out_width + x;
#repeat r ROWS
    if (y + ${r}u < p.out_height) {
        put(sum${r}, index + ${r}u * p.out_width);
    }
#end
}
