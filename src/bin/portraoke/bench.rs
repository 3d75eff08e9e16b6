//! `portraoke bench`: how long each step of the portrait room takes here, as JSON lines.

use crate::cli::Failure;
use crate::models;
use clap::Args;
use portraoke::nn::Network;
use portraoke::portrait::decode;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(crate) struct Options {
    /// A portrait [default: the first of www/portraits/]
    image: Option<PathBuf>,
    /// Repetitions; the median counts
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
}

pub(crate) fn run(options: &Options, models_folder: Option<&Path>) -> Result<(), Failure> {
    let folder = models::folder(models_folder)?;
    for name in ["face_detector", "face_landmarks", "person_matte"] {
        let bytes = models::read(&folder, &format!("{name}.onnx"))?;
        let load = || Network::from_onnx(name, &bytes).map_err(|error| Failure::Ours(error.to_string()));
        let network = load()?;
        let input = vec![0.1; network.input().shape.iter().product()];
        report(&format!("{name}: load"), median(options.repeat, || load().map(drop))?);
        let once = || network.run(&input).map(drop).map_err(|error| Failure::Ours(error.to_string()));
        report(&format!("{name}: run"), median(options.repeat, once)?);
    }
    let Some(path) = options.image.clone().or_else(|| sample(&folder)) else { return Ok(()) };
    let file =
        std::fs::read(&path).map_err(|error| Failure::Input(format!("{} cannot be read: {error}.", path.display())))?;
    let input = |error: portraoke::portrait::PortraitError| Failure::Input(error.to_string());
    let analyser = models::analyser(models_folder)?;
    let decoded = decode(&file).map_err(input)?;
    eprintln!("{}: {} x {} pixels", path.display(), decoded.image.width(), decoded.image.height());
    report("portrait: decode", median(options.repeat, || decode(&file).map(drop).map_err(input))?);
    let faces = || analyser.analyse_image(decoded.image.clone()).map_err(input);
    report("portrait: detect, read, fit", median(options.repeat, || faces().map(drop))?);
    let portrait = faces()?;
    let fit = || {
        analyser.refit(&portrait.faces[0]);
        Ok(())
    };
    report("portrait: fit", median(options.repeat, fit)?);
    report("portrait: layers", median(options.repeat, || analyser.layers(&portrait, 0).map(drop).map_err(input))?);
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
fn median(repeat: u32, mut step: impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut times = Vec::new();
    for _ in 0..repeat {
        let start = Instant::now();
        step()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn report(step: &str, ms: f64) {
    println!("{}", json!({"step": step, "ms": (ms * 100.0).round() / 100.0}));
}
