//! The singing voice: a source-filter synthesiser.
//!
//! [`segment`] turns the phoneme timeline into acoustic targets, [`control`] and [`pitch`] let them move as a body
//! does, [`glottis`] makes the pulses, [`tract`] filters them. Mono, [`SAMPLE_RATE`], deterministic for a seed.

mod control;
mod glottis;
mod pitch;
mod segment;
mod tract;

use super::score::SungNote;
use super::timeline::Timeline;
use super::voice_type::VoiceType;
use super::words::Language;
use crate::random::Rng;
use control::{FORMANTS, Frame};
use tract::{Band, Notch, Resonator};

pub(super) use tract::formant_gain;

/// Samples a second, as every browser's encoder takes.
pub(super) const SAMPLE_RATE: f32 = 48_000.0;
/// Control frames a second.
const CONTROL_RATE: f64 = 500.0;
/// Samples a control frame.
const BLOCK: usize = 96;
/// Level of the air above the formants against the pulse.
const AIR: f32 = 0.012;

/// Who sings, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Manner {
    pub voice: VoiceType,
    pub language: Language,
    /// Depth of the vibrato, 1 the voice type's usual one.
    pub vibrato: f32,
    /// Range of loudness, 1 as the score asks.
    pub dynamics: f32,
    pub seed: u32,
}

/// Sings. Returns `duration` seconds of samples, the loudest vowels peaking near 0.5.
pub(super) fn sing(notes: &[SungNote], timeline: &Timeline, manner: &Manner, duration: f64) -> Vec<f32> {
    let Manner { vibrato, seed, .. } = *manner;
    let character = manner.voice.character();
    let count = (duration * CONTROL_RATE).ceil() as usize + 1;
    let pitch = pitch::pitch(notes, timeline, &character, vibrato, count, &mut Rng::new(seed, 1));
    let mut frames = control::frames(notes, timeline, &character, manner, &pitch.plain);
    for (frame, pitch) in frames.iter_mut().zip(&pitch.sung) {
        frame.pitch = *pitch;
    }
    add_breaths(&mut frames, timeline);
    if character.machine {
        step(&mut frames);
    }
    let mut samples = render(&frames, !character.machine, seed);
    samples.resize((duration * f64::from(SAMPLE_RATE)).round() as usize, 0.0);
    samples
}

/// Breath drawn in: noise through an open tract, swelling to the end.
fn add_breaths(frames: &mut [Frame], timeline: &Timeline) {
    for &(start, end) in &timeline.breaths {
        let first = (start * CONTROL_RATE).max(0.0) as usize;
        let last = ((end * CONTROL_RATE) as usize).min(frames.len());
        for (k, frame) in frames.iter_mut().enumerate().take(last).skip(first) {
            let x = (k - first) as f32 / (last - first).max(1) as f32;
            frame.aspiration += 0.045 * (x * std::f32::consts::PI).sin() * (0.4 + x);
        }
    }
}

/// A machine holds its mouth for a moment at a time, and its larynx always the same.
fn step(frames: &mut [Frame]) {
    const HELD: usize = 16;
    for held in frames.chunks_mut(HELD) {
        let Frame { formants, bandwidths, .. } = held[0];
        for frame in held {
            (frame.formants, frame.bandwidths, frame.rd) = (formants, bandwidths, 0.8);
        }
    }
}

fn render(frames: &[Frame], alive: bool, seed: u32) -> Vec<f32> {
    let mut rng = Rng::new(seed, 2);
    let mut samples = Vec::with_capacity(frames.len() * BLOCK);
    let mut cascade = [Resonator::default(); FORMANTS];
    let mut nose = Notch::default();
    let mut mouth = [Band::default(); 2];
    let (mut phase, mut shimmer, mut cycle_gain) = (0f32, 0f32, 1f32);
    let mut dc = (0f32, 0f32);
    let mut last_noise = 0f32;
    for pair in frames.windows(2) {
        let (now, next) = (&pair[0], &pair[1]);
        for (resonator, (f, b)) in cascade.iter_mut().zip(now.formants.iter().zip(&now.bandwidths)) {
            resonator.tune(*f, *b);
        }
        nose.tune(now.nasal_zero, now.nasal);
        for (band, (f, b)) in mouth.iter_mut().zip(now.noise) {
            band.tune(f, b);
        }
        let hz = 440.0 * 2f32.powf((now.pitch - 69.0) / 12.0);
        let pulse = glottis::Pulse::new(now.rd, 0.42 * SAMPLE_RATE / hz);
        let bend = 2f32.powf((next.pitch - now.pitch) / 12.0) - 1.0;
        for i in 0..BLOCK {
            let x = i as f32 / BLOCK as f32;
            let mix = |a: f32, b: f32| a + (b - a) * x;
            let voicing = mix(now.voicing, next.voicing);
            phase += hz * (1.0 + x * bend) / SAMPLE_RATE;
            if phase >= 1.0 {
                phase -= 1.0;
                // Shimmer: each cycle a little louder or softer (some 1.5 %).
                shimmer += 0.5 * (rng.signed() - shimmer);
                cycle_gain = if alive { 1.0 + 0.03 * shimmer } else { 1.0 };
            }
            let noise = rng.signed();
            // While the folds vibrate, breath escapes in puffs, most while they are open.
            let puff = if voicing > 1e-4 { 0.35 + 0.65 * (std::f32::consts::PI * phase).sin() } else { 1.0 };
            let voice = if voicing > 1e-5 { voicing * cycle_gain * pulse.at(phase) } else { 0.0 };
            let breath = (mix(now.aspiration, next.aspiration) + 0.012 * voicing.min(1.0)) * noise * puff;
            let mut y = nose.run(voice + 0.2 * breath);
            for resonator in &mut cascade {
                y = resonator.run(y);
            }
            let hiss = mix(now.frication, next.frication) * noise;
            y += 1.7 * hiss_bands(&mut mouth, hiss);
            // Air: what turbulence at the folds radiates above the formants (Stevens, "Acoustic Phonetics", 1998).
            y += AIR * voicing.min(1.0) * puff * (noise - last_noise);
            last_noise = noise;
            // Resonators pass steady flow; the ear and the encoder want none of it.
            dc = (y, y - dc.0 + 0.9985 * dc.1);
            samples.push(dc.1);
        }
    }
    samples
}

fn hiss_bands(mouth: &mut [Band; 2], hiss: f32) -> f32 {
    mouth[0].run(hiss) + 0.5 * mouth[1].run(hiss)
}
