//! Small random ONNX graphs, of operators whose results change little where their inputs do.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto, type_proto,
};

/// xorshift: the same graphs every time.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    pub fn within(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    pub fn chance(&mut self, in_ten: usize) -> bool {
        self.below(10) < in_ten
    }

    pub fn number(&mut self) -> f32 {
        self.below(20_001) as f32 / 10_000.0 - 1.0
    }
}

/// A tensor of the graph.
#[derive(Clone, Debug)]
pub struct Value {
    pub name: String,
    pub shape: Vec<usize>,
}

/// An attribute's value.
pub enum Given<'a> {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    Text(&'a str),
}

/// A graph in the making.
pub struct Graph {
    pub random: Random,
    proto: GraphProto,
    pub values: Vec<Value>,
    pub inputs: Vec<Value>,
}

impl Graph {
    pub fn new(seed: u64) -> Self {
        Self { random: Random(seed), proto: GraphProto::default(), values: Vec::new(), inputs: Vec::new() }
    }

    pub fn input(&mut self, shape: &[usize]) {
        let value = Value { name: format!("x{}", self.inputs.len()), shape: shape.to_vec() };
        self.proto.input.push(port(&value));
        self.inputs.push(value.clone());
        self.values.push(value);
    }

    pub fn floats(&mut self, shape: &[usize], values: Vec<f32>) -> String {
        let name = format!("c{}", self.proto.initializer.len());
        self.proto.initializer.push(TensorProto {
            name: name.clone(),
            dims: shape.iter().map(|&d| d as i64).collect(),
            data_type: DataType::Float as i32,
            raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..Default::default()
        });
        name
    }

    /// Random constants of at most `scale`.
    pub fn weights(&mut self, shape: &[usize], scale: f32) -> String {
        let values = (0..shape.iter().product()).map(|_| self.random.number() * scale).collect();
        self.floats(shape, values)
    }

    pub fn indices(&mut self, values: &[i64]) -> String {
        let name = format!("c{}", self.proto.initializer.len());
        self.proto.initializer.push(TensorProto {
            name: name.clone(),
            dims: vec![values.len() as i64],
            data_type: DataType::Int64 as i32,
            raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..Default::default()
        });
        name
    }

    /// Adds a node; its outputs have the shapes given.
    pub fn node(&mut self, op: &str, inputs: &[&str], attributes: &[(&str, Given<'_>)], shapes: &[Vec<usize>]) {
        let number = self.proto.node.len();
        let outputs: Vec<Value> = shapes
            .iter()
            .enumerate()
            .map(|(i, shape)| Value { name: format!("y{number}_{i}"), shape: shape.clone() })
            .collect();
        self.proto.node.push(NodeProto {
            op_type: op.to_owned(),
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: outputs.iter().map(|value| value.name.clone()).collect(),
            attribute: attributes.iter().map(|(name, given)| attribute(name, given)).collect(),
            ..Default::default()
        });
        self.values.extend(outputs);
    }

    pub fn nodes(&self) -> usize {
        self.proto.node.len()
    }

    /// The operators, for messages.
    pub fn describe(&self) -> String {
        let shape_of = |name: &str| {
            let value = self.values.iter().find(|value| value.name == name);
            value.map_or_else(|| name.to_owned(), |value| format!("{name}{:?}", value.shape))
        };
        let line = |node: &NodeProto| {
            let inputs: Vec<String> = node.input.iter().map(|name| shape_of(name)).collect();
            let outputs: Vec<String> = node.output.iter().map(|name| shape_of(name)).collect();
            let attributes: Vec<String> = node
                .attribute
                .iter()
                .map(|a| format!("{}={:?}{}{}{}", a.name, a.ints, a.i, a.f, String::from_utf8_lossy(&a.s)))
                .collect();
            format!("  {} = {}({}) {}", outputs.join(", "), node.op_type, inputs.join(", "), attributes.join(" "))
        };
        self.proto.node.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The model: everything that nothing reads is an output, and now and then something else too. Inputs that nothing
    /// reads are dropped.
    pub fn finished(&mut self) -> ModelProto {
        let mut graph = self.proto.clone();
        let made: Vec<Value> = self.values[self.inputs.len()..].to_vec();
        for value in &made {
            let read = graph.node.iter().any(|node| node.input.contains(&value.name));
            if !read || self.random.chance(1) {
                graph.output.push(port(value));
            }
        }
        // The compiler refuses inputs that nothing reads.
        let unread: Vec<bool> =
            self.inputs.iter().map(|input| !graph.node.iter().any(|node| node.input.contains(&input.name))).collect();
        self.inputs = self.inputs.iter().zip(&unread).filter(|(_, unread)| !**unread).map(|(v, _)| v.clone()).collect();
        graph.input = graph.input.into_iter().zip(&unread).filter(|(_, unread)| !**unread).map(|(v, _)| v).collect();
        ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
            graph: Some(graph),
            ..Default::default()
        }
    }
}

fn port(value: &Value) -> ValueInfoProto {
    let dim = value
        .shape
        .iter()
        .map(|&d| Dimension { value: Some(dimension::Value::DimValue(d as i64)), ..Default::default() })
        .collect();
    let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto {
        name: value.name.clone(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() }),
        ..Default::default()
    }
}

fn attribute(name: &str, given: &Given<'_>) -> AttributeProto {
    let mut out = AttributeProto { name: name.to_owned(), ..Default::default() };
    match given {
        Given::Int(i) => (out.i, out.r#type) = (*i, AttributeType::Int as i32),
        Given::Ints(ints) => (out.ints, out.r#type) = (ints.clone(), AttributeType::Ints as i32),
        Given::Float(f) => (out.f, out.r#type) = (*f, AttributeType::Float as i32),
        Given::Text(text) => (out.s, out.r#type) = (text.as_bytes().to_vec(), AttributeType::String as i32),
    }
    out
}
