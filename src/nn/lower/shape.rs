//! Operations that only say where elements are: slices, concatenations, paddings, repeats, gathers.

use super::attributes::numbers;
use super::builder::Builder;
use super::view::{View, dense_axes, plain};
use crate::nn::plan::{Axis, Op, Place, Resize, ResizeAxis, Spread};
use tract_onnx::tract_core::ops::array::{Pad, PadMode};
use tract_onnx::tract_core::ops::change_axes::AxisOp;

pub(super) fn axis_op(builder: &mut Builder, name: &str, op: &AxisOp, view: View, shape: &[u32]) -> View {
    match *op {
        AxisOp::Add(at) => view.with_axis(at),
        AxisOp::Rm(at) => view.without_axis(at),
        AxisOp::Move(from, to) => view.moved_axis(from, to),
        AxisOp::Reshape(..) => reshaped(builder, name, &view, shape),
    }
}

pub(super) fn reshaped(builder: &mut Builder, name: &str, view: &View, shape: &[u32]) -> View {
    match view.reshaped(shape) {
        Some(view) => view,
        None => {
            let place = builder.dense(name, view);
            View::dense(place, shape)
        }
    }
}

pub(super) fn sliced(
    builder: &mut Builder,
    name: &str,
    view: View,
    axis: usize,
    start: u32,
    length: u32,
    step: i32,
) -> View {
    match view.clone().sliced(axis, start, length, step) {
        Some(view) => view,
        None => {
            let copy = builder.copied(name, &view);
            copy.clone().sliced(axis, start, length, step).unwrap_or(copy)
        }
    }
}

/// The parts are made in place where they can be, else copied there.
pub(super) fn concat(builder: &mut Builder, name: &str, axis: usize, inputs: &[View], shape: &[u32]) -> View {
    let whole = View::dense(Place::Arena(builder.tensor(shape.iter().map(|&d| d as usize).product())), shape);
    let Place::Arena(base) = whole.place else { return whole };
    let root = builder.tensor_at(base);
    let outermost = shape[..axis].iter().all(|&d| d == 1);
    let mut start = 0;
    for input in inputs {
        let length = input.axes[axis].length;
        let offset = start * shape[axis + 1..].iter().product::<u32>();
        start += length;
        if outermost && builder.adopt(input, root, offset) {
            continue;
        }
        let spread = Spread {
            input: input.place,
            axes: input.axes.clone(),
            fill: 0.0,
            out_strides: dense_axes(shape).iter().map(|a| a.stride as u32).collect(),
        };
        builder.nodes.push(crate::nn::plan::Node {
            name: name.to_owned(),
            op: Op::Spread(spread),
            steps: Vec::new(),
            shape: input.shape(),
            output: base + offset,
        });
    }
    whole
}

pub(super) fn pad(builder: &mut Builder, name: &str, op: &Pad, input: View, shape: &[u32]) -> Result<View, String> {
    let fill = match &op.mode {
        PadMode::Constant(value) => numbers(value).and_then(|v| v.first().copied()).unwrap_or(0.0),
        PadMode::Reflect | PadMode::Edge => {
            let mut view = input;
            for (axis, &(before, after)) in op.pads.iter().enumerate().filter(|(_, pads)| **pads != (0, 0)) {
                let length = view.axes[axis].length as i64;
                let indices: Vec<i64> = (-(before as i64)..length + after as i64)
                    .map(|i| match op.mode {
                        PadMode::Reflect => reflected(i, length),
                        _ => i.clamp(0, length - 1),
                    })
                    .collect();
                let mut to = view.shape();
                to[axis] = indices.len() as u32;
                view = gather(builder, name, axis, view, &indices, 1, &to)?;
            }
            return Ok(view);
        }
    };
    let place = builder.dense(name, &input);
    let mut axes = Vec::new();
    for (dense, &(before, after)) in dense_axes(&input.shape()).iter().zip(&op.pads) {
        let length = dense.length + (before + after) as u32;
        let axis = Axis { length, start: before as i32, end: (before as u32 + dense.length) as i32, ..*dense };
        axes.push(axis);
    }
    let view = View { place, axes };
    let spread = Spread { input: place, axes: view.collapsed(), fill, out_strides: Vec::new() };
    Ok(builder.node(name, Op::Spread(spread), shape, Vec::new()))
}

fn reflected(i: i64, length: i64) -> i64 {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let i = i.rem_euclid(period);
    if i < length { i } else { period - i }
}

pub(super) fn tile(builder: &mut Builder, name: &str, input: View, shape: &[u32]) -> View {
    // Each repeated axis is an axis of repeats before one of elements.
    let mut view = input;
    if view.axes.iter().any(|axis| axis.divide != 1 || axis.is_limited()) {
        view = builder.copied(name, &view);
    }
    let axes = view.axes.iter().zip(shape).flat_map(|(axis, &to)| [plain(to / axis.length, 0), *axis]).collect();
    reshaped(builder, name, &View { place: view.place, axes }, shape)
}

/// Elements of one axis by a constant list of indices: a table of taps with weight 1.
pub(super) fn gather(
    builder: &mut Builder,
    name: &str,
    axis: usize,
    input: View,
    indices: &[i64],
    rank: usize,
    shape: &[u32],
) -> Result<View, String> {
    let length = i64::from(input.axes[axis].length);
    let indices: Vec<i64> = indices.iter().map(|&i| if i < 0 { i + length } else { i }).collect();
    if indices.iter().any(|i| !(0..length).contains(i)) {
        return Err("Gather with an index outside its axis".to_owned());
    }
    let mut to = input.shape();
    to[axis] = indices.len() as u32;
    // One index, or evenly spaced ones, are a slice.
    let step = if indices.len() > 1 { indices[1] - indices[0] } else { 1 };
    if indices.windows(2).all(|pair| pair[1] - pair[0] == step) && !indices.is_empty() {
        let view = sliced(builder, name, input, axis, indices[0] as u32, to[axis], step as i32);
        return Ok(if rank == 1 { view } else { reshaped(builder, name, &view, shape) });
    }
    let from = input.shape();
    let inner: u32 = from[axis + 1..].iter().product();
    let table = indices.iter().flat_map(|&i| [i as f32, 1.0]).collect();
    let table = builder.constant(vec![to[axis], 1, 2], table);
    let untouched = |length| ResizeAxis { input: length, output: length, taps: 1, table: None };
    let axes = [
        untouched(1),
        ResizeAxis { input: from[axis], output: to[axis], taps: 1, table: Some(table) },
        untouched(inner),
    ];
    let place = builder.dense(name, &input);
    let op = Op::Resize(Resize { input: place, planes: from[..axis].iter().product(), axes });
    let result = builder.node(name, op, &to, Vec::new());
    Ok(reshaped(builder, name, &result, shape))
}
