//! Strided readings: transposes, slices, paddings, parts of a concatenation, and element-wise work by itself.

use crate::nn::gpu::{Context, Dispatch, Shader, array, flat_groups};
use crate::nn::plan::{Axis, Node, Spread};
use std::fmt::Write;

pub(super) fn dispatch(op: &Spread, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let mut shader = Shader::default();
    let elements = node.elements() as u32;
    shader.u32("elements", elements).u32("input", context.offset(op.input));
    let mut kernel = String::new();
    kernel.push_str(&shader.axes("source", &op.axes));
    // What lies outside is told by each index in turn.
    let limited = op.axes.iter().any(Axis::is_limited);
    kernel.push_str("fn value_at(index: u32) -> f32 {\n");
    if limited {
        shader.f32("fill", op.fill);
        kernel.push_str("var rest = i32(index);\nvar offset = 0;\nvar inside = true;\n");
        for (i, axis) in op.axes.iter().enumerate().rev() {
            shader.i32(&format!("start{i}"), axis.start).i32(&format!("end{i}"), axis.end);
            let divide = axis.divide;
            // Writing to a string cannot fail.
            let _ = writeln!(
                kernel,
                "let at{i} = rest % i32(p.source_l{i});\nrest = rest / i32(p.source_l{i});\n\
                 inside = inside && at{i} >= p.start{i} && at{i} < p.end{i};\n\
                 offset += (at{i} - p.start{i}) / {divide} * p.source_s{i};"
            );
        }
        let _ = writeln!(
            kernel,
            "return select(p.fill, {}[i32(p.input) + select(0, offset, inside)], inside);\n}}",
            array(op.input)
        );
    } else {
        let _ = writeln!(kernel, "return {}[p.input + source(index)];\n}}", array(op.input));
    }
    let part: Vec<Axis> = op
        .out_strides
        .iter()
        .zip(&node.shape)
        .map(|(&stride, &length)| Axis { length, stride: stride as i32, divide: 1, start: 0, end: length as i32 })
        .collect();
    let to = if part.is_empty() {
        "index".to_owned()
    } else {
        kernel.push_str(&shader.axes("target_at", &part));
        "target_at(index)".to_owned()
    };
    kernel.push_str(&include_str!("spread.wgsl").replace("TO", &to));
    shader.dispatch(context, node, &kernel, &[], flat_groups(elements))
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&[
            "binary",
            "concat",
            "expand",
            "pad",
            "reshape",
            "slice",
            "split",
            "transpose",
            "unary",
            "where",
        ]);
    }
}
