//! The head model fitted to a face's points: regularised non-linear least squares.
//!
//! Minimised over pose, identity a and expression e, with X_i the model's point i under weak perspective:
//!
//!   sum_i w_i |x_i - X_i|^2  +  |a|^2  +  sum_j ((e_j - n_j) / s)^2,   0 <= e_j <= 1
//!
//! w_i is the inverse of the network's expected squared error (with a floor), the second term the N(0, 1) prior of
//! the identity modes (as in Blanz and Vetter 1999), n the expression that the network read. Solved by
//! Levenberg-Marquardt (Nocedal and Wright, "Numerical Optimization", 10.3) with the bounds as an active set.
//!
//! In a video the identity is the same in all frames: each adds its [`Evidence`], and once the person is known
//! [`FitModel::fit_held`] fits pose and expression alone, drawn a little towards the frame before.

use super::HeadFit;
use super::landmarks::SPARSE;
use super::normal::Normal;
use crate::head::HeadModel;
use crate::head::expression::{EXPRESSION_COUNT, EXPRESSION_NAMES, Expression};
use glam::{EulerRot, Mat3, Quat, Vec2, Vec3};
use nalgebra::{DMatrix, DVector};
use std::collections::HashMap;

/// Points of the 68 that lie on the jaw's outline.
const JAW: std::ops::Range<usize> = 0..17;
/// Least expected error, inter-ocular distances: the model's own, below which more certainty only disturbs.
const SIGMA_FLOOR: f64 = 0.012;
/// Errors of neighbouring points go together; this many count as one independent observation.
const CORRELATED: f64 = 3.0;
/// Residuals beyond this many expected errors count linearly (Huber 1964).
const HUBER: f64 = 2.5;
/// How far an expression coefficient strays from what the network read, one standard deviation.
const EXPRESSION_SPREAD: f64 = 0.15;
/// Pose: small rotation about x, y, z; ln(scale); translation x, y.
const POSE: usize = 6;
const MAX_STEPS: usize = 14;
/// How far a video's face strays from the frame before, one standard deviation: weak beside the points, it decides
/// only what they leave open. Rotation in radians, ln(scale), expression coefficients.
const TURN_SPREAD: f64 = 0.08;
const ZOOM_SPREAD: f64 = 0.05;
const CHANGE_SPREAD: f64 = 0.5;

/// The head model at the points that are fitted only: 68 landmarks, then the dense ones. Head-model units.
#[derive(Debug, Clone)]
pub(super) struct FitModel {
    /// [N]
    pub(super) mean: Vec<Vec3>,
    /// [K][N], per unit coefficient.
    pub(super) identity: Vec<Vec<Vec3>>,
    /// [52][N], at coefficient 1.
    pub(super) expression: Vec<Vec<Vec3>>,
}

/// What the fit starts from and is drawn towards.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    /// [N], image pixels.
    pub(super) points: Vec<[f32; 2]>,
    /// [N], pixels.
    pub(super) sigma: Vec<f32>,
    pub(super) expression: Expression,
    /// Yaw, pitch, roll; radians.
    pub(super) pose: [f32; 3],
}

impl Observation {
    /// `points` and `sigma` as the landmark network gives them, irises among them.
    pub(super) fn new(points: &[[f32; 2]], sigma: &[f32], expression: Expression, pose: [f32; 3]) -> Self {
        fn without_irises<T: Copy>(all: &[T]) -> Vec<T> {
            all.iter().take(68).chain(all.iter().skip(SPARSE)).copied().collect()
        }
        Self { points: without_irises(points), sigma: without_irises(sigma), expression, pose }
    }
}

/// What one frame says of the identity, whatever its pose and expression are: information matrix S and right side h of
/// the best S a = h, without the prior.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) information: DMatrix<f64>,
    pub(super) right: DVector<f64>,
}

/// What a descent moves beside the pose, and the frame before that holds it back.
#[derive(Clone, Copy, Default)]
struct Free<'a> {
    /// All identity modes or none.
    modes: usize,
    /// Numbers of the expression coefficients.
    expressions: &'a [usize],
    before: Option<&'a State>,
}

/// The unknowns.
#[derive(Clone)]
struct State {
    rotation: Mat3,
    scale: f32,
    translation: Vec2,
    identity: Vec<f32>,
    expression: Expression,
}

