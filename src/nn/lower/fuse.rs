//! Fewer, larger nodes: scales go into weights, element-wise work into the node that makes its input.

use super::builder::Builder;
use crate::nn::plan::{Binary, Conv, Node, Op, Operand, Place, Step, Unary};
use std::collections::HashMap;

/// The same network with less to do.
pub(super) fn fused(mut builder: Builder) -> Builder {
    drop_unused(&mut builder);
    while fuse_once(&mut builder) {}
    for at in 0..builder.nodes.len() {
        fold_scales(&mut builder, at);
        fold_logarithm(&mut builder.nodes[at]);
        merge_clips(&mut builder.nodes[at].steps);
    }
    builder
}

/// Removes nodes whose results nobody reads.
fn drop_unused(builder: &mut Builder) {
    let mut needed = vec![false; builder.tensors.len()];
    for &(.., base) in &builder.outputs {
        needed[builder.root(builder.tensor_at(base)).0] = true;
    }
    let mut nodes = std::mem::take(&mut builder.nodes);
    let mut kept = Vec::new();
    while let Some(mut node) = nodes.pop() {
        if needed[builder.root(builder.tensor_at(node.output)).0] {
            for place in node.reads() {
                if let Place::Arena(address) = *place {
                    needed[builder.root(builder.tensor_at(address)).0] = true;
                }
            }
            kept.push(node);
        }
    }
    kept.reverse();
    builder.nodes = kept;
}

/// Folds one node's steps into the node before; whether there was one.
fn fuse_once(builder: &mut Builder) -> bool {
    let mut readers: HashMap<usize, usize> = HashMap::new();
    for node in &mut builder.nodes.clone() {
        for place in node.reads() {
            if let Place::Arena(address) = *place {
                *readers.entry(builder.tensor_at(address)).or_default() += 1;
            }
        }
    }
    for at in 0..builder.nodes.len() {
        let node = &builder.nodes[at];
        let Op::Spread(spread) = &node.op else { continue };
        let plain = spread.out_strides.is_empty()
            && match spread.axes[..] {
                [] => node.elements() == 1,
                [axis] => {
                    axis.stride == 1
                        && axis.divide == 1
                        && !axis.is_limited()
                        && axis.length as usize == node.elements()
                }
                _ => false,
            };
        // The node that makes all of what lies at `place`, and nothing else reads.
        let maker = |place: Place| -> Option<usize> {
            let Place::Arena(address) = place else { return None };
            let number = builder.tensor_at(address);
            let tensor = &builder.tensors[number];
            let whole =
                tensor.base == address && tensor.elements as usize == node.elements() && tensor.parent.is_none();
            let read_once = readers.get(&number) == Some(&1);
            let output = builder.outputs.iter().any(|&(.., base)| base == address);
            let makes = |n: &Node| n.output == address && n.elements() == tensor.elements as usize && !is_part(n);
            let found = builder.nodes[..at].iter().position(makes)?;
            (whole && read_once && !output).then_some(found)
        };
        let own = if plain { maker(spread.input) } else { None };
        let other = match node.steps.first() {
            Some(Step::Binary { operand: Operand::Same(place), .. }) if plain => maker(*place),
            _ => None,
        };
        let heavy =
            |maker: Option<usize>| maker.is_some_and(|i| matches!(builder.nodes[i].op, Op::Conv(_) | Op::MatMul(_)));
        let swap = other.is_some() && (own.is_none() || (heavy(other) && !heavy(own)));
        let Some(maker) = (if swap { other } else { own }) else { continue };
        let input = spread.input;
        let mut steps = node.steps.clone();
        if swap && let Some(Step::Binary { operand, reversed, .. }) = steps.first_mut() {
            *operand = Operand::Same(input);
            *reversed = !*reversed;
        }
        let (output, shape) = (node.output, node.shape.clone());
        let mut made = builder.nodes[maker].clone();
        made.steps.extend(steps);
        (made.output, made.shape) = (output, shape);
        // In the later one's place, where all that the steps read is there.
        builder.nodes[at] = made;
        builder.nodes.remove(maker);
        return true;
    }
    false
}

