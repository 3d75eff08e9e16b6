@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let column = id.x % p.n;
    let row = (id.x / p.n) * ${ROWS}u;
    if (row >= p.m) {
        return;
    }
#repeat r ROWS
    var a${r} = p.a + group.z * p.a_batch + min(row + ${r}u, p.m - 1u) * p.a_row;
    var sum${r} = 0.0;
#end
    var b = p.b + group.z * p.b_batch + column * p.b_column;
    for (var k = 0u; k < p.k; k++) {
        let right = RIGHT[b];
        b += p.b_row;
#repeat r ROWS
        sum${r} = fma(LEFT[a${r}], right, sum${r});
        a${r} += p.a_column;
#end
    }
    let index = (group.z * p.m + row) * p.n + column;
#repeat r ROWS
    if (row + ${r}u < p.m) {
        put(sum${r}, index + ${r}u * p.n);
    }
#end
}
