//! The kernels, a folder a family: what a plan's operation becomes on the GPU, its WGSL, and its tests.

#[cfg(test)]
mod cases;
mod conv;
mod conv_volume;
mod depthwise;
mod grid_sample;
mod matmul;
mod normalize;
mod pool;
mod reduce;
mod resize;
mod softmax;
mod spread;

use super::gpu::{Context, Dispatch, Shader};
use super::plan::{Node, Op, Window};

/// The dispatch of a node.
pub(super) fn dispatch(node: &Node, context: &mut Context<'_>) -> Dispatch {
    match &node.op {
        Op::Conv(op) if depthwise::fits(op) => depthwise::dispatch(op, node, context),
        Op::Conv(op) if conv::fits(op) => conv::dispatch(op, node, context),
        Op::Conv(op) => conv_volume::dispatch(op, node, context),
        Op::MatMul(op) => matmul::dispatch(op, node, context),
        Op::Pool(op) => pool::dispatch(op, node, context),
        Op::Resize(op) => resize::dispatch(op, node, context),
        Op::GridSample(op) => grid_sample::dispatch(op, node, context),
        Op::Softmax(op) => softmax::dispatch(op, node, context),
        Op::Reduce(op) => reduce::dispatch(op, node, context),
        Op::Normalize(op) => normalize::dispatch(op, node, context),
        Op::Spread(op) => spread::dispatch(op, node, context),
    }
}

/// The members of a picture's window.
fn picture(shader: &mut Shader, w: &Window) {
    shader.i32("in_width", w.input[2] as i32).i32("in_height", w.input[1] as i32);
    shader.u32("out_width", w.output[2]).u32("out_height", w.output[1]);
    shader.i32("pad_x", w.padding[2] as i32).i32("pad_y", w.padding[1] as i32);
}

/// The names by which a kernel for pictures is written out, for `rows` results below each other: `TAKEN` input rows serve
/// them all.
fn picture_names(w: &Window, rows: u32) -> [(&'static str, i64); 8] {
    let taken = (rows - 1) * w.stride[1] + (w.kernel[1] - 1) * w.dilation[1] + 1;
    [
        ("ROWS", rows),
        ("TAKEN", taken),
        ("KERNEL_X", w.kernel[2]),
        ("KERNEL_Y", w.kernel[1]),
        ("STRIDE_X", w.stride[2]),
        ("STRIDE_Y", w.stride[1]),
        ("DILATION_X", w.dilation[2]),
        ("DILATION_Y", w.dilation[1]),
    ]
    .map(|(name, value)| (name, i64::from(value)))
}

/// A function `name` of kernels with a workgroup a row: all its invocations' values joined, for each of them.
fn across_workgroup(name: &str, join: &str) -> String {
    include_str!("across_workgroup.wgsl").replace("NAME", name).replace("JOIN", join)
}

/// The members of a sliding window.
fn window(shader: &mut Shader, window: &Window) {
    shader.size("in", window.input).size("out", window.output).size("pad", window.padding);
    shader.size("kernel", window.kernel).size("stride", window.stride).size("dilation", window.dilation);
}
