//! Convolutions of pictures (two axes), plain or grouped.
//!
//! Each invocation makes a column of `ROWS` results for `4 * BLOCKS` output channels: neighbours in a workgroup read
//! neighbours in memory, a value read serves all taps below each other and all channels, and weights are the same for
//! the whole workgroup. Nothing is shared through workgroup memory, so there are no barriers.

use crate::nn::gpu::{Context, Dispatch, Shader, WORKGROUP};
use crate::nn::plan::{Conv, Node};

const PICTURE: &str = include_str!("conv.wgsl");
const POINT: &str = include_str!("conv_1x1.wgsl");

/// Whether these kernels run it.
pub(super) fn fits(op: &Conv) -> bool {
    let w = &op.window;
    !op.transposed && w.kernel[0] == 1 && w.input[0] == 1 && w.output[0] == 1 && w.stride[0] == 1
}

pub(super) fn dispatch(op: &Conv, node: &Node, context: &mut Context<'_>) -> Dispatch {
    let w = &op.window;
    let (inputs, outputs) = (op.channels_in / op.groups, op.channels_out / op.groups);
    let tuning = context.tuning(w.output.iter().product::<u32>() * op.batch, outputs);
    let blocks = outputs.div_ceil(4 * tuning.blocks);
    let mut shader = Shader::default();
    shader.u32("input", context.offset(op.input));
    shader.u32("weights", context.conv_weights(op, tuning.blocks)).u32("bias", context.bias(op));
    shader.u32("inputs", inputs).u32("outputs", outputs).u32("groups", op.groups).u32("blocks", blocks);
    let point = w.kernel == [1; 3] && w.stride == [1; 3] && w.padding == [0; 3] && w.input == w.output;
    let planes = blocks * op.groups * op.batch;
    if point {
        let area: u32 = w.input.iter().product();
        let rows = tuning.rows.min(area.max(1));
        let columns = area.div_ceil(rows);
        shader.u32("area", area).u32("columns", columns);
        let names = [("ROWS", i64::from(rows)), ("BLOCKS", i64::from(tuning.blocks))];
        return shader.dispatch(context, node, POINT, &names, [columns.div_ceil(WORKGROUP), 1, planes]);
    }
    super::picture(&mut shader, w);
    let rows = tuning.rows.min(w.output[1]);
    let names = super::picture_names(w, rows).into_iter().chain([("BLOCKS", i64::from(tuning.blocks))]);
    let mut names: Vec<(String, i64)> = names.map(|(name, value)| (name.to_owned(), value)).collect();
    // Input rows between taps are not read.
    for row in 0..rows {
        for tap in 0..w.kernel[1] {
            names.push((format!("USED_{}", row * w.stride[1] + tap * w.dilation[1]), 1));
        }
    }
    let names: Vec<(&str, i64)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let columns = w.output[2] * w.output[1].div_ceil(rows);
    shader.dispatch(context, node, PICTURE, &names, [columns.div_ceil(WORKGROUP), 1, planes])
}

#[cfg(test)]
mod tests {
    #[test]
    fn agrees_with_onnxruntime() {
        crate::nn::ops::cases::check(&["conv", "conv1d"]);
    }
}
