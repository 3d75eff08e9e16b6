//! The native command line: machine-readable JSON lines on stdout, progress on stderr.
//!
//! Exit status: 0 fine, 1 the input is at fault, 2 we are.

#[cfg(not(target_arch = "wasm32"))]
mod analyse;
#[cfg(not(target_arch = "wasm32"))]
mod bench;
#[cfg(not(target_arch = "wasm32"))]
mod models;
#[cfg(not(target_arch = "wasm32"))]
mod overlay;

#[cfg(not(target_arch = "wasm32"))]
mod cli {
    use super::{analyse, bench};
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
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Subcommand)]
    enum Command {
        /// Find the faces in pictures: one JSON line for each picture
        Analyse(analyse::Options),
        /// Time the steps on this computer: one JSON line for each
        Bench(bench::Options),
    }

    /// What went wrong, and whose fault it is.
    pub(crate) enum Failure {
        /// Exit status 1.
        Input(String),
        /// Exit status 2.
        Ours(String),
    }

    pub(super) fn run() -> ExitCode {
        let arguments = Arguments::parse();
        let result = match &arguments.command {
            Command::Analyse(options) => analyse::run(options, arguments.models.as_deref()),
            Command::Bench(options) => bench::run(options, arguments.models.as_deref()),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Input(message)) => {
                eprintln!("{message}");
                ExitCode::from(1)
            }
            Err(Failure::Ours(message)) => {
                eprintln!("{message}");
                ExitCode::from(2)
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
