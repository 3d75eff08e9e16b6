//! What stands above and below the staff: tempo, dynamics, hairpins, jumps, repeats.

use super::measure::Measure;
use super::note::note_length;
use super::{child, child_number, child_text};
use roxmltree::Node;

/// A tempo mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tempo {
    /// Quarter notes a minute, stated.
    Exact(f64),
    /// Beats a minute that a word such as "Allegro" stands for.
    Word(f64),
    /// "rit.", "accel.": a little slower or faster for a while.
    Bend(f64),
    /// "a tempo": the last tempo stated, again.
    Back,
}

/// A dynamic mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Dynamic {
    /// From here on this loud, 0..1.
    Level(f32),
    /// The note here is struck (sfz, fp).
    Accent,
    /// A hairpin opens (1) or closes (-1) from here on.
    Hairpin(f32),
    /// It ends.
    HairpinEnd,
}

/// Marks for jumps (`<sound>` attributes, or words).
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Jump {
    pub da_capo: bool,
    pub dal_segno: bool,
    pub segno: bool,
    pub fine: bool,
    pub to_coda: bool,
    pub coda: bool,
}

pub(super) fn read_direction(node: Node<'_, '_>, cursor: f64, divisions: f64, measure: &mut Measure) {
    let offset = (cursor + child_number(node, "offset").unwrap_or(0.0) / divisions).clamp(0.0, 400.0);
    let sound = child(node, "sound");
    if let Some(sound) = sound {
        read_sound(sound, offset, measure);
    }
    let stated = sound.is_some_and(|s| s.has_attribute("tempo"));
    let jumps = sound.is_some_and(|s| {
        ["dacapo", "dalsegno", "segno", "fine", "tocoda", "coda"].iter().any(|name| s.has_attribute(*name))
    });
    let mut levelled = false;
    for item in node.children().filter(|n| n.has_tag_name("direction-type")).flat_map(|n| n.children()) {
        match item.tag_name().name() {
            "metronome" if !stated => {
                measure.tempos.extend(metronome(item).map(|tempo| (offset, Tempo::Exact(tempo))));
            }
            "dynamics" => {
                for mark in item.children().filter(Node::is_element) {
                    let (level, accent) = dynamic(mark.tag_name().name());
                    levelled |= level.is_some();
                    measure.dynamics.extend(level.map(|level| (offset, Dynamic::Level(level))));
                    measure.dynamics.extend(accent.then_some((offset, Dynamic::Accent)));
                }
            }
            "wedge" => measure.dynamics.extend(match item.attribute("type") {
                Some("crescendo") => Some((offset, Dynamic::Hairpin(1.0))),
                Some("diminuendo") => Some((offset, Dynamic::Hairpin(-1.0))),
                Some("stop") => Some((offset, Dynamic::HairpinEnd)),
                _ => None,
            }),
            "words" => {
                let words = item.text().unwrap_or_default().trim().to_lowercase();
                if !stated {
                    measure.tempos.extend(tempo_word(&words).map(|tempo| (offset, tempo)));
                }
                if !jumps {
                    read_jump_words(&words, &mut measure.jump);
                }
            }
            "segno" => measure.jump.segno = true,
            // The same sign stands where the jump leaves and where it lands; `unfold` tells them apart.
            "coda" if !jumps => measure.jump.coda = true,
            _ => {}
        }
    }
    if !levelled && let Some(dynamics) = sound.and_then(|s| s.attribute("dynamics")?.trim().parse::<f32>().ok()) {
        // MusicXML counts in percent of a forte, whose MIDI velocity is 90; 120 is as loud as music is written.
        measure.dynamics.push((offset, Dynamic::Level((dynamics * 0.9 / 120.0).clamp(0.1, 1.0))));
    }
}

