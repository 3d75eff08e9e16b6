//! What the head model promises, on the mean head and on others.

use super::{HeadError, HeadModel};
use crate::head::expression::{EXPRESSION_NAMES, Expression};
use glam::Vec3;
use safetensors::tensor::{SafeTensors, TensorView};

const BYTES: &[u8] = include_bytes!("../../models/head.safetensors");

fn model() -> HeadModel {
    HeadModel::embedded().expect("the committed model")
}

fn expression(values: &[(&str, f32)]) -> Expression {
    let mut expression = Expression::default();
    for &(name, value) in values {
        expression.set(name, value);
    }
    expression
}

/// The mean head and four others.
fn people(model: &HeadModel) -> Vec<Vec<f32>> {
    let person = |seed: usize| {
        // Low-discrepancy numbers, -1.5..1.5.
        (0..model.identity_count()).map(|k| ((seed * 31 + k + 1) as f32 * 0.618_034).fract() * 3.0 - 1.5).collect()
    };
    let mut people = vec![Vec::new()];
    people.extend((0..4).map(person));
    people
}

/// The largest distance from a vertex of one rim to the other rim's line.
fn gap(one: &[u32], other: &[u32], shape: &[Vec3]) -> f32 {
    let to_line = |p: Vec3| {
        let segment = |pair: &[u32]| {
            let (a, b) = (shape[pair[0] as usize], shape[pair[1] as usize]);
            let t = ((p - a).dot(b - a) / (b - a).length_squared().max(1e-12)).clamp(0.0, 1.0);
            p.distance(a.lerp(b, t))
        };
        other.windows(2).map(segment).fold(f32::INFINITY, f32::min)
    };
    one.iter().map(|&v| to_line(shape[v as usize])).fold(0.0, f32::max)
}

#[test]
fn unit_is_the_inter_ocular_distance() {
    let model = model();
    let points = model.landmarks(model.mean());
    assert!((points[36].distance(points[45]) - 1.0).abs() < 1e-3);
    assert!(points[45].x > points[36].x, "the subject's left has x > 0");
    assert!(points[8].y < points[27].y && points[30].z > points[0].z);
}

