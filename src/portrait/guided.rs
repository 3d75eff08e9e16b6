//! Guided filter: makes a soft, low-resolution matte follow the edges of a colour picture.
//!
//! He, Sun and Tang, "Guided Image Filtering" (ECCV 2010), colour guide; computed at a reduced size and applied at
//! full size as in He and Sun, "Fast Guided Filter" (2015).

use super::plane::Plane;
use nalgebra::{Matrix3, Vector3};

/// A matte as a locally linear function of the picture's colour: a . rgb + b.
pub(super) struct Guided {
    a: [Plane; 3],
    b: Plane,
}

impl Guided {
    /// Fits `matte` to `guide` (R, G, B, 0..1, same size) in windows of `radius` pixels. `epsilon` is the variance of
    /// colour below which a window counts as flat and the matte is only smoothed.
    pub(super) fn new(guide: &[Plane; 3], matte: &Plane, radius: usize, epsilon: f32) -> Self {
        let mean = guide.each_ref().map(|channel| channel.box_mean(radius));
        let matte_mean = matte.box_mean(radius);
        let cross = guide.each_ref().map(|channel| channel.zip(matte, |i, p| i * p).box_mean(radius));
        let products: [Plane; 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
            .map(|(i, j)| guide[i].zip(&guide[j], |x, y| x * y).box_mean(radius));
        let (width, height) = (matte.width, matte.height);
        let mut a = [(); 3].map(|()| Plane::filled(width, height, 0.0));
        let mut b = Plane::filled(width, height, 0.0);
        for at in 0..width * height {
            let m = mean.each_ref().map(|plane| plane.values[at]);
            let [rr, rg, rb, gg, gb, bb] = products.each_ref().map(|plane| plane.values[at]);
            let (rg, rb, gb) = (rg - m[0] * m[1], rb - m[0] * m[2], gb - m[1] * m[2]);
            let variance = Matrix3::new(
                rr - m[0] * m[0] + epsilon,
                rg,
                rb,
                rg,
                gg - m[1] * m[1] + epsilon,
                gb,
                rb,
                gb,
                bb - m[2] * m[2] + epsilon,
            );
            let p = matte_mean.values[at];
            let covariance = Vector3::from_fn(|i, _| cross[i].values[at] - m[i] * p);
            // Positive definite by epsilon; where rounding says otherwise, the matte's mean is the answer.
            let slope = variance.cholesky().map_or_else(Vector3::zeros, |c| c.solve(&covariance));
            for i in 0..3 {
                a[i].values[at] = slope[i];
            }
            b.values[at] = p - slope.dot(&Vector3::from(m));
        }
        Self { a: a.map(|plane| plane.box_mean(radius)), b: b.box_mean(radius) }
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
        let guided = Guided::new(&guide, &matte, 8, 1e-4);
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
