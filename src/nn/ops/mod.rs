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

/// The members of a sliding window.
fn window(shader: &mut Shader, window: &Window) {
    shader.size("in", window.input).size("out", window.output).size("pad", window.padding);
    shader.size("kernel", window.kernel).size("stride", window.stride).size("dilation", window.dilation);
}
