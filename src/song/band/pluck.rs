//! Plucked strings: the extended Karplus-Strong algorithm (Jaffe & Smith, Computer Music Journal 7(2), 1983).

use crate::random::Rng;
use crate::song::score::PlayedNote;
use crate::song::voice::SAMPLE_RATE;

/// Plays one note; it is damped 0.1 s after its end.
pub(super) fn play(note: &PlayedNote, part: u32, mut add: impl FnMut(usize, f32)) {
    let hz = 440.0 * 2f32.powf((note.pitch - 69.0) / 12.0);
    let period = SAMPLE_RATE / hz;
    // The loop's averaging filter delays by half a sample, the tuning allpass by the rest.
    let length = (period - 0.6).floor().max(2.0) as usize;
    let fraction = period - 0.5 - length as f32;
    let tuning = (1.0 - fraction) / (1.0 + fraction);
    let mut rng = Rng::new(part + 1, (note.start * 1000.0) as u32 ^ ((note.pitch as u32) << 20));
    // A soft pluck is a dull one: the excitation is low-passed by loudness.
    let mut string = vec![0f32; length];
    let (dull, mut state) = (0.35 + 0.55 * note.loudness, 0.0);
    for value in &mut string {
        state += dull * (rng.signed() - state);
        *value = state;
    }
    let pick = (0.17 * length as f32) as usize;
    let shaped: Vec<f32> = (0..length).map(|i| string[i] - string[(i + length - pick) % length]).collect();
    let mean = shaped.iter().sum::<f32>() / length as f32;
    string.iter_mut().zip(shaped).for_each(|(s, v)| *s = v - mean);

    // Decay to a thousandth within some seconds, faster for high strings.
    let decay_seconds = (420.0 / hz).clamp(0.7, 3.5);
    let decay = 0.001f32.powf(1.0 / (decay_seconds * hz));
    let start = (note.start * f64::from(SAMPLE_RATE)) as usize;
    let held = ((note.end - note.start) * f64::from(SAMPLE_RATE)) as usize;
    let release = (0.10 * SAMPLE_RATE) as usize;
    let (mut at, mut last, mut tuned_in, mut tuned_out) = (0, 0.0, 0.0, 0.0);
    for i in 0..held + release {
        let out = string[at];
        let averaged = decay * 0.5 * (out + last);
        last = out;
        tuned_out = tuning * averaged + tuned_in - tuning * tuned_out;
        tuned_in = averaged;
        string[at] = tuned_out;
        at = (at + 1) % length;
        let damp = if i < held { 1.0 } else { 1.0 - (i - held) as f32 / release as f32 };
        add(start + i, 0.5 * note.loudness * damp * out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_in_tune() {
        for pitch in [40.0, 57.0, 69.0, 80.0] {
            let mut samples = vec![0f32; 48_000];
            play(&PlayedNote { start: 0.0, end: 0.9, pitch, loudness: 0.7 }, 0, |i, s| samples[i] += s);
            let hz = 440.0 * 2f32.powf((pitch - 69.0) / 12.0);
            // Phase of the fundamental over two stretches a known time apart.
            let phase = |from: usize| {
                let (mut re, mut im) = (0f64, 0f64);
                for (i, sample) in samples.iter().enumerate().skip(from).take(9600) {
                    let angle = std::f64::consts::TAU * f64::from(hz) * i as f64 / 48_000.0;
                    re += f64::from(*sample) * angle.cos();
                    im -= f64::from(*sample) * angle.sin();
                }
                im.atan2(re)
            };
            let turn = (phase(14_400) - phase(4800) + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU)
                - std::f64::consts::PI;
            let cents = 1200.0 * (1.0 + turn / std::f64::consts::TAU / 0.2 / f64::from(hz)).log2();
            assert!(cents.abs() < 3.0, "{pitch}: {cents} cents");
        }
    }
}
