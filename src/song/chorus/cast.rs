//! Who sings what: the arrangement's answer for each member.

use super::line::Line;
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
    /// Pitch of the line's first note, MIDI number: it tells octaves apart.
    pub height: f32,
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
    let scores = lines(bytes, lyrics, choice, casting)?;
    let Some(lead) = scores.first() else { return Err(ScoreError::NoLyrics.into()) };
    let first = scores.iter().filter_map(|score| score.notes.first()).map(|n| n.start).fold(f64::INFINITY, f64::min);
    let setting = Setting::new(if first.is_finite() { first } else { 0.0 }, performance);
    let language = performance.language.unwrap_or(lead.language);
    // In the octave of the voice that a member has been asked for.
    let set = |k: usize| {
        let singer =
            if casting.arrangement == Arrangement::Parts { own(casting, k, lead.singers.len()) } else { lead.singer };
        let score = scores.iter().find(|score| score.singer == singer).unwrap_or(lead);
        let voice = casting.members[k].voice.or(performance.voice);
        let set = setting.set(score, voice);
        let line = Line { timeline: timeline::timeline(&set, language), notes: set.notes.clone() };
        Set { voice: voice.unwrap_or(score.voice), score: set, line }
    };
    let Set { score: lead, line: whole, .. } = set(0);
    let mut parts: Vec<Part> = Vec::new();
    for k in 0..casting.members.len() {
        parts.push(part(set(k), &parts, casting, performance.seed));
    }
    let duration = setting::duration(&lead);
    Ok(Cast { lead, whole, parts, duration, language })
}

/// A score for each line that is sung, the first member's first.
fn lines(bytes: &[u8], lyrics: Option<&str>, choice: &Choice, casting: &Casting) -> Result<Vec<Score>, ScoreError> {
    let mut scores = Score::read_lines(bytes, choice, &|count, chosen| {
        if casting.arrangement != Arrangement::Parts {
            return vec![chosen];
        }
        let mut wanted = Vec::new();
        for singer in (0..casting.members.len()).map(|k| own(casting, k, count)) {
            if !wanted.contains(&singer) {
                wanted.push(singer);
            }
        }
        wanted
    })?;
    if let Some(lyrics) = lyrics {
        for score in scores.iter_mut().filter(|score| !score.notes.is_empty()) {
            *score = score.with_lyrics(lyrics)?;
        }
    }
    Ok(scores)
}

/// Whose line a member sings in parts, of `count` singers.
fn own(casting: &Casting, k: usize, count: usize) -> usize {
    casting.members[k].singer.filter(|&singer| singer < count).unwrap_or(k % count.max(1))
}

/// A line as performed, before anybody has quirks.
struct Set {
    score: Score,
    line: Line,
    voice: VoiceType,
}

/// The member after those cast `before`, who sings a line, or its turns.
fn part(Set { score, mut line, voice }: Set, before: &[Part], casting: &Casting, seed: u32) -> Part {
    let k = before.len();
    let Casting { arrangement, alike, ref members } = *casting;
    let mut quirks = if alike { Quirks::none(seed) } else { Quirks::of(seed, k, setting::duration(&score)) };
    let height = score.notes.first().map_or(0.0, |note| note.pitch);
    // Others who sing the same in the same voice and octave.
    let same = |other: &Part| (other.singer, other.voice, other.height) == (score.singer, voice, height);
    let same: Vec<usize> = (0..k).filter(|&j| same(&before[j])).collect();
    let enough = if alike { 1 } else { DISTINCT };
    let (mut source, mut together) = (k, f64::NEG_INFINITY);
    if arrangement == Arrangement::Turns {
        // All lines differ, and who rests costs little.
        (line, together) = line.turns(&score, k, members.len());
    } else if same.len() >= enough {
        source = same[same.len() % enough];
        quirks = quirks.in_time_with(&before[source].quirks);
    }
    quirks.apply(&mut line, together);
    Part {
        singer: score.singer,
        voice,
        height,
        line,
        quirks,
        source,
        alike: same.first().copied().filter(|_| alike).unwrap_or(k),
        pan: members[k].pan.filter(|pan| pan.is_finite()).map_or(place(k, members.len()), |pan| pan.clamp(-1.0, 1.0)),
    }
}

/// Where one of `count` stands in a row.
fn place(k: usize, count: usize) -> f32 {
    const WIDTH: f32 = 0.6;
    if count < 2 { 0.0 } else { WIDTH * (2.0 * k as f32 / (count - 1) as f32 - 1.0) }
}