impl State {
    fn of(fit: &HeadFit) -> Self {
        Self {
            rotation: fit.rotation_matrix(),
            scale: fit.scale,
            translation: fit.translation.into(),
            identity: fit.identity.clone(),
            expression: fit.expression,
        }
    }
}

impl FitModel {
    /// The fitted points of `head`.
    pub(super) fn new(head: &HeadModel) -> Self {
        let vertices: Vec<usize> = head.landmarks68().iter().chain(head.dense()).map(|&v| v as usize).collect();
        let identity = (0..head.identity_count())
            .map(|mode| vertices.iter().map(|&vertex| head.identity_delta(mode, vertex)).collect())
            .collect();
        let expression = (0..EXPRESSION_COUNT)
            .map(|index| {
                let steps: HashMap<usize, Vec3> =
                    head.expression_delta(index).iter().map(|&(vertex, step)| (vertex as usize, step)).collect();
                vertices.iter().map(|vertex| steps.get(vertex).copied().unwrap_or(Vec3::ZERO)).collect()
            })
            .collect();
        Self { mean: vertices.iter().map(|&vertex| head.mean()[vertex]).collect(), identity, expression }
    }

    /// The fitted points of a person wearing an expression; missing coefficients are 0.
    pub(super) fn shape(&self, identity: &[f32], expression: &Expression) -> Vec<Vec3> {
        let mut vertices = self.mean.clone();
        let modes = self.identity.iter().zip(identity).chain(self.expression.iter().zip(&expression.0));
        for (mode, &amount) in modes.filter(|(_, amount)| **amount != 0.0) {
            for (vertex, delta) in vertices.iter_mut().zip(mode) {
                *vertex += amount * *delta;
            }
        }
        vertices
    }

    /// The best fit to `seen`. Points beyond the shorter of model and observation are ignored.
    pub(super) fn fit(&self, seen: &Observation) -> HeadFit {
        let mut state = self.start(seen, &vec![0.0; self.identity.len()]);
        self.descend(&mut state, seen, Free::default());
        let free = Free { modes: self.identity.len(), expressions: &self.free_expressions(), before: None };
        self.descend(&mut state, seen, free);
        self.finish(state, seen)
    }

    /// The best fit to one frame of a video of the person `identity`, whose coefficients stay as they are; `before` is
    /// the fit of the frame before, in the same pixels.
    pub(super) fn fit_held(&self, seen: &Observation, identity: &[f32], before: Option<&HeadFit>) -> HeadFit {
        let before = before.map(State::of);
        let mut state = self.start(seen, identity);
        self.descend(&mut state, seen, Free::default());
        let free = Free { modes: 0, expressions: &self.free_expressions(), before: before.as_ref() };
        self.descend(&mut state, seen, free);
        self.finish(state, seen)
    }

    /// What `seen` says of the identity, near the `fit` to it. `None` when it says nothing that can be computed.
    pub(super) fn evidence(&self, seen: &Observation, fit: &HeadFit) -> Option<Evidence> {
        let state = State::of(fit);
        let modes = self.identity.len();
        // A coefficient at its bound does not give way.
        let inside = |j: &usize| (0.001..0.999).contains(&state.expression.0[*j]);
        let expressions: Vec<usize> = self.free_expressions().into_iter().filter(inside).collect();
        let normal = self.linearise(&state, seen, Free { modes, expressions: &expressions, before: None });
        let (mut information, mut right) = normal.marginal(POSE..POSE + modes)?;
        let at = DVector::from_iterator(modes, state.identity.iter().map(|&a| f64::from(a)));
        // The prior N(0, 1) is taken out again: it counts once for a person, not once for a frame.
        right += &at;
        information -= DMatrix::identity(modes, modes);
        right += &information * &at;
        let finite = information.iter().chain(right.iter()).all(|v| v.is_finite());
        finite.then_some(Evidence { information, right })
    }

    /// Where descents start: the network's pose and expression, aligned with the points.
    fn start(&self, seen: &Observation, identity: &[f32]) -> State {
        let [yaw, pitch, roll] = seen.pose;
        let mut state = State {
            rotation: Mat3::from_euler(EulerRot::YXZ, yaw, pitch, roll),
            scale: 1.0,
            translation: Vec2::ZERO,
            identity: identity.to_vec(),
            expression: seen.expression,
        };
        state.identity.resize(self.identity.len(), 0.0);
        self.align(&mut state, seen);
        state
    }

