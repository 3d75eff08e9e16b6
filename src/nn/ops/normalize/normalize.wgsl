@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) own: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let first = min(group.y * size.x + group.x, p.outer - 1u) * p.length;
#if CENTRED
    var sum = 0.0;
    for (var i = own; i < p.length; i += 64u) {
        sum += arena[p.input + first + i];
    }
    let mean = total(sum, own) / f32(p.length);
#else
    let mean = 0.0;
#end
    var squares = 0.0;
    for (var i = own; i < p.length; i += 64u) {
        let off = arena[p.input + first + i] - mean;
        squares += off * off;
    }
    let scale = inverseSqrt(total(squares, own) / f32(p.length) + p.epsilon);
    for (var i = own; i < p.length; i += 64u) {
        put((arena[p.input + first + i] - mean) * scale, first + i);
    }
}
