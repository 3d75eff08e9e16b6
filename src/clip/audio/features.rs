//! Frames as the mouth's network reads them: free of the microphone, the room's colour and the volume control.

use super::spectrum::{BANDS, Frame};
use crate::clip::liveliness::{quantile, smooth};

/// Numbers a frame: bands, level, harmonicity.
pub(super) const INPUTS: usize = BANDS + 2;

/// Frames this far below the loud ones do not count as sound, dB.
const QUIET: f32 = 25.0;

/// One row of [`INPUTS`] a frame.
///
/// Each band is taken against its own mean over the sounding frames (cepstral mean subtraction in the log spectrum:
/// B. Atal, JASA 55, 1974), which removes what a recording's sound and a speaker's voice have of their own.
pub(super) fn features(frames: &[Frame]) -> Vec<[f32; INPUTS]> {
    let loud = loudness(frames);
    let sounding: Vec<&Frame> = frames.iter().filter(|frame| frame.level > loud - QUIET).collect();
    let mean: [f32; BANDS] = std::array::from_fn(|band| {
        let sum: f64 = sounding.iter().map(|frame| f64::from(frame.bands[band])).sum();
        (sum / sounding.len().max(1) as f64) as f32
    });
    let row = |frame: &Frame| {
        let mut row = [0.0; INPUTS];
        for band in 0..BANDS {
            row[band] = ((frame.bands[band] - mean[band]) / 12.0).clamp(-4.0, 2.5);
        }
        row[BANDS] = ((frame.level - loud) / 12.0).clamp(-5.0, 1.0);
        row[BANDS + 1] = 2.0 * frame.harmonicity - 1.0;
        row
    };
    frames.iter().map(row).collect()
}

/// A hum or a hiss: its level stays within a decibel of its mean, while a voice's moves by ten and more.
pub(super) fn is_steady(frames: &[Frame]) -> bool {
    // A frame holds only one or two periods of the mains: smoothing takes its beating away.
    let levels = smooth(&frames.iter().map(|frame| frame.level).collect::<Vec<f32>>(), 5.0);
    let count = levels.len().max(1) as f32;
    let mean = levels.iter().sum::<f32>() / count;
    levels.iter().map(|level| (level - mean).abs()).sum::<f32>() / count < 1.0
}

/// The level of the loud frames, dB: however long the silence around them.
pub(super) fn loudness(frames: &[Frame]) -> f32 {
    let levels = || frames.iter().map(|frame| frame.level);
    // The very loudest may be a knock.
    let top = quantile(levels(), 0.999);
    quantile(levels().filter(|&level| level > top - QUIET), 0.9)
}
