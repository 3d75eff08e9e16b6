//! `portraoke gallery`: contact sheets for people to look at.
//!
//! A sheet shows one portrait at ten moments of a song: the whole above, mouth and eyes enlarged below; or making the faces
//! that are offered to try.

use crate::failure::{Failure, folder, read, save};
use crate::frames::Screen;
use crate::models::Models;
use image::{RgbImage, imageops};
use portraoke::animate::expressions::POSES;
use portraoke::animate::{Controls, Moment};
use portraoke::clip::Track;
use portraoke::portrait::Portrait;
use portraoke::song::{Performance, Score, perform};
use std::path::PathBuf;

const MOMENTS: usize = 10;
/// Pixels of a cell's side.
const CELL: u32 = 300;
/// Pixels of the longer side that frames are drawn at.
const FRAME: u32 = 900;

/// What to show.
#[derive(Debug, clap::Args)]
pub(crate) struct GalleryArgs {
    /// The portraits.
    #[arg(required = true)]
    portraits: Vec<PathBuf>,
    /// The song, as MusicXML.
    #[arg(long, required_unless_present = "expressions")]
    score: Option<PathBuf>,
    /// Show the photo and the expressions that are offered to try, in their order, seven a row.
    #[arg(long)]
    expressions: bool,
    /// Folder for the sheets, one PNG a portrait.
    #[arg(long)]
    out: PathBuf,
    /// Show what geometry alone makes.
    #[arg(long)]
    no_refiner: bool,
}

/// Draws a sheet for each portrait; one that cannot be read is named and left out.
pub(crate) async fn run(args: &GalleryArgs, models: &Models) -> Result<(), Failure> {
    let sung = match &args.score {
        Some(score) => Some(perform(&Score::read(&read(score)?)?, &Performance::default())?),
        None => None,
    };
    let analyser = models.analyser().await?;
    let gpu = models.screen_gpu()?;
    let refiner = if args.no_refiner { None } else { models.refiner(&gpu).await? };
    folder(&args.out)?;
    let mut drawn = 0;
    for path in &args.portraits {
        let analysed = async { Ok::<_, Failure>(analyser.analyse(&read(path)?).await?) };
        let portrait = match analysed.await {
            Ok(portrait) => portrait,
            Err(failure) => {
                eprintln!("{}: {failure}", path.display());
                continue;
            }
        };
        let mut screen = Screen::new(&gpu, &analyser, &portrait, Some(FRAME)).await?;
        screen.set_refiner(refiner.clone());
        let drawn_sheet = match &sung {
            Some(sung) if !args.expressions => song_sheet(&portrait, &mut screen, &sung.track)?,
            _ => expression_sheet(&portrait, &mut screen)?,
        };
        let name = path.with_extension("png");
        let folder_name = path.parent().and_then(|parent| parent.file_name()).unwrap_or_default().to_string_lossy();
        let file = format!("{folder_name}-{}", name.file_name().unwrap_or_default().to_string_lossy());
        let out = args.out.join(file);
        save(&drawn_sheet, &out)?;
        println!("{}", serde_json::json!({ "portrait": path, "sheet": out }));
        drawn += 1;
    }
    if drawn == 0 { Err(Failure::Input("none of these pictures could be used".to_owned())) } else { Ok(()) }
}

/// Moments that differ: rest, the widest and most rounded mouths, closed lips, a blink, and even steps between.
fn moments(track: &Track) -> Vec<f32> {
    let duration = track.duration();
    let peak = |name: &str| {
        let samples = track.channels.get(name).map_or(&[][..], Vec::as_slice);
        let highest = samples.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i);
        highest as f32 / track.rate
    };
    let mut moments = vec![0.0];
    moments.extend(["jawOpen", "mouthPucker", "mouthClose", "eyeBlinkLeft", "yaw", "pitch", "roll"].map(peak));
    let steps = MOMENTS - moments.len();
    moments.extend((1..=steps).map(|i| duration * i as f32 / (steps + 1) as f32));
    moments
}

