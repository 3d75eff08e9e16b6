//! `portraoke analyse IMAGE...`: what the portrait room finds in pictures, and with `--video` in the frames of videos.

use crate::failure::Failure;
use crate::models::Models;
use crate::{overlay, video};
use clap::Args;
use portraoke::head::expression::EXPRESSION_NAMES;
use portraoke::portrait::{Analyser, Decoded, Face, Portrait, decode};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(crate) struct Options {
    /// Pictures: JPEG, PNG, WebP, GIF or BMP; with --video folders of PNG frames
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Draw the points and the fitted head over each picture into this folder
    #[arg(long, value_name = "DIR")]
    overlay: Option<PathBuf>,
    /// Draw all overlays on one contact sheet
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// Write mattes and the clean background of the first face into this folder
    #[arg(long, value_name = "DIR")]
    layers: Option<PathBuf>,
    /// Follow one face through the frames of each folder, with one neutral face for all: one JSON line for each frame
    #[arg(long, conflicts_with_all = ["overlay", "sheet", "layers"])]
    video: bool,
    /// Follow it frame by frame, as a camera gives them, instead of looking ahead
    #[arg(long, requires = "video")]
    live: bool,
}

/// Width and height of one picture on the contact sheet, pixels.
const SHEET_TILE: u32 = 360;

pub(crate) async fn run(options: &Options, models: &Models) -> Result<(), Failure> {
    let analyser = models.analyser().await?;
    if options.video {
        for folder in &options.images {
            one_video(&analyser, folder, options.live).await?;
        }
        return Ok(());
    }
    for folder in [&options.overlay, &options.layers].into_iter().flatten() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::Ours(format!("The folder {} cannot be made: {error}.", folder.display())))?;
    }
    let mut tiles = Vec::new();
    let mut bad = 0;
    for path in &options.images {
        match one(&analyser, path, options, &mut tiles).await {
            Ok(line) => println!("{line}"),
            Err(Failure::Input(message)) => {
                bad += 1;
                // A line for every picture, so that scripts can tell which are missing.
                println!("{}", json!({"file": path, "error": message, "faces": []}));
                eprintln!("{}: {message}", path.display());
            }
            Err(ours) => return Err(ours),
        }
    }
    if let Some(sheet) = &options.sheet {
        save(&overlay::sheet(&tiles, SHEET_TILE), sheet)?;
    }
    match bad {
        0 => Ok(()),
        _ => Err(Failure::Input(format!("{bad} of {} pictures could not be used.", options.images.len()))),
    }
}

/// A line for each frame of the video in `folder`; `faces` is empty where the face is not seen.
async fn one_video(analyser: &Analyser, folder: &Path, live: bool) -> Result<(), Failure> {
    let frames = video::frames(folder)?;
    let seen = video::follow(analyser, &frames, live).await?;
    if seen.iter().all(|frame| frame.face.is_none()) {
        return Err(Failure::Input(format!("{}: no frame of this video shows a face.", folder.display())));
    }
    for (path, frame) in frames.iter().zip(&seen) {
        let faces: Vec<Value> = frame.face.iter().map(|face| face_json(face, frame.factor)).collect();
        println!("{}", json!({"file": path, "width": frame.size[0], "height": frame.size[1], "faces": faces}));
    }
    Ok(())
}

