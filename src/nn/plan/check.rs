//! That a plan can run: every element that its kernels read or write is there, and the work comes to an end.
//!
//! A plan from the network has a checksum, but whoever changes it can make a new one. The executor and the kernels take
//! a checked plan at its word: what divides, allocates, indexes or loops is bounded here. What each operation reads is
//! in [`super::extent`].

use super::extent::{Reads, reads_of};
use super::{Axis, Conv, MAX_ELEMENTS, Node, Op, Operand, Place, Plan, Step, Unary};

/// Most operations: what no network here comes near.
const MAX_NODES: usize = 10_000;
/// Most inputs and outputs.
const MAX_PORTS: usize = 256;
/// Most axes of a shape and of a strided reading.
pub(super) const MAX_AXES: usize = 16;
/// Most characters of a name.
const MAX_NAME: usize = 500;
/// Inner loops of one run: a graphics card's minute, which no network in a page may take.
const MAX_WORK: f64 = 1e12;
/// Words of an operation's parameters: half of the least uniform buffer that WebGPU gives.
const MAX_PARAMETERS: usize = 2_000;
/// Most rows of taps and of the input that a convolution's kernel writes out one by one.
const MAX_TAPS: u64 = 128;
const MAX_ROWS: u64 = 1_024;

impl Plan {
    /// That the executor can run it; otherwise what is wrong.
    pub(in crate::nn) fn check(&self) -> Result<(), String> {
        let arena = self.arena as usize;
        if arena > MAX_ELEMENTS || self.nodes.len() > MAX_NODES {
            return Err(format!("{} operations on {arena} numbers are too many", self.nodes.len()));
        }
        if self.outputs.is_empty() || self.inputs.len() + self.outputs.len() > MAX_PORTS {
            return Err(format!("it has {} inputs, {} outputs", self.inputs.len(), self.outputs.len()));
        }
        let names = self.inputs.iter().chain(&self.outputs).map(|port| &port.name);
        let names = names.chain(self.nodes.iter().map(|node| &node.name)).chain([&self.name]);
        if names.into_iter().any(|name| name.chars().count() > MAX_NAME || name.chars().any(char::is_control)) {
            return Err("one of its names is too long, or no text".to_owned());
        }
        self.check_constants()?;
        for port in self.inputs.iter().chain(&self.outputs) {
            let elements = port.shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)).filter(|&n| n > 0);
            let fits = elements.is_some_and(|n| n <= MAX_ELEMENTS && port.offset as usize + n <= arena);
            if !fits || port.shape.len() > MAX_AXES {
                return Err(format!("`{}` lies outside its memory", plain(&port.name)));
            }
        }
        let (mut work, mut weights) = (0.0, 0);
        for node in &self.nodes {
            let wrong = |reason: &str| format!("`{}` {reason}", plain(&node.name));
            self.check_node(node).map_err(|reason| wrong(&reason))?;
            work += work_of(node);
            weights += laid_out(node);
            if work > MAX_WORK {
                return Err(wrong("needs more work than a page can wait for"));
            }
            if weights > 2 * MAX_ELEMENTS as u64 {
                return Err(wrong("needs weights that are too many"));
            }
        }
        Ok(())
    }

    fn check_constants(&self) -> Result<(), String> {
        let mut total = 0_usize;
        for constant in &self.constants {
            total = total.saturating_add(constant.values.len());
            if total > MAX_ELEMENTS {
                return Err(format!("it has more than {MAX_ELEMENTS} weights"));
            }
            if constant.shape.len() > MAX_AXES || constant.elements() != constant.values.len() {
                return Err(format!("weights of shape {}", plain(&format!("{:?}", constant.shape))));
            }
            if !constant.values.iter().all(|v| v.is_finite()) {
                return Err("some of its weights are not numbers".to_owned());
            }
        }
        Ok(())
    }

    fn check_node(&self, node: &Node) -> Result<(), String> {
        let elements = volume(&node.shape).filter(|_| node.shape.len() <= MAX_AXES).ok_or("has no possible shape")?;
        // The result, or the part of a larger one that it is.
        let reach = match &node.op {
            Op::Spread(spread) if !spread.out_strides.is_empty() => {
                if spread.out_strides.len() != node.shape.len() {
                    return Err("is a part of another shape".to_owned());
                }
                let steps = spread.out_strides.iter().zip(&node.shape);
                steps.map(|(&stride, &length)| u64::from(stride) * u64::from(length - 1)).sum::<u64>() + 1
            }
            _ => elements,
        };
        if u64::from(node.output) + reach > u64::from(self.arena) {
            return Err("lies outside its memory".to_owned());
        }
        let mut reads = reads_of(&node.op, elements)?;
        let mut parameters = 64;
        if let Op::Spread(spread) = &node.op {
            parameters += 6 * (spread.axes.len() + spread.out_strides.len());
        }
        for step in &node.steps {
            match step {
                Step::Unary(unary) => {
                    if !parameters_of(unary).iter().all(|v| v.is_finite()) {
                        return Err("has a step with no number".to_owned());
                    }
                    parameters += 2;
                }
                Step::Binary { operand, .. } => parameters += operand_reads(operand, elements, &mut reads)?,
                Step::Select(a, b) => {
                    parameters += operand_reads(a, elements, &mut reads)? + operand_reads(b, elements, &mut reads)?;
                }
            }
        }
        if parameters > MAX_PARAMETERS {
            return Err("has too many steps".to_owned());
        }
        for read in &reads {
            let inside = match read.place {
                Place::Arena(offset) => read.lies_in(offset, u64::from(self.arena)),
                Place::Constant(number, offset) if !read.computed => self
                    .constants
                    .get(number as usize)
                    .is_some_and(|constant| read.lies_in(offset, constant.values.len() as u64)),
                Place::Constant(..) => false,
            };
            if !inside {
                return Err("reads outside its memory".to_owned());
            }
        }
        match &node.op {
            Op::Conv(conv) => self.check_conv(conv),
            Op::Resize(resize) => resize.axes.iter().try_for_each(|axis| self.check_table(axis)),
            _ => Ok(()),
        }
    }

    fn check_conv(&self, conv: &Conv) -> Result<(), String> {
        let w = &conv.window;
        let taps: u64 = w.kernel.iter().map(|&k| u64::from(k)).product();
        let wanted = u64::from(conv.channels_out) * u64::from(conv.channels_in / conv.groups) * taps;
        let length = |number: u32| self.constants.get(number as usize).map(|constant| constant.values.len() as u64);
        if length(conv.weights) != Some(wanted) {
            return Err("has other weights than it needs".to_owned());
        }
        if conv.bias.is_some_and(|number| length(number) != Some(u64::from(conv.channels_out))) {
            return Err("has another bias than it needs".to_owned());
        }
        // Kernels for pictures write their taps and rows out.
        let rows = 3 * u64::from(w.stride[1]) + u64::from(w.kernel[1] - 1) * u64::from(w.dilation[1]) + 1;
        let picture = !conv.transposed && w.kernel[0] == 1 && w.input[0] == 1 && w.output[0] == 1;
        if picture && (u64::from(w.kernel[1]) > MAX_TAPS || rows > MAX_ROWS) {
            return Err("has too large a window".to_owned());
        }
        Ok(())
    }

    /// That each output's taps are elements of the input.
    fn check_table(&self, axis: &super::ResizeAxis) -> Result<(), String> {
        let Some(number) = axis.table else {
            let same = axis.input == axis.output && axis.taps == 1;
            return if same { Ok(()) } else { Err("has no table of taps".to_owned()) };
        };
        let wanted = 2 * u64::from(axis.output) * u64::from(axis.taps);
        let table = self.constants.get(number as usize).map(|constant| &constant.values);
        // Indices are f32: beyond 2^24 not every one has a number.
        let fits = table.is_some_and(|values| {
            let mut indices = values.iter().step_by(2);
            values.len() as u64 == wanted
                && axis.input <= 1 << 24
                && indices.all(|&i| i >= 0.0 && i.fract() == 0.0 && i < axis.input as f32)
        });
        if fits { Ok(()) } else { Err("has another table of taps than it needs".to_owned()) }
    }
}

