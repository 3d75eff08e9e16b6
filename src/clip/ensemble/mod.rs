//! Several portraits, one clip: a recording, a film, a saved motion becomes a track for each.
//!
//! In: a [`Track`]. Out: an [`Ensemble`], as many tracks as portraits, all of the same length. Scores know more about who
//! sings what and have a way of their own, [`song::Chorus`](crate::song::Chorus).
//!
//! [`phrases`] finds where one can take over from another, [`rest`] lets those who wait live with their mouths shut,
//! [`quirks`] tells singers apart, and [`blinks`] takes blinks off the lids and sets others. The sound stays what it is.

mod blinks;
mod phrases;
mod quirks;
mod rest;

use super::Track;
use quirks::Quirks;
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

/// A clip shared out.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// A track for each member, as long as the clip; words and phonemes are those that it sings, beats are everybody's.
    pub tracks: Vec<Track>,
    /// When each member sings, in stretches from and to seconds.
    pub singing: Vec<Vec<[f32; 2]>>,
}

/// Shares a clip's motion out among `members` portraits. The first one of a unison moves exactly as the clip does.
///
/// A recording has one line, so there is nothing to divide into parts: [`Arrangement::Parts`] is taken for
/// [`Arrangement::Turns`]. Unless they are to be `alike`, the others differ from the first by small amounts that `seed`
/// decides: when they blink where that is not tied to a pause, how far and when the head sways, and lips by at most 25 ms.
///
/// # Errors
/// [`EnsembleError`] for more than [`MOST`] members, or for none.
pub fn ensemble(
    track: &Track,
    members: usize,
    arrangement: Arrangement,
    alike: bool,
    seed: u32,
) -> Result<Ensemble, EnsembleError> {
    let members = seats(members)?;
    let phrases = phrases::phrases(track);
    let turns = arrangement != Arrangement::Unison && members > 1;
    let mut all = Ensemble { tracks: Vec::new(), singing: Vec::new() };
    for k in 0..members {
        let quirks = if alike || k == 0 { Quirks::none(seed) } else { Quirks::of(seed, k) };
        // By turns everybody keeps to the sound, lest they seem to sing at once.
        let quirks = if turns { quirks.in_time() } else { quirks };
        let mut own = if quirks.is_none() { track.clone() } else { quirks::differ(track, &phrases, &quirks) };
        let mut singing = phrases.clone();
        if turns {
            let taken = |i: usize| i + 1 == phrases.len() || i % members == k;
            singing = (0..phrases.len()).filter(|i| taken(*i)).map(|i| phrases[i]).collect();
            own = rest::rest(&own, &phrases, taken, quirks.seed);
        }
        all.tracks.push(own);
        all.singing.push(joined(&singing));
    }
    Ok(all)
}

/// The number of members, if a stage has room for it.
pub(crate) fn seats(members: usize) -> Result<usize, EnsembleError> {
    match members {
        0 => Err(EnsembleError::Nobody),
        1..=MOST => Ok(members),
        _ => Err(EnsembleError::TooMany { members }),
    }
}

/// Stretches that follow on one another without a pause, as one.
fn joined(spans: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut joined: Vec<[f32; 2]> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span[0] - last[1] < 1e-3 => last[1] = span[1],
            _ => joined.push(*span),
        }
    }
    joined
}

/// What a channel moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    /// Jaw, lips, tongue.
    Mouth,
    Lids,
    /// Rotation and place of the head.
    Head,
    /// The eyes' own turns, and the lids that follow them.
    Gaze,
    /// Brows and the rest of the face.
    Face,
}

fn region(channel: &str) -> Region {
    let starts = |names: &[&str]| names.iter().any(|name| channel.starts_with(name));
    if starts(&["jaw", "mouth", "tongue", "cheekPuff"]) {
        Region::Mouth
    } else if starts(&["eyeBlink"]) {
        Region::Lids
    } else if starts(&["gaze", "eyeLook"]) {
        Region::Gaze
    } else if matches!(channel, "yaw" | "pitch" | "roll" | "x" | "y" | "z") {
        Region::Head
    } else {
        Region::Face
    }
}

/// Number of samples.
fn count(track: &Track) -> usize {
    track.channels.values().map(Vec::len).max().unwrap_or(0)
}
