@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let x = id.x % p.out_width;
    let y = (id.x / p.out_width) * ${ROWS}u;
    if (y >= p.out_height) {
        return;
    }
    let block = (group.z % p.blocks) * ${BLOCKS}u;
    let part = group.z / p.blocks; // batch and group
    let plane = u32(p.in_width * p.in_height);
    let taps = ${KERNEL_X * KERNEL_Y}u;
#repeat b BLOCKS
    var weight${b} = p.weights + (((part % p.groups) * p.blocks * ${BLOCKS}u + block) + ${b}u) * p.inputs * taps;
#end
#repeat r ROWS
#repeat b BLOCKS
    var sum${r}_${b} = vec4<f32>();
#end
#end
    // Outside the picture the nearest pixel is read, and counted as zero.
    let left = i32(x) * ${STRIDE_X} - p.pad_x;
    let top = i32(y) * ${STRIDE_Y} - p.pad_y;
#repeat t TAKEN
#if USED_${t}
    let row${t} = u32(clamp(top + ${t}, 0, p.in_height - 1) * p.in_width);
    let inside${t} = top + ${t} >= 0 && top + ${t} < p.in_height;
#end
#end
    var base = p.input + part * p.inputs * plane;
    for (var channel = 0u; channel < p.inputs; channel++) {
#if HALF
#repeat r ROWS
#repeat b BLOCKS
        var part${r}_${b} = vec4<Real>();
#end
#end
#end
        for (var tap = 0u; tap < ${KERNEL_X}u; tap++) {
            let column = left + i32(tap) * ${DILATION_X};
            let inside = column >= 0 && column < p.in_width;
            let at = base + u32(clamp(column, 0, p.in_width - 1));
#repeat t TAKEN
#if USED_${t}
            let v${t} = Real(select(0.0, arena[at + row${t}], inside && inside${t}));
#end
#end
#repeat k KERNEL_Y
#repeat b BLOCKS
            let w${k}_${b} = weights[weight${b} + ${k * KERNEL_X}u + tap];
#repeat r ROWS
#if HALF
            part${r}_${b} = fma(w${k}_${b}, vec4<Real>(v${r * STRIDE_Y + k * DILATION_Y}), part${r}_${b});
#else
            sum${r}_${b} = fma(w${k}_${b}, vec4<f32>(v${r * STRIDE_Y + k * DILATION_Y}), sum${r}_${b});
#end
#end
#end
#end
        }
#if HALF
#repeat r ROWS
#repeat b BLOCKS
        sum${r}_${b} += vec4<f32>(part${r}_${b});
#end
#end
#end
        base += plane;
#repeat b BLOCKS
        weight${b} += taps;
#end
    }
    // Kept together in the end, so that what is done to a result stands once in the program.
    var sums = array<vec4<f32>, ${ROWS * BLOCKS}>(
#repeat i ROWS * BLOCKS
        sum${i / BLOCKS}_${i % BLOCKS},
#end
    );
    let area = p.out_width * p.out_height;
    for (var i = 0u; i < ${ROWS * BLOCKS}u; i++) {
        let row = y + i / ${BLOCKS}u;
        for (var c = 0u; c < 4u; c++) {
            let channel = (block + i % ${BLOCKS}u) * 4u + c;
            if (row < p.out_height && channel < p.outputs) {
                let bias = constants[p.bias + (part % p.groups) * p.outputs + channel];
                put(sums[i][c] + bias, (part * p.outputs + channel) * area + row * p.out_width + x);
            }
        }
    }
}
