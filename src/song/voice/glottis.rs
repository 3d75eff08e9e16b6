//! The voice source: one period of glottal flow derivative after Liljencrants and Fant, as band-limited wavetables.
//!
//! G. Fant, J. Liljencrants, Q. Lin, "A four-parameter model of glottal flow" (STL-QPSR 4/1985); the shape follows from
//! one number, Rd, by the regressions of G. Fant, "The LF-model revisited" (STL-QPSR 2-3/1995): Rd 0.5 pressed,
//! 1 modal, 2.7 breathy. The tables hold sums of the pulse's own harmonics, so that nothing folds back at any pitch.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Samples a table.
const SIZE: usize = 2048;
/// Rd of each pulse shape.
const SHAPES: [f32; 4] = [0.6, 1.0, 1.6, 2.5];
/// Tables a shape: harmonics 4, 6, 8, 11, ... 256, half an octave apart.
const LEVELS: usize = 13;

/// Harmonics kept in a level.
fn harmonics(level: usize) -> usize {
    (4.0 * 2f64.powf(level as f64 / 2.0)).round() as usize
}

pub(super) struct Shape {
    levels: Vec<Vec<f32>>,
    /// Magnitude of each harmonic from the first.
    pub spectrum: Vec<f32>,
}

static TABLES: LazyLock<Vec<Shape>> = LazyLock::new(|| SHAPES.iter().map(|&rd| shape(f64::from(rd))).collect());

/// The two shapes around `rd` and the weight of the second.
fn around(rd: f32) -> (usize, f32) {
    let rd = rd.clamp(SHAPES[0], SHAPES[3]);
    let i = SHAPES.windows(2).position(|pair| rd <= pair[1]).unwrap_or(2);
    (i, (rd - SHAPES[i]) / (SHAPES[i + 1] - SHAPES[i]))
}

/// Magnitude of harmonic `k` (from 1) for a pulse of shape `rd`.
pub(super) fn harmonic(rd: f32, k: usize) -> f32 {
    let (i, weight) = around(rd);
    let at = |shape: usize| TABLES[shape].spectrum.get(k - 1).copied().unwrap_or(0.0);
    at(i) * (1.0 - weight) + at(i + 1) * weight
}

/// A pulse shape ready to be read: the tables on both sides of an Rd, at one level.
pub(super) struct Pulse {
    tables: [&'static [f32]; 2],
    weight: f32,
}

impl Pulse {
    /// The pulse of shape `rd` with no harmonic above `highest` times its pitch.
    pub(super) fn new(rd: f32, highest: f32) -> Pulse {
        let (i, weight) = around(rd);
        let level = (2.0 * (highest.max(4.0) / 4.0).log2()).floor() as usize;
        let level = level.min(LEVELS - 1);
        Pulse { tables: [&TABLES[i].levels[level], &TABLES[i + 1].levels[level]], weight }
    }

    /// The flow derivative at `phase` (periods, 0..1).
    pub(super) fn at(&self, phase: f32) -> f32 {
        let position = phase * SIZE as f32;
        let index = position as usize;
        let fraction = position - index as f32;
        let [a, b] =
            self.tables.map(|table| table[index % SIZE] * (1.0 - fraction) + table[(index + 1) % SIZE] * fraction);
        a * (1.0 - self.weight) + b * self.weight
    }
}

fn shape(rd: f64) -> Shape {
    let wave = liljencrants_fant(rd);
    let sine: Vec<f64> = (0..SIZE).map(|i| (2.0 * PI * i as f64 / SIZE as f64).sin()).collect();
    let sin = |i: usize| sine[i % SIZE];
    let cos = |i: usize| sine[(i + SIZE / 4) % SIZE];
    let most = harmonics(LEVELS - 1);
    let mut spectrum = Vec::new();
    let mut levels = Vec::new();
    let mut sum = vec![0f64; SIZE];
    for k in 1..=most {
        let (mut a, mut b) = (0.0, 0.0);
        for (n, value) in wave.iter().enumerate() {
            a += value * cos(k * n);
            b += value * sin(k * n);
        }
        (a, b) = (a * 2.0 / SIZE as f64, b * 2.0 / SIZE as f64);
        spectrum.push(a.hypot(b) as f32);
        for (n, value) in sum.iter_mut().enumerate() {
            *value += a * cos(k * n) + b * sin(k * n);
        }
        if k == harmonics(levels.len()) {
            levels.push(sum.iter().map(|v| *v as f32).collect());
        }
    }
    Shape { levels, spectrum }
}

/// One period of the LF flow derivative, its negative peak -1, sampled from the opening of the glottis.
fn liljencrants_fant(rd: f64) -> Vec<f64> {
    // Fant 1995, equations 2 to 4.
    let ra = (-1.0 + 4.8 * rd) / 100.0;
    let rk = (22.4 + 11.8 * rd) / 100.0;
    let rg = rk / (4.0 * (0.11 * rd / (0.5 + 1.2 * rk) - ra));
    let tp = 1.0 / (2.0 * rg);
    let te = (tp * (1.0 + rk)).min(0.98);
    let ta = ra.max(1e-4);
    // Return phase: epsilon * ta = 1 - exp(-epsilon * (1 - te)), by fixed-point iteration.
    let mut epsilon = 1.0 / ta;
    for _ in 0..100 {
        epsilon = (1.0 - (-epsilon * (1.0 - te)).exp()) / ta;
    }
    let returned = |t: f64| -((-epsilon * (t - te)).exp() - (-epsilon * (1.0 - te)).exp()) / (epsilon * ta);
    let omega = PI / tp;
    // E(te) = -1 fixes the scale of the open phase; sin(omega * te) is negative there since tp < te < 2 tp.
    let opened = |alpha: f64, t: f64| -(alpha * (t - te)).exp() * (omega * t).sin() / (omega * te).sin();
    let flow_derivative = |alpha: f64, t: f64| if t <= te { opened(alpha, t) } else { returned(t) };
    // The flow must be closed again at the end: alpha by bisection on the integral over the period.
    const STEPS: usize = 2000;
    let area =
        |alpha: f64| -> f64 { (0..STEPS).map(|i| flow_derivative(alpha, (i as f64 + 0.5) / STEPS as f64)).sum() };
    let (mut low, mut high) = (-60.0, 120.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        // A steeper rise (greater alpha) leaves less positive area.
        if area(middle) > 0.0 { low = middle } else { high = middle }
    }
    let alpha = (low + high) / 2.0;
    (0..SIZE).map(|i| flow_derivative(alpha, i as f64 / SIZE as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pulse_closes_and_peaks_where_it_should() {
        for rd in SHAPES {
            let wave = liljencrants_fant(f64::from(rd));
            let mean = wave.iter().sum::<f64>() / SIZE as f64;
            let lowest = wave.iter().copied().fold(0.0, f64::min);
            assert!(mean.abs() < 2e-3, "Rd {rd}: net flow {mean}");
            assert!((lowest + 1.0).abs() < 0.02, "Rd {rd}: peak {lowest}");
        }
    }

    #[test]
    fn breathier_pulses_fall_off_faster() {
        let tilt = |rd| 20.0 * (harmonic(rd, 16) / harmonic(rd, 1)).log10();
        assert!(
            tilt(0.6) > tilt(1.0) + 3.0 && tilt(1.0) > tilt(2.5) + 6.0,
            "{} {} {}",
            tilt(0.6),
            tilt(1.0),
            tilt(2.5)
        );
    }
}
