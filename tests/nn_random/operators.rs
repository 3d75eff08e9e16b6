//! One random operator on a random value of a graph.

use super::graph::{Given, Graph, Value};
use super::windows::{conv, conv_transpose, pool};
use std::slice::from_ref;

/// Largest tensor, elements.
pub const MOST: usize = 3000;

const UNARY: [&str; 10] =
    ["Relu", "Sigmoid", "Tanh", "Abs", "Neg", "LeakyRelu", "HardSwish", "HardSigmoid", "Softplus", "Erf"];

/// Kinds of operator that [`grow`] knows.
pub const KINDS: usize = 24;

pub fn volume(shape: &[usize]) -> usize {
    shape.iter().product()
}

pub fn ints(values: &[usize]) -> Given<'static> {
    Given::Ints(values.iter().map(|&v| v as i64).collect())
}

/// Adds an operator of `kind` to what is there; nothing where none fits.
pub fn grow(g: &mut Graph, kind: usize) {
    let value = g.values[g.random.below(g.values.len())].clone();
    match kind {
        0 => conv(g, &value),
        1 => conv_transpose(g, &value),
        2 => pool(g, &value),
        3 => matmul(g, &value),
        4 => gemm(g, &value),
        5..=7 => unary(g, &value),
        8..=10 => binary(g, &value),
        11 => with_constant(g, &value),
        12 => reduce(g, &value),
        13 => concat(g, &value),
        14 => slice(g, &value),
        15 => resize(g, &value),
        16 => transpose(g, &value),
        17 => reshape(g, &value),
        18 => pad(g, &value),
        19 => softmax(g, &value),
        20 => normalize(g, &value),
        21 => gather(g, &value),
        22 => split(g, &value),
        _ => expand(g, &value),
    }
}

fn matmul(g: &mut Graph, x: &Value) {
    let rank = x.shape.len();
    if rank < 2 {
        return;
    }
    let (k, n) = (x.shape[rank - 1], g.random.within(1, 9));
    let mut shape = x.shape.clone();
    shape[rank - 1] = n;
    let batched = g.random.chance(3);
    let dims: Vec<usize> =
        if batched { x.shape[..rank - 2].iter().copied().chain([k, n]).collect() } else { vec![k, n] };
    // With another value of the graph where one fits.
    let other = g
        .values
        .iter()
        .find(|v| v.shape.len() == rank && v.shape[rank - 2] == k && v.shape[..rank - 2] == x.shape[..rank - 2]);
    let other = other.cloned();
    match other.filter(|_| g.random.chance(5)) {
        Some(other) => {
            shape[rank - 1] = other.shape[rank - 1];
            let scale = g.floats(&[], vec![1.0 / (k as f32).sqrt()]);
            g.node("Mul", &[&x.name, &scale], &[], from_ref(&x.shape));
            let scaled = g.values[g.values.len() - 1].name.clone();
            g.node("MatMul", &[&scaled, &other.name], &[], &[shape]);
        }
        None => {
            let weights = g.weights(&dims, 1.5 / (k as f32).sqrt());
            g.node("MatMul", &[&x.name, &weights], &[], &[shape]);
        }
    }
}

fn gemm(g: &mut Graph, x: &Value) {
    let [m, k] = x.shape[..] else {
        let size = volume(&x.shape[1..]);
        return g.node("Flatten", &[&x.name], &[], &[vec![x.shape[0], size]]);
    };
    let n = g.random.within(1, 10);
    let (transposed, flipped) = (g.random.chance(5), g.random.chance(3));
    let (rows, sums) = if flipped { (k, m) } else { (m, k) };
    let dims = if transposed { [n, sums] } else { [sums, n] };
    let weights = g.weights(&dims, 1.5 / (sums as f32).sqrt());
    let bias = g.weights(&[n], 0.5);
    let attributes = [
        ("transB", Given::Int(i64::from(transposed))),
        ("transA", Given::Int(i64::from(flipped))),
        ("alpha", Given::Float(0.75)),
    ];
    g.node("Gemm", &[&x.name, &weights, &bias], &attributes, &[vec![rows, n]]);
}

fn unary(g: &mut Graph, x: &Value) {
    if g.random.chance(2) {
        let (low, high) = (g.floats(&[], vec![-0.6]), g.floats(&[], vec![0.8]));
        return g.node("Clip", &[&x.name, &low, &high], &[], from_ref(&x.shape));
    }
    let op = g.random.pick(&UNARY);
    g.node(op, &[&x.name], &[], from_ref(&x.shape));
}

/// With another value that it broadcasts with, or itself.
fn binary(g: &mut Graph, x: &Value) {
    let fits = |other: &Value| {
        other.shape.len() <= x.shape.len()
            && other.shape.iter().rev().zip(x.shape.iter().rev()).all(|(&a, &b)| a == b || a == 1)
    };
    let candidates: Vec<Value> = g.values.iter().filter(|value| fits(value)).cloned().collect();
    let other = candidates[g.random.below(candidates.len())].clone();
    let op = g.random.pick(&["Add", "Add", "Sub", "Mul", "Max", "Min"]);
    let (a, b) = if g.random.chance(5) { (x, &other) } else { (&other, x) };
    g.node(op, &[&a.name, &b.name], &[], from_ref(&x.shape));
}

