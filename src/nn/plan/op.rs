//! The operations of a plan. Each writes one dense tensor; element-wise work that follows is fused into it as [`Step`]s.

use super::{Axis, Place, Step};
use serde::{Deserialize, Serialize};

/// One operation and what is done to each of its results before it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Of the ONNX node that gave it its work, for profiles.
    pub name: String,
    /// The work.
    pub op: Op,
    /// Applied in this order to each result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Shape of the result.
    pub shape: Vec<u32>,
    /// Arena offset of the result, elements.
    pub output: u32,
}

/// What a [`Node`] computes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// Convolution or, with [`Conv::transposed`], its adjoint.
    Conv(Conv),
    /// Batched matrix product.
    MatMul(MatMul),
    /// Window maxima or sums.
    Pool(Pool),
    /// Sampling on a regular grid.
    Resize(Resize),
    /// Sampling where another tensor says.
    GridSample(GridSample),
    /// Exponentials over their sum.
    Softmax(Softmax),
    /// Sums, maxima and the like over axes.
    Reduce(Reduce),
    /// Less mean, over standard deviation.
    Normalize(Normalize),
    /// Elements of one tensor read in another order, and nothing but the steps.
    Spread(Spread),
}

/// A window that slides over up to three axes (depth, height, width); fewer axes come last, the others are 1 wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Input size.
    pub input: [u32; 3],
    /// Output size.
    pub output: [u32; 3],
    /// Taps.
    pub kernel: [u32; 3],
    /// Steps between windows.
    pub stride: [u32; 3],
    /// Steps between taps.
    pub dilation: [u32; 3],
    /// Zeros before the first element; what is behind the last follows from the output's size.
    pub padding: [u32; 3],
}

/// Weights are [out, in / groups, kernel...], transposed or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// [batch, in, input...]
    pub input: Place,
    /// Number of the constant.
    pub weights: u32,
    /// Number of the constant of [out], if any.
    pub bias: Option<u32>,
    /// Pictures at once.
    pub batch: u32,
    /// Input channels of all groups.
    pub channels_in: u32,
    /// Output channels of all groups.
    pub channels_out: u32,
    /// Parts that do not see each other.
    pub groups: u32,
    /// Of the convolution; for a transposed one, of the convolution it is the adjoint of, as seen from its own input.
    pub window: Window,
    /// Whether inputs are spread instead of gathered.
    pub transposed: bool,
}

/// out[b, m, n] = sum over k of a[b, m, k] * c[b, k, n], each read with the strides given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatMul {
    /// Left factor.
    pub a: Place,
    /// Right factor.
    pub b: Place,
    /// Products at once.
    pub batch: u32,
    /// Rows of the result.
    pub m: u32,
    /// Length of the sums.
    pub k: u32,
    /// Columns of the result.
    pub n: u32,
    /// Elements from one b, m, k to the next.
    pub a_strides: [u32; 3],
    /// Elements from one b, k, n to the next.
    pub b_strides: [u32; 3],
}

/// What a window becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pooling {
    /// The largest element.
    Max,
    /// The sum.
    Sum,
    /// The sum over the number of taps inside the padded input.
    Mean,
    /// The sum over the number of taps inside the input.
    MeanInside,
}

/// Sliding windows, each plane (batch and channel) by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// [planes, input...]
    pub input: Place,
    /// Batch times channels.
    pub planes: u32,
    /// The windows.
    pub window: Window,
    /// Elements of padding behind the last; windows may reach beyond.
    pub padding_after: [u32; 3],
    /// What becomes of each.
    pub pooling: Pooling,
}

/// How values between elements are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Interpolation {
    /// The nearest element.
    Nearest,
    /// Linear along each axis.
    Linear,
    /// Cubic along each axis (Keys, a = -0.75); only two axes.
    Cubic,
}

/// What lies outside a sampled tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outside {
    /// Zero.
    Zeros,
    /// The nearest element.
    Border,
    /// Mirrored at the edge.
    Reflection,
}

/// A separable resampling along one axis: for each output, `taps` indices and weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResizeAxis {
    /// Input length.
    pub input: u32,
    /// Output length.
    pub output: u32,
    /// Elements that each output is made of.
    pub taps: u32,
    /// Constant of [output, taps, 2]: index, weight; none where the axis stays as it is.
    pub table: Option<u32>,
}

/// Sampling each plane on a regular grid, from tables made when the plan is compiled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resize {
    /// [planes, depth, height, width]
    pub input: Place,
    /// Batch times channels.
    pub planes: u32,
    /// Depth, height, width.
    pub axes: [ResizeAxis; 3],
}

/// ONNX GridSample, 4-D and 5-D. Grid values -1..1, x first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridSample {
    /// [batch, channels, input...]
    pub input: Place,
    /// [batch, output..., 2 or 3]
    pub grid: Place,
    /// Pictures.
    pub batch: u32,
    /// Channels.
    pub channels: u32,
    /// Depth, height, width.
    pub size: [u32; 3],
    /// Depth, height, width of the result.
    pub output: [u32; 3],
    /// Numbers a grid point has: 2 or 3.
    pub rank: u32,
    /// Between elements.
    pub interpolation: Interpolation,
    /// Beyond the edge.
    pub outside: Outside,
    /// Whether -1 and 1 are the middles of the outermost elements, not their outer edges.
    pub align_corners: bool,
}

