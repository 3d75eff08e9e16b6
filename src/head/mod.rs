//! The 3-D head model: identity modes, ARKit expression deltas, the rims of lips and lids, teeth.
//!
//! [`HeadModel`] comes from `models/head.safetensors`, which `models/synth/build_head.py` computes; [`teeth`] are
//! built from published mean sizes. Everything is in inter-ocular distances, axes as in `ARCHITECTURE.md`.

mod closure;
pub mod expression;
mod model;
pub mod teeth;

pub use model::{HeadError, HeadModel, Region};

use glam::{EulerRot, Mat3};

/// R = Ry(yaw) Rx(pitch) Rz(roll), radians, right-handed.
pub fn rotation_matrix(yaw: f32, pitch: f32, roll: f32) -> Mat3 {
    Mat3::from_euler(EulerRot::YXZ, yaw, pitch, roll)
}
