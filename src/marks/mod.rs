//! Marks: what tells people and machines that a file was made here.
//!
//! So far the visible label on every frame; metadata and watermark come later.

pub mod label;
