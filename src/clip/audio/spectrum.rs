//! What is heard every hundredth of a second: the spectrum of what comes from the middle, its pitch, and how much is new.

use super::resample::{RATE, Recording};
use rustfft::algorithm::Radix4;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection};
use std::f32::consts::PI;

/// Frames a second.
pub(super) const FRAME_RATE: f32 = 100.0;
/// Bands of the spectrum.
pub(super) const BANDS: usize = 24;

/// Samples between frames, in a frame's window, and in its transform.
const HOP: usize = RATE as usize / FRAME_RATE as usize;
const WINDOW: usize = 512;
const SIZE: usize = 1024;
/// Edges of the bands, hertz: evenly spaced on the mel scale in between.
const LOWEST: f32 = 90.0;
const HIGHEST: f32 = 7400.0;
/// Bands of the bass: to some 300 Hz.
const BASS: usize = 3;
/// Pitches a voice can have, hertz.
const PITCHES: (f32, f32) = (70.0, 800.0);
/// Frames resampled at a time.
const BLOCK: usize = 2048;
/// Added to every power: some -110 dBFS.
const FLOOR: f32 = 1e-11;

/// One frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    /// Power in each band, dB.
    pub bands: [f32; BANDS],
    /// Power of the bands from 150 Hz to 5 kHz, where voices are, dB.
    pub level: f32,
    /// The autocorrelation's highest peak among the pitches of voices, 0..1.
    pub harmonicity: f32,
    /// Where that peak is, hertz.
    pub pitch: f32,
    /// How much louder the bands of everything (not only of the middle) are than in the frame before, dB.
    pub flux: f32,
}

/// Every frame of the recording, the first centred on its first sample.
pub(super) fn frames(recording: &Recording<'_>) -> Vec<Frame> {
    let count = recording.len() / HOP + 1;
    let mut ear = Ear::new();
    let mut frames = Vec::with_capacity(count);
    for from in (0..count).step_by(BLOCK) {
        let to = (from + BLOCK).min(count);
        let first = (from * HOP) as i64 - (WINDOW / 2) as i64;
        let last = ((to - 1) * HOP) as i64 + (WINDOW / 2) as i64;
        let samples: Vec<[f32; 2]> = (first..last).map(|at| recording.sample(at)).collect();
        frames.extend((0..to - from).map(|i| ear.hear(&samples[i * HOP..i * HOP + WINDOW])));
    }
    frames
}

