//! The native command line: machine-readable JSON lines on stdout, progress on stderr.
//!
//! Exit status: 0 fine, 1 the input is at fault, 2 we are.

#[cfg(not(target_arch = "wasm32"))]
mod analyse;
#[cfg(not(target_arch = "wasm32"))]
mod bench;
#[cfg(not(target_arch = "wasm32"))]
mod controls;
#[cfg(not(target_arch = "wasm32"))]
mod failure;
#[cfg(not(target_arch = "wasm32"))]
mod frames;
#[cfg(not(target_arch = "wasm32"))]
mod gallery;
#[cfg(not(target_arch = "wasm32"))]
mod lessons;
#[cfg(not(target_arch = "wasm32"))]
mod marks;
#[cfg(not(target_arch = "wasm32"))]
mod models;
#[cfg(not(target_arch = "wasm32"))]
mod overlay;
#[cfg(not(target_arch = "wasm32"))]
mod plan;
#[cfg(not(target_arch = "wasm32"))]
mod reenact;
#[cfg(not(target_arch = "wasm32"))]
mod render;
#[cfg(not(target_arch = "wasm32"))]
mod sing;
#[cfg(not(target_arch = "wasm32"))]
mod sound;
#[cfg(not(target_arch = "wasm32"))]
mod track;
#[cfg(not(target_arch = "wasm32"))]
mod video;

#[cfg(not(target_arch = "wasm32"))]
mod cli {
    use super::failure::Failure;
    use super::models::{Backend, Models};
    use super::{analyse, bench, gallery, lessons, marks, plan, reenact, render, sing, track};
    use clap::{Parser, Subcommand};
    use std::path::PathBuf;
    use std::process::ExitCode;

    /// A portrait sings: photo and score in, marked video out, all on this computer.
    #[derive(Parser)]
    #[command(version)]
    struct Arguments {
        /// Folder with the networks and the head model [default: models/ here, beside the program, or in the source]
        #[arg(long, global = true, value_name = "DIR")]
        models: Option<PathBuf>,
        /// What runs the networks [default: the graphics card, where there is one and the folder holds plans for it]
        #[arg(long, global = true)]
        backend: Option<Backend>,
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Subcommand)]
    enum Command {
        /// Find the faces in pictures, or follow one through a video's frames: one JSON line for each picture
        Analyse(analyse::Options),
        /// Sing a score: a sound file and a motion track
        Sing(sing::SingArgs),
        /// Draw the frames of one portrait and one motion track
        Render(render::RenderArgs),
        /// Drive a portrait by the frames of a face video
        Reenact(reenact::ReenactArgs),
        /// Read the motion of a face video's frames or of a voice, or convert a motion track
        Track(track::TrackArgs),
        /// Perform scores in ways from which the network that hears mouths learns
        #[command(hide = true)]
        Lessons(lessons::LessonArgs),
        /// Draw contact sheets of singing portraits, to look at
        Gallery(gallery::GalleryArgs),
        /// List the marks in files, ours and others', that say what made them: one JSON line for each file
        Marks(marks::MarksArgs),
        /// Time the steps on this computer and count the faces found: one JSON line for each
        Bench(bench::Options),
        /// Compile networks to plans, or print one
        #[command(subcommand)]
        Plan(plan::PlanCommand),
    }

    async fn obey(arguments: &Arguments) -> Result<(), Failure> {
        let models = || Models::open(arguments.models.as_deref(), arguments.backend);
        match &arguments.command {
            Command::Analyse(options) => analyse::run(options, &models()?).await,
            Command::Sing(args) => sing::run(args),
            Command::Render(args) => render::run(args, &models()?).await,
            Command::Reenact(args) => reenact::run(args, &models()?).await,
            Command::Track(args) => track::run(args, models).await,
            Command::Lessons(args) => lessons::run(args),
            Command::Gallery(args) => gallery::run(args, &models()?).await,
            Command::Marks(args) => marks::run(args),
            Command::Bench(args) => bench::run(args, &models()?).await,
            Command::Plan(command) => plan::run(command).await,
        }
    }

    pub(super) fn run() -> ExitCode {
        let arguments = Arguments::parse();
        match pollster::block_on(obey(&arguments)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{failure}");
                failure.exit_code()
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    cli::run()
}

/// The page has its own surface; nothing here is for wasm.
#[cfg(target_arch = "wasm32")]
fn main() {}
