// A grid value -1..1 as an index of elements, before rounding.
fn index_of(value: f32, size: u32) -> f32 {
#if ALIGN
    return (value + 1.0) * 0.5 * (f32(size) - 1.0);
#else
    return ((value + 1.0) * f32(size) - 1.0) * 0.5;
#end
}

#if REFLECTION
fn mirrored(at: f32, low: f32, high: f32) -> f32 {
    let span = high - low;
    if (span <= 0.0) {
        return 0.0;
    }
    let off = abs(at - low);
    let turns = floor(off / span);
    let rest = off - turns * span;
    return select(low + rest, high - rest, turns - 2.0 * floor(turns * 0.5) > 0.5);
}
#end

// The place that is read for an index outside; whole indices only come in for cubic sampling.
fn contained(at: f32, size: u32) -> f32 {
#if BORDER
    return clamp(at, 0.0, f32(size) - 1.0);
#else
#if REFLECTION
#if ALIGN
    return mirrored(at, 0.0, f32(size) - 1.0);
#else
    return clamp(mirrored(at, -0.5, f32(size) - 0.5), 0.0, f32(size) - 1.0);
#end
#else
    return at;
#end
#end
}

fn element(plane: u32, x: f32, y: f32, z: f32) -> f32 {
    let inside = x >= 0.0 && y >= 0.0 && z >= 0.0 && x < f32(p.in_x) && y < f32(p.in_y) && z < f32(p.in_z);
    if (!inside) {
        return 0.0;
    }
    return SOURCE[plane + (u32(z) * p.in_y + u32(y)) * p.in_x + u32(x)];
}

#if CUBIC
// Keys' cubic convolution, a = -0.75.
fn cubic(t: f32) -> vec4<f32> {
    let a = -0.75;
    let u = 1.0 - t;
    let near = vec2<f32>(t, u);
    let far = near + 1.0;
    let inner = ((a + 2.0) * near - (a + 3.0)) * near * near + 1.0;
    let outer = ((a * far - 5.0 * a) * far + 8.0 * a) * far - 4.0 * a;
    return vec4<f32>(outer.x, inner.x, inner.y, outer.y);
}
#end

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
    let index = id.y * size.x * 64u + id.x;
    if (index >= p.elements) {
        return;
    }
    let area = p.out_x * p.out_y * p.out_z;
    let point = index % area;
    let batch = index / (area * p.channels);
    let plane = p.input + (index / area) * p.in_x * p.in_y * p.in_z;
    let at = p.grid + (batch * area + point) * ${RANK}u;
    // Far outside everything is alike, and indices stay whole numbers.
    let far = 1.0e6;
    var x = clamp(index_of(GRID[at], p.in_x), -far, far);
    var y = clamp(index_of(GRID[at + 1u], p.in_y), -far, far);
#if RANK == 3
    var z = clamp(index_of(GRID[at + 2u], p.in_z), -far, far);
#else
    var z = 0.0;
#end
    var sum = 0.0;
#if CUBIC
    let left = floor(x);
    let top = floor(y);
    let across = cubic(x - left);
    let down = cubic(y - top);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            let from_x = contained(left + f32(i) - 1.0, p.in_x);
            let from_y = contained(top + f32(j) - 1.0, p.in_y);
            sum += across[i] * down[j] * element(plane, from_x, from_y, 0.0);
        }
    }
#else
    x = contained(x, p.in_x);
    y = contained(y, p.in_y);
#if RANK == 3
    z = contained(z, p.in_z);
#end
#if NEAREST
    sum = element(plane, round(x), round(y), round(z));
#else
    let left = floor(x);
    let top = floor(y);
    let front = floor(z);
    for (var corner = 0u; corner < ${1 + 3 * (RANK == 2) + 7 * (RANK == 3)}u; corner++) {
        let step = vec3<f32>(f32(corner & 1u), f32((corner >> 1u) & 1u), f32(corner >> 2u));
        let near = abs(vec3<f32>(1.0) - step - vec3<f32>(x - left, y - top, z - front));
        sum += near.x * near.y * near.z * element(plane, left + step.x, top + step.y, front + step.z);
    }
#end
#end
    put(sum, index);
}
