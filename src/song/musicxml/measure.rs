//! One part's bars: what is written between two barlines, with times in quarter notes from the bar's start.

use super::{child, child_number, child_text};
use crate::song::ScoreError;
use roxmltree::Node;

/// A written note (not a rest).
#[derive(Debug, Clone)]
pub(super) struct RawNote {
    /// Quarter notes from the bar's start.
    pub onset: f64,
    /// Quarter notes; 0 for a grace note.
    pub length: f64,
    /// MIDI number, sounding.
    pub pitch: f32,
    /// Voice within the part, as written.
    pub voice: u32,
    pub tie_start: bool,
    pub tie_stop: bool,
    pub grace: bool,
    pub fermata: bool,
    pub accent: bool,
    pub staccato: bool,
    /// A breath mark or caesura follows.
    pub breath: bool,
    /// Verse number and syllable.
    pub lyrics: Vec<(u32, RawSyllable)>,
}

/// A syllable as written under a note.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSyllable {
    /// Text; syllables elided into one note are joined by a no-break space.
    pub text: String,
    /// The word goes on in the next syllable.
    pub joined: bool,
}

/// What a bar holds for one part.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    /// Quarter notes: how far its content reaches.
    pub length: f64,
    /// Quarter notes the time signature asks for, and the beat's length.
    pub meter: (f64, f64),
    pub notes: Vec<RawNote>,
    /// Tempo marks: offset in quarter notes, quarter notes a minute.
    pub tempos: Vec<(f64, f64)>,
    /// Dynamic marks: offset in quarter notes, loudness 0..1.
    pub dynamics: Vec<(f64, f32)>,
    pub repeat_start: bool,
    /// Times the section ending here is played.
    pub repeat_end: Option<u32>,
    /// Passes for which the ending that starts here is played.
    pub ending_start: Option<Vec<u32>>,
    pub ending_stop: bool,
    pub jump: Jump,
}

/// Marks for jumps (`<sound>` attributes).
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Jump {
    pub da_capo: bool,
    pub dal_segno: bool,
    pub segno: bool,
    pub fine: bool,
    pub to_coda: bool,
    pub coda: bool,
}

/// What lasts from bar to bar.
#[derive(Debug, Clone)]
pub(super) struct State {
    divisions: f64,
    transpose: f32,
    meter: (f64, f64),
}

impl Default for State {
    fn default() -> Self {
        Self { divisions: 1.0, transpose: 0.0, meter: (4.0, 1.0) }
    }
}

/// Reads one bar.
pub(super) fn read_measure(node: Node<'_, '_>, state: &mut State) -> Result<Measure, ScoreError> {
    let number = node.attribute("number").unwrap_or("?").to_owned();
    let bad = |what, value: f64| ScoreError::BadNumber { what, value: value.to_string(), measure: number.clone() };
    let mut measure = Measure::default();
    let mut cursor = 0.0_f64;
    let mut chord_onset = 0.0;
    for item in node.children().filter(Node::is_element) {
        let length = || -> Result<f64, ScoreError> {
            let ticks = child_number(item, "duration").unwrap_or(0.0);
            let quarters = ticks / state.divisions;
            // A bar of a hundred whole notes exists nowhere; such numbers come from damaged files.
            if (0.0..=400.0).contains(&quarters) { Ok(quarters) } else { Err(bad("duration", ticks)) }
        };
        match item.tag_name().name() {
            "attributes" => read_attributes(item, state, &bad)?,
            "backup" => cursor = (cursor - length()?).max(0.0),
            "forward" => cursor += length()?,
            "note" => {
                let grace = child(item, "grace").is_some();
                let length = if grace { 0.0 } else { length()? };
                let onset = if child(item, "chord").is_some() { chord_onset } else { cursor };
                if let Some(pitch) = pitch(item) {
                    measure.notes.push(read_note(item, onset, length, pitch + state.transpose));
                }
                chord_onset = onset;
                cursor = cursor.max(onset + length);
            }
            "direction" => read_direction(item, cursor, state.divisions, &mut measure),
            "sound" => read_sound(item, cursor, &mut measure),
            "barline" => read_barline(item, &mut measure),
            _ => {}
        }
        measure.length = measure.length.max(cursor);
    }
    measure.meter = state.meter;
    Ok(measure)
}

