//! What every GPU room shares: the device, texture upload and frame read-back.
//!
//! In comes an adapter's name or a canvas; out go a device and queue that the render passes record on. Nothing
//! here knows what is drawn.

mod device;
mod mipmap;
mod readback;
mod texture;

pub use device::{Gpu, GpuError};
pub use readback::read_rgba;
pub use texture::{render_target, upload_mask, upload_rgba};
