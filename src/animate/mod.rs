//! Portrait and track in, frames out: the stage.
//!
//! A frame is a function of portrait, track, settings and time alone. [`retarget`] puts the driver's motion onto
//! the source's own expression and pose, [`rig`](Rig) moves the head model bound to the photo, and the layers are
//! drawn back to front: the background, which never moves; the person ([`person`]: hair, neck, shoulders on a soft
//! grid); the eyes; the mouth's inside, through the opening between the lips; the face ([`surface`]: the head
//! model's triangles, where lips and lids part); and the label. Every pixel but the mouth's inside comes from the
//! photo, at its full resolution.

mod aperture;
mod controls;
mod correction;
pub mod expressions;
mod eyes;
mod head_room;
mod light;
mod lip_line;
mod mesh;
mod mouth;
mod passes;
mod person;
mod refiner;
mod refiner_view;
pub mod residual;
pub mod retarget;
mod rig;
mod rims;
mod shading;
mod stage;
mod surface;

pub use controls::{Controls, Gaze, Teeth, TeethLook};
pub use head_room::{MotionRange, fitting, head_room};
pub use mesh::{Mesh, PictureVertex, ShadedVertex};
pub use passes::{Layer, Passes, Picture, View};
pub(crate) use person::smoothstep;
pub use refiner::Refiner;
pub use refiner_view::{SIDE as REFINER_SIDE, Square};
pub use rig::{Placement, Posed, Rig};
pub use stage::{Moment, Stage};
