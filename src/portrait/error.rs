//! Why a file does not become a portrait. Each message is one sentence for the visitor: what is wrong, what to do.

use crate::head::HeadError;
use crate::nn::NetworkError;

/// Why an [`Analyser`](super::Analyser) cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// One of the networks.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The head model.
    #[error(transparent)]
    Head(#[from] HeadError),
}

/// Everything that can be wrong with a photo.
#[derive(Debug, thiserror::Error)]
pub enum PortraitError {
    /// Zero bytes.
    #[error("This file is empty: choose another photo, or download this one again.")]
    Empty,
    /// A known kind of file that no decoder here reads.
    #[error("This is {kind}, which this page cannot read: {advice}.")]
    Foreign {
        /// With its article, "a HEIC photo".
        kind: &'static str,
        /// An imperative, "share it as JPEG".
        advice: &'static str,
    },
    /// No known signature.
    #[error("This file is not a picture that this page knows: choose a JPEG, PNG, WebP, GIF or BMP photo.")]
    NotAnImage,
    /// The signature is right but the contents are cut off or broken.
    #[error("This {format} file is cut off or damaged: download or copy it again, or choose another photo.")]
    Damaged {
        /// "JPEG", "PNG" ...
        format: &'static str,
    },
    /// Smaller than [`MIN_SIDE`](super::MIN_SIDE).
    #[error(
        "This picture is only {width} x {height} pixels: choose one of at least {} pixels each way.",
        super::MIN_SIDE
    )]
    TooSmall {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// More than [`MAX_PIXELS`](super::MAX_PIXELS), or more memory than decoding may take.
    #[error("This picture of {width} x {height} pixels is too large: choose one of at most {} megapixels, or save it smaller.", super::MAX_PIXELS / 1_000_000)]
    TooLarge {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// The detector found none, or none that the landmark network confirmed.
    #[error("No face was found in this picture: choose a photo in which a face is well lit and turned to the camera.")]
    NoFace,
    /// Only faces too small to animate.
    #[error(
        "The face in this picture is only {pixels} pixels high: choose a larger or closer photo (24 pixels at least)."
    )]
    FaceTooSmall {
        /// Height of the largest one's box.
        pixels: u32,
    },
    /// A face number that the portrait does not have.
    #[error("This picture has {count} face(s), so there is no face number {index}: choose one of those shown.")]
    NoSuchFace {
        /// The one asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The matte network has not been read yet.
    #[error("A part of the page is still missing: wait a moment and choose the photo again.")]
    NoMatte,
    /// A network failed: ours, not the visitor's fault.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl PortraitError {
    /// Whether the visitor's file is at fault (and not the program or its models).
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::Network(_) | Self::NoMatte)
    }
}