/// Over the middle axis of [outer, length, inner].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Softmax {
    /// What is normalised.
    pub input: Place,
    /// Axes before.
    pub outer: u32,
    /// The axis.
    pub length: u32,
    /// Axes behind.
    pub inner: u32,
    /// Whether the logarithm is wanted.
    pub log: bool,
}

/// How elements become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reducer {
    /// Sum.
    Sum,
    /// Sum over number.
    Mean,
    /// Sum of squares over number.
    MeanOfSquares,
    /// Largest.
    Max,
    /// Smallest.
    Min,
    /// Product.
    Product,
}

/// Over the middle axis of [outer, length, inner].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reduce {
    /// What is reduced.
    pub input: Place,
    /// Axes before.
    pub outer: u32,
    /// The axis.
    pub length: u32,
    /// Axes behind.
    pub inner: u32,
    /// How.
    pub reducer: Reducer,
}

/// (x - mean) / sqrt(variance + epsilon) over the last axis of [outer, length]: instance and layer normalisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Normalize {
    /// What is normalised.
    pub input: Place,
    /// Axes before.
    pub outer: u32,
    /// The axis.
    pub length: u32,
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether the mean is taken off; without, the variance is the mean of squares.
    pub centred: bool,
}

/// out[i] = input[offset + sum of axes].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// What is read.
    pub input: Place,
    /// Outermost first; at most six.
    pub axes: Vec<Axis>,
    /// Value outside the axes' limits.
    pub fill: f32,
    /// Strides of the result, where it is a part of a larger tensor; dense when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out_strides: Vec<u32>,
}

impl Op {
    /// Multiply-adds of the inner loops; 0 where there is nothing to speak of.
    pub fn macs(&self) -> u64 {
        let volume = |size: [u32; 3]| size.iter().map(|&s| u64::from(s)).product::<u64>();
        match self {
            Self::Conv(conv) => {
                let area = if conv.transposed { conv.window.input } else { conv.window.output };
                let pairs = u64::from(conv.channels_in) * u64::from(conv.channels_out) / u64::from(conv.groups.max(1));
                u64::from(conv.batch) * volume(area) * volume(conv.window.kernel) * pairs
            }
            Self::MatMul(product) => [product.batch, product.m, product.k, product.n].map(u64::from).iter().product(),
            _ => 0,
        }
    }

    /// Its name in a dump.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conv(conv) if conv.transposed => "ConvTranspose",
            Self::Conv(conv) if conv.groups > 1 && conv.groups == conv.channels_in => "Depthwise",
            Self::Conv(_) => "Conv",
            Self::MatMul(_) => "MatMul",
            Self::Pool(_) => "Pool",
            Self::Resize(_) => "Resize",
            Self::GridSample(_) => "GridSample",
            Self::Softmax(_) => "Softmax",
            Self::Reduce(_) => "Reduce",
            Self::Normalize(_) => "Normalize",
            Self::Spread(_) => "Spread",
        }
    }
}

impl Op {
    /// Every place it reads.
    pub fn reads(&mut self) -> Vec<&mut Place> {
        match self {
            Self::Conv(conv) => vec![&mut conv.input],
            Self::MatMul(product) => vec![&mut product.a, &mut product.b],
            Self::Pool(pool) => vec![&mut pool.input],
            Self::Resize(resize) => vec![&mut resize.input],
            Self::GridSample(sample) => vec![&mut sample.input, &mut sample.grid],
            Self::Softmax(softmax) => vec![&mut softmax.input],
            Self::Reduce(reduce) => vec![&mut reduce.input],
            Self::Normalize(normalize) => vec![&mut normalize.input],
            Self::Spread(spread) => vec![&mut spread.input],
        }
    }
}

impl Node {
    /// Every place it reads, its steps' operands included.
    pub fn reads(&mut self) -> Vec<&mut Place> {
        let steps = self.steps.iter_mut().flat_map(Step::reads);
        self.op.reads().into_iter().chain(steps).collect()
    }

    /// Elements of the result.
    pub fn elements(&self) -> usize {
        self.shape.iter().map(|&d| d as usize).product()
    }
}

impl Op {
    /// Numbers of the constants it needs besides those it reads by place.
    pub fn constants(&self) -> Vec<u32> {
        self.clone().constants_mut().into_iter().map(|number| *number).collect()
    }

    /// As [`Op::constants`], to be changed.
    pub fn constants_mut(&mut self) -> Vec<&mut u32> {
        match self {
            Self::Conv(conv) => std::iter::once(&mut conv.weights).chain(&mut conv.bias).collect(),
            Self::Resize(resize) => resize.axes.iter_mut().filter_map(|axis| axis.table.as_mut()).collect(),
            _ => vec![],
        }
    }
}
