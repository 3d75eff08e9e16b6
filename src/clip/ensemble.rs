//! Several portraits, one clip.

use serde::{Deserialize, Serialize};

/// The most portraits on one stage.
pub const MOST: usize = 9;

/// Who sings when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrangement {
    /// All sing the same line together.
    #[default]
    Unison,
    /// Each sings a part of its own: a round enters one after the other.
    Parts,
    /// Phrase by phrase one sings and the others rest; all join in the last.
    Turns,
}

/// Why a clip cannot be shared out. Messages are for the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnsembleError {
    /// More than there is room for.
    #[error("There are {members} portraits, and {MOST} is the most: remove {}.", members - MOST)]
    TooMany {
        /// How many were given.
        members: usize,
    },
    /// None.
    #[error("Nobody is there to sing: add a portrait.")]
    Nobody,
}

/// The number of members, if a stage has room for it.
pub(crate) fn seats(members: usize) -> Result<usize, EnsembleError> {
    match members {
        0 => Err(EnsembleError::Nobody),
        1..=MOST => Ok(members),
        _ => Err(EnsembleError::TooMany { members }),
    }
}
