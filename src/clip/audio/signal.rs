//! Small tools for curves over time.

/// The value that a share `part` (0..1) of `values` lies below; 0 for none.
pub(super) fn percentile(mut values: Vec<f32>, part: f32) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let at = (part * last as f32).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

/// `f` of each value. Not generic: every copy of the loop is something the visitor downloads.
pub(super) fn map(values: &[f32], f: &dyn Fn(f32) -> f32) -> Vec<f32> {
    values.iter().map(|&value| f(value)).collect()
}

/// `f` of each pair of values.
pub(super) fn both(a: &[f32], b: &[f32], f: &dyn Fn(f32, f32) -> f32) -> Vec<f32> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
}

/// Low-pass without lag: one pole forwards, then backwards; time constant in samples.
pub(super) fn smooth(values: &[f32], samples: f32) -> Vec<f32> {
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

/// `values` of `from` a second, read linearly at `to` a second; `count` of them, the last one held.
pub(super) fn resampled(values: &[f32], from: f32, to: f32, count: usize) -> Vec<f32> {
    let Some(last) = values.len().checked_sub(1) else { return vec![0.0; count] };
    let read = |i: usize| {
        let at = (i as f32 / to * from).clamp(0.0, last as f32);
        let before = at as usize;
        let after = (before + 1).min(last);
        values[before] + at.fract() * (values[after] - values[before])
    };
    (0..count).map(read).collect()
}

/// Stretches where `holds`, as ranges of indices.
pub(super) fn stretches(values: &[f32], holds: impl Fn(f32) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut from = None;
    for (i, &value) in values.iter().enumerate() {
        match (holds(value), from) {
            (true, None) => from = Some(i),
            (false, Some(start)) => {
                found.push(start..i);
                from = None;
            }
            _ => {}
        }
    }
    found.extend(from.map(|start| start..values.len()));
    found
}

/// xorshift32 (Marsaglia, Journal of Statistical Software 8, 2003).
#[derive(Debug, Clone)]
pub(super) struct Rng(u32);

impl Rng {
    /// `stream` tells the uses of one seed apart.
    pub(super) fn new(seed: u32, stream: u32) -> Rng {
        let mixed = (seed ^ stream.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B) ^ 0xC2B2_AE35;
        Rng(mixed.max(1))
    }

    /// Uniform in `low..high`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        low + (high - low) * (self.0 as f32 / u32::MAX as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_stretches() {
        assert_eq!(percentile(vec![3.0, 1.0, 2.0, 5.0, 4.0], 0.5), 3.0);
        assert_eq!(stretches(&[1.0, 0.0, 1.0, 1.0], |v| v > 0.5), vec![0..1, 2..4]);
    }

    #[test]
    fn smoothing_has_no_lag_and_keeps_the_mean() {
        let mut impulse = vec![0.0; 101];
        impulse[50] = 1.0;
        let smoothed = smooth(&impulse, 3.0);
        assert!((smoothed.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        assert!((smoothed[47] - smoothed[53]).abs() < 1e-4 && smoothed[50] > smoothed[49]);
    }

    #[test]
    fn resampling_reads_between() {
        assert_eq!(resampled(&[0.0, 1.0, 2.0], 10.0, 20.0, 5), vec![0.0, 0.5, 1.0, 1.5, 2.0]);
    }
}
