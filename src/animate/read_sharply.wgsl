// Reading a picture; the shaders that read photos begin with this. It needs a sampler named `samp`.

// Photo pixels to a screen pixel up to which the photo is read sharply.
const MAGNIFIED = ${magnified};

// A picture at a place, by Catmull and Rom's cubic where it is not made smaller: bilinear reading at places between
// pixels would blur skin that moves and leave skin that rests. Nine taps (Sigg and Hadwiger, GPU Gems 2, 20).
fn read_sharply(image: texture_2d<f32>, at: vec2f) -> vec4f {
    let size = vec2f(textureDimensions(image));
    let dx = dpdx(at) * size;
    let dy = dpdy(at) * size;
    // Half a level sharper than the default choice: slight minification is the usual case and softness shows.
    let smooth_reading = textureSampleBias(image, samp, at, -0.5);
    if (max(dot(dx, dx), dot(dy, dy)) > MAGNIFIED * MAGNIFIED) {
        return smooth_reading;
    }
    let place = at * size - 0.5;
    let whole = floor(place);
    let f = place - whole;
    let w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    let w1 = 1.0 + f * f * (-2.5 + 1.5 * f);
    let w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    let w3 = f * f * (-0.5 + 0.5 * f);
    let w12 = w1 + w2;
    let x = vec3f(whole.x - 0.5, whole.x + 0.5 + w2.x / w12.x, whole.x + 2.5) / size.x;
    let y = vec3f(whole.y - 0.5, whole.y + 0.5 + w2.y / w12.y, whole.y + 2.5) / size.y;
    let wx = vec3f(w0.x, w12.x, w3.x);
    let wy = vec3f(w0.y, w12.y, w3.y);
    var sum = vec4f();
    for (var i = 0; i < 3; i++) {
        for (var j = 0; j < 3; j++) {
            sum += wx[i] * wy[j] * textureSampleLevel(image, samp, vec2f(x[i], y[j]), 0.0);
        }
    }
    return clamp(sum, vec4f(), vec4f(1.0));
}
