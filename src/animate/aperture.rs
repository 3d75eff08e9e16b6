//! Openings that must be able to close: the mouth and the two eyes.
//!
//! The correction moves upper and lower rim apart or together so that both lie where the photo shows them. When
//! the expression closes an opening, what the correction does differently on the two rims has to fade, or lips and
//! lids would miss each other.

use crate::head::HeadModel;
use crate::head::expression::Expression;
use glam::{Vec2, Vec3};

/// Distance over which a rim's step fades into lip or lid, inter-ocular distances.
const REACH: f32 = 0.06;

/// An opening narrower than this is closed, inter-ocular distances.
const CLOSED: f32 = 0.004;

/// One opening: its rims, corner to corner, and the vertices around it.
#[derive(Debug)]
pub struct Aperture {
    upper: Vec<u32>,
    lower: Vec<u32>,
    /// Mean opening of the model at the source's expression, inter-ocular distances.
    source_gap: f32,
    /// Per vertex: the step that only an open rim makes, pixels.
    steps: Vec<(u32, Vec2)>,
}

impl Aperture {
    /// The mouth, the left and the right eye. `meet` says where two rims meet, as the upper rim's share: lips half
    /// way, lids near the lower one.
    pub fn all(model: &HeadModel, shape: &[Vec3], correction: &[Vec2]) -> [Self; 3] {
        let new = |upper: &[u32], lower: &[u32], meet: f32| Self::new(model, upper, lower, meet, shape, correction);
        [
            new(model.lip_upper(), model.lip_lower(), 0.5),
            new(model.lid_left_upper(), model.lid_left_lower(), 0.15),
            new(model.lid_right_upper(), model.lid_right_lower(), 0.15),
        ]
    }

    fn new(model: &HeadModel, upper: &[u32], lower: &[u32], meet: f32, shape: &[Vec3], correction: &[Vec2]) -> Self {
        let parted = parted_shape(model);
        let rims: Vec<(Vec3, Vec2)> = upper
            .iter()
            .zip(lower)
            .flat_map(|(&u, &l)| {
                let (of_upper, of_lower) = (correction[u as usize], correction[l as usize]);
                let common = of_lower.lerp(of_upper, meet);
                [(parted[u as usize], of_upper - common), (parted[l as usize], of_lower - common)]
            })
            .collect();
        let step = |at: Vec3| {
            let near = rims.iter().map(|(rim, step)| (rim.distance_squared(at), step));
            near.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(Vec2::ZERO, |(d, step)| *step * (-d / (REACH * REACH)).exp())
        };
        let steps = parted.iter().enumerate().map(|(v, &at)| (v as u32, step(at)));
        let steps = steps.filter(|(_, step)| step.length() > 0.01).collect();
        Self { upper: upper.to_vec(), lower: lower.to_vec(), source_gap: gap(upper, lower, shape), steps }
    }

    /// Takes back from `correction` what does not hold at `shape`'s opening.
    pub fn apply(&self, shape: &[Vec3], correction: &mut [Vec2]) {
        let open = (gap(&self.upper, &self.lower, shape) - CLOSED) / (self.source_gap - CLOSED).max(CLOSED);
        let taken = 1.0 - open.clamp(0.0, 1.0);
        for &(v, step) in &self.steps {
            correction[v as usize] -= step * taken;
        }
    }
}

/// Mean distance between the rims, inter-ocular distances.
fn gap(upper: &[u32], lower: &[u32], shape: &[Vec3]) -> f32 {
    let sum: f32 = upper.iter().zip(lower).map(|(&u, &l)| (shape[u as usize].y - shape[l as usize].y).max(0.0)).sum();
    sum / upper.len().max(1) as f32
}

/// The mean head with mouth and eyes wide open, where upper and lower lip, upper and lower lid lie apart: distances
/// measured here never carry a step across the lip line.
pub fn parted_shape(model: &HeadModel) -> Vec<Vec3> {
    let mut expression = Expression::default();
    for name in ["jawOpen", "eyeWideLeft", "eyeWideRight"] {
        expression.set(name, 1.0);
    }
    model.shape(&[], &expression)
}
