//! A small hall: a feedback delay network of eight lines (Jot & Chaigne, AES 90th Convention, 1991).

/// Line lengths in samples at 48 kHz: primes, 25 to 62 ms, so that no echo repeats.
const LENGTHS: [usize; 8] = [1201, 1423, 1657, 1871, 2081, 2341, 2647, 2969];
/// Seconds to decay by 60 dB.
const DECAY: f32 = 1.15;

pub(super) struct Room {
    lines: [Vec<f32>; 8],
    at: [usize; 8],
    damped: [f32; 8],
    gains: [f32; 8],
}

impl Room {
    pub(super) fn new() -> Room {
        Room {
            lines: LENGTHS.map(|n| vec![0.0; n]),
            at: [0; 8],
            damped: [0.0; 8],
            gains: LENGTHS.map(|n| 0.001f32.powf(n as f32 / (DECAY * 48_000.0))),
        }
    }

    /// One sample in, the room's answer left and right out.
    pub(super) fn run(&mut self, input: f32) -> [f32; 2] {
        let mut outs = [0f32; 8];
        for (i, out) in outs.iter_mut().enumerate() {
            // Walls and air take the high frequencies first.
            self.damped[i] += 0.42 * (self.lines[i][self.at[i]] - self.damped[i]);
            *out = self.damped[i];
        }
        let [mut left, mut right] = [0.0; 2];
        for (i, out) in outs.iter().enumerate() {
            let sign = if i / 2 % 2 == 0 { 1.0 } else { -1.0 };
            if i % 2 == 0 { left += sign * out } else { right += sign * out }
        }
        // Householder matrix: lossless, every line feeds every other.
        let mean = outs.iter().sum::<f32>() / 4.0;
        for (i, out) in outs.iter().enumerate() {
            self.lines[i][self.at[i]] = input + self.gains[i] * (out - mean);
            self.at[i] = (self.at[i] + 1) % LENGTHS[i];
        }
        [0.5 * left, 0.5 * right]
    }
}
