//! `portraoke reenact`: the motion of a face video's frames, on another portrait.

use crate::failure::{Failure, entries, folder, read, save};
use crate::frames::Screen;
use crate::models;
use portraoke::animate::retarget::offset_expression;
use portraoke::clip::Motion;
use portraoke::gpu::Gpu;
use portraoke::portrait::{Analyser, Face, PortraitError};
use std::path::{Path, PathBuf};

/// What to reenact.
#[derive(Debug, clap::Args)]
pub(crate) struct ReenactArgs {
    /// The portrait.
    #[arg(long)]
    source: PathBuf,
    /// Folder of the driving video's frames as PNG, in the order of their names.
    #[arg(long)]
    driving: PathBuf,
    /// Frames a second of the driving video.
    #[arg(long)]
    fps: f32,
    /// Folder for the frames, of the same count and names.
    #[arg(long)]
    out: PathBuf,
    /// Pixels of the longer side; the portrait's own when absent.
    #[arg(long)]
    size: Option<u32>,
}

/// Drives the portrait by the change of the driver's head and expression since its first frame.
pub(crate) fn run(args: &ReenactArgs, models_folder: Option<&Path>) -> Result<(), Failure> {
    let analyser = models::analyser(models_folder)?;
    let portrait = analyser.analyse(&read(&args.source)?)?;
    let frames = png_files(&args.driving)?;
    let gpu = Gpu::headless()?;
    let mut screen = Screen::new(&gpu, &analyser, &portrait, args.size)?;
    folder(&args.out)?;
    let mut reference: Option<Face> = None;
    let mut last: Option<Face> = None;
    let mut missed = 0;
    for (i, path) in frames.iter().enumerate() {
        let face = match face_of(&analyser, path)? {
            Some(face) => face,
            // A lost face holds still until it is found again.
            None => {
                missed += 1;
                last.clone().ok_or_else(|| {
                    Failure::Input(format!(
                        "no face in the first frame, {}: begin where the face can be seen",
                        path.display()
                    ))
                })?
            }
        };
        let start = reference.get_or_insert_with(|| face.clone());
        let expression = offset_expression(screen.source_expression(), &face.fit.expression, &start.fit.expression);
        let frame = screen.frame_of(&change(start, &face), &expression)?;
        let out = args.out.join(path.file_name().unwrap_or_default());
        save(&frame, &out)?;
        last = Some(face);
        eprint!("\r{}/{}", i + 1, frames.len());
    }
    eprintln!();
    println!("{}", serde_json::json!({ "frames": frames.len(), "missed": missed, "fps": args.fps }));
    Ok(())
}

/// How the head moved from `start` to `now`, in the terms of a track.
fn change(start: &Face, now: &Face) -> Motion {
    // A face's gaze begins with the image-left eye, which is the subject's right; a track's with the left.
    let gaze = |i: usize| now.gaze[(i + 2) % 4] - start.gaze[(i + 2) % 4];
    let (start, now) = (&start.fit, &now.fit);
    let shift = |axis: usize| (now.translation[axis] - start.translation[axis]) / start.scale;
    Motion {
        rotation: std::array::from_fn(|i| now.rotation[i] - start.rotation[i]),
        // Ten inter-ocular distances from the camera a step of one changes the scale by a tenth.
        translation: [shift(0), -shift(1), 10.0 * (now.scale / start.scale - 1.0)],
        gaze: std::array::from_fn(gaze),
        ..Motion::default()
    }
}

fn face_of(analyser: &Analyser, path: &Path) -> Result<Option<Face>, Failure> {
    match analyser.analyse(&read(path)?) {
        Ok(portrait) => Ok(portrait.faces.into_iter().next()),
        Err(PortraitError::NoFace) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The PNG files of a folder, in the order of their names.
fn png_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let is_png = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    let files: Vec<PathBuf> = entries(path)?.into_iter().filter(is_png).collect();
    if files.is_empty() {
        return Err(Failure::Input(format!("{} holds no PNG frames: write some with ffmpeg first", path.display())));
    }
    Ok(files)
}
