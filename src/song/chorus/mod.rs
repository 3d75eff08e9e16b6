//! Several portraits sing one song: in unison, in parts, or by turns.
//!
//! [`Chorus::new`] reads the score and says who sings what ([`cast`]); [`Chorus::step`] does the work a piece at a time, so that
//! a page can show progress and stop between two pieces; [`Chorus::finish`] gives the [`Concert`]: one mix, a track for
//! each. All have one clock and end together.
//!
//! The first member leads and sings exactly as it would alone; the others have [`quirks`]. Voices are added to the stage one
//! after the other, so that nine of a long song need little more memory than one.

mod cast;
mod levels;
mod line;
mod quirks;

use super::band::{self, Band};
use super::bearing::Bearing;
use super::score::Choice;
use super::voice::{self, Manner, SAMPLE_RATE, Singing};
use super::{Language, Performance, Score, ScoreError, VoiceType, motion};
use crate::clip::ensemble::{Arrangement, EnsembleError, seats};
use crate::clip::{Track, Word};
use cast::{Cast, Part};
use levels::Level;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Seconds of song that one step sings: some 0.05 s of work in a browser.
const PIECE: f64 = 1.0;
/// What the rest costs against singing a second.
const PLACING: f64 = 0.15;
const PLAYING: f64 = 0.15;
const MIXING: f64 = 0.3;
/// Change of loudness, dB, that the whole range of [`SungNote::loudness`](super::SungNote::loudness) stands for.
const DYNAMICS_DB: f32 = 16.0;

/// Who sings, and what.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Casting {
    /// Who sings when.
    pub arrangement: Arrangement,
    /// All move and sound exactly alike; otherwise they differ a little in blinks, gaze, sway, timing, loudness and tuning.
    pub alike: bool,
    /// One to [`MOST`](crate::clip::ensemble::MOST) singers, one a portrait.
    pub members: Vec<Member>,
}

/// One of the singers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Member {
    /// Its voice; if none the [`Performance`]'s, else the one that suits its line.
    pub voice: Option<VoiceType>,
    /// Whose line it takes in [`Arrangement::Parts`], an index into [`Score::singers`]; if none, or if there is no such
    /// singer, the first member takes the first line and so on, round and round. Other arrangements do not look at it.
    pub singer: Option<usize>,
    /// Where it is heard, -1 left to 1 right; if none, members stand in a row from left to right.
    pub pan: Option<f32>,
}

/// Why a chorus cannot sing. Messages are for the visitor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChorusError {
    /// Too few or too many members.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
    /// The score cannot be sung.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// A song as a chorus has performed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Concert {
    /// Samples a second.
    pub sample_rate: u32,
    /// All voices in their places, accompaniment and room: stereo, interleaved left and right, -1..1, peaks below -1 dBFS.
    pub mix: Vec<f32>,
    /// A track for each member, all as long as the sound, with the words and phonemes of its own line and everybody's beats.
    pub tracks: Vec<Track>,
    /// When each member sings, in stretches from and to seconds; rests under half a second do not end one.
    pub singing: Vec<Vec<[f32; 2]>>,
    /// The words of the whole song in order, for captions: in parts the first member's.
    pub words: Vec<Word>,
    /// Title of the score; may be empty.
    pub title: String,
    /// Language it was sung in.
    pub language: Language,
    /// Each member's voice.
    pub voices: Vec<VoiceType>,
    /// Whose line each member sang, an index into [`Score::singers`].
    pub singers: Vec<usize>,
}

enum Task {
    /// A member's voice, sung piece by piece.
    Sing(usize),
    /// A member's place on the stage, and its track.
    Place(usize),
    /// The next part of the accompaniment.
    Play,
    Mix,
}

/// A chorus at work.
pub struct Chorus {
    cast: Cast,
    performance: Performance,
    bearing: Bearing,
    levels: Vec<Level>,
    tasks: VecDeque<Task>,
    /// Work done, and in all; in the time that a second of singing takes.
    done: f64,
    work: f64,
    singing: Option<Singing>,
    /// The voice sung last, levelled.
    voice: Vec<f32>,
    /// All voices so far, left and right.
    stage: [Vec<f32>; 2],
    band: Band,
    mix: Vec<f32>,
    tracks: Vec<Track>,
}

impl Chorus {
    /// Reads a score (MusicXML, plain or compressed) and gives everybody a line; `lyrics` are other words for all of them.
    /// `choice` says which verse, and but in parts whose line, is sung. One member alone sings what
    /// [`perform`](super::perform) gives.
    ///
    /// # Errors
    /// [`ChorusError`]
    pub fn new(
        score: &[u8],
        lyrics: Option<&str>,
        choice: &Choice,
        casting: &Casting,
        performance: &Performance,
    ) -> Result<Chorus, ChorusError> {
        let members = seats(casting.members.len())?;
        let mut cast = cast::cast(score, lyrics, choice, casting, performance)?;
        let duration = cast.duration;
        let alike: Vec<usize> = cast.parts.iter().map(|part| part.alike).collect();
        let levels = levels::levels(&singing(&cast), &alike, duration);
        let band = Band::new(std::mem::take(&mut cast.lead.accompaniment), duration);

        let mut tasks = VecDeque::new();
        // A voice is followed by all who have it, so that one is kept at a time.
        for source in (0..members).filter(|&k| cast.parts[k].source == k) {
            tasks.push_back(Task::Sing(source));
            tasks.extend((source..members).filter(|&k| cast.parts[k].source == source).map(Task::Place));
        }
        let voices = cast.parts.iter().enumerate().filter(|(k, part)| part.source == *k).count();
        tasks.extend((0..band.parts()).map(|_| Task::Play));
        tasks.push_back(Task::Mix);
        let share = voices as f64 + members as f64 * PLACING + band.parts() as f64 * PLAYING + MIXING;
        let stage = [0, 1].map(|_| vec![0.0; band::frames(duration)]);
        Ok(Chorus {
            performance: *performance,
            bearing: Bearing::new(performance.expressiveness),
            levels,
            tasks,
            done: 0.0,
            work: share * duration,
            singing: None,
            voice: Vec::new(),
            stage,
            band,
            mix: Vec::new(),
            tracks: vec![Track::default(); members],
            cast,
        })
    }

