//! Blinks in a track's lids: found, taken away, set again.

use super::count;
use crate::clip::Track;
use crate::clip::liveliness::{BLINK, lid, quantile};

const LIDS: [&str; 2] = ["eyeBlinkLeft", "eyeBlinkRight"];
/// Lids are on their way above this, over what they usually are.
const RAISED: f32 = 0.1;
/// A blink shuts the eye at least this far, and takes at most this long, seconds; else it is a look.
const SHUT: f32 = 0.5;
const LONGEST: f32 = 0.6;

/// A blink: the samples that it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Blink {
    /// First sample.
    pub start: usize,
    /// Both lids' closure.
    lids: [Vec<f32>; 2],
}

impl Blink {
    /// Sample in which the lids are shut furthest.
    pub(super) fn peak(&self) -> usize {
        let lid = &self.lids[0];
        self.start + (0..lid.len()).max_by(|&a, &b| lid[a].total_cmp(&lid[b])).unwrap_or(0)
    }

    /// Samples.
    pub(super) fn len(&self) -> usize {
        self.lids[0].len()
    }
}

/// Takes the blinks of both eyes off a track's lids; winks and looks stay.
pub(super) fn take(track: &mut Track) -> Vec<Blink> {
    let Some(left) = track.channels.get(LIDS[0]) else { return Vec::new() };
    let right = track.channels.get(LIDS[1]).unwrap_or(left);
    let floor = quantile(left.iter().copied(), 0.3) + RAISED;
    let mut blinks = Vec::new();
    let mut at = 0;
    while at < left.len() {
        let length = left[at..].iter().take_while(|v| **v > floor).count();
        if length > 0 {
            // The first and last traces of it too.
            let range = at.saturating_sub(2)..(at + length + 3).min(left.len());
            let lids = [left, right].map(|lid| lid[range.clone()].to_vec());
            let shut = lids.iter().all(|lid| lid.iter().any(|v| *v >= SHUT));
            if shut && length as f32 <= LONGEST * track.rate {
                blinks.push(Blink { start: range.start, lids });
            }
        }
        at += length + 1;
    }
    for name in LIDS {
        let Some(lid) = track.channels.get_mut(name) else { continue };
        for blink in &blinks {
            let span = blink.len() - 1;
            let (from, to) = (lid[blink.start], lid[blink.start + span]);
            for (i, value) in lid[blink.start..=blink.start + span].iter_mut().enumerate() {
                *value = from + (to - from) * i as f32 / span.max(1) as f32;
            }
        }
    }
    blinks
}

/// Sets a blink so that it starts at sample `start`.
pub(super) fn set(track: &mut Track, blink: &Blink, start: usize) {
    for (name, lid) in LIDS.iter().zip(&blink.lids) {
        let Some(samples) = track.channels.get_mut(*name) else { continue };
        samples.iter_mut().skip(start).zip(lid).for_each(|(sample, lid)| *sample = sample.max(*lid));
    }
}

/// Sets a blink of our own at `t` seconds.
pub(super) fn make(track: &mut Track, t: f32) {
    let (count, rate) = (count(track), track.rate);
    for name in LIDS {
        let samples = track.channels.entry(name.to_owned()).or_insert_with(|| vec![0.0; count]);
        let range = (t * rate).ceil().max(0.0) as usize..((t + BLINK) * rate) as usize + 1;
        for (i, sample) in samples.iter_mut().enumerate().take(range.end).skip(range.start) {
            *sample = sample.max(lid(i as f32 / rate - t));
        }
    }
}
