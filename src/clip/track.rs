//! The motion track: expression, head pose and gaze over time, with the words and beats they follow.

use crate::head::expression::{EXPRESSION_NAMES, Expression};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A driving clip's motion. Serialises to `.track.json` (see `ARCHITECTURE.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Samples a second.
    pub rate: f32,
    /// One equally long list of samples a channel. Names: ARKit's blendshapes (0..1); `yaw`, `pitch`, `roll`
    /// (radians, right-handed: yaw + to the subject's own left, pitch + down, roll + own left ear up);
    /// `x`, `y`, `z` (inter-ocular distances: + own left, up, towards the camera);
    /// `gazeLeftYaw`, `gazeLeftPitch`, `gazeRightYaw`, `gazeRightPitch` (radians, same signs as the head).
    pub channels: BTreeMap<String, Vec<f32>>,
    /// The words sung or spoken, in order.
    #[serde(default)]
    pub words: Vec<Word>,
    /// Times of the beats, seconds.
    #[serde(default)]
    pub beats: Vec<f32>,
    /// The phonemes, in order.
    #[serde(default)]
    pub phonemes: Vec<Phoneme>,
}

/// A word or syllable with its span in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// As written; a trailing hyphen marks a syllable that the next one continues.
    pub text: String,
    /// Seconds.
    pub start: f32,
    /// Seconds.
    pub end: f32,
}

/// A phoneme with its span in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phoneme {
    /// IPA symbol.
    pub symbol: String,
    /// Seconds.
    pub start: f32,
    /// Seconds.
    pub end: f32,
}

/// A track at one moment. Absent channels are 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Motion {
    /// ARKit coefficients.
    pub expression: Expression,
    /// Yaw, pitch, roll in radians.
    pub rotation: [f32; 3],
    /// x, y, z in inter-ocular distances.
    pub translation: [f32; 3],
    /// Left yaw, left pitch, right yaw, right pitch in radians.
    pub gaze: [f32; 4],
}

impl Track {
    /// Seconds from the first sample to the last.
    pub fn duration(&self) -> f32 {
        let samples = self.channels.values().map(Vec::len).max().unwrap_or(0);
        samples.saturating_sub(1) as f32 / self.rate
    }

    /// The motion at `t` seconds, linear between samples, held beyond the ends.
    pub fn sample(&self, t: f32) -> Motion {
        let at = |name: &str| self.channels.get(name).map_or(0.0, |samples| interpolate(samples, t * self.rate));
        Motion {
            expression: Expression(EXPRESSION_NAMES.map(at)),
            rotation: ["yaw", "pitch", "roll"].map(at),
            translation: ["x", "y", "z"].map(at),
            gaze: ["gazeLeftYaw", "gazeLeftPitch", "gazeRightYaw", "gazeRightPitch"].map(at),
        }
    }
}

fn interpolate(samples: &[f32], position: f32) -> f32 {
    let Some(last) = samples.len().checked_sub(1) else { return 0.0 };
    let position = position.clamp(0.0, last as f32);
    let before = position.floor() as usize;
    let after = (before + 1).min(last);
    let fraction = position - before as f32;
    samples[before] * (1.0 - fraction) + samples[after] * fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_interpolated_and_held() {
        let channels = BTreeMap::from([("jawOpen".to_owned(), vec![0.0, 1.0]), ("yaw".to_owned(), vec![0.1, 0.3])]);
        let track = Track { rate: 10.0, channels, words: vec![], beats: vec![], phonemes: vec![] };
        assert_eq!(track.sample(0.05).expression.get("jawOpen"), 0.5);
        assert_eq!(track.sample(9.0).rotation[0], 0.3);
        assert_eq!(track.sample(-1.0).rotation[0], 0.1);
        assert_eq!(track.duration(), 0.1);
    }
}
