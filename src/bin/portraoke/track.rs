//! `portraoke track`: the motion of a face video, or of another program's track.

use crate::failure::{Failure, read, write};
use crate::models::Models;
use crate::video;
use portraoke::clip::video::{Sighting, track};
use portraoke::clip::{self, Track, csv};
use std::path::{Path, PathBuf};

/// What to track.
#[derive(Debug, clap::Args)]
pub(crate) struct TrackArgs {
    /// Folder of a face video's frames as PNG, in the order of their names.
    #[arg(long, required_unless_present = "from", requires = "fps")]
    driving: Option<PathBuf>,
    /// Frames a second of the video.
    #[arg(long)]
    fps: Option<f64>,
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
    let (track, seen) = match (&args.driving, &args.from) {
        (_, Some(from)) => (clip::read(&read(from)?)?, None),
        (Some(driving), None) => {
            let (track, seen) = followed(driving, args.fps.unwrap_or_default(), &models()?).await?;
            (track, Some(seen))
        }
        (None, None) => return Err(Failure::Input("--driving or --from belongs here".to_owned())),
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
