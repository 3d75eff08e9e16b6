//! Convolutions and pools.

use super::attributes::is_constant;
use super::builder::Builder;
use super::view::View;
use crate::nn::plan::{Conv, Op, Pool, Pooling, Window};
use tract_onnx::tract_core::ops::cnn::{Conv as TractConv, Deconv, KernelFormat, MaxPool, PoolSpec, SumPool};

/// Why a window operation cannot be translated.
type Reason = String;

/// The last three axes, 1 where there are fewer.
fn three(values: &[usize], missing: u32) -> Result<[u32; 3], Reason> {
    if values.len() > 3 {
        return Err(format!("{} spatial axes", values.len()));
    }
    let mut out = [missing; 3];
    for (to, &from) in out.iter_mut().rev().zip(values.iter().rev()) {
        *to = from as u32;
    }
    Ok(out)
}

/// The data with channels first; whether they had to be moved.
fn channels_first(view: &View, spec: &PoolSpec) -> (View, bool) {
    let rank = view.axes.len();
    let last = spec.data_format.c_is_last();
    let view =
        if last { view.clone().moved_axis(rank - 1, usize::from(spec.data_format.has_n())) } else { view.clone() };
    (view, last)
}

/// Batch, channels and spatial size of channels-first data.
fn split(view: &View, spec: &PoolSpec) -> (u32, u32, Vec<usize>) {
    let shape = view.shape();
    let at = usize::from(spec.data_format.has_n());
    let batch = if at == 1 { shape[0] } else { 1 };
    (batch, shape[at], shape[at + 1..].iter().map(|&d| d as usize).collect())
}

/// The result's view, with its channels where the format wants them.
fn finished(view: View, spec: &PoolSpec, last: bool) -> View {
    let rank = view.axes.len();
    if last { view.moved_axis(usize::from(spec.data_format.has_n()), rank - 1) } else { view }
}

fn result_shape(spec: &PoolSpec, batch: u32, channels: u32, spatial: &[usize]) -> Vec<u32> {
    let head = if spec.data_format.has_n() { vec![batch, channels] } else { vec![channels] };
    head.into_iter().chain(spatial.iter().map(|&d| d as u32)).collect()
}

fn window(spec: &PoolSpec, input: &[usize]) -> Result<(Window, Vec<usize>), Reason> {
    let computed = spec.padding.compute(input, &spec.kernel_shape, &spec.dilations(), &spec.strides());
    let output: Vec<usize> = computed.iter().map(|axis| axis.convoluted).collect();
    let before: Vec<usize> = computed.iter().map(|axis| axis.pad_before).collect();
    let window = Window {
        input: three(input, 1)?,
        output: three(&output, 1)?,
        kernel: three(&spec.kernel_shape, 1)?,
        stride: three(&spec.strides(), 1)?,
        dilation: three(&spec.dilations(), 1)?,
        padding: three(&before, 0)?,
    };
    Ok((window, output))
}

/// Weights as [out, in / groups, taps...].
fn kernel(builder: &mut Builder, name: &str, view: &View, format: KernelFormat) -> Result<u32, Reason> {
    if !is_constant(view) {
        return Err("weights that are computed".to_owned());
    }
    let rank = view.axes.len();
    let view = match format {
        KernelFormat::OIHW => view.clone(),
        KernelFormat::OHWI => view.clone().moved_axis(rank - 1, 1),
        KernelFormat::HWIO => view.clone().moved_axis(rank - 1, 0).moved_axis(rank - 1, 1),
    };
    constant(builder, name, &view)
}

/// The number of a constant that holds just this view.
fn constant(builder: &mut Builder, _name: &str, view: &View) -> Result<u32, Reason> {
    let values = builder.values(view).ok_or("weights that are computed")?;
    Ok(builder.constant(view.shape(), values))
}

/// A bias as a constant of [out]; none where it is all zero.
fn bias(builder: &mut Builder, name: &str, view: Option<&View>, channels: u32) -> Result<Option<u32>, Reason> {
    let Some(view) = view else { return Ok(None) };
    if builder.number(view) == Some(0.0) {
        return Ok(None);
    }
    let flat = match builder.number(view) {
        Some(number) => return Ok(Some(builder.constant(vec![channels], vec![number; channels as usize]))),
        None => view.reshaped(&[channels]).ok_or("a bias of another shape")?,
    };
    constant(builder, name, &flat).map(Some)
}

