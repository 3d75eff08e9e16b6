//! A score set for a performance: in the octave of the voice, transposed, at the tempo asked for, with room around it.

use super::motion;
use super::{Performance, Score, VoiceType};

/// Room for a first breath and consonant before the first note, seconds.
const LEAD_IN: f64 = 0.5;
/// Room for the last chord to ring, seconds.
const TAIL: f64 = 0.9;

/// How times and pitches of a score become those of its performance: the same for all lines that are sung together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Setting {
    stretch: f64,
    shift: f64,
    transpose: f32,
}

impl Setting {
    /// `first` is when the first note is sung, seconds on the score's clock.
    pub(super) fn new(first: f64, performance: &Performance) -> Setting {
        // What is no number asks for nothing.
        let sound = |value: f32, usual: f32| if value.is_finite() { value } else { usual };
        let stretch = 1.0 / f64::from(sound(performance.tempo, 1.0).clamp(0.5, 2.0));
        let shift = (LEAD_IN - first * stretch).max(0.0);
        Setting { stretch, shift, transpose: sound(performance.transpose, 0.0).clamp(-24.0, 24.0) }
    }

    /// The score as performed; in the octave of `voice`, where another than the score's own was asked for.
    pub(super) fn set(&self, score: &Score, voice: Option<VoiceType>) -> Score {
        let mut score = score.clone();
        if let Some(voice) = voice {
            let octaves = voice.octaves_from(score.notes.iter().map(|n| n.pitch).collect());
            score.notes.iter_mut().for_each(|n| n.pitch += 12.0 * octaves);
        }
        let time = |t: f64| t * self.stretch + self.shift;
        for note in &mut score.notes {
            (note.start, note.end, note.pitch) = (time(note.start), time(note.end), note.pitch + self.transpose);
        }
        for note in score.accompaniment.iter_mut().flat_map(|part| &mut part.notes) {
            (note.start, note.end, note.pitch) = (time(note.start), time(note.end), note.pitch + self.transpose);
        }
        score.beats.iter_mut().for_each(|beat| beat.time = time(beat.time));
        score.duration = time(score.duration);
        score
    }
}

/// Seconds that the performance of a score as [set](Setting::set) lasts: a whole number of motion samples, so that track and
/// sound end together.
pub(super) fn duration(score: &Score) -> f64 {
    ((score.duration + TAIL) * motion::RATE).ceil() / motion::RATE
}
