var<workgroup> NAME_values: array<f32, 64>;

fn NAME_of_two(a: f32, b: f32) -> f32 {
    return JOIN;
}

// The values of all invocations of the workgroup joined, for each of them.
fn NAME(value: f32, own: u32) -> f32 {
    NAME_values[own] = value;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half = half / 2u) {
        if (own < half) {
            NAME_values[own] = NAME_of_two(NAME_values[own], NAME_values[own + half]);
        }
        workgroupBarrier();
    }
    let all = NAME_values[0];
    workgroupBarrier();
    return all;
}
