//! The motion track: expression, head pose and gaze over time, with the words and beats they follow.

use crate::head::expression::{EXPRESSION_NAMES, Expression, expression_index};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use thiserror::Error;

/// The longest clip, seconds.
pub const LONGEST: f32 = 600.0;
/// The most bytes of a file that holds a track.
pub const MAX_FILE: usize = 64_000_000;
/// Least and most samples a second.
const RATES: std::ops::RangeInclusive<f32> = 1.0..=240.0;
/// The most channels that are kept: twice as many as have a meaning.
const MAX_CHANNELS: usize = 160;

/// Why a file is no motion track. Messages are for the visitor.
#[derive(Debug, Error, PartialEq)]
pub enum TrackError {
    /// Neither of the two formats.
    #[error(
        "This is no motion track ({reason}): choose a .track.json that Portraoke saved, or a CSV file of Live Link Face."
    )]
    NotATrack {
        /// What the reader stumbled on.
        reason: String,
    },
    /// Nothing moves.
    #[error("This motion track has no samples: save it again where it comes from.")]
    Empty,
    /// Values that no face has.
    #[error("This motion track is damaged ({reason}): save it again where it comes from.")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
    /// Longer than a clip may be.
    #[error("This motion track lasts {seconds:.0} s, and {LONGEST:.0} s is the most: cut it shorter.")]
    TooLong {
        /// Its length.
        seconds: f32,
    },
    /// Too many bytes.
    #[error("This motion track is larger than {} MB: cut it shorter.", MAX_FILE / 1_000_000)]
    TooLarge,
}

/// A driving clip's motion. Serialises to `.track.json` (see `ARCHITECTURE.md`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Samples a second.
    pub rate: f32,
    /// One equally long list of samples a channel. Names: ARKit's blendshapes (0..1); `yaw`, `pitch`, `roll`
    /// (radians, right-handed: yaw + to the subject's own left, pitch + down, roll + own left ear up);
    /// `x`, `y`, `z` (inter-ocular distances: + own left, up, towards the camera);
    /// `gazeLeftYaw`, `gazeLeftPitch`, `gazeRightYaw`, `gazeRightPitch` (radians, same signs as the head); `tongueUp` (0..1, the
    /// tip behind the upper teeth, which ARKit does not have).
    #[serde(serialize_with = "briefly")]
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

/// Writes 0 and 1 without decimals: most samples of most channels are nothing, and a byte a sample adds up.
fn briefly<S: Serializer>(channels: &BTreeMap<String, Vec<f32>>, serializer: S) -> Result<S::Ok, S::Error> {
    struct Samples<'a>(&'a [f32]);
    struct Sample(f32);
    impl Serialize for Samples<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.iter().map(|value| Sample(*value)))
        }
    }
    impl Serialize for Sample {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                0.0 => serializer.serialize_u8(0),
                1.0 => serializer.serialize_u8(1),
                value => serializer.serialize_f32(value),
            }
        }
    }
    serializer.collect_map(channels.iter().map(|(name, samples)| (name, Samples(samples))))
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
    /// The tongue's tip behind the upper teeth (l, n, t, d): 0 it lies, 1 it touches.
    pub tongue_up: f32,
}

impl Motion {
    /// Nearer to rest: all of it, `share` times.
    pub fn scaled(&self, share: f32) -> Motion {
        Motion {
            expression: Expression(self.expression.0.map(|value| value * share)),
            rotation: self.rotation.map(|angle| angle * share),
            translation: self.translation.map(|shift| shift * share),
            gaze: self.gaze.map(|angle| angle * share),
            tongue_up: self.tongue_up * share,
        }
    }
}

impl Track {
    /// Reads a `.track.json`. Channels that nobody knows are kept; values beyond what a face can do are brought back.
    ///
    /// # Errors
    /// [`TrackError`]
    pub fn from_json(bytes: &[u8]) -> Result<Track, TrackError> {
        if bytes.len() > MAX_FILE {
            return Err(TrackError::TooLarge);
        }
        let track: Track =
            serde_json::from_slice(bytes).map_err(|error| TrackError::NotATrack { reason: error.to_string() })?;
        track.checked()
    }

