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
    let first = part * p.outputs;
#repeat b BLOCKS
    let bias${b} = weights[p.bias + ((part % p.groups) * p.blocks * ${BLOCKS}u + block) + ${b}u];
#repeat r ROWS
    if (id.x + ${r}u * p.columns < p.area) {
        let result = sum${r}_${b} + bias${b};
        let index = (first + (block + ${b}u) * 4u) * p.area + pixel${r};
#repeat c 4
        if ((block + ${b}u) * 4u + ${c}u < p.outputs) {
            put(result[${c}], index + ${c}u * p.area);
        }
#end
    }
#end
#end
}
