//! What is checked of an ONNX file before tract sees it.
//!
//! tract asserts some things about a graph where it could report them, and takes some numbers at their word. In wasm a
//! panic ends the page's worker, so whatever can be seen from the file alone is refused here, in words that say which
//! tensor or node it is. What only shape inference knows is checked between that and optimising ([`check_typed`]).

mod attributes;
mod tensors;
mod typed;

pub(super) use typed::check as check_typed;

use std::collections::{HashMap, HashSet};
use tract_onnx::Onnx;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dim;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, type_proto};
use tract_onnx::prelude::*;

/// Largest ONNX file that is read, bytes. The project's own are below 8 MB; this bounds a visitor's.
const MAX_ONNX_BYTES: usize = 64 << 20;
/// Largest array, elements: what a 4096 x 4096 RGB picture needs.
pub(super) const MAX_ELEMENTS: usize = 3 << 24;
/// Most nodes, and most axes of an array.
const MAX_NODES: usize = 20_000;
const MAX_AXES: usize = 16;
/// Longest name or cause that is quoted, characters.
const MAX_WORDS: usize = 90;

/// Why a file is refused.
#[derive(Debug)]
pub(super) enum Objection {
    /// What is wrong, to stand in brackets.
    Broken(String),
    /// tract lacks an operator.
    Operator {
        /// Its name.
        operator: String,
        /// Of the node that needs it.
        node: String,
    },
}

impl From<String> for Objection {
    fn from(reason: String) -> Self {
        Self::Broken(reason)
    }
}

impl std::fmt::Display for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(reason) => f.write_str(reason),
            Self::Operator { operator, node } => {
                write!(f, "it uses the operator {operator} at `{node}`, which this program does not have")
            }
        }
    }
}

/// Decodes a file and checks it.
pub(super) fn read(onnx: &Onnx, bytes: &[u8]) -> Result<ModelProto, Objection> {
    if bytes.is_empty() || bytes.len() > MAX_ONNX_BYTES {
        return Err(format!("it has {} bytes", bytes.len()).into());
    }
    let mut reader = bytes;
    let mut proto = onnx.proto_model_for_read(&mut reader).map_err(|error| words(&error))?;
    check(onnx, &mut proto)?;
    Ok(proto)
}

/// Checks a model, and drops empty names at the end of nodes' inputs: they say what leaving them out says too.
pub(super) fn check(onnx: &Onnx, proto: &mut ModelProto) -> Result<(), Objection> {
    let graph = proto.graph.as_mut().ok_or_else(|| "it holds no graph".to_owned())?;
    strip(graph);
    if graph.output.is_empty() {
        return Err("it has no outputs".to_owned().into());
    }
    let initialized: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    for input in graph.input.iter().filter(|input| !initialized.contains(input.name.as_str())) {
        check_input(input)?;
    }
    check_graph(onnx, graph, &HashSet::new(), &HashMap::new())
}

/// tract's words for where and why: the ends of its chain of causes, in one line.
pub(super) fn words(error: &TractError) -> String {
    let chain: Vec<String> = error.chain().map(|cause| shortened(&cause.to_string())).collect();
    match &chain[..] {
        [] => "no reason given".to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first}: {last}"),
    }
}

/// A name or sentence of a file, in one line and not too long.
pub(super) fn shortened(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WORDS + 1).collect();
    match line.chars().count() > MAX_WORDS {
        true => line.chars().take(MAX_WORDS - 1).chain(['…']).collect(),
        false => line,
    }
}

fn strip(graph: &mut GraphProto) {
    for node in &mut graph.node {
        while node.input.last().is_some_and(String::is_empty) {
            node.input.pop();
        }
        node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()).for_each(strip);
    }
}

/// That an input has a fixed shape that fits into memory.
fn check_input(input: &ValueInfoProto) -> Result<(), String> {
    let name = shortened(&input.name);
    let Some(type_proto::Value::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref()) else {
        return Err(format!("its input `{name}` has no type"));
    };
    let Some(shape) = &tensor.shape else {
        return Err(format!("its input `{name}` has no shape; export it with fixed sizes"));
    };
    if shape.dim.len() > MAX_AXES {
        return Err(format!("its input `{name}` has {} axes", shape.dim.len()));
    }
    let mut elements = 1_usize;
    for (axis, dim) in shape.dim.iter().enumerate() {
        let length = match &dim.value {
            Some(Dim::DimValue(length)) => *length,
            Some(Dim::DimParam(symbol)) => {
                let symbol = shortened(symbol);
                return Err(format!(
                    "its input `{name}` has the length `{symbol}` at axis {axis}; export it with fixed sizes"
                ));
            }
            None => {
                return Err(format!("its input `{name}` has no length at axis {axis}; export it with fixed sizes"));
            }
        };
        if length < 1 {
            return Err(format!("its input `{name}` has the length {length} at axis {axis}, and needs 1 or more"));
        }
        elements = usize::try_from(length).ok().and_then(|length| elements.checked_mul(length)).unwrap_or(usize::MAX);
    }
    if elements > MAX_ELEMENTS {
        return Err(format!("its input `{name}` has more than {MAX_ELEMENTS} numbers; export it with smaller sizes"));
    }
    Ok(())
}

/// Checks constants and nodes, and that each name is made once and before it is read.
fn check_graph<'a>(
    onnx: &Onnx,
    graph: &'a GraphProto,
    outer_names: &HashSet<&'a str>,
    outer_constants: &HashMap<&'a str, &'a TensorProto>,
) -> Result<(), Objection> {
    if graph.node.len() > MAX_NODES {
        return Err(format!("it has {} nodes", graph.node.len()).into());
    }
    let mut known = outer_names.clone();
    let mut constants = outer_constants.clone();
    for tensor in &graph.initializer {
        tensors::check(tensor, &tensor.name)?;
        constants.insert(&tensor.name, tensor);
    }
    known.extend(graph.input.iter().map(|input| input.name.as_str()));
    known.extend(graph.initializer.iter().map(|tensor| tensor.name.as_str()));
    for node in &graph.node {
        let label = label(node);
        let standard = ["", "ai.onnx", "com.microsoft"].contains(&node.domain.as_str());
        if !standard || !onnx.op_register.0.contains_key(&node.op_type) {
            return Err(Objection::Operator { operator: shortened(&node.op_type), node: label });
        }
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            if !known.contains(name.as_str()) {
                return Err(format!("nothing makes `{}`, which `{label}` reads", shortened(name)).into());
            }
        }
        for attribute in &node.attribute {
            if let Some(tensor) = &attribute.t {
                tensors::check(tensor, &label)?;
                if let ("Constant", Some(name)) = (node.op_type.as_str(), node.output.first()) {
                    constants.insert(name, tensor);
                }
            }
            if let Some(inner) = &attribute.g {
                check_graph(onnx, inner, &known, &constants)?;
            }
        }
        attributes::check(node, &constants).map_err(|reason| format!("{} at `{label}` {reason}", node.op_type))?;
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if !known.insert(name) {
                return Err(format!("two nodes make `{}`", shortened(name)).into());
            }
        }
    }
    for output in &graph.output {
        if !known.contains(output.name.as_str()) {
            return Err(format!("nothing makes its output `{}`", shortened(&output.name)).into());
        }
    }
    Ok(())
}

/// What messages call a node.
fn label(node: &NodeProto) -> String {
    let made = node.output.first().map_or("", String::as_str);
    shortened(if node.name.is_empty() { made } else { &node.name })
}