    /// The contents of a `.track.json`.
    pub fn to_json(&self) -> String {
        // Names are strings and values plain numbers: neither can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The track, if a stage can show it.
    pub(super) fn checked(mut self) -> Result<Track, TrackError> {
        let damaged = |reason: &str| Err(TrackError::Damaged { reason: reason.to_owned() });
        if !RATES.contains(&self.rate) {
            return damaged("its rate must be between 1 and 240 samples a second");
        }
        if self.channels.len() > MAX_CHANNELS {
            return damaged("it has too many channels");
        }
        let count = self.channels.values().map(Vec::len).max().unwrap_or(0);
        if count == 0 {
            return Err(TrackError::Empty);
        }
        if self.channels.values().any(|samples| samples.len() != count) {
            return damaged("its channels differ in length");
        }
        if self.duration() > LONGEST {
            return Err(TrackError::TooLong { seconds: self.duration() });
        }
        let spans = self.words.iter().map(|w| (w.start, w.end)).chain(self.phonemes.iter().map(|p| (p.start, p.end)));
        let times = spans.flat_map(|(start, end)| [start, end]).chain(self.beats.iter().copied());
        if !self.channels.values().flatten().copied().chain(times).all(f32::is_finite) {
            return damaged("not all its values are numbers");
        }
        for (name, samples) in &mut self.channels {
            let (least, most) = bounds(name);
            samples.iter_mut().for_each(|value| *value = value.clamp(least, most));
        }
        Ok(self)
    }

    /// Rounds the samples to what can be seen and leaves out channels in which nothing happens, so that the file is small: a
    /// thousandth of a radian, of an inter-ocular distance and of what lips, jaw and lids do, a hundredth of the rest.
    pub(crate) fn quantise(&mut self) {
        for (name, samples) in &mut self.channels {
            let quick = ["jaw", "mouth", "tongue", "eyeBlink"].iter().any(|part| name.starts_with(part));
            let steps = if quick || expression_index(name).is_none() { 1e3 } else { 1e2 };
            // `+ 0.0` makes a plain zero of a negative one.
            samples.iter_mut().for_each(|value| *value = (*value * steps).round() / steps + 0.0);
        }
        // One channel always stays: its samples say how long the clip is.
        self.channels.retain(|name, samples| name == "jawOpen" || samples.iter().any(|value| *value != 0.0));
    }

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
            tongue_up: at("tongueUp"),
        }
    }
}

/// Least and greatest value of a channel that a face can show.
fn bounds(name: &str) -> (f32, f32) {
    match name {
        "x" | "y" | "z" => (-20.0, 20.0),
        _ if name.ends_with("aw") || name.ends_with("itch") || name == "roll" => {
            (-std::f32::consts::PI, std::f32::consts::PI)
        }
        _ => (0.0, 1.0),
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
    fn a_saved_track_is_read_again() {
        let channels = BTreeMap::from([("jawOpen".to_owned(), vec![0.0, 0.25]), ("yaw".to_owned(), vec![-0.1, 0.3])]);
        let words = vec![Word { text: "la".to_owned(), start: 0.0, end: 0.1 }];
        let track = Track { rate: 10.0, channels, words, beats: vec![0.05], phonemes: vec![] };
        assert_eq!(Track::from_json(track.to_json().as_bytes()), Ok(track));
    }

    #[test]
    fn what_is_no_track_is_said() {
        let reason = |json: &str| Track::from_json(json.as_bytes()).expect_err(json);
        assert!(matches!(reason("[1, 2]"), TrackError::NotATrack { .. }));
        assert!(matches!(reason("{"), TrackError::NotATrack { .. }));
        assert_eq!(reason(r#"{"rate": 60, "channels": {}}"#), TrackError::Empty);
        assert_eq!(reason(r#"{"rate": 60, "channels": {"jawOpen": []}}"#), TrackError::Empty);
        assert!(matches!(reason(r#"{"rate": 0, "channels": {"jawOpen": [1]}}"#), TrackError::Damaged { .. }));
        assert!(matches!(reason(r#"{"rate": 1, "channels": {"yaw": [1], "roll": []}}"#), TrackError::Damaged { .. }));
        assert!(matches!(reason(r#"{"rate": 9, "channels": {"yaw": [1e39]}}"#), TrackError::Damaged { .. }));
        let long = format!(r#"{{"rate": 1, "channels": {{"yaw": {:?}}}}}"#, vec![0.0; 700]);
        assert_eq!(reason(&long), TrackError::TooLong { seconds: 699.0 });
    }

    #[test]
    fn values_no_face_can_show_are_brought_back() {
        let track = Track::from_json(
            br#"{"rate": 9, "channels": {"jawOpen": [-1, 7], "gazeLeftYaw": [9, 0], "roll": [-9, 0]}}"#,
        )
        .expect("a track");
        assert_eq!(track.channels["jawOpen"], [0.0, 1.0]);
        assert!(track.channels["gazeLeftYaw"][0] < 3.2 && track.channels["roll"][0] > -3.2);
    }

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
