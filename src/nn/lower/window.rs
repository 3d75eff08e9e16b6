//! Convolutions and pools.

use super::attributes::is_constant;
use super::builder::Builder;
use super::view::View;
use crate::nn::plan::{Binary, Conv, Op, Operand, Pool, Pooling, Step, Window};
use tract_onnx::tract_core::ops::cnn::{
    Conv as TractConv, Deconv, KernelFormat, MaxPool, PaddingSpec, PoolSpec, SumPool,
};

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
    if spec.strides().iter().chain(spec.dilations().iter()).chain(&spec.kernel_shape).any(|&n| n == 0) {
        return Err("a window with a stride, dilation or size of 0".to_owned());
    }
    let computed = spec.padding.compute(input, &spec.kernel_shape, &spec.dilations(), &spec.strides());
    let output: Vec<usize> = computed.iter().map(|axis| axis.convoluted).collect();
    let before: Vec<usize> = computed.iter().map(|axis| axis.pad_before).collect();
    for (axis, computed) in computed.iter().enumerate() {
        let reach = (spec.kernel_shape[axis] - 1) * spec.dilations()[axis] + 1;
        if input[axis] + computed.pad_before + computed.pad_after < reach {
            return Err("a window larger than its input".to_owned());
        }
    }
    Ok((of_sizes(spec, input, &output, &before)?, output))
}

fn of_sizes(spec: &PoolSpec, input: &[usize], output: &[usize], before: &[usize]) -> Result<Window, Reason> {
    Ok(Window {
        input: three(input, 1)?,
        output: three(output, 1)?,
        kernel: three(&spec.kernel_shape, 1)?,
        stride: three(&spec.strides(), 1)?,
        dilation: three(&spec.dilations(), 1)?,
        padding: three(before, 0)?,
    })
}

fn window_after(spec: &PoolSpec, input: &[usize]) -> Vec<usize> {
    let computed = spec.padding.compute(input, &spec.kernel_shape, &spec.dilations(), &spec.strides());
    computed.iter().map(|axis| axis.pad_after).collect()
}

/// Weights as [out, in / groups, taps...].
fn kernel(builder: &mut Builder, view: &View, format: KernelFormat) -> Result<u32, Reason> {
    if !is_constant(view) {
        return Err("weights that are computed".to_owned());
    }
    let rank = view.axes.len();
    let view = match format {
        KernelFormat::OIHW => view.clone(),
        KernelFormat::OHWI => view.clone().moved_axis(rank - 1, 1),
        KernelFormat::HWIO => view.clone().moved_axis(rank - 1, 0).moved_axis(rank - 1, 1),
    };
    constant(builder, &view)
}

/// The number of a constant that holds just this view.
fn constant(builder: &mut Builder, view: &View) -> Result<u32, Reason> {
    let values = builder.values(view).ok_or("weights that are computed")?;
    if !values.iter().all(|v| v.is_finite()) {
        return Err("infinite weights".to_owned());
    }
    Ok(builder.constant(view.shape(), values))
}

/// A bias as a constant of [out]; none where it is all zero.
fn bias(builder: &mut Builder, view: Option<&View>, channels: u32) -> Result<Option<u32>, Reason> {
    let Some(view) = view.filter(|view| is_constant(view)) else { return Ok(None) };
    if builder.number(view) == Some(0.0) {
        return Ok(None);
    }
    let flat = match builder.number(view) {
        Some(number) => return Ok(Some(builder.constant(vec![channels], vec![number; channels as usize]))),
        None => view.reshaped(&[channels]).ok_or("a bias of another shape")?,
    };
    constant(builder, &flat).map(Some)
}

/// The convolution's node; a bias that is computed is added after it.
fn biased(builder: &mut Builder, name: &str, conv: Conv, shape: &[u32], bias: Option<&View>) -> Result<View, Reason> {
    let Some(bias) = bias.filter(|bias| !is_constant(bias)) else {
        return Ok(builder.node(name, Op::Conv(conv), shape, Vec::new()));
    };
    let count = bias.elements() as u32;
    if count != 1 && count != conv.channels_out {
        return Err("a bias of another shape".to_owned());
    }
    let operand =
        Operand::Channel { place: builder.dense(name, bias), inner: conv.window.output.iter().product(), count };
    let step = Step::Binary { binary: Binary::Add, operand, reversed: false };
    Ok(builder.node(name, Op::Conv(conv), shape, vec![step]))
}

pub(super) fn conv(builder: &mut Builder, name: &str, op: &TractConv, inputs: &[View]) -> Result<View, Reason> {
    if op.q_params.is_some() {
        return Err("whole-number arithmetic".to_owned());
    }
    let (data, last) = channels_first(&inputs[0], &op.pool_spec);
    let (batch, channels_in, spatial) = split(&data, &op.pool_spec);
    let (window, output) = window(&op.pool_spec, &spatial)?;
    let channels_out = op.pool_spec.output_channels as u32;
    let weights = kernel(builder, &inputs[1], op.kernel_fmt)?;
    let bias = bias(builder, inputs.get(2), channels_out)?;
    let input = builder.dense(name, &data);
    let groups = op.group as u32;
    let shape = result_shape(&op.pool_spec, batch, channels_out, &output);
    let conv = Conv { input, weights, bias, batch, channels_in, channels_out, groups, window, transposed: false };
    let result = biased(builder, name, conv, &shape, inputs.get(2))?;
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
    let window = of_sizes(spec, &spatial, &output, &before)?;
    let channels_out = spec.output_channels as u32;
    let weights = kernel(builder, &inputs[1], op.kernel_format)?;
    let bias = bias(builder, inputs.get(2), channels_out)?;
    let input = builder.dense(name, &data);
    let groups = op.group as u32;
    let shape = result_shape(spec, batch, channels_out, &output);
    let conv = Conv { input, weights, bias, batch, channels_in, channels_out, groups, window, transposed: true };
    let result = biased(builder, name, conv, &shape, inputs.get(2))?;
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
    // Behind the input lies the padding that the model asks for; a last window, rounded up, may reach beyond it.
    let after = match &spec.padding {
        PaddingSpec::Explicit(_, after) | PaddingSpec::ExplicitOnnxPool(_, after, _) => after.to_vec(),
        PaddingSpec::Valid => vec![0; spatial.len()],
        PaddingSpec::SameUpper | PaddingSpec::SameLower => window_after(spec, &spatial),
    };
    let pool = Pool { input, planes: batch * channels, window, padding_after: three(&after, 0)?, pooling };
    let result = builder.node(name, Op::Pool(pool), &shape, Vec::new());
    Ok(finished(result, spec, last))
}
