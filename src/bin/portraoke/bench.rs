//! `portraoke bench`: how long the steps take, and in how many photos a face is found and fitted.

use crate::frames::Screen;
use crate::failure::{Failure, read};
use crate::models;
use portraoke::animate::Settings;
use portraoke::gpu::Gpu;
use portraoke::portrait::{Analyser, decode};
use portraoke::song::{Performance, Score, perform};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Frames timed at each size.
const FRAMES: usize = 20;

/// A fit that misses its points by more than this share of the inter-ocular distance counts as failed.
const FIT_LIMIT: f32 = 0.08;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// The portrait whose steps are timed.
    #[arg(long)]
    source: PathBuf,
    /// The song, as MusicXML.
    #[arg(long)]
    score: PathBuf,
    /// A folder with one folder of photos a group: counts those with a fitted face.
    #[arg(long)]
    photos: Option<PathBuf>,
}

/// Prints one JSON line a figure.
pub(crate) fn run(args: &BenchArgs, models_folder: Option<&Path>) -> Result<(), Failure> {
    let score = Score::read(&read(&args.score)?)?;
    let bytes = read(&args.source)?;
    let start = Instant::now();
    let sung = perform(&score, &Performance::default())?;
    let synthesis = start.elapsed().as_secs_f32();
    let seconds = sung.track.duration();
    println!("{}", serde_json::json!({ "figure": "synthesis", "seconds": seconds, "times_real_time": seconds / synthesis }));
    let analyser = models::analyser(models_folder)?;
    let gpu = Gpu::headless()?;
    let step = |name: &str, start: Instant| {
        println!("{}", serde_json::json!({ "figure": "step", "step": name, "ms": start.elapsed().as_secs_f32() * 1e3 }));
    };
    let first = Instant::now();
    let start = Instant::now();
    decode(&bytes)?;
    step("decode", start);
    let start = Instant::now();
    let portrait = analyser.analyse(&bytes)?;
    step("analyse (decode included)", start);
    for long_side in [512, 720, 1080] {
        let start = Instant::now();
        let mut screen = Screen::new(&gpu, &analyser, &portrait, Some(long_side))?;
        screen.frame(&sung.track, &Settings::default(), 0.0)?;
        if long_side == 512 {
            step("layers, stage and first frame", start);
            step("file to first frame, all steps", first);
        }
        let start = Instant::now();
        for i in 0..FRAMES {
            screen.draw(&sung.track, &Settings::default(), i as f32 / 30.0);
        }
        screen.finish()?;
        let ms = start.elapsed().as_secs_f32() * 1e3 / FRAMES as f32;
        println!("{}", serde_json::json!({ "figure": "frame", "long_side": long_side, "ms": ms, "adapter": gpu.adapter.name }));
    }
    if let Some(photos) = &args.photos {
        for group in entries(photos)?.into_iter().filter(|path| path.is_dir()) {
            count(&analyser, &group)?;
        }
    }
    Ok(())
}

/// Counts the photos of one group with a face that the model fits.
fn count(analyser: &Analyser, group: &Path) -> Result<(), Failure> {
    let files: Vec<PathBuf> = entries(group)?.into_iter().filter(|path| path.is_file()).collect();
    let (mut found, mut fitted, mut lost) = (0, 0, Vec::new());
    for path in &files {
        let error = analyser.analyse(&read(path)?).ok().and_then(|portrait| Some(portrait.faces.first()?.fit.error));
        found += usize::from(error.is_some());
        if error.is_some_and(|error| error < FIT_LIMIT) {
            fitted += 1;
        } else {
            lost.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    let name = group.file_name().unwrap_or_default().to_string_lossy();
    println!(
        "{}",
        serde_json::json!({ "figure": "faces", "group": name, "photos": files.len(), "found": found, "fitted": fitted, "not_fitted": lost })
    );
    Ok(())
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(path).map_err(|error| Failure::Input(format!("{} cannot be read: {error}", path.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}
