//! Readings at the frames' own times onto an even clock: gaps are bridged, lost faces ease to rest.

use super::reading::Reading;
use crate::clip::track::Track;
use crate::head::expression::EXPRESSION_NAMES;
use std::collections::BTreeMap;
use std::ops::Range;

/// A face gone for longer eases to rest, seconds; a shorter gap (a hand, a blur) is bridged.
const LOST: f64 = 0.3;
/// Seconds in which it does, and in which it comes back.
const EASE: f64 = 0.3;
/// Seconds before and after a cut over which the head's leap is spread.
const BLEND: f64 = 0.2;

/// The track of `readings` (at least one) from 0 to `last` seconds at `rate` samples a second.
pub(super) fn even(readings: &[Reading], shots: &[Range<usize>], rate: f64, last: f64) -> Track {
    let count = (last * rate).round() as usize + 1;
    let starts: Vec<f64> = shots.iter().skip(1).map(|shot| readings[shot.start].time).collect();
    let leaps: Vec<(f64, Pose)> = shots.windows(2).filter_map(|pair| leap(readings, pair)).collect();
    let names: Vec<&str> = EXPRESSION_NAMES.iter().chain(&POSE_NAMES).copied().collect();
    let mut samples = vec![Vec::with_capacity(count); names.len()];
    for k in 0..count {
        let time = k as f64 / rate;
        let (reading, presence) = at(readings, &starts, time);
        let mut pose = pose(&reading);
        for (cut, leap) in &leaps {
            let share = spread(time - cut);
            pose.iter_mut().zip(leap).for_each(|(value, leap)| *value += share * leap);
        }
        for (samples, value) in samples.iter_mut().zip(reading.expression.0.iter().chain(&pose)) {
            samples.push(presence * value);
        }
    }
    let channels: BTreeMap<String, Vec<f32>> = names.iter().map(|name| (*name).to_owned()).zip(samples).collect();
    Track { rate: rate as f32, channels, words: Vec::new(), beats: Vec::new(), phonemes: Vec::new() }
}

const POSE_NAMES: [&str; 10] =
    ["yaw", "pitch", "roll", "x", "y", "z", "gazeLeftYaw", "gazeLeftPitch", "gazeRightYaw", "gazeRightPitch"];

type Pose = [f32; POSE_NAMES.len()];

fn pose(reading: &Reading) -> Pose {
    let mut values = reading.rotation.iter().chain(&reading.place).chain(&reading.gaze);
    std::array::from_fn(|_| values.next().copied().unwrap_or_default())
}

/// When a cut comes, and by how much the pose leaps there; none where the face was lost in between, which is eased anyway.
fn leap(readings: &[Reading], shots: &[Range<usize>]) -> Option<(f64, Pose)> {
    let (before, after) = (&readings[shots[0].end - 1], &readings[shots[1].start]);
    let (from, to) = (pose(before), pose(after));
    (after.time - before.time <= LOST).then(|| (after.time, std::array::from_fn(|i| to[i] - from[i])))
}

/// The share of a leap to add `since` seconds after its cut: half of it in advance, half of it owed, nothing further off.
fn spread(since: f64) -> f32 {
    let near = (1.0 - since.abs() / BLEND).clamp(0.0, 1.0) as f32;
    let share = 0.5 * near * near * (3.0 - 2.0 * near);
    if since < 0.0 { share } else { -share }
}

/// The reading at `time`, and how much of it shows, 0..1: less and less where the face is lost.
fn at(readings: &[Reading], cuts: &[f64], time: f64) -> (Reading, f32) {
    let next = readings.partition_point(|reading| reading.time <= time);
    let Some(before) = next.checked_sub(1).map(|i| &readings[i]) else {
        let first = &readings[0];
        return (first.clone(), shown(first.time - time, f64::INFINITY));
    };
    let Some(after) = readings.get(next) else { return (before.clone(), shown(time - before.time, f64::INFINITY)) };
    let gap = after.time - before.time;
    let late = time - before.time;
    let nearer = if late < 0.5 * gap { before } else { after };
    if gap > LOST {
        return (nearer.clone(), shown(late.min(gap - late), gap));
    }
    match cuts.iter().any(|cut| (cut - after.time).abs() < 1e-9) {
        true => (nearer.clone(), 1.0),
        false => (before.towards(after, (late / gap.max(1e-9)) as f32), 1.0),
    }
}

/// How much shows `away` seconds from the nearest frame that has the face, in a gap of `gap` seconds.
fn shown(away: f64, gap: f64) -> f32 {
    let share = (1.0 - away / EASE.min(0.5 * gap)).clamp(0.0, 1.0) as f32;
    share * share * (3.0 - 2.0 * share)
}
