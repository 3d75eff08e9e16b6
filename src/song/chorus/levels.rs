//! How loud each singer is over time, so that a chorus is a little louder than a soloist and not many times.

use crate::clip::liveliness;
use crate::song::voice::SAMPLE_RATE;

/// Steps a second.
const RATE: f32 = 100.0;
/// Seconds in which the others make room for one who enters, and take it back.
const GIVING_WAY: f32 = 0.15;
/// Each of n voices is this power of n as loud as alone. -0.5 would keep the sum of n different voices as loud as one; nine
/// come to 3 dB more.
const SHARE: f32 = -0.35;
/// The same for voices that are sample for sample alike, which add up to more: n of them are to be as loud as n different.
const COHERENT: f32 = -0.5;

/// Factor on one singer's voice over time.
pub(super) struct Level(Vec<f32>);

impl Level {
    /// Factor at a sample.
    pub(super) fn at(&self, sample: usize) -> f32 {
        let at = sample as f32 / SAMPLE_RATE * RATE;
        let value = |i: usize| self.0.get(i).or(self.0.last()).copied().unwrap_or(1.0);
        let (before, after) = (value(at as usize), value(at as usize + 1));
        before + (after - before) * at.fract()
    }
}

/// The levels of singers who sing in the stretches `singing`, seconds. `alike` numbers the voices: those of one number are
/// the same voice.
pub(super) fn levels(singing: &[Vec<[f32; 2]>], alike: &[usize], duration: f64) -> Vec<Level> {
    let count = (duration * f64::from(RATE)) as usize + 2;
    let voices = |which: &dyn Fn(usize) -> bool| -> Vec<f32> {
        let mut sum = vec![0f32; count];
        for [from, to] in singing.iter().enumerate().filter(|(i, _)| which(*i)).flat_map(|(_, spans)| spans) {
            let range = ((from * RATE).max(0.0) as usize).min(count)..((to * RATE).ceil() as usize).min(count);
            sum[range].iter_mut().for_each(|n| *n += 1.0);
        }
        // Where nobody sings, somebody who breathes is as loud as alone.
        sum.iter_mut().for_each(|n| *n = n.max(1.0));
        liveliness::smooth(&sum, GIVING_WAY * RATE)
    };
    let all = voices(&|_| true);
    let level = |i: usize| {
        let same = voices(&|j| alike[j] == alike[i]);
        Level(all.iter().zip(&same).map(|(all, same)| all.powf(SHARE) * same.powf(COHERENT)).collect())
    };
    (0..singing.len()).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_is_full_and_together_is_shared() {
        let solo = levels(&[vec![[1.0, 3.0]]], &[0], 4.0);
        assert!((0..192_000).all(|i| solo[0].at(i) == 1.0));
        let two = levels(&[vec![[0.0, 8.0]], vec![[4.0, 8.0]]], &[0, 1], 8.0);
        let at = |second: f32| two[0].at((second * SAMPLE_RATE) as usize);
        assert!((at(2.0) - 1.0).abs() < 0.01 && (at(6.0) - 2f32.powf(SHARE)).abs() < 0.01);
        let same = levels(&[vec![[0.0, 8.0]], vec![[4.0, 8.0]]], &[0, 0], 8.0);
        assert!(same[0].at(288_000) < two[0].at(288_000) * 0.72);
    }
}
