//! Which elements an operation reads, and whether its numbers fit its result.

use super::check::{MAX_AXES, volume};
use super::{Axis, MAX_ELEMENTS, Op, Place, Window};

/// Largest sum of sizes, strides and paddings along an axis: kernels count in i32.
const MAX_REACH: u64 = 1 << 30;

/// Elements that are read from a place on: from `from` to below `to`, which are relative to it.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) place: Place,
    from: i64,
    to: i64,
    /// Whether the kernel reads the arena, whatever the place.
    pub(super) computed: bool,
}

impl Reads {
    pub(super) fn dense(place: Place, elements: u64) -> Self {
        Self { place, from: 0, to: elements as i64, computed: false }
    }

    fn computed(place: Place, elements: u64) -> Self {
        Self { computed: true, ..Self::dense(place, elements) }
    }

    /// A strided reading of as many elements as the result has.
    pub(super) fn strided(place: Place, axes: &[Axis], elements: u64) -> Result<Self, String> {
        let lengths: Vec<u32> = axes.iter().map(|axis| axis.length).collect();
        if axes.len() > MAX_AXES || volume(&lengths) != Some(elements) {
            return Err("reads another shape than its own".to_owned());
        }
        let (mut least, mut most) = (0_i64, 0_i64);
        for axis in axes {
            let divides = (1..=MAX_ELEMENTS).contains(&(axis.divide as usize));
            if !divides || axis.start < 0 || axis.end < 0 {
                return Err("reads an axis that cannot be".to_owned());
            }
            let end = i64::from(axis.end).min(i64::from(axis.length));
            // Nothing of this axis is read: the kernel's stand-in is the first element.
            let last = (end - 1 - i64::from(axis.start)).max(0) / i64::from(axis.divide);
            let reach = last.saturating_mul(i64::from(axis.stride));
            (least, most) = (least.saturating_add(reach.min(0)), most.saturating_add(reach.max(0)));
        }
        Ok(Self { place, from: least, to: most.saturating_add(1), computed: false })
    }

    /// Whether all of it is within `length` elements, the place being at `offset`.
    pub(super) fn lies_in(&self, offset: u32, length: u64) -> bool {
        let offset = i64::from(offset);
        offset + self.from >= 0 && offset.saturating_add(self.to) <= length as i64
    }
}

/// What an operation reads besides its weights; an error where its numbers are not those of a result of `elements`.
pub(super) fn reads_of(op: &Op, elements: u64) -> Result<Vec<Reads>, String> {
    let wrong = || "has another shape than its operation".to_owned();
    let result = |sizes: &[u32]| if volume(sizes) == Some(elements) { Ok(()) } else { Err(wrong()) };
    let all = |sizes: &[u32]| volume(sizes).ok_or_else(wrong);
    Ok(match op {
        Op::Conv(conv) => {
            let divides = |channels: u32| conv.groups > 0 && channels > 0 && channels.is_multiple_of(conv.groups);
            if !divides(conv.channels_in) || !divides(conv.channels_out) {
                return Err("has channels that its groups do not divide".to_owned());
            }
            check_window(&conv.window)?;
            let [z, y, x] = conv.window.output;
            result(&[conv.batch, conv.channels_out, z, y, x])?;
            let [z, y, x] = conv.window.input;
            vec![Reads::computed(conv.input, all(&[conv.batch, conv.channels_in, z, y, x])?)]
        }
        Op::MatMul(product) => {
            let lengths = [product.batch, product.m, product.k, product.n];
            result(&[product.batch, product.m, product.n])?;
            if product.k == 0 || lengths.iter().any(|&d| d as usize > MAX_ELEMENTS) {
                return Err(wrong());
            }
            let reach = |lengths: [u32; 3], strides: [u32; 3]| -> u64 {
                let steps = lengths.iter().zip(strides);
                1 + steps.map(|(&length, stride)| u64::from(length - 1) * u64::from(stride)).sum::<u64>()
            };
            vec![
                Reads::dense(product.a, reach([product.batch, product.m, product.k], product.a_strides)),
                Reads::dense(product.b, reach([product.batch, product.k, product.n], product.b_strides)),
            ]
        }
        Op::Pool(pool) => {
            check_window(&pool.window)?;
            if pool.padding_after.iter().any(|&n| u64::from(n) > MAX_REACH) {
                return Err("has a padding that cannot be".to_owned());
            }
            let [z, y, x] = pool.window.output;
            result(&[pool.planes, z, y, x])?;
            let [z, y, x] = pool.window.input;
            vec![Reads::computed(pool.input, all(&[pool.planes, z, y, x])?)]
        }
        Op::Resize(resize) => {
            let [z, y, x] = [0, 1, 2].map(|i| resize.axes[i].output);
            result(&[resize.planes, z, y, x])?;
            if resize.axes.iter().any(|axis| axis.taps == 0 || axis.taps > axis.input.saturating_mul(4).max(16)) {
                return Err("has a number of taps that cannot be".to_owned());
            }
            let [z, y, x] = [0, 1, 2].map(|i| resize.axes[i].input);
            vec![Reads::dense(resize.input, all(&[resize.planes, z, y, x])?)]
        }
        Op::GridSample(sample) => {
            let cubic = sample.interpolation == super::Interpolation::Cubic;
            let flat = sample.size[0] == 1 && sample.output[0] == 1;
            if !((sample.rank == 2 && flat) || (sample.rank == 3 && !cubic)) {
                return Err("samples a number of axes that cannot be".to_owned());
            }
            let [z, y, x] = sample.output;
            result(&[sample.batch, sample.channels, z, y, x])?;
            let points = all(&[sample.batch, z, y, x, sample.rank])?;
            let [z, y, x] = sample.size;
            let from = all(&[sample.batch, sample.channels, z, y, x])?;
            vec![Reads::dense(sample.input, from), Reads::dense(sample.grid, points)]
        }
        Op::Softmax(softmax) => {
            result(&[softmax.outer, softmax.length, softmax.inner])?;
            vec![Reads::computed(softmax.input, elements)]
        }
        Op::Reduce(reduce) => {
            result(&[reduce.outer, reduce.inner])?;
            vec![Reads::computed(reduce.input, all(&[reduce.outer, reduce.length, reduce.inner])?)]
        }
        Op::Normalize(normalize) => {
            result(&[normalize.outer, normalize.length])?;
            if !(normalize.epsilon.is_finite() && normalize.epsilon >= 0.0) {
                return Err("has an epsilon that cannot be".to_owned());
            }
            vec![Reads::computed(normalize.input, elements)]
        }
        Op::Spread(spread) => {
            if !spread.fill.is_finite() {
                return Err("fills with no number".to_owned());
            }
            vec![Reads::strided(spread.input, &spread.axes, elements)?]
        }
    })
}

/// Windows of at least one element, whose sizes kernels can count in i32.
fn check_window(window: &Window) -> Result<(), String> {
    let Window { input, output, kernel, stride, dilation, padding } = *window;
    let possible = (0..3).all(|axis| {
        let each = [input, output, kernel, stride, dilation].map(|sizes| u64::from(sizes[axis]));
        let [input, output, kernel, stride, dilation] = each;
        let sums = [input, output * stride, kernel * dilation, u64::from(padding[axis])];
        each.iter().all(|&n| n > 0) && sums.iter().all(|&n| n < MAX_REACH) && sums.iter().sum::<u64>() < MAX_REACH
    });
    if possible { Ok(()) } else { Err("has a window that cannot be".to_owned()) }
}
