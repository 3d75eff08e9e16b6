//! Where faces may be: the detector network over the whole picture, over tiles of it, and turned.

use super::Bounds;
use crate::gpu::Gpu;
use crate::nn::{Border, Input, Network, NetworkError, Patch, Picture};

/// Least probability of a candidate. Low, because the landmark network judges each candidate again.
const MIN_PROBABILITY: f32 = 0.35;
/// Two candidates that overlap more than this show the same face.
const SAME_FACE: f32 = 0.45;
/// Most candidates a pass hands on: bounds the time that a picture full of near-faces can take.
const MAX_CANDIDATES: usize = 48;

/// A face that may be there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Middle of the face's box, image pixels.
    pub(super) center: [f32; 2],
    /// Longer side of the box, image pixels.
    pub(super) side: f32,
    /// Turn of the patch it was seen in, radians, clockwise on the screen.
    pub(super) angle: f32,
    /// Probability, 0..1.
    pub(super) probability: f32,
    /// The box, axis-aligned in the patch.
    pub(super) bounds: Bounds,
}

/// The detector network: `image` [1,3,S,S] to `faces` [1,5,G,G], see `ARCHITECTURE.md`.
#[derive(Debug)]
pub(super) struct Detector {
    network: Network,
    grid: usize,
}

impl Detector {
    pub(super) async fn new(bytes: &[u8], gpu: Option<&Gpu>) -> Result<Self, NetworkError> {
        let network = Network::load("face_detector", bytes, gpu).await?;
        let size = network.picture_side()?;
        let grid = match network.outputs()[0].shape[..] {
            [1, 5, height, width] if height == width && size % width == 0 => width,
            ref shape => return Err(network.contract_error(format!("its output is {shape:?}"))),
        };
        Ok(Self { network, grid })
    }

    /// Candidates in all `patches`, the most probable first, each face once.
    pub(super) async fn find(&self, picture: &Picture<'_>, patches: &[Patch]) -> Result<Vec<Candidate>, NetworkError> {
        let crops: Vec<Input<'_>> =
            patches.iter().map(|&patch| Input::Crop { picture, patch, border: Border::Zero }).collect();
        let results = self.network.run(&crops).await?;
        let peaks = results.iter().zip(patches).flat_map(|(outputs, patch)| self.peaks(&outputs[0].values, *patch));
        Ok(distinct(peaks.collect()))
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// Local maxima of the score map, as candidates in image pixels.
    fn peaks(&self, maps: &[f32], patch: Patch) -> Vec<Candidate> {
        let grid = self.grid;
        let plane = grid * grid;
        let min_logit = (MIN_PROBABILITY / (1.0 - MIN_PROBABILITY)).ln();
        let mut found = Vec::new();
        for row in 0..grid {
            for column in 0..grid {
                let at = row * grid + column;
                let logit = maps[at];
                if logit < min_logit {
                    continue;
                }
                let rows = row.saturating_sub(1)..(row + 2).min(grid);
                let higher = rows
                    .flat_map(|r| (column.saturating_sub(1)..(column + 2).min(grid)).map(move |c| r * grid + c))
                    .any(|other| maps[other] > logit);
                if higher {
                    continue;
                }
                let u = (column as f32 + maps[plane + at].clamp(-1.0, 2.0)) / grid as f32;
                let v = (row as f32 + maps[2 * plane + at].clamp(-1.0, 2.0)) / grid as f32;
                // ln(w / S): a face between 1 % and 150 % of the patch; anything else is noise.
                let [width, height] = [3, 4].map(|map| maps[map * plane + at].clamp(-4.6, 0.4).exp() * patch.side);
                let center = patch.to_image([u, v]);
                let bounds = Bounds { x: center[0] - width / 2.0, y: center[1] - height / 2.0, width, height };
                let probability = 1.0 / (1.0 + (-logit).exp());
                found.push(Candidate { center, side: width.max(height), angle: patch.angle, probability, bounds });
            }
        }
        found
    }
}

/// Greedy non-maximum suppression.
fn distinct(mut all: Vec<Candidate>) -> Vec<Candidate> {
    all.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in all {
        let seen = kept.iter().any(|other| {
            other.bounds.intersection_over_union(&candidate.bounds) > SAME_FACE
                || other.bounds.overlap_of_smaller(&candidate.bounds) > 0.7
        });
        if !seen {
            kept.push(candidate);
            if kept.len() == MAX_CANDIDATES {
                break;
            }
        }
    }
    kept
}

/// The whole picture, centred in a square `zoom_out` times its longer side, turned by `angle`.
pub(super) fn whole(width: f32, height: f32, zoom_out: f32, angle: f32) -> Patch {
    let side = width.max(height) * zoom_out;
    Patch { center: [width / 2.0, height / 2.0], side, angle, mirrored: false }
}

/// Squares `zoom` times smaller than the longer side that cover the picture and overlap by half, so that each face
/// up to half a tile lies whole in at least one.
pub(super) fn tiles(width: f32, height: f32, zoom: f32) -> Vec<Patch> {
    let side = width.max(height) / zoom;
    let centers = |length: f32| -> Vec<f32> {
        if length <= side {
            return vec![length / 2.0];
        }
        let count = ((length - side) / (side / 2.0)).ceil() as usize;
        (0..=count).map(|i| side / 2.0 + (length - side) * i as f32 / count as f32).collect()
    };
    let columns = centers(width);
    let patch = |x: f32, y: f32| Patch { center: [x, y], side, angle: 0.0, mirrored: false };
    centers(height).into_iter().flat_map(|y| columns.iter().map(move |&x| patch(x, y)).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(x: f32, side: f32, probability: f32) -> Candidate {
        let bounds = Bounds { x, y: 0.0, width: side, height: side };
        Candidate { center: bounds.center(), side, angle: 0.0, probability, bounds }
    }

    #[test]
    fn overlapping_candidates_are_one_face() {
        let kept = distinct(vec![candidate(0.0, 10.0, 0.5), candidate(1.0, 10.0, 0.9), candidate(30.0, 10.0, 0.6)]);
        assert_eq!(kept.iter().map(|c| c.probability).collect::<Vec<_>>(), [0.9, 0.6]);
    }

    #[test]
    fn tiles_cover_the_picture() {
        for (width, height) in [(600.0, 480.0), (480.0, 600.0), (1000.0, 100.0), (64.0, 64.0)] {
            for zoom in [2.0, 3.0] {
                let patches = tiles(width, height, zoom);
                assert!(patches.len() <= 25);
                for (x, y) in [(0.5, 0.5), (width - 0.5, height - 0.5), (width / 2.0, height / 2.0)] {
                    let inside = |p: &Patch| p.to_patch([x, y]).iter().all(|c| (-1e-3..=1.001).contains(c));
                    assert!(patches.iter().any(inside), "{width} x {height}, zoom {zoom}: {x}, {y}");
                }
            }
        }
    }
}
