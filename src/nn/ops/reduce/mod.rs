//! Sums, means, maxima, minima and products over one axis. Long rows of neighbours have a workgroup each.

use crate::nn::gpu::{Context, Dispatch, Shader, flat_groups, row_groups};
use crate::nn::plan::{Node, Reduce, Reducer};

pub(super) fn dispatch(op: &Reduce, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    shader
        .u32("input", context.offset(op.input))
        .u32("outer", op.outer)
        .u32("length", op.length)
        .u32("inner", op.inner);
    let (start, join, end) = match op.reducer {
        Reducer::Sum => ("0.0", "a + b", "total"),
        Reducer::Mean => ("0.0", "a + b", "total / f32(p.length)"),
        Reducer::MeanOfSquares => ("0.0", "a + b", "total / f32(p.length)"),
        Reducer::Max => ("-3.402823e38", "max(a, b)", "total"),
        Reducer::Min => ("3.402823e38", "min(a, b)", "total"),
        Reducer::Product => ("1.0", "a * b", "total"),
    };
    let element = if op.reducer == Reducer::MeanOfSquares { "value * value" } else { "value" };
    let text = include_str!("reduce.wgsl")
        .replace("START", start)
        .replace("JOIN", join)
        .replace("END", end)
        .replace("ELEMENT", element);
    let together = op.inner == 1 && op.length >= 64;
    let shared = if together { super::across_workgroup("joined", join) } else { String::new() };
    let groups = if together { row_groups(op.outer) } else { flat_groups(op.outer * op.inner) };
    shader.dispatch(context, node, &(shared + &text), &[("TOGETHER", i64::from(together))], groups)
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["reduce"]);
    }
}
