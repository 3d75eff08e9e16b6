//! Guided filter: makes a soft, low-resolution matte follow the edges of a colour picture.
//!
//! He, Sun and Tang, "Guided Image Filtering" (ECCV 2010), colour guide; computed at a reduced size and applied at
//! full size as in He and Sun, "Fast Guided Filter" (2015).

use super::plane::Plane;

/// A picture prepared as guide: per window, the mean colour and the inverse of its covariance.
pub(super) struct Guide {
    radius: usize,
    rgb: [Plane; 3],
    mean: [Plane; 3],
    /// Inverse covariance (epsilon added): rr, rg, rb, gg, gb, bb.
    inverse: [Plane; 6],
}

impl Guide {
    /// Windows of `radius` pixels over `rgb` (0..1, one size). `epsilon` is the variance of colour below which a window
    /// counts as flat, so that the matte is only smoothed there.
    pub(super) fn new(rgb: &[Plane; 3], radius: usize, epsilon: f32) -> Self {
        let mean = rgb.each_ref().map(|channel| channel.box_mean(radius));
        let mut inverse: [Plane; 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
            .map(|(i, j)| rgb[i].zip(&rgb[j], |x, y| x * y).box_mean(radius));
        for at in 0..mean[0].values.len() {
            let [r, g, b] = mean.each_ref().map(|plane| plane.values[at]);
            let [rr, rg, rb, gg, gb, bb] = inverse.each_ref().map(|plane| plane.values[at]);
            let symmetric =
                [rr - r * r + epsilon, rg - r * g, rb - r * b, gg - g * g + epsilon, gb - g * b, bb - b * b + epsilon];
            for (plane, value) in inverse.iter_mut().zip(inverted(symmetric)) {
                plane.values[at] = value;
            }
        }
        Self { radius, rgb: rgb.clone(), mean, inverse }
    }

    /// The guide's pixels.
    pub(super) fn rgb(&self) -> &[Plane; 3] {
        &self.rgb
    }
}

/// The inverse of a symmetric positive definite 3 x 3 matrix (rr, rg, rb, gg, gb, bb), by cofactors; zero where rounding
/// has made it singular.
fn inverted([rr, rg, rb, gg, gb, bb]: [f32; 6]) -> [f32; 6] {
    let cofactors = [
        gg * bb - gb * gb,
        rb * gb - rg * bb,
        rg * gb - rb * gg,
        rr * bb - rb * rb,
        rg * rb - rr * gb,
        rr * gg - rg * rg,
    ];
    let determinant = rr * cofactors[0] + rg * cofactors[1] + rb * cofactors[2];
    let scale = if determinant > 1e-18 { 1.0 / determinant } else { 0.0 };
    cofactors.map(|c| c * scale)
}

/// A matte as a locally linear function of the picture's colour: a . rgb + b.
pub(super) struct Guided {
    a: [Plane; 3],
    b: Plane,
}

impl Guided {
    /// Fits `matte` to `guide`, which has the same size.
    pub(super) fn new(guide: &Guide, matte: &Plane) -> Self {
        let mut b = matte.box_mean(guide.radius);
        let mut a = guide.rgb.each_ref().map(|channel| channel.zip(matte, |i, p| i * p).box_mean(guide.radius));
        for at in 0..b.values.len() {
            let mean = guide.mean.each_ref().map(|plane| plane.values[at]);
            let [rr, rg, rb, gg, gb, bb] = guide.inverse.each_ref().map(|plane| plane.values[at]);
            let p = b.values[at];
            let [r, g, bl]: [f32; 3] = std::array::from_fn(|i| a[i].values[at] - mean[i] * p);
            let slope = [rr * r + rg * g + rb * bl, rg * r + gg * g + gb * bl, rb * r + gb * g + bb * bl];
            for i in 0..3 {
                a[i].values[at] = slope[i];
                b.values[at] -= slope[i] * mean[i];
            }
        }
        Self { a: a.map(|plane| plane.box_mean(guide.radius)), b: b.box_mean(guide.radius) }
    }

    /// The matte at a place of the reduced picture (continuous coordinates) that has this colour (0..1) at full size.
    pub(super) fn at(&self, x: f32, y: f32, rgb: [f32; 3]) -> f32 {
        let linear: f32 = self.a.iter().zip(rgb).map(|(a, c)| a.sample(x, y) * c).sum();
        (linear + self.b.sample(x, y)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_matte_snaps_to_the_edge() {
        // A red disc on blue; the matte knows it only as a blur, two pixels off.
        let inside = |x: f32, y: f32| (x - 32.0).hypot(y - 32.0) < 18.0;
        let red = Plane::from_fn(64, 64, |x, y| if inside(x as f32, y as f32) { 0.8 } else { 0.2 });
        let blue = Plane::from_fn(64, 64, |x, y| if inside(x as f32, y as f32) { 0.1 } else { 0.7 });
        let green = Plane::filled(64, 64, 0.3);
        let matte = Plane::from_fn(64, 64, |x, y| if inside(x as f32 - 2.0, y as f32) { 1.0 } else { 0.0 }).box_mean(3);
        let guide = [red, green, blue];
        let guided = Guided::new(&Guide::new(&guide, 8, 1e-4), &matte);
        let (mut before, mut after) = (0, 0);
        for y in 8..56 {
            for x in 8..56 {
                let at = y * 64 + x;
                let truth = if inside(x as f32, y as f32) { 1.0 } else { 0.0 };
                let rgb = [0, 1, 2].map(|i: usize| guide[i].values[at]);
                let wrong = |value: f32| u32::from((value > 0.5) != (truth > 0.5));
                before += wrong(matte.values[at]);
                after += wrong(guided.at(x as f32 + 0.5, y as f32 + 0.5, rgb));
            }
        }
        assert!(3 * after < before, "{before} -> {after}");
    }
}
