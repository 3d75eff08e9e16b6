//! One or two channels of any rate become middle and side at [`RATE`], a stretch at a time.
//!
//! Band-limited interpolation with a windowed sinc read from a table: J. O. Smith, "Digital Audio Resampling"
//! (ccrma.stanford.edu/~jos/resample). Stretches are independent, so that ten minutes never lie in memory twice.

use std::f32::consts::PI;

/// Samples a second of everything that listens: speech lies below half of it.
pub(super) const RATE: u32 = 16_000;

/// Zero crossings of the sinc on either side, and table steps between two of them.
const CROSSINGS: usize = 16;
const STEPS: usize = 512;
/// Where the pass band ends, as a share of the lower of the two Nyquist frequencies.
const CUTOFF: f64 = 0.94;

/// A recording as one listens to it.
pub(super) struct Recording<'a> {
    left: &'a [f32],
    right: &'a [f32],
    /// Input samples for one output sample.
    ratio: f64,
    /// Zero crossings for one input sample.
    width: f64,
    kernel: Vec<f32>,
    /// 1, or -1 where the channels are in opposite phase and their difference is the sound.
    phase: f32,
    /// Mean square of the samples; not a number if one of them is none.
    pub power: f64,
}

impl<'a> Recording<'a> {
    /// `right` is `left` for mono.
    pub(super) fn new(left: &'a [f32], right: &'a [f32], rate: u32) -> Recording<'a> {
        let ratio = f64::from(rate) / f64::from(RATE);
        let kernel = (0..=CROSSINGS * STEPS)
            .map(|i| {
                let x = i as f32 / STEPS as f32;
                let sinc = if i == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
                // Hann window.
                sinc * (0.5 + 0.5 * (PI * x / CROSSINGS as f32).cos())
            })
            .collect();
        let (mut middle, mut side) = (0f64, 0f64);
        for (l, r) in left.iter().zip(right) {
            middle += f64::from((l + r) * (l + r));
            side += f64::from((l - r) * (l - r));
        }
        let power = (middle + side) / (4 * left.len().max(1)) as f64;
        let phase = if side > 10.0 * middle { -1.0 } else { 1.0 };
        Recording { left, right, ratio, width: CUTOFF * ratio.recip().min(1.0), kernel, phase, power }
    }

    /// Samples at [`RATE`].
    pub(super) fn len(&self) -> usize {
        (self.left.len() as f64 / self.ratio) as usize
    }

    /// Middle and side `(left ± right) / 2` at sample `at` of [`RATE`]; silence beyond the ends.
    pub(super) fn sample(&self, at: i64) -> [f32; 2] {
        let centre = at as f64 * self.ratio;
        let reach = CROSSINGS as f64 / self.width;
        let from = (centre - reach).ceil().max(0.0) as usize;
        let to = ((centre + reach).floor() + 1.0).clamp(0.0, self.left.len() as f64) as usize;
        let (mut left, mut right) = (0.0, 0.0);
        for i in from..to {
            let distance = (i as f64 - centre).abs() * self.width * STEPS as f64;
            let weight = self.kernel[(distance + 0.5) as usize];
            left += weight * self.left[i];
            right += weight * self.right[i];
        }
        let scale = 0.5 * self.width as f32;
        [scale * (left + self.phase * right), scale * (left - self.phase * right)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, rate: u32) -> Vec<f32> {
        (0..rate).map(|i| (2.0 * PI * hertz * i as f32 / rate as f32).sin()).collect()
    }

    #[test]
    fn a_tone_keeps_its_shape_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 44_100, 48_000, 192_000] {
            let input = tone(440.0, rate);
            let recording = Recording::new(&input, &input, rate);
            for at in 4_000..8_000 {
                let wanted = (2.0 * PI * 440.0 * at as f32 / RATE as f32).sin();
                assert!((recording.sample(at)[0] - wanted).abs() < 0.01, "{rate} Hz");
            }
        }
    }

    #[test]
    fn what_lies_above_the_new_band_is_gone() {
        let input = tone(12_000.0, 48_000);
        let recording = Recording::new(&input, &input, 48_000);
        assert!((4_000..8_000).all(|at| recording.sample(at)[0].abs() < 0.005));
    }

    #[test]
    fn opposite_channels_are_heard_as_one() {
        let left = tone(300.0, 16_000);
        let right: Vec<f32> = left.iter().map(|s| -s).collect();
        let recording = Recording::new(&left, &right, 16_000);
        let [middle, side] = recording.sample(5_010);
        assert!((middle - left[5_010]).abs() < 0.02 && side.abs() < 1e-3);
    }
}