pub(super) fn read_sound(sound: Node<'_, '_>, offset: f64, measure: &mut Measure) {
    let tempo = sound.attribute("tempo").and_then(|tempo| tempo.trim().parse().ok());
    let tempo = tempo.filter(|tempo: &f64| tempo.is_finite() && *tempo > 0.0);
    measure.tempos.extend(tempo.map(|tempo| (offset, Tempo::Exact(tempo))));
    let has = |name| sound.has_attribute(name);
    let jump = &mut measure.jump;
    jump.da_capo |= sound.attribute("dacapo") == Some("yes");
    jump.dal_segno |= has("dalsegno");
    jump.segno |= has("segno");
    jump.fine |= has("fine");
    jump.to_coda |= has("tocoda");
    jump.coda |= has("coda");
}

/// "D.C. al Fine" and its kin, for exporters that write words only.
fn read_jump_words(words: &str, jump: &mut Jump) {
    let plain: String = words.chars().filter(|c| c.is_alphabetic() || *c == ' ').collect();
    let plain = plain.trim();
    jump.da_capo |= plain.starts_with("da capo") || plain == "dc" || plain.starts_with("dc al");
    jump.dal_segno |= plain.starts_with("dal segno") || plain == "ds" || plain.starts_with("ds al");
    jump.fine |= plain == "fine";
    jump.to_coda |= plain.starts_with("to coda") || plain.starts_with("alla coda");
    jump.coda |= plain == "coda";
}

/// Quarter notes a minute of a metronome mark; "ca. 72-80" counts as 72.
fn metronome(node: Node<'_, '_>) -> Option<f64> {
    let text = child_text(node, "per-minute")?;
    let number: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let per_minute: f64 = number.trim_end_matches('.').parse().ok().filter(|n| *n > 0.0)?;
    let dots = node.children().filter(|n| n.has_tag_name("beat-unit-dot")).count() as i32;
    Some(per_minute * note_length(child_text(node, "beat-unit")?)? * (2.0 - 0.5f64.powi(dots)))
}

/// What a tempo word asks for: beats a minute in the middle of what metronomes print beside it.
fn tempo_word(words: &str) -> Option<Tempo> {
    // Longer words first where one begins another.
    const WORDS: &[(&str, f64)] = &[
        ("larghetto", 63.0),
        ("larg", 50.0),
        ("grave", 42.0),
        ("lento", 54.0),
        ("lent", 56.0),
        ("adagietto", 70.0),
        ("adagio", 66.0),
        ("andantino", 84.0),
        ("andante", 76.0),
        ("moderat", 104.0),
        ("modéré", 104.0),
        ("mäßig", 96.0),
        ("mässig", 96.0),
        ("allegretto", 112.0),
        ("allegr", 132.0),
        ("vivac", 156.0),
        ("vif", 150.0),
        ("vite", 150.0),
        ("prestissimo", 192.0),
        ("presto", 176.0),
        ("sehr langsam", 46.0),
        ("langsam", 60.0),
        ("ruhig", 66.0),
        ("gehend", 80.0),
        ("etwas bewegt", 96.0),
        ("bewegt", 112.0),
        ("lebhaft", 138.0),
        ("munter", 126.0),
        ("schnell", 152.0),
        ("slow", 63.0),
        ("moderate", 104.0),
        ("brisk", 132.0),
        ("lively", 132.0),
        ("fast", 152.0),
        ("waltz", 168.0),
        ("march", 116.0),
    ];
    let starts = |list: &[&str]| list.iter().any(|start| words.starts_with(start));
    if starts(&["a tempo", "tempo i", "tempo 1", "tempo primo", "im tempo"]) {
        return Some(Tempo::Back);
    }
    if starts(&["rit", "rall", "slentando", "allarg", "calando", "morendo", "langsamer"]) {
        return Some(Tempo::Bend(0.84));
    }
    if starts(&["accel", "string", "schneller"]) {
        return Some(Tempo::Bend(1.15));
    }
    // Only what the mark begins with: "Allegretto", "Sehr langsam", "Nicht zu schnell" is not fast.
    let first = words.strip_prefix("molto ").or(words.strip_prefix("poco ")).unwrap_or(words);
    let first = first.strip_prefix("ziemlich ").or(first.strip_prefix("etwas ")).unwrap_or(first);
    WORDS.iter().find(|(word, _)| first.starts_with(word)).map(|&(_, beats)| Tempo::Word(beats))
}

