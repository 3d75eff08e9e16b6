// What every kernel shares. `Parameters` is generated: its members are what the kernel's Rust side gives it.

@group(0) @binding(0) var<storage, read_write> arena: array<f32>;
// Of convolutions, for four output channels at a time.
@group(0) @binding(1) var<storage, read> weights: array<vec4<Real>>;
// All others.
@group(0) @binding(2) var<storage, read> constants: array<f32>;
@group(0) @binding(3) var<uniform> p: Parameters;

fn put(value: f32, index: u32) {
    arena[p.output + index] = finish(value, index);
}

// Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7.
fn error_function(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3275911 * abs(x));
    let tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return sign(x) * (1.0 - tail * exp(-x * x));
}

// Drivers' own are good to three digits only.
fn arc_sine(x: f32) -> f32 {
    return atan2(x, sqrt((1.0 - x) * (1.0 + x)));
}

fn arc_cosine(x: f32) -> f32 {
    return atan2(sqrt((1.0 - x) * (1.0 + x)), x);
}

// Some drivers make large arguments infinite on the way.
fn safe_tanh(x: f32) -> f32 {
    return tanh(clamp(x, -15.0, 15.0));
}

// WGSL's own has no result for negative x.
fn power(x: f32, exponent: f32) -> f32 {
    let size = pow(abs(x), exponent);
    let odd = exponent == floor(exponent) && floor(exponent * 0.5) * 2.0 != exponent;
    return select(size, -size, x < 0.0 && odd);
}
