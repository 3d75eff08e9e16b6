//! Control frames: every parameter of the synthesiser as it moves, 500 times a second.

use super::segment::{Segment, segments};
use super::{CONTROL_RATE, Manner, glottis, tract};
use crate::song::score::SungNote;
use crate::song::timeline::Timeline;
use crate::song::voice_type::Character;
use crate::song::words::Noise;

/// Formants of the cascade: F1 to F5 and three that stand for the rest of the tract's.
pub(super) const FORMANTS: usize = 8;

/// The synthesiser's settings at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Frame {
    /// MIDI number.
    pub pitch: f32,
    /// Amplitudes.
    pub voicing: f32,
    pub aspiration: f32,
    pub frication: f32,
    pub formants: [f32; FORMANTS],
    pub bandwidths: [f32; FORMANTS],
    pub nasal: f32,
    pub nasal_zero: f32,
    /// Centre and bandwidth of the two bands of mouth noise.
    pub noise: [(f32, f32); 2],
    /// Shape of the glottal pulse (Rd).
    pub rd: f32,
}

/// Everything but the pitch.
pub(super) fn frames(
    notes: &[SungNote],
    timeline: &Timeline,
    character: &Character,
    manner: &Manner,
    plain_pitch: &[f32],
) -> Vec<Frame> {
    let count = plain_pitch.len();
    let segments = segments(timeline, manner.language);
    let moves = Moves { segments: &segments, count };
    // Amplitudes change within some milliseconds; a vowel after or before silence swells and fades.
    let amplitude = |from: &Segment, to: &Segment| match (from.silent, to.silent) {
        (true, _) if to.vowel => (0.0, 0.05),
        (_, true) => (0.05, 0.05),
        _ => (0.007, 0.007),
    };
    let quick = |_: &Segment, _: &Segment| (0.003, 0.003);
    let approach = |from: &Segment, to: &Segment| {
        (to.approach.0.max(if from.vowel { 0.0 } else { 0.004 }), to.approach.1.max(0.002))
    };
    let formant = |i: usize| moves.glide(|s| s.formants[i], approach);
    let [f1, f2, f3] = [formant(0), formant(1), formant(2)];
    // The voice is levelled by its vowels alone: consonants are softer because the mouth is narrower.
    let level_width =
        |from: &Segment, to: &Segment| if from.vowel && to.vowel { approach(from, to) } else { (0.03, 0.04) };
    let level = |i: usize| moves.glide(|s| s.level_formants[i], level_width);
    let [l1, l2, l3] = [level(0), level(1), level(2)];
    let voicing = moves.glide(|s| s.voicing, amplitude);
    let aspiration = moves.glide(|s| s.aspiration, amplitude);
    let frication = moves.glide(|s| s.frication, quick);
    let nasal = moves.glide(|s| s.nasal, |_, _| (0.03, 0.02));
    let nasal_zero = moves.glide(|s| s.nasal_zero, approach);
    let noise: [fn(&Noise) -> f32; 4] = [|n| n.main.0, |n| n.main.1, |n| n.second.0, |n| n.second.1];
    let [n0, n1, n2, n3] = noise.map(|part| moves.glide(|s| part(&s.noise), quick));
    let loudness = loudness(notes, timeline, manner.dynamics, count);

    (0..count)
        .map(|k| {
            let hz = 440.0 * 2f32.powf((plain_pitch[k] - 69.0) / 12.0);
            let (formants, bandwidths) = tract_of(character, [f1[k], f2[k], f3[k]], hz, nasal[k]);
            // Louder singing closes the glottis faster.
            let rd = 1.75 - 0.95 * loudness[k].clamp(0.0, 1.0);
            let level = 10f32.powf((loudness[k] - 1.0) * 16.0 / 20.0);
            let (open, wide) = tract_of(character, [l1[k], l2[k], l3[k]], hz, 0.0);
            let gain = level / unlevelled(hz, &open, &wide, rd);
            Frame {
                pitch: 0.0,
                voicing: voicing[k] * gain,
                aspiration: aspiration[k] * level,
                frication: frication[k] * (0.35 + 0.65 * level),
                formants,
                bandwidths,
                nasal: nasal[k],
                nasal_zero: nasal_zero[k] * character.scale,
                noise: [(n0[k], n1[k]), (n2[k], n3[k])],
                rd,
            }
        })
        .collect()
}

struct Moves<'a> {
    segments: &'a [Segment],
    count: usize,
}

impl Moves<'_> {
    /// One parameter over time: each segment's target, with a smooth step at each boundary. `width` says how many
    /// seconds before and after the boundary the step takes.
    fn glide(&self, target: impl Fn(&Segment) -> f32, width: impl Fn(&Segment, &Segment) -> (f64, f64)) -> Vec<f32> {
        let mut values = vec![self.segments.first().map_or(0.0, &target); self.count];
        for pair in self.segments.windows(2) {
            let (from, to) = (&pair[0], &pair[1]);
            let (before, after) = width(from, to);
            // A step never reaches further back than half of the segment it leaves.
            let before = before.min(0.5 * (from.end - from.start));
            let start = to.start - before;
            let value = target(to);
            let first = ((start * CONTROL_RATE).ceil().max(0.0) as usize).min(self.count);
            // Filling on to the next boundary's reach is enough; it overwrites what follows.
            let last = (((to.end + 0.3) * CONTROL_RATE).min(self.count as f64)) as usize;
            for (k, slot) in values.iter_mut().enumerate().take(last).skip(first) {
                let x = ((k as f64 / CONTROL_RATE - start) / (before + after).max(1e-4)).min(1.0) as f32;
                let s = x * x * (3.0 - 2.0 * x);
                *slot += (value - *slot) * s;
            }
        }
        values
    }
}

