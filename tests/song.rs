//! The song room from outside: the bundled songs sung and measured, other people's scores, and bad input.

use portraoke::animate::MotionRange;
use portraoke::clip::Track;
use portraoke::song::{Language, Performance, Score, ScoreError, Sung, VoiceType, perform};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

const RATE: usize = 48_000;

#[derive(serde::Deserialize)]
struct Entry {
    id: String,
    title: String,
    language: Language,
    voice: VoiceType,
    file: String,
    duration: f32,
    mood: String,
    source: String,
    why_free: String,
    name: Option<Name>,
    head: MotionRange,
}

#[derive(serde::Deserialize)]
struct Name {
    default: String,
}

fn songs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/songs")
}

fn read(file: &str) -> Score {
    let bytes = std::fs::read(songs().join(file)).expect("a bundled score");
    Score::read(&bytes).expect("bundled scores are sound")
}

/// The bundled songs, sung once for all tests.
static SUNG: LazyLock<Vec<(Entry, Score, Sung)>> = LazyLock::new(|| {
    let catalogue = std::fs::read(songs().join("catalogue.json")).expect("catalogue.json");
    let entries: Vec<Entry> = serde_json::from_slice(&catalogue).expect("a sound catalogue");
    let sing = |entry: Entry| {
        let score = read(&entry.file);
        let sung = perform(&score, &Performance::default()).expect("bundled songs are sung");
        (entry, score, sung)
    };
    entries.into_iter().map(sing).collect()
});