/// Whether a node writes into a part of a larger tensor.
fn is_part(node: &Node) -> bool {
    matches!(&node.op, Op::Spread(spread) if !spread.out_strides.is_empty())
}

/// Constant factors and summands right after a convolution become part of its weights and bias.
fn fold_scales(builder: &mut Builder, at: usize) {
    loop {
        let node = &builder.nodes[at];
        let Op::Conv(conv) = &node.op else { return };
        let Some(Step::Binary { binary, operand, reversed }) = node.steps.first() else { return };
        let Some(values) = per_channel(builder, conv, operand) else { return };
        let (scale, shift): (Vec<f32>, Vec<f32>) = match (binary, reversed) {
            (Binary::Mul, _) => (values.clone(), vec![0.0; values.len()]),
            (Binary::Div, false) => (values.iter().map(|v| 1.0 / v).collect(), vec![0.0; values.len()]),
            (Binary::Add, _) => (vec![1.0; values.len()], values),
            (Binary::Sub, false) => (vec![1.0; values.len()], values.iter().map(|v| -v).collect()),
            (Binary::Sub, true) => (vec![-1.0; values.len()], values),
            _ => return,
        };
        if !scale.iter().chain(&shift).all(|v| v.is_finite()) {
            return;
        }
        let conv = conv.clone();
        let weights = &mut builder.constants[conv.weights as usize].values;
        let row = weights.len() / scale.len();
        for (weights, scale) in weights.chunks_exact_mut(row).zip(&scale) {
            weights.iter_mut().for_each(|w| *w *= scale);
        }
        let old = conv.bias.map_or_else(|| vec![0.0; scale.len()], |b| builder.constants[b as usize].values.clone());
        let bias: Vec<f32> =
            old.iter().zip(scale.iter().zip(&shift)).map(|(b, (scale, shift))| b * scale + shift).collect();
        let bias = builder.constant(vec![bias.len() as u32], bias);
        let node = &mut builder.nodes[at];
        node.steps.remove(0);
        if let Op::Conv(conv) = &mut node.op {
            conv.bias = Some(bias);
        }
    }
}

/// A constant operand as one number for each output channel.
fn per_channel(builder: &Builder, conv: &Conv, operand: &Operand) -> Option<Vec<f32>> {
    let channels = conv.channels_out as usize;
    let plane = conv.window.output.iter().product::<u32>();
    match *operand {
        Operand::Number(number) => Some(vec![number; channels]),
        Operand::Channel { place: Place::Constant(number, offset), inner, count }
            if inner == plane && count as usize == channels =>
        {
            builder.constants[number as usize].values.get(offset as usize..)?.get(..channels).map(<[f32]>::to_vec)
        }
        Operand::Same(Place::Constant(number, offset)) if plane == 1 && conv.batch == 1 => {
            builder.constants[number as usize].values.get(offset as usize..)?.get(..channels).map(<[f32]>::to_vec)
        }
        _ => None,
    }
}

/// The logarithm of a softmax, taken at once: of a small one by itself it would be infinite.
fn fold_logarithm(node: &mut Node) {
    if let (Op::Softmax(softmax), Some(Step::Unary(Unary::Log))) = (&mut node.op, node.steps.first())
        && !softmax.log
    {
        softmax.log = true;
        node.steps.remove(0);
    }
}

/// max then min is one clip.
fn merge_clips(steps: &mut Vec<Step>) {
    let mut at = 0;
    while at + 1 < steps.len() {
        let limits = |step: &Step| match *step {
            Step::Unary(Unary::Clip(low, high)) => Some((low, high)),
            Step::Unary(Unary::Relu) => Some((0.0, f32::MAX)),
            _ => None,
        };
        match (limits(&steps[at]), limits(&steps[at + 1])) {
            (Some((low, high)), Some((least, most))) => {
                steps[at] = match (low.clamp(least, most), high.clamp(least, most)) {
                    (0.0, f32::MAX) => Step::Unary(Unary::Relu),
                    (low, high) => Step::Unary(Unary::Clip(low, high)),
                };
                steps.remove(at + 1);
            }
            _ => at += 1,
        }
    }
}