pub(super) fn conv(builder: &mut Builder, name: &str, op: &TractConv, inputs: &[View]) -> Result<View, Reason> {
    if op.q_params.is_some() {
        return Err("whole-number arithmetic".to_owned());
    }
    let (data, last) = channels_first(&inputs[0], &op.pool_spec);
    let (batch, channels_in, spatial) = split(&data, &op.pool_spec);
    let (window, output) = window(&op.pool_spec, &spatial)?;
    let channels_out = op.pool_spec.output_channels as u32;
    let weights = kernel(builder, name, &inputs[1], op.kernel_fmt)?;
    let bias = bias(builder, name, inputs.get(2), channels_out)?;
    let input = builder.dense(name, &data);
    let groups = op.group as u32;
    let shape = result_shape(&op.pool_spec, batch, channels_out, &output);
    let conv = Conv { input, weights, bias, batch, channels_in, channels_out, groups, window, transposed: false };
    let result = builder.node(name, Op::Conv(conv), &shape, Vec::new());
    Ok(finished(result, &op.pool_spec, last))
}

pub(super) fn deconv(builder: &mut Builder, name: &str, op: &Deconv, inputs: &[View]) -> Result<View, Reason> {
    let spec = &op.pool_spec;
    let (data, last) = channels_first(&inputs[0], spec);
    let (batch, channels_in, spatial) = split(&data, spec);
    let computed = spec
        .padding
        .compute_for_deconv(&spatial, &spec.kernel_shape, &spec.dilations(), &spec.strides(), &op.adjustments)
        .map_err(|error| error.to_string())?;
    let output: Vec<usize> = computed.iter().map(|axis| axis.deconvoluted).collect();
    let before: Vec<usize> = computed.iter().map(|axis| axis.pad_before).collect();
    let window = Window {
        input: three(&spatial, 1)?,
        output: three(&output, 1)?,
        kernel: three(&spec.kernel_shape, 1)?,
        stride: three(&spec.strides(), 1)?,
        dilation: three(&spec.dilations(), 1)?,
        padding: three(&before, 0)?,
    };
    let channels_out = spec.output_channels as u32;
    let weights = kernel(builder, name, &inputs[1], op.kernel_format)?;
    let bias = bias(builder, name, inputs.get(2), channels_out)?;
    let input = builder.dense(name, &data);
    let groups = op.group as u32;
    let shape = result_shape(spec, batch, channels_out, &output);
    let conv = Conv { input, weights, bias, batch, channels_in, channels_out, groups, window, transposed: true };
    let result = builder.node(name, Op::Conv(conv), &shape, Vec::new());
    Ok(finished(result, spec, last))
}

pub(super) fn max_pool(builder: &mut Builder, name: &str, op: &MaxPool, inputs: &[View]) -> Result<View, Reason> {
    pool(builder, name, &op.pool_spec, Pooling::Max, inputs)
}

pub(super) fn sum_pool(builder: &mut Builder, name: &str, op: &SumPool, inputs: &[View]) -> Result<View, Reason> {
    let pooling = match (op.normalize, op.count_include_pad) {
        (false, _) => Pooling::Sum,
        (true, true) => Pooling::Mean,
        (true, false) => Pooling::MeanInside,
    };
    pool(builder, name, &op.pool_spec, pooling, inputs)
}

fn pool(builder: &mut Builder, name: &str, spec: &PoolSpec, pooling: Pooling, inputs: &[View]) -> Result<View, Reason> {
    let (data, last) = channels_first(&inputs[0], spec);
    let (batch, channels, spatial) = split(&data, spec);
    let (window, output) = window(spec, &spatial)?;
    let input = builder.dense(name, &data);
    let shape = result_shape(spec, batch, channels, &output);
    let pool = Pool { input, planes: batch * channels, window, pooling };
    let result = builder.node(name, Op::Pool(pool), &shape, Vec::new());
    Ok(finished(result, spec, last))
}
