//! A face video as a folder of frames.

use crate::failure::{Failure, entries, read};
use portraoke::portrait::{Analyser, Face, PortraitError, Recording, Tracker, decode};
use std::path::{Path, PathBuf};

/// The frames in a folder: its PNG files, in the order of their names.
pub(crate) fn frames(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let is_png = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    let files: Vec<PathBuf> = entries(path)?.into_iter().filter(is_png).collect();
    if files.is_empty() {
        return Err(Failure::Input(format!("{} holds no PNG frames: write some with ffmpeg first", path.display())));
    }
    Ok(files)
}

/// One frame of a video that was followed.
pub(crate) struct Seen {
    /// Width and height in the file, pixels.
    pub(crate) size: [u32; 2],
    /// Width and height in which it was read, pixels.
    pub(crate) read: [u32; 2],
    /// Pixels of the file for one of `face`: more than 1 where the file was too large and was read smaller.
    pub(crate) factor: f64,
    /// `None` where the face is not seen.
    pub(crate) face: Option<Face>,
}

/// The face that is followed through `frames`, in each: all frames at once, or `live`, frame by frame as a camera gives
/// them.
pub(crate) async fn follow(analyser: &Analyser, frames: &[PathBuf], live: bool) -> Result<Vec<Seen>, Failure> {
    let mut seen = Vec::with_capacity(frames.len());
    let (mut tracker, mut recording) = (Tracker::new(analyser), Recording::new(None));
    for (i, path) in frames.iter().enumerate() {
        let named = |error: PortraitError| match Failure::from(error) {
            Failure::Input(message) => Failure::Input(format!("{}: {message}", path.display())),
            ours => ours,
        };
        let frame = decode(&read(path)?).map_err(named)?;
        let face = match live {
            true => tracker.follow(analyser, &frame.image).await.map_err(named)?,
            false => recording.add(analyser, &frame.image).await.map(|_| None).map_err(named)?,
        };
        seen.push(Seen {
            size: frame.size,
            read: frame.image.dimensions().into(),
            factor: reduction(&frame.image, frame.size),
            face,
        });
        eprint!("\r{}/{}", i + 1, frames.len());
    }
    eprintln!();
    if !live {
        seen.iter_mut().zip(recording.faces(analyser)).for_each(|(frame, face)| frame.face = face);
    }
    Ok(seen)
}

/// Pixels of the file, `size` wide and high, for one of `image`, which is smaller where the file was too large.
pub(crate) fn reduction(image: &image::RgbaImage, size: [u32; 2]) -> f64 {
    f64::from(size[0].max(size[1])) / f64::from(image.width().max(image.height()))
}
