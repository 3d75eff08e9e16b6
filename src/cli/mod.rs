//! What the native command line does, one command a file; `src/bin/portraoke.rs` only reads the arguments.
//!
//! Machine-readable output goes to standard output as JSON lines, progress to standard error. An [`Failure::Input`]
//! exits with 1 (the input is at fault), an [`Failure::Internal`] with 2 (we are).

pub mod bench;
mod frames;
pub mod gallery;
pub mod reenact;
pub mod render;
pub mod sing;

use crate::gpu::GpuError;
use crate::head::{HeadError, HeadModel};
use crate::portrait::{Analyser, ModelBytes, PortraitError};
use crate::song::ScoreError;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

/// Why a command ended early.
#[derive(Debug, Error)]
pub enum Failure {
    /// A file the caller gave cannot be used.
    #[error("{0}")]
    Input(String),
    /// Something of ours failed.
    #[error("{0}")]
    Internal(String),
}

impl From<GpuError> for Failure {
    fn from(error: GpuError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<HeadError> for Failure {
    fn from(error: HeadError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<PortraitError> for Failure {
    fn from(error: PortraitError) -> Self {
        if error.is_input() { Self::Input(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

impl From<ScoreError> for Failure {
    fn from(error: ScoreError) -> Self {
        Self::Input(error.to_string())
    }
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 1,
            Self::Internal(_) => 2,
        }
    }
}

/// The bytes of `path`.
///
/// # Errors
/// [`Failure::Input`] with the path and the system's words.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Input(format!("{} cannot be read: {error}", path.display())))
}

/// Writes `bytes` to `path`.
///
/// # Errors
/// [`Failure::Input`] with the path and the system's words.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::Input(format!("{} cannot be written: {error}", path.display())))
}

/// The folder `path`, made if it is not there.
///
/// # Errors
/// [`Failure::Input`] with the path and the system's words.
pub fn folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::Input(format!("{} cannot be made: {error}", path.display())))
}

/// The networks and the head model committed with the project.
///
/// # Errors
/// [`Failure::Internal`] when one of them is damaged.
pub fn analyser() -> Result<(Analyser, Arc<HeadModel>), Failure> {
    let model = Arc::new(HeadModel::embedded()?);
    Ok((Analyser::new(ModelBytes::embedded())?, model))
}
