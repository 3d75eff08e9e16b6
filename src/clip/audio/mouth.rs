//! The mouth: what the network hears in each frame becomes ARKit coefficients, and lips that really meet.

use super::features::{INPUTS, features};
use super::net::{Net, OUTPUTS};
use super::scene::{RATE, Scene};
use super::signal::{both, map, resampled};
use super::spectrum::{FRAME_RATE, Frame};
use crate::clip::liveliness::{quantile, smooth};
use std::collections::BTreeMap;

/// Frames given to the network at a time, and how far beyond them it reads.
const BLOCK: usize = 4096;
const MARGIN: usize = 16;
/// How likely lips must be together to begin to meet, and to meet.
const MEETING: (f32, f32) = (0.30, 0.55);
/// How likely a voice must be for the mouth to begin to move, and to move freely.
const SOUNDING: (f32, f32) = (0.2, 0.6);
/// Frames in which the voice may be lost and found again, on a long dark vowel under the band.
const LOST: usize = 45;
/// Jaw opening that the widest vowels of a recording are brought to, and how far that may scale it.
const WIDE: f32 = 0.52;
const SCALE: (f32, f32) = (0.8, 1.7);
/// Exponent of the opening below that: the network learnt from a clearly articulating singer, and people who speak open
/// wide vowels less far (chosen on the talking faces of `models/evaluate/audio.py`).
const EVENNESS: f32 = 0.75;
/// Breathing in before a phrase: jaw opening, and when it begins before the first sound, seconds. Shorter pauses leave no
/// time for it (speakers breathe in for some 0.5 s, through the mouth: Rochet-Capellan & Fuchs, Phil. Trans. R. Soc. B
/// 369, 2014).
const BREATH: f32 = 0.12;
const BREATH_TIME: (f32, f32) = (0.35, 0.6);
/// Time constant of jaw and lips, samples: flesh has mass. Faces that talk were matched best with some 40 ms either way.
const MASS: f32 = 1.6;

/// What the network hears, one value a frame each.
pub(super) struct Heard {
    jaw: Vec<f32>,
    funnel: Vec<f32>,
    pucker: Vec<f32>,
    stretch: Vec<f32>,
    lower_down: Vec<f32>,
    upper_up: Vec<f32>,
    roll_lower: Vec<f32>,
    /// Probability that the lips are together for p, b or m.
    closure: Vec<f32>,
    tongue: Vec<f32>,
    /// Probability that somebody sings or speaks.
    pub voice: Vec<f32>,
}

/// Asks the network.
pub(super) fn hear(frames: &[Frame]) -> Heard {
    let rows = features(frames);
    let net = Net::new(INPUTS);
    let mut curves: [Vec<f32>; OUTPUTS] = std::array::from_fn(|_| Vec::with_capacity(rows.len()));
    for from in (0..rows.len()).step_by(BLOCK) {
        let first = from.saturating_sub(MARGIN);
        let to = (from + BLOCK).min(rows.len());
        let out = net.run(rows[first..(to + MARGIN).min(rows.len())].concat());
        for row in out.chunks_exact(OUTPUTS).take(to - first).skip(from - first) {
            curves.iter_mut().zip(row).for_each(|(curve, value)| curve.push(*value));
        }
    }
    let [jaw, funnel, pucker, stretch, lower_down, upper_up, roll_lower, closure, tongue, voice] = curves;
    let [closure, voice] = [closure, voice].map(|logits| map(&logits, &|v| 1.0 / (1.0 + (-v).exp())));
    Heard { jaw, funnel, pucker, stretch, lower_down, upper_up, roll_lower, closure, tongue, voice }
}

