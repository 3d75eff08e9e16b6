//! The model files on disk.

use crate::failure::Failure;
use portraoke::portrait::{Analyser, ModelBytes};
use std::path::{Path, PathBuf};

/// The folder asked for, or the first that exists of `models/` here, beside the program, and in the source tree.
pub(crate) fn folder(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = asked {
        return Ok(folder.to_owned());
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("models")));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    [Some(PathBuf::from("models")), beside, Some(source)]
        .into_iter()
        .flatten()
        .find(|folder| folder.join("head.safetensors").is_file())
        .ok_or_else(|| Failure::Ours("The models were not found: name their folder with --models DIR.".to_owned()))
}

/// One file of the folder.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|error| {
        Failure::Ours(format!("{} cannot be read ({error}): name the models' folder.", path.display()))
    })
}

/// The photo analyser.
pub(crate) fn analyser(asked: Option<&Path>) -> Result<Analyser, Failure> {
    let folder = folder(asked)?;
    let [detector, landmarks, matte, head] =
        ["face_detector.onnx", "face_landmarks.onnx", "person_matte.onnx", "head.safetensors"]
            .map(|name| read(&folder, name));
    let (detector, landmarks, matte, head) = (detector?, landmarks?, matte?, head?);
    let models = ModelBytes { detector: &detector, landmarks: &landmarks, matte: &matte, head: &head };
    Analyser::new(models).map_err(|error| Failure::Ours(error.to_string()))
}
