//! Runs a [`Plan`](super::plan::Plan) on the GPU.
//!
//! All tensors lie in one storage buffer (the arena), all weights in another, all parameters in a uniform: one bind
//! group serves every operation, an inference is one submission, and nothing waits but the reading of its results.
//! [`shader`] makes each operation's WGSL, [`executor`] the buffers and pipelines, [`readback`] the results.

mod context;
mod crop;
mod executor;
mod network;
mod profile;
mod readback;
mod shader;
mod template;

pub use context::Precision;
pub(super) use context::{Context, flat_groups, row_groups};
pub use executor::{Executor, Running, shaders};
pub use network::GpuNetwork;
pub(super) use shader::{Dispatch, Shader, WORKGROUP, array};
