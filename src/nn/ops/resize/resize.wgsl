fn element(at: u32) -> f32 {
#if CONSTANT_INPUT
    return constants[p.input + at];
#else
    return arena[p.input + at];
#end
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let index = id.y * size.x * 64u + id.x;
    if (index >= p.elements) {
        return;
    }
    let x = index % p.out_x;
    let y = (index / p.out_x) % p.out_y;
    let z = (index / (p.out_x * p.out_y)) % p.out_z;
    let plane = index / (p.out_x * p.out_y * p.out_z) * p.in_x * p.in_y * p.in_z;
    var sum = 0.0;
    for (var i = 0u; i < ${TAPS_Z}u; i++) {
#if TABLE_Z
        let row_z = p.table_z + (z * ${TAPS_Z}u + i) * 2u;
        let from_z = u32(constants[row_z]);
        let weight_z = constants[row_z + 1u];
#else
        let from_z = z;
        let weight_z = 1.0;
#end
        for (var j = 0u; j < ${TAPS_Y}u; j++) {
#if TABLE_Y
            let row_y = p.table_y + (y * ${TAPS_Y}u + j) * 2u;
            let from_y = u32(constants[row_y]);
            let weight_y = weight_z * constants[row_y + 1u];
#else
            let from_y = y;
            let weight_y = weight_z;
#end
            let row = plane + (from_z * p.in_y + from_y) * p.in_x;
            for (var k = 0u; k < ${TAPS_X}u; k++) {
#if TABLE_X
                let row_x = p.table_x + (x * ${TAPS_X}u + k) * 2u;
                sum = fma(weight_y * constants[row_x + 1u], element(row + u32(constants[row_x])), sum);
#else
                sum = fma(weight_y, element(row + x), sum);
#end
            }
        }
    }
    put(sum, index);
}
