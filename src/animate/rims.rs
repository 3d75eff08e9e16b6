//! The last word on an opening's shape: what is nearly shut shuts, and an open mouth is round.
//!
//! Tracked points and expressions leave a closed mouth ajar by a pixel and an eye by a slit, and a pixel of dark between
//! two lips is seen at once. They also know the lower lip at a few places only, between which it would run straight.

use super::aperture::parted_shape;
use super::person::smoothstep;
use crate::head::HeadModel;
use glam::{Vec2, Vec3};

/// Distance over which a rim's step fades into lip or lid, inter-ocular distances.
const REACH: f32 = 0.06;

/// Lips closer than the first are shut, further apart than the second are left; inter-ocular distances.
const LIPS_SHUT: [f32; 2] = [0.018, 0.06];
/// Lids likewise, relative to the photo's opening: a tracker sees closed lids as half closed.
const LIDS_SHUT: [f32; 2] = [0.30, 0.62];

/// An eye's opening over its width below which it is closed.
pub(super) const CLOSED_EYE: f32 = 0.10;

/// How far the lower lip gives way to an oval.
const ROUND: f32 = 0.4;

/// How far two rims are apart, column by column.
#[derive(Debug)]
struct Opening {
    /// Upper to lower rim, pixels.
    gaps: Vec<Vec2>,
    /// Their heights; rims that crossed are rims that met.
    heights: Vec<f32>,
    /// What rounding adds to the heights.
    rounding: Vec<f32>,
    widest: f32,
    /// From corner to corner, pixels.
    width: f32,
}

impl Opening {
    fn new(upper: &[u32], lower: &[u32], at: &[Vec3]) -> Self {
        let gaps: Vec<Vec2> = columns(upper, lower, at).map(|(u, l)| l - u).collect();
        let heights: Vec<f32> = gaps.iter().map(|gap| gap.y.max(0.0)).collect();
        let across: Vec<f32> = columns(upper, lower, at).map(|(u, l)| 0.5 * (u.x + l.x)).collect();
        let rounding = rounded(&heights, &across).iter().zip(&heights).map(|(round, height)| round - height).collect();
        let widest = heights.iter().copied().fold(0.0, f32::max);
        let width = across.first().zip(across.last()).map_or(0.0, |(first, last)| (last - first).abs());
        Self { gaps, heights, rounding, widest, width }
    }
}

/// A vertex, the column it goes with, whether with the upper rim, and its share of the step.
type Follower = (u32, u16, bool, f32);

/// The rims of one opening and what follows them.
#[derive(Debug)]
pub struct Rims {
    upper: Vec<u32>,
    lower: Vec<u32>,
    /// Where two rims meet, as the upper one's share of the way.
    meet: f32,
    /// Gaps between which it shuts, pixels.
    shut: [f32; 2],
    /// Whether it is a mouth.
    round: bool,
    /// The photo's own opening, which is right as it is.
    photo: Opening,
    followers: Vec<Follower>,
}

impl Rims {
    /// The mouth, the left and the right eye of a head whose vertices lie at `source` (pixels), `scale` pixels to the
    /// inter-ocular distance.
    pub fn all(model: &HeadModel, source: &[Vec3], scale: f32) -> [Self; 3] {
        let parted = parted_shape(model);
        let new = |upper: &[u32], lower: &[u32], meet: f32, round: bool| {
            let photo = Opening::new(upper, lower, source);
            let shut = match round {
                // Lips that are ajar in the photo are ajar.
                true if photo.widest > LIPS_SHUT[0] * scale => {
                    [LIPS_SHUT[0] * scale, (LIPS_SHUT[1] * scale).min(photo.widest)]
                }
                true => LIPS_SHUT.map(|gap| gap * scale),
                // Eyes that are closed in the photo stay closed: what is behind these lids nobody knows.
                false if photo.widest < CLOSED_EYE * photo.width => [f32::MAX; 2],
                false => LIDS_SHUT.map(|share| share * photo.widest),
            };
            let followers = followers(upper, lower, &parted);
            Self { upper: upper.to_vec(), lower: lower.to_vec(), meet, shut, round, photo, followers }
        };
        [
            new(model.lip_upper(), model.lip_lower(), 0.5, true),
            new(model.lid_left_upper(), model.lid_left_lower(), 0.15, false),
            new(model.lid_right_upper(), model.lid_right_lower(), 0.15, false),
        ]
    }

