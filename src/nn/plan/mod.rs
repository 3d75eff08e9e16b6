//! A network as the executor runs it: a list of operations on one arena of memory, and the weights they need.
//!
//! `nn::lower` makes a [`Plan`] from an ONNX file; [`file`] writes and reads it; `nn::gpu` runs it. All tensors are
//! dense and row-major (NCHW for pictures). Those computed at run time lie in the arena, at offsets that the planner
//! chose so that tensors which are never needed together share their place.

mod check;
mod extent;
mod file;
mod op;
mod show;
mod step;

pub use file::{MAGIC, MAX_PLAN_BYTES};
pub use op::{
    Conv, GridSample, Interpolation, MatMul, Node, Normalize, Op, Outside, Pool, Pooling, Reduce, Reducer, Resize,
    ResizeAxis, Softmax, Spread, Window,
};
pub use show::show;
pub use step::{Axis, Binary, Operand, Step, Unary};

use crate::nn::Port;
use serde::{Deserialize, Serialize};

/// Largest tensor, arena or set of weights, elements: WebGPU's default storage binding of 128 MiB.
pub const MAX_ELEMENTS: usize = (128 << 20) / 4;

/// Where a dense tensor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Offset in the arena, elements.
    Arena(u32),
    /// Number of the constant, and an offset in it, elements.
    Constant(u32, u32),
}

/// How the file stores a constant's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// Four bytes a number.
    F32,
    /// IEEE 754 half precision.
    F16,
    /// A byte a number, after one f32 scale for each row (the first axis): number = scale * byte.
    Int8Rows,
    /// As [`Encoding::Int8Rows`], with a scale for each place of the other axes together.
    Int8Columns,
}

/// Weights, biases, tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Row-major.
    pub shape: Vec<u32>,
    /// As stored.
    pub encoding: Encoding,
    /// Numbers, decoded; not part of the file's description.
    #[serde(skip)]
    pub values: Vec<f32>,
}

/// A network's input or output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPort {
    /// As in the ONNX file.
    pub name: String,
    /// Row-major.
    pub shape: Vec<usize>,
    /// Offset in the arena, elements.
    pub offset: u32,
}

/// A network ready for the executor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// For messages and profiles.
    pub name: String,
    /// In the order of the ONNX file.
    pub inputs: Vec<PlanPort>,
    /// In the order of the ONNX file; they lie one after the other at the arena's beginning.
    pub outputs: Vec<PlanPort>,
    /// In the order in which they run.
    pub nodes: Vec<Node>,
    /// Weights.
    pub constants: Vec<Constant>,
    /// Size of the arena, elements.
    pub arena: u32,
}

impl Plan {
    /// Multiplications and additions of all convolutions and matrix products.
    pub fn macs(&self) -> u64 {
        self.nodes.iter().map(|node| node.op.macs()).sum()
    }

    /// Bytes of the weights as stored.
    pub fn weight_bytes(&self) -> usize {
        self.constants.iter().map(Constant::stored_bytes).sum()
    }
}

impl PlanPort {
    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Without the place.
    pub fn port(&self) -> Port {
        Port { name: self.name.clone(), shape: self.shape.clone() }
    }
}

impl Constant {
    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().map(|&d| d as usize).product()
    }

    /// Length of the first axis; 1 for a single number.
    pub(crate) fn rows(&self) -> usize {
        self.shape.first().map_or(1, |&d| d as usize)
    }

    /// Bytes in the file.
    pub fn stored_bytes(&self) -> usize {
        match self.encoding {
            Encoding::F32 => 4 * self.elements(),
            Encoding::F16 => 2 * self.elements(),
            encoding => 4 * self.scales(encoding) + self.elements(),
        }
    }

    /// Number of scales that an int8 encoding has.
    fn scales(&self, encoding: Encoding) -> usize {
        match encoding {
            Encoding::Int8Rows => self.rows(),
            Encoding::Int8Columns => self.elements() / self.rows().max(1),
            Encoding::F32 | Encoding::F16 => 0,
        }
    }
}
