//! Marks: what tells people and machines that a file was made here.
//!
//! So far the visible label on every frame, and metadata in frames that are files of their own; more comes later.

pub mod label;
#[cfg(not(target_arch = "wasm32"))]
pub mod still;