/// Adds every mouth and jaw channel.
pub(super) fn channels(scene: &Scene, heard: &Heard, channels: &mut BTreeMap<String, Vec<f32>>) {
    let at_rate = |values: &[f32]| resampled(values, FRAME_RATE, RATE, scene.count);
    let closure = closure(&at_rate(&heard.closure));
    let gate = map(&at_rate(&smooth(&bridged(&heard.voice), 2.0)), &|v| ramp(v, SOUNDING));
    let part =
        |values: &[f32], most: f32| smooth(&both(&at_rate(values), &gate, &|v, g| (v * g).clamp(0.0, most)), MASS);
    // With the lips together the jaw stays nearly shut and nothing pulls them apart.
    let apart = |values: &[f32], least: f32| both(values, &closure, &|v, c| v * (1.0 - (1.0 - least) * c));
    let scale = scale(&heard.jaw, &heard.voice);
    let wider = map(&heard.jaw, &|v| WIDE * (scale / WIDE * v.max(0.0)).powf(EVENNESS));
    let jaw = apart(&both(&part(&wider, 0.85), &breaths(scene), &f32::max), 0.15);
    let (funnel, pucker) = (part(&heard.funnel, 0.6), part(&heard.pucker, 0.8));
    let stretch = part(&heard.stretch, 0.5);
    let roll_lower = apart(&part(&heard.roll_lower, 0.6), 0.0);
    let round = both(&pucker, &funnel, &|pucker, funnel| (1.0 - pucker - 0.5 * funnel).max(0.0));
    // A slight smile, less where the lips are round.
    let smile = both(&stretch, &round, &|stretch, round| (0.08 + 0.35 * stretch) * round);
    let paired = [
        ("mouthLowerDown", apart(&part(&heard.lower_down, 0.5), 0.0)),
        ("mouthUpperUp", apart(&part(&heard.upper_up, 0.35), 0.0)),
        ("mouthStretch", map(&stretch, &|s| 0.6 * s)),
        ("mouthPress", map(&closure, &|c| 0.28 * c)),
        ("mouthDimple", map(&closure, &|c| 0.08 * c)),
        ("mouthSmile", smile),
        ("cheekSquint", both(&stretch, &jaw, &|stretch, jaw| 0.05 + 0.18 * stretch + 0.06 * jaw)),
    ];
    for (name, samples) in paired {
        // No face is quite even.
        channels.insert([name, "Right"].concat(), map(&samples, &|v| 0.94 * v));
        channels.insert([name, "Left"].concat(), samples);
    }
    let single = [
        // In ARKit `mouthClose` brings the lips together relative to the open jaw: they meet where it equals `jawOpen`.
        ("mouthClose", both(&jaw, &closure, &|jaw, c| jaw * c)),
        ("mouthRollLower", both(&roll_lower, &closure, &|roll, c| roll + 0.12 * c)),
        ("mouthRollUpper", map(&closure, &|c| 0.08 * c)),
        ("tongueOut", apart(&part(&heard.tongue, 0.3), 0.0)),
        ("jawOpen", jaw),
        ("mouthFunnel", funnel),
        ("mouthPucker", pucker),
    ];
    channels.extend(single.map(|(name, samples)| (name.to_owned(), samples)));
}

/// The jaw's opening for the breath before each phrase.
fn breaths(scene: &Scene) -> Vec<f32> {
    let mut breaths = vec![0f32; scene.count];
    let mut before = 0;
    for phrase in &scene.phrases {
        let pause = (phrase.start - before) as f32 / RATE;
        before = phrase.end;
        if pause > BREATH_TIME.0 {
            let length = (pause - 0.1).min(BREATH_TIME.1);
            breaths[phrase.start - (length * RATE) as usize..phrase.start].fill(BREATH);
        }
    }
    smooth(&breaths, 0.06 * RATE)
}

/// From probabilities to lips that meet, 0..1, held for three samples so that no frame at 24 a second misses it.
fn closure(probability: &[f32]) -> Vec<f32> {
    let met = map(probability, &|p| ramp(p, MEETING));
    let held: Vec<f32> = (0..met.len())
        .map(|i| met[i.saturating_sub(1)..(i + 2).min(met.len())].iter().copied().fold(0.0, f32::max))
        .collect();
    smooth(&held, 0.6)
}

/// Closes gaps (morphological closing): what is lost for less than [`LOST`] frames was there all the time.
fn bridged(voice: &[f32]) -> Vec<f32> {
    let around = |values: &[f32], first: f32, better: &dyn Fn(f32, f32) -> f32| -> Vec<f32> {
        let window = |i: usize| &values[i.saturating_sub(LOST / 2)..(i + LOST / 2 + 1).min(values.len())];
        (0..values.len()).map(|i| window(i).iter().copied().fold(first, better)).collect()
    };
    around(&around(voice, 0.0, &f32::max), 1.0, &f32::min)
}

/// What brings the recording's wide vowels to the usual opening: people differ in it, and so do microphones.
fn scale(jaw: &[f32], voice: &[f32]) -> f32 {
    let sounding = jaw.iter().zip(voice).filter(|(_, voice)| **voice > 0.5).map(|(jaw, _)| *jaw);
    (WIDE / quantile(sounding, 0.95).max(0.05)).clamp(SCALE.0, SCALE.1)
}

/// 0 below the range, 1 above it, smooth in between.
fn ramp(value: f32, (from, to): (f32, f32)) -> f32 {
    let x = ((value - from) / (to - from)).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_gaps_are_bridged_and_pauses_kept() {
        let mut voice = vec![0.9; 400];
        voice[100..130].fill(0.1);
        voice[200..300].fill(0.1);
        let bridged = bridged(&voice);
        assert!(bridged[100..130].iter().all(|&v| v == 0.9));
        assert!(bridged[200..300].iter().all(|&v| v == 0.1));
    }

    #[test]
    fn likely_closures_are_held_and_unlikely_ones_are_none() {
        let mut probability = vec![0.05; 40];
        probability[20] = 0.9;
        let lips = closure(&probability);
        assert!(lips[19..22].iter().all(|&c| c > 0.6), "{lips:?}");
        assert!(lips[..15].iter().all(|&c| c < 0.05));
    }
}
