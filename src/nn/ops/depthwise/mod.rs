//! Convolutions of pictures in which each channel sees only itself.

use crate::nn::gpu::{Context, Dispatch, Shader, WORKGROUP};
use crate::nn::plan::{Conv, Node};

/// Whether this kernel runs it.
pub(super) fn fits(op: &Conv) -> bool {
    super::conv::fits(op) && op.groups > 1 && op.groups == op.channels_in && op.groups == op.channels_out
}

pub(super) fn dispatch(op: &Conv, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let w = &op.window;
    let rows = 4.min(w.output[1]);
    let mut shader = Shader::default();
    shader.u32("input", context.offset(op.input)).u32("weights", context.raw(op.weights)).u32("bias", context.bias(op));
    shader.u32("channels", op.groups);
    super::picture(&mut shader, w);
    let columns = w.output[2] * w.output[1].div_ceil(rows);
    shader.dispatch(
        context,
        node,
        include_str!("depthwise.wgsl"),
        &super::picture_names(w, rows),
        [columns.div_ceil(WORKGROUP), 1, op.groups * op.batch],
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check_named(&["conv"], "depthwise");
    }
}
