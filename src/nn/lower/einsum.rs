//! Einstein sums of two tensors as batched matrix products, or as 1 x 1 convolutions where they are that.

use super::attributes::is_constant;
use super::builder::Builder;
use super::view::{View, plain};
use crate::nn::plan::{Axis, Conv, MatMul, Op, Window};
use tract_onnx::tract_core::axes::AxesMapping;
use tract_onnx::tract_core::ops::einsum::EinSum;

/// One letter of the sum: its length, and its axis in either input and in the output.
#[derive(Debug, Clone, Copy)]
struct Letter {
    length: u32,
    inputs: [Option<Axis>; 2],
    output: Option<usize>,
}

pub(super) fn einsum(
    builder: &mut Builder,
    name: &str,
    op: &EinSum,
    inputs: &[View],
    shape: &[u32],
) -> Result<View, String> {
    if op.q_params.is_some() || inputs.len() != 2 {
        return Err(format!("EinSum of {} tensors", inputs.len()));
    }
    let letters = letters(&op.axes, inputs)?;
    // Both orders of the factors are right: rows of the result come from the first, columns from the second, and
    // neighbouring invocations make neighbouring columns.
    let own = |input: usize| {
        letters
            .iter()
            .filter(move |l| l.inputs[input].is_some() && l.inputs[1 - input].is_none())
            .filter(|l| l.length > 1 && l.output.is_some())
    };
    let swapped = match (own(0).next(), own(1).next()) {
        // A vector's partner gives the columns.
        (None, _) => false,
        (Some(_), None) => true,
        // The result's own order spares a transposition.
        (Some(_), Some(_)) => own(1).map(|l| l.output).min() < own(0).map(|l| l.output).min(),
    };
    let (a, b) = if swapped { (1, 0) } else { (0, 1) };
    let factors = [&inputs[a], &inputs[b]];
    let letters: Vec<Letter> =
        letters.into_iter().map(|l| Letter { inputs: [l.inputs[a], l.inputs[b]], ..l }).collect();

    let pick = |wanted: &dyn Fn(&Letter) -> bool| -> Vec<Letter> {
        let mut group: Vec<Letter> = letters.iter().copied().filter(|l| l.length > 1 && wanted(l)).collect();
        group.sort_by_key(|l| l.output);
        group
    };
    let batch = pick(&|l| l.output.is_some() && l.inputs[0].is_some() && l.inputs[1].is_some());
    let rows = pick(&|l| l.output.is_some() && l.inputs[0].is_some() && l.inputs[1].is_none());
    let columns = pick(&|l| l.output.is_some() && l.inputs[0].is_none() && l.inputs[1].is_some());
    let sums = pick(&|l| l.output.is_none());
    // Constants are laid out as they are read: a convolution's rows along their sums, other columns side by side.
    let (a_place, a_strides) = arranged(builder, name, factors[0], 0, [&batch, &rows, &sums]);
    let (b_place, b_strides) = arranged(builder, name, factors[1], 1, [&batch, &sums, &columns]);
    let volume = |group: &[Letter]| group.iter().map(|l| l.length).product::<u32>();
    let product = MatMul {
        a: a_place,
        b: b_place,
        batch: volume(&batch),
        m: volume(&rows),
        k: volume(&sums),
        n: volume(&columns),
        a_strides,
        b_strides,
    };
    let order: Vec<Letter> = batch.into_iter().chain(rows).chain(columns).collect();
    let dims: Vec<u32> = order.iter().map(|l| l.length).collect();
    let op = as_convolution(builder, &product, factors[0]).unwrap_or(Op::MatMul(product));
    let result = builder.node(name, op, &dims, Vec::new());
    // Back in the output's own order, its axes of length 1 included.
    let mut axes = vec![plain(1, 0); shape.len()];
    for (letter, axis) in order.iter().zip(&result.axes) {
        if let Some(at) = letter.output {
            axes[at] = *axis;
        }
    }
    Ok(View { place: result.place, axes })
}

fn letters(mapping: &AxesMapping, inputs: &[View]) -> Result<Vec<Letter>, String> {
    mapping
        .iter_all_axes()
        .map(|axis| {
            let mut found = [None; 2];
            let mut length = 1;
            for (input, positions) in axis.inputs.iter().enumerate() {
                match positions[..] {
                    [] => {}
                    [at] => {
                        let own = inputs[input].axes[at];
                        length = length.max(own.length);
                        // A shared axis of length 1 repeats.
                        found[input] = Some(if own.length == 1 { plain(1, 0) } else { own });
                    }
                    _ => return Err("a diagonal".to_owned()),
                }
            }
            let output = axis.outputs[0].first().copied();
            Ok(Letter { length, inputs: found, output })
        })
        .collect()
}

/// A factor whose groups of axes are each read with one stride: as it is, or copied into that order.
fn arranged(
    builder: &mut Builder,
    name: &str,
    factor: &View,
    input: usize,
    groups: [&[Letter]; 3],
) -> (crate::nn::plan::Place, [u32; 3]) {
    let strides = groups.map(|group| {
        let view = View { place: factor.place, axes: group.iter().filter_map(|l| l.inputs[input]).collect() };
        let repeats = group.iter().filter_map(|l| l.inputs[input]).any(|a| a.length == 1);
        if repeats && group.len() > 1 {
            return None;
        }
        match view.collapsed()[..] {
            [] => Some(0),
            [Axis { stride, divide: 1, .. }] if stride >= 0 && !view.is_limited() => Some(stride as u32),
            _ => None,
        }
    });
    let fine = !is_constant(factor) || strides[2].is_none_or(|s| s <= 1);
    if let ([Some(x), Some(y), Some(z)], true) = (strides, fine) {
        return (factor.place, [x, y, z]);
    }
    let order: Vec<Axis> = groups
        .iter()
        .flat_map(|group| group.iter())
        .filter_map(|l| l.inputs[input].map(|axis| if axis.length == 1 { plain(l.length, 0) } else { axis }))
        .collect();
    let copy = builder.copied(name, &View { place: factor.place, axes: order });
    let lengths = groups.map(|group| group.iter().map(|l| l.length).product::<u32>());
    (copy.place, [lengths[1] * lengths[2], lengths[2], 1])
}

/// Constant weights times dense planes.
fn as_convolution(builder: &mut Builder, product: &MatMul, weights: &View) -> Option<Op> {
    let MatMul { batch, m, k, n, a_strides, b_strides, a, b } = *product;
    let planes = n > 1 && b_strides[1] == n && b_strides[2] == 1 && (batch == 1 || b_strides[0] == k * n);
    let shared = batch == 1 || a_strides[0] == 0;
    if !is_constant(weights) || !planes || !shared || (m > 1 && a_strides[1] != k) || (k > 1 && a_strides[2] != 1) {
        return None;
    }
    let values = builder.values(&View::dense(a, &[m, k]))?;
    let weights = builder.constant(vec![m, k, 1], values);
    let one = [1; 3];
    let size = [1, 1, n];
    let window = Window { input: size, output: size, kernel: one, stride: one, dilation: one, padding: [0; 3] };
    Some(Op::Conv(Conv {
        input: b,
        weights,
        bias: None,
        batch,
        channels_in: k,
        channels_out: m,
        groups: 1,
        window,
        transposed: false,
    }))
}
