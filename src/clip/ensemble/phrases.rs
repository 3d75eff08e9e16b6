//! Where a clip can change hands: its phrases.

use super::count;
use crate::clip::Track;
use crate::clip::liveliness::{quantile, smooth};

/// A gap between words that ends a phrase, seconds; and the mouth's rest that does where there are no words.
const WORD_GAP: f32 = 0.25;
const MOUTH_REST: f32 = 0.3;
/// Phrases longer than this are cut, seconds; the cut is looked for in this stretch from their start.
const LONGEST: f32 = 6.0;
const CUT: [f32; 2] = [3.0, 5.0];
/// Shorter ones join a neighbour, seconds: a turn is to be noticed.
const SHORTEST: f32 = 1.2;
/// Below this share of its wide opening the mouth rests.
const RESTING: f32 = 0.12;
/// A mouth that never opens further does not sing.
const LEAST: f32 = 0.02;

/// The phrases in order, from and to seconds, never overlapping: between words' gaps where there are words, else between
/// rests of the mouth, and where it never rests, some four seconds each, cut at quiet moments. At least one.
pub(super) fn phrases(track: &Track) -> Vec<[f32; 2]> {
    let opening = opening(track);
    let mut phrases = Vec::new();
    let said = if track.words.is_empty() { resting(&opening, track.rate) } else { spoken(track) };
    for phrase in said {
        cut(phrase, track, &opening, &mut phrases);
    }
    join(&mut phrases);
    if phrases.is_empty() {
        phrases.push([0.0, track.duration()]);
    }
    phrases
}

/// How far the lips are apart, smoothed over a syllable's consonants.
fn opening(track: &Track) -> Vec<f32> {
    let channel = |name: &str, i: usize| track.channels.get(name).map_or(0.0, |samples| samples[i]);
    let open = |i: usize| (channel("jawOpen", i) - channel("mouthClose", i)).max(0.0);
    let opening: Vec<f32> = (0..count(track)).map(open).collect();
    smooth(&opening, 0.04 * track.rate)
}

fn spoken(track: &Track) -> Vec<[f32; 2]> {
    let end = track.duration();
    let words = track.words.iter().map(|word| [word.start.clamp(0.0, end), word.end.clamp(0.0, end)]);
    let mut phrases: Vec<[f32; 2]> = Vec::new();
    for word in words.filter(|[from, to]| to > from) {
        match phrases.last_mut() {
            Some(last) if word[0] - last[1] < WORD_GAP => last[1] = last[1].max(word[1]),
            _ => phrases.push(word),
        }
    }
    phrases
}

fn resting(opening: &[f32], rate: f32) -> Vec<[f32; 2]> {
    let wide = quantile(opening.iter().copied(), 0.95);
    if wide < LEAST {
        return Vec::new();
    }
    let mut phrases: Vec<[f32; 2]> = Vec::new();
    for (i, _) in opening.iter().enumerate().filter(|(_, open)| **open > RESTING * wide) {
        let t = i as f32 / rate;
        match phrases.last_mut() {
            Some(last) if t - last[1] < MOUTH_REST => last[1] = t,
            _ => phrases.push([t, t]),
        }
    }
    phrases.retain(|[from, to]| to - from > 0.1);
    phrases
}

/// Cuts a long phrase at quiet moments, where there are words between two of them.
fn cut([mut from, to]: [f32; 2], track: &Track, opening: &[f32], out: &mut Vec<[f32; 2]>) {
    let open = |t: f32| opening.get((t * track.rate).round() as usize).copied().unwrap_or(0.0);
    while to - from > LONGEST {
        let window = (from + CUT[0])..(from + CUT[1]);
        let quieter = |a: &f32, b: &f32| open(*a).total_cmp(&open(*b));
        let words = track.words.iter().map(|word| word.start).filter(|t| window.contains(t));
        let moments = ((window.start * track.rate) as usize..(window.end * track.rate) as usize)
            .map(|i| i as f32 / track.rate)
            .filter(|t| window.contains(t));
        let at = words.min_by(quieter).or_else(|| moments.min_by(quieter)).unwrap_or(window.end);
        out.push([from, at]);
        from = at;
    }
    out.push([from, to]);
}

/// Short phrases go to the neighbour that is nearer.
fn join(phrases: &mut Vec<[f32; 2]>) {
    while phrases.len() > 1 {
        let Some(i) = phrases.iter().position(|[from, to]| to - from < SHORTEST) else { return };
        let before = if i > 0 { phrases[i][0] - phrases[i - 1][1] } else { f32::INFINITY };
        let after = phrases.get(i + 1).map_or(f32::INFINITY, |next| next[0] - phrases[i][1]);
        let first = if before <= after { i - 1 } else { i };
        let second = phrases.remove(first + 1);
        phrases[first][1] = second[1];
    }
}