    fn finish(&self, state: State, seen: &Observation) -> HeadFit {
        let (yaw, pitch, roll) = state.rotation.to_euler(EulerRot::YXZ);
        let error = self.error(&state, seen);
        HeadFit {
            identity: state.identity,
            expression: state.expression,
            rotation: [yaw, pitch, roll],
            scale: state.scale,
            translation: state.translation.to_array(),
            error,
        }
    }

    /// Expressions that points can tell; the look of the eyes and the tongue are left as the network read them.
    fn free_expressions(&self) -> Vec<usize> {
        let visible = |&j: &usize| {
            let hidden = EXPRESSION_NAMES[j].starts_with("eyeLook") || EXPRESSION_NAMES[j] == "tongueOut";
            !hidden && self.expression[j].iter().any(|d| d.length_squared() > 1e-10)
        };
        (0..EXPRESSION_COUNT.min(self.expression.len())).filter(visible).collect()
    }

    /// Scale and translation in closed form under the state's rotation.
    fn align(&self, state: &mut State, seen: &Observation) {
        let model: Vec<Vec2> = self
            .shape(&state.identity, &state.expression)
            .iter()
            .map(|v| state.rotation * *v)
            .map(|v| Vec2::new(v.x, -v.y))
            .collect();
        let count = model.len().min(seen.points.len()).max(1) as f32;
        let pairs = || model.iter().zip(&seen.points).map(|(m, p)| (*m, Vec2::from(*p)));
        let (model_sum, point_sum) = pairs().fold((Vec2::ZERO, Vec2::ZERO), |(a, b), (m, p)| (a + m, b + p));
        let (model_mean, point_mean) = (model_sum / count, point_sum / count);
        let (mut across, mut within) = (0.0, 1e-12);
        for (m, p) in pairs() {
            across += (m - model_mean).dot(p - point_mean);
            within += (m - model_mean).length_squared();
        }
        // A reading so wrong that the best scale is negative still starts from a face of positive size.
        state.scale = (across / within).max(1e-3);
        state.translation = point_mean - state.scale * model_mean;
    }

    /// Levenberg-Marquardt over the pose and what else is `free`.
    fn descend(&self, state: &mut State, seen: &Observation, free: Free<'_>) {
        let Free { modes, expressions, .. } = free;
        let mut damping = 1e-3;
        let mut normal = self.linearise(state, seen, free);
        for _ in 0..MAX_STEPS {
            let room: Vec<(usize, f64, f64)> = expressions
                .iter()
                .enumerate()
                .map(|(k, &j)| (POSE + modes + k, f64::from(state.expression.0[j])))
                .map(|(unknown, now)| (unknown, -now, 1.0 - now))
                .collect();
            let Some(step) = normal.step(damping, &room) else { break };
            let next = moved(state, &step, modes, expressions);
            let trial = self.linearise(&next, seen, free);
            if trial.cost < normal.cost {
                let gain = (normal.cost - trial.cost) / normal.cost.max(1e-12);
                (*state, normal) = (next, trial);
                damping = (damping * 0.2).max(1e-7);
                if gain < 1e-4 {
                    break;
                }
            } else {
                damping *= 8.0;
                if damping > 1e6 {
                    break;
                }
            }
        }
    }

