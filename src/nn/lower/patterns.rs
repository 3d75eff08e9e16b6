//! What tract spells out in several operations and one kernel does: PRelu, normalisations.

use super::attributes::numbers;
use super::graph::Translator;
use super::pointwise;
use super::view::View;
use crate::nn::plan::{Binary, Normalize, Op, Operand, Step, Unary};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops as tract;
use tract_onnx::tract_core::ops::nn::{Reduce as TractReduce, Reducer as TractReducer, RmsNorm};

impl Translator<'_> {
    /// x where x > 0, else x * slope: tract spells PRelu in three nodes, the last of which is given here.
    pub(super) fn prelu(&mut self, node: &TypedNode) -> Result<Option<View>, String> {
        if !node.op_is::<tract::logic::Iff>() {
            return Ok(None);
        }
        let [condition, yes, no] = [0, 1, 2].map(|i: usize| node.inputs[i]);
        let (test, scaled) = (self.maker(condition), self.maker(no));
        let (x, slope) = match (function(test), function(scaled)) {
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
    pub(super) fn normalized(&mut self, node: &TypedNode) -> Result<Option<View>, String> {
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
        let op =
            Op::Normalize(Normalize { input, outer: x.elements() as u32 / length, length, epsilon, centred: true });
        Ok(Some(self.builder.node(&node.name, op, &shape, Vec::new())))
    }

    fn normalization(&self, node: &TypedNode) -> Option<(OutletId, Vec<usize>, f32)> {
        if !computes(node, Binary::Mul) {
            return None;
        }
        let [a, b] = node.inputs[..] else { return None };
        let (centred, scale) = if computes(self.maker(a), Binary::Sub) { (a, b) } else { (b, a) };
        let root = self.maker(scale).op_as::<tract::element_wise::ElementWiseOp>()?;
        if root.0.name() != "Rsqrt" || !computes(self.maker(centred), Binary::Sub) {
            return None;
        }
        let sum = self.maker(self.maker(scale).inputs[0]);
        if !computes(sum, Binary::Add) {
            return None;
        }
        let [c, d] = sum.inputs[..] else { return None };
        let (squares, epsilon) = if self.number(d).is_some() { (c, self.number(d)?) } else { (d, self.number(c)?) };
        let squares_op = self.maker(squares).op_as::<TractReduce>()?;
        if squares_op.reducer != TractReducer::MeanOfSquares || self.maker(squares).inputs[0] != centred {
            return None;
        }
        let x = self.mean_taken(centred, &squares_op.axes)?;
        Some((x, squares_op.axes.to_vec(), epsilon))
    }

    /// x / sqrt(mean of squares + epsilon), and with it all of a normalisation where x is something less its own mean.
    pub(super) fn root_mean_square(&mut self, node: &TypedNode, op: &RmsNorm, x: View) -> Result<View, String> {
        let epsilon = numbers(&op.eps).and_then(|v| v.first().copied()).ok_or("RmsNorm without an epsilon")?;
        let mean = self.mean_taken(node.inputs[0], &[op.axis]);
        let (x, centred) = match mean {
            Some(source) => (self.value(source)?, true),
            None => (x, false),
        };
        let last = x.axes.len() - 1;
        let length = x.axes[op.axis].length;
        let x = x.moved_axis(op.axis, last);
        let input = self.builder.dense(&node.name, &x);
        let op_of = Normalize { input, outer: x.elements() as u32 / length, length, epsilon, centred };
        let result = self.builder.node(&node.name, Op::Normalize(op_of), &x.shape(), Vec::new());
        Ok(result.moved_axis(last, op.axis))
    }

    /// The value whose own mean over `axes` is taken off at `centred`.
    fn mean_taken(&self, centred: OutletId, axes: &[usize]) -> Option<OutletId> {
        if !computes(self.maker(centred), Binary::Sub) {
            return None;
        }
        let [x, mean] = self.maker(centred).inputs[..] else { return None };
        let product = self.maker(mean);
        if !computes(product, Binary::Mul) {
            return None;
        }
        let [a, b] = product.inputs[..] else { return None };
        let (total, part) = if self.number(b).is_some() { (a, self.number(b)?) } else { (b, self.number(a)?) };
        let sum = self.maker(total).op_as::<TractReduce>()?;
        let fact = self.model.outlet_fact(x).ok()?;
        let length: usize = axes.iter().filter_map(|&axis| fact.shape.as_concrete().map(|s| s[axis])).product();
        let all = (part * length as f32 - 1.0).abs() < 1e-4;
        let same = sum.axes[..] == *axes && sum.reducer == TractReducer::Sum;
        (same && all && self.maker(total).inputs[0] == x).then_some(x)
    }

    /// The node that makes a value.
    fn maker(&self, outlet: OutletId) -> &TypedNode {
        self.model.node(outlet.node)
    }

    /// The one number that all elements of a constant are.
    fn number(&self, outlet: OutletId) -> Option<f32> {
        let values = self.tensor(outlet).and_then(numbers)?;
        let first = *values.first()?;
        values.iter().all(|&v| v == first).then_some(first)
    }
}

/// The function of two values that a node computes, if it is one.
fn function(node: &TypedNode) -> Option<Binary> {
    node.op_as::<tract::binary::TypedBinOp>().and_then(pointwise::binary)
}

fn computes(node: &TypedNode, wanted: Binary) -> bool {
    function(node) == Some(wanted)
}
