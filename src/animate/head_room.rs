//! How well a driver's head motion fits a head: a head that is turned in its photo can turn on only so far.

use super::retarget::retarget_rotation;
use serde::{Deserialize, Serialize};

/// Where a driver's head mostly is: the 5th and the 95th percentile over its track of yaw, pitch and roll, radians.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MotionRange {
    /// The 5th percentiles.
    pub low: [f32; 3],
    /// The 95th percentiles.
    pub high: [f32; 3],
}

impl MotionRange {
    /// Of `track`; all 0 where its head is still.
    pub fn of(track: &crate::clip::Track) -> Self {
        let mut range = Self::default();
        for (axis, name) in ["yaw", "pitch", "roll"].into_iter().enumerate() {
            let mut angles: Vec<f32> = track.channels.get(name).into_iter().flatten().copied().collect();
            if angles.is_empty() {
                continue;
            }
            angles.sort_by(f32::total_cmp);
            let at = |share: f32| angles[((angles.len() - 1) as f32 * share).round() as usize];
            (range.low[axis], range.high[axis]) = (at(0.05), at(0.95));
        }
        range
    }
}

/// The share of a driver's head motion, 0..1, that a head with this yaw, pitch and roll in its photo (radians) can make
/// within the [limits of a photo](super::retarget): 1 where all of it shows, less where turns are cut short.
///
/// Turns about the three axes count by how wide they are. A driver that keeps its head still fits everyone; ranges that
/// are no numbers count as still.
pub fn head_room(motion: &MotionRange, source_rotation: [f32; 3]) -> f32 {
    let [low, high] = [motion.low, motion.high].map(|driver| retarget_rotation(source_rotation, driver));
    let (mut wanted, mut made) = (0.0, 0.0);
    for ((from, to), (low, high)) in motion.low.into_iter().zip(motion.high).zip(low.into_iter().zip(high)) {
        let width = to - from;
        if width.is_finite() && width > 0.0 {
            wanted += width;
            made += (high - low).clamp(0.0, width);
        }
    }
    if wanted > 0.0 && f32::is_finite(made) { made / wanted } else { 1.0 }
}

/// [`head_room`] of each driver for one head, in the same order.
pub fn fitting(drivers: &[MotionRange], source_rotation: [f32; 3]) -> Vec<f32> {
    drivers.iter().map(|driver| head_room(driver, source_rotation)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVELY: MotionRange = MotionRange { low: [-0.2, -0.1, -0.1], high: [0.2, 0.1, 0.1] };
    const CALM: MotionRange = MotionRange { low: [-0.05, -0.03, -0.02], high: [0.05, 0.03, 0.02] };

    #[test]
    fn a_head_from_the_front_has_room_for_all() {
        assert_eq!(head_room(&LIVELY, [0.0; 3]), 1.0);
        assert_eq!(head_room(&MotionRange::default(), [0.6, 0.0, 0.0]), 1.0);
    }

    #[test]
    fn a_turned_head_loses_the_half_that_turns_on_and_likes_calm_songs() {
        // Beyond the limit of 0.45 the way on is shut, the way back is open.
        assert!((head_room(&LIVELY, [0.5, 0.0, 0.0]) - 0.75).abs() < 1e-5);
        for yaw in [0.3, 0.42, -0.42] {
            assert!(head_room(&CALM, [yaw, 0.0, 0.0]) > head_room(&LIVELY, [yaw, 0.0, 0.0]), "{yaw}");
        }
        let rooms = fitting(&[LIVELY, CALM], [0.42, 0.0, 0.0]);
        assert!(rooms[0] < rooms[1] && rooms.iter().all(|room| (0.0..=1.0).contains(room)), "{rooms:?}");
    }

    #[test]
    fn one_sided_motion_prefers_the_other_side() {
        let left = MotionRange { low: [0.0; 3], high: [0.3, 0.0, 0.0] };
        assert!(head_room(&left, [0.4, 0.0, 0.0]) < 0.2);
        assert_eq!(head_room(&left, [-0.4, 0.0, 0.0]), 1.0);
    }

    #[test]
    fn nonsense_is_still() {
        for bad in [f32::NAN, f32::INFINITY] {
            let range = MotionRange { low: [0.0; 3], high: [bad, 0.1, 0.0] };
            assert!((0.0..=1.0).contains(&head_room(&range, [0.0; 3])));
            assert!((0.0..=1.0).contains(&head_room(&CALM, [bad, 0.0, 0.0])));
        }
    }
}
