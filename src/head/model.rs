//! The head model as read from `models/head.safetensors` (its tensors are listed in `ARCHITECTURE.md`).

use super::closure::{Closure, Rims, effective};
use super::expression::{EXPRESSION_COUNT, Expression, expression_index};
use glam::Vec3;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use thiserror::Error;

/// Why a head model could not be read.
#[derive(Debug, Error)]
pub enum HeadError {
    /// The file is no safetensors file.
    #[error("the head model is damaged: reload the page ({0})")]
    Container(String),
    /// A tensor is absent or has another type or shape than the program expects.
    #[error("the head model does not fit this version: reload the page (tensor `{0}`)")]
    Tensor(&'static str),
}

/// What a vertex belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Region {
    Face,
    UpperLip,
    LowerLip,
    UpperLid,
    LowerLid,
    Ear,
    Neck,
    Scalp,
    InsideMouth,
    EyeSocket,
    Shoulder,
}

const REGIONS: [Region; 11] = [
    Region::Face,
    Region::UpperLip,
    Region::LowerLip,
    Region::UpperLid,
    Region::LowerLid,
    Region::Ear,
    Region::Neck,
    Region::Scalp,
    Region::InsideMouth,
    Region::EyeSocket,
    Region::Shoulder,
];

/// Steps of single vertices, the rest of the head unmoved.
type SparseDelta = Vec<(u32, Vec3)>;

/// Vertices, identity modes and expression deltas, in inter-ocular distances; axes as in `ARCHITECTURE.md`.
#[derive(Debug, Clone)]
pub struct HeadModel {
    mean: Vec<Vec3>,
    identity: Vec<Vec<Vec3>>,
    expression: Vec<SparseDelta>,
    triangles: Vec<[u32; 3]>,
    landmarks68: Vec<u32>,
    landmarks68_mirror: Vec<u32>,
    dense: Vec<u32>,
    dense_mirror: Vec<u32>,
    region: Vec<Region>,
    rigid: Vec<f32>,
    lips: [Vec<u32>; 2],
    lids: [[Vec<u32>; 2]; 2],
    eyes: [Eyeball; 2],
    jaw_pivot: Vec3,
    mouth_anchor: [Vec3; 2],
    /// With the expression that drives each.
    closures: Vec<(usize, Closure)>,
}

/// Where an eyeball is: the mean of some socket vertices plus an offset.
#[derive(Debug, Clone)]
struct Eyeball {
    anchor: Vec<u32>,
    offset: Vec3,
    radius: f32,
}

