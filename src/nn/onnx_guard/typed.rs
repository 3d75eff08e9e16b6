//! What only shape inference knows, checked before tract optimises.

use super::{MAX_ELEMENTS, shortened};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::StridedSlice;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cnn::Conv;
use tract_onnx::tract_core::ops::downsample::Downsample;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::nn::{Reduce, Softmax};

/// All arrays together, elements: no network that a browser could run comes near.
const MAX_TOTAL: u64 = 1 << 31;

/// That no array is too large, that axes are there, and that tract will not swap what must not be swapped.
pub(in crate::nn) fn check(model: &TypedModel) -> Result<(), String> {
    let mut total = 0_u64;
    for node in model.nodes() {
        check_axes(model, node)?;
        if let Some(softmax) = stepped_softmax(model, node) {
            let (name, softmax) = (shortened(&node.name), shortened(softmax));
            return Err(format!("`{name}` takes steps along the axis of the softmax `{softmax}`; use Gather there"));
        }
        for outlet in &node.outputs {
            let Some(shape) = outlet.fact.shape.as_concrete() else { continue };
            let elements = shape.iter().fold(1_u64, |n, &d| n.saturating_mul(d as u64));
            total = total.saturating_add(elements);
            if elements > MAX_ELEMENTS as u64 || total > MAX_TOTAL {
                let shape = shortened(&format!("{shape:?}"));
                return Err(format!("`{}` has the shape {shape}, which is too large", shortened(&node.name)));
            }
        }
    }
    Ok(())
}

/// tract indexes with the axes of these without looking.
fn check_axes(model: &TypedModel, node: &TypedNode) -> Result<(), String> {
    let axes = match (node.op_as::<Softmax>(), node.op_as::<Reduce>()) {
        (Some(op), _) => &op.axes[..],
        (_, Some(op)) => &op.axes[..],
        _ => &[],
    };
    let rank = node.inputs.first().and_then(|&input| model.outlet_fact(input).ok()).map_or(0, |fact| fact.rank());
    match axes.iter().find(|&&axis| axis >= rank) {
        Some(axis) => Err(format!("`{}` works on axis {axis} of {rank}", shortened(&node.name))),
        None => Ok(()),
    }
}

/// tract 0.23 takes every nth element before a softmax instead of after it, even along the axis that the softmax sums
/// over: the name of such a softmax. Strided slices do that, and strided convolutions of one tap.
fn stepped_softmax<'a>(model: &'a TypedModel, node: &TypedNode) -> Option<&'a str> {
    let stepped: Vec<usize> = if let Some(op) = node.op_as::<Downsample>() {
        vec![op.axis]
    } else if let Some(op) = node.op_as::<StridedSlice>() {
        let read = |at: Option<usize>| -> Option<Vec<i64>> {
            let fact = model.outlet_fact(*node.inputs.get(at?)?).ok()?;
            let whole = fact.konst.as_ref()?.cast_to::<i64>().ok()?;
            Some(whole.try_as_plain_ram().ok()?.as_slice::<i64>().ok()?.to_vec())
        };
        let steps = read(op.optional_steps_input)?;
        let rank = model.outlet_fact(*node.inputs.first()?).ok()?.rank() as i64;
        let axes = read(op.optional_axes_input).unwrap_or_else(|| (0..rank).collect());
        let stepped = axes.iter().zip(&steps).filter(|(_, step)| step.unsigned_abs() > 1);
        stepped.map(|(&axis, _)| if axis < 0 { (axis + rank) as usize } else { axis as usize }).collect()
    } else {
        let spec = &node.op_as::<Conv>()?.pool_spec;
        let first = spec.data_format.h_axis();
        let single = |&axis: &usize| spec.kernel_shape[axis] == 1 && spec.stride(axis) > 1;
        (0..spec.kernel_shape.len()).filter(single).map(|axis| first + axis).collect()
    };
    if stepped.is_empty() {
        return None;
    }
    // Element-wise work in between is swapped too.
    let mut waiting = vec![node.inputs.first()?.node];
    let mut seen = Vec::new();
    while let Some(id) = waiting.pop() {
        let above = model.node(id);
        match above.op_as::<Softmax>() {
            Some(op) if op.axes.iter().any(|axis| stepped.contains(axis)) => return Some(&above.name),
            Some(_) => waiting.extend(above.inputs.iter().map(|input| input.node)),
            None if (above.op_is::<ElementWiseOp>() || above.op_is::<TypedBinOp>()) && !seen.contains(&id) => {
                seen.push(id);
                waiting.extend(above.inputs.iter().map(|input| input.node));
            }
            None => {}
        }
    }
    None
}
