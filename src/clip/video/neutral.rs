//! The driver's rest, estimated over the whole clip, and taken off.
//!
//! What a face wears at its calmest is its own: the shape of its lips, a crease, the set of its lids. Coefficients only ever
//! add to a rest, so a low quantile over the clip is that rest, whatever the first frame shows.

use super::apart::{Levers, Usual};
use super::reading::Reading;
use crate::clip::liveliness::quantile;
use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES};

/// Share of the frames that are calmer than the rest: a singer may open the mouth most of the time.
const CALM: f32 = 0.1;
/// By how much brows go further than the network sees them go: its points follow raised brows by a fifth to a half of their way.
const BROWS: f32 = 2.2;

/// What a driver wears and where it looks when it does nothing.
#[derive(Debug)]
pub(super) struct Rest {
    apart: Usual,
    expression: [f32; EXPRESSION_COUNT],
    gaze: [f32; 4],
}

impl Rest {
    pub(super) fn of(readings: &[Reading]) -> Self {
        Self {
            apart: Usual::of(readings),
            expression: std::array::from_fn(|i| quantile(readings.iter().map(|reading| reading.expression.0[i]), CALM)),
            gaze: std::array::from_fn(|i| quantile(readings.iter().map(|reading| reading.gaze[i]), 0.5)),
        }
    }

    /// Takes the rest off expression and gaze.
    pub(super) fn subtract(&self, reading: &mut Reading, levers: &Levers) {
        for ((value, rest), name) in reading.expression.0.iter_mut().zip(self.expression).zip(EXPRESSION_NAMES) {
            let gain = if name.starts_with("brow") { BROWS } else { 1.0 };
            *value = (gain * (*value - rest)).clamp(0.0, 1.0);
        }
        self.apart.set(reading, levers);
        reading.gaze.iter_mut().zip(self.gaze).for_each(|(angle, usual)| *angle -= usual);
    }
}
