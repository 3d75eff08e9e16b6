//! What operations ask while they become dispatches: where their weights are, how finely to cut their work.

use super::shader::{MAX_GROUPS, WORKGROUP};
use crate::nn::plan::{Constant, Conv, Place, Plan};
use std::collections::HashMap;

/// How much one invocation of a convolution does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// Results below each other.
    pub(crate) rows: u32,
    /// Fours of output channels.
    pub(crate) blocks: u32,
}

/// How convolutions compute. What lies between the layers is single precision in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// f32 throughout.
    Single,
    /// Weights and products in f16, the products of a few taps summed in f16, those sums in f32.
    Half,
}

/// Lays out the weights.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    plan: &'a Plan,
    software: bool,
    pub(super) precision: Precision,
    /// The weights of convolutions, in the order in which they are read.
    pub(super) weights: Vec<f32>,
    /// All other constants, as they are.
    pub(super) constants: Vec<f32>,
    places: HashMap<u32, u32>,
}

impl<'a> Context<'a> {
    pub(super) fn new(plan: &'a Plan, software: bool, precision: Precision) -> Self {
        // No buffer is empty.
        let (weights, constants) = (vec![0.0; 4], vec![0.0; 4]);
        Self { plan, software, precision, weights, constants, places: HashMap::new() }
    }

    /// Where a place begins, elements of its array.
    pub(crate) fn offset(&mut self, place: Place) -> u32 {
        match place {
            Place::Arena(offset) => offset,
            Place::Constant(number, offset) => self.raw(number) + offset,
        }
    }

    /// Where a constant lies as it is, elements.
    pub(crate) fn raw(&mut self, number: u32) -> u32 {
        let (constants, plan) = (&mut self.constants, self.plan);
        *self.places.entry(number).or_insert_with(|| {
            let at = constants.len() as u32;
            constants.extend(&plan.constants[number as usize].values);
            at
        })
    }

    /// A convolution's weights as [group][four outputs][input][tap][output of the four], the fours of each group a multiple of
    /// `blocks`; where they begin, in fours.
    pub(crate) fn conv_weights(&mut self, op: &Conv, blocks: u32) -> u32 {
        let constant: &Constant = &self.plan.constants[op.weights as usize];
        let taps = op.window.kernel.iter().product::<u32>() as usize;
        let (inputs, outputs) = ((op.channels_in / op.groups) as usize, (op.channels_out / op.groups) as usize);
        let fours = outputs.div_ceil(4).next_multiple_of(blocks as usize);
        let at = self.weights.len() / 4;
        self.weights.reserve(op.groups as usize * fours * 4 * inputs * taps);
        for group in 0..op.groups as usize {
            for four in 0..fours {
                for input in 0..inputs {
                    for tap in 0..taps {
                        for lane in 0..4 {
                            let output = four * 4 + lane;
                            let from = ((group * outputs + output) * inputs + input) * taps + tap;
                            let value =
                                if output < outputs { constant.values.get(from).copied().unwrap_or(0.0) } else { 0.0 };
                            self.weights.push(value);
                        }
                    }
                }
            }
        }
        at as u32
    }

    /// A convolution's bias, or as many zeros; where it begins, elements.
    pub(crate) fn bias(&mut self, op: &Conv) -> u32 {
        if let Some(number) = op.bias {
            return self.raw(number);
        }
        let at = self.constants.len() as u32;
        self.constants.resize(self.constants.len() + op.channels_out as usize, 0.0);
        at
    }

    /// For a convolution with `area` results a channel and `outputs` channels a group.
    pub(crate) fn tuning(&self, area: u32, outputs: u32) -> Tuning {
        let blocks = if outputs > 4 { 2 } else { 1 };
        // A graphics card wants many invocations more than it wants each to read little; the processor the reverse.
        let plenty = area.saturating_mul(outputs) / (16 * blocks) >= 4096;
        if self.software || plenty { Tuning { rows: 4, blocks } } else { Tuning { rows: 1, blocks: 1 } }
    }
}

/// Workgroups for `count` invocations, in lines of at most what a device takes.
pub(crate) fn flat_groups(count: u32) -> [u32; 3] {
    row_groups(count.div_ceil(WORKGROUP))
}

/// `count` workgroups, in lines of at most what a device takes.
pub(crate) fn row_groups(count: u32) -> [u32; 3] {
    let lines = count.div_ceil(MAX_GROUPS).max(1);
    [count.div_ceil(lines).max(1), lines, 1]
}
