//! `listen IN.wav OUT.track.json`: own audio natively, for `models/evaluate/audio.py` (until the command line has it).

use portraoke::clip::audio::{Listening, listen};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(wav), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("listen IN.wav OUT.track.json".into());
    };
    let mut reader = hound::WavReader::open(wav)?;
    let spec = reader.spec();
    let scale = 1.0 / 2f32.powi(i32::from(spec.bits_per_sample) - 1);
    let samples: Vec<f32> = reader.samples::<i32>().map(|s| s.map(|s| s as f32 * scale)).collect::<Result<_, _>>()?;
    let count = usize::from(spec.channels);
    let channels: Vec<Vec<f32>> =
        (0..count).map(|channel| samples.iter().skip(channel).step_by(count).copied().collect()).collect();
    let heard = listen(&channels.iter().map(Vec::as_slice).collect::<Vec<_>>(), spec.sample_rate, &Listening::default())?;
    std::fs::write(out, serde_json::to_vec(&heard.track)?)?;
    println!("{}", heard.notes.join(" "));
    Ok(())
}