#[test]
fn blinks_close_the_lids_of_everyone() {
    let model = model();
    for identity in people(&model) {
        let blink = [("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0), ("eyeSquintLeft", 0.7), ("cheekSquintRight", 0.5)];
        let shape = model.shape(&identity, &expression(&blink));
        let left = gap(model.lid_left_upper(), model.lid_left_lower(), &shape);
        let right = gap(model.lid_right_upper(), model.lid_right_lower(), &shape);
        assert!(left.max(right) < 0.01, "gaps {left} {right}");
        let centres = model.eye_centres(&shape);
        for (eye, rim) in [model.lid_left_upper(), model.lid_right_upper()].into_iter().enumerate() {
            // A rim deep in the eyeball would show it through the lid.
            let depth = |&v: &u32| model.eye_radius()[eye] - shape[v as usize].distance(centres[eye]);
            assert!(rim.iter().map(depth).fold(f32::MIN, f32::max) < 0.04);
        }
    }
}

#[test]
fn jaw_opens_and_lips_seal_over_it() {
    let model = model();
    let middle = model.lip_upper().len() / 2;
    let (upper, lower) = (model.lip_upper()[middle] as usize, model.lip_lower()[middle] as usize);
    for identity in people(&model) {
        let open = model.shape(&identity, &expression(&[("jawOpen", 1.0)]));
        assert!(open[upper].y - open[lower].y > 0.15);
        for jaw in [0.3, 1.0] {
            let shape = model.shape(&identity, &expression(&[("jawOpen", jaw), ("mouthClose", jaw)]));
            let neutral = model.shape(&identity, &Expression::default());
            let (gap, rest) = (
                gap(model.lip_upper(), model.lip_lower(), &shape),
                gap(model.lip_upper(), model.lip_lower(), &neutral),
            );
            assert!(gap < 0.015 + (1.0 - jaw) * rest, "{gap} of {rest} at {jaw}");
        }
    }
}

#[test]
fn lips_do_not_close_without_an_open_jaw() {
    let model = model();
    let closed = model.shape(&[], &expression(&[("mouthClose", 1.0)]));
    assert_eq!(closed, model.mean());
}

#[test]
fn mean_and_expressions_are_mirror_symmetric() {
    let model = model();
    let partner: Vec<usize> = {
        let nearest = |p: &Vec3| {
            let q = Vec3::new(-p.x, p.y, p.z);
            let all = model.mean().iter().map(|v| v.distance_squared(q)).enumerate();
            all.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(v, _)| v)
        };
        model.landmarks68().iter().map(|&v| nearest(&model.mean()[v as usize])).collect()
    };
    for (k, &mirror) in model.landmarks68_mirror().iter().enumerate() {
        assert_eq!(partner[k], model.landmarks68()[mirror as usize] as usize, "landmark {k}");
    }
    for (k, &mirror) in model.dense_mirror().iter().enumerate() {
        let (a, b) = (model.mean()[model.dense()[k] as usize], model.mean()[model.dense()[mirror as usize] as usize]);
        assert!(a.distance(Vec3::new(-b.x, b.y, b.z)) < 2e-3, "dense {k}");
    }
    for name in EXPRESSION_NAMES {
        let other = if name.contains("Left") { name.replace("Left", "Right") } else { name.replace("Right", "Left") };
        let one = model.landmarks(&model.shape(&[], &expression(&[(name, 1.0)])));
        let two = model.landmarks(&model.shape(&[], &expression(&[(&other, 1.0)])));
        for (k, &mirror) in model.landmarks68_mirror().iter().enumerate() {
            let (a, b) = (one[k], two[mirror as usize]);
            assert!(a.distance(Vec3::new(-b.x, b.y, b.z)) < 0.012, "{name} at {k}");
        }
    }
}

#[test]
fn triangles_face_outwards() {
    let model = model();
    let points = model.landmarks68();
    let nose = points[30];
    let facing = model.triangles().iter().filter(|t| t.contains(&nose)).all(|t| {
        let [a, b, c] = t.map(|v| model.mean()[v as usize]);
        (b - a).cross(c - a).z > 0.0
    });
    assert!(facing);
}

#[test]
fn teeth_sit_behind_the_lips() {
    let model = model();
    let [upper, lower] = model.mouth_anchor();
    let lip = model.mean()[model.lip_upper()[model.lip_upper().len() / 2] as usize];
    assert!(upper.z < lip.z && lower.z < upper.z);
    assert!(upper.y < lip.y && lower.y > upper.y, "the upper incisors overlap the lower ones");
}

#[test]
fn damaged_files_are_errors() {
    assert!(matches!(HeadModel::from_bytes(&[]), Err(HeadError::Container(_))));
    assert!(matches!(HeadModel::from_bytes(b"<!doctype html>"), Err(HeadError::Container(_))));
    for length in [7, 8, 100, 5_000, BYTES.len() - 1] {
        assert!(HeadModel::from_bytes(&BYTES[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn missing_and_wild_tensors_are_errors() {
    let file = SafeTensors::deserialize(BYTES).expect("the committed model");
    let write = |tensors: Vec<(String, TensorView<'_>)>| safetensors::serialize(tensors, None).expect("serialises");
    let all = || file.tensors();
    for (name, _) in all() {
        let without = write(all().into_iter().filter(|(other, _)| *other != name).collect());
        let read = HeadModel::from_bytes(&without);
        assert!(matches!(read, Err(HeadError::Tensor(_))), "without {name}");
        let view = file.tensor(&name).expect("present");
        // 255 everywhere: indices beyond the vertices, NaN, unknown regions; no panic, whatever it says.
        let wild = vec![255; view.data().len()];
        let changed = TensorView::new(view.dtype(), view.shape().to_vec(), &wild).expect("same size");
        let mut tensors = all();
        tensors.retain(|(other, _)| *other != name);
        tensors.push((name.clone(), changed));
        let _ = HeadModel::from_bytes(&write(tensors));
        // Half a tensor.
        let half = TensorView::new(view.dtype(), vec![0], &[]).expect("empty");
        let mut tensors = all();
        tensors.retain(|(other, _)| *other != name);
        tensors.push((name.clone(), half));
        if !name.starts_with("triangles") && !name.starts_with("dense") && !name.starts_with("identity") {
            assert!(HeadModel::from_bytes(&write(tensors)).is_err(), "empty {name}");
        }
    }
}
