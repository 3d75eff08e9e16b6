//! What is done to each result of an operation before it is stored, and how other tensors are read for it.

use super::Place;
use serde::{Deserialize, Serialize};

/// One axis of a strided reading: element i is at `stride * ((i - start) / divide)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// Length in the result.
    pub length: u32,
    /// Elements from one to the next; 0 repeats, negative reads backwards.
    pub stride: i32,
    /// How often each is repeated.
    pub divide: u32,
    /// Indices from `start` to below `end` are read, others are `fill`; only [`Spread::input`] may leave any out.
    pub start: i32,
    /// See `start`.
    pub end: i32,
}

/// Element-wise work on a value x.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// f(x)
    Unary(Unary),
    /// f(x, operand), or f(operand, x) when `reversed`.
    Binary {
        /// f
        binary: Binary,
        /// The other value.
        operand: Operand,
        /// Whether x is the right one.
        reversed: bool,
    },
    /// x where it is not 0 selects the first, else the second.
    Select(Operand, Operand),
}

/// The other value of a [`Step::Binary`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Operand {
    /// The same for all.
    Number(f32),
    /// The element of the same index.
    Same(Place),
    /// One number a channel: index = (i / inner) % count.
    Channel {
        /// Where they are.
        place: Place,
        /// Elements of one channel.
        inner: u32,
        /// Number of channels.
        count: u32,
    },
    /// Any strided reading over the result's own shape.
    Strided {
        /// Where they are.
        place: Place,
        /// Outermost first; at most six.
        axes: Vec<Axis>,
    },
}

/// Functions of one value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named by what they compute")]
pub enum Unary {
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    /// Between the two.
    Clip(f32, f32),
    Cos,
    Cosh,
    /// x for x > 0, else a * (exp(x) - 1).
    Elu(f32),
    Erf,
    Exp,
    Floor,
    /// Exact, by the error function.
    Gelu,
    /// By tanh.
    GeluTanh,
    /// max(0, min(1, a * x + b))
    HardSigmoid(f32, f32),
    HardSwish,
    /// x for x > 0, else a * x.
    LeakyRelu(f32),
    Log,
    Neg,
    /// 1 where x is 0.
    Not,
    /// x to a constant power; a negative x only where the exponent is whole.
    Power(f32),
    Reciprocal,
    Relu,
    /// Halves to even.
    Round,
    /// 1 / sqrt(x)
    Rsqrt,
    Sigmoid,
    Sign,
    /// x * sigmoid(x)
    Silu,
    Sin,
    Sinh,
    Softplus,
    Sqrt,
    Square,
    Tan,
    Tanh,
    /// Towards zero.
    Truncate,
}

/// Functions of two values; comparisons give 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named by what they compute")]
pub enum Binary {
    Add,
    And,
    Div,
    Eq,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Max,
    Min,
    Mul,
    NotEq,
    Or,
    Pow,
    /// x for x > 0, else x * operand.
    Prelu,
    Rem,
    Sub,
}

impl Axis {
    /// Whether some of its indices are not read.
    pub fn is_limited(&self) -> bool {
        self.start > 0 || self.end < self.length as i32
    }
}

impl Step {
    /// Every place it reads.
    pub fn reads(&mut self) -> Vec<&mut Place> {
        match self {
            Self::Unary(_) => vec![],
            Self::Binary { operand, .. } => operand.place().into_iter().collect(),
            Self::Select(a, b) => a.place().into_iter().chain(b.place()).collect(),
        }
    }
}

impl Operand {
    /// Where it is, unless it is a number.
    pub fn place(&mut self) -> Option<&mut Place> {
        match self {
            Self::Number(_) => None,
            Self::Same(place) | Self::Channel { place, .. } | Self::Strided { place, .. } => Some(place),
        }
    }
}
