//! The mouth's inside: a dark cavity, teeth and tongue, seen only through the lips.
//!
//! Upper teeth stand in the skull's axes and never follow the lip; lower teeth and tongue turn with the jaw about
//! its hinge. Everything is placed from the neutral lips of this person, so it fits any face.

use super::mesh::{Mesh, PictureVertex, ShadedVertex};
use super::person::smoothstep;
use super::rig::{Placement, Posed, Rig};
use super::shading::{Tone, luminance, wet};
use crate::clip::Motion;
use crate::head::HeadModel;
use crate::head::teeth::{Arch, DentalPatch, MILLIMETRE, Tissue, dental_arch};
use glam::{Mat3, Vec2, Vec3};
use image::{GrayImage, Luma, RgbaImage};

/// Lips further apart than this in the photo (inter-ocular distances) show the person's own teeth.
const OPEN_IN_PHOTO: f32 = 0.035;

const ENAMEL: Vec3 = Vec3::new(0.90, 0.86, 0.78);
const GUM: Vec3 = Vec3::new(0.72, 0.40, 0.40);
const TONGUE: Vec3 = Vec3::new(0.74, 0.38, 0.37);
const CAVITY_DEEP: Vec3 = Vec3::new(0.075, 0.022, 0.022);
const CAVITY_FRONT: Vec3 = Vec3::new(0.27, 0.10, 0.09);

/// The parts behind the lips of one person.
#[derive(Debug)]
pub struct Mouth {
    upper: Vec<DentalPatch>,
    lower: Vec<DentalPatch>,
    /// Midpoint of the upper central incisors' cutting edges, inter-ocular distances, in the head's axes.
    upper_edge: Vec3,
    /// The same of the lower ones with the jaw closed.
    lower_edge: Vec3,
    /// Size of this mouth relative to the mean adult's.
    size: f32,
    hinge: Vec3,
    /// Radians that `jawOpen` = 1 turns the jaw.
    jaw_angle: f32,
    tone: Tone,
    own_teeth: Option<OwnTeeth>,
}

/// The teeth the photo shows.
#[derive(Debug)]
struct OwnTeeth {
    /// Photo pixels of the strip between the lips: columns, upper to lower.
    strip: Vec<[Vec2; STRIP_ROWS]>,
    /// Depth in pixels towards the camera.
    depth: f32,
}

const STRIP_ROWS: usize = 7;

impl Mouth {
    /// The inside for the face that `rig` binds; also the mask of its own teeth, full where the photo shows one.
    pub fn new(model: &HeadModel, rig: &Rig, image: &RgbaImage) -> (Self, Option<GrayImage>) {
        let neutral = rig.neutral();
        let middle = |rim: &[u32]| neutral[rim[rim.len() / 2] as usize];
        let stomion = 0.5 * (middle(model.lip_upper()) + middle(model.lip_lower()));
        let corner = |rim: &[u32]| neutral[rim[0] as usize].distance(neutral[rim[rim.len() - 1] as usize]);
        let size = (corner(model.lip_upper()) / (52.0 * MILLIMETRE)).clamp(0.8, 1.2);
        // At rest the incisors' edges lie about 2 mm below the line between the lips and behind the lips' thickness.
        let upper_edge = stomion + Vec3::new(0.0, -1.5, -6.5) * MILLIMETRE;
        // Overbite and overjet of a normal bite: 2.5 mm each.
        let lower_edge = upper_edge + Vec3::new(0.0, 2.5, -2.5) * MILLIMETRE;
        let hinge = model.jaw_pivot();
        let chin = model.landmarks68()[8] as usize;
        let jaw_angle = model.jaw_drop(chin) / (neutral[chin] - hinge).with_x(0.0).length().max(0.1);
        let places = (1..16).chain(27..36).filter_map(|i| rig.source().get(model.landmarks68()[i] as usize));
        let tone = Tone::of_skin(image, places.map(|p| p.truncate()));
        let (own_teeth, mask) = OwnTeeth::find(model, rig, image).unzip();
        let mouth = Self {
            upper: dental_arch(Arch::Upper),
            lower: dental_arch(Arch::Lower),
            upper_edge,
            lower_edge,
            size,
            hinge,
            jaw_angle,
            tone,
            own_teeth,
        };
        (mouth, mask)
    }

