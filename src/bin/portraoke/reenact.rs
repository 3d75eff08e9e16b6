//! `portraoke reenact`: the motion of a face video's frames, on another portrait.

use crate::failure::{Failure, folder, read, save, save_frame, write};
use crate::frames::Screen;
use crate::models::Models;
use crate::video;
use portraoke::animate::Moment;
use portraoke::animate::residual::Residual;
use portraoke::animate::retarget::{offset_expression, retarget_rotation};
use portraoke::clip::Motion;
use portraoke::head::HeadModel;
use portraoke::portrait::{Face, Portrait, decode, gaze};
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
    /// Show what geometry alone makes.
    #[arg(long)]
    no_refiner: bool,
    /// Folder for what the refiner sees of each frame, to train it (see models/train/README.md).
    #[arg(long)]
    refiner_inputs: Option<PathBuf>,
}

/// Drives the portrait by the change of the driver's head and expression since its first frame.
///
/// A portrait that is itself the first frame is a measurement (what comes out should equal what came in): its frames
/// carry the label in their metadata and, so that they can be compared, only the first carries it visibly.
pub(crate) async fn run(args: &ReenactArgs, models: &Models) -> Result<(), Failure> {
    let analyser = models.analyser().await?;
    let mut portrait = analyser.analyse(&read(&args.source)?).await?;
    let frames = video::frames(&args.driving)?;
    let seen = video::follow(&analyser, &frames, false).await?;
    let Some(start) = seen[0].face.clone() else {
        let first = frames[0].display();
        return Err(Failure::Input(format!("no face in the first frame, {first}: begin where the face can be seen")));
    };
    let measuring = same_picture(&portrait, &decode(&read(&frames[0])?)?.image);
    if measuring {
        // The video knows the person better than one photo does.
        portrait.faces = vec![start.clone()];
    }
    let gpu = models.screen_gpu()?;
    let mut screen = Screen::new(&gpu, &analyser, &portrait, args.size).await?;
    if !args.no_refiner {
        screen.set_refiner(models.refiner(&gpu).await?);
    }
    folder(&args.out)?;
    let mut inputs = match &args.refiner_inputs {
        Some(path) => Some(RefinerInputs::new(path, &mut screen)?),
        None => None,
    };
    let looked = gaze(analyser.head(), &start);
    let residual = Residual::new(analyser.head(), &start);
    let missed = seen.iter().filter(|frame| frame.face.is_none()).count();
    let (mut shown, mut limited) = (start.clone(), 0);
    for (i, (path, frame)) in frames.iter().zip(seen).enumerate() {
        // A lost face holds still until it is found again.
        shown = frame.face.unwrap_or(shown);
        let expression = offset_expression(screen.source_expression(), &shown.fit.expression, &start.fit.expression);
        let residual = residual.of(analyser.head(), &shown);
        let motion = change(analyser.head(), &start, looked, &shown);
        let turn = retarget_rotation(*screen.source_rotation(), motion.rotation);
        limited += usize::from(turn != motion.rotation);
        let moment = Moment { motion, expression, residual: &residual, ..Moment::default() };
        screen.set_labelled(!measuring || i == 0);
        if let Some(inputs) = &mut inputs {
            inputs.add(&mut screen, &moment, path)?;
        }
        let frame = screen.frame_of(&moment)?;
        save_frame(&frame, &args.out.join(path.file_name().unwrap_or_default()))?;
        eprint!("\r{}/{}", i + 1, frames.len());
    }
    eprintln!();
    if limited > 0 {
        eprintln!("{limited} frames turn further than the portrait has pixels for: they turn less");
    }
    println!(
        "{}",
        serde_json::json!({ "frames": frames.len(), "missed": missed, "limited": limited, "fps": args.fps })
    );
    Ok(())
}

/// A folder of what the refiner sees, frame by frame.
struct RefinerInputs<'a> {
    folder: &'a Path,
    /// One JSON line a frame: the square that its pictures show.
    squares: String,
}

impl<'a> RefinerInputs<'a> {
    fn new(path: &'a Path, screen: &mut Screen<'_>) -> Result<Self, Failure> {
        folder(path)?;
        let rest = Moment { expression: *screen.source_expression(), ..Moment::default() };
        let (source, _, _) = screen.refiner_inputs(&rest)?;
        save(&source, &path.join("source.png"))?;
        Ok(Self { folder: path, squares: String::new() })
    }

    fn add(&mut self, screen: &mut Screen<'_>, moment: &Moment<'_>, frame: &Path) -> Result<(), Failure> {
        let name = frame.file_stem().unwrap_or_default().to_string_lossy();
        let (drawn, guide, square) = screen.refiner_inputs(moment)?;
        save(&drawn, &self.folder.join(format!("{name}.frame.png")))?;
        save(&guide, &self.folder.join(format!("{name}.guide.png")))?;
        let line = serde_json::json!({ "frame": name, "center": square.center.to_array(), "side": square.side });
        self.squares += &format!("{line}\n");
        write(&self.folder.join("crops.jsonl"), self.squares.as_bytes())
    }
}

/// Whether `portrait` is the picture `frame`, give or take its compression.
fn same_picture(portrait: &Portrait, frame: &image::RgbaImage) -> bool {
    let (a, b) = (portrait.image.as_raw(), frame.as_raw());
    let difference = || a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    portrait.image.dimensions() == frame.dimensions() && difference() <= 3 * a.len() as u64
}

/// How the head moved from `start` to `now`, in the terms of a track; `looked`: the gaze of `start`.
fn change(head: &HeadModel, start: &Face, looked: [f32; 4], now: &Face) -> Motion {
    let looks = gaze(head, now);
    let (start, now) = (&start.fit, &now.fit);
    let shift = |axis: usize| (now.translation[axis] - start.translation[axis]) / start.scale;
    Motion {
        rotation: std::array::from_fn(|i| now.rotation[i] - start.rotation[i]),
        // Ten inter-ocular distances from the camera a step of one changes the scale by a tenth.
        translation: [shift(0), -shift(1), 10.0 * (now.scale / start.scale - 1.0)],
        gaze: std::array::from_fn(|i| looks[i] - looked[i]),
        ..Motion::default()
    }
}