impl HeadModel {
    /// Reads the model.
    ///
    /// # Errors
    /// [`HeadError::Container`] for a damaged file, [`HeadError::Tensor`] for one that lacks a tensor or holds an
    /// index beyond the vertices.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| HeadError::Container(error.to_string()))?;
        let reader = Reader { file };
        let mean = reader.points("mean")?;
        let count = mean.len();
        let index = |name| reader.indices(name, count);
        let rigid = reader.floats("rigid")?;
        let region = reader.regions("region")?;
        let expression = reader.modes("expression", "expression_scale", count)?;
        if count == 0 || rigid.len() != count || region.len() != count {
            return Err(HeadError::Tensor("mean"));
        }
        if expression.len() != EXPRESSION_COUNT {
            return Err(HeadError::Tensor("expression"));
        }
        let (triangles, rest) = (index("triangles")?, index("landmarks68")?);
        let (triangles, []) = triangles.as_chunks::<3>() else { return Err(HeadError::Tensor("triangles")) };
        if rest.len() != 68 {
            return Err(HeadError::Tensor("landmarks68"));
        }
        let pair = |upper, lower| -> Result<[Vec<u32>; 2], HeadError> {
            let rims = [index(upper)?, index(lower)?];
            // The stage walks both rims column by column.
            if rims[0].len() < 3 || rims[0].len() != rims[1].len() { Err(HeadError::Tensor(upper)) } else { Ok(rims) }
        };
        let dense = index("dense")?;
        let partners = |name, points: usize| {
            let partners = reader.indices(name, points)?;
            if partners.len() == points { Ok(partners) } else { Err(HeadError::Tensor(name)) }
        };
        let lips = pair("lip_upper", "lip_lower")?;
        let lids = [pair("lid_left_upper", "lid_left_lower")?, pair("lid_right_upper", "lid_right_lower")?];
        let closures = closures(&mean, &expression, &lips, &lids);
        Ok(Self {
            identity: reader.modes("identity", "identity_scale", count)?,
            expression: expression.into_iter().map(sparse).collect(),
            triangles: triangles.to_vec(),
            landmarks68: rest,
            landmarks68_mirror: partners("landmarks68_mirror", 68)?,
            dense_mirror: partners("dense_mirror", dense.len())?,
            dense,
            region,
            rigid,
            lips,
            lids,
            eyes: reader.eyes(count)?,
            jaw_pivot: reader.exactly::<1>("jaw_pivot")?[0],
            mouth_anchor: reader.exactly("mouth_anchor")?,
            closures,
            mean,
        })
    }

    /// The project's own model, built into native programs; the page fetches its bytes instead.
    ///
    /// # Errors
    /// As [`HeadModel::from_bytes`]; never, while the repository is whole.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn embedded() -> Result<Self, HeadError> {
        Self::from_bytes(include_bytes!("../../models/head.safetensors"))
    }

    /// Number of vertices, V.
    pub fn vertex_count(&self) -> usize {
        self.mean.len()
    }

    /// Number of identity modes.
    pub fn identity_count(&self) -> usize {
        self.identity.len()
    }

    /// The head of `identity` (coefficients N(0, 1); missing ones are 0) wearing `expression`.
    pub fn shape(&self, identity: &[f32], expression: &Expression) -> Vec<Vec3> {
        let mut shape = self.mean.clone();
        for (mode, &coefficient) in self.identity.iter().zip(identity) {
            shape.iter_mut().zip(mode).for_each(|(vertex, &delta)| *vertex += coefficient * delta);
        }
        self.add_expression(&mut shape, expression);
        shape
    }

    /// Adds an expression to a neutral `shape` of [`HeadModel::vertex_count`] vertices.
    ///
    /// Linear but for two things: lids and lips close on this person's own rims, and a closed lid ignores squints and
    /// widening.
    pub fn add_expression(&self, shape: &mut [Vec3], expression: &Expression) {
        let expression = &effective(expression);
        let driven = self.closures.iter().map(|(driver, closure)| (expression.0[*driver], closure));
        let closing: Vec<(f32, Vec<(u32, Vec3)>)> =
            driven.filter(|(drive, _)| *drive != 0.0).map(|(drive, closure)| (drive, closure.steps(shape))).collect();
        for (drive, steps) in closing {
            for (vertex, step) in steps {
                shape[vertex as usize] += drive * step;
            }
        }
        for (delta, &coefficient) in self.expression.iter().zip(&expression.0).filter(|(_, c)| **c != 0.0) {
            for &(vertex, step) in delta {
                shape[vertex as usize] += coefficient * step;
            }
        }
    }

    /// Mode `mode`'s step at `vertex` for a coefficient of 1.
    pub fn identity_delta(&self, mode: usize, vertex: usize) -> Vec3 {
        self.identity[mode][vertex]
    }

    /// The steps of expression number `index` at 1, by vertex.
    pub fn expression_delta(&self, index: usize) -> &[(u32, Vec3)] {
        &self.expression[index]
    }

    /// How far `vertex` sinks when the jaw opens fully, inter-ocular distances, in the median plane.
    pub fn jaw_drop(&self, vertex: usize) -> f32 {
        let open = expression_index("jawOpen").map_or(&[][..], |index| self.expression_delta(index));
        open.iter().find(|(v, _)| *v as usize == vertex).map_or(0.0, |(_, step)| step.with_x(0.0).length())
    }

    /// The neutral mean head.
    pub fn mean(&self) -> &[Vec3] {
        &self.mean
    }

    /// The skin's triangles, counter-clockwise seen from outside.
    pub fn triangles(&self) -> &[[u32; 3]] {
        &self.triangles
    }

    /// Vertices of the 68 iBUG points.
    pub fn landmarks68(&self) -> &[u32] {
        &self.landmarks68
    }

    /// For each of the 68 points the number of its mirror image.
    pub fn landmarks68_mirror(&self) -> &[u32] {
        &self.landmarks68_mirror
    }

    /// Vertices of the points that the landmark network predicts beside the 68.
    pub fn dense(&self) -> &[u32] {
        &self.dense
    }

    /// For each dense point the number of its mirror image.
    pub fn dense_mirror(&self) -> &[u32] {
        &self.dense_mirror
    }

    /// What each vertex belongs to.
    pub fn region(&self) -> &[Region] {
        &self.region
    }

    /// How far each vertex moves with the skull: 1 on the face, falling to 0 down the neck.
    pub fn rigid(&self) -> &[f32] {
        &self.rigid
    }

    /// Inner rim of the upper lip, the subject's right corner to the left one.
    pub fn lip_upper(&self) -> &[u32] {
        &self.lips[0]
    }

    /// Inner rim of the lower lip, paired with [`HeadModel::lip_upper`]; the corners are shared.
    pub fn lip_lower(&self) -> &[u32] {
        &self.lips[1]
    }

    /// Rim of the left eye's upper lid, image-left corner to image-right corner.
    pub fn lid_left_upper(&self) -> &[u32] {
        &self.lids[0][0]
    }

    /// Rim of the left eye's lower lid, paired with the upper.
    pub fn lid_left_lower(&self) -> &[u32] {
        &self.lids[0][1]
    }

    /// Rim of the right eye's upper lid, image-left corner to image-right corner.
    pub fn lid_right_upper(&self) -> &[u32] {
        &self.lids[1][0]
    }

    /// Rim of the right eye's lower lid, paired with the upper.
    pub fn lid_right_lower(&self) -> &[u32] {
        &self.lids[1][1]
    }

    /// The 68 iBUG points on `shape`.
    pub fn landmarks(&self, shape: &[Vec3]) -> Vec<Vec3> {
        self.landmarks68.iter().map(|&vertex| shape[vertex as usize]).collect()
    }

    /// Centres of the left and the right eyeball in `shape`; expressions do not move them.
    pub fn eye_centres(&self, shape: &[Vec3]) -> [Vec3; 2] {
        self.eyes.each_ref().map(|eye| {
            let sum: Vec3 = eye.anchor.iter().map(|&vertex| shape[vertex as usize]).sum();
            sum / eye.anchor.len() as f32 + eye.offset
        })
    }

    /// Radii of the left and the right eyeball.
    pub fn eye_radius(&self) -> [f32; 2] {
        self.eyes.each_ref().map(|eye| eye.radius)
    }

    /// Midpoints of the cutting edges of the upper and of the lower incisors in the neutral mean head.
    pub fn mouth_anchor(&self) -> [Vec3; 2] {
        self.mouth_anchor
    }

    /// Centre of the jaw's hinge between the ears.
    pub fn jaw_pivot(&self) -> Vec3 {
        self.jaw_pivot
    }
}

