//! The vocal tract: second-order resonators in cascade for the voice, in parallel for noise made in the mouth.
//!
//! D. H. Klatt, "Software for a cascade/parallel formant synthesizer" (JASA 67, 1980).

use super::SAMPLE_RATE;
use std::f32::consts::PI;

/// Klatt's digital resonator, gain 1 at 0 Hz.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resonator {
    a: f32,
    b: f32,
    c: f32,
    y1: f32,
    y2: f32,
}

impl Resonator {
    /// Centre and bandwidth in hertz.
    pub(super) fn tune(&mut self, frequency: f32, bandwidth: f32) {
        let r = (-PI * bandwidth / SAMPLE_RATE).exp();
        self.c = -r * r;
        self.b = 2.0 * r * (2.0 * PI * frequency / SAMPLE_RATE).cos();
        self.a = 1.0 - self.b - self.c;
    }

    pub(super) fn run(&mut self, x: f32) -> f32 {
        let y = self.a * x + self.b * self.y1 + self.c * self.y2;
        self.y2 = self.y1;
        self.y1 = y;
        y
    }
}

/// A band of noise: two equal resonators in a row, each with zeros at 0 Hz and half the sample rate, so that the
/// skirts are steep enough to tell s from sh. White noise keeps its power whatever the bandwidth.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Band {
    gain: f32,
    b: f32,
    c: f32,
    /// The last two inputs and outputs of each resonator.
    stages: [([f32; 2], [f32; 2]); 2],
}

impl Band {
    /// Centre and bandwidth in hertz.
    pub(super) fn tune(&mut self, frequency: f32, bandwidth: f32) {
        let frequency = frequency.clamp(60.0, 0.45 * SAMPLE_RATE);
        let r = (-PI * bandwidth / SAMPLE_RATE).exp();
        self.c = -r * r;
        self.b = 2.0 * r * (2.0 * PI * frequency / SAMPLE_RATE).cos();
        // Gain 1 at each peak; the pair passes noise of pi/4 times the bandwidth.
        let power = (SAMPLE_RATE / 2.0 / (0.25 * PI * bandwidth)).powf(0.25);
        self.gain = power * (1.0 - r * r) / 2.0;
    }

    pub(super) fn run(&mut self, mut x: f32) -> f32 {
        for (inputs, outputs) in &mut self.stages {
            let y = self.gain * (x - inputs[1]) + self.b * outputs[0] + self.c * outputs[1];
            *inputs = [x, inputs[0]];
            *outputs = [y, outputs[0]];
            x = y;
        }
        x
    }
}

/// A zero pair and a pole pair at the same frequency: with equal bandwidths they cancel, with a wider pole a notch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notch {
    pole: Resonator,
    zero: [f32; 3],
    x: [f32; 2],
}

impl Notch {
    /// Centre in hertz and depth 0..1.
    pub(super) fn tune(&mut self, frequency: f32, depth: f32) {
        const NARROW: f32 = 120.0;
        let mut zero = Resonator::default();
        zero.tune(frequency, NARROW);
        self.zero = [1.0 / zero.a, -zero.b / zero.a, -zero.c / zero.a];
        self.pole.tune(frequency, NARROW + 700.0 * depth);
    }

    pub(super) fn run(&mut self, x: f32) -> f32 {
        let y = self.zero[0] * x + self.zero[1] * self.x[0] + self.zero[2] * self.x[1];
        self.x = [x, self.x[0]];
        self.pole.run(y)
    }
}

/// Gain of an analogue formant at a frequency, for levelling: Fant's |H| of one pole pair.
pub(in crate::song) fn formant_gain(frequency: f32, formant: f32, bandwidth: f32) -> f32 {
    let f2 = formant * formant;
    f2 / ((f2 - frequency * frequency).powi(2) + (frequency * bandwidth).powi(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain at a frequency, from the response to a sine.
    fn gain(frequency: f32, mut run: impl FnMut(f32) -> f32) -> f32 {
        let sine = |n: usize| (2.0 * PI * frequency * n as f32 / SAMPLE_RATE).sin();
        (0..9600).map(|n| run(sine(n))).skip(4800).fold(0.0, |peak, y| y.abs().max(peak))
    }

    #[test]
    fn resonators_peak_at_their_frequency() {
        let mut r = [Resonator::default(); 3];
        r.iter_mut().for_each(|r| r.tune(700.0, 80.0));
        let (below, at, above) =
            (gain(300.0, |x| r[0].run(x)), gain(700.0, |x| r[1].run(x)), gain(2000.0, |x| r[2].run(x)));
        assert!(at > 4.0 * below && at > 10.0 * above, "{below} {at} {above}");
        assert!((at / formant_gain(700.0, 700.0, 80.0) - 1.0).abs() < 0.1);
    }

    #[test]
    fn bands_keep_the_power_of_noise_and_are_steep() {
        let mut rng = crate::random::Rng::new(1, 1);
        let mut band = Band::default();
        band.tune(6300.0, 1900.0);
        let power: f32 = (0..48_000).map(|_| band.run(rng.signed())).map(|y| y * y).sum::<f32>() / 48_000.0;
        assert!((power.sqrt() / 0.577 - 1.0).abs() < 0.15, "{}", power.sqrt());
        let level = |f| {
            let mut band = Band::default();
            band.tune(6300.0, 1900.0);
            gain(f, |x| band.run(x))
        };
        assert!(level(1500.0) < 0.05 * level(6300.0));
    }

    #[test]
    fn a_notch_without_depth_changes_nothing() {
        let mut notch = Notch::default();
        notch.tune(1000.0, 0.0);
        assert!((gain(1000.0, |x| notch.run(x)) - 1.0).abs() < 0.02);
        notch.tune(1000.0, 1.0);
        assert!(gain(1000.0, |x| notch.run(x)) < 0.3);
    }
}
