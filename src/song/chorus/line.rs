//! What one singer of the chorus sings: some of the phrases of a line, perhaps a little early or late.

use crate::song::Score;
use crate::song::score::SungNote;
use crate::song::timeline::{TimedPhone, Timeline, Unit};

/// Rests shorter than this do not end a stretch of singing, seconds.
const PAUSE: f64 = 0.5;
/// The breath before an entry that the whole line has no rest for: its start and end before the first sound, seconds.
const BREATH: (f64, f64) = (0.45, 0.04);

/// Notes with their phonemes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub notes: Vec<SungNote>,
    pub timeline: Timeline,
}

impl Line {
    /// What singer number `k` of `count` sings of this line of `score` by turns, every so many phrases one, and when all
    /// join in, seconds: at the last phrase.
    pub(super) fn turns(&self, score: &Score, k: usize, count: usize) -> (Line, f64) {
        let phrases = score.phrases();
        let phrase: Vec<usize> =
            phrases.iter().enumerate().flat_map(|(i, notes)| notes.clone().map(move |_| i)).collect();
        let last = |unit: &Unit| phrase[unit.notes.start] + 1 == phrases.len();
        let together = self.timeline.units.iter().find(|unit| last(unit)).map_or(0.0, |unit| unit.start);
        (self.only(|unit| last(unit) || phrase[unit.notes.start] % count == k), together)
    }

    /// Only those units for which `keep` says so; through the others the singer rests.
    ///
    /// Phonemes keep the times that they have in the whole line, where the end of one phrase leaves room for the consonants
    /// of the next: so those who take over from one another never sound at once.
    fn only(&self, keep: impl Fn(&Unit) -> bool) -> Line {
        let units = &self.timeline.units;
        let kept: Vec<bool> = units.iter().map(keep).collect();
        let mut line = Line { notes: Vec::new(), timeline: Timeline::default() };
        // New number of each unit.
        let mut numbers = vec![0; units.len()];
        for (i, unit) in units.iter().enumerate().filter(|(i, _)| kept[*i]) {
            numbers[i] = line.timeline.units.len();
            let from = line.notes.len();
            line.notes.extend_from_slice(&self.notes[unit.notes.clone()]);
            let enters = i == 0 || !kept[i - 1];
            let leaves = kept.get(i + 1) != Some(&true);
            if enters && i > 0 && !unit.after_rest {
                let start = (unit.start - BREATH.0).max(0.0);
                line.timeline.breaths.push((start, (unit.start - BREATH.1).max(start)));
            } else if unit.after_rest {
                // The breath that ends just before it.
                let breaths = self.timeline.breaths.iter();
                line.timeline.breaths.extend(breaths.filter(|b| (b.1 - unit.start).abs() < 0.1));
            }
            line.timeline.units.push(Unit {
                notes: from..line.notes.len(),
                after_rest: unit.after_rest || enters,
                before_rest: unit.before_rest || leaves,
                ..unit.clone()
            });
        }
        let phones = self.timeline.phones.iter().filter(|phone| kept[phone.unit]);
        line.timeline.phones = phones.map(|phone| TimedPhone { unit: numbers[phone.unit], ..*phone }).collect();
        line
    }

    /// Moves everything to another time; `time` rises.
    pub(super) fn retime(&mut self, time: impl Fn(f64) -> f64) {
        for note in &mut self.notes {
            (note.start, note.end) = (time(note.start), time(note.end));
        }
        for unit in &mut self.timeline.units {
            (unit.start, unit.end) = (time(unit.start), time(unit.end));
            unit.vowel = (time(unit.vowel.0), time(unit.vowel.1));
        }
        for phone in &mut self.timeline.phones {
            (phone.start, phone.end) = (time(phone.start), time(phone.end));
        }
        for breath in &mut self.timeline.breaths {
            *breath = (time(breath.0), time(breath.1));
        }
    }

    /// When it is sung, in stretches from and to seconds.
    pub(super) fn singing(&self) -> Vec<[f32; 2]> {
        let mut spans: Vec<[f64; 2]> = Vec::new();
        for unit in &self.timeline.units {
            match spans.last_mut() {
                Some(last) if unit.start - last[1] < PAUSE => last[1] = unit.end,
                _ => spans.push([unit.start, unit.end]),
            }
        }
        spans.into_iter().map(|span| span.map(|t| t as f32)).collect()
    }

    /// Loudness asked for, 0..1, on average over the time that it is sung.
    pub(super) fn loudness(&self) -> f32 {
        let length = |note: &SungNote| (note.end - note.start) as f32;
        let sum: f32 = self.notes.iter().map(|note| note.loudness * length(note)).sum();
        sum / self.notes.iter().map(length).sum::<f32>().max(1e-6)
    }
}
