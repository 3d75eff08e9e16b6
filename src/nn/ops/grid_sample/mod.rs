//! ONNX GridSample on pictures and volumes: one invocation a grid point and channel.

use crate::nn::gpu::{Context, Dispatch, Shader, array, flat_groups};
use crate::nn::plan::{GridSample, Interpolation, Node, Outside};

pub(super) fn dispatch(op: &GridSample, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    let elements = node.elements() as u32;
    shader.u32("elements", elements).u32("input", context.offset(op.input)).u32("grid", context.offset(op.grid));
    shader.u32("channels", op.channels).size("in", op.size).size("out", op.output);
    let names = [
        ("RANK", op.rank),
        ("NEAREST", u32::from(op.interpolation == Interpolation::Nearest)),
        ("CUBIC", u32::from(op.interpolation == Interpolation::Cubic)),
        ("BORDER", u32::from(op.outside == Outside::Border)),
        ("REFLECTION", u32::from(op.outside == Outside::Reflection)),
        ("ALIGN", u32::from(op.align_corners)),
    ]
    .map(|(name, value)| (name, i64::from(value)));
    let text = include_str!("grid_sample.wgsl").replace("SOURCE", array(op.input)).replace("GRID", array(op.grid));
    shader.dispatch(context, node, &text, &names, flat_groups(elements))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["grid_sample"]);
    }
}
