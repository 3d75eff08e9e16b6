//! Small differences between those who move alike: the clip's own motion, a little larger or smaller, a little early or late.

use super::{Region, blinks, count, region};
use crate::clip::Track;
use crate::clip::liveliness::{quantile, wander};
use crate::random::Rng;
use std::collections::BTreeMap;

/// Lips are early or late by at most this, seconds: well below what viewers notice (ITU-R BT.1359: 45 ms early, 125 ms late).
const LIPS: f32 = 0.025;
/// The head is, seconds; and its motion is larger or smaller by this share.
const SWAY: f32 = 0.08;
const SWAY_SHARE: f32 = 0.2;
/// Shares by which mouth and brows move more or less.
const MOUTH_SHARE: f32 = 0.06;
const FACE_SHARE: f32 = 0.2;
/// A blink within `PAUSE` seconds of a phrase's end belongs to it and moves little; any other moves more, seconds.
const PAUSE: f32 = 0.3;
const TIED: f32 = 0.06;
const FREE: f32 = 0.45;
/// What every head does of its own, radians or inter-ocular distances, and the seconds it takes to change its mind.
const DRIFT: [(&str, f32); 4] = [("yaw", 0.014), ("pitch", 0.009), ("roll", 0.010), ("x", 0.006)];
const DRIFT_PERIOD: f32 = 1.9;
/// How much of the head's turn the eyes take back to stay on what they look at.
pub(super) const HELD: f32 = 0.85;

/// How one differs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quirks {
    pub seed: u32,
    /// Seconds.
    lips: f32,
    sway: f32,
    /// Factors.
    mouth: f32,
    head: f32,
    face: f32,
    alike: bool,
}

impl Quirks {
    pub(super) fn none(seed: u32) -> Quirks {
        Quirks { seed, lips: 0.0, sway: 0.0, mouth: 1.0, head: 1.0, face: 1.0, alike: true }
    }

    /// Those of number `member`.
    pub(super) fn of(seed: u32, member: usize) -> Quirks {
        let seed = Rng::seed_of(seed, member);
        let mut rng = Rng::new(seed, 31);
        let mut about = |value: f32, width: f32| value + width * rng.signed();
        Quirks {
            seed,
            lips: about(0.0, LIPS),
            sway: about(0.0, SWAY),
            mouth: about(1.0, MOUTH_SHARE),
            head: about(1.0, SWAY_SHARE),
            face: about(1.0, FACE_SHARE),
            alike: false,
        }
    }

    /// With lips that keep to the sound.
    pub(super) fn in_time(self) -> Quirks {
        Quirks { lips: 0.0, ..self }
    }

    pub(super) fn is_none(&self) -> bool {
        self.alike
    }
}

/// The track as moved by somebody else.
pub(super) fn differ(track: &Track, phrases: &[[f32; 2]], quirks: &Quirks) -> Track {
    let mut rng = Rng::new(quirks.seed, 32);
    let mut own = track.clone();
    let taken = blinks::take(&mut own);
    let rate = track.rate;
    for (name, samples) in &mut own.channels {
        let (delay, factor) = match region(name) {
            Region::Mouth => (quirks.lips, quirks.mouth),
            Region::Head => (quirks.sway, quirks.head),
            Region::Face => (0.0, quirks.face),
            Region::Lids | Region::Gaze => continue,
        };
        // A head sways about where it usually is, which need not be straight ahead.
        let usual = if region(name) == Region::Head { quantile(samples.iter().copied(), 0.5) } else { 0.0 };
        *samples = delayed(samples, delay * rate).iter().map(|v| usual + factor * (v - usual)).collect();
    }
    for (name, reach) in DRIFT {
        let drift = wander(count(track), DRIFT_PERIOD * rate, &mut rng);
        if let Some(samples) = own.channels.get_mut(name) {
            samples.iter_mut().zip(drift).for_each(|(value, drift)| *value += reach * drift);
        }
    }
    hold_gaze(&mut own, track);

    let near = |t: f32| phrases.iter().any(|[from, to]| (t - from).abs().min((t - to).abs()) < PAUSE);
    let mut free = 0;
    for (i, blink) in taken.iter().enumerate() {
        let reach = if near(blink.peak() as f32 / rate) { TIED } else { FREE };
        let wanted = blink.start as f32 + rate * rng.range(-reach, reach);
        // Never into its neighbours.
        let next = taken.get(i + 1).map_or(count(track), |next| next.start.saturating_sub((TIED * rate) as usize));
        let start = (wanted.max(0.0) as usize).min(next.saturating_sub(blink.len())).max(free);
        blinks::set(&mut own, blink, start);
        free = start + blink.len();
    }
    for word in &mut own.words {
        (word.start, word.end) = ((word.start + quirks.lips).max(0.0), (word.end + quirks.lips).max(0.0));
    }
    for phoneme in &mut own.phonemes {
        (phoneme.start, phoneme.end) = ((phoneme.start + quirks.lips).max(0.0), (phoneme.end + quirks.lips).max(0.0));
    }
    finished(own)
}

/// Within what a face can do, and small to save.
pub(super) fn finished(mut track: Track) -> Track {
    for (name, samples) in &mut track.channels {
        if matches!(region(name), Region::Mouth | Region::Lids | Region::Face) {
            samples.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
        }
    }
    track.quantise();
    track
}

/// The eyes stay on what they look at, though the head now turns otherwise than in `before`.
pub(super) fn hold_gaze(track: &mut Track, before: &Track) {
    let turned: BTreeMap<&str, Vec<f32>> = [("Yaw", "yaw"), ("Pitch", "pitch")]
        .into_iter()
        .filter_map(|(part, name)| {
            let now = track.channels.get(name)?;
            let zero = vec![0.0; now.len()];
            let before = before.channels.get(name).unwrap_or(&zero);
            Some((part, now.iter().zip(before).map(|(now, before)| now - before).collect()))
        })
        .collect();
    for (name, samples) in track.channels.iter_mut().filter(|(name, _)| name.starts_with("gaze")) {
        let turned = turned.iter().find(|(part, _)| name.ends_with(*part)).map(|(_, turned)| turned);
        samples.iter_mut().zip(turned.into_iter().flatten()).for_each(|(gaze, turned)| *gaze -= HELD * turned);
    }
}

/// Samples `by` samples later, linear between them and held at the ends.
fn delayed(samples: &[f32], by: f32) -> Vec<f32> {
    let last = samples.len().saturating_sub(1);
    let value = |i: usize| {
        let at = (i as f32 - by).clamp(0.0, last as f32);
        let (before, x) = (at as usize, at.fract());
        samples[before] + (samples[(before + 1).min(last)] - samples[before]) * x
    };
    (0..samples.len()).map(value).collect()
}