    /// The score as it is performed, with the first member's whole line: its title, its lyrics, who can sing in it and what there
    /// is to remark.
    pub fn score(&self) -> &Score {
        &self.cast.lead
    }

    /// Does the next piece of the work, and says how much of it is done, 0..=1: at 1 there is nothing left to do.
    pub fn step(&mut self) -> f64 {
        let duration = self.cast.duration;
        match self.tasks.front() {
            None => return 1.0,
            Some(&Task::Sing(k)) => {
                if !self.sing(k) {
                    return self.done / self.work;
                }
            }
            Some(&Task::Place(k)) => {
                self.place(k);
                self.done += PLACING * duration;
            }
            Some(Task::Play) => {
                self.band.advance();
                self.done += PLAYING * duration;
            }
            Some(Task::Mix) => {
                let band = std::mem::replace(&mut self.band, Band::new(Vec::new(), 0.0));
                let [left, right] = std::mem::take(&mut self.stage);
                self.mix = band.mix(self.performance.accompaniment_db, |i| [left[i], right[i]]);
            }
        }
        self.tasks.pop_front();
        if self.tasks.is_empty() { 1.0 } else { self.done / self.work }
    }

    /// Does what is left and gives what was sung.
    pub fn finish(mut self) -> Concert {
        while self.step() < 1.0 {}
        Concert {
            sample_rate: SAMPLE_RATE as u32,
            mix: self.mix,
            tracks: self.tracks,
            singing: singing(&self.cast),
            words: motion::words(&self.cast.whole.timeline),
            title: self.cast.lead.title.clone(),
            language: self.cast.language,
            voices: self.cast.parts.iter().map(|part| part.voice).collect(),
            singers: self.cast.parts.iter().map(|part| part.singer).collect(),
        }
    }

    /// Sings on; whether the voice is whole.
    fn sing(&mut self, k: usize) -> bool {
        let Cast { parts, duration, language, .. } = &self.cast;
        let part = &parts[k];
        let frames = band::frames(*duration);
        if part.line.timeline.units.is_empty() {
            self.voice = vec![0.0; frames];
            self.done += duration;
            return true;
        }
        let singing = self.singing.get_or_insert_with(|| {
            let usual = Manner::of(part.voice, *language, &self.performance, &self.bearing);
            voice::sing(&part.line.notes, &part.line.timeline, &part.quirks.manner(usual), *duration)
        });
        let before = singing.seconds();
        let over = singing.advance(PIECE);
        self.done += singing.seconds().min(*duration) - before;
        if !over {
            return false;
        }
        self.voice = self.singing.take().map(Singing::finish).unwrap_or_default();
        band::level(&mut self.voice, *duration);
        true
    }

    /// Adds a voice to the stage and moves its face.
    fn place(&mut self, k: usize) {
        let Cast { parts, lead, whole, duration, .. } = &self.cast;
        let part = &parts[k];
        let source = &parts[part.source];
        let copied = part.source != k && part.alike == k;
        let copy = if copied { part.quirks.copy(&self.voice, &source.quirks) } else { Vec::new() };
        let voice = if copied { &copy } else { &self.voice };
        // Levelling makes soft lines as loud as loud ones: what the score asks for is put back.
        let dynamics = DYNAMICS_DB * self.bearing.dynamics * (part.line.loudness() - whole.loudness());
        let gain = part.quirks.gain * 10f32.powf(dynamics / 20.0);
        let [left, right] = band::pan_gains(part.pan).map(|side| side * gain);
        let [stage_left, stage_right] = &mut self.stage;
        for (i, (sample, (out_left, out_right))) in voice.iter().zip(stage_left.iter_mut().zip(stage_right)).enumerate()
        {
            let sample = sample * self.levels[k].at(i);
            *out_left += left * sample;
            *out_right += right * sample;
        }
        self.tracks[k] = if part.source != k && !copied {
            // Sample for sample the same singer.
            self.tracks[part.source].clone()
        } else {
            track(lead, part, voice, *duration, part.quirks.bearing(&self.bearing))
        };
    }
}

/// The motion of one singer.
fn track(lead: &Score, part: &Part, voice: &[f32], duration: f64, bearing: Bearing) -> Track {
    let mut score = Score { notes: part.line.notes.clone(), ..lead.clone() };
    // The body moves a little before or behind the beat, which itself stays where it is.
    score.beats.iter_mut().for_each(|beat| beat.time += part.quirks.sway);
    let mut track = motion::track(&score, &part.line.timeline, voice, duration, bearing, part.quirks.seed);
    track.beats = lead.beats.iter().map(|beat| beat.time as f32).collect();
    track
}

fn singing(cast: &Cast) -> Vec<Vec<[f32; 2]>> {
    cast.parts.iter().map(|part| part.line.singing()).collect()
}
