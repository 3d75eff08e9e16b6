//! One dispatch in the making: a kernel's text, its parameters, and the element-wise steps at its end.

use super::Precision;
use super::template::expand;
use crate::nn::plan::{Axis, Binary, Node, Operand, Place, Step, Unary};
use std::fmt::Write;

/// A kernel with everything a node needs of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dispatch {
    /// WGSL; nodes of the same text share a pipeline.
    pub(crate) shader: String,
    /// The uniform `p`, word by word.
    pub(crate) parameters: Vec<u32>,
    /// Workgroups.
    pub(crate) groups: [u32; 3],
}

/// Invocations of a workgroup.
pub(crate) const WORKGROUP: u32 = 64;
/// Most workgroups along one axis: WebGPU's least limit.
pub(crate) const MAX_GROUPS: u32 = 65_535;

/// Collects the members of the uniform and the text of `finish`.
#[derive(Debug, Default)]
pub(crate) struct Shader {
    members: String,
    words: Vec<u32>,
}

impl Shader {
    /// A whole number that kernels read as `p.name`.
    pub(crate) fn u32(&mut self, name: &str, value: u32) -> &mut Self {
        self.member(name, "u32", value)
    }

    /// As [`Shader::u32`], signed.
    pub(crate) fn i32(&mut self, name: &str, value: i32) -> &mut Self {
        self.member(name, "i32", value as u32)
    }

    /// As [`Shader::u32`], a number.
    pub(crate) fn f32(&mut self, name: &str, value: f32) -> &mut Self {
        self.member(name, "f32", value.to_bits())
    }

    /// Several, as `p.name_x`, `p.name_y`, `p.name_z`: width, height, depth of [depth, height, width].
    pub(crate) fn size(&mut self, name: &str, [z, y, x]: [u32; 3]) -> &mut Self {
        self.u32(&format!("{name}_x"), x).u32(&format!("{name}_y"), y).u32(&format!("{name}_z"), z)
    }

    fn member(&mut self, name: &str, kind: &str, word: u32) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = writeln!(self.members, "{name}: {kind},");
        self.words.push(word);
        self
    }

    /// Strided axes as members `name_l0`, `name_s0`, `name_d0` ... and the text of a function of that name, from an index
    /// to an offset.
    pub(crate) fn axes(&mut self, name: &str, axes: &[Axis]) -> String {
        let mut text = format!("fn {name}(index: u32) -> u32 {{\nvar rest = index;\nvar offset = 0;\n");
        for (i, axis) in axes.iter().enumerate().rev() {
            self.u32(&format!("{name}_l{i}"), axis.length).i32(&format!("{name}_s{i}"), axis.stride);
            let own = if i == 0 { "rest".to_owned() } else { format!("rest % p.{name}_l{i}") };
            let divided = if axis.divide > 1 {
                self.u32(&format!("{name}_d{i}"), axis.divide);
                format!("({own}) / p.{name}_d{i}")
            } else {
                own
            };
            let _ = writeln!(text, "offset += i32({divided}) * p.{name}_s{i};");
            if i > 0 {
                let _ = writeln!(text, "rest = rest / p.{name}_l{i};");
            }
        }
        text.push_str("return u32(offset);\n}\n");
        text
    }

    /// The finished dispatch: `kernel` expanded with `names`, with the node's steps and result.
    pub(crate) fn dispatch(
        mut self,
        context: &mut super::Context<'_>,
        node: &Node,
        kernel: &str,
        names: &[(&str, i64)],
        groups: [u32; 3],
    ) -> Dispatch {
        self.u32("output", node.output);
        let steps = steps(&mut self, context, &node.steps);
        let half = context.precision == Precision::Half;
        let names: Vec<(&str, i64)> = names.iter().copied().chain([("HALF", i64::from(half))]).collect();
        let kernel = expand(kernel, &names);
        let real = if half { "enable f16;\nalias Real = f16;\n" } else { "alias Real = f32;\n" };
        let common = include_str!("common.wgsl");
        let shader = format!("{real}struct Parameters {{\n{}}}\n{common}{steps}{kernel}", self.members);
        Dispatch { shader, parameters: self.words, groups }
    }
}

/// How a kernel reads a place: the array's name.
pub(crate) fn array(place: Place) -> &'static str {
    match place {
        Place::Arena(_) => "arena",
        Place::Constant(..) => "constants",
    }
}

