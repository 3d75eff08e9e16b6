//! What one frame says: expression, pose, place and gaze.

use super::apart::distances;
use crate::head::HeadModel;
use crate::head::expression::{Expression, expression_index};
use crate::portrait::{Face, HeadFit, gaze};
use glam::{EulerRot, Mat3};

/// Focal length over the picture's longer side: 50 mm on film of 36 mm.
const FOCAL: f32 = 1.4;

/// One frame's face in the terms of a track.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// Seconds from the clip's start.
    pub time: f64,
    pub expression: Expression,
    /// Yaw, pitch, roll, radians.
    pub rotation: [f32; 3],
    /// Where the head's pivot is, pixels; after [`settle`](super::pose::settle) its shift in inter-ocular distances,
    /// x to the own left, y up, z towards the camera.
    pub place: [f32; 3],
    /// Pixels for one inter-ocular distance.
    pub scale: f32,
    /// Left yaw and pitch, right yaw and pitch, radians.
    pub gaze: [f32; 4],
    /// Inner lips, left lids, right lids: how far they are [apart](super::apart), inter-ocular distances.
    pub apart: [f32; 3],
}

impl Reading {
    pub(super) fn new(head: &HeadModel, time: f64, face: &Face, size: [u32; 2]) -> Self {
        let fit = &face.fit;
        Self {
            time,
            expression: fit.expression,
            rotation: in_space(fit, size),
            place: [fit.translation[0], fit.translation[1], 0.0],
            scale: fit.scale.max(1e-3),
            gaze: gaze(head, face),
            apart: distances(face),
        }
    }

    /// Between `self` and `other`, `share` 0..1 of the way.
    pub(super) fn towards(&self, other: &Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self {
            time: self.time + (other.time - self.time) * f64::from(share),
            expression: Expression(std::array::from_fn(|i| mix(self.expression.0[i], other.expression.0[i]))),
            rotation: std::array::from_fn(|i| mix(self.rotation[i], other.rotation[i])),
            place: std::array::from_fn(|i| mix(self.place[i], other.place[i])),
            scale: mix(self.scale, other.scale),
            gaze: std::array::from_fn(|i| mix(self.gaze[i], other.gaze[i])),
            apart: std::array::from_fn(|i| mix(self.apart[i], other.apart[i])),
        }
    }
}

/// The head's turn in space, yaw, pitch, roll. The fit's own is relative to the line of sight, which turns when the head
/// moves across a picture of `size` pixels: a head that goes aside is seen from another side without having turned.
fn in_space(fit: &HeadFit, size: [u32; 2]) -> [f32; 3] {
    let [width, height] = size.map(|side| side.max(1) as f32);
    let focal = FOCAL * width.max(height);
    let [right, down] = [fit.translation[0] - 0.5 * width, fit.translation[1] - 0.5 * height];
    let sight = Mat3::from_euler(EulerRot::YXZ, (-right).atan2(focal), (-down).atan2(focal), 0.0);
    let (yaw, pitch, roll) = (sight * fit.rotation_matrix()).to_euler(EulerRot::YXZ);
    [yaw, pitch, roll]
}

/// Blink from which lids hide the iris and its reading is a guess.
const HIDDEN: f32 = 0.5;

/// Where lids hide the irises the gaze goes straight from where it was to where it is afterwards.
pub(super) fn hold_gaze_in_blinks(readings: &mut [Reading]) {
    let lids = ["eyeBlinkLeft", "eyeBlinkRight"].map(|name| expression_index(name).unwrap_or_default());
    let hidden: Vec<bool> = readings.iter().map(|r| lids.iter().any(|&lid| r.expression.0[lid] > HIDDEN)).collect();
    let mut at = 0;
    while at < readings.len() {
        if !hidden[at] {
            at += 1;
            continue;
        }
        let end = (at..readings.len()).find(|&i| !hidden[i]).unwrap_or(readings.len());
        let before = at.checked_sub(1).map(|i| readings[i].gaze);
        let after = readings.get(end).map(|r| r.gaze);
        let (Some(from), Some(to)) = (before.or(after), after.or(before)) else { return };
        let steps = (end + 1 - at) as f32;
        for (i, reading) in readings[at..end].iter_mut().enumerate() {
            let share = (i + 1) as f32 / steps;
            reading.gaze = std::array::from_fn(|k| from[k] + (to[k] - from[k]) * share);
        }
        at = end;
    }
}
