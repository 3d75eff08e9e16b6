//! Tones built from sine partials: a soft piano, free reeds, organ pipes, bowed strings, flutes, bells, a choir.
//!
//! Partials turn by complex rotation, so a partial costs four multiplications a sample.

use crate::song::score::PlayedNote;
use crate::song::voice::{SAMPLE_RATE, formant_gain};

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

/// Organ pipes: principals at 8', 4', 2 2/3' and 2' (the drawbars of a plenum), steady and even.
pub(super) fn organ(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    let stops = [(1.0, 1.0), (2.0, 0.55), (3.0, 0.3), (4.0, 0.25), (6.0, 0.1), (8.0, 0.06)];
    render(note, steady(hz(note), 0.0, &stops), 0.03, 0.12, 0.16 * note.loudness, add);
}

/// A flute: nearly a sine (Fletcher & Rossing, "The Physics of Musical Instruments", 1998, ch. 16).
pub(super) fn flute(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    // Two players a hair apart beat slowly, as one player's breath does.
    let partials = [(1.0, 1.0), (2.0, 0.28), (3.0, 0.1), (4.0, 0.03)];
    let mut both = steady(hz(note), -1.5, &partials);
    both.extend(steady(hz(note), 1.5, &partials));
    render(note, both, 0.06, 0.09, 0.16 * note.loudness, add);
}

/// Struck bars: the modes of a free bar (Fletcher & Rossing 1998, ch. 19), high ones dying at once.
pub(super) fn bells(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    let f0 = hz(note);
    let partials = [(1.0, 1.0, 1.6), (2.756, 0.35, 0.5), (5.404, 0.18, 0.2)]
        .into_iter()
        .map(|(ratio, level, seconds)| (f0 * ratio, level, seconds * (880.0 / f0).sqrt().min(2.0)))
        .filter(|(f, _, _)| *f < 12_000.0)
        .map(|(f, level, seconds)| Partial::new(f, level, 0.0, 0.001f32.powf(1.0 / (seconds * SAMPLE_RATE))))
        .collect();
    render(note, partials, 0.002, 0.4, 0.35 * note.loudness, add);
}

/// Singers on "ooh": five voices some cents apart, a glottal slope through the formants of u (Peterson & Barney 1952,
/// women).
pub(super) fn choir(note: &PlayedNote, add: impl FnMut(usize, f32)) {
    let f0 = hz(note);
    let through = |f: f32| formant_gain(f, 370.0_f32.max(f0), 110.0) * formant_gain(f, 950.0_f32.max(1.5 * f0), 140.0);
    let partials: Vec<(f32, f32)> =
        (1..=8).map(|n| n as f32).map(|n| (n, n.powf(-1.6) * through(f0 * n) / through(f0))).collect();
    let singers = [-11.0, -5.0, 0.0, 6.0, 10.0].into_iter().flat_map(|cents| steady(f0, cents, &partials)).collect();
    render(note, singers, 0.14, 0.28, 0.07 * note.loudness, add);
}

/// Partials (ratio, level) that do not decay, `cents` off, each at its own phase.
fn steady(f0: f32, cents: f32, partials: &[(f32, f32)]) -> Vec<Partial> {
    let f0 = f0 * 2f32.powf(cents / 1200.0);
    let heard = partials.iter().filter(|(ratio, _)| f0 * ratio < 7000.0);
    heard.map(|(ratio, level)| Partial::new(f0 * ratio, *level, cents + 2.4 * ratio, 1.0)).collect()
}
