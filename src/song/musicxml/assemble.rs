//! From bars to a [`Score`]: one clock in seconds, one singer, the rest accompaniment.

use super::clock::Clock;
use super::dynamics::Loudness;
use super::heading;
use super::line::{Line, Reading, line};
use super::measure::{Measure, State, read_measure};
use super::singers::{self, Candidate};
use super::unfold::{Marks, Played, unfold};
use super::{child, child_number, child_text};
use crate::song::score::{Choice, PlayedNote, PlayedPart, SungNote};
use crate::song::words::fit::UNREADABLE;
use crate::song::words::{Language, is_unreadable};
use crate::song::{Score, ScoreError, VoiceType};
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The longest song, in minutes: a quarter of an hour of samples would strain a phone's memory.
const MAX_MINUTES: u32 = 10;
/// What a score without words is sung on.
const WORDLESS: &str = "la";

/// A part of the score.
pub(super) struct Part {
    pub name: String,
    pub program: Option<u8>,
    pub measures: Vec<Measure>,
}

/// Who of the singers found are wanted: how many there are and who is suggested in, indices out; those that do not exist
/// are left out, and the suggested one sings where nobody is left.
pub(super) type Cast<'a> = &'a dyn Fn(usize, usize) -> Vec<usize>;

/// Builds a score for each singer of the cast from a `score-partwise` or `score-timewise` root, all on the first one's clock; none
/// of them accompanies. Without a choice, words are required.
pub(super) fn assemble(root: Node<'_, '_>, choice: Option<&Choice>, cast: Cast<'_>) -> Result<Vec<Score>, ScoreError> {
    let parts = read_parts(root)?;
    let mut remarks = Vec::new();
    let mut found = singers::with_words(&parts);
    let wordless = found.is_empty();
    if wordless && choice.is_some() {
        found = singers::without_words(&parts);
        remarks.push(format!("The score has no words: it is sung on “{WORDLESS}”. Type your own."));
    }
    let suggested = singers::suggested(&found).ok_or(ScoreError::NoLyrics)?;
    let choice = choice.copied().unwrap_or_default();
    // A choice made for another score falls back to what this one suggests.
    let chosen = choice.singer.filter(|&i| i < found.len()).unwrap_or(suggested);
    let mut cast = cast(found.len(), chosen);
    cast.retain(|&i| i < found.len());
    let lead = cast.first().copied().unwrap_or(chosen);
    if cast.is_empty() {
        cast.push(lead);
    }

    let mut played = order(&parts);
    let mut clock = Clock::new(&parts, found[lead].part, &played);
    let limit = f64::from(MAX_MINUTES) * 60.0;
    if clock.seconds(clock.end) > limit {
        let ends = clock.bars.iter().skip(1);
        let bars = ends.take_while(|end| clock.seconds(**end) <= limit).count();
        played.truncate(bars);
        if played.is_empty() {
            return Err(ScoreError::TooLong { limit_minutes: MAX_MINUTES });
        }
        clock = Clock::new(&parts, found[lead].part, &played);
        remarks.push(format!("Only the first {MAX_MINUTES} minutes of this score are sung."));
    }

    let loudness: Vec<Loudness> =
        parts.iter().map(|part| Loudness::new(&part.measures, &played, &clock.bars)).collect();
    let sing = |&index: &usize| {
        let singer = &found[index];
        // A singer without marks follows the first part that has some.
        let own = Some(&loudness[singer.part]).filter(|l| l.is_marked());
        let followed = own.or_else(|| loudness.iter().find(|l| l.is_marked())).unwrap_or(&loudness[singer.part]);
        line(&Reading {
            part: &parts[singer.part],
            singer,
            played: &played,
            clock: &clock,
            loudness: followed,
            verse: choice.verse,
            wordless: wordless.then_some(WORDLESS),
        })
    };
    let mut lines: Vec<Line> = cast.iter().map(sing).collect();
    if lines[0].notes.is_empty() {
        return Err(ScoreError::NoLyrics);
    }
    let (accompaniment, sung_by): (Vec<PlayedPart>, Vec<Option<usize>>) =
        accompaniment(&parts, &found, &cast, &lines, &played, &clock, &loudness).into_iter().unzip();
    let words = words(&lines[0].notes);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| is_unreadable(word)) {
        remarks.push(UNREADABLE.to_owned());
    }
    let language = stated_language(root).unwrap_or_else(|| Language::guess(&words));
    let score = |(&index, line): (&usize, &mut Line)| {
        let singer = &found[index];
        let voice = voice(&singer.singer.name, &parts[singer.part].name, &mut line.notes);
        Score {
            title: heading::title(root),
            composer: heading::creator(root, "composer"),
            lyricist: heading::creator(root, "lyricist"),
            language,
            voice,
            notes: std::mem::take(&mut line.notes),
            accompaniment: accompaniment.clone(),
            sung_by: sung_by.clone(),
            beats: clock.beats(&parts[found[lead].part], &played),
            duration: clock.seconds(clock.end),
            singers: found.iter().map(|c| c.singer.clone()).collect(),
            singer: index,
            remarks: remarks.clone(),
        }
    };
    Ok(cast.iter().zip(&mut lines).map(score).collect())
}