/// Transforms, windows and bands.
struct Ear {
    fft: Radix4<f32>,
    window: Vec<f32>,
    /// Autocorrelation of the window, 1 at lag 0.
    window_lags: Vec<f32>,
    /// For each bin its lower band and the share of it that the next band gets.
    shares: Vec<Option<(usize, f32)>>,
    /// Everything's bands in the frame before, dB.
    before: Option<[f32; BANDS]>,
    buffer: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Ear {
    fn new() -> Ear {
        let fft = Radix4::new(SIZE, FftDirection::Forward);
        let window: Vec<f32> =
            (0..WINDOW).map(|i| 0.5 - 0.5 * (2.0 * PI * (i as f32 + 0.5) / WINDOW as f32).cos()).collect();
        let lags = |lag: usize| window.iter().zip(&window[lag..]).map(|(a, b)| a * b).sum::<f32>();
        let whole = lags(0);
        let window_lags = (0..WINDOW).map(|lag| lags(lag) / whole).collect();
        let scratch = vec![Complex::default(); fft.get_inplace_scratch_len()];
        let buffer = vec![Complex::default(); SIZE];
        Ear { fft, window, window_lags, shares: shares(), before: None, buffer, scratch }
    }

    fn hear(&mut self, samples: &[[f32; 2]]) -> Frame {
        // Middle as real part and side as imaginary part share one transform.
        self.buffer.fill(Complex::default());
        for ((value, sample), weight) in self.buffer.iter_mut().zip(samples).zip(&self.window) {
            *value = Complex::new(weight * sample[0], weight * sample[1]);
        }
        self.fft.process_with_scratch(&mut self.buffer, &mut self.scratch);
        let (mut centre, mut all) = ([FLOOR; BANDS], [FLOOR; BANDS]);
        let mut power = vec![0f32; SIZE / 2 + 1];
        for bin in 1..SIZE / 2 {
            let (a, b) = (self.buffer[bin], self.buffer[SIZE - bin].conj());
            let scale = 1.0 / (WINDOW * WINDOW) as f32;
            let middle = scale * (a + b).norm_sqr();
            let side = scale * (a - b).norm_sqr();
            // Singers stand in the middle: what differs between the channels is somebody else.
            let mask = middle / (middle + 16.0 * side + FLOOR * 1e-3);
            power[bin] = middle * mask * mask;
            if let Some((band, share)) = self.shares[bin] {
                for (bands, power) in [(&mut centre, power[bin]), (&mut all, middle + side)] {
                    bands[band] += (1.0 - share) * power;
                    if band + 1 < BANDS {
                        bands[band + 1] += share * power;
                    }
                }
            }
        }
        let (harmonicity, pitch) = self.pitch(&power);
        let level = bins(150.0)..bins(5000.0);
        let level = decibels(power[level].iter().sum::<f32>() + FLOOR);
        let all = all.map(decibels);
        let rise = |before: &[f32; BANDS]| {
            // What is 60 dB below full scale is no onset, whatever it was before.
            let rises = all.iter().zip(before).map(|(now, then)| (now.max(-75.0) - then.max(-75.0)).max(0.0));
            // The bass plays on the beat more often than anybody else.
            rises.enumerate().map(|(band, rise)| if band < BASS { 6.0 * rise } else { rise }).sum::<f32>()
        };
        let flux = self.before.as_ref().map_or(0.0, rise) / (BANDS + 5 * BASS) as f32;
        self.before = Some(all);
        Frame { bands: centre.map(decibels), level, harmonicity, pitch, flux }
    }

    /// Strength and frequency of the best pitch: P. Boersma, "Accurate short-term analysis of the fundamental frequency
    /// and the harmonics-to-noise ratio of a sampled sound" (IFA Proceedings 17, 1993): the autocorrelation over the
    /// window's own, the octave below at a small discount.
    fn pitch(&mut self, power: &[f32]) -> (f32, f32) {
        // Above 3 kHz voices are noisy, below 60 Hz rooms are.
        let band = bins(60.0)..bins(3000.0);
        for (bin, value) in self.buffer.iter_mut().enumerate() {
            let bin = bin.min(SIZE - bin);
            *value = Complex::new(if band.contains(&bin) { power[bin] } else { 0.0 }, 0.0);
        }
        self.fft.process_with_scratch(&mut self.buffer, &mut self.scratch);
        let whole = self.buffer[0].re + FLOOR;
        let lag = |hertz: f32| (RATE as f32 / hertz) as usize;
        let value = |lag: usize| self.buffer[lag].re / whole / self.window_lags[lag];
        let mut best = (0.0, lag(PITCHES.1) as f32);
        for lag in lag(PITCHES.1)..lag(PITCHES.0) {
            let [before, here, after] = [value(lag - 1), value(lag), value(lag + 1)];
            if here < before || here < after || here < best.0 - 0.1 {
                continue;
            }
            // The peak lies between samples: a parabola through three.
            let offset = 0.5 * (before - after) / (before - 2.0 * here + after).min(-1e-6);
            let place = lag as f32 + offset;
            let height =
                here - 0.25 * (before - after) * offset - 0.02 * (place * PITCHES.0 / RATE as f32 + 1.0).log2();
            if height > best.0 {
                best = (height, place);
            }
        }
        (best.0.min(1.0), RATE as f32 / best.1)
    }
}

fn bins(hertz: f32) -> usize {
    (hertz * SIZE as f32 / RATE as f32).round() as usize
}

fn decibels(power: f32) -> f32 {
    10.0 * power.log10()
}

/// Triangular bands on the mel scale (O'Shaughnessy, "Speech Communication", 1987).
fn shares() -> Vec<Option<(usize, f32)>> {
    let mel = |hertz: f32| 2595.0 * (1.0 + hertz / 700.0).log10();
    let (low, high) = (mel(LOWEST), mel(HIGHEST));
    (0..=SIZE / 2)
        .map(|bin| {
            let at = (mel(bin as f32 * RATE as f32 / SIZE as f32) - low) / (high - low) * (BANDS - 1) as f32;
            (0.0..BANDS as f32).contains(&at).then(|| (at as usize, at.fract()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(hertz: f32, pan: f32) -> Vec<Frame> {
        // A buzz of ten partials.
        let wave = |i: usize| -> f32 {
            (1..=10).map(|k| (2.0 * PI * hertz * k as f32 * i as f32 / 44_100.0).sin() / k as f32).sum::<f32>() * 0.2
        };
        let left: Vec<f32> = (0..44_100).map(wave).collect();
        let right: Vec<f32> = left.iter().map(|s| pan * s).collect();
        frames(&Recording::new(&left, &right, 44_100))
    }

    #[test]
    fn pitch_is_found() {
        for hertz in [82.4, 130.8, 220.0, 440.0, 698.5] {
            let frame = heard(hertz, 1.0)[50];
            assert!((frame.pitch / hertz - 1.0).abs() < 0.03, "{hertz} Hz heard as {}", frame.pitch);
            assert!(frame.harmonicity > 0.85, "{hertz} Hz: {}", frame.harmonicity);
        }
    }

    #[test]
    fn what_stands_aside_is_turned_down() {
        let (middle, aside) = (heard(220.0, 1.0)[50], heard(220.0, 0.2)[50]);
        assert!(middle.level - aside.level > 12.0, "{} {}", middle.level, aside.level);
    }

    #[test]
    fn onsets_stand_out() {
        let frames = heard(220.0, 1.0);
        assert!(frames[1].flux > 10.0 * frames[50].flux.max(0.1));
    }
}
