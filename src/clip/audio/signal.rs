//! Small tools for curves over time.

/// `f` of each value. Not generic: every copy of the loop is something the visitor downloads.
pub(super) fn map(values: &[f32], f: &dyn Fn(f32) -> f32) -> Vec<f32> {
    values.iter().map(|&value| f(value)).collect()
}

/// `f` of each pair of values.
pub(super) fn both(a: &[f32], b: &[f32], f: &dyn Fn(f32, f32) -> f32) -> Vec<f32> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_found() {
        assert_eq!(stretches(&[1.0, 0.0, 1.0, 1.0], |v| v > 0.5), vec![0..1, 2..4]);
    }

    #[test]
    fn resampling_reads_between() {
        assert_eq!(resampled(&[0.0, 1.0, 2.0], 10.0, 20.0, 5), vec![0.0, 0.5, 1.0, 1.5, 2.0]);
    }
}
