//! Numbers that nodes are given: those that tract divides by, allocates by, or counts to.

use super::MAX_ELEMENTS;
use super::tensors::{floats, integers};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use tract_onnx::pb::{NodeProto, TensorProto};

/// Longest window, padding, stride and scale: longer than any picture's side.
const MAX_WINDOW: i64 = 65_536;

type Constants<'a> = HashMap<&'a str, &'a TensorProto>;

/// That a node's attributes and constant inputs are of sizes that can be meant; otherwise what is wrong, to follow its
/// name.
pub(super) fn check(node: &NodeProto, constants: &Constants<'_>) -> Result<(), String> {
    let input = |at: usize| node.input.get(at).and_then(|name| constants.get(name.as_str())).copied();
    let indices = |at: usize| input(at).map(integers).unwrap_or_default();
    match node.op_type.as_str() {
        "Conv" | "ConvTranspose" | "ConvInteger" | "QLinearConv" | "MaxPool" | "AveragePool" | "LpPool" => {
            let at = if node.op_type == "QLinearConv" { 3 } else { 1 };
            window(node, input(at).filter(|_| node.op_type.contains("Conv")))
        }
        "MatMul" | "Gemm" => (0..2).filter_map(input).try_for_each(finite),
        "Pad" => {
            let opset_2 = list(node, "pads").unwrap_or_default();
            let pads = opset_2.iter().copied().chain(indices(1));
            match pads.into_iter().find(|pad| !(0..=MAX_WINDOW).contains(pad)) {
                Some(pad) if pad < 0 => Err(format!("takes away by a padding of {pad}; use Slice")),
                Some(pad) => Err(format!("has a padding of {pad}")),
                None => Ok(()),
            }
        }
        "Resize" | "Upsample" => {
            let attribute = node.attribute.iter().find(|a| a.name == "scales");
            let own = attribute.iter().flat_map(|a| a.floats.iter().map(|&v| f64::from(v)));
            let scales = (1..4).filter_map(input).flat_map(floats).chain(own);
            // A region of interest, which is input 1, lies within 0..1, so zeros are for scales alone to refuse.
            let region = usize::from(node.op_type == "Resize" && node.input.len() > 2);
            let given = (1 + region..4).filter_map(input).flat_map(floats);
            if let Some(scale) = scales.into_iter().find(|scale| !scale.is_finite() || *scale > MAX_WINDOW as f64) {
                return Err(format!("has a scale of {scale}"));
            }
            if let Some(scale) = given.into_iter().find(|scale| *scale <= 0.0) {
                return Err(format!("has a scale of {scale}"));
            }
            within("a size", &indices(3), 1..=MAX_WINDOW)
        }
        "ConstantOfShape" => volume(&indices(0)),
        "Expand" | "Tile" => volume(&indices(1)),
        "Range" => {
            let number = |at: usize| {
                let tensor = input(at)?;
                floats(tensor).first().copied().or_else(|| integers(tensor).first().map(|&i| i as f64))
            };
            match (number(0), number(1), number(2)) {
                (Some(start), Some(limit), Some(delta)) => {
                    let count = (limit - start) / delta;
                    if count.is_finite() && count < MAX_ELEMENTS as f64 { Ok(()) } else { Err(endless(count)) }
                }
                _ => Ok(()),
            }
        }
        "Slice" => match indices(4).contains(&0) {
            true => Err("has a step of 0".to_owned()),
            false => Ok(()),
        },
        "DepthToSpace" | "SpaceToDepth" => one(node, "blocksize", 1..=MAX_WINDOW),
        "GroupNormalization" => one(node, "num_groups", 1..=MAX_WINDOW),
        "LRN" => one(node, "size", 1..=MAX_WINDOW),
        "LSTM" | "GRU" | "RNN" => one(node, "hidden_size", 1..=MAX_WINDOW),
        "Split" => one(node, "num_outputs", 1..=MAX_WINDOW),
        _ => Ok(()),
    }
}

fn endless(count: f64) -> String {
    format!("counts {count} numbers")
}

/// Windows that slide: sizes and steps of one or more, one a spatial axis, and weights of the shape they say.
fn window(node: &NodeProto, weights: Option<&TensorProto>) -> Result<(), String> {
    for name in ["kernel_shape", "strides", "dilations"] {
        within(&format!("`{name}`"), &list(node, name).unwrap_or_default(), 1..=MAX_WINDOW)?;
    }
    for name in ["pads", "output_padding"] {
        within(&format!("`{name}`"), &list(node, name).unwrap_or_default(), 0..=MAX_WINDOW)?;
    }
    if node.op_type == "ConvTranspose" && list(node, "output_shape").is_some() {
        // tract computes something else, or panics.
        return Err("has an `output_shape`; export it with `pads`".to_owned());
    }
    one(node, "group", 1..=MAX_WINDOW)?;
    let kernel = list(node, "kernel_shape");
    let Some(weights) = weights else {
        return kernel.map_or(Ok(()), |kernel| ranks(node, kernel.len()));
    };
    finite(weights)?;
    let Some(taps) = weights.dims.get(2..).filter(|taps| !taps.is_empty() && !weights.dims.contains(&0)) else {
        return Err(format!("has weights of the shape {:?}", weights.dims));
    };
    if kernel.is_some_and(|kernel| kernel != taps) {
        return Err(format!("has a `kernel_shape` that its weights of {:?} do not have", weights.dims));
    }
    within("a window", taps, 1..=MAX_WINDOW)?;
    let groups = node.attribute.iter().find(|a| a.name == "group").map_or(1, |a| a.i);
    if weights.dims[0] % groups != 0 {
        return Err(format!("has {} channels in {groups} groups", weights.dims[0]));
    }
    ranks(node, taps.len())
}

/// That lists have a number for each spatial axis, and pads two.
fn ranks(node: &NodeProto, rank: usize) -> Result<(), String> {
    for (name, each) in [("strides", 1), ("dilations", 1), ("output_padding", 1), ("pads", 2)] {
        if list(node, name).is_some_and(|list| list.len() != each * rank) {
            return Err(format!("has a `{name}` of another length than its {rank} axes need"));
        }
    }
    Ok(())
}

/// An infinite weight makes everything that it meets infinite.
fn finite(tensor: &TensorProto) -> Result<(), String> {
    match floats(tensor).iter().any(|value| !value.is_finite()) {
        true => Err(format!("has infinite weights (`{}`)", super::shortened(&tensor.name))),
        false => Ok(()),
    }
}

/// A list of numbers, where the node has it and it is not empty.
fn list(node: &NodeProto, name: &str) -> Option<Vec<i64>> {
    let attribute = node.attribute.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.ints.clone()).filter(|ints| !ints.is_empty())
}

fn one(node: &NodeProto, name: &str, allowed: RangeInclusive<i64>) -> Result<(), String> {
    let value = node.attribute.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.i);
    within(&format!("`{name}`"), value.as_slice(), allowed)
}

fn within(what: &str, values: &[i64], allowed: RangeInclusive<i64>) -> Result<(), String> {
    match values.iter().find(|value| !allowed.contains(value)) {
        Some(value) => Err(format!("has {what} of {value}")),
        None => Ok(()),
    }
}

/// That an array of this shape could be.
fn volume(dims: &[i64]) -> Result<(), String> {
    let elements = dims.iter().try_fold(1_i64, |n, &d| n.checked_mul(d.max(1)));
    match elements {
        Some(elements) if elements <= MAX_ELEMENTS as i64 && dims.iter().all(|&d| d >= -1) => Ok(()),
        _ => Err(format!("makes the shape {}", super::shortened(&format!("{dims:?}")))),
    }
}
