//! The head's own motion, freed from where the camera stood and what it did.

use super::reading::Reading;
use crate::clip::liveliness::quantile;
use std::ops::Range;

/// Frames further apart than this do not tell a cut from a movement, seconds.
const NEAR: f64 = 0.2;
/// A change from one frame to the next that no head makes: of the turn, radians, of the place, inter-ocular
/// distances, and of the size, as a logarithm.
const LEAP: (f32, f32, f32) = (0.45, 0.6, 0.2);
/// How long what the camera does takes to be forgotten, seconds to either side.
const FORGET: f64 = 2.5;
/// How far the camera is taken to be, inter-ocular distances: a step of one towards it changes the size by a tenth.
const DISTANCE: f32 = 10.0;
/// Furthest that a head goes from where it was, inter-ocular distances.
const REACH: [f32; 3] = [0.35, 0.35, 1.0];

/// The clip's shots: ranges of `readings` without a cut inside.
pub(super) fn shots(readings: &[Reading]) -> Vec<Range<usize>> {
    let mut shots = Vec::new();
    let mut start = 0;
    for i in 1..readings.len() {
        if is_cut(&readings[i - 1], &readings[i]) {
            shots.push(start..i);
            start = i;
        }
    }
    shots.push(start..readings.len());
    shots
}

fn is_cut(before: &Reading, now: &Reading) -> bool {
    if now.time - before.time > NEAR {
        // Lost and found again: what lies between is bridged, and the camera may have been moved.
        return true;
    }
    let turn = (0..3).map(|i| (now.rotation[i] - before.rotation[i]).abs()).fold(0.0, f32::max);
    let step = (now.place[0] - before.place[0]).hypot(now.place[1] - before.place[1]) / before.scale;
    turn > LEAP.0 || step > LEAP.1 || (now.scale / before.scale).ln().abs() > LEAP.2
}

/// How a shot usually shows the head.
pub(super) struct Usual {
    rotation: [f32; 3],
    place: [f32; 2],
    scale: f32,
}

impl Usual {
    pub(super) fn of(shot: &[Reading]) -> Self {
        let median = |value: &dyn Fn(&Reading) -> f32| quantile(shot.iter().map(value), 0.5);
        Self {
            rotation: std::array::from_fn(|i| median(&|reading| reading.rotation[i])),
            place: std::array::from_fn(|i| median(&|reading| reading.place[i])),
            scale: median(&|reading| reading.scale),
        }
    }

    /// Makes turn and place relative: the portrait's pose stands for the driver's usual one.
    pub(super) fn subtract(&self, reading: &mut Reading) {
        reading.rotation = std::array::from_fn(|i| reading.rotation[i] - self.rotation[i]);
        let shift = |i: usize| (reading.place[i] - self.place[i]) / self.scale;
        reading.place = [shift(0), -shift(1), DISTANCE * (reading.scale / self.scale).ln()];
    }
}

/// Makes turns and places relative to each shot's own middle. Pans, zooms and a walk towards the camera fade; what is left
/// of a shift stays within a head's reach.
pub(super) fn settle(readings: &mut [Reading], shots: &[Range<usize>]) {
    for shot in shots {
        let shot = &mut readings[shot.clone()];
        let usual = Usual::of(shot);
        shot.iter_mut().for_each(|reading| usual.subtract(reading));
        let places: Vec<(f64, [f32; 3])> = shot.iter().map(|reading| (reading.time, reading.place)).collect();
        for reading in shot.iter_mut() {
            let camera = drift(&places, reading.time);
            reading.place = within_reach(std::array::from_fn(|i| reading.place[i] - camera[i]));
        }
    }
}

/// A shift, softly kept within [`REACH`].
pub(super) fn within_reach(shift: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|i| REACH[i] * (shift[i] / REACH[i]).tanh())
}

/// Mean place around `time`, weighted by a raised cosine.
fn drift(places: &[(f64, [f32; 3])], time: f64) -> [f32; 3] {
    let from = places.partition_point(|place| place.0 < time - FORGET);
    let to = places.partition_point(|place| place.0 <= time + FORGET);
    let mut sums = [0.0; 3];
    let mut total = 0.0;
    for (at, place) in &places[from..to] {
        let weight = (1.0 + (std::f64::consts::PI * (at - time) / FORGET).cos()) as f32 + 1e-3;
        total += weight;
        (0..3).for_each(|i| sums[i] += weight * place[i]);
    }
    sums.map(|sum| sum / total)
}
