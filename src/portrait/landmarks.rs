//! The shape of one face: the landmark network on a crop, and again on better crops and their mirror images.

use super::fit::Observation;
use super::mirror;
use crate::gpu::Gpu;
use crate::head::expression::{EXPRESSION_COUNT, Expression};
use crate::nn::{Border, Input, Network, NetworkError, Output, Patch, Picture};
use glam::{EulerRot, Mat3};

/// Crop side divided by the face box's longer side, as in training.
const CROP_FACTOR: f32 = 1.6;
/// Crops of a careful reading, each also mirrored; shares of the first look's. In a closer crop lips and lids have more
/// pixels, and every crop errs in its own way.
pub(super) const CAREFUL: &[f32] = &[0.94, 0.84, 0.75];
/// Crops of a quick reading, for a video's frames that cannot wait.
pub(super) const QUICK: &[f32] = &[0.84];
/// Number of points before the dense ones: 68 landmarks and 2 irises.
pub(super) const SPARSE: usize = 70;

/// What the network says of one face, in image pixels.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// 68 landmarks, 2 irises (image-left first), then the dense points.
    pub(super) points: Vec<[f32; 2]>,
    /// Expected error of each point, px.
    pub(super) sigma: Vec<f32>,
    pub(super) expression: Expression,
    /// Yaw, pitch, roll; radians, relative to the picture.
    pub(super) pose: [f32; 3],
    pub(super) gaze: [f32; 4],
    /// Probability of a face, 0..1.
    pub(super) score: f32,
}

impl Shape {
    /// What the head model is fitted to; the irises are no points of it.
    pub(super) fn observation(&self) -> Observation {
        Observation::new(&self.points, &self.sigma, self.expression, self.pose)
    }
}

/// The landmark network: `face` [1,3,S,S] to the six outputs of `ARCHITECTURE.md`.
#[derive(Debug)]
pub(super) struct Landmarker {
    network: Network,
    points: usize,
    /// For each point, the one it becomes in a mirrored picture.
    mirror: Vec<usize>,
}

impl Landmarker {
    /// `dense_mirror` gives, for each dense point of the head model, its counterpart on the other side.
    pub(super) async fn new(bytes: &[u8], dense_mirror: &[usize], gpu: Option<&Gpu>) -> Result<Self, NetworkError> {
        let network = Network::load("face_landmarks", bytes, gpu).await?;
        network.picture_side()?;
        let points = SPARSE + dense_mirror.len();
        for (name, length) in [
            ("points", 2 * points),
            ("sigma", points),
            ("expression", EXPRESSION_COUNT),
            ("pose", 3),
            ("gaze", 4),
            ("score", 1),
        ] {
            let found = network.outputs().iter().find(|port| port.name == name);
            let has = found.map_or(0, |port| port.shape.iter().product());
            if has != length {
                return Err(network.contract_error(format!("`{name}` has {has} values where {length} belong")));
            }
        }
        let mut mirror = mirror::LANDMARKS68.to_vec();
        mirror.extend([69, 68]);
        mirror.extend(dense_mirror.iter().map(|&i| (SPARSE + i).min(points - 1)));
        Ok(Self { network, points, mirror })
    }

