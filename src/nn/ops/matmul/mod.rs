//! Batched matrix products with any strides.
//!
//! Each invocation makes `ROWS` results of one column, so that neighbours read neighbouring columns.

use crate::nn::gpu::{Context, Dispatch, Shader, WORKGROUP, array};
use crate::nn::plan::{MatMul, Node};

pub(super) fn dispatch(op: &MatMul, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let rows = 4.min(op.m);
    let mut shader = Shader::default();
    shader.u32("a", context.offset(op.a)).u32("b", context.offset(op.b)).u32("m", op.m).u32("k", op.k).u32("n", op.n);
    for (name, strides) in [("a", op.a_strides), ("b", op.b_strides)] {
        for (axis, stride) in ["batch", "row", "column"].iter().zip(strides) {
            shader.u32(&format!("{name}_{axis}"), stride);
        }
    }
    let text = include_str!("matmul.wgsl").replace("LEFT", array(op.a)).replace("RIGHT", array(op.b));
    let blocks = op.m.div_ceil(rows);
    shader.u32("blocks", blocks);
    let groups = [(op.n * blocks).div_ceil(WORKGROUP), 1, op.batch];
    shader.dispatch(context, node, &text, &[("ROWS", i64::from(rows))], groups)
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["matmul"]);
    }
}