    /// The opening between the lips, filled with the cavity's dark; drawn first, it also marks where the rest may
    /// show. Empty when the lips are closed.
    pub fn cavity(&self, model: &HeadModel, rig: &Rig, posed: &Posed) -> Mesh<ShadedVertex> {
        let columns = opening(model, &posed.vertices);
        let mut mesh = Mesh::default();
        let gap = columns.iter().map(|(u, l)| l.y - u.y).fold(0.0, f32::max);
        if gap < 0.25 {
            return mesh;
        }
        // A wide opening lets light fall on its floor.
        let light = smoothstep(0.02, 0.25, gap / rig.scale());
        let rows = [0.0, 0.35, 0.75, 1.0];
        mesh.push_grid(columns.len(), rows.len(), |column, row| {
            let (upper, lower) = columns[column];
            let across = column as f32 / (columns.len() - 1) as f32 * 2.0 - 1.0;
            let floor = smoothstep(0.4, 1.0, rows[row]) * light * (1.0 - across.abs().powi(2));
            let color = self.tone.apply(CAVITY_DEEP.lerp(CAVITY_FRONT, floor));
            let position = upper.lerp(lower, rows[row]);
            ShadedVertex { position: [position.x, position.y, -3.9], color: color.extend(1.0).into() }
        });
        mesh
    }

    /// Teeth and tongue.
    pub fn inside(&self, model: &HeadModel, rig: &Rig, posed: &Posed) -> Mesh<ShadedVertex> {
        let mut mesh = Mesh::default();
        let columns = opening(model, &posed.vertices);
        let gap = columns.iter().map(|(u, l)| l.y - u.y).fold(0.0, f32::max) / rig.scale();
        if gap < 0.004 {
            return mesh;
        }
        let lips = LipShadow { columns: &columns, scale: rig.scale(), open: smoothstep(0.01, 0.16, gap) };
        let jaw = self.jaw(posed);
        let upper = |p: Vec3| self.upper_edge + p * self.size;
        let lower = |p: Vec3| jaw.apply(self.lower_edge + p * self.size);
        self.push_arch(&mut mesh, &self.upper, upper, Mat3::IDENTITY, &posed.skull, &lips);
        self.push_arch(&mut mesh, &self.lower, lower, jaw.turn, &posed.skull, &lips);
        self.push_tongue(&mut mesh, &jaw, posed, &lips);
        mesh
    }

    /// The photo's own teeth, fixed to the skull; empty where the photo's mouth is closed.
    pub fn own_teeth(&self, rig: &Rig, motion: &Motion, size: Vec2) -> Mesh<PictureVertex> {
        let mut mesh = Mesh::default();
        if let Some(own) = &self.own_teeth {
            mesh.push_grid(own.strip.len(), STRIP_ROWS, |column, row| {
                let at = own.strip[column][row];
                let position = rig.carry(at, own.depth, motion, 1.0);
                PictureVertex { position: position.into(), uv: (at / size).into(), alpha: 1.0, masked: 1.0 }
            });
        }
        mesh
    }

    fn jaw(&self, posed: &Posed) -> Jaw {
        let shown = |name: &str| posed.expression.get(name);
        let turn = Mat3::from_rotation_x(self.jaw_angle * shown("jawOpen"));
        let slide = Vec3::new(shown("jawLeft") - shown("jawRight"), 0.0, shown("jawForward")) * 6.0 * MILLIMETRE;
        Jaw { hinge: self.hinge, turn, slide, tongue_out: shown("tongueOut") }
    }

