//! tract's decluttered graph, operation by operation.

use super::attributes::{integers, is_constant, numbers, shape, tensor_shape};
use super::builder::Builder;
use super::view::{View, dense_axes, plain};
use super::{Refusal, einsum, pointwise, window};
use crate::nn::plan::{
    Axis, Binary, GridSample, Interpolation, Normalize, Op, Operand, Outside, Place, Reduce, Reducer, Resize,
    ResizeAxis, Softmax, Spread, Step, Unary,
};
use std::collections::HashMap;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops as tract;
use tract_onnx::tract_core::ops::array::{
    Gather, MultiBroadcastTo, Pad, PadMode, Slice, StridedSlice, Tile, TypedConcat,
};
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::nn::resize::NearestUpsample;
use tract_onnx::tract_core::ops::nn::{Reduce as TractReduce, Reducer as TractReducer, SoftmaxKind};

/// Names of the inputs and outputs, which decluttering forgets.
pub(super) struct Names {
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// Reads and declutters an ONNX file.
pub(super) fn read(onnx: &[u8]) -> Result<(TypedModel, Names), String> {
    let one_line = |error: TractError| -> String {
        let chain: Vec<String> = error.chain().map(|cause| cause.to_string().replace('\n', " ")).collect();
        chain.join(": ").chars().take(200).collect()
    };
    let mut bytes = onnx;
    let model = tract_onnx::onnx().model_for_read(&mut bytes).map_err(one_line)?;
    if model.inputs.is_empty() || model.outputs.is_empty() {
        return Err("it has no inputs or no outputs".to_owned());
    }
    let label = |outlet: &OutletId| {
        let named = model.outlet_label(*outlet).map(str::to_owned);
        named.unwrap_or_else(|| model.node(outlet.node).name.clone())
    };
    let names =
        Names { inputs: model.inputs.iter().map(label).collect(), outputs: model.outputs.iter().map(label).collect() };
    let model = model.into_typed().map_err(one_line)?.into_decluttered().map_err(one_line)?;
    Ok((model, names))
}

/// Translates every node.
pub(super) fn translate(model: &TypedModel, names: &Names) -> Result<Builder, Refusal> {
    let mut translator = Translator { model, builder: Builder::default(), values: HashMap::new() };
    let refuse = |node: &TypedNode, what: String| Refusal { what, node: node.name.clone() };
    let order =
        model.eval_order().map_err(|error| Refusal { what: error.to_string(), node: names.outputs[0].clone() })?;
    for id in order {
        let node = model.node(id);
        let constant = node.outputs.first().and_then(|outlet| outlet.fact.konst.clone());
        if let Some(tensor) = constant {
            translator.values.insert(OutletId::new(id, 0), Value::Constant(tensor));
            continue;
        }
        let mut shapes = Vec::new();
        for outlet in &node.outputs {
            let shape = shape(&outlet.fact)
                .ok_or_else(|| refuse(node, format!("the shape {:?} (not fixed, or empty)", outlet.fact.shape)))?;
            if shape.iter().map(|&d| u64::from(d)).product::<u64>() > crate::nn::plan::MAX_ELEMENTS as u64 {
                return Err(refuse(node, format!("a tensor of shape {shape:?}, larger than 128 MiB")));
            }
            shapes.push(shape);
        }
        let results = translator.node(node, &shapes).map_err(|what| refuse(node, what))?;
        for (slot, view) in results.into_iter().enumerate() {
            translator.values.insert(OutletId::new(id, slot), Value::View(view));
        }
    }
    let mut inputs = Vec::new();
    for (outlet, name) in model.inputs.iter().zip(&names.inputs) {
        let named = &model.node(outlet.node).name;
        // An input that nothing needs is not part of the order.
        let known = translator.builder.inputs.iter().find(|(known, ..)| known == named);
        let (_, shape, base) =
            known.ok_or_else(|| Refusal { what: "an input without a use".to_owned(), node: name.clone() })?;
        inputs.push((name.clone(), shape.clone(), *base));
    }
    translator.builder.inputs = inputs;
    for (outlet, name) in model.outputs.iter().zip(&names.outputs) {
        let view = translator.value(*outlet).map_err(|what| Refusal { what, node: name.clone() })?;
        let shape = view.shape().iter().map(|&d| d as usize).collect();
        // Each output is a tensor of its own, which the executor reads back as it is.
        let own = translator.builder.is_whole(&view).is_some();
        let taken = translator.builder.outputs.iter().any(|(.., base)| view.place == Place::Arena(*base));
        let dense = if own && !taken { view } else { translator.builder.stepped(name, &view, Vec::new()) };
        if let Place::Arena(base) = dense.place {
            translator.builder.outputs.push((name.clone(), shape, base));
        }
    }
    Ok(translator.builder)
}

enum Value {
    View(View),
    /// Becomes one of the plan's constants only where it is needed: most are indices and shapes.
    Constant(Arc<Tensor>),
}

struct Translator<'a> {
    model: &'a TypedModel,
    builder: Builder,
    values: HashMap<OutletId, Value>,
}

