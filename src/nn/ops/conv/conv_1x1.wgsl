@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    if (id.x >= p.columns) {
        return;
    }
    let block = (group.z % p.blocks) * ${BLOCKS}u;
    let part = group.z / p.blocks; // batch and group
#repeat b BLOCKS
    var weight${b} = p.weights + (((part % p.groups) * p.blocks * ${BLOCKS}u + block) + ${b}u) * p.inputs;
#end
#repeat r ROWS
    let pixel${r} = min(id.x + ${r}u * p.columns, p.area - 1u);
#repeat b BLOCKS
    var sum${r}_${b} = vec4<f32>();
#end
#end
    var base = p.input + part * p.inputs * p.area;
#if HALF
    for (var first = 0u; first < p.inputs; first += 8u) {
#repeat r ROWS
#repeat b BLOCKS
        var part${r}_${b} = vec4<Real>();
#end
#end
        for (var channel = first; channel < min(first + 8u, p.inputs); channel++) {
#repeat b BLOCKS
            let w${b} = weights[weight${b} + channel];
#end
#repeat r ROWS
            let v${r} = vec4<Real>(Real(arena[base + pixel${r}]));
#repeat b BLOCKS
            part${r}_${b} = fma(w${b}, v${r}, part${r}_${b});
#end
#end
            base += p.area;
        }
#repeat r ROWS
#repeat b BLOCKS
        sum${r}_${b} += vec4<f32>(part${r}_${b});
#end
#end
    }
#else
    for (var channel = 0u; channel < p.inputs; channel++) {
#repeat b BLOCKS
        let w${b} = weights[weight${b} + channel];
#end
#repeat r ROWS
        let v${r} = vec4<f32>(arena[base + pixel${r}]);
#repeat b BLOCKS
        sum${r}_${b} = fma(w${b}, v${r}, sum${r}_${b});
#end
#end
        base += p.area;
    }
#end
    var sums = array<vec4<f32>, ${ROWS * BLOCKS}>(
#repeat i ROWS * BLOCKS
        sum${i / BLOCKS}_${i % BLOCKS},
#end
    );
    for (var i = 0u; i < ${ROWS * BLOCKS}u; i++) {
        let pixel = id.x + (i / ${BLOCKS}u) * p.columns;
        for (var c = 0u; c < 4u; c++) {
            let channel = (block + i % ${BLOCKS}u) * 4u + c;
            if (pixel < p.area && channel < p.outputs) {
                let bias = constants[p.bias + (part % p.groups) * p.outputs + channel];
                put(sums[i][c] + bias, (part * p.outputs + channel) * p.area + pixel);
            }
        }
    }
}
