//! Where a network's time goes.

use serde::Serialize;

/// One run of a network on the graphics card, measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The network's.
    pub name: String,
    /// Shader dispatches of the run.
    pub dispatches: usize,
    /// Milliseconds of all of them together.
    pub ms: f64,
    /// Each of them, in the order in which they run.
    pub ops: Vec<OpTime>,
}

/// One dispatch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpTime {
    /// What it computes, for example "conv 3x3".
    pub op: String,
    /// The shape of what comes out.
    pub shape: Vec<usize>,
    /// Milliseconds.
    pub ms: f64,
}
