//! The small convolutional network that hears the mouth: weights as bytes, convolutions over time.

/// Values that [`Net::run`] gives a frame.
pub(super) const OUTPUTS: usize = 10;
/// Frames that a kernel reads.
const TAPS: usize = 5;
/// Values between two layers.
const HIDDEN: usize = 32;
/// Weights and biases, written by `models/train/audio.py`.
const WEIGHTS: &[u8] = include_bytes!("mouth.weights");

/// A convolution over time.
struct Layer {
    inputs: usize,
    outputs: usize,
    taps: usize,
    /// Frames between two taps.
    dilation: usize,
    /// `[output][tap][input]`.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// The layers; all but the last end in a ReLU.
pub(super) struct Net(Vec<Layer>);

impl Net {
    /// Reads the weights. A layer is `outputs` rows: the row's step as little-endian f32, its bias likewise, and
    /// `taps * inputs` signed bytes in units of the step.
    pub(super) fn new(inputs: usize) -> Net {
        let sizes =
            [(inputs, HIDDEN, TAPS, 1), (HIDDEN, HIDDEN, TAPS, 2), (HIDDEN, HIDDEN, TAPS, 4), (HIDDEN, OUTPUTS, 1, 1)];
        let mut bytes = WEIGHTS.iter().copied();
        let float = |bytes: &mut dyn Iterator<Item = u8>| {
            f32::from_le_bytes(std::array::from_fn(|_| bytes.next().unwrap_or_default()))
        };
        let layer = |(inputs, outputs, taps, dilation): (usize, usize, usize, usize)| {
            let (mut weights, mut bias) = (Vec::with_capacity(outputs * taps * inputs), Vec::with_capacity(outputs));
            for _ in 0..outputs {
                let step = float(&mut bytes);
                bias.push(float(&mut bytes));
                weights.extend(bytes.by_ref().take(taps * inputs).map(|byte| step * f32::from(byte as i8)));
            }
            Layer { inputs, outputs, taps, dilation, weights, bias }
        };
        Net(sizes.map(layer).into())
    }

    /// [`OUTPUTS`] values for each frame of `inputs` values; beyond the ends lies what is there.
    pub(super) fn run(&self, frames: Vec<f32>) -> Vec<f32> {
        let last = self.0.len() - 1;
        self.0.iter().enumerate().fold(frames, |values, (i, layer)| layer.run(&values, i < last))
    }
}

impl Layer {
    fn run(&self, values: &[f32], relu: bool) -> Vec<f32> {
        let count = values.len() / self.inputs;
        let mut out = Vec::with_capacity(count * self.outputs);
        for frame in 0..count {
            for (row, bias) in self.weights.chunks_exact(self.taps * self.inputs).zip(&self.bias) {
                let mut sum = *bias;
                for (tap, weights) in row.chunks_exact(self.inputs).enumerate() {
                    let at = (frame + tap * self.dilation).saturating_sub(self.taps / 2 * self.dilation).min(count - 1);
                    let read = &values[at * self.inputs..(at + 1) * self.inputs];
                    sum += weights.iter().zip(read).map(|(w, v)| w * v).sum::<f32>();
                }
                out.push(if relu { sum.max(0.0) } else { sum });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_a_dilated_convolution() {
        // Two inputs; the output is ten times input 0 two frames ago, plus input 1 two frames ahead, plus a half.
        let layer = Layer {
            inputs: 2,
            outputs: 1,
            taps: 3,
            dilation: 2,
            weights: vec![10., 0., 0., 0., 0., 1.],
            bias: vec![0.5],
        };
        let frames = [1., 0., 2., 0., 3., 7., 4., 8., 5., 9.];
        // Beyond the ends the first and last frame go on.
        assert_eq!(layer.run(&frames, false), [17.5, 18.5, 19.5, 29.5, 39.5]);
        let negative = Layer { bias: vec![-20.5], ..layer };
        assert_eq!(negative.run(&frames, true), [0.0, 0.0, 0.0, 8.5, 18.5]);
    }

    #[test]
    fn the_weights_are_what_the_layers_read() {
        let inputs = super::super::features::INPUTS;
        let net = Net::new(inputs);
        let bytes: usize = net.0.iter().map(|layer| layer.weights.len() + 8 * layer.outputs).sum();
        assert_eq!(bytes, WEIGHTS.len());
        assert!(net.0.iter().all(|layer| layer.weights.iter().chain(&layer.bias).all(|w| w.abs() < 20.0)));
    }
}
