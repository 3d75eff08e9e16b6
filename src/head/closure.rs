//! Lids and lips that close on everyone.
//!
//! Expression deltas are made on the mean head. On a person with wider eyes the same blink leaves a gap, on one
//! with narrower eyes the lids cross. What is missing is linear in the person's shape: it is measured at the rims,
//! halved out between them, and spread over the skin beside. The same as `_closures` in `models/synth/arkit.py`.

use super::expression::Expression;
use glam::Vec3;

/// What to close and how; see [`Closure::new`].
pub(super) struct Rims<'a> {
    /// Vertices of the upper rim, corner to corner; repeats allowed.
    pub upper: &'a [u32],
    /// Vertices of the lower rim, from the same corner.
    pub lower: &'a [u32],
    /// Where they meet: the upper rim's share.
    pub meet: f32,
    /// How far the correction reaches into the skin, inter-ocular distances.
    pub reach: f32,
    /// Width of the smoothing along the rim, inter-ocular distances.
    pub width: f32,
}

/// One vertex of a rim and the place across, on the other rim.
#[derive(Debug, Clone, Copy)]
struct RimPoint {
    vertex: u32,
    /// What the expressions that close the rims add to `vertex`.
    closing: Vec3,
    /// The other rim at the same arc length: two vertices, and the second one's share.
    across: (u32, u32, f32),
    /// How much of the gap this side bridges.
    part: f32,
}

/// Upper and lower rim of a mouth or an eye.
#[derive(Debug, Clone)]
pub(super) struct Closure {
    points: Vec<RimPoint>,
    /// Skin vertices that follow, each with (number in `points`, weight).
    patch: Vec<(u32, Vec<(u32, f32)>)>,
}

impl Closure {
    /// `mean` is the neutral mean head; `parted` the mean head with open mouth, where distances do not reach across
    /// the lip line; `closing[v]` what the closing expressions at 1 add to vertex v.
    pub fn new(rims: &Rims<'_>, mean: &[Vec3], parted: &[Vec3], closing: &[Vec3]) -> Self {
        let (upper, lower) = (without_repeats(rims.upper), without_repeats(rims.lower));
        let side = |own: &[u32], other: &[u32], part: f32| -> Vec<RimPoint> {
            let (at, across) = (arc_parameters(own, mean), arc_parameters(other, mean));
            let point = |(&vertex, &t): (&u32, &f32)| {
                let after = across.partition_point(|&o| o < t).clamp(1, other.len() - 1);
                let step = (across[after] - across[after - 1]).max(f32::EPSILON);
                let share = ((t - across[after - 1]) / step).clamp(0.0, 1.0);
                RimPoint {
                    vertex,
                    closing: closing[vertex as usize],
                    across: (other[after - 1], other[after], share),
                    part,
                }
            };
            own.iter().zip(&at).map(point).collect()
        };
        let mut points = side(&upper, &lower, 1.0 - rims.meet);
        points.extend(side(&lower, &upper, rims.meet));
        let patch = (0..parted.len()).filter_map(|v| follow(v as u32, &points, upper.len(), parted, rims)).collect();
        Self { points, patch }
    }

    /// The step that each vertex of the patch takes when the rims close fully on the person `neutral`.
    pub fn steps(&self, neutral: &[Vec3]) -> Vec<(u32, Vec3)> {
        let closing = |vertex: u32| self.points.iter().find(|p| p.vertex == vertex).map_or(Vec3::ZERO, |p| p.closing);
        let gaps: Vec<Vec3> = self
            .points
            .iter()
            .map(|point| {
                let (a, b, share) = point.across;
                let here = neutral[point.vertex as usize] + point.closing;
                let there = (neutral[a as usize] + closing(a)).lerp(neutral[b as usize] + closing(b), share);
                point.part * (there - here)
            })
            .collect();
        let step = |weights: &[(u32, f32)]| weights.iter().map(|&(point, weight)| weight * gaps[point as usize]).sum();
        self.patch.iter().map(|(vertex, weights)| (*vertex, step(weights))).collect()
    }
}

/// What a blink, and lips that close over an open jaw, leave for other expressions to do: a closed lid cannot be
/// squinted, widened or lowered further, and lips close no further than the jaw is open.
pub(super) fn effective(expression: &Expression) -> Expression {
    let mut result = *expression;
    for (blink, others) in [
        ("eyeBlinkLeft", ["eyeSquintLeft", "eyeWideLeft", "eyeLookDownLeft", "eyeLookUpLeft", "cheekSquintLeft"]),
        ("eyeBlinkRight", ["eyeSquintRight", "eyeWideRight", "eyeLookDownRight", "eyeLookUpRight", "cheekSquintRight"]),
    ] {
        let open = 1.0 - expression.get(blink).clamp(0.0, 1.0);
        for name in others {
            result.set(name, expression.get(name) * open);
        }
    }
    result.set("mouthClose", expression.get("mouthClose").min(expression.get("jawOpen")));
    result
}

fn without_repeats(rim: &[u32]) -> Vec<u32> {
    let mut rim = rim.to_vec();
    rim.dedup();
    rim
}

/// Arc length at each vertex, 0..1.
fn arc_parameters(rim: &[u32], points: &[Vec3]) -> Vec<f32> {
    let mut length = 0.0;
    let mut result = vec![0.0];
    for pair in rim.windows(2) {
        length += points[pair[0] as usize].distance(points[pair[1] as usize]);
        result.push(length);
    }
    result.iter().map(|at| at / length.max(f32::EPSILON)).collect()
}

/// How `vertex` follows the rim that it is nearer to; `None` beyond reach.
fn follow(
    vertex: u32,
    points: &[RimPoint],
    upper: usize,
    parted: &[Vec3],
    rims: &Rims<'_>,
) -> Option<(u32, Vec<(u32, f32)>)> {
    if let Some(own) = points.iter().position(|p| p.vertex == vertex) {
        // A rim vertex follows itself alone, so that the rims meet exactly.
        return Some((vertex, vec![(own as u32, 1.0)]));
    }
    let at = parted[vertex as usize];
    let distances: Vec<f32> = points.iter().map(|p| parted[p.vertex as usize].distance(at)).collect();
    let nearest = (0..points.len()).min_by(|&a, &b| distances[a].total_cmp(&distances[b]))?;
    let least = distances[nearest];
    if least >= rims.reach {
        return None;
    }
    let same_side = if nearest < upper { 0..upper } else { upper..points.len() };
    let fall = (1.0 - (least / rims.reach).powi(2)).powi(2);
    let raw = |k: usize| ((least.powi(2) - distances[k].powi(2)) / rims.width.powi(2)).exp();
    let total: f32 = same_side.clone().map(raw).sum();
    let weights = same_side.map(|k| (k as u32, fall * raw(k) / total)).filter(|(_, weight)| *weight > 1e-4);
    Some((vertex, weights.collect()))
}
