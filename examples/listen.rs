//! `listen IN.wav OUT.track.json`: own audio natively, for `models/evaluate/audio.py`.
//! `listen --features IN.wav OUT.f32`: what the network reads of it, rows of little-endian f32, for `models/train/audio.py`.

use portraoke::clip::audio::{Listening, features_for_training, listen};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let features = arguments.first().is_some_and(|first| first == "--features");
    if features {
        arguments.remove(0);
    }
    let [wav, out] = arguments.as_slice() else { return Err("listen [--features] IN.wav OUT".into()) };
    let mut reader = hound::WavReader::open(wav)?;
    let spec = reader.spec();
    let scale = 1.0 / 2f32.powi(i32::from(spec.bits_per_sample) - 1);
    let samples: Vec<f32> = reader.samples::<i32>().map(|s| s.map(|s| s as f32 * scale)).collect::<Result<_, _>>()?;
    let count = usize::from(spec.channels);
    let channels: Vec<Vec<f32>> =
        (0..count).map(|channel| samples.iter().skip(channel).step_by(count).copied().collect()).collect();
    let channels: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
    if features {
        let rows = features_for_training(&channels, spec.sample_rate)?;
        let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(out, bytes)?;
        return Ok(());
    }
    let heard = listen(&channels, spec.sample_rate, &Listening::default())?;
    std::fs::write(out, serde_json::to_vec(&heard.track)?)?;
    println!("{}", heard.notes.join(" "));
    Ok(())
}
