//! What can be wrong with a recording, each said in one sentence with the way out of it.

use super::SHORTEST;

/// Why a recording cannot be performed. Its `Display` is meant for the visitor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AudioError {
    /// Nothing but zeros, or nearly.
    #[error("The file is silent: choose a recording in which somebody sings or speaks.")]
    Silent,
    /// Sound, but no singing or speech in it.
    #[error("No singing or speech was found in this file: choose a recording in which a voice stands out.")]
    NoVoice,
    /// Hardly a syllable long.
    #[error("The recording is shorter than {SHORTEST} seconds: choose a longer one.")]
    TooShort,
    /// Longer than the page performs at once.
    #[error("The recording is longer than {minutes} minutes: cut out the part that is to be sung and try again.")]
    TooLong {
        /// The limit in minutes.
        minutes: u32,
    },
    /// A sample rate that no recording has.
    #[error("The recording has an unusual sample rate ({rate} Hz): save it at 44100 or 48000 Hz and try again.")]
    BadRate {
        /// Samples a second.
        rate: u32,
    },
    /// No channel, more than two, or channels of different lengths.
    #[error("The recording has other than one or two channels: save it in stereo and try again.")]
    BadChannels,
    /// Samples that are not numbers.
    #[error("The recording is damaged, some of its samples are not numbers: save it again from where it came.")]
    Broken,
}