async fn one(
    analyser: &Analyser,
    path: &Path,
    options: &Options,
    tiles: &mut Vec<image::RgbaImage>,
) -> Result<Value, Failure> {
    let file = std::fs::read(path).map_err(|error| Failure::Input(format!("The file cannot be read: {error}.")))?;
    let start = Instant::now();
    let Decoded { image, size, notes } = decode(&file).map_err(|error| Failure::Input(error.to_string()))?;
    let mut portrait = analyser.analyse_image(image).await.map_err(|error| match error.is_input() {
        true => Failure::Input(error.to_string()),
        false => Failure::Ours(error.to_string()),
    })?;
    portrait.notes.splice(0..0, notes);
    let remarks: Vec<String> = portrait.remarks(0).iter().map(ToString::to_string).collect();
    portrait.notes.extend(remarks);
    let elapsed = start.elapsed().as_secs_f64() * 1e3;
    eprintln!("{}: {} face(s), {elapsed:.0} ms", path.display(), portrait.faces.len());
    let name = path.file_stem().map_or_else(|| "picture".into(), |stem| stem.to_string_lossy().into_owned());
    if let Some(folder) = &options.overlay {
        save(&overlay::picture(analyser.head(), &portrait), &folder.join(format!("{name}.png")))?;
    }
    if options.sheet.is_some() {
        tiles.push(overlay::close_up(analyser.head(), &portrait, SHEET_TILE));
    }
    if let Some(folder) = &options.layers {
        write_layers(analyser, &portrait, &folder.join(name)).await?;
    }
    // Coordinates refer to the file's own pixels (upright), also where the picture was reduced.
    let [width, height] = [portrait.image.width(), portrait.image.height()];
    let factor = video::reduction(&portrait.image, size);
    let [width, height] = [width, height].map(|side| (f64::from(side) * factor).round() as u32);
    let faces: Vec<Value> = portrait.faces.iter().map(|face| face_json(face, factor)).collect();
    Ok(json!({"file": path, "width": width, "height": height, "faces": faces, "notes": portrait.notes}))
}

fn face_json(face: &Face, factor: f64) -> Value {
    let length = |v: f32| (f64::from(v) * factor * 100.0).round() / 100.0;
    let ratio = |v: f32| (f64::from(v) * 1e4).round() / 1e4;
    let points = |list: &[[f32; 2]]| list.iter().map(|p| json!([length(p[0]), length(p[1])])).collect::<Vec<_>>();
    let named = |values: &[f32]| -> Map<String, Value> {
        EXPRESSION_NAMES.iter().zip(values).map(|(name, v)| ((*name).to_owned(), json!(ratio(*v)))).collect()
    };
    let b = face.bounds;
    let fit = &face.fit;
    json!({
        "box": [length(b.x), length(b.y), length(b.width), length(b.height)],
        "score": ratio(face.score),
        "landmarks68": points(&face.landmarks),
        "irises": points(&face.irises),
        "dense": points(&face.dense),
        "sigma": face.sigma.iter().map(|s| length(*s)).collect::<Vec<_>>(),
        "pose": {"yaw": ratio(fit.rotation[0]), "pitch": ratio(fit.rotation[1]), "roll": ratio(fit.rotation[2])},
        "expression": named(&face.expression.0),
        "gaze": face.gaze.map(ratio),
        "fit": {
            "expression": named(&fit.expression.0),
            "identity": fit.identity.iter().map(|a| ratio(*a)).collect::<Vec<_>>(),
            "scale": length(fit.scale),
            "translation": fit.translation.map(length),
            "error": ratio(fit.error),
        },
    })
}

async fn write_layers(analyser: &Analyser, portrait: &Portrait, stem: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let layers = analyser.layers(portrait, 0).await.map_err(|error| Failure::Ours(error.to_string()))?;
    eprintln!("  layers: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    if let Some(note) = layers.note() {
        eprintln!("  {note}");
    }
    let named = |suffix: &str| PathBuf::from(format!("{}-{suffix}.png", stem.display()));
    save(&overlay::cut_out(portrait, &layers), &named("layers"))?;
    save(&layers.person, &named("person"))?;
    save(&layers.hair, &named("hair"))?;
    if let Some(occluder) = &layers.occluder {
        save(&occluder.matte, &named("occluder"))?;
        save(&occluder.beneath, &named("beneath"))?;
    }
    save(&layers.background, &named("background"))
}

fn save<P>(picture: &image::ImageBuffer<P, Vec<u8>>, path: &Path) -> Result<(), Failure>
where
    P: image::Pixel<Subpixel = u8> + image::PixelWithColorType,
{
    picture.save(path).map_err(|error| Failure::Ours(format!("{} cannot be written: {error}.", path.display())))
}
