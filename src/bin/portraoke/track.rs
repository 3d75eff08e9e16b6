//! `portraoke track`: the motion of a face video, of a voice, or of another program's track.

use crate::failure::{Failure, read, write};
use crate::models::Models;
use crate::sound;
use crate::video;
use portraoke::clip::audio::{Listening, features_for_training, listen};
use portraoke::clip::video::{Sighting, track};
use portraoke::clip::{self, Track, csv};
use std::path::{Path, PathBuf};

/// What to track.
#[derive(Debug, clap::Args)]
pub(crate) struct TrackArgs {
    /// Folder of a face video's frames as PNG, in the order of their names.
    #[arg(long, required_unless_present_any = ["from", "audio"], requires = "fps")]
    driving: Option<PathBuf>,
    /// Frames a second of the video.
    #[arg(long)]
    fps: Option<f64>,
    /// A voice to sing or speak with: WAV.
    #[arg(long, conflicts_with_all = ["driving", "from"])]
    audio: Option<PathBuf>,
    /// Writes what the network hears of the voice instead, rows of little-endian f32, to train it.
    #[arg(long, requires = "audio", hide = true)]
    features: bool,
    /// A track to convert: .track.json, or Live Link Face's CSV.
    #[arg(long, conflicts_with = "driving")]
    from: Option<PathBuf>,
    /// Where the track goes: .csv for Live Link Face's format, anything else for .track.json.
    #[arg(long)]
    out: PathBuf,
}

/// Writes the track and prints one JSON line.
pub(crate) async fn run(args: &TrackArgs, models: impl FnOnce() -> Result<Models, Failure>) -> Result<(), Failure> {
    let started = std::time::Instant::now();
    let (mut seen, mut notes) = (None, Vec::new());
    let track = match (&args.driving, &args.audio, &args.from) {
        (Some(driving), ..) => {
            let (track, share) = followed(driving, args.fps.unwrap_or_default(), &models()?).await?;
            seen = Some(share);
            track
        }
        (_, Some(path), _) => {
            let (channels, rate) = sound::read(path)?;
            let channels: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
            if args.features {
                let rows = features_for_training(&channels, rate)?;
                let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
                return write(&args.out, &bytes);
            }
            let heard = listen(&channels, rate, &Listening::default())?;
            notes = heard.notes;
            heard.track
        }
        (.., Some(from)) => clip::read(&read(from)?)?,
        _ => return Err(Failure::Input("--driving, --audio or --from belongs here".to_owned())),
    };
    let is_csv = args.out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let text = if is_csv { csv::write(&track) } else { track.to_json() };
    write(&args.out, text.as_bytes())?;
    let seconds = track.duration();
    println!(
        "{}",
        serde_json::json!({
            "seconds": seconds,
            "rate": track.rate,
            "channels": track.channels.len(),
            "seen": seen,
            "notes": notes,
            "bytes_per_second": text.len() as f32 / seconds.max(1e-3),
            "took": started.elapsed().as_secs_f32(),
        })
    );
    Ok(())
}

/// The motion in a folder of frames, and the share of frames in which the face is seen.
async fn followed(driving: &Path, fps: f64, models: &Models) -> Result<(Track, f32), Failure> {
    if !(fps.is_finite() && fps > 0.0) {
        return Err(Failure::Input("--fps must be above 0".to_owned()));
    }
    let analyser = models.analyser().await?;
    let seen = video::follow(&analyser, &video::frames(driving)?, false).await?;
    let sighting =
        |(i, seen): (usize, video::Seen)| Sighting { time: i as f64 / fps, face: seen.face, size: seen.read };
    let sightings: Vec<Sighting> = seen.into_iter().enumerate().map(sighting).collect();
    let share = sightings.iter().filter(|sighting| sighting.face.is_some()).count() as f32 / sightings.len() as f32;
    Ok((track(analyser.head(), &sightings)?, share))
}
