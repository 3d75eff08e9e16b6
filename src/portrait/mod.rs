//! A photo in; everything the stage needs to know about it out.
//!
//! [`decode`] reads the file under limits and turns it upright; [`detect`](Analyser::analyse) finds the faces,
//! the landmark network reads 68 iBUG points, irises, dense points, expression and gaze from each, and the head
//! model is fitted to them by least squares ([`HeadFit`]). [`Analyser::layers`] splits the picture into person,
//! hair and a clean background for the face that will sing. [`Tracker`] and [`Recording`] follow one face through the
//! frames of a video.
//!
//! Everything is a pure function of the bytes: the same file gives the same [`Portrait`]. Coordinates are image
//! pixels (x right, y down, origin at the top-left corner of the top-left pixel, so a pixel's centre lies at
//! +0.5) unless a field says otherwise.

mod analyser;
mod background;
mod correct;
mod decode;
mod detect;
mod error;
mod fit;
mod gaze;
mod guided;
mod identity;
mod landmarks;
mod layers;
mod mirror;
mod normal;
mod plane;
mod remarks;
mod steady;
mod track;
mod types;

pub use analyser::{Analyser, ModelBytes};
pub(crate) use background::harmonic_fill;
pub use correct::Corrected;
pub use decode::{MAX_LONG_SIDE, MAX_PIXELS, MIN_SIDE, decode};
pub use error::{ModelError, PortraitError};
pub use gaze::{IRIS_DISTANCE, angles, direction, gaze};
pub(crate) use layers::{CROP_DROP, CROP_FACTOR};
pub use remarks::Remark;
pub use track::{Recording, Tracker};
pub use types::{Bounds, Decoded, Face, HeadFit, Layers, Occluder, Portrait};
