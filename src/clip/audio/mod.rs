//! Own audio: from a recording of singing or speech, in any language, to the motion of a face that sings or says it.
//!
//! In: samples, [`listen`]. Out: [`Heard`], a track and remarks for the visitor. [`resample`] brings every recording to
//! 16 kHz, [`spectrum`] listens a hundred times a second to what comes from the middle of the stereo picture,
//! [`features`] takes microphone and speaker out of it, [`net`] is the small network that hears the mouth in it,
//! [`mouth`] makes lips of that. [`rhythm`] finds the beats; [`scene`] phrases and accents; [`head`] and [`eyes`] move
//! to them. Everything is deterministic for a seed; no word is recognised, so that no language is needed.

mod error;
mod eyes;
mod features;
mod head;
mod mouth;
mod net;
mod resample;
mod rhythm;
mod scene;
mod signal;
mod spectrum;

pub use error::AudioError;

use crate::clip::Track;
use crate::clip::liveliness::quantile;
pub use crate::clip::track::LONGEST;
use crate::random::Rng;
use resample::Recording;
use scene::{RATE, Scene};
use std::collections::BTreeMap;

/// How to perform what is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Listening {
    /// Seed of everything random: blinks, gaze, drift of the head.
    pub seed: u32,
    /// Liveliness of head, brows and gaze, 1 usual, 0 still, 2 at most.
    pub expressiveness: f32,
}

impl Default for Listening {
    fn default() -> Self {
        Listening { seed: 1, expressiveness: 1.0 }
    }
}

/// What a recording makes a face do.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Face, head and gaze at 60 Hz, as long as the recording, and the beats; no words or phonemes.
    pub track: Track,
    /// What the visitor should know, in whole sentences; often none.
    pub notes: Vec<String>,
}

/// The shortest, seconds.
pub const SHORTEST: f32 = 0.5;
/// Least voice in a recording that has one, seconds.
const LEAST_VOICE: f32 = 0.4;
/// How sure of its voice a recording must be at least, and without a remark: bands without a singer came to 0.54 to 0.73,
/// singers under a band as loud as themselves to 0.76 to 0.91, speech and songs to more than 0.85.
const SURE: (f32, f32) = (0.6, 0.83);
/// A voice later than this is worth a remark, seconds.
const LATE: f32 = 10.0;

/// Listens to one channel or two equally long ones, -1..1, of `rate` samples a second.
///
/// # Errors
/// See [`AudioError`].
pub fn listen(channels: &[&[f32]], rate: u32, listening: &Listening) -> Result<Heard, AudioError> {
    let frames = spectrum::frames(&recording(channels, rate)?);
    if features::is_steady(&frames) {
        return Err(AudioError::NoVoice);
    }
    let heard = mouth::hear(&frames);
    let beats = rhythm::beats(&frames);
    let scene = Scene::new(&frames, &heard.voice, beats, listening.expressiveness.clamp(0.0, 2.0));
    let voiced = scene.phrases.iter().map(|phrase| phrase.len()).sum::<usize>() as f32 / RATE;
    if voiced < LEAST_VOICE || certainty(&scene) < SURE.0 {
        return Err(AudioError::NoVoice);
    }
    let notes = notes(&scene);
    Ok(Heard { track: track(&scene, &heard, listening.seed), notes })
}

/// What the network reads, hundred rows of 26 numbers a second: for `models/train/audio.py` alone.
///
/// # Errors
/// As [`listen`], save that nothing asks for a voice.
pub fn features_for_training(channels: &[&[f32]], rate: u32) -> Result<Vec<f32>, AudioError> {
    let frames = spectrum::frames(&recording(channels, rate)?);
    Ok(features::features(&frames).concat())
}

/// A recording that is worth listening to.
fn recording<'a>(channels: &[&'a [f32]], rate: u32) -> Result<Recording<'a>, AudioError> {
    let (left, right) = match *channels {
        [mono] => (mono, mono),
        [left, right] if left.len() == right.len() => (left, right),
        _ => return Err(AudioError::BadChannels),
    };
    if !(8_000..=192_000).contains(&rate) {
        return Err(AudioError::BadRate { rate });
    }
    let seconds = left.len() as f32 / rate as f32;
    if seconds < SHORTEST {
        return Err(AudioError::TooShort);
    }
    if seconds > LONGEST {
        return Err(AudioError::TooLong { minutes: (LONGEST / 60.0) as u32 });
    }
    let recording = Recording::new(left, right, rate);
    match recording.power {
        power if !power.is_finite() => Err(AudioError::Broken),
        // -84 dBFS: the hiss of nothing.
        power if power < 4e-9 => Err(AudioError::Silent),
        _ => Ok(recording),
    }
}

fn track(scene: &Scene, heard: &mouth::Heard, seed: u32) -> Track {
    let mut channels = BTreeMap::new();
    mouth::channels(scene, heard, &mut channels);
    let head = head::motion(scene, &mut Rng::new(seed, 21));
    eyes::channels(scene, &head, &mut Rng::new(seed, 22), &mut channels);
    head::channels(head, &mut channels);
    let mut track = Track { rate: RATE, channels, words: Vec::new(), beats: scene.beats.clone(), phonemes: Vec::new() };
    track.quantise();
    track
}

/// What the visitor should know.
fn notes(scene: &Scene) -> Vec<String> {
    let mut notes = Vec::new();
    let first = scene.phrases.first().map_or(0.0, |phrase| phrase.start as f32 / RATE);
    if first > LATE {
        notes.push(format!("No singing or speech was found in the first {} s.", first as u32));
    }
    if certainty(scene) < SURE.1 {
        notes.push(
            "The voice is hard to tell from what plays along, so the mouth may follow an instrument at times."
                .to_owned(),
        );
    }
    notes
}

/// How sure it is, within what it takes for phrases, that there is a voice: the median, 0..1.
fn certainty(scene: &Scene) -> f32 {
    let voice = scene.phrases.iter().flat_map(|phrase| scene.voice[phrase.clone()].iter().copied());
    quantile(voice, 0.5)
}
