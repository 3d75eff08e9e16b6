//! How loud each moment of a part is: dynamic marks are steps, hairpins are slopes.

use super::direction::Dynamic;
use super::measure::Measure;
use super::unfold::Played;

/// Loudness where the score says nothing: mezzo-forte.
const USUAL: f32 = 0.66;
/// What a hairpin with no mark at its end gains or loses: one dynamic step.
const STEP: f32 = 0.13;
/// A mark this soon after a hairpin's end is its goal, quarter notes.
const GOAL: f64 = 1.5;
/// What sfz adds to the level.
const STRUCK: f32 = 0.16;

/// Loudness over the bars as played.
#[derive(Debug, Clone, Default)]
pub(super) struct Loudness {
    /// Quarter note, level 0..1, and whether it slopes from there to the next point.
    points: Vec<(f64, f32, bool)>,
    /// Quarter notes that are struck, ascending.
    struck: Vec<f64>,
}

impl Loudness {
    /// Follows a part's marks; `bars` are the starts of the bars as played, in quarter notes.
    pub(super) fn new(measures: &[Measure], played: &[Played], bars: &[f64]) -> Loudness {
        let marks = played.iter().zip(bars).flat_map(|(p, bar)| {
            let dynamics = measures.get(p.index).map(|m| m.dynamics.as_slice()).unwrap_or_default();
            dynamics.iter().map(move |&(offset, mark)| (bar + offset, mark))
        });
        let mut marks: Vec<(f64, Dynamic)> = marks.collect();
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut loudness = Loudness::default();
        let mut level = USUAL;
        let mut hairpin = None;
        for (i, &(at, mark)) in marks.iter().enumerate() {
            match mark {
                Dynamic::Level(next) => {
                    level = next;
                    loudness.points.push((at, level, false));
                    hairpin = None;
                }
                Dynamic::Accent => loudness.struck.push(at),
                Dynamic::Hairpin(direction) => {
                    loudness.points.push((at, level, true));
                    hairpin = Some(direction);
                }
                Dynamic::HairpinEnd => {
                    let Some(direction) = hairpin.take() else { continue };
                    let goal = marks[i + 1..].iter().take_while(|m| m.0 <= at + GOAL).find_map(|m| match m.1 {
                        Dynamic::Level(goal) => Some(goal),
                        _ => None,
                    });
                    level = goal.unwrap_or((level + direction * STEP).clamp(0.2, 1.0));
                    loudness.points.push((at, level, false));
                }
            }
        }
        loudness
    }

    /// Whether the score has any mark at all.
    pub(super) fn is_marked(&self) -> bool {
        !self.points.is_empty()
    }

    /// Whether the note here is struck.
    pub(super) fn struck(&self, quarter: f64) -> bool {
        let next = self.struck.partition_point(|at| *at < quarter - 1e-3);
        self.struck.get(next).is_some_and(|at| *at < quarter + 1e-3)
    }

    /// Loudness 0..1 of a note that starts here.
    pub(super) fn at(&self, quarter: f64) -> f32 {
        let next = self.points.partition_point(|point| point.0 <= quarter + 1e-6);
        let level = match next.checked_sub(1).map(|last| self.points[last]) {
            None => USUAL,
            Some((from, low, slope)) => match self.points.get(next).filter(|_| slope) {
                Some(&(to, high, _)) => low + (high - low) * ((quarter - from) / (to - from).max(1e-9)) as f32,
                None => low,
            },
        };
        (level + if self.struck(quarter) { STRUCK } else { 0.0 }).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hairpins_slope_to_the_next_mark() {
        let measure = Measure {
            dynamics: vec![
                (0.0, Dynamic::Level(0.4)),
                (0.0, Dynamic::Hairpin(1.0)),
                (4.0, Dynamic::HairpinEnd),
                (4.0, Dynamic::Level(0.8)),
                (4.0, Dynamic::Accent),
                (5.0, Dynamic::Hairpin(-1.0)),
                (7.0, Dynamic::HairpinEnd),
            ],
            ..Measure::default()
        };
        let loudness = Loudness::new(&[measure], &[Played { index: 0, pass: 1 }], &[10.0]);
        let near = |quarter: f64, level: f32| assert!((loudness.at(quarter) - level).abs() < 1e-4, "{quarter}");
        near(9.0, USUAL);
        near(10.0, 0.4);
        near(12.0, 0.6);
        near(14.0, 0.8 + STRUCK);
        near(14.5, 0.8);
        near(16.0, 0.8 - STEP / 2.0);
        near(99.0, 0.8 - STEP);
    }
}
