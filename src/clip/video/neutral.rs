//! The driver's rest, estimated over the whole clip, and taken off.
//!
//! What a face wears at its calmest is its own: the shape of its lips, a crease, the set of its lids. Coefficients only ever
//! add to a rest, so a low quantile over the clip is that rest, whatever the first frame shows.

use super::reading::Reading;
use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES};

/// Share of the frames that are calmer than the rest: a singer may open the mouth most of the time.
const CALM: f32 = 0.1;
/// The same for lids, which are at rest most of the time and close for moments; narrow eyes come and go.
const CALM_LIDS: f32 = 0.3;

/// What a driver wears and where it looks when it does nothing.
pub(super) struct Rest {
    expression: [f32; EXPRESSION_COUNT],
    gaze: [f32; 4],
}

impl Rest {
    pub(super) fn of(readings: &[Reading]) -> Self {
        let share = |name: &str| if is_blink(name) { CALM_LIDS } else { CALM };
        Self {
            expression: std::array::from_fn(|i| {
                quantile(readings.iter().map(|reading| reading.expression.0[i]), share(EXPRESSION_NAMES[i]))
            }),
            gaze: std::array::from_fn(|i| quantile(readings.iter().map(|reading| reading.gaze[i]), 0.5)),
        }
    }

    /// Takes the rest off expression and gaze.
    pub(super) fn subtract(&self, reading: &mut Reading) {
        for ((value, rest), name) in reading.expression.0.iter_mut().zip(self.expression).zip(EXPRESSION_NAMES) {
            let beyond = (*value - rest).max(0.0);
            // A narrow eye still closes fully.
            *value = if is_blink(name) { (beyond / (1.0 - rest).max(0.2)).min(1.0) } else { beyond };
        }
        reading.gaze.iter_mut().zip(self.gaze).for_each(|(angle, usual)| *angle -= usual);
    }
}

fn is_blink(name: &str) -> bool {
    name.starts_with("eyeBlink")
}

/// The value below which `share` of `values` lie; 0 for none.
pub(super) fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut sorted: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    if sorted.is_empty() {
        return 0.0;
    }
    let at = (share * (sorted.len() - 1) as f32).round() as usize;
    *sorted.select_nth_unstable_by(at, f32::total_cmp).1
}
