//! The accompaniment, and the mix: instruments from the score's other parts, a room, a limiter.

mod instrument;
mod limiter;
mod pluck;
mod room;
mod tone;

use super::score::PlayedPart;
use super::voice::SAMPLE_RATE;
use instrument::Instrument;
use room::Room;

/// Level of the voice: RMS over the sung stretches, dBFS. With the room and the band the mix comes to about -14.5 LUFS.
const VOICE_LEVEL_DB: f32 = -18.0;
/// Level of the accompaniment under the voice, dB.
const BELOW_VOICE_DB: f32 = -8.5;

/// Samples in `duration` seconds.
pub(super) fn frames(duration: f64) -> usize {
    (duration * f64::from(SAMPLE_RATE)).round() as usize
}

/// Brings a dry voice to the length and the level of a soloist.
pub(super) fn level(voice: &mut Vec<f32>, duration: f64) {
    voice.resize(frames(duration), 0.0);
    scale(voice, VOICE_LEVEL_DB);
    limiter::limit(voice, 1);
}

/// How loud something at `pan`, -1 left to 1 right, is on the left and on the right: 1 and 1 in the middle, and of the same
/// power everywhere.
pub(super) fn pan_gains(pan: f32) -> [f32; 2] {
    [(1.0 - pan).sqrt(), (1.0 + pan).sqrt()]
}

/// The accompaniment, played part by part.
pub(super) struct Band {
    parts: Vec<PlayedPart>,
    sides: [Vec<f32>; 2],
    /// Parts that have been played.
    played: usize,
}

impl Band {
    pub(super) fn new(parts: Vec<PlayedPart>, duration: f64) -> Band {
        Band { parts, sides: [0, 1].map(|_| vec![0f32; frames(duration)]), played: 0 }
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Plays the next part; whether that was the last.
    pub(super) fn advance(&mut self) -> bool {
        let (i, count) = (self.played, self.parts.len());
        let Some(part) = self.parts.get(i) else { return true };
        let share = 1.0 / (count as f32).sqrt();
        // Parts sit a little left and right of the singer, the first one on the left.
        let pan = if count == 1 { 0.0 } else { 0.45 * (2.0 * i as f32 / (count - 1) as f32 - 1.0) };
        let gains = [((1.0 - pan) / 2.0).sqrt() * share, ((1.0 + pan) / 2.0).sqrt() * share];
        let instrument = Instrument::of(part);
        let [left, right] = &mut self.sides;
        for note in &part.notes {
            instrument.play(note, i as u32, |at, sample| {
                if let (Some(left), Some(right)) = (left.get_mut(at), right.get_mut(at)) {
                    *left += gains[0] * sample;
                    *right += gains[1] * sample;
                }
            });
        }
        self.played += 1;
        self.played == count
    }

    /// Mixes what has been played with the levelled voices, whose samples left and right `voices` tells, in a room. Stereo,
    /// interleaved.
    pub(super) fn mix(self, accompaniment_db: f32, voices: impl Fn(usize) -> [f32; 2]) -> Vec<f32> {
        let [band_left, band_right] = &self.sides;
        let level = 10f32.powf((VOICE_LEVEL_DB + BELOW_VOICE_DB + accompaniment_db) / 20.0);
        let both: Vec<f32> = band_left.iter().zip(band_right).map(|(l, r)| (l * l + r * r).sqrt()).collect();
        let loud = active_rms(&both);
        let gain = if loud > 0.0 { level / loud * std::f32::consts::SQRT_2 } else { 0.0 };

        let mut room = Room::new();
        let mut out = Vec::with_capacity(2 * band_left.len());
        for i in 0..band_left.len() {
            let (left, right) = (gain * band_left[i], gain * band_right[i]);
            let [voice_left, voice_right] = voices(i);
            let voice = 0.5 * (voice_left + voice_right);
            let [wet_left, wet_right] = room.run(0.8 * voice + 0.35 * (left + right));
            out.push(voice_left + left + 0.30 * wet_left);
            out.push(voice_right + right + 0.30 * wet_right);
        }
        fade_out(&mut out);
        limiter::limit(&mut out, 2);
        out
    }
}

/// RMS of the 50 ms blocks that are within 25 dB of the loudest: rests do not count.
fn active_rms(samples: &[f32]) -> f32 {
    let blocks: Vec<f32> = samples
        .chunks((0.05 * SAMPLE_RATE) as usize)
        .map(|b| b.iter().map(|s| s * s).sum::<f32>() / b.len() as f32)
        .collect();
    let loudest = blocks.iter().copied().fold(0.0, f32::max);
    let active: Vec<f32> = blocks.into_iter().filter(|power| *power > loudest * 0.003).collect();
    (active.iter().sum::<f32>() / active.len().max(1) as f32).sqrt()
}

fn scale(samples: &mut [f32], level_db: f32) {
    let rms = active_rms(samples);
    if rms > 0.0 {
        let gain = 10f32.powf(level_db / 20.0) / rms;
        samples.iter_mut().for_each(|s| *s *= gain);
    }
}

/// The last 30 ms lead to silence, so that a ringing string does not end in a click.
fn fade_out(stereo: &mut [f32]) {
    let length = (2 * (0.03 * SAMPLE_RATE) as usize).min(stereo.len());
    let start = stereo.len() - length;
    for (i, sample) in stereo[start..].iter_mut().enumerate() {
        *sample *= 1.0 - i as f32 / length as f32;
    }
}
