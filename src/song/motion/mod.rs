//! The motion track of a song: mouth from the phonemes, eyes, brows and head from beats, accents and phrases.
//!
//! [`viseme`] says what shape a phoneme gives the mouth, [`mouth`] blends the shapes, [`eyes`] blinks and looks,
//! [`head`] sways. 60 samples a second; the same seed gives the same track.
//!
//! Beside ARKit's coefficients, head and gaze a song's track has `tongueUp`, 0..1: the tip of the tongue raised to the
//! upper teeth or the ridge behind them (l, n, t, d 1; r, s, ʃ less); with `tongueOut` it lies between the teeth (θ, ð).
//! Readers that do not know it leave it out.

mod eyes;
mod head;
mod mouth;
mod viseme;

use super::bearing::Bearing;
use super::score::Score;
use super::timeline::Timeline;
use super::voice::SAMPLE_RATE;
use crate::clip::{Phoneme, Track, Word};
use crate::random::Rng;
use std::collections::BTreeMap;

/// Samples a second.
pub(super) const RATE: f64 = 60.0;

/// What all the body's parts look at.
struct Scene<'a> {
    score: &'a Score,
    timeline: &'a Timeline,
    /// The voice's loudness a sample, 0..1: 1 is the song's usual full vowel.
    envelope: Vec<f32>,
    /// Number of samples.
    count: usize,
    bearing: Bearing,
}

impl Scene<'_> {
    /// Seconds of sample `i`.
    fn time(i: usize) -> f64 {
        i as f64 / RATE
    }

    /// A curve sampled.
    fn curve(&self, f: impl Fn(f64) -> f32) -> Vec<f32> {
        (0..self.count).map(|i| f(Self::time(i))).collect()
    }
}

/// The track of a performance whose dry voice is `voice`; it lasts `duration` seconds, a whole number of samples.
pub(super) fn track(
    score: &Score,
    timeline: &Timeline,
    voice: &[f32],
    duration: f64,
    bearing: Bearing,
    seed: u32,
) -> Track {
    let count = (duration * RATE).round() as usize + 1;
    let scene = Scene { score, timeline, envelope: envelope(voice, count), count, bearing };
    let mut channels: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    let mut add = |name: &str, samples: Vec<f32>| {
        channels.insert(name.to_owned(), samples);
    };
    mouth::channels(&scene, &mut add);
    let head = head::motion(&scene, &mut Rng::new(seed, 11));
    eyes::channels(&scene, &head, &mut Rng::new(seed, 12), &mut add);
    head::channels(head, &mut add);
    let mut track = Track {
        rate: RATE as f32,
        channels,
        words: words(timeline),
        beats: score.beats.iter().map(|beat| beat.time as f32).collect(),
        phonemes: timeline
            .phones
            .iter()
            .map(|p| Phoneme { symbol: p.phone.symbol(), start: p.start as f32, end: p.end as f32 })
            .collect(),
    };
    track.quantise();
    track
}

/// The words as sung.
pub(super) fn words(timeline: &Timeline) -> Vec<Word> {
    let spoken = timeline.units.iter().filter(|unit| !unit.text.is_empty());
    spoken.map(|unit| Word { text: unit.text.clone(), start: unit.start as f32, end: unit.end as f32 }).collect()
}

/// RMS of the voice around each motion sample, compressed as the ear does, against the song's loud vowels.
fn envelope(voice: &[f32], count: usize) -> Vec<f32> {
    let step = f64::from(SAMPLE_RATE) / RATE;
    let half = 600_i64;
    let mut rms: Vec<f32> = (0..count)
        .map(|i| {
            let centre = (i as f64 * step) as i64;
            let from = (centre - half).clamp(0, voice.len() as i64) as usize;
            let to = (centre + half).clamp(0, voice.len() as i64) as usize;
            let window = &voice[from..to];
            (window.iter().map(|s| s * s).sum::<f32>() / window.len().max(1) as f32).sqrt()
        })
        .collect();
    let mut sorted = rms.clone();
    sorted.sort_by(f32::total_cmp);
    let loud = sorted[sorted.len() * 9 / 10].max(1e-6);
    rms.iter_mut().for_each(|v| *v = (*v / loud).min(1.2).powf(0.6));
    rms
}