/// `fn finish(value, index)`: the node's steps.
fn steps(shader: &mut Shader, context: &mut super::Context<'_>, steps: &[Step]) -> String {
    let mut helpers = String::new();
    let mut body = String::from("fn finish(value: f32, index: u32) -> f32 {\nvar x = value;\n");
    let mut count = 0;
    for step in steps {
        let mut operand = |operand: &Operand| -> String {
            let name = format!("s{count}");
            count += 1;
            match operand {
                Operand::Number(number) => {
                    shader.f32(&name, *number);
                    format!("p.{name}")
                }
                Operand::Same(place) => {
                    shader.u32(&name, context.offset(*place));
                    format!("{}[p.{name} + index]", array(*place))
                }
                Operand::Channel { place, inner, count } => {
                    shader
                        .u32(&name, context.offset(*place))
                        .u32(&format!("{name}_inner"), *inner)
                        .u32(&format!("{name}_count"), *count);
                    format!("{}[p.{name} + (index / p.{name}_inner) % p.{name}_count]", array(*place))
                }
                Operand::Strided { place, axes } => {
                    shader.u32(&name, context.offset(*place));
                    helpers.push_str(&shader.axes(&format!("{name}_at"), axes));
                    format!("{}[p.{name} + {name}_at(index)]", array(*place))
                }
            }
        };
        let line = match step {
            Step::Unary(unary) => {
                let mut number = |value: f32| operand(&Operand::Number(value));
                unary_text(*unary, &mut number)
            }
            Step::Binary { binary, operand: other, reversed } => {
                let other = operand(other);
                let (a, b) = if *reversed { (other.as_str(), "x") } else { ("x", other.as_str()) };
                binary_text(*binary, a, b)
            }
            Step::Select(yes, no) => {
                let (yes, no) = (operand(yes), operand(no));
                format!("select({no}, {yes}, x != 0.0)")
            }
        };
        let _ = writeln!(body, "x = {line};");
    }
    body.push_str("return x;\n}\n");
    helpers + &body
}

fn unary_text(unary: Unary, number: &mut dyn FnMut(f32) -> String) -> String {
    match unary {
        Unary::Abs => "abs(x)".into(),
        Unary::Acos => "arc_cosine(x)".into(),
        Unary::Acosh => "acosh(x)".into(),
        Unary::Asin => "arc_sine(x)".into(),
        Unary::Asinh => "asinh(x)".into(),
        Unary::Atan => "atan(x)".into(),
        Unary::Atanh => "atanh(x)".into(),
        Unary::Ceil => "ceil(x)".into(),
        Unary::Clip(low, high) => format!("clamp(x, {}, {})", number(low), number(high)),
        Unary::Cos => "cos(x)".into(),
        Unary::Cosh => "cosh(x)".into(),
        Unary::Elu(a) => format!("select({} * (exp(min(x, 0.0)) - 1.0), x, x > 0.0)", number(a)),
        Unary::Erf => "error_function(x)".into(),
        Unary::Exp => "exp(x)".into(),
        Unary::Floor => "floor(x)".into(),
        Unary::Gelu => "0.5 * x * (1.0 + error_function(x * 0.7071067811865476))".into(),
        Unary::GeluTanh => "0.5 * x * (1.0 + safe_tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))".into(),
        Unary::HardSigmoid(a, b) => format!("clamp({} * x + {}, 0.0, 1.0)", number(a), number(b)),
        Unary::HardSwish => "x * clamp(x / 6.0 + 0.5, 0.0, 1.0)".into(),
        Unary::LeakyRelu(a) => format!("select({} * x, x, x > 0.0)", number(a)),
        Unary::Log => "log(x)".into(),
        Unary::Neg => "-x".into(),
        Unary::Not => "select(0.0, 1.0, x == 0.0)".into(),
        Unary::Power(2.0) => "x * x".into(),
        Unary::Power(3.0) => "x * x * x".into(),
        Unary::Power(0.5) => "sqrt(x)".into(),
        Unary::Power(1.0) => "x".into(),
        Unary::Power(0.0) => "1.0".into(),
        Unary::Power(e) => format!("power(x, {})", number(e)),
        Unary::Reciprocal => "1.0 / x".into(),
        Unary::Relu => "max(x, 0.0)".into(),
        Unary::Round => "round(x)".into(),
        Unary::Rsqrt => "inverseSqrt(x)".into(),
        Unary::Sigmoid => "1.0 / (1.0 + exp(-x))".into(),
        Unary::Sign => "sign(x)".into(),
        Unary::Silu => "x / (1.0 + exp(-x))".into(),
        Unary::Sin => "sin(x)".into(),
        Unary::Sinh => "sinh(x)".into(),
        Unary::Softplus => "max(x, 0.0) + log(1.0 + exp(-abs(x)))".into(),
        Unary::Sqrt => "sqrt(x)".into(),
        Unary::Square => "x * x".into(),
        Unary::Tan => "tan(x)".into(),
        Unary::Tanh => "safe_tanh(x)".into(),
        Unary::Truncate => "trunc(x)".into(),
    }
}

fn binary_text(binary: Binary, a: &str, b: &str) -> String {
    let truth = |condition: String| format!("select(0.0, 1.0, {condition})");
    match binary {
        Binary::Add => format!("{a} + {b}"),
        Binary::And => truth(format!("{a} != 0.0 && {b} != 0.0")),
        Binary::Div => format!("{a} / {b}"),
        Binary::Eq => truth(format!("{a} == {b}")),
        Binary::Greater => truth(format!("{a} > {b}")),
        Binary::GreaterOrEqual => truth(format!("{a} >= {b}")),
        Binary::Less => truth(format!("{a} < {b}")),
        Binary::LessOrEqual => truth(format!("{a} <= {b}")),
        Binary::Max => format!("max({a}, {b})"),
        Binary::Min => format!("min({a}, {b})"),
        Binary::Mul => format!("{a} * {b}"),
        Binary::NotEq => truth(format!("{a} != {b}")),
        Binary::Or => truth(format!("{a} != 0.0 || {b} != 0.0")),
        Binary::Pow => format!("power({a}, {b})"),
        Binary::Prelu => format!("select({a} * {b}, {a}, {a} > 0.0)"),
        Binary::Rem => format!("{a} % {b}"),
        Binary::Sub => format!("{a} - {b}"),
    }
}
