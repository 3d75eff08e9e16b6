//! `portraoke lessons`: our own voice sings and, in short syllables, speaks scores in seven ways; sound, band alone and track
//! are what `models/train/audio.py` makes the mouth's network learn from.

use crate::failure::{Failure, read, write};
use crate::sound;
use portraoke::song::{Beat, Performance, Score, SungNote, VoiceType, perform};
use std::path::PathBuf;

/// xorshift64 (Marsaglia 2003), uniform in 0..1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// How a score is performed.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Sung,
    /// At the speed of a patter song.
    Fast,
    Spoken,
}

const WAYS: [(VoiceType, Manner); 7] = [
    (VoiceType::Soprano, Manner::Sung),
    (VoiceType::Bass, Manner::Sung),
    (VoiceType::Alto, Manner::Fast),
    (VoiceType::Tenor, Manner::Fast),
    (VoiceType::Bass, Manner::Spoken),
    (VoiceType::Alto, Manner::Spoken),
    (VoiceType::Tenor, Manner::Spoken),
];

/// Where lessons come from and go to.
#[derive(Debug, clap::Args)]
pub(crate) struct LessonArgs {
    /// Folder for them; it must exist.
    #[arg(long)]
    out: PathBuf,
    /// Scores to sing and to speak.
    #[arg(required = true)]
    scores: Vec<PathBuf>,
}

/// Performs every score in seven ways.
pub(crate) fn run(args: &LessonArgs) -> Result<(), Failure> {
    let mut seed = 0;
    for path in &args.scores {
        let score = Score::read(&read(path)?)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for (way, (voice, manner)) in WAYS.into_iter().enumerate() {
            seed += 1;
            let mut random = Random(u64::from(seed) * 7919 + 12345);
            for _ in 0..9 {
                random.next();
            }
            let lesson = match manner {
                Manner::Sung => score.clone(),
                Manner::Fast => faster(&score, 0.62),
                Manner::Spoken => spoken(&score, voice, &mut random),
            };
            let mut how = Performance { seed, ..Performance::default() };
            if manner == Manner::Spoken {
                (how.vibrato, how.accompaniment_db) = (0.0, f32::NEG_INFINITY);
            } else {
                (how.vibrato, how.voice) = ((0.3 + 1.2 * random.next()) as f32, Some(voice));
            }
            let sung = perform(&lesson, &how)?;
            let file = |kind: &str| args.out.join(format!("{stem}-{way}.{kind}"));
            sound::write(&file("voice.wav"), &sung.voice, 1, sung.sample_rate)?;
            write(&file("json"), sung.track.to_json().as_bytes())?;
            if manner != Manner::Spoken && !lesson.accompaniment.is_empty() {
                // So loud that the limiter leaves nothing of the voice.
                let band = perform(&lesson, &Performance { accompaniment_db: 45.0, ..how })?;
                sound::write(&file("band.wav"), &band.mix, 2, band.sample_rate)?;
            }
        }
    }
    Ok(())
}

fn faster(score: &Score, share: f64) -> Score {
    let mut score = score.clone();
    score.notes.iter_mut().for_each(|note| (note.start, note.end) = (share * note.start, share * note.end));
    for note in score.accompaniment.iter_mut().flat_map(|part| &mut part.notes) {
        (note.start, note.end) = (share * note.start, share * note.end);
    }
    score.beats.iter_mut().for_each(|beat| beat.time *= share);
    score.duration *= share;
    score
}

/// Syllables at the pace of speech, on a melody that falls along each phrase, with pauses.
fn spoken(score: &Score, voice: VoiceType, random: &mut Random) -> Score {
    let base = match voice {
        VoiceType::Bass => 44.0,
        VoiceType::Tenor => 49.0,
        _ => 56.0,
    };
    let pace = 0.8 + 0.7 * random.next();
    let (mut at, mut fall) = (0.6, 0.0f64);
    let mut notes = Vec::new();
    for note in score.notes.iter().filter(|note| note.syllable.is_some()) {
        let length = pace * (0.11 + 0.16 * random.next() * random.next() + 0.05 * random.next());
        let accent = random.next() > 0.7;
        let pitch = base + 3.0 - fall + 3.0 * (random.next() - 0.5) + if accent { 2.0 } else { 0.0 };
        let pause = random.next() > 0.88;
        let end = at + length + if pause { 0.07 } else { 0.0 };
        let loudness = (0.45 + 0.5 * random.next()) as f32;
        notes.push(SungNote { start: at, end, pitch: pitch as f32, loudness, accent, breath: pause, ..note.clone() });
        (at, fall) = (end, (fall + 0.5).min(7.0));
        if pause {
            (at, fall) = (at + 0.15 + 0.8 * random.next() * random.next(), 0.0);
        }
    }
    let beats = (0..at as usize).map(|i| Beat { time: i as f64, downbeat: i % 4 == 0 }).collect();
    Score { voice, notes, accompaniment: Vec::new(), beats, duration: at + 0.3, ..score.clone() }
}
