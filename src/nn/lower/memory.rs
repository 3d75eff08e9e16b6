//! A place in the arena for every tensor: those that are never needed at the same time share theirs.
//!
//! Largest first, each at the lowest offset that is free while it lives (Pisarchyk and Lee, "Efficient Memory
//! Management for Deep Neural Net Inference", 2020: greedy by size).

use super::Weights;
use super::builder::Builder;
use crate::nn::plan::{Constant, Place, Plan, PlanPort};

/// Offsets are whole vectors of four.
const ALIGNMENT: u32 = 4;

#[derive(Debug, Clone, Copy)]
struct Life {
    tensor: usize,
    elements: u32,
    first: usize,
    last: usize,
}

/// The finished plan.
pub(super) fn place(name: &str, mut builder: Builder, weights: Weights) -> Plan {
    let mut nodes = std::mem::take(&mut builder.nodes);
    let mut offsets = vec![0_u32; builder.tensors.len()];
    // Outputs lie at the beginning and share with nobody, so that one copy reads them all.
    let mut end = 0;
    let mut fixed = vec![false; builder.tensors.len()];
    for &(.., base) in &builder.outputs {
        let tensor = builder.tensor_at(base);
        (offsets[tensor], fixed[tensor]) = (end, true);
        end = (end + builder.tensors[tensor].elements).next_multiple_of(ALIGNMENT);
    }
    let mut lives: Vec<Option<Life>> = vec![None; builder.tensors.len()];
    let mut live = |address: u32, at: usize| {
        let (tensor, _) = builder.root(builder.tensor_at(address));
        let elements = builder.tensors[tensor].elements;
        let life = lives[tensor].get_or_insert(Life { tensor, elements, first: at, last: at });
        (life.first, life.last) = (life.first.min(at), life.last.max(at));
    };
    for &(.., base) in &builder.inputs {
        live(base, 0);
    }
    for (at, node) in nodes.iter_mut().enumerate() {
        live(node.output, at);
        for place in node.reads() {
            if let Place::Arena(address) = *place {
                live(address, at);
            }
        }
    }
    let mut lives: Vec<Life> = lives.into_iter().flatten().filter(|life| !fixed[life.tensor]).collect();
    lives.sort_by_key(|life| (std::cmp::Reverse(life.elements), life.first));
    let mut placed: Vec<(u32, Life)> = Vec::new();
    let mut arena = end;
    for life in lives {
        let mut taken: Vec<(u32, u32)> = placed
            .iter()
            .filter(|(_, other)| other.first <= life.last && life.first <= other.last)
            .map(|&(offset, other)| (offset, offset + other.elements))
            .collect();
        taken.sort_unstable();
        let mut at = end;
        for (from, to) in taken {
            if at.saturating_add(life.elements) <= from {
                break;
            }
            at = at.max(to.next_multiple_of(ALIGNMENT));
        }
        offsets[life.tensor] = at;
        arena = arena.max(at.saturating_add(life.elements));
        placed.push((at, life));
    }
    let real = |address: u32| {
        let number = builder.tensor_at(address);
        let (root, offset) = builder.root(number);
        offsets[root] + offset + (address - builder.tensors[number].base)
    };
    for node in &mut nodes {
        node.output = real(node.output);
        for place in node.reads() {
            if let Place::Arena(address) = place {
                *address = real(*address);
            }
        }
    }
    let port = |(name, shape, base): &(String, Vec<usize>, u32)| PlanPort {
        name: name.clone(),
        shape: shape.clone(),
        offset: real(*base),
    };
    let (inputs, outputs) = (builder.inputs.iter().map(port).collect(), builder.outputs.iter().map(port).collect());
    let constants = used_constants(&mut nodes, std::mem::take(&mut builder.constants), weights);
    Plan { name: name.to_owned(), inputs, outputs, nodes, constants, arena: arena.next_multiple_of(ALIGNMENT) }
}

/// Only the constants that something reads, numbered anew.
fn used_constants(nodes: &mut [crate::nn::plan::Node], constants: Vec<Constant>, weights: Weights) -> Vec<Constant> {
    let mut numbers: Vec<Option<u32>> = vec![None; constants.len()];
    let mut kept = Vec::new();
    let mut renumber = |old: u32| -> u32 {
        *numbers[old as usize].get_or_insert_with(|| {
            let constant = constants[old as usize].clone();
            kept.push(match weights {
                Weights::Exact => constant,
                Weights::Compact => Constant::new(constant.shape, constant.values).rounded(),
            });
            kept.len() as u32 - 1
        })
    };
    for node in nodes {
        for place in node.reads() {
            if let Place::Constant(number, _) = place {
                *number = renumber(*number);
            }
        }
        for number in node.op.constants_mut() {
            *number = renumber(*number);
        }
    }
    kept
}
