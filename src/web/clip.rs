//! What drives the portraits: a motion for each of them and, if the studio made it, the sound.

use crate::clip::ensemble::{EnsembleError, ensemble};
use crate::clip::{Track, Word};
use crate::song::{Casting, Concert};

pub(super) struct Clip {
    /// At least one; the first is the clip's own where it is no song.
    tracks: Vec<Track>,
    /// When each of them sings, stretches of seconds.
    pub(super) singing: Vec<Vec<[f32; 2]>>,
    /// Of the whole clip, in order.
    pub(super) words: Vec<Word>,
    /// A clip that is no song, as it came: what is shared out.
    whole: Option<Track>,
    /// Stereo, interleaved; empty where the sound is the visitor's own.
    mix: Vec<f32>,
}

impl Clip {
    /// [`Concert::mix`] is stereo.
    pub(super) const CHANNELS: usize = 2;

    pub(super) fn of_concert(concert: Concert) -> Self {
        let Concert { tracks, singing, words, mix, .. } = concert;
        Self { tracks, singing, words, whole: None, mix }
    }

    /// A motion without sound, for one portrait until it is [shared](Clip::share).
    pub(super) fn of_track(track: Track) -> Self {
        let all = vec![[0.0, track.duration()]];
        Self {
            words: track.words.clone(),
            singing: vec![all],
            tracks: vec![track.clone()],
            whole: Some(track),
            mix: Vec::new(),
        }
    }

    /// Shares a motion out among `casting`'s members; a song has been sung for them already.
    pub(super) fn share(&mut self, casting: &Casting, seed: u32) -> Result<(), EnsembleError> {
        let Some(whole) = &self.whole else { return Ok(()) };
        let members = casting.members.len().max(1);
        let shared = ensemble(whole, members, casting.arrangement, casting.alike, seed)?;
        (self.tracks, self.singing) = (shared.tracks, shared.singing);
        Ok(())
    }

    /// What portrait number `k` does: where there are more of them than tracks they begin again.
    pub(super) fn track(&self, k: usize) -> &Track {
        &self.tracks[k % self.tracks.len()]
    }

    pub(super) fn lead(&self) -> &Track {
        self.whole.as_ref().unwrap_or_else(|| self.track(0))
    }

    /// The whole left channel and then the right.
    pub(super) fn samples(&self) -> Vec<f32> {
        (0..Self::CHANNELS).flat_map(|channel| self.mix.iter().skip(channel).step_by(Self::CHANNELS)).copied().collect()
    }
}