    /// Cost, gradient and Gauss-Newton matrix at `state`.
    fn linearise(&self, state: &State, seen: &Observation, free: Free<'_>) -> Normal {
        let Free { modes, expressions, before } = free;
        let unknowns = POSE + modes + expressions.len();
        let mut normal = Normal::new(unknowns);
        let vertices = self.shape(&state.identity, &state.expression);
        let turned: Vec<Vec3> = vertices.iter().map(|v| state.rotation * *v).collect();
        // Residuals in inter-ocular distances, so that all weights are free of the picture's size.
        let unit = 1.0 / f64::from(state.scale);
        let facing = state.rotation.z_axis.x;
        let mut jacobian = [vec![0.0_f64; unknowns], vec![0.0_f64; unknowns]];
        let mut row = Vec::with_capacity(unknowns);
        for (i, (x, &sigma)) in seen.points.iter().zip(&seen.sigma).enumerate().take(turned.len()) {
            let at = turned[i];
            let residual = Vec2::from(*x) - state.translation - state.scale * Vec2::new(at.x, -at.y);
            let residual = [f64::from(residual.x) * unit, f64::from(residual.y) * unit];
            let sigma = f64::from(sigma) * unit;
            let expected = sigma * sigma + SIGMA_FLOOR * SIGMA_FLOOR;
            let mut weight = 1.0 / (CORRELATED * expected);
            let size = ((residual[0] * residual[0] + residual[1] * residual[1]) / expected).sqrt();
            // Iteratively reweighted least squares: in the tail the cost 2 k |r| - k^2 has the slope of weight k / |r|.
            let tail = if size > HUBER { HUBER / size } else { 1.0 };
            weight *= tail * jaw_weight(i, facing);
            fill_row(&mut jacobian, at, unit, |mode| self.turned_delta(state, mode, i, modes, expressions));
            let directions = match JAW.contains(&i) {
                true => outline_axes(&turned, i),
                false => [([1.0, 0.0], 1.0), ([0.0, 1.0], 1.0)],
            };
            for ([dx, dy], share) in directions {
                row.clear();
                row.extend(jacobian[0].iter().zip(&jacobian[1]).map(|(x, y)| dx * x + dy * y));
                let off = dx * residual[0] + dy * residual[1];
                normal.add(&row, off, weight * share);
                normal.cost += weight * share * (2.0 - tail) * off * off;
            }
        }
        for (k, &a) in state.identity.iter().enumerate().take(modes) {
            normal.add_prior(POSE + k, f64::from(a), 1.0);
        }
        for (k, &j) in expressions.iter().enumerate() {
            let off = f64::from(state.expression.0[j] - seen.expression.0[j]);
            normal.add_prior(POSE + modes + k, off, EXPRESSION_SPREAD.powi(-2));
        }
        if let Some(before) = before {
            let turn = Quat::from_mat3(&(state.rotation * before.rotation.transpose())).to_scaled_axis();
            for (axis, angle) in turn.to_array().into_iter().enumerate() {
                normal.add_prior(axis, f64::from(angle), TURN_SPREAD.powi(-2));
            }
            normal.add_prior(3, f64::from((state.scale / before.scale.max(1e-6)).ln()), ZOOM_SPREAD.powi(-2));
            for (k, &j) in expressions.iter().enumerate() {
                let off = f64::from(state.expression.0[j] - before.expression.0[j]);
                normal.add_prior(POSE + modes + k, off, CHANGE_SPREAD.powi(-2));
            }
        }
        normal
    }

    /// How point `i` moves, turned into the camera's axes, per unit of the `mode`-th shape unknown.
    fn turned_delta(&self, state: &State, mode: usize, i: usize, modes: usize, expressions: &[usize]) -> Vec3 {
        let delta = if mode < modes { self.identity[mode][i] } else { self.expression[expressions[mode - modes]][i] };
        state.rotation * delta
    }

    /// Unweighted RMS distance, inter-ocular distances.
    fn error(&self, state: &State, seen: &Observation) -> f32 {
        let vertices = self.shape(&state.identity, &state.expression);
        let squares: Vec<f32> = vertices
            .iter()
            .zip(&seen.points)
            .map(|(v, x)| {
                let at = state.rotation * *v;
                let projected = state.translation + state.scale * Vec2::new(at.x, -at.y);
                projected.distance_squared(Vec2::from(*x))
            })
            .collect();
        (squares.iter().sum::<f32>() / squares.len().max(1) as f32).sqrt() / state.scale
    }
}

/// The rows d(x, y in inter-ocular distances) / d(unknowns) of one point.
fn fill_row(jacobian: &mut [Vec<f64>; 2], at: Vec3, unit: f64, delta: impl Fn(usize) -> Vec3) {
    // d(w x r) for small w about each axis: w x r = (wy z - wz y, wz x - wx z, ..); image y points down.
    let [x, y, z] = at.to_array().map(f64::from);
    jacobian[0][..POSE].copy_from_slice(&[0.0, z, -y, x, unit, 0.0]);
    jacobian[1][..POSE].copy_from_slice(&[z, 0.0, -x, -y, 0.0, unit]);
    for mode in 0..jacobian[0].len() - POSE {
        let moved = delta(mode);
        jacobian[0][POSE + mode] = f64::from(moved.x);
        jacobian[1][POSE + mode] = -f64::from(moved.y);
    }
}

