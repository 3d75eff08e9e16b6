#if TOGETHER
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) own: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    // The last line of workgroups may be longer than needed; its rows repeat the last one.
    let row = min(group.y * size.x + group.x, p.outer - 1u);
    let first = row * p.length;
    var best = -3.402823e38;
    for (var i = own; i < p.length; i += 64u) {
        best = max(best, arena[p.input + first + i]);
    }
    best = largest(best, own);
    var sum = 0.0;
    for (var i = own; i < p.length; i += 64u) {
        sum += exp(arena[p.input + first + i] - best);
    }
    sum = total(sum, own);
    for (var i = own; i < p.length; i += 64u) {
        let value = arena[p.input + first + i] - best;
#if LOG
        put(value - log(sum), first + i);
#else
        put(exp(value) / sum, first + i);
#end
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
    var best = -3.402823e38;
    for (var i = 0u; i < p.length; i++) {
        best = max(best, arena[p.input + first + i * p.inner]);
    }
    var sum = 0.0;
    for (var i = 0u; i < p.length; i++) {
        sum += exp(arena[p.input + first + i * p.inner] - best);
    }
    for (var i = 0u; i < p.length; i++) {
        let value = arena[p.input + first + i * p.inner] - best;
#if LOG
        put(value - log(sum), first + i * p.inner);
#else
        put(exp(value) / sum, first + i * p.inner);
#end
    }
}
#end
