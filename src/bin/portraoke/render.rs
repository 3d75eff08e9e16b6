//! `portraoke render`: one portrait, one track, PNG frames.

use crate::controls::ControlArgs;
use crate::failure::{Failure, folder, read, save_frame};
use crate::frames::Screen;
use crate::models::Models;
use portraoke::clip;
use std::path::PathBuf;

/// What to render.
#[derive(Debug, clap::Args)]
pub(crate) struct RenderArgs {
    /// The portrait.
    #[arg(long)]
    source: PathBuf,
    /// The motion: `.track.json`, or Live Link Face's CSV.
    #[arg(long)]
    track: PathBuf,
    /// Frames a second.
    #[arg(long, default_value_t = 30.0)]
    fps: f32,
    /// Folder for the frames: 0001.png and so on.
    #[arg(long)]
    out: PathBuf,
    /// Pixels of the longer side; the photo's own when absent.
    #[arg(long)]
    size: Option<u32>,
    #[command(flatten)]
    controls: ControlArgs,
    /// Show what geometry alone makes.
    #[arg(long)]
    no_refiner: bool,
}

/// Renders every frame of the track and prints one JSON line.
pub(crate) async fn run(args: &RenderArgs, models: &Models) -> Result<(), Failure> {
    let track = clip::read(&read(&args.track)?)?;
    if !(args.fps.is_finite() && args.fps > 0.0) {
        return Err(Failure::Input("--fps must be above 0".to_owned()));
    }
    let analyser = models.analyser().await?;
    let portrait = analyser.analyse(&read(&args.source)?).await?;
    let gpu = models.screen_gpu()?;
    let mut screen = Screen::new(&gpu, &analyser, &portrait, args.size).await?;
    if !args.no_refiner {
        screen.set_refiner(models.refiner(&gpu).await?);
    }
    folder(&args.out)?;
    let controls = args.controls.read();
    let count = (track.duration() * args.fps).floor() as usize + 1;
    for i in 0..count {
        let frame = screen.frame(&track, &controls, i as f32 / args.fps)?;
        let path = args.out.join(format!("{:04}.png", i + 1));
        save_frame(&frame, &path)?;
        eprint!("\r{}/{count}", i + 1);
    }
    eprintln!();
    println!("{}", serde_json::json!({ "frames": count, "fps": args.fps, "adapter": gpu.adapter.name }));
    Ok(())
}