    fn push_arch(
        &self,
        mesh: &mut Mesh<ShadedVertex>,
        patches: &[DentalPatch],
        place: impl Fn(Vec3) -> Vec3,
        turn: Mat3,
        skull: &Placement,
        lips: &LipShadow<'_>,
    ) {
        for patch in patches {
            mesh.push_grid(patch.columns, patch.vertices.len() / patch.columns, |column, row| {
                let vertex = patch.vertices[row * patch.columns + column];
                let (base, gloss) = match vertex.tissue {
                    Tissue::Enamel => (ENAMEL * (1.0 - 0.55 * vertex.crevice), 0.5),
                    Tissue::Gum => (GUM, 0.6),
                };
                let behind = -vertex.position.z;
                let normal = skull.rotation * turn * vertex.normal;
                self.vertex(place(vertex.position), base, normal, gloss, behind, skull, lips)
            });
        }
    }

    /// A tongue: broad, rounded, its tip behind the lower incisors, or over them when it comes out.
    fn push_tongue(&self, mesh: &mut Mesh<ShadedVertex>, jaw: &Jaw, posed: &Posed, lips: &LipShadow<'_>) {
        const COLUMNS: usize = 15;
        const ROWS: usize = 14;
        let out = jaw.tongue_out;
        let place = |column: usize, row: usize| -> Vec3 {
            let u = column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0;
            let v = row as f32 / (ROWS - 1) as f32;
            // v runs from under the tip over it to the back.
            let tip = (1.0 - (1.0 - (v / 0.35).min(1.0)).powi(2)).sqrt();
            let half_width = 21.0 * tip * (1.0 - 0.12 * smoothstep(0.7, 1.0, v));
            let across = u.abs().powi(2);
            let rise = -7.5 + 7.0 * smoothstep(0.0, 0.3, v) + 3.0 * smoothstep(0.3, 1.0, v) - 3.5 * across
                + 1.2 * (1.0 - (1.0 - u.abs()).powi(3)) * (v > 0.2) as u8 as f32;
            let back = 5.0 - 1.5 * smoothstep(0.0, 0.15, v) + 44.0 * (v - 0.15).max(0.0);
            let forward = out * (20.0 * (1.0 - v));
            let lift = out * 5.0 * (1.0 - v);
            Vec3::new(u * half_width, rise + lift, forward - back) * MILLIMETRE
        };
        mesh.push_grid(COLUMNS, ROWS, |column, row| {
            let at = |c: isize, r: isize| {
                place(c.clamp(0, COLUMNS as isize - 1) as usize, r.clamp(0, ROWS as isize - 1) as usize)
            };
            let (c, r) = (column as isize, row as isize);
            let normal = (at(c + 1, r) - at(c - 1, r)).cross(at(c, r - 1) - at(c, r + 1)).normalize_or(Vec3::Y);
            let normal = if normal.y + 0.3 * normal.z < 0.0 { -normal } else { normal };
            let local = at(c, r);
            let u = column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0;
            // A furrow runs along the middle.
            let base = TONGUE * (1.0 - 0.12 * (-(u / 0.12).powi(2)).exp());
            let place = jaw.apply(self.lower_edge + local * self.size);
            let normal = posed.skull.rotation * jaw.turn * normal;
            self.vertex(place, base, normal, 0.25, -local.z * 0.8, &posed.skull, lips)
        });
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where a point of the mouth is lit")]
    fn vertex(
        &self,
        place: Vec3,
        base: Vec3,
        normal: Vec3,
        gloss: f32,
        behind: f32,
        skull: &Placement,
        lips: &LipShadow<'_>,
    ) -> ShadedVertex {
        let at = skull.project(place);
        // Less light reaches the back of the mouth.
        let depth = (-(behind.max(0.0)) / (17.0 * MILLIMETRE)).exp();
        let light = depth * lips.light(at.truncate());
        let color = self.tone.apply(wet(base, normal, gloss * light)) * light;
        ShadedVertex { position: [at.x, at.y, at.z / skull.scale], color: color.extend(1.0).into() }
    }
}

/// The lower jaw's place in the head's axes.
struct Jaw {
    hinge: Vec3,
    turn: Mat3,
    slide: Vec3,
    tongue_out: f32,
}

impl Jaw {
    fn apply(&self, point: Vec3) -> Vec3 {
        self.hinge + self.turn * (point - self.hinge) + self.slide
    }
}

/// The shadow that the lips throw into the mouth.
struct LipShadow<'a> {
    columns: &'a [(Vec2, Vec2)],
    scale: f32,
    /// 0 for lips that hardly part, 1 for a wide mouth.
    open: f32,
}

