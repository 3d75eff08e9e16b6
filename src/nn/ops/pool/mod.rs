//! Window maxima, sums and means.

use crate::nn::gpu::{Context, Dispatch, Shader, flat_groups};
use crate::nn::plan::{Node, Pool, Pooling};

pub(super) fn dispatch(op: &Pool, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    let elements = node.elements() as u32;
    shader.u32("elements", elements).u32("input", context.offset(op.input));
    super::window(&mut shader, &op.window);
    shader.size("after", op.padding_after);
    let names = [
        ("MAX", op.pooling == Pooling::Max),
        ("MEAN", op.pooling == Pooling::Mean),
        ("MEAN_INSIDE", op.pooling == Pooling::MeanInside),
    ]
    .map(|(name, is)| (name, i64::from(is)));
    shader.dispatch(context, node, include_str!("pool.wgsl"), &names, flat_groups(elements))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["pool"]);
    }
}
