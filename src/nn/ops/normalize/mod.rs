//! Instance and layer normalisation: a workgroup a row, mean and variance in two passes.

use crate::nn::gpu::{Context, Dispatch, Shader, row_groups};
use crate::nn::plan::{Node, Normalize};

pub(super) fn dispatch(op: &Normalize, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    shader
        .u32("input", context.offset(op.input))
        .u32("outer", op.outer)
        .u32("length", op.length)
        .f32("epsilon", op.epsilon);
    let text = super::across_workgroup("total", "a + b") + include_str!("normalize.wgsl");
    shader.dispatch(context, node, &text, &[("CENTRED", i64::from(op.centred))], row_groups(op.outer))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["norm"]);
    }
}
