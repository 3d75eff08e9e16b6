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
    shader.i32("in_width", w.input[2] as i32).i32("in_height", w.input[1] as i32);
    shader.u32("out_width", w.output[2]).u32("out_height", w.output[1]);
    shader.i32("pad_x", w.padding[2] as i32).i32("pad_y", w.padding[1] as i32);
    let taken = (rows - 1) * w.stride[1] + (w.kernel[1] - 1) * w.dilation[1] + 1;
    let names = [
        ("ROWS", rows),
        ("TAKEN", taken),
        ("KERNEL_X", w.kernel[2]),
        ("KERNEL_Y", w.kernel[1]),
        ("STRIDE_X", w.stride[2]),
        ("STRIDE_Y", w.stride[1]),
        ("DILATION_X", w.dilation[2]),
        ("DILATION_Y", w.dilation[1]),
    ]
    .map(|(name, value)| (name, i64::from(value)));
    let columns = w.output[2] * w.output[1].div_ceil(rows);
    shader.dispatch(
        context,
        node,
        include_str!("depthwise.wgsl"),
        &names,
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
