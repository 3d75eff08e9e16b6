fn join(a: f32, b: f32) -> f32 {
    return JOIN;
}

fn element(at: u32) -> f32 {
    let value = arena[p.input + at];
    return ELEMENT;
}

fn ended(total: f32) -> f32 {
    return END;
}

#if TOGETHER
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) own: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let row = min(group.y * size.x + group.x, p.outer - 1u);
    var total = START;
    for (var i = own; i < p.length; i += 64u) {
        total = join(total, element(row * p.length + i));
    }
    total = joined(total, own);
    if (own == 0u) {
        put(ended(total), row);
    }
}
#else
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let row = id.y * size.x * 64u + id.x;
    if (row >= p.outer * p.inner) {
        return;
    }
    let first = (row / p.inner) * p.length * p.inner + row % p.inner;
    var total = START;
    for (var i = 0u; i < p.length; i++) {
        total = join(total, element(first + i * p.inner));
    }
    put(ended(total), row);
}
#end
