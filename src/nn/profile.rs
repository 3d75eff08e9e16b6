//! Where a network's time goes.

use serde::Serialize;

/// One run of a network on the graphics card, measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The network's.
    pub name: String,
    /// Shader dispatches of the run.
    pub dispatches: usize,
    /// Different shaders among them.
    pub pipelines: usize,
    /// Milliseconds of all of them together. Each is timed by itself, so a run takes less.
    pub ms: f64,
    /// Each of them, in the order in which they run.
    pub ops: Vec<OpTime>,
}

/// One dispatch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpTime {
    /// What it computes, for example "conv 3x3".
    pub op: String,
    /// The node it comes from.
    pub name: String,
    /// The shape of what comes out.
    pub shape: Vec<u32>,
    /// Milliseconds.
    pub ms: f64,
}
