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

/// Levels the dry voice and mixes it with the accompaniment. Returns the levelled voice (mono) and the mix (stereo,
/// interleaved), both `duration` seconds.
pub(super) fn mix(
    mut voice: Vec<f32>,
    parts: &[PlayedPart],
    duration: f64,
    accompaniment_db: f32,
) -> (Vec<f32>, Vec<f32>) {
    let frames = (duration * f64::from(SAMPLE_RATE)).round() as usize;
    voice.resize(frames, 0.0);
    scale(&mut voice, VOICE_LEVEL_DB);
    limiter::limit(&mut voice, 1);

    let mut band = [vec![0f32; frames], vec![0f32; frames]];
    let share = 1.0 / (parts.len().max(1) as f32).sqrt();
    for (i, part) in parts.iter().enumerate() {
        // Parts sit a little left and right of the singer, the first one on the left.
        let pan = if parts.len() == 1 { 0.0 } else { 0.45 * (2.0 * i as f32 / (parts.len() - 1) as f32 - 1.0) };
        let gains = [((1.0 - pan) / 2.0).sqrt() * share, ((1.0 + pan) / 2.0).sqrt() * share];
        let instrument = Instrument::of(part);
        for note in &part.notes {
            instrument.play(note, i as u32, |at, sample| {
                if let (Some(left), Some(right)) = (band[0].get(at).copied(), band[1].get(at).copied()) {
                    band[0][at] = left + gains[0] * sample;
                    band[1][at] = right + gains[1] * sample;
                }
            });
        }
    }
    let level = 10f32.powf((VOICE_LEVEL_DB + BELOW_VOICE_DB + accompaniment_db) / 20.0);
    let both: Vec<f32> = band[0].iter().zip(&band[1]).map(|(l, r)| (l * l + r * r).sqrt()).collect();
    let loud = active_rms(&both);
    let gain = if loud > 0.0 { level / loud * std::f32::consts::SQRT_2 } else { 0.0 };

    let mut room = Room::new();
    let mut out = Vec::with_capacity(2 * frames);
    for (i, voice) in voice.iter().enumerate() {
        let (left, right) = (gain * band[0][i], gain * band[1][i]);
        let [wet_left, wet_right] = room.run(0.8 * voice + 0.35 * (left + right));
        out.push(voice + left + 0.30 * wet_left);
        out.push(voice + right + 0.30 * wet_right);
    }
    fade_out(&mut out);
    limiter::limit(&mut out, 2);
    (voice, out)
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