pub(super) fn read_barline(node: Node<'_, '_>, measure: &mut Measure) {
    if let Some(repeat) = child(node, "repeat") {
        match repeat.attribute("direction") {
            Some("forward") => measure.repeat_start = true,
            Some("backward") => {
                let times: Option<u32> = repeat.attribute("times").and_then(|t| t.trim().parse().ok());
                measure.repeat_end = Some(times.map(|times| times.clamp(1, 8)));
            }
            _ => {}
        }
    }
    if let Some(ending) = child(node, "ending") {
        if ending.attribute("type") == Some("start") {
            measure.ending_start = Some(ending_numbers(ending.attribute("number").unwrap_or("1")));
        } else {
            measure.ending_stop = true;
        }
    }
}

/// "1", "1, 2" and "1-3" as lists of passes.
fn ending_numbers(text: &str) -> Vec<u32> {
    let mut passes = Vec::new();
    for piece in text.split([',', ' ', '.']).filter(|piece| !piece.is_empty()) {
        let mut ends = piece.split('-').filter_map(|n| n.trim().parse::<u32>().ok()).map(|n| n.clamp(1, 8));
        if let Some(from) = ends.next() {
            passes.extend(from..=ends.next().unwrap_or(from).max(from));
        }
    }
    passes
}

/// Level of a dynamic mark, 0..1, in even steps of the MIDI velocities that MusicXML's `<sound dynamics>` names, and
/// whether it strikes its note.
fn dynamic(mark: &str) -> (Option<f32>, bool) {
    match mark {
        "ppp" | "pppp" | "ppppp" => (Some(0.2), false),
        "pp" => (Some(0.3), false),
        "p" => (Some(0.42), false),
        "mp" => (Some(0.54), false),
        "mf" => (Some(0.66), false),
        "f" => (Some(0.8), false),
        "ff" => (Some(0.9), false),
        "fff" | "ffff" | "fffff" => (Some(1.0), false),
        "sf" | "sfz" | "fz" | "sffz" | "rf" | "rfz" => (None, true),
        "fp" | "sfp" | "pf" => (Some(0.42), true),
        "sfpp" => (Some(0.3), true),
        _ => (None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metronomes_are_read() {
        let read = |xml: &str| metronome(roxmltree::Document::parse(xml).expect("XML").root_element());
        let mark = |unit: &str, rest: &str| format!("<metronome><beat-unit>{unit}</beat-unit>{rest}</metronome>");
        assert_eq!(read(&mark("quarter", "<beat-unit-dot/><per-minute>60</per-minute>")), Some(90.0));
        assert_eq!(read(&mark("half", "<per-minute>ca. 72-80</per-minute>")), Some(144.0));
        assert_eq!(read(&mark("quarter", "<per-minute>fast</per-minute>")), None);
    }

    #[test]
    fn words_are_tempos_and_jumps() {
        assert_eq!(tempo_word("allegretto grazioso"), Some(Tempo::Word(112.0)));
        assert_eq!(tempo_word("molto adagio"), Some(Tempo::Word(66.0)));
        assert_eq!(tempo_word("sehr langsam"), Some(Tempo::Word(46.0)));
        assert_eq!(tempo_word("a tempo"), Some(Tempo::Back));
        assert_eq!(tempo_word("rit."), Some(Tempo::Bend(0.84)));
        assert_eq!(tempo_word("con espressione"), None);
        let jump = |words: &str| {
            let mut jump = Jump::default();
            read_jump_words(words, &mut jump);
            jump
        };
        assert!(jump("d.c. al fine").da_capo && jump("d.s. al coda").dal_segno && jump("to coda").to_coda);
        assert!(jump("fine").fine && !jump("d.c. al fine").fine && jump("finesse") == Jump::default());
    }

    #[test]
    fn endings_are_lists() {
        assert_eq!(ending_numbers("1, 2"), [1, 2]);
        assert_eq!(ending_numbers("1-3"), [1, 2, 3]);
        assert_eq!(ending_numbers("2."), [2]);
        assert_eq!(ending_numbers("1-4000000000").len(), 8);
    }
}
