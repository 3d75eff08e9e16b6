//! `lessons OUT SCORE...`: our own voice sings and, in short syllables, speaks each score in seven ways; the sound, the
//! band alone and the track go to OUT, where `models/train/audio.py` makes the mouth's network learn from them.

use portraoke::song::{Beat, Performance, Score, SungNote, VoiceType, perform};
use std::error::Error;
use std::path::Path;

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

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("lessons OUT SCORE...")?;
    let mut seed = 0;
    for path in arguments {
        let path = Path::new(&path);
        let score = Score::read(&std::fs::read(path)?)?;
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
            let base = format!("{out}/{stem}-{way}");
            write(&format!("{base}.voice.wav"), &sung.voice, 1, sung.sample_rate)?;
            std::fs::write(format!("{base}.json"), serde_json::to_vec(&sung.track)?)?;
            if manner != Manner::Spoken && !lesson.accompaniment.is_empty() {
                // So loud that the limiter leaves nothing of the voice.
                let band = perform(&lesson, &Performance { accompaniment_db: 45.0, ..how })?;
                write(&format!("{base}.band.wav"), &band.mix, 2, band.sample_rate)?;
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
        VoiceType::Alto | VoiceType::Soprano => 56.0,
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

fn write(path: &str, samples: &[f32], channels: u16, rate: u32) -> Result<(), hound::Error> {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(path, spec)?;
    for sample in samples {
        wav.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
    }
    wav.finalize()
}
