//! Tones built from sine partials: a soft piano, free reeds, bowed strings.
//!
//! Partials turn by complex rotation, so a partial costs four multiplications a sample.

use crate::song::score::PlayedNote;
use crate::song::voice::SAMPLE_RATE;

struct Partial {
    re: f32,
    im: f32,
    cos: f32,
    sin: f32,
}

impl Partial {
    /// `amplitude` times a sine of `hz`, times `decay` each sample.
    fn new(hz: f32, amplitude: f32, phase: f32, decay: f32) -> Partial {
        let turn = std::f32::consts::TAU * hz / SAMPLE_RATE;
        Partial {
            re: amplitude * phase.cos(),
            im: amplitude * phase.sin(),
            cos: decay * turn.cos(),
            sin: decay * turn.sin(),
        }
    }

    fn next(&mut self) -> f32 {
        let value = self.im;
        (self.re, self.im) = (self.re * self.cos - self.im * self.sin, self.re * self.sin + self.im * self.cos);
        value
    }
}

fn hz(note: &PlayedNote) -> f32 {
    440.0 * 2f32.powf((note.pitch - 69.0) / 12.0)
}

/// Runs partials through an attack and a release.
fn render(
    note: &PlayedNote,
    mut partials: Vec<Partial>,
    attack: f32,
    release: f32,
    level: f32,
    mut add: impl FnMut(usize, f32),
) {
    let start = (note.start * f64::from(SAMPLE_RATE)) as usize;
    let held = ((note.end - note.start) * f64::from(SAMPLE_RATE)) as usize;
    let attack = (attack * SAMPLE_RATE).max(1.0);
    let release = (release * SAMPLE_RATE) as usize;
    for i in 0..held + release {
        let rise = (i as f32 / attack).min(1.0);
        let fall = if i < held { 1.0 } else { 1.0 - (i - held) as f32 / release as f32 };
        let sum: f32 = partials.iter_mut().map(Partial::next).sum();
        add(start + i, level * rise * fall * fall * sum);
    }
}

/// A soft piano: inharmonic partials (stiff strings, Fletcher, Blackham & Stratton, JASA 34, 1962), higher ones
/// dying sooner, struck at an eighth of the string.
pub(super) fn piano(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    const STIFFNESS: f32 = 4e-4;
    let f0 = hz(note);
    let brightness = 0.9 + 0.7 * (1.0 - note.loudness);
    let partials = (1..=12)
        .map(|n| n as f32)
        .map(|n| (n, f0 * n * (1.0 + STIFFNESS * n * n).sqrt()))
        .filter(|(_, f)| *f < 7000.0)
        .map(|(n, f)| {
            let struck = (std::f32::consts::PI * n / 8.3).sin().abs() + 0.08;
            let seconds = (3.2 * (220.0 / f0).powf(0.45) / (1.0 + 0.28 * (n - 1.0))).max(0.12);
            let decay = 0.001f32.powf(1.0 / (seconds * SAMPLE_RATE));
            Partial::new(f, struck * n.powf(-brightness), 0.7 * n, decay)
        })
        .collect();
    render(note, partials, 0.004, 0.16, 0.35 * note.loudness, add);
}

/// Two free reeds, a few cents apart, as in an accordion's musette stop.
pub(super) fn reed(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    let f0 = hz(note);
    let partials = [(-3.0, 0.0), (4.0, 1.9)]
        .into_iter()
        .flat_map(|(cents, phase)| {
            let f0 = f0 * 2f32.powf(cents / 1200.0);
            (1..=9).map(move |n| {
                let odd = if n % 2 == 1 { 1.0 } else { 0.7 };
                (f0 * n as f32, Partial::new(f0 * n as f32, odd * (n as f32).powf(-1.05), phase * n as f32, 1.0))
            })
        })
        .filter(|(f, _)| *f < 7000.0)
        .map(|(_, partial)| partial)
        .collect();
    render(note, partials, 0.035, 0.07, 0.13 * note.loudness, add);
}

/// A small section of bowed strings: three players slightly apart.
pub(super) fn strings(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    let f0 = hz(note);
    let partials = [(-6.0, 0.3), (0.0, 2.1), (7.0, 4.4)]
        .into_iter()
        .flat_map(|(cents, phase)| {
            let f0 = f0 * 2f32.powf(cents / 1200.0);
            (1..=7).map(move |n| {
                (f0 * n as f32, Partial::new(f0 * n as f32, (n as f32).powf(-1.3), phase * n as f32, 1.0))
            })
        })
        .filter(|(f, _)| *f < 6000.0)
        .map(|(_, partial)| partial)
        .collect();
    render(note, partials, 0.09, 0.18, 0.1 * note.loudness, add);
}
