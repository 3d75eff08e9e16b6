//! Softmax and its logarithm. Long rows of neighbours have a workgroup each, other rows an invocation.

use crate::nn::gpu::{Context, Dispatch, Shader, flat_groups, row_groups};
use crate::nn::plan::{Node, Softmax};

pub(super) fn dispatch(op: &Softmax, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    shader
        .u32("input", context.offset(op.input))
        .u32("outer", op.outer)
        .u32("length", op.length)
        .u32("inner", op.inner);
    let together = op.inner == 1 && op.length >= 64;
    let names = [("LOG", i64::from(op.log)), ("TOGETHER", i64::from(together))];
    let shared = match together {
        true => super::across_workgroup("largest", "max(a, b)") + &super::across_workgroup("total", "a + b"),
        false => String::new(),
    };
    let text = shared + include_str!("softmax.wgsl");
    let groups = if together { row_groups(op.outer) } else { flat_groups(op.outer * op.inner) };
    shader.dispatch(context, node, &text, &names, groups)
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["softmax"]);
    }
}
