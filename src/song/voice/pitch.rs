//! The sung pitch: steps between notes made by a larynx, not a keyboard.
//!
//! Notes glide into one another within about a tenth of a second and arrive with the vowel (Sundberg 1987); vibrato
//! sets in after the onset of long notes (Prame 1994); the rest is small, slow deviation (Saitou, Unoki & Akagi,
//! "Development of an F0 control model for singing-voice synthesis", Speech Communication 46, 2005).

use super::CONTROL_RATE;
use crate::random::Rng;
use crate::song::score::SungNote;
use crate::song::timeline::Timeline;
use crate::song::voice_type::Character;

/// Seconds before and after a note's onset in which the pitch glides to it; a melisma's glide is gentler.
const GLIDE: (f64, f64) = (0.07, 0.015);
const MELISMA_GLIDE: (f64, f64) = (0.045, 0.045);
/// Seconds into a note at which vibrato sets in, and in which it grows.
const VIBRATO_ONSET: f64 = 0.3;
const VIBRATO_GROWTH: f64 = 0.4;

/// The score's pitch with its glides, and the sung pitch with vibrato and deviations; MIDI numbers a control frame.
pub(super) struct Pitch {
    pub plain: Vec<f32>,
    pub sung: Vec<f32>,
}

pub(super) fn pitch(
    notes: &[SungNote],
    timeline: &Timeline,
    character: &Character,
    vibrato: f32,
    frames: usize,
    rng: &mut Rng,
) -> Pitch {
    let mut plain = vec![notes.first().map_or(60.0, |n| n.pitch); frames];
    let frame = |t: f64| ((t * CONTROL_RATE).max(0.0) as usize).min(frames);
    for unit in &timeline.units {
        for i in unit.notes.clone() {
            let note = &notes[i];
            let first = i == unit.notes.start;
            let (before, after) = if first && unit.after_rest {
                // After a rest the larynx is set before anything sounds.
                (note.start - unit.start + 0.05, 0.0)
            } else if first {
                GLIDE
            } else {
                MELISMA_GLIDE
            };
            let (start, end) = (note.start - before, note.start + after);
            let from = plain[frame(start).min(frames.saturating_sub(1))];
            for k in frame(start)..frames {
                let x = ((k as f64 / CONTROL_RATE - start) / (end - start).max(1e-3)).clamp(0.0, 1.0) as f32;
                let way = (note.pitch - from) * x * x * (3.0 - 2.0 * x);
                // A machine runs up the keyboard instead.
                plain[k] = from + if character.machine { way.round() } else { way };
                if x >= 1.0 {
                    plain[k..].fill(note.pitch);
                    break;
                }
            }
        }
    }

    if character.machine {
        return Pitch { sung: plain.clone(), plain };
    }
    let mut depth = vec![0f32; frames];
    for note in notes {
        let length = note.end - note.start;
        if length < 0.45 {
            continue;
        }
        for (k, depth) in depth.iter_mut().enumerate().take(frame(note.end)).skip(frame(note.start + VIBRATO_ONSET)) {
            let t = k as f64 / CONTROL_RATE;
            let rise = ((t - note.start - VIBRATO_ONSET) / VIBRATO_GROWTH).min(1.0);
            // It also dies down before the next note is prepared.
            let fall = ((note.end - t) / 0.08).min(1.0);
            *depth = (rise.min(fall) as f32).max(0.0);
        }
    }
    let (rate, cents) = character.vibrato;
    let (mut phase, mut slow, mut fast) = (0f32, 0f32, 0f32);
    let sung = plain
        .iter()
        .zip(&depth)
        .map(|(plain, depth)| {
            if *depth == 0.0 {
                phase = 0.0;
            }
            slow += 0.006 * (rng.signed() - slow);
            fast += 0.15 * (rng.signed() - fast);
            phase += rate * (1.0 + 0.4 * slow) / CONTROL_RATE as f32;
            let vibrato = vibrato * cents * depth * (phase * std::f32::consts::TAU).sin();
            // Drift of about 4 cents and jitter of about 1.
            plain + (vibrato + 70.0 * slow + 5.0 * fast) / 100.0
        })
        .collect();
    Pitch { plain, sung }
}
