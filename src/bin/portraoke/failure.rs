//! What can go wrong in a command, and the file access that every command shares.

use portraoke::clip::TrackError;
use portraoke::clip::audio::AudioError;
use portraoke::clip::video::VideoError;
use portraoke::gpu::GpuError;
use portraoke::marks::still;
use portraoke::portrait::{ModelError, PortraitError};
use portraoke::song::{ChorusError, ScoreError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Why a command ended early.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A file the caller gave cannot be used: exit status 1.
    #[error("{0}")]
    Input(String),
    /// Something of ours failed: exit status 2.
    #[error("{0}")]
    Ours(String),
}

impl From<GpuError> for Failure {
    fn from(error: GpuError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<PortraitError> for Failure {
    fn from(error: PortraitError) -> Self {
        if error.is_input() { Self::Input(error.to_string()) } else { Self::Ours(error.to_string()) }
    }
}

impl From<ScoreError> for Failure {
    fn from(error: ScoreError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<ChorusError> for Failure {
    fn from(error: ChorusError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<TrackError> for Failure {
    fn from(error: TrackError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<AudioError> for Failure {
    fn from(error: AudioError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<VideoError> for Failure {
    fn from(error: VideoError) -> Self {
        Self::Input(error.to_string())
    }
}

impl Failure {
    /// The exit status that says whose fault it is.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Input(_) => 1,
            Self::Ours(_) => 2,
        })
    }
}

/// The bytes of `path`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Input(format!("{} cannot be read: {error}", path.display())))
}

/// Writes `bytes` to `path`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes)
        .map_err(|error| Failure::Input(format!("{} cannot be written: {error}", path.display())))
}

/// The folder `path`, made if it is not there.
pub(crate) fn folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::Input(format!("{} cannot be made: {error}", path.display())))
}

/// The entries of a folder, in the order of their names.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(path)
        .map_err(|error| Failure::Input(format!("{} cannot be read: {error}", path.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

/// Writes a frame to `path`, with metadata that says it is AI generated.
pub(crate) fn save_frame(frame: &image::RgbImage, path: &Path) -> Result<(), Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::Input(format!("{} cannot be written: {error}", path.display()));
    let file = std::fs::File::create(path).map_err(|error| failed(&error))?;
    still::write_png(frame, std::io::BufWriter::new(file)).map_err(|error| failed(&error))
}

/// Writes a picture to `path`.
pub(crate) fn save(image: &image::RgbImage, path: &Path) -> Result<(), Failure> {
    image.save(path).map_err(|error| Failure::Input(format!("{} cannot be written: {error}", path.display())))
}
