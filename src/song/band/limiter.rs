//! A look-ahead limiter: peaks are turned down smoothly before they come, nothing is clipped.

use crate::song::voice::SAMPLE_RATE;

/// Highest sample value let through, -1 dBFS.
const CEILING: f32 = 0.891;

/// Limits interleaved samples of `channels` channels in place.
pub(super) fn limit(samples: &mut [f32], channels: usize) {
    let ahead = (0.005 * SAMPLE_RATE) as usize;
    let wanted: Vec<f32> = samples
        .chunks(channels)
        .map(|frame| {
            let peak = frame.iter().fold(0f32, |peak, s| peak.max(s.abs()));
            if peak > CEILING { CEILING / peak } else { 1.0 }
        })
        .collect();
    if wanted.iter().all(|gain| *gain == 1.0) {
        return;
    }
    // Least gain wanted within the window, then averaged over it: never above what any peak needs.
    let count = wanted.len();
    let mut least = vec![1f32; count];
    let mut queue = std::collections::VecDeque::new();
    for end in 0..count + ahead {
        if end < count {
            while queue.back().is_some_and(|&j: &usize| wanted[j] >= wanted[end]) {
                queue.pop_back();
            }
            queue.push_back(end);
        }
        if end >= ahead {
            let centre = end - ahead;
            while queue.front().is_some_and(|&j| j + ahead < centre) {
                queue.pop_front();
            }
            least[centre] = queue.front().map_or(1.0, |&j| wanted[j]);
        }
    }
    let mut sums = vec![0f64; count + 1];
    for (i, gain) in least.iter().enumerate() {
        sums[i + 1] = sums[i] + f64::from(*gain);
    }
    for (i, frame) in samples.chunks_mut(channels).enumerate() {
        let (from, to) = (i.saturating_sub(ahead), (i + ahead + 1).min(count));
        let gain = ((sums[to] - sums[from]) / (to - from) as f64) as f32;
        frame.iter_mut().for_each(|s| *s = (*s * gain).clamp(-CEILING, CEILING));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_stay_below_the_ceiling_and_soft_sounds_stay() {
        let mut samples: Vec<f32> =
            (0..48_000).map(|i| (i as f32 * 0.1).sin() * if i / 6000 % 2 == 0 { 0.2 } else { 2.0 }).collect();
        let before = samples.clone();
        limit(&mut samples, 1);
        assert!(samples.iter().all(|s| s.abs() <= CEILING + 1e-4));
        assert_eq!(samples[2000..4000], before[2000..4000]);
    }
}
