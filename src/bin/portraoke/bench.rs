//! `portraoke bench`: how long each step takes here, and in how many photos a face is found and fitted; JSON lines.

use crate::failure::{Failure, entries, read};
use crate::frames::Screen;
use crate::models::{Models, NETWORKS};
use clap::Args;
use portraoke::animate::Controls;
use portraoke::gpu::Gpu;
use portraoke::nn::Input;
use portraoke::portrait::{Analyser, Portrait, decode};
use portraoke::song::{Performance, Score, perform};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Frames timed at each size.
const FRAMES: usize = 20;

/// A fit that misses its points by more than this share of the inter-ocular distance counts as failed.
const FIT_LIMIT: f32 = 0.08;

#[derive(Args)]
pub(crate) struct Options {
    /// A portrait [default: the first of www/portraits/]
    image: Option<PathBuf>,
    /// Repetitions; the median counts
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// A song as MusicXML: times its synthesis and the frames
    #[arg(long, value_name = "SCORE")]
    score: Option<PathBuf>,
    /// A folder with a folder of photos for each group: counts those with a fitted face
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options, models: &Models) -> Result<(), Failure> {
    let repeat = options.repeat;
    for name in NETWORKS {
        let bytes = models.network_bytes(name)?;
        let network = models.network(name, &bytes).await?;
        let input = vec![0.1; network.input().shape.iter().product()];
        report(&format!("{name}: load"), median(repeat, async || models.network(name, &bytes).await).await?);
        let once =
            async || network.run(&[Input::Values(&input)]).await.map_err(|error| Failure::Ours(error.to_string()));
        report(&format!("{name}: run"), median(repeat, once).await?);
    }
    let Some(path) = options.image.clone().or_else(|| sample(models.folder())) else { return Ok(()) };
    let file = read(&path)?;
    let analyser = models.analyser().await?;
    let decoded = decode(&file)?;
    eprintln!("{}: {} x {} pixels", path.display(), decoded.image.width(), decoded.image.height());
    report("portrait: decode", median(repeat, async || Ok(decode(&file)?)).await?);
    let faces = async || analyser.analyse_image(decoded.image.clone()).await;
    report("portrait: detect, read, fit", median(repeat, async || Ok(faces().await?)).await?);
    let portrait = faces().await?;
    report("portrait: fit", median(repeat, async || Ok(analyser.refit(&portrait.faces[0]))).await?);
    report("portrait: layers", median(repeat, async || Ok(analyser.layers(&portrait, 0).await?)).await?);
    if let Some(score) = &options.score {
        let gpu = models.screen_gpu()?;
        frames(models, &gpu, &analyser, &portrait, &Score::read(&read(score)?)?, repeat).await?;
    }
    if let Some(photos) = &options.photos {
        for group in entries(photos)?.into_iter().filter(|path| path.is_dir()) {
            count(&analyser, &group).await?;
        }
    }
    Ok(())
}

/// Times the song's synthesis and the stage's frames.
async fn frames(
    models: &Models,
    gpu: &Gpu,
    analyser: &Analyser,
    portrait: &Portrait,
    score: &Score,
    repeat: u32,
) -> Result<(), Failure> {
    let sing = || perform(score, &Performance::default());
    let sung = sing()?;
    let ms = median(repeat.min(3), async || Ok(sing()?)).await?;
    report("song: synthesis", ms);
    println!("{}", json!({"step": "song: times real time", "ratio": f64::from(sung.track.duration()) * 1e3 / ms}));
    eprintln!("frames drawn by {}", gpu.adapter.name);
    let refiner = models.refiner(gpu).await?;
    for long_side in [512, 720, 1080, 2160] {
        let start = Instant::now();
        let mut screen = Screen::new(gpu, analyser, portrait, Some(long_side)).await?;
        screen.frame(&sung.track, &Controls::default(), 0.0)?;
        report(&format!("stage: layers, upload and first frame, {long_side} px"), start.elapsed().as_secs_f64() * 1e3);
        for (how, refiner) in [("", None), (", refined", refiner.clone())] {
            screen.set_refiner(refiner);
            screen.draw(&sung.track, &Controls::default(), 0.0);
            screen.finish()?;
            let start = Instant::now();
            for i in 0..FRAMES {
                screen.draw(&sung.track, &Controls::default(), i as f32 / 30.0);
            }
            screen.finish()?;
            let ms = start.elapsed().as_secs_f64() * 1e3 / FRAMES as f64;
            report(&format!("stage: a frame, {long_side} px{how}"), ms);
        }
    }
    Ok(())
}

/// Counts the photos of one group with a face that the model fits.
async fn count(analyser: &Analyser, group: &Path) -> Result<(), Failure> {
    let files: Vec<PathBuf> = entries(group)?.into_iter().filter(|path| path.is_file()).collect();
    let (mut found, mut fitted, mut lost) = (0, 0, Vec::new());
    for path in &files {
        let portrait = analyser.analyse(&read(path)?).await.ok();
        let error = portrait.and_then(|portrait| Some(portrait.faces.first()?.fit.error));
        found += usize::from(error.is_some());
        if error.is_some_and(|error| error < FIT_LIMIT) {
            fitted += 1;
        } else {
            lost.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    let name = group.file_name().unwrap_or_default().to_string_lossy();
    println!("{}", json!({"group": name, "photos": files.len(), "found": found, "fitted": fitted, "not_fitted": lost}));
    Ok(())
}

/// The first bundled portrait of the tree that the models belong to.
fn sample(models_folder: &Path) -> Option<PathBuf> {
    let portraits = models_folder.parent()?.join("www/portraits");
    let mut pictures: Vec<PathBuf> = std::fs::read_dir(portraits)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "jpg" || e == "webp" || e == "png"))
        .collect();
    pictures.sort();
    pictures.into_iter().next()
}

/// Milliseconds.
async fn median<T>(repeat: u32, mut step: impl AsyncFnMut() -> Result<T, Failure>) -> Result<f64, Failure> {
    let mut times = Vec::new();
    for _ in 0..repeat {
        let start = Instant::now();
        step().await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn report(step: &str, ms: f64) {
    println!("{}", json!({"step": step, "ms": (ms * 100.0).round() / 100.0}));
}
