//! The beats of the music.
//!
//! D. P. W. Ellis, "Beat Tracking by Dynamic Programming" (Journal of New Music Research 36, 2007): the pulse that the
//! onsets repeat at, then the chain of moments that lies on strong onsets and keeps the pulse.

use super::spectrum::{FRAME_RATE, Frame};
use crate::clip::liveliness::smooth;

/// Seconds a beat may last, and what is likeliest (Ellis: people tap at some 120 a minute).
const PERIODS: (f32, f32) = (0.33, 1.1);
const USUAL: f32 = 0.5;
/// Octaves around the usual within which a pulse is likely.
const SPREAD: f32 = 0.9;
/// How dearly a beat off the pulse is paid for.
const TIGHTNESS: f32 = 120.0;
/// The least share of the onsets' power that must repeat at the pulse: speech stays below it.
pub(super) const LEAST_PULSE: f32 = 0.12;

/// Times of the beats in seconds; none where nothing keeps a pulse, as in speech.
pub(super) fn beats(frames: &[Frame]) -> Vec<f32> {
    let onsets = onsets(frames);
    let Some((period, strength)) = pulse(&onsets) else { return Vec::new() };
    if strength < LEAST_PULSE {
        return Vec::new();
    }
    chain(&onsets, period).into_iter().map(|frame| frame as f32 / FRAME_RATE).collect()
}

/// How much begins in each frame: what rises above the half second around it, in standard deviations.
fn onsets(frames: &[Frame]) -> Vec<f32> {
    let flux: Vec<f32> = frames.iter().map(|frame| frame.flux).collect();
    let (sharp, slow) = (smooth(&flux, 1.0), smooth(&flux, 25.0));
    let mut onsets: Vec<f32> = sharp.iter().zip(slow).map(|(sharp, slow)| (sharp - slow).max(0.0)).collect();
    let power = onsets.iter().map(|v| v * v).sum::<f32>() / onsets.len().max(1) as f32;
    let scale = 1.0 / power.sqrt().max(1e-6);
    onsets.iter_mut().for_each(|v| *v = (*v * scale).min(6.0));
    onsets
}

/// The period in frames at which the onsets repeat, and which share of their power does.
pub(super) fn pulse(onsets: &[f32]) -> Option<(f32, f32)> {
    let mean = onsets.iter().sum::<f32>() / onsets.len().max(1) as f32;
    let centred: Vec<f32> = onsets.iter().map(|v| v - mean).collect();
    let correlation =
        |lag: usize| -> f32 { centred.iter().zip(centred.get(lag..).unwrap_or_default()).map(|(a, b)| a * b).sum() };
    let whole = correlation(0);
    let [from, to] = [PERIODS.0, PERIODS.1].map(|seconds| (seconds * FRAME_RATE) as usize);
    // A pulse needs some repetitions to show.
    if whole <= 0.0 || onsets.len() < 6 * to {
        return None;
    }
    let likely = |lag: usize| {
        let octaves = (lag as f32 / (USUAL * FRAME_RATE)).log2() / SPREAD;
        (-0.5 * octaves * octaves).exp()
    };
    let best = (from..=to)
        .map(|lag| (correlation(lag), lag))
        .max_by(|a, b| (a.0 * likely(a.1)).total_cmp(&(b.0 * likely(b.1))))?;
    Some((best.1 as f32, best.0 / whole))
}

/// Ellis' recursion: each frame's best score as a beat, and the beat before it.
fn chain(onsets: &[f32], period: f32) -> Vec<usize> {
    let [near, far] = [0.5, 2.0].map(|share| (share * period).round().max(1.0) as usize);
    let cost: Vec<f32> = (near..=far).map(|gap| -TIGHTNESS * (gap as f32 / period).ln().powi(2)).collect();
    let mut score = onsets.to_vec();
    let mut before: Vec<Option<usize>> = vec![None; onsets.len()];
    for at in near..onsets.len() {
        let reach = far.min(at);
        let best =
            (near..=reach).map(|gap| (score[at - gap] + cost[gap - near], at - gap)).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((value, from)) = best.filter(|best| best.0 > 0.0) {
            score[at] += value;
            before[at] = Some(from);
        }
    }
    let tail = onsets.len().saturating_sub(period as usize);
    let last = (tail..onsets.len()).max_by(|&a, &b| score[a].total_cmp(&score[b]));
    let mut beats: Vec<usize> = std::iter::successors(last, |&at| before[at]).collect();
    beats.reverse();
    // Beats before the music starts and after it has ended are counted on silence.
    let sounds = |at: &usize| {
        let from = at.saturating_sub(8);
        onsets[from..(at + 9).min(onsets.len())].iter().any(|&v| v > 0.5)
    };
    let first = beats.iter().position(sounds).unwrap_or(beats.len());
    let end = beats.iter().rposition(sounds).map_or(first, |at| at + 1);
    beats[first..end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clicks(period: f32, seconds: f32) -> Vec<Frame> {
        let silent = Frame {
            bands: [-90.0; super::super::spectrum::BANDS],
            level: -90.0,
            harmonicity: 0.0,
            pitch: 100.0,
            flux: 0.0,
        };
        let mut frames = vec![silent; (seconds * FRAME_RATE) as usize];
        let mut at = 0.3;
        while at < seconds - 0.1 {
            frames[(at * FRAME_RATE) as usize].flux = 8.0;
            at += period;
        }
        frames
    }

    #[test]
    fn clicks_are_beats() {
        for period in [0.41f32, 0.5, 0.63] {
            let beats = beats(&clicks(period, 20.0));
            assert!(beats.len() as f32 >= 19.0 / period - 2.0, "{period}: {}", beats.len());
            for beat in beats {
                let phase = ((beat - 0.3) / period).fract();
                assert!(phase.min(1.0 - phase) * period < 0.03, "{period}: beat at {beat}");
            }
        }
    }

    #[test]
    fn irregular_clicks_are_none() {
        let mut frames = clicks(50.0, 30.0);
        let mut rng = crate::random::Rng::new(3, 1);
        let mut at = 0.3;
        while at < 29.0 {
            frames[(at * FRAME_RATE) as usize].flux = rng.range(4.0, 9.0);
            at += rng.range(0.08, 0.9);
        }
        assert!(beats(&frames).is_empty());
    }
}
