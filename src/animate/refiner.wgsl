// Between the refiner's pictures and its network's tensors: planes of -1..1 in, a signed residual out.

struct Places {
    // Where each input begins in the arena.
    frame: u32,
    guide: u32,
    source: u32,
    output: u32,
    // Share of the answer that is taken inside the mouth.
    mouth: f32,
    reserved: vec3u,
};

const SIDE = 128u;
// Over so many pixels the residual fades towards the square's border.
const FADE = 8.0;

@group(0) @binding(0) var<storage, read_write> arena: array<f32>;
@group(0) @binding(1) var<uniform> places: Places;
@group(0) @binding(2) var frame: texture_2d<f32>;
@group(0) @binding(3) var guide: texture_2d<f32>;
@group(0) @binding(4) var source: texture_2d<f32>;
@group(0) @binding(5) var residual: texture_storage_2d<rgba16float, write>;

fn put(place: u32, at: u32, color: vec3f) {
    let plane = SIDE * SIDE;
    arena[place + at] = 2.0 * color.r - 1.0;
    arena[place + plane + at] = 2.0 * color.g - 1.0;
    arena[place + 2u * plane + at] = 2.0 * color.b - 1.0;
}

@compute @workgroup_size(8, 8)
fn fill(@builtin(global_invocation_id) id: vec3u) {
    let at = id.y * SIDE + id.x;
    put(places.frame, at, textureLoad(frame, id.xy, 0).rgb);
    put(places.guide, at, textureLoad(guide, id.xy, 0).rgb);
    put(places.source, at, textureLoad(source, id.xy, 0).rgb);
}

@compute @workgroup_size(8, 8)
fn take(@builtin(global_invocation_id) id: vec3u) {
    let plane = SIDE * SIDE;
    let at = places.output + id.y * SIDE + id.x;
    let color = vec3f(arena[at], arena[at + plane], arena[at + 2u * plane]);
    let alpha = arena[at + 3u * plane];
    let seen = textureLoad(frame, id.xy, 0).rgb;
    let inside = vec2f(id.xy) + 0.5;
    let border = min(inside, f32(SIDE) - inside);
    let window = clamp(min(border.x, border.y) / FADE, 0.0, 1.0);
    // The guide's blue: 0 in the opening of the mouth, 0.4 and more on skin.
    let share = mix(places.mouth, 1.0, smoothstep(0.0, 0.3, textureLoad(guide, id.xy, 0).b));
    textureStore(residual, id.xy, vec4f(share * window * alpha * (color - seen), 0.0));
}