fn read_attributes(
    node: Node<'_, '_>,
    state: &mut State,
    bad: &dyn Fn(&'static str, f64) -> ScoreError,
) -> Result<(), ScoreError> {
    if let Some(divisions) = child_number(node, "divisions") {
        if !(0.01..=1e6).contains(&divisions) {
            return Err(bad("number of divisions", divisions));
        }
        state.divisions = divisions;
    }
    if let Some(time) = child(node, "time") {
        // "3+2" is allowed for the beats.
        let beats = child_text(time, "beats").map(|b| b.split('+').filter_map(|n| n.trim().parse::<f64>().ok()).sum());
        let beat_type = child_number(time, "beat-type").filter(|n| (1.0..=64.0).contains(n));
        if let (Some(beats), Some(beat_type)) = (beats.filter(|b: &f64| (1.0..=64.0).contains(b)), beat_type) {
            let unit = 4.0 / beat_type;
            // In compound metres (6/8, 9/8, 3/8) the beat is three units long.
            let compound = beat_type >= 8.0 && beats % 3.0 == 0.0;
            state.meter = (beats * unit, if compound { 3.0 * unit } else { unit });
        }
    }
    if let Some(transpose) = child(node, "transpose") {
        let octaves = child_number(transpose, "octave-change").unwrap_or(0.0);
        state.transpose = (child_number(transpose, "chromatic").unwrap_or(0.0) + 12.0 * octaves) as f32;
    }
    Ok(())
}

/// MIDI number of a pitched note. Values outside a piano's compass are damage and count as no note.
fn pitch(note: Node<'_, '_>) -> Option<f32> {
    let pitch = child(note, "pitch")?;
    let step = match child_text(pitch, "step")? {
        "C" => 0.0,
        "D" => 2.0,
        "E" => 4.0,
        "F" => 5.0,
        "G" => 7.0,
        "A" => 9.0,
        "B" => 11.0,
        _ => return None,
    };
    let midi = step + 12.0 * (child_number(pitch, "octave")? + 1.0) + child_number(pitch, "alter").unwrap_or(0.0);
    (12.0..=120.0).contains(&midi).then_some(midi as f32)
}

fn read_note(node: Node<'_, '_>, onset: f64, length: f64, pitch: f32) -> RawNote {
    let tie = |kind| node.children().any(|n| n.has_tag_name("tie") && n.attribute("type") == Some(kind));
    let marks: Vec<&str> = node
        .children()
        .filter(|n| n.has_tag_name("notations"))
        .flat_map(|n| n.descendants())
        .map(|n| n.tag_name().name())
        .collect();
    let has = |names: &[&str]| names.iter().any(|name| marks.contains(name));
    let mut lyrics: Vec<(u32, RawSyllable)> = Vec::new();
    for lyric in node.children().filter(|n| n.has_tag_name("lyric")) {
        let verse = lyric.attribute("number").and_then(verse_number).unwrap_or(lyrics.len() as u32 + 1);
        if let Some(syllable) = read_lyric(lyric) {
            lyrics.push((verse, syllable));
        }
    }
    RawNote {
        onset,
        length,
        pitch,
        voice: child_number(node, "voice").map_or(1, |voice| voice.clamp(0.0, 1e3) as u32),
        tie_start: tie("start"),
        tie_stop: tie("stop"),
        grace: child(node, "grace").is_some(),
        fermata: has(&["fermata"]),
        accent: has(&["accent", "strong-accent"]),
        staccato: has(&["staccato", "staccatissimo"]),
        breath: has(&["breath-mark", "caesura"]),
        lyrics,
    }
}

/// "2", and also "part1verse2", as some exporters write.
fn verse_number(text: &str) -> Option<u32> {
    let digits = text.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn read_lyric(lyric: Node<'_, '_>) -> Option<RawSyllable> {
    let mut text = String::new();
    let mut joined = false;
    for item in lyric.children() {
        match item.tag_name().name() {
            "syllabic" => joined = matches!(item.text().map(str::trim), Some("begin" | "middle")),
            "elision" => text.push('\u{a0}'),
            "text" => {
                // Each text has one line under one note; longer ones are not lyrics.
                text.extend(item.text().unwrap_or_default().trim().chars().take(40));
            }
            _ => {}
        }
    }
    // "1. Sleep": the number of the verse is printed, not sung.
    let sung = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace());
    sung.chars().any(char::is_alphabetic).then(|| RawSyllable { text: sung.to_owned(), joined })
}

fn read_direction(node: Node<'_, '_>, cursor: f64, divisions: f64, measure: &mut Measure) {
    let offset = (cursor + child_number(node, "offset").unwrap_or(0.0) / divisions).max(0.0);
    let sound = child(node, "sound");
    if let Some(sound) = sound {
        read_sound(sound, offset, measure);
    }
    for item in node.children().filter(|n| n.has_tag_name("direction-type")).flat_map(|n| n.children()) {
        match item.tag_name().name() {
            "metronome" if sound.is_none_or(|s| s.attribute("tempo").is_none()) => {
                if let (Some(unit), Some(per_minute)) =
                    (child_text(item, "beat-unit").and_then(note_length), child_number(item, "per-minute"))
                {
                    let dotted = if child(item, "beat-unit-dot").is_some() { 1.5 } else { 1.0 };
                    measure.tempos.push((offset, per_minute * unit * dotted));
                }
            }
            "dynamics" => {
                let loudness = item.children().find_map(|mark| loudness(mark.tag_name().name()));
                measure.dynamics.extend(loudness.map(|loudness| (offset, loudness)));
            }
            "segno" => measure.jump.segno = true,
            "coda" => measure.jump.coda |= sound.is_none(),
            _ => {}
        }
    }
}

fn read_sound(sound: Node<'_, '_>, offset: f64, measure: &mut Measure) {
    let tempo = sound.attribute("tempo").and_then(|tempo| tempo.trim().parse().ok());
    measure.tempos.extend(tempo.filter(|tempo: &f64| tempo.is_finite()).map(|tempo| (offset, tempo)));
    let has = |name| sound.has_attribute(name);
    let jump = &mut measure.jump;
    jump.da_capo |= sound.attribute("dacapo") == Some("yes");
    jump.dal_segno |= has("dalsegno");
    jump.segno |= has("segno");
    jump.fine |= has("fine");
    jump.to_coda |= has("tocoda");
    jump.coda |= has("coda");
}

fn read_barline(node: Node<'_, '_>, measure: &mut Measure) {
    if let Some(repeat) = child(node, "repeat") {
        match repeat.attribute("direction") {
            Some("forward") => measure.repeat_start = true,
            Some("backward") => {
                let times = repeat.attribute("times").and_then(|t| t.parse().ok()).unwrap_or(2);
                measure.repeat_end = Some(times.clamp(2, 8));
            }
            _ => {}
        }
    }
    if let Some(ending) = child(node, "ending") {
        if ending.attribute("type") == Some("start") {
            let numbers = ending.attribute("number").unwrap_or("1");
            measure.ending_start = Some(numbers.split([',', ' ']).filter_map(|n| n.trim().parse().ok()).collect());
        } else {
            measure.ending_stop = true;
        }
    }
}

/// Quarter notes in a `<beat-unit>`.
fn note_length(name: &str) -> Option<f64> {
    Some(match name {
        "whole" => 4.0,
        "half" => 2.0,
        "quarter" => 1.0,
        "eighth" => 0.5,
        "16th" => 0.25,
        _ => return None,
    })
}

/// Loudness of a dynamic mark, 0..1, in even steps of the MIDI velocities that MusicXML's `<sound dynamics>` names.
fn loudness(mark: &str) -> Option<f32> {
    Some(match mark {
        "ppp" | "pppp" => 0.2,
        "pp" => 0.3,
        "p" => 0.42,
        "mp" => 0.54,
        "mf" => 0.66,
        "f" | "sf" | "sfz" | "fz" => 0.8,
        "ff" => 0.9,
        "fff" | "ffff" => 1.0,
        "fp" => 0.5,
        _ => return None,
    })
}