/// The far side of the jaw of a turned head is hidden: what is seen there is another part of the outline.
/// `facing` is the x component of the direction in which the face looks.
fn jaw_weight(i: usize, facing: f32) -> f64 {
    if !JAW.contains(&i) {
        return 1.0;
    }
    // Point 0 is at the image's left, 16 at its right; a face that looks to the right hides its right side.
    let side = (i as f32 - 8.0) / 8.0;
    let hidden = (side * facing).max(0.0);
    f64::from(0.5 * (1.0 - 2.0 * hidden).max(0.05))
}

/// Across and along the jaw's outline at point `i`, each with its share of the weight: where along the outline a
/// point lies is a convention that networks and annotators follow loosely.
fn outline_axes(turned: &[Vec3], i: usize) -> [([f64; 2], f64); 2] {
    let before = turned[i.saturating_sub(1)];
    let after = turned[(i + 1).min(JAW.end - 1)];
    let along = Vec2::new(after.x - before.x, before.y - after.y).normalize_or(Vec2::X);
    let [x, y] = along.to_array().map(f64::from);
    [([-y, x], 1.0), ([x, y], 0.2)]
}

/// `state` after `step`.
fn moved(state: &State, step: &DVector<f64>, modes: usize, expressions: &[usize]) -> State {
    let mut next = state.clone();
    // Steps of more than a third of a turn or a factor of e come from a bad start: take them in pieces.
    let turn = Vec3::new(step[0] as f32, step[1] as f32, step[2] as f32).clamp_length_max(0.7);
    if let Some(axis) = turn.try_normalize() {
        next.rotation = Mat3::from_axis_angle(axis, turn.length()) * state.rotation;
    }
    next.scale = state.scale * (step[3] as f32).clamp(-1.0, 1.0).exp();
    next.translation += Vec2::new(step[4] as f32, step[5] as f32);
    for (k, a) in next.identity.iter_mut().enumerate().take(modes) {
        *a = (*a + step[POSE + k] as f32).clamp(-5.0, 5.0);
    }
    for (k, &j) in expressions.iter().enumerate() {
        next.expression.0[j] = (next.expression.0[j] + step[POSE + modes + k] as f32).clamp(0.0, 1.0);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portrait::identity::Identity;

    /// A small generator of reproducible noise (splitmix64).
    struct Noise(u64);

    impl Noise {
        fn uniform(&mut self) -> f32 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
        }

        /// Roughly N(0, 1).
        fn normal(&mut self) -> f32 {
            (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
        }

        fn vector(&mut self, size: f32) -> Vec3 {
            size * Vec3::new(self.normal(), self.normal(), self.normal())
        }
    }

    /// Points on the front of an ellipsoid with random smooth modes.
    fn model(noise: &mut Noise) -> FitModel {
        let mean: Vec<Vec3> = (0..160)
            .map(|i| {
                // The jaw's points lie on the outline, left to right in the image.
                let angle = if i < 17 {
                    std::f32::consts::PI * (1.0 + i as f32 / 16.0)
                } else {
                    std::f32::consts::TAU * noise.uniform()
                };
                let radius = if i < 17 { 0.95 } else { 0.9 * noise.uniform().sqrt() };
                let (x, y) = (radius * angle.cos(), radius * angle.sin());
                Vec3::new(0.7 * x, 0.9 * y, 0.8 * (1.0 - 0.9 * (x * x + y * y)).max(0.0).sqrt() + 0.3)
            })
            .collect();
        let mode = |noise: &mut Noise, size: f32| -> Vec<Vec3> {
            let (direction, wave) = (noise.vector(size), noise.vector(1.5));
            mean.iter().map(|v| direction * v.dot(wave).sin()).collect()
        };
        let identity = (0..30).map(|_| mode(noise, 0.03)).collect();
        let expression = (0..EXPRESSION_COUNT).map(|_| mode(noise, 0.06)).collect();
        FitModel { mean, identity, expression }
    }

    /// A random pose and expression of the person `identity`: the truth, and noisy points with rough readings of it.
    fn look(noise: &mut Noise, model: &FitModel, identity: &[f32]) -> (HeadFit, Observation) {
        let mut expression = Expression::default();
        for value in &mut expression.0 {
            *value = if noise.uniform() < 0.2 { noise.uniform() } else { 0.0 };
        }
        let truth = HeadFit {
            identity: identity.to_vec(),
            expression,
            rotation: [0.3 * noise.normal(), 0.2 * noise.normal(), 0.2 * noise.normal()],
            scale: 60.0 + 200.0 * noise.uniform(),
            translation: [300.0 + 50.0 * noise.normal(), 250.0],
            error: 0.0,
        };
        let exact = truth.project(&model.shape(&truth.identity, &truth.expression));
        let sigma = 0.008 * truth.scale;
        let points: Vec<[f32; 2]> =
            exact.iter().map(|p| [p.x + sigma * noise.normal(), p.y + sigma * noise.normal()]).collect();
        // The network's own reading of expression and pose is rough.
        let mut read = truth.expression;
        read.0.iter_mut().for_each(|v| *v = (*v + 0.1 * noise.normal()).clamp(0.0, 1.0));
        let pose: [f32; 3] = std::array::from_fn(|i| truth.rotation[i] + 0.15 * noise.normal());
        let seen = Observation { sigma: vec![sigma; points.len()], points, expression: read, pose };
        (truth, seen)
    }

    #[test]
    fn random_heads_are_recovered_from_noisy_points() {
        let mut noise = Noise(7);
        let model = model(&mut noise);
        for _ in 0..40 {
            let identity: Vec<f32> = (0..30).map(|_| noise.normal()).collect();
            let (truth, seen) = look(&mut noise, &model, &identity);
            let exact = truth.project(&model.shape(&truth.identity, &truth.expression));
            let fit = model.fit(&seen);
            let projected = fit.project(&model.shape(&fit.identity, &fit.expression));
            let square: f32 = projected.iter().zip(&exact).map(|(a, b)| a.distance_squared(*b)).sum();
            let error = (square / exact.len() as f32).sqrt() / truth.scale;
            assert!(error < 0.01, "projection off by {error} of the inter-ocular distance");
            assert!(fit.expression.0.iter().all(|e| (0.0..=1.0).contains(e)));
            assert!(fit.error < 0.02, "{}", fit.error);
        }
    }

    #[test]
    fn many_frames_tell_the_person_better_than_one() {
        let mut noise = Noise(11);
        let model = model(&mut noise);
        let identity: Vec<f32> = (0..30).map(|_| noise.normal()).collect();
        let neutral = |a: &[f32]| model.shape(a, &Expression::default());
        let off = |a: &[f32]| -> f32 {
            let pairs = neutral(a).into_iter().zip(neutral(&identity));
            (pairs.map(|(x, y)| x.distance_squared(y)).sum::<f32>() / model.mean.len() as f32).sqrt()
        };
        let (mut person, mut single, mut frames) = (Identity::new(30), 0.0, Vec::new());
        for _ in 0..20 {
            let (_, seen) = look(&mut noise, &model, &identity);
            let fit = model.fit(&seen);
            single += off(&fit.identity) / 20.0;
            person.add(&model.evidence(&seen, &fit).expect("evidence"), 1.0);
            frames.push(seen);
        }
        let known = person.coefficients();
        assert!(off(&known) < 0.6 * single, "{} from all, {single} from one", off(&known));
        let mut before = None;
        for seen in &frames {
            let fit = model.fit_held(seen, &known, before.as_ref());
            assert_eq!(fit.identity, known);
            // Every frame is another pose here: the frame before must not spoil it.
            assert!(fit.error < 0.025, "{}", fit.error);
            before = Some(fit);
        }
    }

    #[test]
    fn nonsense_gives_a_finite_fit() {
        let mut noise = Noise(3);
        let model = model(&mut noise);
        for points in [vec![[5.0, 5.0]; 160], (0..160).map(|i| [i as f32, 0.0]).collect(), Vec::new()] {
            let sigma = vec![1.0; points.len()];
            let seen = Observation { points, sigma, expression: Expression::default(), pose: [0.0; 3] };
            let fit = model.fit(&seen);
            let numbers = [fit.scale, fit.error, fit.translation[0], fit.translation[1], fit.rotation[0]];
            assert!(numbers.iter().all(|v| v.is_finite()), "{numbers:?}");
        }
    }
}
