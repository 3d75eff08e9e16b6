//! Who the person in a video is: the identity coefficients that all frames agree on.
//!
//! Weighted least squares over frames with the prior N(0, 1): (I + sum w S) a = sum w h, with each frame's
//! [`Evidence`] S a = h. Frames err alike, so a frame weighs little and the first dozens are enough.

use super::fit::Evidence;
use nalgebra::{DMatrix, DVector};

/// Weight of a frame: five count as one independent observation.
const WEIGHT: f64 = 0.2;
/// Frames after which the person is known and the face's neutral shape no longer changes.
pub(super) const ENOUGH: usize = 40;
/// Coefficients are N(0, 1); beyond this they describe errors.
const LIMIT: f64 = 4.0;

/// The estimate so far.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    information: DMatrix<f64>,
    right: DVector<f64>,
    frames: usize,
}

impl Identity {
    /// Nothing known yet of `modes` coefficients.
    pub(super) fn new(modes: usize) -> Self {
        Self { information: DMatrix::identity(modes, modes), right: DVector::zeros(modes), frames: 0 }
    }

    /// Whether enough frames were seen.
    pub(super) fn is_settled(&self) -> bool {
        self.frames >= ENOUGH
    }

    /// Adds what a frame says, `trust` 0..1. Evidence of another length counts for nothing.
    pub(super) fn add(&mut self, evidence: &Evidence, trust: f32) {
        if evidence.right.len() != self.right.len() || trust.is_nan() || trust <= 0.0 {
            return;
        }
        let weight = WEIGHT * f64::from(trust.min(1.0));
        self.information += weight * &evidence.information;
        self.right += weight * &evidence.right;
        self.frames += 1;
    }

    /// The coefficients, all 0 before the first frame.
    pub(super) fn coefficients(&self) -> Vec<f32> {
        let solved = self.information.clone().cholesky().map(|system| system.solve(&self.right));
        match solved {
            Some(a) if a.iter().all(|v| v.is_finite()) => a.iter().map(|v| v.clamp(-LIMIT, LIMIT) as f32).collect(),
            _ => vec![0.0; self.right.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(value: f64, information: f64) -> Evidence {
        Evidence {
            information: information * DMatrix::identity(2, 2),
            right: DVector::from_vec(vec![information * value, 0.0]),
        }
    }

    #[test]
    fn frames_add_up_and_doubt_shrinks() {
        let mut person = Identity::new(2);
        assert_eq!(person.coefficients(), [0.0, 0.0]);
        person.add(&evidence(2.0, 5.0), 1.0);
        let once = person.coefficients()[0];
        assert!((once - 1.0).abs() < 1e-6, "one frame of weight 5 / 5 against the prior: {once}");
        (0..20).for_each(|_| person.add(&evidence(2.0, 5.0), 1.0));
        assert!((1.85..2.0).contains(&person.coefficients()[0]));
    }

    #[test]
    fn nonsense_is_bounded() {
        let mut person = Identity::new(2);
        person.add(&evidence(1e9, 5.0), 1.0);
        person.add(&evidence(1.0, 5.0), f32::NAN);
        person.add(&Evidence { information: DMatrix::zeros(3, 3), right: DVector::zeros(3) }, 1.0);
        assert_eq!(person.coefficients(), [4.0, 0.0]);
        assert_eq!(person.frames, 1);
    }
}
