//! Who can sing in a score: every part with words, and every voice with words of its own where a staff has several.

use super::assemble::Part;
use super::measure::Measure;
use crate::song::VoiceType;
use crate::song::score::Singer;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who can sing.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub part: usize,
    /// Voice within the part.
    pub voice: u32,
    /// The only singer of the part: where another voice has the words for a few bars, it is still this singer.
    alone: bool,
    pub singer: Singer,
    /// Only for parts without words: share of its moments that are single notes, and median pitch.
    melodious: (f32, f32),
}

/// Of a part's voices, those with at least this share of the main one's syllables are singers of their own.
const OWN_WORDS: f32 = 0.25;
/// As many words as the main singer's, as good as.
const NEARLY: f32 = 0.85;
/// At least this share of a melody's moments are single notes.
const SINGLE: f32 = 0.8;

/// The singers of a score with words, in the order of its parts and voices.
pub(super) fn with_words(parts: &[Part]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let mut syllables: BTreeMap<u32, usize> = BTreeMap::new();
        let mut verses: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for note in part.measures.iter().flat_map(|m| &m.notes).filter(|n| !n.lyrics.is_empty()) {
            *syllables.entry(note.voice).or_default() += 1;
            verses.entry(note.voice).or_default().extend(note.lyrics.iter().map(|l| l.0));
        }
        let most = syllables.values().copied().max().unwrap_or(0);
        syllables.retain(|_, n| *n as f32 >= OWN_WORDS * most as f32);
        let names = names(&part.name, syllables.len());
        let alone = syllables.len() == 1;
        for ((voice, syllables), name) in syllables.into_iter().zip(names) {
            let verses = verses.get(&voice).map_or(1, |set| set.len() as u32);
            let singer = Singer { name, syllables, verses };
            found.push(Candidate { part: i, voice, alone, singer, melodious: (1.0, 0.0) });
        }
    }
    tell_apart(&mut found);
    found
}

/// The voices of a score without words that could sing one, in the order of its parts.
pub(super) fn without_words(parts: &[Part]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        // Main voice of the part: the one with the most notes.
        let mut pitches: BTreeMap<u32, Vec<f32>> = BTreeMap::new();
        let mut moments = 0;
        for note in part.measures.iter().flat_map(|m| &m.notes) {
            pitches.entry(note.voice).or_default().push(note.pitch);
            moments += usize::from(!note.chord);
        }
        let all: usize = pitches.values().map(Vec::len).sum();
        let Some((voice, mut pitches)) = pitches.into_iter().max_by_key(|(_, list)| list.len()) else { continue };
        let single = (2 * moments) as f32 / all as f32 - 1.0;
        pitches.sort_by(f32::total_cmp);
        let name = names(&part.name, 1).remove(0);
        let singer = Singer { name, syllables: 0, verses: 0 };
        found.push(Candidate { part: i, voice, alone: false, singer, melodious: (single, pitches[pitches.len() / 2]) });
    }
    tell_apart(&mut found);
    found
}

/// Who sings where the visitor has not chosen. With words: the one with the most syllables, or one printed above it with
/// nearly as many, for in a choir the top voice has the tune. Without words: the highest melody.
pub(super) fn suggested(found: &[Candidate]) -> Option<usize> {
    let most = found.iter().map(|c| c.singer.syllables).max()?;
    if most > 0 {
        return found.iter().position(|c| c.singer.syllables as f32 >= NEARLY * most as f32);
    }
    let melody = |c: &Candidate| c.melodious.0 >= SINGLE;
    (0..found.len()).max_by(|&a, &b| {
        let (x, y) = (&found[a], &found[b]);
        let pitch = || x.melodious.1.total_cmp(&y.melodious.1);
        melody(x).cmp(&melody(y)).then_with(pitch).then(b.cmp(&a))
    })
}

impl Candidate {
    /// The voice it sings in this bar: its own; where that is silent or the words are elsewhere, the one with words.
    pub(super) fn voice_in(&self, measure: &Measure) -> u32 {
        let words = |voice| measure.notes.iter().filter(|n| n.voice == voice && !n.lyrics.is_empty()).count();
        let own = measure.notes.iter().any(|n| n.voice == self.voice);
        if own && (!self.alone || words(self.voice) > 0) {
            return self.voice;
        }
        let voices: BTreeSet<u32> = measure.notes.iter().map(|n| n.voice).collect();
        let worded = voices.into_iter().filter(|&v| words(v) > 0).max_by_key(|&v| (words(v), std::cmp::Reverse(v)));
        worded.unwrap_or(self.voice)
    }
}

/// What `count` singers of one part are called: "Soprano/Alto" names two.
fn names(part: &str, count: usize) -> Vec<String> {
    let part: String = part.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
    let part = if part.chars().any(char::is_alphanumeric) { part } else { "Voice".to_owned() };
    if count == 1 {
        return vec![part];
    }
    let separated = part.replace(" and ", "/").replace(" und ", "/").replace(" et ", "/");
    let mut pieces: Vec<String> = separated
        .split(['/', '&', ',', '+', ';'])
        .map(|piece| piece.trim().to_owned())
        .filter(|piece| !piece.is_empty())
        .collect();
    // "Soprano Alto", "S A".
    let bare: Vec<String> = separated.split(' ').map(str::to_owned).collect();
    let voices = |name: &String| name.chars().count() == 1 || VoiceType::from_name(name).is_some();
    if pieces.len() != count && bare.iter().all(voices) {
        pieces = bare;
    }
    if pieces.len() != count {
        pieces = (1..=count).map(|n| format!("{part} {n}")).collect();
    }
    pieces
}

/// Numbers singers of the same name.
fn tell_apart(found: &mut [Candidate]) {
    let names: Vec<String> = found.iter().map(|c| c.singer.name.clone()).collect();
    for (i, candidate) in found.iter_mut().enumerate() {
        if names.iter().filter(|name| **name == names[i]).count() > 1 {
            let nth = names[..=i].iter().filter(|name| **name == names[i]).count();
            candidate.singer.name = format!("{} {nth}", names[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_voices_on_a_staff_have_names() {
        assert_eq!(names("Soprano/Alto", 2), ["Soprano", "Alto"]);
        assert_eq!(names("Soprano\nAlto", 2), ["Soprano", "Alto"]);
        assert_eq!(names("Tenor & Bass", 2), ["Tenor", "Bass"]);
        assert_eq!(names("Chor der Männer", 2), ["Chor der Männer 1", "Chor der Männer 2"]);
        assert_eq!(names("MusicXML Part", 2), ["MusicXML Part 1", "MusicXML Part 2"]);
        assert_eq!(names("", 1), ["Voice"]);
    }
}