/// By how much the performance starts later than the score.
fn shift(score: &Score) -> f64 {
    (0.5 - score.notes[0].start).max(0.0)
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

#[test]
fn the_catalogue_says_what_is_sung() {
    assert_eq!(SUNG.len(), 18);
    let languages: BTreeSet<&str> = SUNG.iter().map(|(entry, ..)| entry.language.code()).collect();
    assert_eq!(languages.into_iter().collect::<Vec<_>>(), ["de", "en", "es", "fr", "it", "la", "ru", "zh"]);
    for (entry, score, sung) in SUNG.iter() {
        assert_eq!(score.title, entry.title);
        assert_eq!(sung.language, entry.language, "{}", entry.id);
        assert_eq!(sung.voice_type, entry.voice, "{}", entry.id);
        assert!((sung.track.duration() - entry.duration).abs() < 0.05, "{}: {} s", entry.id, sung.track.duration());
        assert!((15.0..36.0).contains(&entry.duration), "{}", entry.id);
        assert!(score.remarks.is_empty(), "{}: {:?}", entry.id, score.remarks);
        assert!(!entry.mood.is_empty() && !entry.source.is_empty() && !entry.why_free.is_empty(), "{}", entry.id);
        // A name that the visitor can change is one of the words.
        let name = entry.name.iter().map(|name| name.default.as_str());
        name.for_each(|name| assert!(score.lyrics().matches(name).count() == 2, "{}", entry.id));
        assert!(!score.accompaniment.is_empty());
    }
}

#[test]
fn the_catalogue_says_how_the_head_moves() {
    for (entry, _, sung) in SUNG.iter() {
        let range = MotionRange::of(&sung.track);
        let listed = entry.head.low.iter().chain(&entry.head.high);
        let off = range.low.iter().chain(&range.high).zip(listed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 0.002, "{}: its head moves {}", entry.id, serde_json::to_string(&range).expect("numbers"));
        assert!(range.high[0] - range.low[0] > 0.05, "{}: its head is still", entry.id);
    }
}

#[test]
fn sound_and_track_end_together() {
    for (entry, _, sung) in SUNG.iter() {
        let seconds = sung.voice.len() as f32 / sung.sample_rate as f32;
        assert!((seconds - sung.track.duration()).abs() < 1e-3, "{}", entry.id);
        assert_eq!(sung.mix.len(), 2 * sung.voice.len());
    }
}

#[test]
fn nothing_clips_or_is_silent() {
    for (entry, _, sung) in SUNG.iter() {
        let peak = sung.mix.iter().fold(0f32, |peak, s| peak.max(s.abs()));
        assert!(peak <= 0.892 && peak > 0.3, "{}: peak {peak}", entry.id);
        assert!(sung.mix.iter().chain(&sung.voice).all(|s| s.is_finite()));
        assert!(rms(&sung.mix) > 0.04, "{}", entry.id);
    }
}

/// Deviation from `hz` in cents by the best autocorrelation of 40 ms within two semitones.
fn cents_off(samples: &[f32], hz: f32) -> Option<f32> {
    let period = RATE as f32 / hz;
    let window = (0.04 * RATE as f32) as usize;
    let (low, high) = ((period / 1.12) as usize, (period * 1.12) as usize + 2);
    let head = samples.get(..window)?;
    let correlation = |lag: usize| -> Option<f32> {
        let other = samples.get(lag..lag + window)?;
        let dot: f32 = head.iter().zip(other).map(|(a, b)| a * b).sum();
        Some(dot / (rms(head) * rms(other) * window as f32).max(1e-9))
    };
    let values: Vec<f32> = (low..high).map(correlation).collect::<Option<_>>()?;
    let best = (1..values.len() - 1).max_by(|&a, &b| values[a].total_cmp(&values[b]))?;
    let (a, b, c) = (values[best - 1], values[best], values[best + 1]);
    let lag = low as f32 + best as f32 + (a - c) / (2.0 * (a - 2.0 * b + c));
    (b > 0.7).then(|| 1200.0 * (RATE as f32 / lag / hz).log2())
}

#[test]
fn held_notes_are_in_tune() {
    for (entry, score, sung) in SUNG.iter() {
        let shift = shift(score);
        let mut errors = Vec::new();
        for note in score.notes.iter().filter(|n| n.end - n.start > 0.3) {
            let hz = 440.0 * 2f32.powf((note.pitch - 69.0) / 12.0);
            let mut at = ((note.start + shift + 0.12) * RATE as f64) as usize;
            let end = ((note.end + shift - 0.1) * RATE as f64) as usize;
            while at + 4096 < end {
                errors.extend(cents_off(&sung.voice[at..end], hz).map(f32::abs));
                at += 1440;
            }
        }
        errors.sort_by(f32::total_cmp);
        assert!(errors.len() > 50, "{}: {} stretches", entry.id, errors.len());
        let median = errors[errors.len() / 2];
        assert!(median < 10.0, "{}: median error {median} cents", entry.id);
    }
}

#[test]
fn vowels_start_on_their_notes() {
    for (entry, score, sung) in SUNG.iter() {
        let shift = shift(score);
        let vowels = "iɪeɛæaɑɔoʊuʌəɐɝɨyøœɤ";
        for note in score.notes.iter().filter(|n| n.syllable.is_some()) {
            let start = (note.start + shift) as f32;
            let nearest = sung
                .track
                .phonemes
                .iter()
                .filter(|p| p.symbol.chars().next().is_some_and(|c| vowels.contains(c)))
                .map(|p| (p.start - start).abs())
                .fold(f32::MAX, f32::min);
            assert!(nearest < 0.01, "{}: vowel {nearest} s from the note at {start}", entry.id);
        }
    }
}

#[test]
fn the_voice_swells_where_a_phrase_starts() {
    // After a rest and a plosive or nothing, energy at the vowel is far above that of the rest.
    for (entry, score, sung) in SUNG.iter() {
        let shift = shift(score);
        for pair in score.notes.windows(2).filter(|pair| pair[1].start - pair[0].end > 0.3) {
            let at = ((pair[1].start + shift) * RATE as f64) as usize;
            let rest = ((pair[0].end + shift + 0.1) * RATE as f64) as usize;
            let ratio = rms(&sung.voice[at + 1440..at + 5760]) / rms(&sung.voice[rest..rest + 1440]).max(1e-6);
            assert!(ratio > 5.0, "{}: {ratio} at {}", entry.id, pair[1].start);
        }
    }
}

/// Lip opening a track sample: how far the jaw is open less how far the lips close over it.
fn opening(track: &Track) -> Vec<f32> {
    track.channels["jawOpen"].iter().zip(&track.channels["mouthClose"]).map(|(jaw, close)| jaw - close).collect()
}

#[test]
fn lips_meet_on_p_b_m() {
    let mut all = 0;
    for (entry, _, sung) in SUNG.iter() {
        let opening = opening(&sung.track);
        let mut closures = 0;
        for phone in sung.track.phonemes.iter().filter(|p| matches!(p.symbol.trim_end_matches('ʲ'), "p" | "b" | "m")) {
            let range = ((phone.start - 0.05) * 60.0).max(0.0) as usize..=(phone.end * 60.0) as usize;
            // Two samples in a row, so that a frame at 30 a second sees it.
            let closed = opening[range].windows(2).any(|pair| pair.iter().all(|o| *o < 0.01));
            assert!(closed, "{}: {} at {}", entry.id, phone.symbol, phone.start);
            closures += 1;
        }
        assert!(closures > 0, "{}", entry.id);
        all += closures;
    }
    assert!(all > 120, "{all} closures");
}

#[test]
fn the_mouth_follows_the_voice_without_lag() {
    for (entry, _, sung) in SUNG.iter() {
        let opening = opening(&sung.track);
        let half = RATE / 120;
        let envelope: Vec<f32> = (0..opening.len())
            .map(|i| {
                let centre = i * RATE / 60;
                rms(&sung.voice
                    [centre.saturating_sub(half).min(sung.voice.len())..(centre + half).min(sung.voice.len())])
            })
            .collect();
        let best = (-8i32..=8)
            .max_by(|&a, &b| correlation(&opening, &envelope, a).total_cmp(&correlation(&opening, &envelope, b)));
        let lag = best.unwrap_or(99);
        let r = correlation(&opening, &envelope, 0);
        assert!(lag.abs() <= 2, "{}: lag {lag} samples of 1/60 s", entry.id);
        assert!(r > 0.5, "{}: correlation {r}", entry.id);
    }
}

fn correlation(a: &[f32], b: &[f32], lag: i32) -> f32 {
    let n = a.len() as i32;
    let pairs: Vec<(f32, f32)> =
        (0..n).filter(|i| (0..n).contains(&(i + lag))).map(|i| (a[i as usize], b[(i + lag) as usize])).collect();
    let mean = |f: fn(&(f32, f32)) -> f32| pairs.iter().map(f).sum::<f32>() / pairs.len() as f32;
    let (ma, mb) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |f: &dyn Fn(f32, f32) -> f32| pairs.iter().map(|p| f(p.0 - ma, p.1 - mb)).sum::<f32>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn the_track_stays_within_its_bounds() {
    for (entry, _, sung) in SUNG.iter() {
        for (name, samples) in &sung.track.channels {
            let limit = match name.as_str() {
                "yaw" => -0.14..=0.14,
                "pitch" => -0.08..=0.08,
                "roll" => -0.09..=0.09,
                "x" | "y" => -0.1..=0.1,
                name if name.starts_with("gaze") => -0.35..=0.35,
                _ => 0.0..=1.0,
            };
            assert!(samples.iter().all(|v| limit.contains(v)), "{} {name}", entry.id);
        }
        for side in ["Left", "Right"] {
            let lids = &sung.track.channels[&format!("eyeBlink{side}")];
            let blinks = lids.windows(2).filter(|pair| pair[0] < 0.98 && pair[1] >= 0.98).count();
            let seconds = sung.track.duration();
            assert!((seconds / 6.0..seconds / 1.5).contains(&(blinks as f32)), "{}: {blinks} blinks", entry.id);
        }
        let rest = opening(&sung.track);
        assert!(rest[0] < 0.02 && rest[rest.len() - 1] < 0.02, "{}: the mouth rests closed", entry.id);
    }
}

#[test]
fn the_same_song_is_the_same_bytes() {
    let (_, score, first) = &SUNG[0];
    let again = perform(score, &Performance::default()).expect("sung before");
    assert_eq!(serde_json::to_vec(&again.track).ok(), serde_json::to_vec(&first.track).ok());
    assert!(again.mix == first.mix && again.voice == first.voice);
    let other = perform(score, &Performance { seed: 2, ..Performance::default() }).expect("sung before");
    assert!(other.track.channels["eyeBlinkLeft"] != first.track.channels["eyeBlinkLeft"]);
}

#[test]
fn lyrics_can_be_retyped() {
    let score = read("daisy-bell.mxl");
    assert!(score.lyrics().starts_with("Daisy, Daisy,\ngive me your answer, do!"));
    // Unchanged words keep the score's own syllables.
    let same = score.with_lyrics(&score.lyrics()).expect("its own words");
    assert_eq!(same.notes, score.notes);
    // Fewer, more, and foreign words: all are sung.
    for words in
        ["la", "Banana phone! ".repeat(80).as_str(), "Ёлка, ёлка, зелёная", "ba-na-na", "日本 hello", "xkcd zzz"]
    {
        let other = score.with_lyrics(words).expect("words");
        let sung = perform(&other, &Performance::default()).expect("unknown words never stop a song");
        assert!(!sung.track.words.is_empty() && rms(&sung.voice) > 0.01, "{words}");
    }
    let chinese = score.with_lyrics("好一朵茉莉花，好一朵茉莉花").expect("words");
    assert_eq!(chinese.language, Language::Mandarin);
    assert!(chinese.lyrics().replace('\n', "").starts_with("好一朵茉莉花，好一朵茉莉花"), "{}", chinese.lyrics());
    let new = score.with_lyrics("Mona Lisa").expect("words");
    assert!(new.lyrics().starts_with("Mona Lisa\nMona Lisa"), "{}", new.lyrics());
    assert_eq!(score.with_lyrics(" \n … ♪ 🎵 "), Err(ScoreError::NoWords));
    let counted = score.with_lyrics("1 2 3 and 20").expect("numbers are words");
    assert!(counted.lyrics().starts_with("one two three and\ntwenty"), "{}", counted.lyrics());
}

#[test]
fn another_voice_sings_in_its_own_octave() {
    let score = read("daisy-bell.mxl");
    let bass = Performance { voice: Some(VoiceType::Bass), ..Performance::default() };
    let sung = perform(&score, &bass).expect("sung");
    assert_eq!(sung.voice_type, VoiceType::Bass);
    let note = score.notes.iter().max_by(|a, b| (a.end - a.start).total_cmp(&(b.end - b.start))).expect("notes");
    let at = ((note.start + shift(&score) + 0.3) * RATE as f64) as usize;
    let hz = 440.0 * 2f32.powf((note.pitch - 12.0 - 69.0) / 12.0);
    let off = cents_off(&sung.voice[at..at + 9600], hz).expect("a pitch");
    assert!(off.abs() < 60.0, "{off} cents");
}

#[test]
fn other_peoples_scores_are_sung() {
    // The project's shared scores, where the checkout has them.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/assets/scores");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    for file in files.flatten() {
        let score = Score::read(&std::fs::read(file.path()).expect("readable")).expect("scores of musicians");
        assert!(score.notes.len() > 40 && !score.title.is_empty(), "{:?}", file.path());
        assert!(score.notes.windows(2).all(|pair| pair[1].start >= pair[0].end - 1e-6), "{:?}", file.path());
    }
}
