//! What can be wrong with a file, each said in one sentence with the way out of it.

use super::Format;

/// Why a file cannot be marked or read. Its `Display` is meant for the visitor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// None of the formats of [`Format`].
    #[error(
        "This file is of no kind that marks can be read from: choose an MP4, M4A, MOV, WebM, JPEG, PNG, WebP, GIF, WAV or Ogg file."
    )]
    Unknown,
    /// More bytes than are looked at.
    #[error("This file is larger than {limit_mb} MB: choose a shorter or smaller one.")]
    TooLarge {
        /// The limit in megabytes.
        limit_mb: usize,
    },
    /// Its structure does not hold.
    #[error("This {} file is damaged ({what}): export or download it again.", format.name())]
    Damaged {
        /// What it claims to be.
        format: Format,
        /// What does not fit.
        what: &'static str,
    },
    /// Its XMP packet does not hold; reading goes on, writing would lose what is in it.
    #[error(
        "This file's XMP metadata cannot be read ({reason}): save it again without them, or go by its other marks."
    )]
    Xmp {
        /// What does not fit.
        reason: String,
    },
    /// Fine, but of a kind that is not handled here.
    #[error("This {} file is of a rare kind that cannot be handled here ({what}): export it again without that.", format.name())]
    Unsupported {
        /// What it is.
        format: Format,
        /// What is in the way.
        what: &'static str,
    },
    /// There is a C2PA manifest already; any change would break its signature.
    #[error(
        "This file carries signed Content Credentials, which any change would break: mark the file before it is signed."
    )]
    Signed,
    /// C2PA does not say where a manifest goes in this format.
    #[error("C2PA defines no place for Content Credentials in {} files: choose another format for signed ones.", format.name())]
    NoPlace {
        /// The file's format.
        format: Format,
    },
}
