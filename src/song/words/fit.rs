//! Putting other words under a tune.

use super::syllable::{same_word, split_written};
use super::{is_unreadable, numbers};
use crate::song::score::{Score, SungNote, Syllable};
use crate::song::{Language, ScoreError};

/// What the visitor is told of words in other scripts.
pub(in crate::song) const UNREADABLE: &str =
    "Some words are in a script that is not read here (Latin, Cyrillic and Chinese are): they are sung on “a”.";

/// No note is divided into pieces shorter than this, seconds: a syllable needs that long.
const SHORTEST: f64 = 0.12;

/// See [`Score::with_lyrics`].
pub(in crate::song) fn with_lyrics(score: &Score, text: &str) -> Result<Score, ScoreError> {
    // A song has some thousands of syllables at most; a pasted book is cut off here.
    let text: String = text.chars().take(50_000).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let known = known_words(score);
    // A few new words among the old ones tell little; the language changes only if most words are new and there are
    // some of them, or their script tells.
    let old: Vec<String> = known.iter().map(|pieces| pieces.concat()).collect();
    let fresh: Vec<&str> = words.iter().copied().filter(|word| !old.iter().any(|o| same_word(o, word))).collect();
    let guess = Language::guess(&fresh);
    let told = fresh.len() > 2 || matches!(guess, Language::Russian | Language::Mandarin);
    let language = if fresh.len() * 2 > words.len() && told { guess } else { score.language };
    let syllables_of = |line: &str| -> Vec<Syllable> {
        let words = line.split_whitespace().flat_map(|word| match numbers::spoken(word, language) {
            Some(names) => names.into_iter().map(str::to_owned).collect(),
            None => vec![word.to_owned()],
        });
        words.flat_map(|word| syllables(&word, &known, language)).collect()
    };
    let lines: Vec<Vec<Syllable>> = text.lines().map(syllables_of).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(ScoreError::NoWords);
    }

    let phrases = score.phrases();
    let mut notes = Vec::new();
    if lines.len() == phrases.len() {
        for (phrase, line) in phrases.into_iter().zip(&lines) {
            notes.extend(fit(&score.notes[phrase], line, false));
        }
    } else {
        notes = fit(&score.notes, &lines.concat(), true);
    }
    // What was said of the old words does not hold of the new ones.
    let mut remarks: Vec<String> = score.remarks.iter().filter(|r| !r.contains("words")).cloned().collect();
    if words.iter().any(|word| is_unreadable(word)) {
        remarks.push(UNREADABLE.to_owned());
    }
    Ok(Score { notes, language, remarks, ..score.clone() })
}

/// The score's own words with the syllables they are written in.
fn known_words(score: &Score) -> Vec<Vec<String>> {
    let mut words: Vec<Vec<String>> = Vec::new();
    let mut open = false;
    for syllable in score.notes.iter().filter_map(|n| n.syllable.as_ref()) {
        match words.last_mut().filter(|_| open) {
            Some(word) => word.push(syllable.text.clone()),
            None => words.push(vec![syllable.text.clone()]),
        }
        open = syllable.joined;
    }
    words
}

fn syllables(word: &str, known: &[Vec<String>], language: Language) -> Vec<Syllable> {
    let own = known.iter().find(|pieces| same_word(&pieces.concat(), word));
    let pieces = match own {
        // The score's cut, but the punctuation and capitals as typed.
        Some(pieces) => {
            let mut letters = word.chars();
            let mut cut: Vec<String> =
                pieces.iter().map(|piece| letters.by_ref().take(piece.chars().count()).collect()).collect();
            if let Some(last) = cut.last_mut() {
                last.extend(letters);
            }
            cut.retain(|piece| !piece.is_empty());
            cut
        }
        None => split_written(word, language),
    };
    let last = pieces.len().saturating_sub(1);
    pieces.into_iter().enumerate().map(|(i, text)| Syllable { text, joined: i < last }).collect()
}

/// Lays syllables on notes. With notes to spare the words start again (`cycle`) or the last syllable is held.
fn fit(notes: &[SungNote], syllables: &[Syllable], cycle: bool) -> Vec<SungNote> {
    let mut notes = notes.to_vec();
    let slots = |notes: &[SungNote]| notes.iter().filter(|n| n.syllable.is_some()).count();
    let placeholder = || Some(Syllable { text: String::new(), joined: false });
    while slots(&notes) < syllables.len() {
        let length = |n: &SungNote| n.end - n.start;
        let melisma = notes.iter().enumerate().filter(|(_, n)| n.syllable.is_none());
        if let Some((i, _)) = melisma.max_by(|a, b| length(a.1).total_cmp(&length(b.1))) {
            notes[i].syllable = placeholder();
            continue;
        }
        let longest = (0..notes.len()).max_by(|&a, &b| length(&notes[a]).total_cmp(&length(&notes[b])));
        let Some(i) = longest.filter(|&i| length(&notes[i]) >= 2.0 * SHORTEST) else { break };
        let middle = (notes[i].start + notes[i].end) / 2.0;
        let second = SungNote { start: middle, accent: false, ..notes[i].clone() };
        notes[i].end = middle;
        notes[i].breath = false;
        notes.insert(i + 1, second);
    }
    let endless = syllables.iter().cycle();
    let count = if cycle { usize::MAX } else { syllables.len() };
    let mut words = endless.take(count);
    for note in notes.iter_mut().filter(|n| n.syllable.is_some()) {
        note.syllable = words.next().cloned();
    }
    // Where the tune ends inside a word, the word ends with it.
    if let Some(last) = notes.iter_mut().rev().find_map(|n| n.syllable.as_mut()) {
        last.joined = false;
    }
    notes
}