/// Lips close when `mouthClose` is added to an open jaw; lids when blinked.
fn closures(
    mean: &[Vec3],
    expression: &[Vec<Vec3>],
    lips: &[Vec<u32>; 2],
    lids: &[[Vec<u32>; 2]; 2],
) -> Vec<(usize, Closure)> {
    let delta = |name: &str| expression_index(name).map_or(&[][..], |index| &expression[index]);
    let sum = |a: &[Vec3], b: &[Vec3]| a.iter().zip(b).map(|(a, b)| *a + *b).collect::<Vec<Vec3>>();
    let parted = sum(mean, delta("jawOpen"));
    let closure = |driver: &str, [upper, lower]: &[Vec<u32>; 2], meet, reach, width, closing: &[Vec3]| {
        let rims = Rims { upper, lower, meet, reach, width };
        expression_index(driver).map(|driver| (driver, Closure::new(&rims, mean, &parted, closing)))
    };
    [
        closure("eyeBlinkLeft", &lids[0], 0.25, 0.098, 0.03, delta("eyeBlinkLeft")),
        closure("eyeBlinkRight", &lids[1], 0.25, 0.098, 0.03, delta("eyeBlinkRight")),
        closure("mouthClose", lips, 0.5, 0.16, 0.05, &sum(delta("jawOpen"), delta("mouthClose"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sparse(dense: Vec<Vec3>) -> SparseDelta {
    dense.into_iter().enumerate().filter(|(_, step)| *step != Vec3::ZERO).map(|(v, step)| (v as u32, step)).collect()
}

struct Reader<'a> {
    file: SafeTensors<'a>,
}

impl Reader<'_> {
    fn tensor(&self, name: &'static str, dtype: Dtype) -> Result<TensorView<'_>, HeadError> {
        self.file.tensor(name).ok().filter(|tensor| tensor.dtype() == dtype).ok_or(HeadError::Tensor(name))
    }

    fn floats(&self, name: &'static str) -> Result<Vec<f32>, HeadError> {
        let tensor = self.tensor(name, Dtype::F32)?;
        let values: Vec<f32> = tensor.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(HeadError::Tensor(name)) }
    }

    fn points(&self, name: &'static str) -> Result<Vec<Vec3>, HeadError> {
        let (points, rest) = {
            let values = self.floats(name)?;
            let (p, r) = values.as_chunks::<3>();
            (p.to_vec(), r.len())
        };
        if rest == 0 { Ok(points.into_iter().map(Vec3::from_array).collect()) } else { Err(HeadError::Tensor(name)) }
    }

    /// N points.
    fn exactly<const N: usize>(&self, name: &'static str) -> Result<[Vec3; N], HeadError> {
        self.points(name)?.try_into().map_err(|_| HeadError::Tensor(name))
    }

    fn eyes(&self, vertices: usize) -> Result<[Eyeball; 2], HeadError> {
        let offsets = self.exactly::<2>("eye_offset")?;
        let radii = self.floats("eye_radius")?;
        let eye = |name: &'static str, k: usize| {
            let anchor = self.indices(name, vertices)?;
            let radius = *radii.get(k).ok_or(HeadError::Tensor("eye_radius"))?;
            if anchor.is_empty() {
                Err(HeadError::Tensor(name))
            } else {
                Ok(Eyeball { anchor, offset: offsets[k], radius })
            }
        };
        Ok([eye("eye_left", 0)?, eye("eye_right", 1)?])
    }

    fn indices(&self, name: &'static str, limit: usize) -> Result<Vec<u32>, HeadError> {
        let tensor = self.tensor(name, Dtype::U16)?;
        let values: Vec<u32> =
            tensor.data().as_chunks().0.iter().map(|&bytes| u32::from(u16::from_le_bytes(bytes))).collect();
        if values.iter().all(|&value| (value as usize) < limit) { Ok(values) } else { Err(HeadError::Tensor(name)) }
    }

    fn regions(&self, name: &'static str) -> Result<Vec<Region>, HeadError> {
        let tensor = self.tensor(name, Dtype::U8)?;
        let region = |&number: &u8| REGIONS.get(usize::from(number)).copied().ok_or(HeadError::Tensor(name));
        tensor.data().iter().map(region).collect()
    }

    /// Deltas stored as i8 with a scale a mode: delta = scale * value / 127.
    fn modes(&self, name: &'static str, scales: &'static str, vertices: usize) -> Result<Vec<Vec<Vec3>>, HeadError> {
        let tensor = self.tensor(name, Dtype::I8)?;
        let scales = self.floats(scales)?;
        if tensor.shape() != [scales.len(), vertices, 3] {
            return Err(HeadError::Tensor(name));
        }
        let mode = |(bytes, &scale): (&[u8], &f32)| {
            let step = |&byte: &u8| f32::from(byte as i8) * scale / 127.0;
            bytes.as_chunks::<3>().0.iter().map(|b| Vec3::new(step(&b[0]), step(&b[1]), step(&b[2]))).collect()
        };
        Ok(tensor.data().chunks_exact(vertices.max(1) * 3).zip(&scales).map(mode).collect())
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "tests.rs"]
mod tests;
