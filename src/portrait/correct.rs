//! A visitor's corrections of what the landmark network read: single points put where they belong, their neighbours
//! along, and the head model fitted anew.

use super::fit::FitModel;
use super::{Bounds, Face};
use crate::head::expression::Expression;
use glam::{Vec2, Vec3};

/// How far a point may be moved, inter-ocular distances: further, it would be another point.
const FARTHEST: f32 = 0.5;
/// Distance over which neighbours follow, inter-ocular distances: from a corner of the mouth to the middle of its half.
const REACH: f32 = 0.2;
/// Expected error of a point that was put by hand, inter-ocular distances: as little as the fit believes.
const SURE: f32 = 0.006;

/// A corrected face.
#[derive(Debug, Clone)]
pub struct Corrected {
    /// The face as it is now, the head fitted to it.
    pub face: Face,
    /// The points that were moved and where they are now, pixels: as asked for, or as far that way as a point may go.
    pub moved: Vec<(usize, [f32; 2])>,
}

/// `face` with points moved, but not yet fitted: numbers of the 68 iBUG points, or 68 and 69 for the irises in
/// [`Face::irises`]' order, and where they belong, image pixels. `model`: the fitted points.
///
/// The last word on a point counts. What is no point or no number is left out.
pub(super) fn moved(model: &FitModel, face: &Face, corrections: &[(usize, [f32; 2])]) -> Corrected {
    let mut corrected = Corrected { face: face.clone(), moved: Vec::new() };
    let (Some(right), Some(left)) = (face.landmarks.get(36), face.landmarks.get(45)) else { return corrected };
    let unit = Vec2::from(*right).distance(Vec2::from(*left)).max(1.0);
    let before = |i: usize| face.landmarks.get(i).or_else(|| face.irises.get(i.checked_sub(68)?)).copied();
    let mut handles: Vec<(usize, Vec2)> = Vec::new();
    for &(i, to) in corrections {
        let (Some(from), true) = (before(i), to.iter().all(|v| v.is_finite())) else { continue };
        handles.retain(|(known, _)| *known != i);
        handles.push((i, (Vec2::from(to) - Vec2::from(from)).clamp_length_max(FARTHEST * unit)));
    }
    let parted = parted(model);
    let held: Vec<(Vec3, Vec2)> =
        handles.iter().filter(|(i, _)| *i < 68).filter_map(|&(i, step)| Some((*parted.get(i)?, step))).collect();
    let face = &mut corrected.face;
    for (point, at) in face.landmarks.iter_mut().chain(&mut face.dense).zip(&parted) {
        *point = (Vec2::from(*point) + step_at(*at, &held)).into();
    }
    for (i, step) in handles {
        if let (Some(iris), Some(from)) = (i.checked_sub(68).and_then(|k| face.irises.get_mut(k)), before(i)) {
            *iris = (Vec2::from(from) + step).into();
        }
        if let Some(sigma) = face.sigma.get_mut(i) {
            *sigma = sigma.min(SURE * unit);
        }
        let now = face.landmarks.get(i).copied().or_else(|| face.irises.get(i.checked_sub(68)?).copied());
        corrected.moved.extend(now.map(|now| (i, now)));
    }
    face.bounds = Bounds::of(&face.landmarks).unwrap_or(face.bounds);
    corrected
}

/// The fitted points on a head with its eyes wide and its mouth half open, where upper and lower rims are apart and corners
/// still near what they are near on a closed face.
fn parted(model: &FitModel) -> Vec<Vec3> {
    let mut expression = Expression::default();
    for (name, value) in [("jawOpen", 0.5), ("eyeWideLeft", 1.0), ("eyeWideRight", 1.0)] {
        expression.set(name, value);
    }
    model.shape(&[], &expression)
}

/// The step of a point at `at` among `handles`, each with its own: theirs at a handle itself, less and less away from
/// them, and between several the mean by nearness (Shepard 1968), so that it is never longer than the longest.
fn step_at(at: Vec3, handles: &[(Vec3, Vec2)]) -> Vec2 {
    let (mut sum, mut total) = (Vec2::ZERO, 0.0);
    for (handle, step) in handles {
        let distance = handle.distance_squared(at) / (REACH * REACH);
        let near = (-distance).exp();
        let share = near / (distance + 1e-6);
        sum += *step * near * share;
        total += share;
    }
    if total > 0.0 { sum / total } else { Vec2::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_keep_their_steps_and_no_point_goes_further() {
        let handles = [(Vec3::ZERO, Vec2::new(6.0, 0.0)), (Vec3::new(0.05, 0.0, 0.0), Vec2::new(0.0, -4.0))];
        for (at, step) in handles {
            assert!(step_at(at, &handles).distance(step) < 1e-2);
        }
        let mut last = f32::INFINITY;
        for i in 1..20 {
            let step = step_at(Vec3::new(0.0, 0.03 * i as f32, 0.0), &handles[..1]).length();
            assert!(step < last && step <= 6.0, "{i}: {step}");
            last = step;
        }
        assert!(last < 0.1, "far points stay: {last}");
        assert_eq!(step_at(Vec3::ONE, &[]), Vec2::ZERO);
    }
}