impl Translator<'_> {
    /// The view of an outlet.
    fn value(&mut self, outlet: OutletId) -> Result<View, String> {
        match self.values.get(&outlet) {
            Some(Value::View(view)) => Ok(view.clone()),
            Some(Value::Constant(tensor)) => {
                let shape = tensor_shape(tensor);
                let values = numbers(tensor).ok_or_else(|| format!("a constant of {:?}", tensor.datum_type()))?;
                if !values.iter().all(|v| !v.is_nan()) {
                    return Err("weights that are not numbers".to_owned());
                }
                let view = View::dense(Place::Constant(self.builder.constant(shape.clone(), values), 0), &shape);
                self.values.insert(outlet, Value::View(view.clone()));
                Ok(view)
            }
            None => Err("a value that nothing makes".to_owned()),
        }
    }

    /// The tensor of an outlet that is constant.
    fn tensor(&self, outlet: OutletId) -> Option<&Tensor> {
        match self.values.get(&outlet) {
            Some(Value::Constant(tensor)) => Some(tensor),
            _ => self.model.outlet_fact(outlet).ok()?.konst.as_deref(),
        }
    }

    fn node(&mut self, node: &TypedNode, shapes: &[Vec<u32>]) -> Result<Vec<View>, String> {
        let shape = &shapes[0];
        if node.op_is::<tract::source::TypedSource>() {
            let base = self.builder.tensor(shape.iter().map(|&d| d as usize).product());
            self.builder.inputs.push((node.name.clone(), shape.iter().map(|&d| d as usize).collect(), base));
            return Ok(vec![View::dense(Place::Arena(base), shape)]);
        }
        if let Some(unit) = self.prelu(node)? {
            return Ok(vec![unit]);
        }
        if let Some(normalized) = self.normalized(node)? {
            return Ok(vec![normalized]);
        }
        let name = &node.name;
        // Indices and shapes are read from tract's own tensors; everything else as a view.
        let data = match () {
            () if node.op_is::<Gather>() => 1,
            () if node.op_is::<tract::nn::resize::Resize>() => 1,
            () if node.op_is::<StridedSlice>() => 1,
            () => node.inputs.len(),
        };
        let inputs =
            node.inputs[..data].iter().map(|&outlet| self.value(outlet)).collect::<Result<Vec<View>, String>>()?;
        let builder = &mut self.builder;
        let first = inputs.first().cloned();
        let input = || first.clone().ok_or_else(|| format!("{} without inputs", node.op.name()));
        let unsupported = || format!("the operator {}", node.op.name());
        let view = if let Some(op) = node.op_as::<tract::cnn::Conv>() {
            window::conv(builder, name, op, &inputs)?
        } else if let Some(op) = node.op_as::<tract::cnn::Deconv>() {
            window::deconv(builder, name, op, &inputs)?
        } else if let Some(op) = node.op_as::<tract::cnn::MaxPool>() {
            window::max_pool(builder, name, op, &inputs)?
        } else if let Some(op) = node.op_as::<tract::cnn::SumPool>() {
            window::sum_pool(builder, name, op, &inputs)?
        } else if let Some(op) = node.op_as::<tract::einsum::EinSum>() {
            einsum::einsum(builder, name, op, &inputs, shape)?
        } else if let Some(op) = node.op_as::<tract::binary::TypedBinOp>() {
            binary(builder, name, pointwise::binary(op).ok_or_else(unsupported)?, &inputs, shape)
        } else if let Some(op) = node.op_as::<tract::element_wise::ElementWiseOp>() {
            let unary = pointwise::unary(op).ok_or_else(unsupported)?;
            builder.stepped(name, &input()?, vec![Step::Unary(unary)])
        } else if node.op_is::<tract::logic::Iff>() {
            let [condition, yes, no] = [0, 1, 2].map(|i: usize| inputs[i].clone().broadcast(shape));
            let (yes, no) = (builder.operand(name, &yes), builder.operand(name, &no));
            builder.stepped(name, &condition, vec![Step::Select(yes, no)])
        } else if node.op_is::<tract::cast::Cast>() || node.op_is::<tract::identity::Identity>() {
            input()?
        } else if let Some(op) = node.op_as::<AxisOp>() {
            axis_op(builder, name, op, input()?, shape)
        } else if node.op_is::<MultiBroadcastTo>() {
            let view = input()?;
            let mut view = if view.is_limited() { builder.copied(name, &view) } else { view };
            while view.axes.len() < shape.len() {
                view = view.with_axis(0);
            }
            view.broadcast(shape)
        } else if let Some(op) = node.op_as::<NearestUpsample>() {
            let mut view = input()?;
            for (axis, &times) in op.scales.iter().enumerate() {
                view = match view.clone().repeated(axis, times as u32) {
                    Some(view) => view,
                    None => {
                        let copy = builder.copied(name, &view);
                        copy.repeated(axis, times as u32).ok_or_else(unsupported)?
                    }
                };
            }
            view
        } else if let Some(op) = node.op_as::<Slice>() {
            let start = op.start.to_i64().map_err(|_| unsupported())?;
            sliced(builder, name, input()?, op.axis, start as u32, shape[op.axis], 1)
        } else if let Some(op) = node.op_as::<StridedSlice>() {
            self.strided_slice(node, op, input()?, shape)?
        } else if let Some(op) = node.op_as::<TypedConcat>() {
            concat(builder, name, op.axis, &inputs, shape)
        } else if let Some(op) = node.op_as::<Pad>() {
            pad(builder, name, op, input()?, shape)?
        } else if node.op_is::<Tile>() {
            tile(builder, name, input()?, shape)
        } else if let Some(op) = node.op_as::<Gather>() {
            let indices = self.tensor(node.inputs[1]).and_then(integers).ok_or("Gather with computed indices")?;
            let rank = self.model.outlet_fact(node.inputs[1]).map_or(0, |fact| fact.rank());
            gather(&mut self.builder, name, op.axis, input()?, &indices, rank, shape)?
        } else if let Some(op) = node.op_as::<tract::nn::Softmax>() {
            softmax(builder, name, op, input()?, shape)?
        } else if let Some(op) = node.op_as::<TractReduce>() {
            let reducer = reducer(op.reducer).ok_or_else(|| format!("Reduce<{:?}>", op.reducer))?;
            reduce(builder, name, &op.axes, reducer, input()?, shape)
        } else if let Some(op) = node.op_as::<tract::nn::resize::Resize>() {
            self.resize(node, op, input()?, shape)?
        } else if let Some(op) = node.op_as::<tract::nn::grid_sample::GridSample>() {
            grid_sample(builder, name, op, &inputs, shape)?
        } else {
            return Err(unsupported());
        };
        if view.shape() != *shape {
            return Err(format!("{} of shape {shape:?}", node.op.name()));
        }
        Ok(vec![view])
    }

    /// x where x > 0, else x * slope: tract spells PRelu in three nodes, the last of which is given here.
    fn prelu(&mut self, node: &TypedNode) -> Result<Option<View>, String> {
        if !node.op_is::<tract::logic::Iff>() {
            return Ok(None);
        }
        let [condition, yes, no] = [0, 1, 2].map(|i: usize| node.inputs[i]);
        let (test, scaled) = (self.model.node(condition.node), self.model.node(no.node));
        let named = |node: &TypedNode| node.op_as::<tract::binary::TypedBinOp>().and_then(pointwise::binary);
        let (x, slope) = match (named(test), named(scaled)) {
            (Some(Binary::Greater | Binary::GreaterOrEqual), Some(Binary::Mul)) if test.inputs[0] == yes => {
                match scaled.inputs[..] {
                    [a, b] if a == yes => (yes, b),
                    [a, b] if b == yes => (yes, a),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let zero = self.value(test.inputs[1])?;
        if self.builder.number(&zero) != Some(0.0) {
            return Ok(None);
        }
        let x = self.value(x)?;
        let slope = self.value(slope)?.broadcast(&x.shape());
        if slope.shape() != x.shape() {
            return Ok(None);
        }
        let step = match self.builder.operand(&node.name, &slope) {
            Operand::Number(slope) => Step::Unary(Unary::LeakyRelu(slope)),
            operand => Step::Binary { binary: Binary::Prelu, operand, reversed: false },
        };
        Ok(Some(self.builder.stepped(&node.name, &x, vec![step])))
    }

    /// (x - mean) * rsqrt(mean of squares + epsilon): tract spells normalisations out; the last product is given here.
    fn normalized(&mut self, node: &TypedNode) -> Result<Option<View>, String> {
        let Some(found) = self.normalization(node) else { return Ok(None) };
        let (x, axes, epsilon) = found;
        let x = self.value(x)?;
        let rank = x.axes.len();
        let last = axes.iter().enumerate().all(|(i, &axis)| axis == rank - axes.len() + i);
        if !last {
            return Ok(None);
        }
        let shape = x.shape();
        let length: u32 = axes.iter().map(|&axis| shape[axis]).product();
        let input = self.builder.dense(&node.name, &x);
        let op = Op::Normalize(Normalize { input, outer: x.elements() as u32 / length, length, epsilon });
        Ok(Some(self.builder.node(&node.name, op, &shape, Vec::new())))
    }

    fn normalization(&self, node: &TypedNode) -> Option<(OutletId, Vec<usize>, f32)> {
        let op = |outlet: OutletId| self.model.node(outlet.node);
        let is = |node: &TypedNode, wanted: Binary| {
            node.op_as::<tract::binary::TypedBinOp>().and_then(pointwise::binary) == Some(wanted)
        };
        let number = |outlet: OutletId| {
            self.tensor(outlet).and_then(numbers).filter(|v| v.iter().all(|&n| n == v[0])).map(|v| v[0])
        };
        if !is(node, Binary::Mul) {
            return None;
        }
        let [a, b] = node.inputs[..] else { return None };
        let (centred, scale) = if is(op(a), Binary::Sub) { (a, b) } else { (b, a) };
        let root = op(scale).op_as::<tract::element_wise::ElementWiseOp>()?;
        if root.0.name() != "Rsqrt" || !is(op(centred), Binary::Sub) {
            return None;
        }
        let sum = op(op(scale).inputs[0]);
        if !is(sum, Binary::Add) {
            return None;
        }
        let [c, d] = sum.inputs[..] else { return None };
        let (squares, epsilon) = if number(d).is_some() { (c, number(d)?) } else { (d, number(c)?) };
        let squares_op = op(squares).op_as::<TractReduce>()?;
        if squares_op.reducer != TractReducer::MeanOfSquares || op(squares).inputs[0] != centred {
            return None;
        }
        let [x, mean] = op(centred).inputs[..] else { return None };
        let product = op(mean);
        if !is(product, Binary::Mul) {
            return None;
        }
        let [e, f] = product.inputs[..] else { return None };
        let (total, part) = if number(f).is_some() { (e, number(f)?) } else { (f, number(e)?) };
        let total_op = op(total).op_as::<TractReduce>()?;
        let fact = self.model.outlet_fact(x).ok()?;
        let length: usize =
            total_op.axes.iter().filter_map(|&axis| fact.shape.as_concrete().map(|s| s[axis])).product();
        let mean_of_all = (part * length as f32 - 1.0).abs() < 1e-4;
        let same = total_op.axes == squares_op.axes && total_op.reducer == TractReducer::Sum;
        (same && mean_of_all && op(total).inputs[0] == x).then(|| (x, total_op.axes.to_vec(), epsilon))
    }

    fn strided_slice(
        &mut self,
        node: &TypedNode,
        op: &StridedSlice,
        input: View,
        shape: &[u32],
    ) -> Result<View, String> {
        let read = |at: Option<usize>| at.and_then(|i| self.tensor(*node.inputs.get(i)?)).and_then(integers);
        let starts = read(Some(1)).ok_or("StridedSlice with computed limits")?;
        let axes = read(op.optional_axes_input).unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = read(op.optional_steps_input).unwrap_or_else(|| vec![1; starts.len()]);
        let rank = input.axes.len();
        if op.shrink_axis_mask != 0 {
            return Err("StridedSlice that drops axes".to_owned());
        }
        let mut view = input;
        for (i, (&axis, &step)) in axes.iter().zip(&steps).enumerate() {
            let axis = axis.rem_euclid(rank as i64) as usize;
            let length = i64::from(view.axes[axis].length);
            let masked = op.begin_mask >> i & 1 == 1;
            let start = if starts[i] < 0 { starts[i] + length } else { starts[i] };
            let start = match (masked, step > 0) {
                (true, true) => 0,
                (true, false) => length - 1,
                _ => start.clamp(0, if step > 0 { length } else { length - 1 }),
            };
            view = sliced(&mut self.builder, &node.name, view, axis, start as u32, shape[axis], step as i32);
        }
        Ok(view)
    }

    fn resize(
        &mut self,
        node: &TypedNode,
        op: &tract::nn::resize::Resize,
        input: View,
        shape: &[u32],
    ) -> Result<View, String> {
        let scales = op.optional_scales_input.and_then(|i| self.tensor(*node.inputs.get(i)?)).and_then(numbers);
        let from = input.shape();
        let rank = from.len();
        let scales: Vec<f32> = match scales {
            Some(scales) if scales.len() == rank => scales,
            _ => from.iter().zip(shape).map(|(&i, &o)| o as f32 / i as f32).collect(),
        };
        let changed = |axis: usize| from[axis] != shape[axis] || scales[axis] != 1.0;
        let first = (0..rank)
            .find(|&axis| changed(axis))
            .unwrap_or(rank)
            .min(rank.saturating_sub(1))
            .max(rank.saturating_sub(3));
        if (0..first).any(changed) {
            return Err("Resize of more than three axes".to_owned());
        }
        let mut axes = [0, 1, 2].map(|_| ResizeAxis { input: 1, output: 1, taps: 1, table: None });
        for (to, axis) in (3 - (rank - first)..3).zip(first..rank) {
            let (len_in, len_out) = (from[axis], shape[axis]);
            axes[to] = ResizeAxis { input: len_in, output: len_out, taps: 1, table: None };
            if changed(axis) {
                let plan = op.plan_axis(scales[axis], len_in as usize, len_out as usize);
                let pairs = plan.indices.iter().zip(&plan.weights).flat_map(|(&i, &w)| [i as f32, w]).collect();
                let taps = plan.window as u32;
                axes[to].table = Some(self.builder.constant(vec![len_out, taps, 2], pairs));
                axes[to].taps = taps;
            }
        }
        let planes = from[..first].iter().product();
        let place = self.builder.dense(&node.name, &input);
        let op = Op::Resize(Resize { input: place, planes, axes });
        Ok(self.builder.node(&node.name, op, shape, Vec::new()))
    }
}

fn binary(builder: &mut Builder, name: &str, binary: Binary, inputs: &[View], shape: &[u32]) -> View {
    let [a, b] = [0, 1].map(|i: usize| inputs[i].clone().broadcast(shape));
    // The steps work on the value that something computes; constants and repeats are better as the other one.
    let spread = |view: &View| is_constant(view) || !view.is_dense();
    let reversed = spread(&a) && !spread(&b);
    let (x, other) = if reversed { (b, a) } else { (a, b) };
    let operand = builder.operand(name, &other);
    let step = match (binary, &operand, reversed) {
        (Binary::Max, Operand::Number(zero), _) if *zero == 0.0 => Step::Unary(Unary::Relu),
        (Binary::Max, Operand::Number(low), _) => Step::Unary(Unary::Clip(*low, f32::MAX)),
        (Binary::Min, Operand::Number(high), _) => Step::Unary(Unary::Clip(-f32::MAX, *high)),
        (Binary::Pow, Operand::Number(power), false) => Step::Unary(Unary::Power(*power)),
        _ => Step::Binary { binary, operand, reversed },
    };
    builder.stepped(name, &x, vec![step])
}

fn axis_op(builder: &mut Builder, name: &str, op: &AxisOp, view: View, shape: &[u32]) -> View {
    match *op {
        AxisOp::Add(at) => view.with_axis(at),
        AxisOp::Rm(at) => view.without_axis(at),
        AxisOp::Move(from, to) => view.moved_axis(from, to),
        AxisOp::Reshape(..) => reshaped(builder, name, &view, shape),
    }
}

fn reshaped(builder: &mut Builder, name: &str, view: &View, shape: &[u32]) -> View {
    match view.reshaped(shape) {
        Some(view) => view,
        None => {
            let place = builder.dense(name, view);
            View::dense(place, shape)
        }
    }
}

fn sliced(builder: &mut Builder, name: &str, view: View, axis: usize, start: u32, length: u32, step: i32) -> View {
    match view.clone().sliced(axis, start, length, step) {
        Some(view) => view,
        None => {
            let copy = builder.copied(name, &view);
            copy.clone().sliced(axis, start, length, step).unwrap_or(copy)
        }
    }
}

/// The parts are made in place where they can be, else copied there.
fn concat(builder: &mut Builder, name: &str, axis: usize, inputs: &[View], shape: &[u32]) -> View {
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

fn pad(builder: &mut Builder, name: &str, op: &Pad, input: View, shape: &[u32]) -> Result<View, String> {
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

fn tile(builder: &mut Builder, name: &str, input: View, shape: &[u32]) -> View {
    // Each repeated axis is an axis of repeats before one of elements.
    let mut view = input;
    if view.axes.iter().any(|axis| axis.divide != 1 || axis.is_limited()) {
        view = builder.copied(name, &view);
    }
    let axes = view.axes.iter().zip(shape).flat_map(|(axis, &to)| [plain(to / axis.length, 0), *axis]).collect();
    reshaped(builder, name, &View { place: view.place, axes }, shape)
}

/// Elements of one axis by a constant list of indices: a table of taps with weight 1.
fn gather(
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

/// [outer, length, inner] of neighbouring axes.
fn around(shape: &[u32], axes: &[usize]) -> Option<(u32, u32, u32)> {
    let mut axes = axes.to_vec();
    axes.sort_unstable();
    let neighbours = axes.windows(2).all(|pair| shape[pair[0] + 1..pair[1]].iter().all(|&d| d == 1));
    let (&first, &last) = (axes.first()?, axes.last()?);
    neighbours.then(|| {
        (shape[..first].iter().product(), shape[first..=last].iter().product(), shape[last + 1..].iter().product())
    })
}

fn softmax(
    builder: &mut Builder,
    name: &str,
    op: &tract::nn::Softmax,
    input: View,
    shape: &[u32],
) -> Result<View, String> {
    let (outer, length, inner) = around(shape, &op.axes).ok_or("Softmax over axes that are no neighbours")?;
    if op.quant_output_dt.is_some() {
        return Err("Softmax to whole numbers".to_owned());
    }
    let input = builder.dense(name, &input);
    let op = Op::Softmax(Softmax { input, outer, length, inner, log: matches!(op.kind, SoftmaxKind::LogSoftmax) });
    Ok(builder.node(name, op, shape, Vec::new()))
}

fn reducer(reducer: TractReducer) -> Option<Reducer> {
    Some(match reducer {
        TractReducer::Sum => Reducer::Sum,
        TractReducer::Max => Reducer::Max,
        TractReducer::Min => Reducer::Min,
        TractReducer::Prod => Reducer::Product,
        TractReducer::MeanOfSquares => Reducer::MeanOfSquares,
        _ => return None,
    })
}

fn reduce(builder: &mut Builder, name: &str, axes: &[usize], reducer: Reducer, input: View, shape: &[u32]) -> View {
    let mut view = input;
    if around(&view.shape(), axes).is_none() {
        // The reduced axes go to the end, where they are neighbours.
        let rank = view.axes.len();
        let kept = (0..rank).filter(|axis| !axes.contains(axis));
        let order: Vec<usize> = kept.chain(axes.iter().copied()).collect();
        view = View { place: view.place, axes: order.iter().map(|&axis| view.axes[axis]).collect() };
        let reduced: Vec<usize> = (rank - axes.len()..rank).collect();
        return reduced_view(builder, name, &reduced, reducer, &view, shape);
    }
    reduced_view(builder, name, axes, reducer, &view, shape)
}

fn reduced_view(
    builder: &mut Builder,
    name: &str,
    axes: &[usize],
    reducer: Reducer,
    view: &View,
    shape: &[u32],
) -> View {
    let (outer, length, inner) = around(&view.shape(), axes).unwrap_or((view.elements() as u32, 1, 1));
    let input = builder.dense(name, view);
    builder.node(name, Op::Reduce(Reduce { input, outer, length, inner, reducer }), shape, Vec::new())
}

fn grid_sample(
    builder: &mut Builder,
    name: &str,
    op: &tract::nn::grid_sample::GridSample,
    inputs: &[View],
    shape: &[u32],
) -> Result<View, String> {
    use tract::nn::grid_sample::{InterpolationMode, PaddingMode};
    let from = inputs[0].shape();
    let rank = from.len() - 2;
    let interpolation = match op.mode {
        InterpolationMode::Bilinear => Interpolation::Linear,
        InterpolationMode::Nearest => Interpolation::Nearest,
        InterpolationMode::Bicubic => Interpolation::Cubic,
    };
    if !(2..=3).contains(&rank) || (rank == 3 && interpolation == Interpolation::Cubic) {
        return Err(format!("GridSample of {rank} axes, {interpolation:?}"));
    }
    let three = |dims: &[u32]| if rank == 3 { [dims[0], dims[1], dims[2]] } else { [1, dims[0], dims[1]] };
    let op = GridSample {
        input: builder.dense(name, &inputs[0]),
        grid: builder.dense(name, &inputs[1]),
        batch: from[0],
        channels: from[1],
        size: three(&from[2..]),
        output: three(&shape[2..]),
        rank: rank as u32,
        interpolation,
        outside: match op.padding_mode {
            PaddingMode::Zeros => Outside::Zeros,
            PaddingMode::Border => Outside::Border,
            PaddingMode::Reflection => Outside::Reflection,
        },
        align_corners: op.align_corners,
    };
    Ok(builder.node(name, Op::GridSample(op), shape, Vec::new()))
}
