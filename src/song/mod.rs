//! A score becomes a song: phoneme timeline, singing voice, accompaniment, and the motion track that goes with them.
//!
//! In: the bytes of a MusicXML file ([`Score::read`]), and perhaps other words ([`Score::with_lyrics`]). Out:
//! [`perform`] gives [`Sung`]: samples and a [`Track`]. One timeline drives all of them, so that lips, voice and
//! captions agree by construction. [`Chorus`] is the same for up to nine portraits: one mix, and a track for each.
//!
//! [`musicxml`] reads; [`words`] turns syllables into phonemes; [`timeline`] sets them on the beat; [`voice`] sings;
//! [`band`] plays; [`motion`] moves the face. Everything is deterministic for a seed and nothing knows about portraits.

mod band;
mod bearing;
mod chorus;
mod error;
mod motion;
mod musicxml;
mod score;
mod setting;
mod timeline;
mod voice;
mod voice_type;
mod words;

pub use chorus::{Casting, Chorus, ChorusError, Concert, Member};
pub use error::ScoreError;
pub use score::{Beat, Choice, PlayedNote, PlayedPart, Score, Singer, SungNote, Syllable};
pub use voice_type::VoiceType;
pub use words::Language;

use crate::clip::Track;
use bearing::Bearing;
use setting::Setting;

/// How to perform a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// Seed of everything random: blinks, gaze, breath, the unevenness of the voice.
    pub seed: u32,
    /// The singing voice; the score's own if none. Another voice sings in the octave that suits it.
    pub voice: Option<VoiceType>,
    /// The language of the words; the score's own if none.
    pub language: Option<Language>,
    /// Depth of the vibrato, 1 the voice type's usual one, 0 none.
    pub vibrato: f32,
    /// The performance dial, 0..2: 0 shy (small mouth, eyes down and aside, plain soft voice), 1 usual, 2 opera (large
    /// vowels, brows and head rising with the music, deep vibrato, wide dynamics). Lips meet on p, b, m everywhere.
    pub expressiveness: f32,
    /// Semitones by which voice and accompaniment are moved, at most two octaves either way.
    pub transpose: f32,
    /// Factor on the tempo, 0.5..=2; 1 is as written. The pitch stays.
    pub tempo: f32,
    /// Loudness of the accompaniment against its usual level under the voice, dB; `f32::NEG_INFINITY` for none.
    pub accompaniment_db: f32,
}

impl Default for Performance {
    fn default() -> Self {
        Performance {
            seed: 1,
            voice: None,
            language: None,
            vibrato: 1.0,
            expressiveness: 1.0,
            transpose: 0.0,
            tempo: 1.0,
            accompaniment_db: 0.0,
        }
    }
}

/// A performed song.
#[derive(Debug, Clone, PartialEq)]
pub struct Sung {
    /// Samples a second.
    pub sample_rate: u32,
    /// The voice alone: mono, no reverberation, -1..1.
    pub voice: Vec<f32>,
    /// Voice, accompaniment and room: stereo, interleaved left and right, -1..1, peaks below -1 dBFS.
    pub mix: Vec<f32>,
    /// Face, head and gaze, with words, beats and phonemes. It lasts as long as the sound.
    pub track: Track,
    /// Title of the score; may be empty.
    pub title: String,
    /// Voice that sang.
    pub voice_type: VoiceType,
    /// Language it sang in.
    pub language: Language,
}

/// Sings a score; the whole song at once, some thirty times faster than it lasts on one core.
///
/// # Errors
/// [`ScoreError::NoLyrics`] if no note has a syllable (a [`Score`] built by hand).
pub fn perform(score: &Score, performance: &Performance) -> Result<Sung, ScoreError> {
    if score.notes.iter().all(|n| n.syllable.is_none()) {
        return Err(ScoreError::NoLyrics);
    }
    let voice_type = performance.voice.unwrap_or(score.voice);
    let language = performance.language.unwrap_or(score.language);
    let bearing = Bearing::new(performance.expressiveness);
    let first = score.notes.first().map_or(0.0, |n| n.start);
    let score = Setting::new(first, performance).set(score, performance.voice);
    let timeline = timeline::timeline(&score, language);
    let duration = setting::duration(&score);
    let manner = voice::Manner::of(voice_type, language, performance, &bearing);
    let mut voice = voice::sing(&score.notes, &timeline, &manner, duration).finish();
    band::level(&mut voice, duration);
    let mut band = band::Band::new(score.accompaniment.clone(), duration);
    while !band.advance() {}
    let mix = band.mix(performance.accompaniment_db, |i| [voice[i]; 2]);
    let track = motion::track(&score, &timeline, &voice, duration, bearing, performance.seed);
    Ok(Sung { sample_rate: voice::SAMPLE_RATE as u32, voice, mix, track, title: score.title, voice_type, language })
}
