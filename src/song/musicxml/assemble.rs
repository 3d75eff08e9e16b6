//! From bars to a [`Score`]: one clock in seconds, one singer, the rest accompaniment.

use super::measure::{Measure, RawNote, RawSyllable, State, read_measure};
use super::unfold::{Marks, Played, unfold};
use super::{child, child_number, child_text};
use crate::song::score::{Beat, PlayedNote, PlayedPart, SungNote, Syllable};
use crate::song::words::Language;
use crate::song::{Score, ScoreError, VoiceType};
use roxmltree::Node;
use std::collections::BTreeMap;

/// The longest song, in minutes: a quarter of an hour of samples would strain a phone's memory.
const MAX_MINUTES: u32 = 10;
/// Quarter notes a minute where the score gives no tempo.
const DEFAULT_TEMPO: f64 = 100.0;
/// How much longer a note under a fermata is held.
const FERMATA: f64 = 1.6;

struct Part {
    name: String,
    program: Option<u8>,
    measures: Vec<Measure>,
}

/// Builds the score from a `score-partwise` or `score-timewise` root.
pub(super) fn assemble(root: Node<'_, '_>) -> Result<Score, ScoreError> {
    let parts = read_parts(root)?;
    let singer = parts
        .iter()
        .enumerate()
        .map(|(i, part)| (part.measures.iter().flat_map(|m| &m.notes).filter(|n| !n.lyrics.is_empty()).count(), i))
        .max_by_key(|&(syllables, i)| (syllables, std::cmp::Reverse(i)))
        .filter(|&(syllables, _)| syllables > 0)
        .map(|(_, i)| i)
        .ok_or(ScoreError::NoLyrics)?;

    let bars = parts.iter().map(|p| p.measures.len()).max().unwrap_or(0);
    let mut marks = vec![Marks::default(); bars];
    for part in &parts {
        for (mark, measure) in marks.iter_mut().zip(&part.measures) {
            mark.merge(measure);
        }
    }
    let played = unfold(&marks);
    let clock = Clock::new(&parts, singer, &played);
    let duration = clock.seconds(clock.end);
    if duration > f64::from(MAX_MINUTES) * 60.0 {
        return Err(ScoreError::TooLong { limit_minutes: MAX_MINUTES });
    }

    let notes = sung_notes(&parts[singer], &played, &clock);
    if notes.is_empty() {
        return Err(ScoreError::NoLyrics);
    }
    let accompaniment = parts
        .iter()
        .enumerate()
        .filter(|&(i, _)| i != singer)
        .map(|(_, part)| PlayedPart {
            name: part.name.clone(),
            program: part.program,
            notes: played_notes(part, &played, &clock),
        })
        .filter(|part| !part.notes.is_empty())
        .collect();
    let language = stated_language(root).unwrap_or_else(|| {
        let words = words(&notes);
        Language::guess(&words.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let pitches = notes.iter().map(|n| n.pitch).collect();
    Ok(Score {
        title: title(root),
        composer: creator(root, "composer"),
        lyricist: creator(root, "lyricist"),
        language,
        voice: VoiceType::from_name(&parts[singer].name).unwrap_or_else(|| VoiceType::for_range(pitches)),
        notes,
        accompaniment,
        beats: clock.beats(&parts[singer], &played),
        duration,
    })
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
            let mut state = State::default();
            let nodes = measures.get(id).map(Vec::as_slice).unwrap_or_default();
            Ok(Part {
                name: about.and_then(|n| child_text(n, "part-name")).unwrap_or_default().to_owned(),
                program: instrument
                    .and_then(|n| child_number(n, "midi-program"))
                    .filter(|program| (1.0..=128.0).contains(program))
                    .map(|program| program as u8),
                measures: nodes.iter().map(|&node| read_measure(node, &mut state)).collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// Quarter notes of the bars as played, and the seconds they fall on.
struct Clock {
    /// Start of each played bar, quarter notes.
    bars: Vec<f64>,
    /// Quarter notes.
    end: f64,
    /// (quarter note, seconds, seconds a quarter note), ascending.
    tempo: Vec<(f64, f64, f64)>,
}

impl Clock {
    fn new(parts: &[Part], singer: usize, played: &[Played]) -> Clock {
        let mut bars = Vec::with_capacity(played.len());
        let mut end = 0.0;
        // Tempo marks, and the spans that a fermata slows down.
        let mut marks = vec![(0.0, DEFAULT_TEMPO)];
        let mut held: Vec<(f64, f64)> = Vec::new();
        for p in played {
            bars.push(end);
            let here = || parts.iter().filter_map(|part| part.measures.get(p.index));
            for &(offset, tempo) in here().flat_map(|m| &m.tempos) {
                marks.push((end + offset, tempo.clamp(10.0, 500.0)));
            }
            let sung = parts[singer].measures.get(p.index).map(|m| m.notes.as_slice()).unwrap_or_default();
            held.extend(sung.iter().filter(|n| n.fermata).map(|n| (end + n.onset, end + n.onset + n.length)));
            let longest = here().map(|m| m.length).fold(0.0, f64::max);
            // An empty bar still lasts what its metre says.
            end += if longest > 0.0 { longest } else { here().map(|m| m.meter.0).fold(0.0, f64::max) };
        }
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let slow = |q: f64| if held.iter().any(|&(from, to)| q >= from && q < to) { FERMATA } else { 1.0 };
        let mut edges: Vec<f64> = marks.iter().map(|m| m.0).chain(held.iter().flat_map(|h| [h.0, h.1])).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let mut tempo: Vec<(f64, f64, f64)> = Vec::new();
        for q in edges {
            let mark = marks.iter().rev().find(|m| m.0 <= q).map_or(DEFAULT_TEMPO, |m| m.1);
            let seconds = tempo.last().map_or(0.0, |&(q0, t0, per)| t0 + (q - q0) * per);
            tempo.push((q, seconds, 60.0 / mark * slow(q)));
        }
        Clock { bars, end, tempo }
    }

    fn seconds(&self, quarter: f64) -> f64 {
        let at = self.tempo.partition_point(|t| t.0 <= quarter).saturating_sub(1);
        let (q, seconds, per) = self.tempo[at];
        seconds + (quarter - q) * per
    }

    fn beats(&self, part: &Part, played: &[Played]) -> Vec<Beat> {
        let mut beats = Vec::new();
        for (i, p) in played.iter().enumerate() {
            let end = self.bars.get(i + 1).copied().unwrap_or(self.end);
            let (bar, beat) = part.measures.get(p.index).map_or((4.0, 1.0), |m| m.meter);
            // A pickup's beats are counted from its end, where the full bar's last beats would be.
            let short = (bar - (end - self.bars[i])).max(0.0);
            let mut at = if i == 0 { (short / beat).ceil() * beat - short } else { 0.0 };
            while at < end - self.bars[i] - 1e-6 {
                let downbeat = at == 0.0 && !(i == 0 && short > 1e-6);
                beats.push(Beat { time: self.seconds(self.bars[i] + at), downbeat });
                at += beat;
            }
        }
        beats
    }
}

/// The voice that sings in this bar: the one with words; without words the part's main voice.
fn singing_voice(measure: &Measure, main: u32) -> u32 {
    let words = |voice| measure.notes.iter().filter(|n| n.voice == voice && !n.lyrics.is_empty()).count();
    let mut voices: Vec<u32> = measure.notes.iter().map(|n| n.voice).collect();
    voices.sort_unstable();
    voices.dedup();
    voices.into_iter().filter(|&v| words(v) > 0).max_by_key(|&v| (words(v), v == main)).unwrap_or(main)
}

fn sung_notes(part: &Part, played: &[Played], clock: &Clock) -> Vec<SungNote> {
    let mut count: BTreeMap<u32, usize> = BTreeMap::new();
    for note in part.measures.iter().flat_map(|m| &m.notes).filter(|n| !n.lyrics.is_empty()) {
        *count.entry(note.voice).or_default() += 1;
    }
    let main = count.iter().max_by_key(|(_, n)| **n).map_or(1, |(voice, _)| *voice);
    let mut notes: Vec<SungNote> = Vec::new();
    // Quarter note where the last note ends, and whether a tie leads on from it.
    let (mut last_end, mut tied) = (f64::NEG_INFINITY, false);
    let mut loudness = 0.66;
    for (p, &bar) in played.iter().zip(&clock.bars) {
        let Some(measure) = part.measures.get(p.index) else { continue };
        let voice = singing_voice(measure, main);
        let mut line: Vec<&RawNote> =
            measure.notes.iter().filter(|n| n.voice == voice && !n.grace && n.length > 0.0).collect();
        // Of a chord the top note is sung; its words may hang on any of them.
        line.sort_by(|a, b| a.onset.total_cmp(&b.onset).then(b.pitch.total_cmp(&a.pitch)));
        let mut at = 0;
        while at < line.len() {
            let note = line[at];
            let chord = line[at..].iter().take_while(|n| n.onset == note.onset).count();
            let lyric = line[at..at + chord].iter().find_map(|n| verse(&n.lyrics, p.pass));
            at += chord;
            let start = bar + note.onset;
            let end = start + line.get(at).map_or(note.length, |next| note.length.min(next.onset - note.onset));
            for &(_, mark) in measure.dynamics.iter().filter(|d| d.0 <= note.onset + 1e-6) {
                loudness = mark;
            }
            let contiguous = (start - last_end).abs() < 1e-3;
            if let Some(last) = notes.last_mut() {
                if contiguous && tied && note.tie_stop && last.pitch == note.pitch && lyric.is_none() {
                    last.end = clock.seconds(end);
                    last.breath = note.breath;
                    (last_end, tied) = (end, note.tie_start);
                    continue;
                }
                if start < last_end - 1e-3 {
                    continue;
                }
                last.breath |= !contiguous;
            }
            let syllable = lyric.map(|s| Syllable { text: s.text.clone(), joined: s.joined });
            notes.push(SungNote {
                start: clock.seconds(start),
                end: clock.seconds(end),
                pitch: note.pitch,
                loudness,
                accent: note.accent || note.onset < 1e-6,
                breath: note.breath,
                syllable,
            });
            (last_end, tied) = (end, note.tie_start);
        }
    }
    // Notes before the first word would have nothing to sing.
    let first = notes.iter().position(|n| n.syllable.is_some()).unwrap_or(notes.len());
    notes.drain(..first);
    if let Some(last) = notes.last_mut() {
        last.breath = true;
    }
    notes
}

/// The syllable of this pass's verse, else of the first verse there is.
fn verse(lyrics: &[(u32, RawSyllable)], pass: u32) -> Option<&RawSyllable> {
    let exact = lyrics.iter().find(|(number, _)| *number == pass);
    exact.or_else(|| lyrics.iter().min_by_key(|(number, _)| *number)).map(|(_, syllable)| syllable)
}

fn played_notes(part: &Part, played: &[Played], clock: &Clock) -> Vec<PlayedNote> {
    let mut notes: Vec<PlayedNote> = Vec::new();
    // Sounding tied notes by pitch and voice: where in `notes` they are.
    let mut open: BTreeMap<(i32, u32), usize> = BTreeMap::new();
    let mut loudness = 0.66;
    for (p, &bar) in played.iter().zip(&clock.bars) {
        let Some(measure) = part.measures.get(p.index) else { continue };
        for note in measure.notes.iter().filter(|n| !n.grace && n.length > 0.0) {
            for &(_, mark) in measure.dynamics.iter().filter(|d| d.0 <= note.onset + 1e-6) {
                loudness = mark;
            }
            let sounding = note.length * if note.staccato { 0.5 } else { 1.0 };
            let (start, end) = (clock.seconds(bar + note.onset), clock.seconds(bar + note.onset + sounding));
            let key = ((note.pitch * 100.0) as i32, note.voice);
            let tied = open.remove(&key).filter(|&i| note.tie_stop && (notes[i].end - start).abs() < 0.01);
            let index = tied.unwrap_or(notes.len());
            match tied {
                Some(i) => notes[i].end = end,
                None => {
                    let accent = if note.accent || note.onset < 1e-6 { 1.12 } else { 1.0 };
                    notes.push(PlayedNote { start, end, pitch: note.pitch, loudness: (loudness * accent).min(1.0) });
                }
            }
            if note.tie_start {
                open.insert(key, index);
            }
        }
    }
    notes.sort_by(|a, b| a.start.total_cmp(&b.start));
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

/// The movement's own title where there is one: the work's is often a whole collection's.
fn title(root: Node<'_, '_>) -> String {
    let work = child(root, "work").and_then(|n| child_text(n, "work-title"));
    let text = child_text(root, "movement-title").or(work).unwrap_or_default();
    text.chars().take(120).collect()
}

fn creator(root: Node<'_, '_>, kind: &str) -> String {
    let identification = child(root, "identification");
    let creator = identification.and_then(|n| n.children().find(|c| c.attribute("type") == Some(kind)));
    creator.and_then(|n| n.text()).unwrap_or_default().trim().chars().take(120).collect()
}

/// `<lyric-language>` in the defaults, or `xml:lang` on any lyric's text.
fn stated_language(root: Node<'_, '_>) -> Option<Language> {
    const LANG: (&str, &str) = ("http://www.w3.org/XML/1998/namespace", "lang");
    let defaults = child(root, "defaults").and_then(|n| child(n, "lyric-language"));
    let lyric = || root.descendants().find(|n| n.has_tag_name("text") && n.has_attribute(LANG));
    defaults.or_else(lyric).and_then(|n| n.attribute(LANG)).and_then(Language::from_code)
}
