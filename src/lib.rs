//! Portraoke: a portrait sings.
//!
//! [`portrait`] reads a photo and finds all that is to know about the face in it; [`song`] turns a score into a
//! voice and a motion track (a [`clip`]); [`animate`] warps the photo's own pixels along the track; [`scene`] puts
//! several of them into one frame; [`head`] is the 3-D model that reading and moving share. [`nn`] runs the networks, [`gpu`] holds what the GPU rooms share, [`marks`] labels
//! what comes out, and `web` is the surface the page's worker calls.

pub mod animate;
pub mod clip;
pub mod gpu;
pub mod head;
pub mod marks;
pub mod nn;
pub mod portrait;
mod random;
pub mod scene;
pub mod song;
#[cfg(target_arch = "wasm32")]
pub mod web;
