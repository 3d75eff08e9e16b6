//! tract's decluttered graph, operation by operation.

use super::attributes::{integers, is_constant, numbers, shape as shape_of, tensor_shape};
use super::builder::Builder;
use super::view::View;
use super::{Refusal, einsum, pointwise, rows, sample, shape, window};
use crate::nn::onnx_guard::{self, words};
use crate::nn::plan::{Binary, Operand, Place, Step, Unary};
use std::collections::HashMap;
use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops as tract;
use tract_onnx::tract_core::ops::array::{Gather, MultiBroadcastTo, Pad, Slice, StridedSlice, Tile, TypedConcat};
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::downsample::Downsample;
use tract_onnx::tract_core::ops::nn::Reduce as TractReduce;
use tract_onnx::tract_core::ops::nn::RmsNorm;
use tract_onnx::tract_core::ops::nn::resize::NearestUpsample;

/// Names of the inputs and outputs, which decluttering forgets.
pub(super) struct Names {
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// Reads and declutters a checked ONNX file.
pub(super) fn read(onnx: &Onnx, proto: &ModelProto) -> Result<(TypedModel, Names), String> {
    let model = onnx.model_for_proto_model(proto).map_err(|error| words(&error))?;
    if model.inputs.is_empty() || model.outputs.is_empty() {
        return Err("it has no inputs or no outputs".to_owned());
    }
    let label = |outlet: &OutletId| {
        let named = model.outlet_label(*outlet).map(str::to_owned);
        named.unwrap_or_else(|| model.node(outlet.node).name.clone())
    };
    let names =
        Names { inputs: model.inputs.iter().map(label).collect(), outputs: model.outputs.iter().map(label).collect() };
    let model = model.into_typed().map_err(|error| words(&error))?;
    onnx_guard::check_typed(&model)?;
    let model = model.into_decluttered().map_err(|error| words(&error))?;
    Ok((model, names))
}

/// Translates every node.
pub(super) fn translate(model: &TypedModel, names: &Names) -> Result<Builder, Refusal> {
    let mut translator = Translator { model, builder: Builder::default(), values: HashMap::new() };
    let refuse = |node: &TypedNode, what: String| Refusal { what, node: node.name.clone() };
    let order = model.eval_order().map_err(|error| Refusal { what: words(&error), node: names.outputs[0].clone() })?;
    for id in order {
        let node = model.node(id);
        let constant = node.outputs.first().and_then(|outlet| outlet.fact.konst.clone());
        if let Some(tensor) = constant {
            translator.values.insert(OutletId::new(id, 0), Value::Constant(tensor));
            continue;
        }
        let mut shapes = Vec::new();
        for outlet in &node.outputs {
            let shape = shape_of(&outlet.fact)
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
        // An input that nothing needs, or that is empty, is not part of the order.
        let known = translator.builder.inputs.iter().find(|(known, ..)| known == named);
        let (_, shape, base) = known
            .ok_or_else(|| Refusal { what: "an input that is empty or not used".to_owned(), node: name.clone() })?;
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

pub(super) struct Translator<'a> {
    pub(super) model: &'a TypedModel,
    pub(super) builder: Builder,
    values: HashMap<OutletId, Value>,
}

impl Translator<'_> {
    /// The view of an outlet.
    pub(super) fn value(&mut self, outlet: OutletId) -> Result<View, String> {
        match self.values.get(&outlet) {
            Some(Value::View(view)) => Ok(view.clone()),
            Some(Value::Constant(tensor)) => {
                let shape = tensor_shape(tensor);
                let values = numbers(tensor).ok_or_else(|| format!("a constant of {:?}", tensor.datum_type()))?;
                if values.is_empty() {
                    return Err(format!("an empty tensor of shape {shape:?}"));
                }
                if values.iter().any(|v| v.is_nan()) {
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
    pub(super) fn tensor(&self, outlet: OutletId) -> Option<&Tensor> {
        match self.values.get(&outlet) {
            Some(Value::Constant(tensor)) => Some(tensor),
            _ => self.model.outlet_fact(outlet).ok()?.konst.as_deref(),
        }
    }

    fn node(&mut self, node: &TypedNode, shapes: &[Vec<u32>]) -> Result<Vec<View>, String> {
        let shape = &shapes[0];
        if node.op_is::<tract::source::TypedSource>() {
            let kind = node.outputs[0].fact.datum_type;
            if !kind.is_number() {
                return Err(format!("an input of {kind:?}"));
            }
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
            () if sample::Resampling::of(node).is_some() => 1,
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
        } else if let Some(op) = node.op_as::<tract::cast::Cast>() {
            let floating = self.model.outlet_fact(node.inputs[0]).is_ok_and(|fact| fact.datum_type.is_float());
            match (floating, op.to.is_integer(), op.to == bool::datum_type()) {
                (true, true, _) => builder.stepped(name, &input()?, vec![Step::Unary(Unary::Truncate)]),
                (_, _, true) => {
                    let step = Step::Binary { binary: Binary::NotEq, operand: Operand::Number(0.0), reversed: false };
                    builder.stepped(name, &input()?, vec![step])
                }
                _ => input()?,
            }
        } else if node.op_is::<tract::identity::Identity>() {
            input()?
        } else if let Some(op) = node.op_as::<Downsample>() {
            let view = input()?;
            let length = view.axes[op.axis].length;
            let start = if op.stride > 0 { op.modulo as u32 } else { length - 1 };
            shape::sliced(builder, name, view, op.axis, start, shape[op.axis], op.stride as i32)
        } else if let Some(op) = node.op_as::<RmsNorm>() {
            self.root_mean_square(node, op, input()?)?
        } else if let Some(op) = node.op_as::<AxisOp>() {
            shape::axis_op(builder, name, op, input()?, shape)
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
            shape::sliced(builder, name, input()?, op.axis, start as u32, shape[op.axis], 1)
        } else if let Some(op) = node.op_as::<StridedSlice>() {
            self.strided_slice(node, op, input()?, shape)?
        } else if let Some(op) = node.op_as::<TypedConcat>() {
            shape::concat(builder, name, op.axis, &inputs, shape)
        } else if let Some(op) = node.op_as::<Pad>() {
            shape::pad(builder, name, op, input()?, shape)?
        } else if node.op_is::<Tile>() {
            shape::tile(builder, name, input()?, shape)
        } else if let Some(op) = node.op_as::<Gather>() {
            let indices = self.tensor(node.inputs[1]).and_then(integers).ok_or("Gather with computed indices")?;
            let rank = self.model.outlet_fact(node.inputs[1]).map_or(0, |fact| fact.rank());
            shape::gather(&mut self.builder, name, op.axis, input()?, &indices, rank, shape)?
        } else if let Some(op) = node.op_as::<tract::nn::Softmax>() {
            rows::softmax(builder, name, op, input()?, shape)?
        } else if let Some(op) = node.op_as::<TractReduce>() {
            let reducer = rows::reducer(op.reducer).ok_or_else(|| format!("Reduce<{:?}>", op.reducer))?;
            rows::reduce(builder, name, &op.axes, reducer, input()?, shape)
        } else if let Some(op) = sample::Resampling::of(node) {
            self.resize(node, &op, input()?, shape)?
        } else if let Some(op) = node.op_as::<tract::nn::grid_sample::GridSample>() {
            sample::grid_sample(builder, name, op, &inputs, shape)?
        } else {
            return Err(unsupported());
        };
        if view.shape() != *shape {
            return Err(format!("{} of shape {shape:?}", node.op.name()));
        }
        Ok(vec![view])
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
            view = shape::sliced(&mut self.builder, &node.name, view, axis, start as u32, shape[axis], step as i32);
        }
        Ok(view)
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
