//! A score made ready to sing: one singer's notes with syllables, what the other parts play, all in seconds.

use super::words::{Language, fit, is_character};
use super::{ScoreError, VoiceType, musicxml};

/// A song on one clock. All times are seconds from the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Title of the work; may be empty.
    pub title: String,
    /// Composer; may be empty.
    pub composer: String,
    /// Poet; may be empty.
    pub lyricist: String,
    /// Language of the words: stated in the file, else guessed from them.
    pub language: Language,
    /// Voice that suits the part: from its name, else from its range.
    pub voice: VoiceType,
    /// The sung notes, in order, never overlapping.
    pub notes: Vec<SungNote>,
    /// What the other parts play.
    pub accompaniment: Vec<PlayedPart>,
    /// For each accompanying part the singer (of [`Score::singers`]) whose line it plays, if it plays just one's: what
    /// to leave out where that singer has a portrait of its own.
    pub sung_by: Vec<Option<usize>>,
    /// The beats.
    pub beats: Vec<Beat>,
    /// End of the last bar.
    pub duration: f64,
    /// Who can sing in this score, in the order of its parts. Without words: the parts that could sing some.
    pub singers: Vec<Singer>,
    /// Which of them sings.
    pub singer: usize,
    /// What the visitor should know about this reading, one plain sentence each; usually none.
    pub remarks: Vec<String>,
}

/// Somebody who can sing in a score: a part, or a voice of a part ("Soprano", "Alto" on one staff).
#[derive(Debug, Clone, PartialEq)]
pub struct Singer {
    /// The part's name, numbered where two are called the same.
    pub name: String,
    /// Notes with words; 0 in a score without words.
    pub syllables: usize,
    /// Verses written under them; 0 in a score without words.
    pub verses: u32,
}

/// Who sings what. The default is what the score itself suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// Index into [`Score::singers`]; the one with the most words if none, or if there is no such singer.
    pub singer: Option<usize>,
    /// The verse sung in every pass, from 1; if none, the passes through a repeated section take their verses in turn.
    pub verse: Option<u32>,
}

/// A note of the singing part.
#[derive(Debug, Clone, PartialEq)]
pub struct SungNote {
    /// Seconds: when its vowel starts.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// MIDI number (69 = 440 Hz).
    pub pitch: f32,
    /// Loudness asked for by the score's dynamics, 0..1.
    pub loudness: f32,
    /// Accented, or the first of a bar.
    pub accent: bool,
    /// The singer breathes after it: a rest or a breath mark follows.
    pub breath: bool,
    /// What is sung; none while the previous syllable is held (a melisma).
    pub syllable: Option<Syllable>,
}

/// A syllable under a note.
#[derive(Debug, Clone, PartialEq)]
pub struct Syllable {
    /// As written, with its punctuation.
    pub text: String,
    /// The word goes on in the next syllable.
    pub joined: bool,
}

/// A part that plays along.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedPart {
    /// Name as written in the score.
    pub name: String,
    /// General MIDI program, 1..=128, where the score states one.
    pub program: Option<u8>,
    /// Its notes, ordered by start.
    pub notes: Vec<PlayedNote>,
}

/// A note of an accompanying part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlayedNote {
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// MIDI number.
    pub pitch: f32,
    /// Loudness, 0..1.
    pub loudness: f32,
}

/// A beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// Seconds.
    pub time: f64,
    /// The first of its bar.
    pub downbeat: bool,
}

impl Score {
    /// Reads a MusicXML score, plain or compressed (`.mxl`). The part with the most syllables sings.
    ///
    /// # Errors
    /// Every [`ScoreError`] but `NoWords`; see there.
    pub fn read(bytes: &[u8]) -> Result<Score, ScoreError> {
        Score::read_one(bytes, None)
    }

    /// Reads a score with the visitor's choice of singer and verse. A score without words is sung on "la", which
    /// [`Score::remarks`] says, so that [`Score::with_lyrics`] can put words to it: without a choice the highest
    /// melody sings.
    ///
    /// # Errors
    /// As for [`Score::read`]; [`ScoreError::NoLyrics`] only where there is not a single note to sing.
    pub fn read_choosing(bytes: &[u8], choice: &Choice) -> Result<Score, ScoreError> {
        Score::read_one(bytes, Some(choice))
    }

    /// Reads the lines of several singers, a score each, with one clock (the first one's) and one accompaniment, in which
    /// none of them is played. `cast` says who sings: the number of singers and the one chosen or suggested in, indices into
    /// [`Score::singers`] out; if none of these exists, the one suggested sings.
    ///
    /// # Errors
    /// As for [`Score::read_choosing`], of the first one's line; the others' may be empty.
    pub fn read_lines(
        bytes: &[u8],
        choice: &Choice,
        cast: &dyn Fn(usize, usize) -> Vec<usize>,
    ) -> Result<Vec<Score>, ScoreError> {
        musicxml::read(bytes, Some(choice), cast)
    }

    fn read_one(bytes: &[u8], choice: Option<&Choice>) -> Result<Score, ScoreError> {
        let mut scores = musicxml::read(bytes, choice, &|_, chosen| vec![chosen])?;
        scores.pop().ok_or(ScoreError::NoLyrics)
    }

    /// The words, one line a phrase (phrases end where the singer breathes), without syllable hyphens.
    pub fn lyrics(&self) -> String {
        let mut text = String::new();
        let mut line_start = true;
        let mut joined = false;
        for (i, note) in self.notes.iter().enumerate() {
            if let Some(syllable) = &note.syllable {
                // Chinese is written without spaces.
                let chinese = text.ends_with(|c| is_character(c) || "，、".contains(c))
                    && syllable.text.starts_with(is_character);
                if !(line_start || joined || chinese) {
                    text.push(' ');
                }
                text.push_str(&syllable.text.replace('\u{a0}', " "));
                joined = syllable.joined;
                line_start = false;
            }
            if note.breath && !joined && i + 1 < self.notes.len() && !line_start {
                text.push('\n');
                line_start = true;
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// The same tune with other words. Words are cut into syllables by rule, or where the text has hyphens
    /// ("ba-na-na"); a word the score already had keeps the score's own syllables.
    ///
    /// With as many lines as the tune has phrases each line goes to its phrase; otherwise the words flow through
    /// the whole song and start again when the notes outlast them. Where syllables outnumber notes, melismas and then
    /// the longest notes are divided.
    ///
    /// # Errors
    /// [`ScoreError::NoWords`] if the text has no letters.
    pub fn with_lyrics(&self, text: &str) -> Result<Score, ScoreError> {
        fit::with_lyrics(self, text)
    }

    /// The phrases: ranges of notes between breaths, in order.
    pub(super) fn phrases(&self) -> Vec<std::ops::Range<usize>> {
        let mut phrases = Vec::new();
        let mut start = 0;
        for (i, note) in self.notes.iter().enumerate() {
            let word_ends = {
                let last = self.notes[start..=i].iter().rev().find_map(|n| n.syllable.as_ref());
                last.is_none_or(|syllable| !syllable.joined)
            };
            if (note.breath && word_ends) || i + 1 == self.notes.len() {
                phrases.push(start..i + 1);
                start = i + 1;
            }
        }
        phrases
    }
}