/// Notes what an operand reads; how many words of parameters it has.
fn operand_reads(operand: &Operand, elements: u64, reads: &mut Vec<Reads>) -> Result<usize, String> {
    match operand {
        Operand::Number(number) if number.is_finite() => Ok(1),
        Operand::Number(_) => Err("has a step with no number".to_owned()),
        Operand::Same(place) => {
            reads.push(Reads::dense(*place, elements));
            Ok(1)
        }
        Operand::Channel { place, inner, count } => {
            if *inner == 0 || *count == 0 {
                return Err("has a step over no channels".to_owned());
            }
            reads.push(Reads::dense(*place, u64::from(*count).min(elements.div_ceil(u64::from(*inner)))));
            Ok(3)
        }
        Operand::Strided { place, axes } => {
            if axes.iter().any(Axis::is_limited) {
                return Err("has a step over parts of an axis".to_owned());
            }
            reads.push(Reads::strided(*place, axes, elements)?);
            Ok(1 + 3 * axes.len())
        }
    }
}

fn parameters_of(unary: &Unary) -> [f32; 2] {
    match *unary {
        Unary::Clip(a, b) | Unary::HardSigmoid(a, b) => [a, b],
        Unary::Elu(a) | Unary::LeakyRelu(a) | Unary::Power(a) => [a, 0.0],
        _ => [0.0; 2],
    }
}

/// Elements of a shape that can be.
pub(super) fn volume(shape: &[u32]) -> Option<u64> {
    let elements = shape.iter().try_fold(1_u64, |n, &d| n.checked_mul(u64::from(d)));
    elements.filter(|&n| n > 0 && n <= MAX_ELEMENTS as u64)
}

/// Turns of the innermost loops.
fn work_of(node: &Node) -> f64 {
    let product = |sizes: [u32; 3]| sizes.iter().map(|&n| f64::from(n)).product::<f64>();
    let each = match &node.op {
        Op::Conv(conv) => f64::from(conv.channels_in / conv.groups) * product(conv.window.kernel),
        Op::MatMul(matrices) => f64::from(matrices.k),
        Op::Pool(pool) => product(pool.window.kernel),
        Op::Resize(resize) => product([0, 1, 2].map(|i| resize.axes[i].taps)),
        Op::GridSample(_) => 16.0,
        Op::Reduce(reduce) => f64::from(reduce.length),
        Op::Softmax(_) | Op::Normalize(_) => 3.0,
        Op::Spread(_) => 1.0,
    };
    node.elements() as f64 * (each + node.steps.len() as f64)
}

/// Numbers that a convolution's weights become, its groups filled up to whole vectors.
fn laid_out(node: &Node) -> u64 {
    let Op::Conv(conv) = &node.op else { return 0 };
    let outputs = u64::from(conv.channels_out / conv.groups).next_multiple_of(8);
    let taps: u64 = conv.window.kernel.iter().map(|&k| u64::from(k)).product();
    u64::from(conv.groups) * outputs * (u64::from(conv.channels_in / conv.groups) * taps + 1)
}

/// A name or cause in one line, not too long.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect()
}
