//! What tells a singer of the chorus from its neighbour: small, seeded differences, none of which a listener could name.

use super::line::Line;
use crate::clip::liveliness;
use crate::random::Rng;
use crate::song::bearing::Bearing;
use crate::song::voice::{Manner, SAMPLE_RATE};

/// A singer is early or late by at most this, seconds; and now earlier, now later than that by at most `DRIFT`. Together they
/// stay within 25 ms: choirs that are heard as one scatter by some 20 to 40 (Rasch, "Synchronization in performed
/// ensemble music", Acustica 43, 1979), and eyes do not see lips go astray by that little.
const LATE: f64 = 0.012;
const DRIFT: f64 = 0.010;
/// Seconds in which a singer's timing drifts, and steps a second in which that is kept.
const DRIFT_PERIOD: f32 = 1.6;
const DRIFT_RATE: f64 = 20.0;
/// Detuning, cents: good choirs scatter by 10 to 16 (Ternström, "Choir acoustics: an overview of scientific research
/// published to date", Int. J. of Research in Choral Singing 1, 2003).
const CENTS: f32 = 7.0;
/// Difference in loudness, dB.
const LEVEL_DB: f32 = 1.5;
/// Length of the vocal tract, and rate of the vibrato: share by which they differ.
const TRACT: f32 = 0.035;
const VIBRATO: f32 = 0.07;
/// Seconds by which the head's sway is before or behind the beat, and blinks beside the ends of phrases.
const SWAY: f64 = 0.07;
const STRAY: f32 = 0.35;
/// What makes a copy of a voice another voice: its delay wanders by this much, seconds, so its pitch by some five cents.
const WOBBLE: f32 = 0.003;
const WOBBLE_PERIOD: f32 = 1.1;

/// How a singer differs from the score.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quirks {
    pub seed: u32,
    /// Seconds.
    pub late: f64,
    /// Seconds, [`DRIFT_RATE`] a second; empty for none.
    drift: Vec<f64>,
    cents: f32,
    /// Factor on the voice.
    pub gain: f32,
    tract: f32,
    vibrato_rate: f32,
    /// Seconds.
    pub sway: f64,
    stray: f32,
    /// Factors on mouth, head, brows and smile.
    bearing: [f32; 4],
}

impl Quirks {
    /// Sings as alone: the leader does, and everybody where all are alike.
    pub(super) fn none(seed: u32) -> Quirks {
        Quirks {
            seed,
            late: 0.0,
            drift: Vec::new(),
            cents: 0.0,
            gain: 1.0,
            tract: 1.0,
            vibrato_rate: 1.0,
            sway: 0.0,
            stray: 0.0,
            bearing: [1.0; 4],
        }
    }

    /// Those of singer number `member` in a song of `duration` seconds.
    pub(super) fn of(seed: u32, member: usize, duration: f64) -> Quirks {
        if member == 0 {
            return Quirks::none(seed);
        }
        let seed = Rng::seed_of(seed, member);
        let mut rng = Rng::new(seed, 21);
        let mut about = |value: f32, width: f32| value + width * rng.signed();
        let late = f64::from(about(0.0, 1.0)) * LATE;
        let cents = about(0.0, CENTS);
        let gain = 10f32.powf(about(0.0, LEVEL_DB) / 20.0);
        let (tract, vibrato_rate) = (about(1.0, TRACT), about(1.0, VIBRATO));
        let sway = f64::from(about(0.0, 1.0)) * SWAY;
        let bearing = [about(1.0, 0.06), about(1.0, 0.2), about(1.0, 0.25), about(1.05, 0.25)];
        let count = (duration * DRIFT_RATE) as usize + 2;
        let drift = liveliness::wander(count, DRIFT_PERIOD * DRIFT_RATE as f32, &mut rng);
        let drift = drift.into_iter().map(|v| DRIFT * f64::from(v.clamp(-1.0, 1.0))).collect();
        Quirks { seed, late, drift, cents, gain, tract, vibrato_rate, sway, stray: STRAY, bearing }
    }

    /// Sings with another's sense of time but for being early or late in its own way: what a copy of a voice can do.
    pub(super) fn in_time_with(mut self, other: &Quirks) -> Quirks {
        self.drift.clone_from(&other.drift);
        self
    }

    /// When the singer does at `t` what the score says, seconds.
    pub(super) fn time(&self, t: f64) -> f64 {
        let at = (t * DRIFT_RATE).max(0.0);
        let step = |i: usize| self.drift.get(i).or(self.drift.last()).copied().unwrap_or(0.0);
        let (before, after) = (step(at as usize), step(at as usize + 1));
        t + self.late + before + (after - before) * at.fract()
    }

