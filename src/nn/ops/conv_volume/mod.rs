//! Convolutions of volumes, and transposed ones of pictures and volumes: every case, four output channels at a time.

use crate::nn::gpu::{Context, Dispatch, Shader, WORKGROUP};
use crate::nn::plan::{Conv, Node};

pub(super) fn dispatch(op: &Conv, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let outputs = op.channels_out / op.groups;
    let blocks = outputs.div_ceil(4);
    let mut shader = Shader::default();
    shader
        .u32("input", context.offset(op.input))
        .u32("weights", context.conv_weights(op, 1))
        .u32("bias", context.bias(op));
    shader
        .u32("inputs", op.channels_in / op.groups)
        .u32("outputs", outputs)
        .u32("groups", op.groups)
        .u32("blocks", blocks);
    super::window(&mut shader, &op.window);
    let area: u32 = op.window.output.iter().product();
    let names = [("TRANSPOSED", i64::from(op.transposed))];
    let groups = [area.div_ceil(WORKGROUP), 1, blocks * op.groups * op.batch];
    shader.dispatch(context, node, include_str!("conv_volume.wgsl"), &names, groups)
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["conv3d", "conv_transpose"]);
    }
}