/// The bars in the order they are played.
fn order(parts: &[Part]) -> Vec<Played> {
    let bars = parts.iter().map(|p| p.measures.len()).max().unwrap_or(0);
    let mut marks = vec![Marks::default(); bars];
    for part in parts {
        for (mark, measure) in marks.iter_mut().zip(&part.measures) {
            mark.merge(measure);
        }
    }
    unfold(marks)
}

/// The voice that suits the line: from its name, else from its range. Men's parts in a treble clef without its 8 are
/// written an octave above where they sound.
fn voice(singer: &str, part: &str, notes: &mut [SungNote]) -> VoiceType {
    let pitches = || notes.iter().map(|n| n.pitch).collect::<Vec<f32>>();
    let Some(voice) = VoiceType::from_name(singer).or_else(|| VoiceType::from_name(part)) else {
        return VoiceType::for_range(pitches());
    };
    if matches!(voice, VoiceType::Tenor | VoiceType::Bass) && voice.octaves_from(pitches()) < 0.0 {
        notes.iter_mut().for_each(|n| n.pitch -= 12.0);
    }
    voice
}

fn read_parts(root: Node<'_, '_>) -> Result<Vec<Part>, ScoreError> {
    // A score-timewise has its bars outside and its parts inside; both come down to the same list.
    let mut order: Vec<&str> = Vec::new();
    let mut measures: BTreeMap<&str, Vec<Node<'_, '_>>> = BTreeMap::new();
    for outer in root.children().filter(Node::is_element) {
        for inner in outer.children().filter(Node::is_element) {
            let (part, measure) = match (outer.tag_name().name(), inner.tag_name().name()) {
                ("part", "measure") => (outer, inner),
                ("measure", "part") => (inner, inner),
                _ => continue,
            };
            let id = part.attribute("id").unwrap_or("");
            if !measures.contains_key(id) {
                order.push(id);
            }
            measures.entry(id).or_default().push(measure);
        }
    }
    let list = child(root, "part-list");
    order
        .into_iter()
        .map(|id| {
            let about = list.and_then(|list| list.children().find(|n| n.attribute("id") == Some(id)));
            let instrument = about.and_then(|n| child(n, "midi-instrument"));
            // Channel 10 is the drum kit's: what looks like pitches there are instruments.
            let drums = instrument.and_then(|n| child_number(n, "midi-channel")) == Some(10.0);
            let mut state = State::default();
            let nodes = measures.get(id).map(Vec::as_slice).unwrap_or_default();
            let mut measures: Vec<Measure> =
                nodes.iter().map(|&node| read_measure(node, &mut state)).collect::<Result<_, _>>()?;
            if drums {
                measures.iter_mut().for_each(|m| m.notes.clear());
            }
            Ok(Part {
                name: about.and_then(|n| child_text(n, "part-name")).unwrap_or_default().to_owned(),
                program: instrument
                    .and_then(|n| child_number(n, "midi-program"))
                    .filter(|program| (1.0..=128.0).contains(program))
                    .map(|program| program as u8),
                measures,
            })
        })
        .collect()
}

