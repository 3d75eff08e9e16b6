//! Sound files: WAV in and out.

use crate::failure::Failure;
use std::path::Path;

/// Writes `samples`, interleaved and -1..1, as 16-bit WAV of `rate` samples a second.
pub(crate) fn write(path: &Path, samples: &[f32], channels: u16, rate: u32) -> Result<(), Failure> {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let failed = |error: hound::Error| Failure::Input(format!("{} cannot be written: {error}", path.display()));
    let mut wav = hound::WavWriter::create(path, spec).map_err(failed)?;
    for &sample in samples {
        wav.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16).map_err(failed)?;
    }
    wav.finalize().map_err(failed)
}

/// Reads a WAV file: its channels, each -1..1, and its samples a second.
pub(crate) fn read(path: &Path) -> Result<(Vec<Vec<f32>>, u32), Failure> {
    let failed = |error: hound::Error| Failure::Input(format!("{} cannot be read: {error}", path.display()));
    let mut reader = hound::WavReader::open(path).map_err(failed)?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>().map_err(failed)?,
        hound::SampleFormat::Int => {
            let scale = 1.0 / 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
            let scaled = reader.samples::<i32>().map(|sample| sample.map(|sample| sample as f32 * scale));
            scaled.collect::<Result<_, _>>().map_err(failed)?
        }
    };
    let count = usize::from(spec.channels).max(1);
    let channel = |i: usize| samples.iter().skip(i).step_by(count).copied().collect();
    Ok(((0..count).map(channel).collect(), spec.sample_rate))
}
