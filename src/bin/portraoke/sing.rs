//! `portraoke sing`: a score to a voice and a motion track, or to a chorus and a track for each singer.

use crate::failure::{Failure, read, write};
use crate::sound;
use portraoke::clip::ensemble::Arrangement;
use portraoke::song::{Casting, Choice, Chorus, Member, Performance, Score, VoiceType, perform};
use std::path::{Path, PathBuf};

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
    /// So many sing, at most nine; writes their mix, and a track for each: OUT-1.track.json, OUT-2.track.json, ...
    #[arg(long, value_name = "N", conflicts_with = "voice_only")]
    chorus: Option<usize>,
    /// How they share the song: unison, parts or turns.
    #[arg(long, value_parser = arrangement, default_value = "unison", requires = "chorus")]
    arrangement: Arrangement,
    /// All of them move and sound exactly alike.
    #[arg(long, requires = "chorus")]
    alike: bool,
}

fn arrangement(name: &str) -> Result<Arrangement, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

fn voice_type(name: &str) -> Result<VoiceType, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

/// Sings the score and prints one JSON line.
pub(crate) fn run(args: &SingArgs) -> Result<(), Failure> {
    let SingArgs { seed, voice, tempo, transpose, expressiveness, .. } = *args;
    let performance = Performance { seed, voice, tempo, transpose, expressiveness, ..Default::default() };
    let bytes = read(&args.score)?;
    match args.chorus {
        Some(members) => together(args, &bytes, &performance, members),
        None => alone(args, &bytes, &performance),
    }
}

fn alone(args: &SingArgs, bytes: &[u8], performance: &Performance) -> Result<(), Failure> {
    let mut score = Score::read(bytes)?;
    if let Some(lyrics) = &args.lyrics {
        score = score.with_lyrics(lyrics)?;
    }
    let started = std::time::Instant::now();
    let sung = perform(&score, performance)?;
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

fn together(args: &SingArgs, bytes: &[u8], performance: &Performance, members: usize) -> Result<(), Failure> {
    let casting =
        Casting { arrangement: args.arrangement, alike: args.alike, members: vec![Member::default(); members] };
    let started = std::time::Instant::now();
    let chorus = Chorus::new(bytes, args.lyrics.as_deref(), &Choice::default(), &casting, performance)?;
    let concert = chorus.finish();
    let seconds = concert.mix.len() as f64 / 2.0 / f64::from(concert.sample_rate);
    let speed = seconds / started.elapsed().as_secs_f64();
    sound::write(&args.wav, &concert.mix, 2, concert.sample_rate)?;
    for (i, track) in concert.tracks.iter().enumerate() {
        write(&numbered(&args.track, i + 1), track.to_json().as_bytes())?;
    }
    println!(
        "{}",
        serde_json::json!({
            "title": concert.title, "seconds": seconds, "words": concert.words.len(), "speed": speed,
            "voices": concert.voices, "singers": concert.singers, "singing": concert.singing
        })
    );
    Ok(())
}

/// `OUT.track.json` becomes `OUT-1.track.json`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let stem = stem.strip_suffix(".track").unwrap_or(stem);
    path.with_file_name(format!("{stem}-{number}.track.json"))
}
