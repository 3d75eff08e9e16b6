//! Quarter notes of the bars as played, and the seconds they fall on.

use super::assemble::Part;
use super::direction::Tempo;
use super::measure::Measure;
use super::unfold::Played;
use crate::song::score::Beat;

/// Quarter notes a minute where the score gives no tempo.
const DEFAULT_TEMPO: f64 = 100.0;
/// How much longer a note under a fermata is held.
const FERMATA: f64 = 1.6;
/// "rit." lasts until something else is said, or this many quarter notes.
const BEND: f64 = 8.0;

/// The song's clock.
pub(super) struct Clock {
    /// Start of each played bar, quarter notes.
    pub bars: Vec<f64>,
    /// Quarter notes.
    pub end: f64,
    /// (quarter note, seconds, seconds a quarter note), ascending.
    tempo: Vec<(f64, f64, f64)>,
}

impl Clock {
    pub(super) fn new(parts: &[Part], singer: usize, played: &[Played]) -> Clock {
        let mut bars = Vec::with_capacity(played.len());
        let mut end = 0.0;
        let mut marks: Vec<(f64, Tempo)> = Vec::new();
        let mut held: Vec<(f64, f64)> = Vec::new();
        for p in played {
            bars.push(end);
            let here = || parts.iter().filter_map(|part| part.measures.get(p.index));
            for measure in here() {
                for &(offset, tempo) in &measure.tempos {
                    let tempo = match tempo {
                        // A word counts beats, and no word is as fast as a short beat would make it.
                        Tempo::Word(beats) => Tempo::Word((beats * measure.meter.1).min(208.0)),
                        other => other,
                    };
                    marks.push((end + offset, tempo));
                    if matches!(tempo, Tempo::Bend(_)) {
                        marks.push((end + offset + BEND, Tempo::Back));
                    }
                }
            }
            let sung = parts[singer].measures.get(p.index);
            // Where the singer rests through the bar, the others' fermatas hold everybody.
            let silent = sung.is_none_or(|m| m.notes.is_empty() && m.held_rests.is_empty());
            for measure in here().filter(|_| silent).chain(sung) {
                held.extend(fermatas(measure).map(|(onset, length)| (end + onset, end + onset + length)));
            }
            let longest = here().map(|m| m.length).fold(0.0, f64::max);
            // An empty bar still lasts what its metre says.
            end += if longest > 0.0 { longest } else { here().map(|m| m.meter.0).fold(0.0, f64::max) };
        }
        Clock { bars, end, tempo: segments(marks, &held) }
    }

    pub(super) fn seconds(&self, quarter: f64) -> f64 {
        let at = self.tempo.partition_point(|t| t.0 <= quarter).saturating_sub(1);
        let (q, seconds, per) = self.tempo[at];
        seconds + (quarter - q) * per
    }

    /// The beats, counted in the metre of `part`.
    pub(super) fn beats(&self, part: &Part, played: &[Played]) -> Vec<Beat> {
        let mut beats = Vec::new();
        for (i, p) in played.iter().enumerate() {
            let end = self.bars.get(i + 1).copied().unwrap_or(self.end);
            let (bar, beat) = part.measures.get(p.index).map_or((4.0, 1.0), |m| m.meter);
            // A pickup's beats are counted from its end, where the full bar's last beats would be.
            let short = (bar - (end - self.bars[i])).max(0.0);
            let mut at = if i == 0 { (short / beat).ceil() * beat - short } else { 0.0 };
            while at < end - self.bars[i] - 1e-6 {
                let downbeat = at == 0.0 && !(i == 0 && short > 1e-6);
                beats.push(Beat { time: self.seconds(self.bars[i] + at), downbeat });
                at += beat;
            }
        }
        beats
    }
}

fn fermatas(measure: &Measure) -> impl Iterator<Item = (f64, f64)> {
    let notes = measure.notes.iter().filter(|n| n.fermata).map(|n| (n.onset, n.length));
    notes.chain(measure.held_rests.iter().copied())
}

/// Stretches of one tempo each, from the marks and the spans that a fermata slows down.
fn segments(mut marks: Vec<(f64, Tempo)>, held: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Every part may carry the same mark.
    marks.dedup_by(|b, a| a.1 == b.1 && (a.0 - b.0).abs() < 1e-6);
    let exact: Vec<f64> = marks.iter().filter(|m| matches!(m.1, Tempo::Exact(_))).map(|m| m.0).collect();
    let stated = |q: f64| exact.get(exact.partition_point(|e| *e < q - 1.0)).is_some_and(|e| *e < q + 1.0);
    // A number near a word says what the word means.
    marks.retain(|&(q, mark)| !(matches!(mark, Tempo::Word(_)) && stated(q)));

    enum Edge {
        Mark(Tempo),
        Hold(i32),
    }
    let mut edges: Vec<(f64, Edge)> = marks.into_iter().map(|(q, mark)| (q, Edge::Mark(mark))).collect();
    edges.extend(held.iter().flat_map(|h| [(h.0, Edge::Hold(1)), (h.1, Edge::Hold(-1))]));
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut base, mut current, mut holds) = (DEFAULT_TEMPO, DEFAULT_TEMPO, 0);
    let mut tempo = vec![(0.0, 0.0, 60.0 / DEFAULT_TEMPO)];
    for (q, edge) in edges {
        match edge {
            Edge::Mark(Tempo::Exact(stated) | Tempo::Word(stated)) => {
                base = stated.clamp(10.0, 500.0);
                current = base;
            }
            Edge::Mark(Tempo::Bend(factor)) => current = (current * factor).clamp(10.0, 500.0),
            Edge::Mark(Tempo::Back) => current = base,
            Edge::Hold(change) => holds += change,
        }
        let (q0, seconds, per) = tempo[tempo.len() - 1];
        let slow = if holds > 0 { FERMATA } else { 1.0 };
        tempo.push((q, seconds + (q - q0) * per, 60.0 / current * slow));
    }
    tempo
}