    /// Sings a line in this manner from `from` on, seconds; what is before stays in time, so that turns do not overlap.
    pub(super) fn apply(&self, line: &mut Line, from: f64) {
        line.retime(|t| {
            let share = ((t - from) / 0.3 + 1.0).clamp(0.0, 1.0);
            t + share * (self.time(t) - t)
        });
        line.notes.iter_mut().for_each(|note| note.pitch += self.cents / 100.0);
    }

    pub(super) fn manner(&self, usual: Manner) -> Manner {
        Manner { tract: self.tract, vibrato_rate: self.vibrato_rate, seed: self.seed, ..usual }
    }

    pub(super) fn bearing(&self, usual: &Bearing) -> Bearing {
        let [mouth, head, brows, smile] = self.bearing;
        Bearing {
            mouth: mouth * usual.mouth,
            head: head * usual.head,
            brows: brows * usual.brows,
            smile: smile * usual.smile,
            stray: self.stray,
            ..*usual
        }
    }

    /// This singer's voice made of another's: delayed by the difference between the two, and by a little more or less as time
    /// goes by, which bends its pitch.
    pub(super) fn copy(&self, voice: &[f32], other: &Quirks) -> Vec<f32> {
        let period = 480;
        let count = voice.len() / period + 2;
        let wobble =
            liveliness::wander(count, WOBBLE_PERIOD * SAMPLE_RATE / period as f32, &mut Rng::new(self.seed, 22));
        let late = (self.late - other.late) as f32;
        let sample = |i: i64| usize::try_from(i).ok().and_then(|i| voice.get(i)).copied().unwrap_or(0.0);
        (0..voice.len())
            .map(|i| {
                let (k, x) = (i / period, (i % period) as f32 / period as f32);
                let delay = (late + WOBBLE * (wobble[k] + (wobble[k + 1] - wobble[k]) * x)) * SAMPLE_RATE;
                // Counted from i, because a float cannot tell the samples of a long song apart.
                let (whole, x) = (delay.floor(), 1.0 - (delay - delay.floor()));
                let from = i as i64 - whole as i64 - 1;
                let [a, b, c, d] = [-1, 0, 1, 2].map(|step| sample(from + step));
                // Catmull-Rom: linear interpolation would take the brightness.
                b + 0.5 * x * (c - a + x * (2.0 * a - 5.0 * b + 4.0 * c - d + x * (3.0 * (b - c) + d - a)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_off_by_more_than_25_ms() {
        for member in 1..9 {
            let quirks = Quirks::of(7, member, 60.0);
            let off: Vec<f64> = (0..600).map(|i| quirks.time(f64::from(i) / 10.0) - f64::from(i) / 10.0).collect();
            assert!(off.iter().all(|off| off.abs() <= 0.025), "{member}: {off:?}");
            assert!(off.iter().any(|off| off.abs() > 0.002), "{member}: always in time");
        }
        assert_eq!(Quirks::of(7, 0, 60.0).time(3.3), 3.3);
    }

    #[test]
    fn a_copy_is_late_by_what_was_asked_for_and_in_tune() {
        // A click every second, and a steady tone.
        let (mut base, mut other) = (Quirks::none(1), Quirks::of(1, 3, 9.0));
        (base.late, other.late) = (-0.004, 0.011);
        let clicks: Vec<f32> = (0..480_000).map(|i| if i % 48_000 == 24_000 { 1.0 } else { 0.0 }).collect();
        let copied = other.copy(&clicks, &base);
        for second in 1..9 {
            let from = second * 48_000;
            let peak = (from..from + 48_000).max_by(|&a, &b| copied[a].total_cmp(&copied[b])).expect("samples");
            let late = (peak as f32 - (from + 24_000) as f32) / SAMPLE_RATE;
            assert!((late - 0.015).abs() < 0.0045, "{late}");
        }
        let tone: Vec<f32> = (0..480_000).map(|i| (i as f32 * 0.05).sin()).collect();
        let copied = other.copy(&tone, &base);
        let crossings = |s: &[f32]| s.windows(2).filter(|pair| pair[0] <= 0.0 && pair[1] > 0.0).count() as f32;
        let cents = 1200.0 * (crossings(&copied[9600..470_000]) / crossings(&tone[9600..470_000])).log2();
        assert!(cents.abs() < 3.0, "{cents}");
    }
}
