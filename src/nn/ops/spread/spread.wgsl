@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let index = id.y * size.x * 64u + id.x;
    if (index < p.elements) {
        arena[p.output + TO] = finish(value_at(index), index);
    }
}
