//! The graph while it is translated: nodes, constants, and tensors at addresses that never overlap.
//!
//! Until [`super::memory`] gives tensors their real places, each has its own range of a virtual arena, so that a place
//! says which tensor it is in.

use super::view::{View, plain};
use crate::nn::plan::{Constant, Encoding, Node, Op, Operand, Place, Spread, Step};

#[derive(Debug, Clone)]
pub(super) struct Tensor {
    /// First address.
    pub(super) base: u32,
    pub(super) elements: u32,
    /// The tensor that this one is a part of, and where in it.
    pub(super) parent: Option<(usize, u32)>,
}

#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) nodes: Vec<Node>,
    pub(super) constants: Vec<Constant>,
    pub(super) tensors: Vec<Tensor>,
    pub(super) inputs: Vec<(String, Vec<usize>, u32)>,
    pub(super) outputs: Vec<(String, Vec<usize>, u32)>,
    next: u32,
}

impl Builder {
    /// A new tensor; its first address.
    pub(super) fn tensor(&mut self, elements: usize) -> u32 {
        let base = self.next;
        self.tensors.push(Tensor { base, elements: elements as u32, parent: None });
        self.next = base.saturating_add(elements as u32);
        base
    }

    /// Number of the tensor that an address lies in.
    pub(super) fn tensor_at(&self, address: u32) -> usize {
        self.tensors.partition_point(|tensor| tensor.base <= address).saturating_sub(1)
    }

    /// Number of the tensor that a view is all of, if it is no input and no part of another.
    pub(super) fn is_whole(&self, view: &View) -> Option<usize> {
        let Place::Arena(address) = view.place else { return None };
        let number = self.tensor_at(address);
        let tensor = &self.tensors[number];
        let whole = tensor.base == address && tensor.elements as usize == view.elements() && view.is_dense();
        let input = self.inputs.iter().any(|&(.., base)| base == address);
        (whole && tensor.parent.is_none() && !input).then_some(number)
    }

    /// Makes the tensor that a view is all of a part of `root`, at `offset`; whether that was possible.
    pub(super) fn adopt(&mut self, view: &View, root: usize, offset: u32) -> bool {
        match self.is_whole(view) {
            Some(number) if number != root => {
                self.tensors[number].parent = Some((root, offset));
                true
            }
            _ => false,
        }
    }

    /// The tensor that holds `number`, itself or through its parents, and where in it that begins.
    pub(super) fn root(&self, number: usize) -> (usize, u32) {
        let (mut at, mut offset) = (number, 0);
        while let Some((parent, by)) = self.tensors[at].parent {
            (at, offset) = (parent, offset + by);
        }
        (at, offset)
    }

    pub(super) fn constant(&mut self, shape: Vec<u32>, values: Vec<f32>) -> u32 {
        self.constants.push(Constant { shape, encoding: Encoding::F32, values });
        self.constants.len() as u32 - 1
    }

    /// Adds a node with a result of its own.
    pub(super) fn node(&mut self, name: &str, op: Op, shape: &[u32], steps: Vec<Step>) -> View {
        let output = self.tensor(shape.iter().map(|&d| d as usize).product());
        self.nodes.push(Node { name: name.to_owned(), op, steps, shape: shape.to_vec(), output });
        View::dense(Place::Arena(output), shape)
    }

    /// Where the view's elements lie one after the other: copied there, if they do not yet.
    pub(super) fn dense(&mut self, name: &str, view: &View) -> Place {
        match view.is_dense() {
            true => view.place,
            false => self.copied(name, view).place,
        }
    }

    /// A copy of the view.
    pub(super) fn copied(&mut self, name: &str, view: &View) -> View {
        if let Place::Constant(number, offset) = view.place {
            let values = self.read_constant(number, offset, view);
            return View::dense(Place::Constant(self.constant(view.shape(), values), 0), &view.shape());
        }
        self.stepped(name, view, Vec::new())
    }

    /// The view's elements after `steps`.
    pub(super) fn stepped(&mut self, name: &str, view: &View, steps: Vec<Step>) -> View {
        let spread = Spread { input: view.place, axes: view.collapsed(), fill: 0.0, out_strides: Vec::new() };
        self.node(name, Op::Spread(spread), &view.shape(), steps)
    }

    /// A view as the other value of a step.
    pub(super) fn operand(&mut self, name: &str, view: &View) -> Operand {
        if let Some(number) = self.number(view) {
            return Operand::Number(number);
        }
        if let Some(operand) = view.operand() {
            return operand;
        }
        Operand::Same(self.dense(name, view))
    }

    /// The one number that all elements of a constant view are.
    pub(super) fn number(&self, view: &View) -> Option<f32> {
        let Place::Constant(number, offset) = view.place else { return None };
        let values = &self.constants[number as usize].values;
        let first = *values.get(offset as usize)?;
        let single = view.axes.iter().all(|axis| axis.length == 1 || axis.stride == 0);
        let same = || view.is_dense() && values[offset as usize..][..view.elements()].iter().all(|&v| v == first);
        (single || same()).then_some(first)
    }

    /// The numbers of a view of constants.
    pub(super) fn values(&self, view: &View) -> Option<Vec<f32>> {
        match view.place {
            Place::Constant(number, offset) => Some(self.read_constant(number, offset, view)),
            Place::Arena(_) => None,
        }
    }

    fn read_constant(&self, number: u32, offset: u32, view: &View) -> Vec<f32> {
        let values = &self.constants[number as usize].values;
        let mut out = Vec::with_capacity(view.elements());
        let axes = if view.axes.is_empty() { vec![plain(1, 0)] } else { view.axes.clone() };
        let mut index = vec![0_u32; axes.len()];
        for _ in 0..view.elements() {
            let at = axes
                .iter()
                .zip(&index)
                .fold(i64::from(offset), |at, (axis, &i)| at + i64::from(axis.stride) * i64::from(i / axis.divide));
            out.push(values.get(at as usize).copied().unwrap_or(0.0));
            for (i, axis) in index.iter_mut().zip(&axes).rev() {
                *i += 1;
                if *i < axis.length {
                    break;
                }
                *i = 0;
            }
        }
        out
    }
}
