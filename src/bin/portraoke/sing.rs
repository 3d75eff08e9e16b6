//! `portraoke sing`: a score to a voice and a motion track.

use crate::failure::{Failure, read, write};
use crate::sound;
use portraoke::song::{Performance, Score, VoiceType, perform};
use std::path::PathBuf;

/// What to sing.
#[derive(Debug, clap::Args)]
pub(crate) struct SingArgs {
    /// MusicXML, plain or compressed (.mxl).
    score: PathBuf,
    /// Other words for the same notes.
    #[arg(long)]
    lyrics: Option<String>,
    /// The sound, 16-bit WAV.
    #[arg(long)]
    wav: PathBuf,
    /// The motion, `.track.json`.
    #[arg(long)]
    track: PathBuf,
    /// Seed of everything random: vibrato, blinks, sway.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// The voice: soprano, alto, tenor, baritone, bass, child or robot; the score's own if none.
    #[arg(long, value_parser = voice_type)]
    voice: Option<VoiceType>,
    /// Factor on the tempo, 0.5 to 2.
    #[arg(long, default_value_t = 1.0)]
    tempo: f32,
    /// Semitones up.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    transpose: f32,
    /// 0 shy, 1 usual, 2 opera.
    #[arg(long, default_value_t = 1.0)]
    expressiveness: f32,
    /// Writes the voice without its accompaniment.
    #[arg(long)]
    voice_only: bool,
}

fn voice_type(name: &str) -> Result<VoiceType, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

/// Sings the score and prints one JSON line.
pub(crate) fn run(args: &SingArgs) -> Result<(), Failure> {
    let mut score = Score::read(&read(&args.score)?)?;
    if let Some(lyrics) = &args.lyrics {
        score = score.with_lyrics(lyrics)?;
    }
    let SingArgs { seed, voice, tempo, transpose, expressiveness, .. } = *args;
    let started = std::time::Instant::now();
    let sung = perform(&score, &Performance { seed, voice, tempo, transpose, expressiveness, ..Default::default() })?;
    let speed = f64::from(sung.track.duration()) / started.elapsed().as_secs_f64();
    let samples = if args.voice_only { &sung.voice } else { &sung.mix };
    let channels = if args.voice_only { 1 } else { 2 };
    sound::write(&args.wav, samples, channels, sung.sample_rate)?;
    write(&args.track, sung.track.to_json().as_bytes())?;
    println!(
        "{}",
        serde_json::json!({
            "title": sung.title, "seconds": sung.track.duration(), "words": sung.track.words.len(), "speed": speed
        })
    );
    Ok(())
}