    /// The crop for a face whose box has this middle and longer side, its x axis turned by `angle`.
    pub(super) fn crop(center: [f32; 2], longer_side: f32, angle: f32) -> Patch {
        Patch { center, side: (CROP_FACTOR * longer_side).max(1.0), angle, mirrored: false }
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// One look.
    pub(super) async fn read(&self, picture: &Picture<'_>, patch: Patch) -> Result<Shape, NetworkError> {
        let results = self.network.run(&[Input::Crop { picture, patch, border: Border::Zero }]).await?;
        Ok(self.shape(&results[0], patch))
    }

    /// What the network said of `patch`, in image pixels.
    fn shape(&self, outputs: &[Output], patch: Patch) -> Shape {
        let values = |name: &str| values(outputs, name);
        let mut points = vec![[0.0; 2]; self.points];
        let mut sigma = vec![0.0; self.points];
        for (i, (pair, error)) in values("points").chunks_exact(2).zip(values("sigma")).enumerate() {
            // A crop holds the face: whatever lies further out than its own width is a slip of the network.
            let inside = patch.to_image([pair[0].clamp(-1.0, 2.0), pair[1].clamp(-1.0, 2.0)]);
            let to = if patch.mirrored { self.mirror[i] } else { i };
            points[to] = inside;
            sigma[to] = error.clamp(1e-3, 1.0) * patch.side;
        }
        let mut expression = Expression::default();
        for (to, from) in expression.0.iter_mut().zip(values("expression")) {
            *to = from.clamp(0.0, 1.0);
        }
        let mut pose: [f32; 3] = std::array::from_fn(|i| values("pose")[i]);
        let mut gaze: [f32; 4] = std::array::from_fn(|i| values("gaze")[i]);
        if patch.mirrored {
            expression = mirror::expression(&expression);
            gaze = mirror::gaze(gaze);
            pose = [-pose[0], pose[1], -pose[2]];
        }
        // A crop turned clockwise shows the face turned counter-clockwise, in the model's axes by +angle about z.
        let in_crop = Mat3::from_euler(EulerRot::YXZ, pose[0], pose[1], pose[2]);
        let (yaw, pitch, roll) = (Mat3::from_rotation_z(-patch.angle) * in_crop).to_euler(EulerRot::YXZ);
        pose = [yaw, pitch, roll];
        Shape { points, sigma, expression, pose, gaze, score: values("score")[0].clamp(0.0, 1.0) }
    }

    /// Recentred and levelled by `first`, and averaged over `crops` ([`CAREFUL`] or [`QUICK`]) and their mirror images.
    /// All looks are one batch.
    pub(super) async fn refine(
        &self,
        picture: &Picture<'_>,
        first: &Shape,
        crops: &[f32],
    ) -> Result<Shape, NetworkError> {
        let level = level_crop(&first.points);
        let both = |&share: &f32| [false, true].map(|mirrored| Patch { side: share * level.side, mirrored, ..level });
        let patches: Vec<Patch> = crops.iter().flat_map(both).collect();
        let inputs: Vec<Input<'_>> =
            patches.iter().map(|&patch| Input::Crop { picture, patch, border: Border::Zero }).collect();
        let results = self.network.run(&inputs).await?;
        let readings: Vec<Shape> =
            results.iter().zip(&patches).map(|(outputs, patch)| self.shape(outputs, *patch)).collect();
        Ok(average(&readings))
    }
}

/// The crop centred on the box of the 68 points in the direction in which the eyes are level.
pub(super) fn level_crop(points: &[[f32; 2]]) -> Patch {
    let middle = |range: std::ops::Range<usize>| -> [f32; 2] {
        let count = range.len() as f32;
        let sum = points[range].iter().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
        [sum[0] / count, sum[1] / count]
    };
    let (left, right) = (middle(36..42), middle(42..48));
    let angle = (right[1] - left[1]).atan2(right[0] - left[0]);
    // The box is taken in the turned axes, as the network will see it.
    let turned = Patch { center: [0.0; 2], side: 1.0, angle, mirrored: false };
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for p in &points[..68] {
        let q = turned.to_patch(*p);
        for axis in 0..2 {
            low[axis] = low[axis].min(q[axis]);
            high[axis] = high[axis].max(q[axis]);
        }
    }
    let center = turned.to_image([(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0]);
    Landmarker::crop(center, (high[0] - low[0]).max(high[1] - low[1]), angle)
}

/// The mean of readings of one face (at least one), each point weighted by its inverse variance.
fn average(readings: &[Shape]) -> Shape {
    let mut mean = readings[0].clone();
    let count = readings.len() as f32;
    for i in 0..mean.points.len() {
        let weights: Vec<f32> = readings.iter().map(|r| 1.0 / (r.sigma[i] * r.sigma[i])).collect();
        let total: f32 = weights.iter().sum();
        for axis in 0..2 {
            let sum: f32 = readings.iter().zip(&weights).map(|(r, weight)| weight * r.points[i][axis]).sum();
            mean.points[i][axis] = sum / total;
        }
        // The errors are not independent: the best one is as much as can be claimed.
        mean.sigma[i] = readings.iter().map(|r| r.sigma[i]).fold(f32::MAX, f32::min);
    }
    let of = |value: &dyn Fn(&Shape) -> f32| readings.iter().map(value).sum::<f32>() / count;
    mean.expression.0 = std::array::from_fn(|i| of(&|r| r.expression.0[i]));
    mean.pose = std::array::from_fn(|i| of(&|r| r.pose[i]));
    mean.gaze = std::array::from_fn(|i| of(&|r| r.gaze[i]));
    mean.score = of(&|r| r.score);
    mean
}

/// The values of an output whose presence [`Landmarker::new`] has checked.
fn values<'a>(outputs: &'a [Output], name: &str) -> &'a [f32] {
    outputs.iter().find(|output| output.name == name).map_or(&[], |output| &output.values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_readings_weigh_more() {
        let reading = |x: f32, sigma: f32, score: f32| Shape {
            points: vec![[x, -x]],
            sigma: vec![sigma],
            expression: Expression::default(),
            pose: [x, 0.0, 0.0],
            gaze: [x; 4],
            score,
        };
        let mean = average(&[reading(0.0, 1.0, 0.2), reading(5.0, 0.5, 0.4)]);
        assert_eq!((mean.points[0], mean.sigma[0]), ([4.0, -4.0], 0.5));
        assert!((mean.pose[0] - 2.5).abs() < 1e-6 && (mean.score - 0.3).abs() < 1e-6);
    }

    #[test]
    fn the_second_crop_levels_the_eyes_and_holds_the_face() {
        // A face turned by 0.5 rad about (100, 100): eyes at +-20, other points on a circle of 40.
        let turn = Patch { center: [100.0; 2], side: 1.0, angle: 0.5, mirrored: false };
        let mut points = vec![[0.0; 2]; 68];
        for (i, p) in points.iter_mut().enumerate() {
            let around = i as f32 / 68.0 * std::f32::consts::TAU;
            let local = match i {
                36..42 => [-20.0, 0.0],
                42..48 => [20.0, 0.0],
                _ => [40.0 * around.cos(), 40.0 * around.sin()],
            };
            *p = turn.to_image([local[0] + 0.5, local[1] + 0.5]);
        }
        let crop = level_crop(&points);
        assert!((crop.angle - 0.5).abs() < 1e-4);
        assert!((crop.center[0] - 100.0).abs() < 1.0 && (crop.center[1] - 100.0).abs() < 1.0);
        assert!((crop.side - 1.6 * 80.0).abs() < 2.0);
        let eyes = [points[36], points[42]].map(|p| crop.to_patch(p));
        assert!((eyes[0][1] - eyes[1][1]).abs() < 1e-4 && eyes[0][0] < eyes[1][0]);
    }
}