/// One portrait at moments of a song.
fn song_sheet(portrait: &Portrait, screen: &mut Screen<'_>, track: &Track) -> Result<RgbImage, Failure> {
    let frames = moments(track).into_iter().map(|t| screen.frame(track, &Controls::default(), t));
    Ok(sheet(portrait, &frames.collect::<Result<Vec<_>, _>>()?))
}

/// The head of one portrait as it is in the photo, then making each face.
fn expression_sheet(portrait: &Portrait, screen: &mut Screen<'_>) -> Result<RgbImage, Failure> {
    const COLUMNS: u32 = 7;
    let mut frames = vec![screen.frame_of(&Moment { expression: *screen.source_expression(), ..Moment::default() })?];
    for pose in &POSES {
        frames.push(screen.frame_of_pose(pose, &Controls::default())?);
    }
    let rows = (frames.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(CELL * COLUMNS, CELL * rows);
    for (i, frame) in frames.iter().enumerate() {
        let scale = frame.width() as f32 / portrait.image.width() as f32;
        let cell = close_up(frame, &portrait.faces[0].landmarks, scale, 1.7, CELL);
        let place = |n: u32| i64::from(CELL * n);
        imageops::replace(&mut sheet, &cell, place(i as u32 % COLUMNS), place(i as u32 / COLUMNS));
    }
    Ok(sheet)
}

/// Four rows a moment: whole, mouth, image-left eye, image-right eye.
fn sheet(portrait: &Portrait, frames: &[RgbImage]) -> RgbImage {
    let face = &portrait.faces[0];
    let points = |range: std::ops::Range<usize>| &face.landmarks[range];
    let width = portrait.image.width() as f32;
    let close_ups = [points(48..68), points(36..42), points(42..48)];
    let mut sheet = RgbImage::new(CELL * frames.len() as u32, CELL * 2 + CELL / 2);
    for (i, frame) in frames.iter().enumerate() {
        let left = i64::from(CELL) * i as i64;
        let scale = frame.width() as f32 / width;
        imageops::replace(&mut sheet, &fitted(frame), left, 0);
        for (row, points) in close_ups.iter().enumerate() {
            let grow = if row == 0 { 2.0 } else { 2.2 };
            let side = if row == 0 { CELL } else { CELL / 2 };
            let x = if row == 2 { left + i64::from(CELL / 2) } else { left };
            let y = if row == 0 { CELL } else { 2 * CELL };
            imageops::replace(&mut sheet, &close_up(frame, points, scale, grow, side), x, i64::from(y));
        }
    }
    sheet
}

/// The frame within a cell.
fn fitted(frame: &RgbImage) -> RgbImage {
    let scale = CELL as f32 / frame.width().max(frame.height()) as f32;
    let side = |n: u32| ((n as f32 * scale) as u32).max(1);
    imageops::resize(frame, side(frame.width()), side(frame.height()), imageops::FilterType::CatmullRom)
}

/// A square around `points` (photo pixels), `grow` times their width, enlarged to `side` pixels.
fn close_up(frame: &RgbImage, points: &[[f32; 2]], scale: f32, grow: f32, side: u32) -> RgbImage {
    let bounds = portraoke::portrait::Bounds::of(points).unwrap_or_default();
    let extent = (bounds.longer_side() * grow * scale).max(4.0) as u32;
    let [x, y] = bounds.center().map(|c| c * scale);
    let corner = |c: f32, limit: u32| (c - extent as f32 / 2.0).clamp(0.0, limit.saturating_sub(extent) as f32) as u32;
    let crop =
        imageops::crop_imm(frame, corner(x, frame.width()), corner(y, frame.height()), extent, extent).to_image();
    imageops::resize(&crop, side, side, imageops::FilterType::CatmullRom)
}
