//! How far lips and lids are apart: read from their points, which tell it better than the fit's coefficients do.
//!
//! The fit spreads a blink and a wide mouth over many cautious coefficients: on filmed faces its blinks ended half-way. What must be
//! seen, that lids meet and that lips open as far as the driver's, is set here by what the points show.

use super::reading::Reading;
use crate::clip::liveliness::quantile;
use crate::head::HeadModel;
use crate::head::expression::{EXPRESSION_COUNT, Expression, expression_index};
use crate::portrait::Face;
use glam::{Mat2, Vec2};

/// Upper and lower points that face each other, iBUG: inner lips, the own left eye's lids, the own right eye's.
const PAIRS: [&[(usize, usize)]; 3] = [&[(61, 67), (62, 66), (63, 65)], &[(43, 47), (44, 46)], &[(37, 41), (38, 40)]];
/// Share of the frames in which lids are nearer to each other than usually open ones: who looks down or squints for a while has
/// other lids than a rested look.
const OPEN: f32 = 0.7;
/// Lids this much of their usual distance apart begin to close, and are shut: points never quite meet.
const BLINK: [f32; 2] = [1.0, 0.15];
/// Lids this much of it apart begin to widen, and are as wide as they go.
const WIDE: [f32; 2] = [1.05, 1.35];
/// Share of the frames in which a driver's lips are nearer to each other than when they are shut.
const SHUT: f32 = 0.03;
/// Lips further apart than this, inter-ocular distances, are not shut, whatever they do in the rest of the clip ...
const SHUT_AT_MOST: f32 = 0.05;
/// ... if they move at all: by less than the first, a parted mouth is how the driver rests; by more than the second, it is open.
const STILL: [f32; 2] = [0.03, 0.1];

/// Distances of inner lips, left lids and right lids in a face, upright, in inter-ocular distances.
pub(super) fn distances(face: &Face) -> [f32; 3] {
    let upright = Mat2::from_angle(face.fit.rotation[2]);
    PAIRS.map(|pairs| {
        let apart = |&(upper, lower): &(usize, usize)| {
            let step = Vec2::from(face.landmarks[lower]) - Vec2::from(face.landmarks[upper]);
            (upright * step).y
        };
        pairs.iter().map(apart).sum::<f32>() / (pairs.len() as f32 * face.fit.scale.max(1e-3))
    })
}

/// How far each expression takes the inner lips apart, inter-ocular distances.
#[derive(Debug)]
pub(super) struct Levers([f32; EXPRESSION_COUNT]);

impl Levers {
    pub(super) fn new(head: &HeadModel) -> Self {
        let points = head.landmarks68();
        let up = |expression: usize, point: usize| {
            let steps = head.expression_delta(expression);
            steps.iter().find(|(vertex, _)| *vertex == points[point]).map_or(0.0, |(_, step)| step.y)
        };
        let lips = PAIRS[0];
        Self(std::array::from_fn(|i| {
            lips.iter().map(|&(upper, lower)| up(i, upper) - up(i, lower)).sum::<f32>() / lips.len() as f32
        }))
    }

    /// Opens the jaw, or closes it and then whatever else parts the lips, until they are `apart`.
    fn part(&self, expression: &mut Expression, apart: f32) {
        let Some(jaw) = expression_index("jawOpen") else { return };
        let parted = |expression: &Expression| -> f32 {
            expression.0.iter().zip(&self.0).map(|(value, lever)| value * lever).sum()
        };
        let missing = apart - parted(expression);
        expression.0[jaw] = (expression.0[jaw] + missing / self.0[jaw].max(1e-3)).clamp(0.0, 1.0);
        let over = parted(expression) - apart;
        let parting = |i: usize| i != jaw && self.0[i] > 0.0;
        let total: f32 = (0..EXPRESSION_COUNT).filter(|&i| parting(i)).map(|i| expression.0[i] * self.0[i]).sum();
        if over > 0.0 && total > 0.0 {
            let keep = (1.0 - over / total).clamp(0.0, 1.0);
            (0..EXPRESSION_COUNT).filter(|&i| parting(i)).for_each(|i| expression.0[i] *= keep);
        }
    }
}

/// How far a driver's lips are apart when shut, and its lids usually.
#[derive(Debug)]
pub(super) struct Usual {
    lips: f32,
    lids: [f32; 2],
}

impl Usual {
    pub(super) fn of(readings: &[Reading]) -> Self {
        let all = |i: usize, share: f32| quantile(readings.iter().map(|reading| reading.apart[i]), share);
        let (nearest, widest) = (all(0, SHUT), all(0, 1.0 - SHUT));
        let moving = ((widest - nearest - STILL[0]) / (STILL[1] - STILL[0])).clamp(0.0, 1.0);
        let lips = nearest + (nearest.min(SHUT_AT_MOST) - nearest) * moving;
        Self { lips, lids: [all(1, OPEN), all(2, OPEN)] }
    }

    /// Sets jaw and lids by how far they are apart in `reading`, whose expression is already relative to its rest.
    pub(super) fn set(&self, reading: &mut Reading, levers: &Levers) {
        levers.part(&mut reading.expression, (reading.apart[0] - self.lips).max(0.0));
        for ((side, apart), usual) in ["Left", "Right"].iter().zip(&reading.apart[1..]).zip(self.lids) {
            let share = apart / usual.max(1e-3);
            let along = |[from, to]: [f32; 2]| ((share - from) / (to - from)).clamp(0.0, 1.0);
            reading.expression.set(&format!("eyeBlink{side}"), along(BLINK));
            reading.expression.set(&format!("eyeWide{side}"), along(WIDE));
        }
    }
}
