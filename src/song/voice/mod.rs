//! The singing voice: a source-filter synthesiser.
//!
//! [`segment`] turns the phoneme timeline into acoustic targets, [`control`] and [`pitch`] let them move as a body
//! does, [`glottis`] makes the pulses, [`tract`] filters them. Mono, [`SAMPLE_RATE`], deterministic for a seed.

mod control;
mod glottis;
mod pitch;
mod segment;
mod tract;

use super::Performance;
use super::bearing::Bearing;
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
    /// Factor on the rate of the vibrato.
    pub vibrato_rate: f32,
    /// Factor on the formants: above 1 a shorter vocal tract than the voice type's usual one.
    pub tract: f32,
    pub seed: u32,
}

impl Manner {
    /// How a soloist sings.
    pub(super) fn of(voice: VoiceType, language: Language, performance: &Performance, bearing: &Bearing) -> Manner {
        let vibrato = performance.vibrato * bearing.vibrato;
        let (dynamics, seed) = (bearing.dynamics, performance.seed);
        Manner { voice, language, vibrato, dynamics, vibrato_rate: 1.0, tract: 1.0, seed }
    }
}

/// Sings `duration` seconds, the loudest vowels peaking near 0.5.
pub(super) fn sing(notes: &[SungNote], timeline: &Timeline, manner: &Manner, duration: f64) -> Singing {
    let Manner { vibrato, seed, .. } = *manner;
    let mut character = manner.voice.character();
    character.scale *= manner.tract;
    character.vibrato.0 *= manner.vibrato_rate;
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
    let length = (duration * f64::from(SAMPLE_RATE)).round() as usize;
    Singing {
        samples: Vec::with_capacity(frames.len() * BLOCK),
        frames,
        alive: !character.machine,
        length,
        rng: Rng::new(seed, 2),
        cascade: Default::default(),
        nose: Notch::default(),
        mouth: Default::default(),
        phase: 0.0,
        shimmer: 0.0,
        cycle_gain: 1.0,
        dc: (0.0, 0.0),
        last_noise: 0.0,
        silence: 0,
    }
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

/// A voice being made, a piece at a time.
pub(super) struct Singing {
    frames: Vec<Frame>,
    samples: Vec<f32>,
    /// Samples in the end.
    length: usize,
    alive: bool,
    rng: Rng,
    cascade: [Resonator; FORMANTS],
    nose: Notch,
    mouth: [Band; 2],
    phase: f32,
    shimmer: f32,
    cycle_gain: f32,
    dc: (f32, f32),
    last_noise: f32,
    /// Control frames since anything sounded.
    silence: usize,
}

/// Control frames after which nothing rings any more: the narrowest resonance falls by 90 dB in a seventh of that.
const RUNG_OUT: usize = 250;

impl Singing {
    /// Seconds sung so far.
    pub(super) fn seconds(&self) -> f64 {
        (self.samples.len() / BLOCK) as f64 / CONTROL_RATE
    }

    /// Sings on for about `seconds`; whether the song is over.
    pub(super) fn advance(&mut self, seconds: f64) -> bool {
        let done = self.samples.len() / BLOCK;
        let last = self.frames.len() - 1;
        let end = done.saturating_add((seconds * CONTROL_RATE).ceil() as usize).min(last);
        for k in done..end {
            let (now, next) = (self.frames[k], self.frames[k + 1]);
            self.block(&now, &next);
        }
        end == last
    }

    /// The whole voice.
    pub(super) fn finish(mut self) -> Vec<f32> {
        while !self.advance(f64::INFINITY) {}
        self.samples.resize(self.length, 0.0);
        self.samples
    }

    fn block(&mut self, now: &Frame, next: &Frame) {
        let silent = |frame: &Frame| frame.voicing == 0.0 && frame.aspiration == 0.0 && frame.frication == 0.0;
        self.silence = if silent(now) && silent(next) { self.silence + 1 } else { 0 };
        // Who rests costs nothing but the chance that goes on, so that the same song stays the same noise.
        let asleep = self.silence > RUNG_OUT;
        if asleep {
            self.cascade = Default::default();
            (self.nose, self.mouth, self.dc) = (Notch::default(), Default::default(), (0.0, 0.0));
        } else {
            for (resonator, (f, b)) in self.cascade.iter_mut().zip(now.formants.iter().zip(&now.bandwidths)) {
                resonator.tune(*f, *b);
            }
            self.nose.tune(now.nasal_zero, now.nasal);
            for (band, (f, b)) in self.mouth.iter_mut().zip(now.noise) {
                band.tune(f, b);
            }
        }
        let hz = 440.0 * 2f32.powf((now.pitch - 69.0) / 12.0);
        let pulse = glottis::Pulse::new(now.rd, 0.42 * SAMPLE_RATE / hz);
        let bend = 2f32.powf((next.pitch - now.pitch) / 12.0) - 1.0;
        for i in 0..BLOCK {
            let x = i as f32 / BLOCK as f32;
            let mix = |a: f32, b: f32| a + (b - a) * x;
            let voicing = mix(now.voicing, next.voicing);
            self.phase += hz * (1.0 + x * bend) / SAMPLE_RATE;
            if self.phase >= 1.0 {
                self.phase -= 1.0;
                // Shimmer: each cycle a little louder or softer (some 1.5 %).
                self.shimmer += 0.5 * (self.rng.signed() - self.shimmer);
                self.cycle_gain = if self.alive { 1.0 + 0.03 * self.shimmer } else { 1.0 };
            }
            let noise = self.rng.signed();
            if asleep {
                self.last_noise = noise;
                self.samples.push(0.0);
                continue;
            }
            // While the folds vibrate, breath escapes in puffs, most while they are open.
            let puff = if voicing > 1e-4 { 0.35 + 0.65 * (std::f32::consts::PI * self.phase).sin() } else { 1.0 };
            let voice = if voicing > 1e-5 { voicing * self.cycle_gain * pulse.at(self.phase) } else { 0.0 };
            let breath = (mix(now.aspiration, next.aspiration) + 0.012 * voicing.min(1.0)) * noise * puff;
            let mut y = self.nose.run(voice + 0.2 * breath);
            for resonator in &mut self.cascade {
                y = resonator.run(y);
            }
            let hiss = mix(now.frication, next.frication) * noise;
            y += 1.7 * hiss_bands(&mut self.mouth, hiss);
            // Air: what turbulence at the folds radiates above the formants (Stevens, "Acoustic Phonetics", 1998).
            y += AIR * voicing.min(1.0) * puff * (noise - self.last_noise);
            self.last_noise = noise;
            // Resonators pass steady flow; the ear and the encoder want none of it.
            self.dc = (y, y - self.dc.0 + 0.9985 * self.dc.1);
            self.samples.push(self.dc.1);
        }
    }
}

fn hiss_bands(mouth: &mut [Band; 2], hiss: f32) -> f32 {
    mouth[0].run(hiss) + 0.5 * mouth[1].run(hiss)
}
