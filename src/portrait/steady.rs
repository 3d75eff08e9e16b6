//! Steady readings of a video: noise is averaged away where the face holds still, motion is left alone.
//!
//! Each value becomes a line through its neighbours in time, taken at its own time (locally weighted regression,
//! Cleveland 1979): what moves evenly comes neither late nor flattened. Neighbours count less the further they lie, in
//! time and, as in a bilateral filter (Tomasi and Manduchi 1998), in value: a blink or a closing lip stays as fast as it is.

use super::landmarks::Shape;

/// Frames on either side that can count.
pub(super) const REACH: usize = 5;
/// Distance in time at which a neighbour counts e^-1/2, frames.
const TIME: f32 = 2.0;
/// Distance in value at which it does: well above the noise, well below a movement. Points in inter-ocular distances.
const POINT: f32 = 0.012;
const EXPRESSION: f32 = 0.08;
const TURN: f32 = 0.03;
const GAZE: f32 = 0.1;
/// Doubt in the line's slope, frames^2: at the end of a recording a line through noise wags.
const LEVEL: f32 = 1.0;

/// `here` between its neighbours, each given with its distance in frames (negative before). Expected errors and score
/// stay as they are.
pub(super) fn steady(here: &Shape, neighbours: &[(f32, &Shape)]) -> Shape {
    let mut out = here.clone();
    let unit = eye_distance(here) * POINT;
    for (i, point) in out.points.iter_mut().enumerate() {
        *point = value(*point, neighbours.iter().filter_map(|(t, n)| Some((*t, *n.points.get(i)?))), unit);
    }
    for (i, amount) in out.expression.0.iter_mut().enumerate() {
        *amount =
            value([*amount], neighbours.iter().map(|(t, n)| (*t, [n.expression.0[i]])), EXPRESSION)[0].clamp(0.0, 1.0);
    }
    out.pose = value(here.pose, neighbours.iter().map(|(t, n)| (*t, n.pose)), TURN);
    out.gaze = value(here.gaze, neighbours.iter().map(|(t, n)| (*t, n.gaze)), GAZE);
    out
}

/// Between the outer eye corners, pixels; never 0.
pub(super) fn eye_distance(shape: &Shape) -> f32 {
    let (a, b) = (shape.points[36], shape.points[45]);
    (a[0] - b[0]).hypot(a[1] - b[1]).max(1.0)
}

/// One value, steadied; `scale` is the distance in value at which a neighbour counts e^-1/2.
fn value<const D: usize>(here: [f32; D], neighbours: impl Iterator<Item = (f32, [f32; D])>, scale: f32) -> [f32; D] {
    // Sums of w, w t, w t^2 and, less `here`, of w x, w t x. The value itself has t = 0, x = 0, w = 1.
    let (mut sum, mut first, mut second) = (1.0, 0.0, LEVEL);
    let (mut mean, mut slope) = ([0.0; D], [0.0; D]);
    for (t, there) in neighbours {
        let apart: [f32; D] = std::array::from_fn(|k| there[k] - here[k]);
        let square: f32 = apart.iter().map(|d| d * d).sum();
        let weight = (-0.5 * (square / (scale * scale) + t * t / (TIME * TIME))).exp();
        if !weight.is_finite() {
            continue;
        }
        sum += weight;
        first += weight * t;
        second += weight * t * t;
        for k in 0..D {
            mean[k] += weight * apart[k];
            slope[k] += weight * t * apart[k];
        }
    }
    let determinant = sum * second - first * first;
    std::array::from_fn(|k| here[k] + (second * mean[k] - first * slope[k]) / determinant)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value at `at` of a series of scalars, between all neighbours in reach, or at the end of the series.
    fn at(series: &[f32], at: usize, last: bool, scale: f32) -> f32 {
        let near = series.iter().enumerate().map(|(i, x)| (i as f32 - at as f32, [*x]));
        let near = near.filter(|(t, _)| *t != 0.0 && t.abs() <= REACH as f32 && (*t < 0.0 || !last));
        value([series[at]], near, scale)[0]
    }

    #[test]
    fn noise_shrinks() {
        // A fixed zigzag with the look of noise, +-1.
        let noise: Vec<f32> =
            (0..200_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 16 & 255) as f32 / 127.5 - 1.0).collect();
        let rms = |values: &[f32]| (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt();
        let whole: Vec<f32> = (10..190).map(|i| at(&noise, i, false, 3.0)).collect();
        let ends: Vec<f32> = (10..190).map(|i| at(&noise, i, true, 3.0)).collect();
        assert!(rms(&whole) < 0.6 * rms(&noise), "{} {}", rms(&whole), rms(&noise));
        assert!(rms(&ends) < 0.9 * rms(&noise), "{} {}", rms(&ends), rms(&noise));
    }

    #[test]
    fn jumps_stay_and_even_motion_is_not_late() {
        let jump: Vec<f32> = (0..20).map(|i| if i < 10 { 0.0 } else { 50.0 }).collect();
        assert!((at(&jump, 10, false, 1.0) - 50.0).abs() < 1e-3 && at(&jump, 9, false, 1.0).abs() < 1e-3);
        let drift: Vec<f32> = (0..20).map(|i| 0.3 * i as f32).collect();
        assert!((at(&drift, 10, false, 1.0) - 3.0).abs() < 1e-4);
        assert!((at(&drift, 10, true, 1.0) - 3.0).abs() < 0.1, "a third of a frame late at most");
    }

    #[test]
    fn what_is_no_number_does_not_spread() {
        let near = [(-1.0, [f32::NAN]), (1.0, [2.0])];
        assert!(value([1.0], near.into_iter(), 1.0)[0].is_finite());
    }
}
