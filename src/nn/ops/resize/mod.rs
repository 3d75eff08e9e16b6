//! Resampling by tables of indices and weights: ONNX Resize in all its modes, gathers, reflections.

use crate::nn::gpu::{Context, Dispatch, Shader, flat_groups};
use crate::nn::plan::{Node, Resize};

pub(super) fn dispatch(op: &Resize, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    let elements = node.elements() as u32;
    shader.u32("elements", elements).u32("input", context.offset(op.input));
    let mut names = vec![("CONSTANT_INPUT", i64::from(matches!(op.input, crate::nn::plan::Place::Constant(..))))];
    let labels = [("TABLE_Z", "TAPS_Z"), ("TABLE_Y", "TAPS_Y"), ("TABLE_X", "TAPS_X")];
    for ((axis, name), (table, taps)) in op.axes.iter().zip(["z", "y", "x"]).zip(labels) {
        shader.u32(&format!("in_{name}"), axis.input).u32(&format!("out_{name}"), axis.output);
        if let Some(number) = axis.table {
            shader.u32(&format!("table_{name}"), context.raw(number));
        }
        names.extend([(table, i64::from(axis.table.is_some())), (taps, i64::from(axis.taps))]);
    }
    shader.dispatch(context, node, include_str!("resize.wgsl"), &names, flat_groups(elements))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["resize", "gather"]);
    }
}
