//! Resampling: Resize in all its modes as tables, GridSample.

use super::attributes::numbers;
use super::builder::Builder;
use super::graph::Translator;
use super::view::View;
use crate::nn::plan::{GridSample, Interpolation, Op, Outside, Resize as ResizeOp, ResizeAxis};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops as tract;
use tract_onnx::tract_core::ops::nn::resize::{
    AxisPlan, Interpolator, Resize, cubic_weights, linear_weights, plan_axis, window_size,
};
use tract_onnx_opl::resize::{AspectRatio, CoordTransform, Nearest, Resize as FullResize};

/// ONNX Resize: tract's own operator, or its fuller one for the cases that the first leaves out.
pub(super) enum Resampling<'a> {
    Common(&'a Resize),
    Full(&'a FullResize),
}

impl<'a> Resampling<'a> {
    pub(super) fn of(node: &'a TypedNode) -> Option<Self> {
        let common = node.op_as::<Resize>().map(Self::Common);
        common.or_else(|| node.op_as::<FullResize>().map(Self::Full))
    }

    fn scales_input(&self) -> Option<usize> {
        match self {
            Self::Common(op) => op.optional_scales_input,
            Self::Full(op) => op.optional_scales_input,
        }
    }

    /// Indices and weights of one axis.
    fn table(&self, scale: f32, from: usize, to: usize) -> Result<AxisPlan, String> {
        let op = match self {
            Self::Common(op) => return Ok(op.plan_axis(scale, from, to)),
            Self::Full(op) => op,
        };
        let CoordTransform::Plain(transform) = &op.coord_transformer else {
            return Err("Resize of a region (tf_crop_and_resize)".to_owned());
        };
        if op.keep_aspect_ratio_policy != AspectRatio::Stretch || op.axes.is_some() {
            return Err("Resize of some axes or by an aspect ratio".to_owned());
        }
        let window = window_size(&op.interpolator, op.antialias, scale);
        let place = |x| Some(transform.transform(x, scale, from, to));
        let weights = |r: f32, w: &mut [f32]| match op.interpolator {
            Interpolator::Linear => linear_weights(r, scale, op.antialias, w),
            Interpolator::Cubic => cubic_weights(r, scale, op.cubic_coeff_a(), op.antialias, w),
            Interpolator::Nearest => {
                let right = r == 1.0
                    || match op.nearest {
                        Nearest::Floor => false,
                        Nearest::Ceil => true,
                        Nearest::RoundPreferFloor => r > 0.5,
                        Nearest::RoundPreferCeil => r >= 0.5,
                    };
                w.fill(0.0);
                w[usize::from(right)] = 1.0;
            }
        };
        Ok(plan_axis(from, to, window, op.exclude_outside, place, weights))
    }
}

impl Translator<'_> {
    pub(super) fn resize(
        &mut self,
        node: &TypedNode,
        op: &Resampling<'_>,
        input: View,
        shape: &[u32],
    ) -> Result<View, String> {
        let scales = op.scales_input().and_then(|i| self.tensor(*node.inputs.get(i)?)).and_then(numbers);
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
                let plan = op.table(scales[axis], len_in as usize, len_out as usize)?;
                let pairs = plan.indices.iter().zip(&plan.weights).flat_map(|(&i, &w)| [i as f32, w]).collect();
                let taps = plan.window as u32;
                axes[to].table = Some(self.builder.constant(vec![len_out, taps, 2], pairs));
                axes[to].taps = taps;
            }
        }
        let planes = from[..first].iter().product();
        let place = self.builder.dense(&node.name, &input);
        let op = Op::Resize(ResizeOp { input: place, planes, axes });
        Ok(self.builder.node(&node.name, op, shape, Vec::new()))
    }
}

pub(super) fn grid_sample(
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