/// What the others play, and what of the cast's own parts is not sung; each with the one singer it stands for.
fn accompaniment(
    parts: &[Part],
    singers: &[Candidate],
    cast: &[usize],
    lines: &[Line],
    played: &[Played],
    clock: &Clock,
    loudness: &[Loudness],
) -> Vec<(PlayedPart, Option<usize>)> {
    let mut accompaniment = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let here = || cast.iter().zip(lines).filter(|(singer, _)| singers[**singer].part == i).map(|(_, line)| line);
        let others: Vec<usize> = (0..singers.len()).filter(|s| !cast.contains(s) && singers[*s].part == i).collect();
        let stands_for = if let [only] = others[..] { Some(only) } else { None };
        let sung: BTreeSet<(usize, usize)> = here().flat_map(|line| &line.sung).copied().collect();
        let mut notes = played_notes(part, played, clock, &loudness[i], &sung);
        here().for_each(|line| notes.extend(&line.left));
        notes.sort_by(|a, b| a.start.total_cmp(&b.start));
        if !notes.is_empty() {
            let part = PlayedPart { name: part.name.clone(), program: part.program, notes };
            accompaniment.push((part, stands_for));
        }
    }
    accompaniment
}

fn played_notes(
    part: &Part,
    played: &[Played],
    clock: &Clock,
    loudness: &Loudness,
    sung: &BTreeSet<(usize, usize)>,
) -> Vec<PlayedNote> {
    let mut notes: Vec<PlayedNote> = Vec::new();
    // Sounding tied notes by pitch and voice: where in `notes` they are.
    let mut open: BTreeMap<(i32, u32), usize> = BTreeMap::new();
    for (p, &bar) in played.iter().zip(&clock.bars) {
        let Some(measure) = part.measures.get(p.index) else { continue };
        for (_, note) in measure.notes.iter().enumerate().filter(|(k, _)| !sung.contains(&(p.index, *k))) {
            let from = bar + note.onset;
            let (start, end) = (clock.seconds(from), clock.seconds(from + note.length * note.sounding));
            let key = ((note.pitch * 100.0) as i32, note.voice);
            let tied = open.remove(&key).filter(|&i| note.tie_stop && (notes[i].end - start).abs() < 0.01);
            let index = tied.unwrap_or(notes.len());
            match tied {
                Some(i) => notes[i].end = end,
                None => {
                    let accent = if note.accent || note.onset < 1e-6 { 1.12 } else { 1.0 };
                    let loudness = (loudness.at(from) * accent).min(1.0);
                    notes.push(PlayedNote { start, end, pitch: note.pitch, loudness });
                }
            }
            if note.tie_start {
                open.insert(key, index);
            }
        }
    }
    notes
}

/// The syllables put together again.
fn words(notes: &[SungNote]) -> Vec<String> {
    let mut words = vec![String::new()];
    for syllable in notes.iter().filter_map(|n| n.syllable.as_ref()) {
        if let Some(word) = words.last_mut() {
            word.push_str(&syllable.text);
        }
        if !syllable.joined {
            words.push(String::new());
        }
    }
    words
}

/// `<lyric-language>` in the defaults, or `xml:lang` on any lyric's text.
fn stated_language(root: Node<'_, '_>) -> Option<Language> {
    const LANG: (&str, &str) = ("http://www.w3.org/XML/1998/namespace", "lang");
    let defaults = child(root, "defaults").and_then(|n| child(n, "lyric-language"));
    let lyric = || root.descendants().find(|n| n.has_tag_name("text") && n.has_attribute(LANG));
    defaults.or_else(lyric).and_then(|n| n.attribute(LANG)).and_then(Language::from_code)
}
