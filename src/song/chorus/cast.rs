//! Who sings what: the arrangement's answer for each member.

use super::line::{self, Line};
use super::quirks::Quirks;
use super::{Casting, ChorusError};
use crate::clip::ensemble::Arrangement;
use crate::song::score::Choice;
use crate::song::setting::{self, Setting};
use crate::song::{Language, Performance, Score, ScoreError, VoiceType, timeline};

/// Voices of one kind with one line that are sung one by one. In a choir nobody hears whether a fifth is a copy, and each costs
/// as much as the first.
const DISTINCT: usize = 4;

/// One singer.
pub(super) struct Part {
    /// Index into [`Score::singers`].
    pub singer: usize,
    pub voice: VoiceType,
    pub line: Line,
    pub quirks: Quirks,
    /// The member whose voice this is, or of whose voice it is a copy: itself, or one before it.
    pub source: usize,
    /// Members of the same number sing sample for sample alike where they sing the same.
    pub alike: usize,
    /// -1 left to 1 right.
    pub pan: f32,
}

/// A score with everybody's line.
pub(super) struct Cast {
    /// As performed; its notes are the lead's whole line.
    pub lead: Score,
    /// The lead's whole line.
    pub whole: Line,
    pub parts: Vec<Part>,
    /// Seconds.
    pub duration: f64,
    pub language: Language,
}

/// Reads the score and gives every member a line.
pub(super) fn cast(
    bytes: &[u8],
    lyrics: Option<&str>,
    choice: &Choice,
    casting: &Casting,
    performance: &Performance,
) -> Result<Cast, ChorusError> {
    let members = &casting.members;
    let in_parts = casting.arrangement == Arrangement::Parts;
    // Whose line a member sings, of `count` singers.
    let own = |k: usize, count: usize| members[k].singer.filter(|&s| s < count).unwrap_or(k % count.max(1));
    let distinct = |count: usize, chosen: usize| {
        let mut wanted = Vec::new();
        for k in 0..members.len() {
            let singer = if in_parts { own(k, count) } else { chosen };
            if !wanted.contains(&singer) {
                wanted.push(singer);
            }
        }
        wanted
    };
    let mut scores = Score::read_lines(bytes, choice, &distinct)?;
    if let Some(lyrics) = lyrics {
        for score in scores.iter_mut().filter(|score| !score.notes.is_empty()) {
            *score = score.with_lyrics(lyrics)?;
        }
    }
    let first = scores.iter().filter_map(|score| score.notes.first()).map(|n| n.start).fold(f64::INFINITY, f64::min);
    let setting = Setting::new(if first.is_finite() { first } else { 0.0 }, performance);
    let Some(lead) = scores.first() else { return Err(ScoreError::NoLyrics.into()) };
    let language = performance.language.unwrap_or(lead.language);
    let count = lead.singers.len();

    let mut parts: Vec<Part> = Vec::new();
    let mut lead_line = None;
    let mut duration = 0f64;
    for (k, member) in members.iter().enumerate() {
        let singer = if in_parts { own(k, count) } else { lead.singer };
        let score = scores.iter().find(|score| score.singer == singer).unwrap_or(lead);
        let voice = member.voice.or(performance.voice);
        let set = setting.set(score, voice);
        duration = duration.max(setting::duration(&set));
        let mut line = Line { timeline: timeline::timeline(&set, language), notes: set.notes.clone() };
        let voice = voice.unwrap_or(score.voice);
        if k == 0 {
            lead_line = Some((set.clone(), line.clone()));
        }
        let mut together = f64::NEG_INFINITY;
        if casting.arrangement == Arrangement::Turns {
            let (phrase, phrases) = line::phrases(&set);
            let last = |number: usize| number + 1 == phrases;
            let finale = line.timeline.units.iter().find(|unit| last(phrase[unit.notes.start]));
            together = finale.map_or(together, |unit| unit.start);
            line = line.only(|unit| {
                let number = phrase[unit.notes.start];
                last(number) || number % members.len() == k
            });
        }
        let mut quirks = match casting.alike {
            true => Quirks::none(performance.seed),
            false => Quirks::of(performance.seed, k, duration),
        };
        // Others who sing the same in the same voice.
        let same: Vec<usize> = (0..k).filter(|&j| (parts[j].singer, parts[j].voice) == (singer, voice)).collect();
        let enough = if casting.alike { 1 } else { DISTINCT };
        // In turns all lines differ, and who rests costs little.
        let source = match casting.arrangement {
            Arrangement::Turns => k,
            _ if same.len() < enough => k,
            _ => same[same.len() % enough],
        };
        if source != k {
            quirks = quirks.in_time_with(&parts[source].quirks);
        }
        quirks.apply(&mut line, together);
        let alike = if casting.alike { same.first().copied().unwrap_or(k) } else { k };
        let pan = member.pan.filter(|pan| pan.is_finite()).unwrap_or_else(|| place(k, members.len()));
        parts.push(Part { singer, voice, line, quirks, source, alike, pan: pan.clamp(-1.0, 1.0) });
    }
    let Some((lead, whole)) = lead_line else { return Err(ScoreError::NoLyrics.into()) };
    Ok(Cast { lead, whole, parts, duration, language })
}

/// Where one of `count` stands in a row.
fn place(k: usize, count: usize) -> f32 {
    const WIDTH: f32 = 0.6;
    if count < 2 { 0.0 } else { WIDTH * (2.0 * k as f32 / (count - 1) as f32 - 1.0) }
}