    /// Corrects `vertices` (pixels).
    pub fn settle(&self, vertices: &mut [Vec3]) {
        let now = Opening::new(&self.upper, &self.lower, vertices);
        let open = smoothstep(self.shut[0], self.shut[1], now.widest);
        let was_shut = self.photo.widest <= self.shut[0];
        // How much this opening is the photo's, which is not to be rounded.
        let ratio = now.widest / self.photo.widest.max(1e-3);
        let same = ratio.min(2.0 - ratio).max(0.0);
        let steps: Vec<(Vec2, Vec2)> = (0..now.gaps.len())
            .map(|i| {
                let gap = now.gaps[i];
                let rounding = if self.round { now.rounding[i] - same * self.photo.rounding[i] } else { 0.0 };
                let round = gap.normalize_or_zero() * (rounding * open).max(-now.heights[i]);
                // Shut as the photo is shut, or rim on rim.
                let apart = if was_shut { gap - self.photo.gaps[i] } else { gap };
                let shut = apart * (1.0 - open);
                (shut * (1.0 - self.meet), round - shut * self.meet)
            })
            .collect();
        for &(v, column, is_upper, share) in &self.followers {
            let (upper, lower) = steps[column as usize];
            let step = if is_upper { upper } else { lower };
            vertices[v as usize] += (step * share).extend(0.0);
        }
    }
}

/// The vertices near two rims of the head `parted`, where distances do not reach across the opening.
fn followers(upper: &[u32], lower: &[u32], parted: &[Vec3]) -> Vec<Follower> {
    let follower = |v: usize| {
        let nearest = |rim: &[u32]| {
            let distances = rim.iter().enumerate().map(|(i, &r)| (i, parted[r as usize].distance_squared(parted[v])));
            distances.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f32::INFINITY))
        };
        let (above, below) = (nearest(upper), nearest(lower));
        let (column, distance) = if above.1 <= below.1 { above } else { below };
        let share = (-distance / (REACH * REACH)).exp();
        (share > 0.02).then_some((v as u32, column as u16, above.1 <= below.1, share))
    };
    (0..parted.len()).filter_map(follower).collect()
}

fn columns<'a>(upper: &'a [u32], lower: &'a [u32], at: &'a [Vec3]) -> impl Iterator<Item = (Vec2, Vec2)> + 'a {
    upper.iter().zip(lower).map(|(&u, &l)| (at[u as usize].truncate(), at[l as usize].truncate()))
}

/// Heights of an opening at the places `across`, corner to corner, moved towards an arch of the same area.
fn rounded(heights: &[f32], across: &[f32]) -> Vec<f32> {
    let (Some(first), Some(last)) = (across.first(), across.last()) else { return Vec::new() };
    let width = (last - first).abs().max(1e-3);
    let arch = |i: usize| (1.0 - (2.0 * (across[i] - first).abs() / width - 1.0).powi(2)).max(0.0).powf(0.8);
    let (sum, whole) = (heights.iter().sum::<f32>(), (0..heights.len()).map(arch).sum::<f32>());
    let scale = sum / whole.max(1e-3);
    heights.iter().enumerate().map(|(i, height)| height + ROUND * (scale * arch(i) - height)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An eye that is closed in the photo has no opening to compare with.
    #[test]
    fn equal_limits_give_a_number() {
        assert_eq!((smoothstep(0.0, 0.0, 0.0), smoothstep(0.0, 0.0, 1.0)), (0.0, 1.0));
    }

    #[test]
    fn a_pointed_opening_becomes_round_and_keeps_its_area() {
        let pointed: Vec<f32> = (0..=8).map(|i| 4.0 - (i as f32 - 4.0).abs()).collect();
        let across: Vec<f32> = (0..=8).map(|i| i as f32).collect();
        let round = rounded(&pointed, &across);
        assert!((round.iter().sum::<f32>() - pointed.iter().sum::<f32>()).abs() < 1e-3);
        assert!(round[4] < pointed[4] && round[1] > pointed[1], "{round:?}");
        assert_eq!(round[0], 0.0);
    }
}