impl LipShadow<'_> {
    /// Share of the light that reaches a place, 0..1.
    fn light(&self, at: Vec2) -> f32 {
        let Some(nearest) = self.columns.iter().min_by(|a, b| (a.0.x - at.x).abs().total_cmp(&(b.0.x - at.x).abs()))
        else {
            return 0.0;
        };
        let below_upper = (at.y - nearest.0.y) / self.scale;
        let above_lower = (nearest.1.y - at.y) / self.scale;
        let from_upper = smoothstep(-0.03, 0.075, below_upper);
        let from_lower = smoothstep(-0.05, 0.03, above_lower);
        let corners = smoothstep(0.0, 0.10, (nearest.1.y - nearest.0.y) / self.scale);
        (0.35 + 0.65 * from_upper) * (0.65 + 0.35 * from_lower) * (0.55 + 0.45 * corners) * (0.72 + 0.28 * self.open)
    }
}

/// The opening's columns, right corner to left: upper and lower rim in photo pixels, never crossed.
fn opening(model: &HeadModel, vertices: &[Vec3]) -> Vec<(Vec2, Vec2)> {
    model
        .lip_upper()
        .iter()
        .zip(model.lip_lower())
        .map(|(&u, &l)| {
            let (upper, lower) = (vertices[u as usize].truncate(), vertices[l as usize].truncate());
            if lower.y > upper.y {
                (upper, lower)
            } else {
                let middle = 0.5 * (upper + lower);
                (middle, middle)
            }
        })
        .collect()
}

impl OwnTeeth {
    /// The photo's teeth and where they are in it, if its lips are open and something bright lies between them.
    fn find(model: &HeadModel, rig: &Rig, image: &RgbaImage) -> Option<(Self, GrayImage)> {
        let source = rig.source();
        let columns = opening(model, source);
        let gap = columns.iter().map(|(u, l)| l.y - u.y).fold(0.0, f32::max) / rig.scale();
        if gap < OPEN_IN_PHOTO {
            return None;
        }
        let strip: Vec<[Vec2; STRIP_ROWS]> = columns
            .iter()
            .map(|(u, l)| std::array::from_fn(|row| u.lerp(*l, row as f32 / (STRIP_ROWS - 1) as f32)))
            .collect();
        let luma = |x: u32, y: u32| {
            let p = image.get_pixel(x, y);
            luminance(Vec3::new(f32::from(p[0]), f32::from(p[1]), f32::from(p[2])) / 255.0)
        };
        let inside =
            |at: &Vec2| at.x >= 0.0 && at.y >= 0.0 && at.x < image.width() as f32 && at.y < image.height() as f32;
        let mut samples: Vec<f32> =
            strip.iter().flatten().filter(|at| inside(at)).map(|at| luma(at.x as u32, at.y as u32)).collect();
        samples.sort_by(f32::total_cmp);
        let brightest = *samples.get(samples.len() * 9 / 10)?;
        if brightest < 0.25 {
            return None;
        }
        let mut mask = GrayImage::new(image.width(), image.height());
        let all = strip.iter().flatten();
        let low = all.clone().fold(Vec2::INFINITY, |m, p| m.min(*p)).max(Vec2::ZERO);
        let high = all.fold(Vec2::NEG_INFINITY, |m, p| m.max(*p));
        for y in low.y as u32..(high.y as u32 + 2).min(image.height()) {
            for x in low.x as u32..(high.x as u32 + 2).min(image.width()) {
                let teeth = smoothstep(0.42, 0.66, luma(x, y) / brightest);
                mask.put_pixel(x, y, Luma([(teeth * 255.0) as u8]));
            }
        }
        let depth = source[model.lip_upper()[model.lip_upper().len() / 2] as usize].z - 7.0 * MILLIMETRE * rig.scale();
        Some((Self { strip, depth }, mask))
    }
}
