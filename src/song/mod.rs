//! A score becomes a song: phoneme timeline, singing voice, accompaniment, and the motion track that goes with them.
//!
//! In: the bytes of a MusicXML file ([`Score::read`]), and perhaps other words ([`Score::with_lyrics`]). Out:
//! [`perform`] gives [`Sung`]: samples and a [`Track`]. One timeline drives all of them, so that lips, voice and
//! captions agree by construction.
//!
//! [`musicxml`] reads; [`words`] turns syllables into phonemes; [`timeline`] sets them on the beat; [`voice`] sings;
//! [`band`] plays; [`motion`] moves the face. Everything is deterministic for a seed and nothing knows about portraits.

mod band;
mod bearing;
mod error;
mod motion;
mod musicxml;
mod score;
mod timeline;
mod voice;
mod voice_type;
mod words;

pub use error::ScoreError;
pub use score::{Beat, Choice, PlayedNote, PlayedPart, Score, Singer, SungNote, Syllable};
pub use voice_type::VoiceType;
pub use words::Language;

use crate::clip::Track;
use bearing::Bearing;

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

/// Room for a first breath and consonant before the first note, seconds.
const LEAD_IN: f64 = 0.5;
/// Room for the last chord to ring, seconds.
const TAIL: f64 = 0.9;

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
    let score = prepared(score, performance);
    let timeline = timeline::timeline(&score, language);
    // A whole number of motion samples, so that track and sound end together.
    let steps = ((score.duration + TAIL) * motion::RATE).ceil();
    let duration = steps / motion::RATE;
    let vibrato = performance.vibrato * bearing.vibrato;
    let manner =
        voice::Manner { voice: voice_type, language, vibrato, dynamics: bearing.dynamics, seed: performance.seed };
    let voice = voice::sing(&score.notes, &timeline, &manner, duration);
    let (voice, mix) = band::mix(voice, &score.accompaniment, duration, performance.accompaniment_db);
    let track = motion::track(&score, &timeline, &voice, duration, bearing, performance.seed);
    Ok(Sung { sample_rate: voice::SAMPLE_RATE as u32, voice, mix, track, title: score.title, voice_type, language })
}

/// The score moved to where the voice can sing it: in its octave, transposed, at the tempo asked for, with room before
/// the first note.
fn prepared(score: &Score, performance: &Performance) -> Score {
    let mut score = score.clone();
    if let Some(voice) = performance.voice {
        let octaves = voice.octaves_from(score.notes.iter().map(|n| n.pitch).collect());
        score.notes.iter_mut().for_each(|n| n.pitch += 12.0 * octaves);
    }
    // What is no number asks for nothing.
    let sound = |value: f32, usual: f32| if value.is_finite() { value } else { usual };
    let transpose = sound(performance.transpose, 0.0).clamp(-24.0, 24.0);
    let stretch = 1.0 / f64::from(sound(performance.tempo, 1.0).clamp(0.5, 2.0));
    let first = score.notes.first().map_or(0.0, |n| n.start) * stretch;
    let shift = (LEAD_IN - first).max(0.0);
    let time = |t: f64| t * stretch + shift;
    for note in &mut score.notes {
        (note.start, note.end, note.pitch) = (time(note.start), time(note.end), note.pitch + transpose);
    }
    for note in score.accompaniment.iter_mut().flat_map(|part| &mut part.notes) {
        (note.start, note.end, note.pitch) = (time(note.start), time(note.end), note.pitch + transpose);
    }
    score.beats.iter_mut().for_each(|beat| beat.time = time(beat.time));
    score.duration = time(score.duration);
    score
}