fn with_constant(g: &mut Graph, x: &Value) {
    let mut dims = x.shape.clone();
    for d in &mut dims {
        if g.random.chance(5) {
            *d = 1;
        }
    }
    let from = g.random.below(dims.len() + 1);
    let dims = &dims[from..];
    match g.random.below(4) {
        0 => {
            let values = (0..volume(dims)).map(|_| 1.25 + 0.75 * g.random.number()).collect();
            let divisor = g.floats(dims, values);
            g.node("Div", &[&x.name, &divisor], &[], from_ref(&x.shape));
        }
        1 if x.shape.len() > 1 => {
            let slope_shape = [&[x.shape[1]][..], &vec![1; x.shape.len() - 2]].concat();
            let slope = g.weights(&slope_shape, 0.5);
            g.node("PRelu", &[&x.name, &slope], &[], from_ref(&x.shape));
        }
        2 => {
            let constant = g.weights(dims, 1.0);
            g.node("Sub", &[&constant, &x.name], &[], from_ref(&x.shape));
        }
        _ => {
            let constant = g.weights(dims, 1.0);
            let op = g.random.pick(&["Add", "Mul", "Max"]);
            g.node(op, &[&x.name, &constant], &[], from_ref(&x.shape));
        }
    }
}

fn reduce(g: &mut Graph, x: &Value) {
    let axes: Vec<usize> = (0..x.shape.len()).filter(|_| g.random.chance(4)).collect();
    if axes.is_empty() {
        return;
    }
    let keep = g.random.chance(6) || axes.len() == x.shape.len();
    let shape: Vec<usize> = (0..x.shape.len())
        .filter_map(|i| if !axes.contains(&i) { Some(x.shape[i]) } else { keep.then_some(1) })
        .collect();
    let op = g.random.pick(&["ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceL1"]);
    g.node(op, &[&x.name], &[("axes", ints(&axes)), ("keepdims", Given::Int(i64::from(keep)))], &[shape]);
}

fn concat(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    let fits = |other: &Value| {
        other.shape.len() == x.shape.len() && (0..x.shape.len()).all(|i| i == axis || other.shape[i] == x.shape[i])
    };
    let candidates: Vec<Value> = g.values.iter().filter(|value| fits(value)).cloned().collect();
    let parts: Vec<Value> =
        (0..g.random.within(2, 3)).map(|_| candidates[g.random.below(candidates.len())].clone()).collect();
    let mut shape = x.shape.clone();
    shape[axis] = parts.iter().map(|part| part.shape[axis]).sum();
    if volume(&shape) <= MOST {
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        g.node("Concat", &names, &[("axis", Given::Int(axis as i64))], &[shape]);
    }
}

fn slice(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    let length = x.shape[axis];
    let (start, step) = (g.random.below(length), g.random.within(1, 3));
    let end = g.random.within(start + 1, length);
    let mut shape = x.shape.clone();
    shape[axis] = (end - start).div_ceil(step);
    let backwards = g.random.chance(3);
    let (from, to, by) = if backwards {
        // From the last element down to the first of the same ones.
        let last = start + (shape[axis] - 1) * step;
        (last as i64, if start == 0 { i64::MIN + 1 } else { start as i64 - 1 }, -(step as i64))
    } else {
        (start as i64, end as i64, step as i64)
    };
    let given = [[from], [to], [axis as i64], [by]].map(|v| g.indices(&v));
    let inputs: Vec<&str> = [x.name.as_str()].into_iter().chain(given.iter().map(String::as_str)).collect();
    g.node("Slice", &inputs, &[], &[shape]);
}

