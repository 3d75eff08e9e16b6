//! What face and head perform to: loudness, pitch, phrases, accents and beats at the track's rate.

use super::features::loudness;
use super::signal::{both, resampled, stretches};
use super::spectrum::{FRAME_RATE, Frame};
use crate::clip::liveliness::{quantile, smooth};
use std::ops::Range;

/// Samples of the track a second.
pub(super) const RATE: f32 = 60.0;

/// Pauses shorter than this do not end a phrase, and sounds shorter than this are none, seconds.
const PAUSE: f32 = 0.3;
const SOUND: f32 = 0.15;
/// The least time between two accents, seconds.
const ACCENT_GAP: f32 = 0.4;

/// One performance, at [`RATE`].
pub(super) struct Scene {
    /// Number of samples.
    pub count: usize,
    /// Liveliness, 1 usual.
    pub life: f32,
    /// Loudness of the voice, 0..1.2: 1 is loud for this recording.
    pub loudness: Vec<f32>,
    /// How sure it is that somebody sings or speaks, 0..1.
    pub voice: Vec<f32>,
    /// Pitch against the recording's usual one, semitones, held through what has none.
    pub pitch: Vec<f32>,
    /// What is sung or spoken in one breath, in samples.
    pub phrases: Vec<Range<usize>>,
    /// Samples at which loud or high syllables peak.
    pub accents: Vec<usize>,
    /// Times of the beats, seconds.
    pub beats: Vec<f32>,
}

impl Scene {
    /// `voice` is one value a frame, 0..1.
    pub(super) fn new(frames: &[Frame], voice: &[f32], beats: Vec<f32>, life: f32) -> Scene {
        let seconds = frames.len().saturating_sub(1) as f32 / FRAME_RATE;
        let count = (seconds * RATE) as usize + 1;
        let at_rate = |values: &[f32]| resampled(values, FRAME_RATE, RATE, count);
        let loud = loudness(frames);
        // Loudness in sones doubles every 10 dB (Stevens, JASA 27, 1955).
        let sones: Vec<f32> = frames
            .iter()
            .zip(voice)
            .map(|(frame, voice)| voice * 2f32.powf((frame.level - loud) / 10.0).min(1.2))
            .collect();
        let loudness = at_rate(&smooth(&sones, 2.0));
        let voice = at_rate(&smooth(voice, 1.5));
        let pitch = smooth(&at_rate(&pitch(frames, &voice_at(frames, &voice))), 4.0);
        let phrases = phrases(&voice);
        let accents = accents(&loudness, &pitch);
        Scene { count, life, loudness, voice, pitch, phrases, accents, beats }
    }
}

/// The voice read back at the frames' rate.
fn voice_at(frames: &[Frame], voice: &[f32]) -> Vec<f32> {
    resampled(voice, RATE, FRAME_RATE, frames.len())
}

fn pitch(frames: &[Frame], voice: &[f32]) -> Vec<f32> {
    let sung = |i: usize| voice[i] > 0.5 && frames[i].harmonicity > 0.6;
    let semitones = |i: usize| 12.0 * frames[i].pitch.log2();
    let usual = quantile((0..frames.len()).filter(|&i| sung(i)).map(semitones), 0.5);
    let mut held = 0.0;
    (0..frames.len())
        .map(|i| {
            // What is further than an octave and a half off is a mistaken octave or another instrument.
            let here = semitones(i) - usual;
            if sung(i) && here.abs() < 18.0 {
                held += 0.3 * (here - held);
            }
            held
        })
        .collect()
}

fn phrases(voice: &[f32]) -> Vec<Range<usize>> {
    let mut phrases: Vec<Range<usize>> = Vec::new();
    for sound in stretches(voice, |v| v > 0.5) {
        match phrases.last_mut() {
            Some(last) if ((sound.start - last.end) as f32) < PAUSE * RATE => last.end = sound.end,
            _ => phrases.push(sound),
        }
    }
    phrases.retain(|phrase| phrase.len() as f32 > SOUND * RATE);
    phrases
}

/// Peaks of loudness and pitch that stand out from the two seconds around them.
fn accents(loudness: &[f32], pitch: &[f32]) -> Vec<usize> {
    let stress = both(loudness, pitch, &|l, p| l * (1.0 + 0.05 * p.clamp(-6.0, 8.0)));
    let (near, far) = (smooth(&stress, 2.0), smooth(&stress, 0.5 * RATE));
    let gap = (ACCENT_GAP * RATE) as usize;
    let mut accents: Vec<usize> = Vec::new();
    for i in 1..near.len().saturating_sub(1) {
        let peak = near[i] >= near[i - 1] && near[i] > near[i + 1] && near[i] > 0.2 + far[i];
        if !peak {
            continue;
        }
        match accents.last_mut() {
            Some(last) if i - *last < gap => {
                if near[i] > near[*last] {
                    *last = i;
                }
            }
            _ => accents.push(i),
        }
    }
    accents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_pauses_do_not_end_a_phrase() {
        let mut voice = vec![0.0f32; 600];
        for range in [60..120, 130..200, 300..304, 400..460] {
            voice[range].fill(0.9);
        }
        assert_eq!(phrases(&voice), [60..200, 400..460]);
    }

    #[test]
    fn accents_are_the_loudest_syllables() {
        let syllable = |i: usize| 0.5 - 0.5 * (i as f32 / 15.0 * std::f32::consts::TAU).cos();
        let strength = |i: usize| if (i / 15) % 4 == 1 { 1.0 } else { 0.45 };
        let loudness: Vec<f32> = (0..600).map(|i| strength(i) * syllable(i)).collect();
        let accents = accents(&loudness, &vec![0.0; 600]);
        assert_eq!(accents.len(), 10);
        assert!(accents.iter().all(|i| (i / 15) % 4 == 1), "{accents:?}");
    }
}
