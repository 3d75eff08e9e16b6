//! What all motion shares that we make up: blinks, drift, and curves without corners. Curves are sampled evenly.

use crate::random::Rng;

/// A blink closes faster than it opens (VanderWerf et al., J. Neurophysiology 89, 2003): seconds.
pub(crate) const CLOSING: f32 = 0.085;
const CLOSED: f32 = 0.035;
const OPENING: f32 = 0.19;
/// Seconds from a blink's start to its end.
pub(crate) const BLINK: f32 = CLOSING + CLOSED + OPENING;

/// Lid closure `t` seconds after a blink's start, 0..1.
pub(crate) fn lid(t: f32) -> f32 {
    let x = if t < CLOSING { t / CLOSING } else { 1.0 - (t - CLOSING - CLOSED).max(0.0) / OPENING };
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Starts of blinks before `end`, seconds: every few seconds, and rather at one of `pauses`, ascending, than within a phrase
/// (Nakano & Kitazawa, "Eyeblink entrainment at breakpoints of speech", Experimental Brain Research 205, 2010).
pub(crate) fn blinks(end: f32, pauses: impl Iterator<Item = f32>, rng: &mut Rng) -> Vec<f32> {
    let mut pauses = pauses.peekable();
    let mut blinks = Vec::new();
    let mut last = -1.5;
    loop {
        let usual = last + rng.range(2.4, 4.8);
        while pauses.next_if(|&pause| pause <= last + 1.4).is_some() {}
        let blink = pauses.next_if(|&pause| pause < usual + 0.8).unwrap_or(usual);
        if blink >= end {
            return blinks;
        }
        blinks.push(blink);
        last = blink;
        // Some come in pairs.
        if rng.signed() > 0.8 && blink + 0.42 < end {
            last += 0.42;
            blinks.push(last);
        }
    }
}

/// A smooth random curve in about -1..1 that changes direction every `period` samples or so.
pub(crate) fn wander(count: usize, period: f32, rng: &mut Rng) -> Vec<f32> {
    let knots: Vec<f32> = (0..(count as f32 / period) as usize + 4).map(|_| rng.signed()).collect();
    let value = |i: usize| {
        let at = i as f32 / period;
        let (k, x) = (at as usize, at.fract());
        // Catmull-Rom.
        let [a, b, c, d] = [0, 1, 2, 3].map(|step| knots.get(k + step).copied().unwrap_or(0.0));
        b + 0.5 * x * (c - a + x * (2.0 * a - 5.0 * b + 4.0 * c - d + x * (3.0 * (b - c) + d - a)))
    };
    (0..count).map(value).collect()
}

/// Low-pass without lag: one pole forwards, then backwards; time constant in samples.
pub(crate) fn smooth(values: &[f32], samples: f32) -> Vec<f32> {
    let rate = 1.0 - (-1.0 / samples).exp();
    let mut out = values.to_vec();
    let mut state = out.first().copied().unwrap_or(0.0);
    let mut pole = |value: &mut f32| {
        state += rate * (*value - state);
        *value = state;
    };
    out.iter_mut().for_each(&mut pole);
    out.iter_mut().rev().for_each(&mut pole);
    out
}

/// The value below which `share` of `values` lie; 0 for none.
pub(crate) fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut sorted: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    if sorted.is_empty() {
        return 0.0;
    }
    let at = (share * (sorted.len() - 1) as f32).round() as usize;
    *sorted.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_has_no_lag_and_keeps_the_mean() {
        let mut impulse = vec![0.0; 101];
        impulse[50] = 1.0;
        let smoothed = smooth(&impulse, 3.0);
        assert!((smoothed.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        assert!((smoothed[47] - smoothed[53]).abs() < 1e-4 && smoothed[50] > smoothed[49]);
    }

    #[test]
    fn the_middle_value_is_the_median() {
        assert_eq!(quantile([3.0, 1.0, 2.0, 5.0, 4.0].into_iter(), 0.5), 3.0);
    }

    #[test]
    fn a_blink_shuts_and_opens_again() {
        assert_eq!((lid(0.0), lid(CLOSING), lid(BLINK)), (0.0, 1.0, 0.0));
        let curve = wander(600, 60.0, &mut Rng::new(1, 1));
        let step = curve.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.06 && curve.iter().any(|v| v.abs() > 0.2), "{step}");
    }
}
