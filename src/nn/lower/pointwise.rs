//! tract's element-wise operations by name.

use crate::nn::plan::{Binary, Unary};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::math::PowConst;
use tract_onnx::tract_core::ops::nn::LeakyRelu;

/// The function of one value, if there is a kernel for it.
pub(super) fn unary(op: &ElementWiseOp) -> Option<Unary> {
    if let Some(leaky) = op.0.downcast_ref::<LeakyRelu>() {
        return Some(Unary::LeakyRelu(leaky.alpha));
    }
    if let Some(power) = op.0.downcast_ref::<PowConst>() {
        return Some(Unary::Power(power.exponent));
    }
    Some(match op.0.name().as_str() {
        "Abs" => Unary::Abs,
        "Acos" => Unary::Acos,
        "Acosh" => Unary::Acosh,
        "Asin" => Unary::Asin,
        "Asinh" => Unary::Asinh,
        "Atan" => Unary::Atan,
        "Atanh" => Unary::Atanh,
        "Ceil" => Unary::Ceil,
        "Cos" => Unary::Cos,
        "Cosh" => Unary::Cosh,
        "Erf" => Unary::Erf,
        "Exp" => Unary::Exp,
        "Floor" => Unary::Floor,
        "GeluApproximate" => Unary::GeluTanh,
        "GeluExact" => Unary::Gelu,
        "HardSwish" => Unary::HardSwish,
        "Ln" => Unary::Log,
        "Neg" => Unary::Neg,
        "Not" => Unary::Not,
        "Recip" => Unary::Reciprocal,
        "RoundHalfToEven" => Unary::Round,
        "Rsqrt" => Unary::Rsqrt,
        "Sigmoid" => Unary::Sigmoid,
        "Sign" => Unary::Sign,
        "Silu" => Unary::Silu,
        "Sin" => Unary::Sin,
        "Sinh" => Unary::Sinh,
        "Sqrt" => Unary::Sqrt,
        "Square" => Unary::Square,
        "Tan" => Unary::Tan,
        "Tanh" => Unary::Tanh,
        _ => return None,
    })
}

/// The function of two values, if there is a kernel for it.
pub(super) fn binary(op: &TypedBinOp) -> Option<Binary> {
    Some(match op.0.name() {
        "Add" => Binary::Add,
        "And" => Binary::And,
        "Div" => Binary::Div,
        "Eq" => Binary::Eq,
        "GT" => Binary::Greater,
        "GTE" => Binary::GreaterOrEqual,
        "LT" => Binary::Less,
        "LTE" => Binary::LessOrEqual,
        "Max" => Binary::Max,
        "Min" => Binary::Min,
        "Mul" => Binary::Mul,
        "NE" | "Xor" => Binary::NotEq,
        "Or" => Binary::Or,
        "Pow" => Binary::Pow,
        "Rem" => Binary::Rem,
        "Sub" => Binary::Sub,
        _ => return None,
    })
}