fn resize(g: &mut Graph, x: &Value) {
    if x.shape.len() != 4 {
        return;
    }
    let mut shape = x.shape.clone();
    for length in &mut shape[2..] {
        *length = g.random.within(1, 2 * *length + 1);
    }
    if volume(&shape) > MOST {
        return;
    }
    let sizes: Vec<i64> = shape.iter().map(|&d| d as i64).collect();
    let sizes = g.indices(&sizes);
    let mode = g.random.pick(&["nearest", "linear", "cubic"]);
    let transform = g.random.pick(&["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]);
    let mut attributes = vec![("mode", Given::Text(mode)), ("coordinate_transformation_mode", Given::Text(transform))];
    if mode == "nearest" {
        attributes.push(("nearest_mode", Given::Text("floor")));
    }
    g.node("Resize", &[&x.name, "", "", &sizes], &attributes, &[shape]);
}

fn transpose(g: &mut Graph, x: &Value) {
    let mut order: Vec<usize> = (0..x.shape.len()).collect();
    for i in (1..order.len()).rev() {
        let other = g.random.below(i + 1);
        order.swap(i, other);
    }
    let shape = order.iter().map(|&axis| x.shape[axis]).collect();
    g.node("Transpose", &[&x.name], &[("perm", ints(&order))], &[shape]);
}

fn reshape(g: &mut Graph, x: &Value) {
    let mut shape = x.shape.clone();
    match g.random.below(3) {
        0 if shape.len() > 2 => {
            let at = g.random.below(shape.len() - 1);
            let taken = shape.remove(at + 1);
            shape[at] *= taken;
        }
        1 if shape.len() < 5 => shape.insert(g.random.below(shape.len() + 1), 1),
        _ => {
            let at = g.random.below(shape.len());
            if shape.len() < 5 && shape[at].is_multiple_of(2) {
                shape[at] /= 2;
                shape.insert(at, 2);
            }
        }
    }
    let sizes: Vec<i64> = shape.iter().map(|&d| d as i64).collect();
    let sizes = g.indices(&sizes);
    g.node("Reshape", &[&x.name, &sizes], &[], &[shape]);
}

fn pad(g: &mut Graph, x: &Value) {
    let mode = g.random.pick(&["constant", "edge", "reflect"]);
    let rank = x.shape.len();
    let mut pads = vec![0_i64; 2 * rank];
    let mut shape = x.shape.clone();
    for axis in rank.saturating_sub(2)..rank {
        for at in [axis, axis + rank] {
            let most = if mode == "reflect" { 2.min(x.shape[axis] - 1) } else { 2 };
            pads[at] = g.random.below(most + 1) as i64;
        }
        shape[axis] += (pads[axis] + pads[axis + rank]) as usize;
    }
    if volume(&shape) <= MOST {
        let pads = g.indices(&pads);
        g.node("Pad", &[&x.name, &pads], &[("mode", Given::Text(mode))], &[shape]);
    }
}

fn softmax(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    let op = g.random.pick(&["Softmax", "Softmax", "LogSoftmax"]);
    g.node(op, &[&x.name], &[("axis", Given::Int(axis as i64))], from_ref(&x.shape));
}

fn normalize(g: &mut Graph, x: &Value) {
    let shape = x.shape.clone();
    if shape.len() < 3 {
        return;
    }
    let (channels, last) = (shape[1], shape[shape.len() - 1]);
    let positive = |g: &mut Graph, n: usize| {
        let values = (0..n).map(|_| 1.0 + 0.5 * g.random.number()).collect();
        g.floats(&[n], values)
    };
    // A large epsilon: a row of equal numbers has no variance, and its rounding would decide.
    let epsilon = ("epsilon", Given::Float(0.05));
    match g.random.below(3) {
        0 => {
            let (scale, shift) = (positive(g, channels), g.weights(&[channels], 0.5));
            g.node("InstanceNormalization", &[&x.name, &scale, &shift], &[epsilon], &[shape]);
        }
        1 => {
            let (scale, shift) = (positive(g, last), g.weights(&[last], 0.5));
            g.node("LayerNormalization", &[&x.name, &scale, &shift], &[epsilon, ("axis", Given::Int(-1))], &[shape]);
        }
        _ => {
            let (scale, shift) = (positive(g, channels), g.weights(&[channels], 0.5));
            let (mean, variance) = (g.weights(&[channels], 0.3), positive(g, channels));
            g.node("BatchNormalization", &[&x.name, &scale, &shift, &mean, &variance], &[epsilon], &[shape]);
        }
    }
}

fn gather(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    let count = g.random.within(1, 5);
    let indices: Vec<i64> = (0..count).map(|_| g.random.below(x.shape[axis]) as i64).collect();
    let indices = g.indices(&indices);
    let mut shape = x.shape.clone();
    shape[axis] = count;
    if volume(&shape) <= MOST {
        g.node("Gather", &[&x.name, &indices], &[("axis", Given::Int(axis as i64))], &[shape]);
    }
}

fn split(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    if x.shape[axis] < 2 {
        return;
    }
    let first = g.random.within(1, x.shape[axis] - 1);
    let sizes = [first, x.shape[axis] - first];
    let given = g.indices(&sizes.map(|s| s as i64));
    let shapes: Vec<Vec<usize>> = sizes
        .iter()
        .map(|&size| {
            let mut shape = x.shape.clone();
            shape[axis] = size;
            shape
        })
        .collect();
    g.node("Split", &[&x.name, &given], &[("axis", Given::Int(axis as i64))], &shapes);
}

fn expand(g: &mut Graph, x: &Value) {
    let axis = g.random.below(x.shape.len());
    let mut shape = x.shape.clone();
    let times = g.random.within(2, 3);
    shape[axis] *= times;
    if volume(&shape) > MOST {
        return;
    }
    let single = x.shape[axis] == 1;
    let list: Vec<i64> = if single {
        shape.iter().map(|&d| d as i64).collect()
    } else {
        (0..shape.len()).map(|i| if i == axis { times as i64 } else { 1 }).collect()
    };
    let list = g.indices(&list);
    g.node(if single { "Expand" } else { "Tile" }, &[&x.name, &list], &[], &[shape]);
}