/// The cascade's formants and bandwidths in hertz for a speaker's F1 to F3, sung by this voice at this pitch.
fn tract_of(character: &Character, [f1, f2, f3]: [f32; 3], hz: f32, nasal: f32) -> ([f32; FORMANTS], [f32; FORMANTS]) {
    let (pull, cluster) = character.cluster;
    let f2 = f2 * character.scale;
    let f3 = f3 * character.scale;
    let f3 = f3 + pull * (cluster.max(f2 + 350.0) - f3);
    // Above the first formant singers open the jaw so that it follows the pitch (Sundberg, JASA 58, 1975, suppl.).
    let f1 = (f1 * character.scale).max(hz * 1.02);
    let f2 = f2.max(f1 + 250.0);
    let f3 = f3.max(f2 + 200.0);
    let f4 = character.upper[0].max(f3 + 200.0);
    let f5 = character.upper[1].max(f4 + 250.0);
    let step = 1050.0 * character.scale;
    let formants = [f1, f2, f3, f4, f5, f5 + step, f5 + 2.0 * step, f5 + 3.1 * step];
    // Bandwidths rise with frequency (Fant 1972); with the pitch too, lest single harmonics ring as they cross a peak.
    // Wider than a speaker's by a third, so that the gaps between a high voice's harmonics show the formants too.
    let wide = 1.35 * (1.0 + 0.6 * nasal);
    let b1 = (55.0 + 0.10 * hz + 0.03 * f1) * wide;
    let narrow = 1.0 - 0.35 * pull;
    let bandwidths = [b1, 85.0 * wide, 125.0 * narrow * wide, 170.0 * narrow * wide, 230.0 * wide, 350.0, 450.0, 550.0];
    (formants, bandwidths)
}

/// Level of a voice with gain 1: what the pulse's harmonics sum to behind the formants. The ear weighs the range of
/// the second and third formant more, so those harmonics count somewhat more.
fn unlevelled(hz: f32, formants: &[f32; FORMANTS], bandwidths: &[f32; FORMANTS], rd: f32) -> f32 {
    let highest = ((5000.0 / hz) as usize).clamp(4, 40);
    let power: f32 = (1..=highest)
        .map(|k| {
            let f = hz * k as f32;
            let through: f32 = (0..5).map(|i| tract::formant_gain(f, formants[i], bandwidths[i])).product();
            let weight = 0.7 + (f / 1000.0).min(1.8);
            (glottis::harmonic(rd, k) * through * weight).powi(2)
        })
        .sum();
    // Open vowels stay some decibels louder than close ones (Lehiste & Peterson, JASA 31, 1959).
    let openness = ((formants[0] - 480.0) / 300.0).clamp(-1.0, 1.0);
    power.sqrt().max(1e-4) * 10f32.powf(-2.5 * openness / 20.0)
}

/// Loudness over time, 0..1: the score's dynamics, a swell on long notes, an arch over each phrase.
fn loudness(notes: &[SungNote], timeline: &Timeline, dynamics: f32, count: usize) -> Vec<f32> {
    let usual = notes.iter().map(|n| n.loudness).sum::<f32>() / notes.len().max(1) as f32;
    let mut target = vec![0f32; count];
    let mut phrase_start = 0;
    let units = &timeline.units;
    for (i, unit) in units.iter().enumerate() {
        if unit.after_rest {
            phrase_start = i;
        }
        let phrase_end = units[i..].iter().position(|u| u.before_rest).map_or(units.len() - 1, |n| i + n);
        let (from, to) = (units[phrase_start].start, units[phrase_end].end);
        for note in &notes[unit.notes.clone()] {
            let length = note.end - note.start;
            let first = (((note.start.min(unit.start)) * CONTROL_RATE) as usize).min(count);
            let last = ((note.end.max(unit.end) + 0.2) * CONTROL_RATE) as usize;
            for (k, slot) in target.iter_mut().enumerate().take(last).skip(first) {
                let t = k as f64 / CONTROL_RATE;
                let within = ((t - note.start) / length.max(1e-3)).clamp(0.0, 1.0);
                // Long notes grow and fade (messa di voce), the more the longer.
                let reach = ((length - 0.5) / 1.2).clamp(0.0, 1.0);
                let swell = reach * ((within * std::f64::consts::PI).sin() * 0.2 - 0.09);
                let through = ((t - from) / (to - from).max(1e-3)).clamp(0.0, 1.0);
                let arch = (through * std::f64::consts::PI).sin() * 0.08 - 0.05;
                let accent = if note.accent { 0.05 } else { 0.0 };
                *slot = usual + dynamics * (note.loudness - usual + (swell + arch) as f32 + accent);
            }
        }
    }
    // Muscles, not switches: 40 ms either way.
    let rate = 1.0 - (-1.0 / (0.04 * CONTROL_RATE as f32)).exp();
    let mut level = target.iter().copied().find(|v| *v > 0.0).unwrap_or(0.6);
    for value in &mut target {
        if *value == 0.0 {
            *value = level;
        }
        level += rate * (*value - level);
        *value = level;
    }
    target
}
