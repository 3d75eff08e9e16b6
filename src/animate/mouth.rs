//! The mouth's inside: a dark cavity, teeth and tongue, seen only through the lips.
//!
//! Upper teeth stand in the skull's axes and never follow the lip; lower teeth and tongue turn with the jaw about
//! its hinge. Everything is placed from the neutral lips of this person, so it fits any face.

use super::controls::{Teeth, TeethLook};
use super::mesh::{Mesh, PictureVertex, ShadedVertex};
use super::person::smoothstep;
use super::rig::{Follow, Placement, Posed, Rig};
use super::shading::{Tone, luminance, photo_color, wet};
use crate::clip::Motion;
use crate::head::HeadModel;
use crate::head::teeth::{Arch, DentalPatch, MILLIMETRE, Tissue, dental_arch};
use glam::{Mat3, Vec2, Vec3};
use image::{GrayImage, Luma, RgbaImage};

/// Lips further apart than this in the photo (inter-ocular distances) show the person's own teeth.
const OPEN_IN_PHOTO: f32 = 0.02;

/// How far the opening is drawn under the lips, inter-ocular distances.
const UNDER_LIPS: f32 = 0.008;

const ENAMEL: Vec3 = Vec3::new(0.90, 0.85, 0.78);
const GUM: Vec3 = Vec3::new(0.72, 0.40, 0.40);
const TONGUE: Vec3 = Vec3::new(0.88, 0.52, 0.50);

/// The cavity's colours as shares of the lips': far back, on the lit floor, and in a narrow slit.
const CAVITY_DEEP: f32 = 0.20;
const CAVITY_FLOOR: f32 = 0.42;
const CAVITY_SLIT: f32 = 0.46;

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
    /// Mean colour of the lips, sRGB-encoded.
    lip: Vec3,
    /// Colour of a lit crown in this photo, sRGB-encoded.
    enamel: Vec3,
    own_teeth: Option<OwnTeeth>,
}

/// The teeth the photo shows.
#[derive(Debug)]
struct OwnTeeth {
    /// Photo pixels of the strip between the lips: columns, upper to lower.
    strip: Vec<[Vec2; STRIP_ROWS]>,
    /// Depth in pixels towards the camera.
    depth: f32,
    /// Largest distance between the photo's lips, inter-ocular distances.
    gap: f32,
    /// Their colour, sRGB-encoded.
    color: Vec3,
}

const STRIP_ROWS: usize = 7;

impl Mouth {
    /// The inside for the face that `rig` binds; also the mask of its own teeth, full where the photo shows one.
    pub fn new(model: &HeadModel, rig: &Rig, image: &RgbaImage, tone: Tone) -> (Self, Option<GrayImage>) {
        let neutral = rig.neutral();
        let middle = |rim: &[u32]| neutral[rim[rim.len() / 2] as usize];
        let stomion = 0.5 * (middle(model.lip_upper()) + middle(model.lip_lower()));
        let corner = |rim: &[u32]| neutral[rim[0] as usize].distance(neutral[rim[rim.len() - 1] as usize]);
        let size = (corner(model.lip_upper()) / (52.0 * MILLIMETRE)).clamp(0.8, 1.2);
        // Behind the lips' thickness. Parted lips at rest show 1.9 mm of men's and 3.4 mm of women's upper incisors,
        // less with every decade (Vig and Brundo 1978); those who show less look natural, those who show more do not.
        let upper_edge = stomion + Vec3::new(0.0, -2.4, -6.0) * MILLIMETRE;
        // Overjet of a normal bite, and less than its overbite: lower lips hide more teeth than jaws do.
        let lower_edge = upper_edge + Vec3::new(0.0, 1.2, -2.5) * MILLIMETRE;
        let hinge = model.jaw_pivot();
        let chin = model.landmarks68()[8] as usize;
        let jaw_angle = model.jaw_drop(chin) / (neutral[chin] - hinge).with_x(0.0).length().max(0.1);
        let (own_teeth, mask) = OwnTeeth::find(model, rig, image).unzip();
        // Teeth that the photo does not show look like those it shows.
        let enamel = own_teeth.as_ref().map_or(tone.apply(ENAMEL), |own: &OwnTeeth| own.color);
        let mouth = Self {
            upper: dental_arch(Arch::Upper),
            lower: dental_arch(Arch::Lower),
            upper_edge,
            lower_edge,
            size,
            hinge,
            jaw_angle,
            tone,
            lip: lip_color(model, rig, image),
            enamel,
            own_teeth,
        };
        (mouth, mask)
    }

    /// The opening between the lips, filled with the cavity's dark; drawn first, it also marks where the rest may
    /// show. Empty when the lips are closed.
    pub fn cavity(&self, opening: &Opening) -> Mesh<ShadedVertex> {
        let mut mesh = Mesh::default();
        let columns = &opening.columns;
        if opening.is_closed() {
            return mesh;
        }
        // A wide opening lets light fall on its floor; a narrow one shows little but lip.
        let light = smoothstep(0.02, 0.25, opening.gap);
        let slit = 1.0 - smoothstep(0.02, 0.12, opening.gap);
        let rows = [0.0, 0.35, 0.75, 1.0];
        // A little under the lips, which are drawn over it: no sliver of skin between.
        let under = Vec2::Y * UNDER_LIPS * opening.scale;
        mesh.push_grid(columns.len(), rows.len(), |column, row| {
            let (upper, lower) = (columns[column].0 - under, columns[column].1 + under);
            let across = column as f32 / (columns.len() - 1) as f32 * 2.0 - 1.0;
            let floor = smoothstep(0.4, 1.0, rows[row]) * light * (1.0 - across.abs().powi(2));
            let lit = CAVITY_DEEP + (CAVITY_FLOOR - CAVITY_DEEP) * floor;
            let corner = smoothstep(0.75, 1.0, across.abs());
            let color = self.lip * (lit + (CAVITY_SLIT - lit) * slit.max(0.6 * corner));
            let position = upper.lerp(lower, rows[row]);
            ShadedVertex { position: [position.x, position.y, -3.9], color: color.extend(1.0).into() }
        });
        mesh
    }

    /// Built teeth as asked for and the tongue, its tip raised to the upper teeth by `tongue_up`, 0..1.
    pub fn inside(&self, opening: &Opening, posed: &Posed, tongue_up: f32, teeth: Teeth) -> Mesh<ShadedVertex> {
        let mut mesh = Mesh::default();
        if opening.is_closed() {
            return mesh;
        }
        let jaw = self.jaw(posed);
        if self.builds(teeth.look) {
            let upper = |p: Vec3| self.upper_edge + p * self.size;
            let lower = |p: Vec3| jaw.apply(self.lower_edge + p * self.size);
            let enamel = self.enamel * teeth.sane().brightness;
            self.push_arch(&mut mesh, &self.upper, upper, (Mat3::IDENTITY, enamel), &posed.skull, opening);
            self.push_arch(&mut mesh, &self.lower, lower, (jaw.turn, enamel), &posed.skull, opening);
        }
        self.push_tongue(&mut mesh, &jaw, tongue_up, posed, opening);
        mesh
    }

    /// The photo's own teeth, fixed to the skull; empty where the photo's mouth is closed, or its teeth are not asked for.
    ///
    /// While the mouth is no wider than in the photo everything the photo shows between the lips is kept; beyond
    /// that only its teeth, and the cavity takes the place of its shadows.
    pub fn own_teeth(
        &self,
        rig: &Rig,
        opening: &Opening,
        motion: &Motion,
        size: Vec2,
        look: TeethLook,
    ) -> Mesh<PictureVertex> {
        let mut mesh = Mesh::default();
        if let Some(own) = self.own_teeth.as_ref().filter(|_| self.shows_own(look)) {
            let carrier = rig.carrier(motion);
            let masked = smoothstep(1.05, 1.5, opening.gap / own.gap);
            mesh.push_grid(own.strip.len(), STRIP_ROWS, |column, row| {
                let at = own.strip[column][row];
                let position = carrier.carry(at, own.depth, Follow::HEAD);
                PictureVertex { position: position.into(), uv: (at / size).into(), alpha: 1.0, masked, gain: 1.0 }
            });
        }
        mesh
    }

    /// Whether what lies between the lips is right as it is: the photo's own teeth, or none.
    pub fn keeps_to(&self, teeth: Teeth) -> bool {
        teeth.look == TeethLook::Hidden || self.shows_own(teeth.look)
    }

    fn shows_own(&self, look: TeethLook) -> bool {
        self.own_teeth.is_some() && matches!(look, TeethLook::Automatic | TeethLook::Own)
    }

    fn builds(&self, look: TeethLook) -> bool {
        match look {
            TeethLook::Automatic | TeethLook::Built => true,
            TeethLook::Own => self.own_teeth.is_none(),
            TeethLook::Hidden => false,
        }
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
        (turn, enamel): (Mat3, Vec3),
        skull: &Placement,
        opening: &Opening,
    ) {
        for patch in patches {
            mesh.push_grid(patch.columns, patch.vertices.len() / patch.columns, |column, row| {
                let vertex = patch.vertices[row * patch.columns + column];
                let (base, gloss) = match vertex.tissue {
                    Tissue::Enamel => (enamel * (1.0 - 0.12 * vertex.crevice), 0.3),
                    Tissue::Gum => (self.tone.apply(GUM), 0.6),
                };
                let behind = -vertex.position.z;
                let normal = skull.rotation * turn * vertex.normal;
                self.vertex(place(vertex.position), &Wet { base, normal, gloss, behind }, skull, opening)
            });
        }
    }

    /// A tongue: broad, rounded, its tip behind the lower incisors, over them when it comes out, or raised `up`.
    fn push_tongue(&self, mesh: &mut Mesh<ShadedVertex>, jaw: &Jaw, up: f32, posed: &Posed, opening: &Opening) {
        const COLUMNS: usize = 15;
        const ROWS: usize = 14;
        /// Share of the way to the teeth that the tip goes: all of it would show an underside that is not modelled.
        const REACHED: f32 = 0.65;
        let out = jaw.tongue_out;
        let up = REACHED * up.clamp(0.0, 1.0);
        let front = |v: f32| 1.0 - smoothstep(0.1, 0.6, v);
        let place = |column: usize, row: usize| -> Vec3 {
            let u = column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0;
            let v = row as f32 / (ROWS - 1) as f32;
            // v runs from under the tip over it to the back.
            let tip = (1.0 - (1.0 - (v / 0.35).min(1.0)).powi(2)).sqrt();
            // A raised tip is narrow.
            let half_width = 21.0 * tip * (1.0 - 0.12 * smoothstep(0.7, 1.0, v)) * (1.0 - 0.5 * up * front(v));
            let across = u.abs().powi(2);
            let rise = -10.0 + 7.0 * smoothstep(0.0, 0.3, v) + 9.0 * smoothstep(0.25, 1.0, v) - 4.5 * across
                + 1.2 * (1.0 - (1.0 - u.abs()).powi(3)) * (v > 0.2) as u8 as f32;
            let back = 5.0 - 1.5 * smoothstep(0.0, 0.15, v) + 44.0 * (v - 0.15).max(0.0);
            let forward = out * (20.0 * (1.0 - v));
            let lift = out * 5.0 * (1.0 - v);
            Vec3::new(u * half_width, rise + lift, forward - back) * MILLIMETRE
        };
        // The ridge behind the upper incisors, and how far the tip is from it.
        let ridge = self.upper_edge + Vec3::new(0.0, 3.0, -7.0) * MILLIMETRE * self.size;
        let lying = |c, r| jaw.apply(self.lower_edge + place(c, r) * self.size);
        let way = (ridge - lying(COLUMNS / 2, 3)) * up;
        mesh.push_grid(COLUMNS, ROWS, |column, row| {
            let at = |c: isize, r: isize| {
                place(c.clamp(0, COLUMNS as isize - 1) as usize, r.clamp(0, ROWS as isize - 1) as usize)
            };
            let (c, r) = (column as isize, row as isize);
            let normal = (at(c + 1, r) - at(c - 1, r)).cross(at(c, r - 1) - at(c, r + 1)).normalize_or(Vec3::Y);
            let normal = if normal.y + 0.3 * normal.z < 0.0 { -normal } else { normal };
            // Where all columns meet at the tip there is no plane to be upright on.
            let normal = if row < 2 { Vec3::new(0.0, 0.5, 0.87) } else { normal };
            let local = at(c, r);
            let u = column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0;
            // A furrow runs along the middle.
            let base = TONGUE * (1.0 - 0.12 * (-(u / 0.12).powi(2)).exp());
            let place = lying(column, row) + way * front(row as f32 / (ROWS - 1) as f32);
            let normal = posed.skull.rotation * jaw.turn * normal;
            let base = self.tone.apply(base * 0.85);
            let tissue = Wet { base, normal, gloss: 0.2, behind: -local.z * 0.8 };
            self.vertex(place, &tissue, &posed.skull, opening)
        });
    }

    fn vertex(&self, place: Vec3, tissue: &Wet, skull: &Placement, opening: &Opening) -> ShadedVertex {
        let Wet { base, normal, gloss, behind } = *tissue;
        let at = skull.project(place);
        // Less light reaches the back of the mouth.
        let depth = (-(behind - 4.0 * MILLIMETRE).max(0.0) / (32.0 * MILLIMETRE)).exp();
        let light = depth * opening.light(at.truncate());
        // What light does not reach is lit by the mouth itself.
        let slit = 1.0 - smoothstep(0.02, 0.12, opening.gap);
        let own = self.lip * (CAVITY_DEEP + (CAVITY_SLIT - CAVITY_DEEP) * slit);
        let color = own.lerp(wet(base, normal, gloss * light), light);
        ShadedVertex { position: [at.x, at.y, at.z / skull.scale], color: color.extend(1.0).into() }
    }
}

/// A place of a wet surface.
struct Wet {
    /// Colour, sRGB-encoded.
    base: Vec3,
    /// Unit length, camera axes.
    normal: Vec3,
    gloss: f32,
    /// How far it lies behind the front teeth, inter-ocular distances.
    behind: f32,
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

/// The opening between the lips at one moment.
#[derive(Debug)]
pub struct Opening {
    /// Right corner to left: upper and lower rim in photo pixels, never crossed.
    columns: Vec<(Vec2, Vec2)>,
    /// Pixels per inter-ocular distance.
    scale: f32,
    /// Largest distance between the rims, inter-ocular distances.
    gap: f32,
}

impl Opening {
    /// Between the rims of `model` at `vertices` (photo pixels); `scale`: pixels per inter-ocular distance.
    pub fn new(model: &HeadModel, vertices: &[Vec3], scale: f32) -> Self {
        let rim = |&v: &u32| vertices[v as usize].truncate();
        let column = |(u, l)| {
            let (upper, lower): (Vec2, Vec2) = (rim(u), rim(l));
            if lower.y > upper.y { (upper, lower) } else { (0.5 * (upper + lower), 0.5 * (upper + lower)) }
        };
        Self::from_columns(model.lip_upper().iter().zip(model.lip_lower()).map(column).collect(), scale)
    }

    fn from_columns(columns: Vec<(Vec2, Vec2)>, scale: f32) -> Self {
        let gap = columns.iter().map(|(u, l)| l.y - u.y).fold(0.0, f32::max) / scale;
        Self { columns, scale, gap }
    }

    /// Whether nothing of the inside can be seen.
    pub fn is_closed(&self) -> bool {
        self.gap < 0.004
    }

    /// Share of the light that the lips let through to a place, 0..1.
    fn light(&self, at: Vec2) -> f32 {
        let nearest = self.columns.iter().min_by(|a, b| (a.0.x - at.x).abs().total_cmp(&(b.0.x - at.x).abs()));
        let Some((upper, lower)) = nearest else { return 0.0 };
        let from_upper = smoothstep(-0.02, 0.06, (at.y - upper.y) / self.scale);
        let from_lower = smoothstep(-0.05, 0.03, (lower.y - at.y) / self.scale);
        let corners = smoothstep(0.0, 0.10, (lower.y - upper.y) / self.scale);
        let open = smoothstep(0.02, 0.18, self.gap);
        (0.55 + 0.45 * from_upper) * (0.8 + 0.2 * from_lower) * (0.6 + 0.4 * corners) * (0.45 + 0.55 * open)
    }
}

/// Mean colour of the lips between their outer and inner rims.
fn lip_color(model: &HeadModel, rig: &Rig, image: &RgbaImage) -> Vec3 {
    // iBUG: outer points 50 to 52 and 56 to 58 with the inner ones across from them, 61 to 63 and 65 to 67.
    let pairs = [(50, 61), (51, 62), (52, 63), (56, 65), (57, 66), (58, 67)];
    let at = |i: usize| rig.source()[model.landmarks68()[i] as usize].truncate();
    let color = |&(outer, inner): &(usize, usize)| photo_color(image, at(outer).lerp(at(inner), 0.5));
    pairs.iter().map(color).sum::<Vec3>() / pairs.len() as f32
}

impl OwnTeeth {
    /// The photo's teeth and where they are in it, if its lips are open and something bright lies between them.
    fn find(model: &HeadModel, rig: &Rig, image: &RgbaImage) -> Option<(Self, GrayImage)> {
        let source = rig.source();
        let opening = Opening::new(model, source, rig.scale());
        if opening.gap < OPEN_IN_PHOTO {
            return None;
        }
        let strip: Vec<[Vec2; STRIP_ROWS]> = opening
            .columns
            .iter()
            .map(|(u, l)| std::array::from_fn(|row| u.lerp(*l, row as f32 / (STRIP_ROWS - 1) as f32)))
            .collect();
        let color = |x: u32, y: u32| photo_color(image, Vec2::new(x as f32, y as f32));
        let inside =
            |at: &Vec2| at.x >= 0.0 && at.y >= 0.0 && at.x < image.width() as f32 && at.y < image.height() as f32;
        let mut samples: Vec<Vec3> =
            strip.iter().flatten().filter(|at| inside(at)).map(|at| color(at.x as u32, at.y as u32)).collect();
        samples.sort_by(|a, b| luminance(*a).total_cmp(&luminance(*b)));
        // Lips are bright too, but not pale.
        let pale = |color: &&Vec3| color.min_element() > 0.6 * color.max_element();
        let bright = &samples[samples.len() * 2 / 3..];
        let teeth: Vec<Vec3> = bright.iter().filter(pale).copied().collect();
        let teeth = teeth.iter().copied().sum::<Vec3>() / teeth.len() as f32;
        let brightest = luminance(*samples.get(samples.len() * 9 / 10)?);
        if brightest < 0.25 || !teeth.is_finite() {
            return None;
        }
        let mut mask = GrayImage::new(image.width(), image.height());
        let all = strip.iter().flatten();
        let low = all.clone().fold(Vec2::INFINITY, |m, p| m.min(*p)).max(Vec2::ZERO);
        let high = all.fold(Vec2::NEG_INFINITY, |m, p| m.max(*p));
        for y in low.y as u32..(high.y as u32 + 2).min(image.height()) {
            for x in low.x as u32..(high.x as u32 + 2).min(image.width()) {
                let coverage = smoothstep(0.42, 0.66, luminance(color(x, y)) / brightest);
                mask.put_pixel(x, y, Luma([(coverage * 255.0) as u8]));
            }
        }
        let depth = source[model.lip_upper()[model.lip_upper().len() / 2] as usize].z - 7.0 * MILLIMETRE * rig.scale();
        Some((Self { strip, depth, gap: opening.gap, color: teeth }, mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::animate::passes::{Layer, Passes, View};
    use crate::gpu::{Gpu, read_rgba, render_target};
    use crate::head::expression::Expression;

    fn mouth() -> Mouth {
        Mouth {
            upper: dental_arch(Arch::Upper),
            lower: dental_arch(Arch::Lower),
            upper_edge: Vec3::new(0.0, -0.7 - 1.5 * MILLIMETRE, 0.95),
            lower_edge: Vec3::new(0.0, -0.7, 0.95) + Vec3::new(0.0, 1.0, -2.5) * MILLIMETRE,
            size: 1.0,
            hinge: Vec3::new(0.0, -0.1, 0.1),
            jaw_angle: 0.35,
            tone: Tone { gain: Vec3::ONE, saturation: 1.0 },
            lip: Vec3::new(0.7, 0.4, 0.38),
            enamel: ENAMEL,
            own_teeth: None,
        }
    }

    /// Draws five openings; look at the picture when the mouth changes.
    #[test]
    fn upper_teeth_stay_and_lower_teeth_follow_the_jaw() {
        let Ok(gpu) = Gpu::headless() else { panic!("a Vulkan driver is needed: install mesa-vulkan-drivers") };
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let size = (480, 300);
        let target = render_target(&gpu, size.0, size.1, format);
        let passes = Passes::new(&gpu, format);
        let mouth = mouth();
        let scale = 700.0;
        let mut upper_arch = None;
        for (i, open) in [0.1_f32, 0.3, 0.5, 0.8, 1.0].into_iter().enumerate() {
            let mut expression = Expression::default();
            expression.set("jawOpen", open);
            let skull = Placement {
                rotation: Mat3::IDENTITY,
                scale,
                origin: Vec2::new(240.0, 100.0 - 0.7 * scale),
                lean: glam::Mat2::IDENTITY,
            };
            let posed = Posed { vertices: Vec::new(), skull, expression };
            let column = |c: i32| {
                let x = c as f32 / 10.0;
                let arch = (1.0 - x * x).max(0.0).sqrt();
                let at = Vec2::new(240.0 + x * 0.29 * scale, 100.0);
                (at - Vec2::Y * arch * 18.0, at + Vec2::Y * arch * open * 190.0)
            };
            let opening = Opening::from_columns((-10..=10).map(column).collect(), scale);
            let photo = Vec2::new(480.0, 300.0);
            let view = View { origin: Vec2::ZERO, size: photo, photo };
            let inside = mouth.inside(&opening, &posed, 0.0, Teeth::default());
            // The upper arch comes first; it stands in the skull's axes whatever the jaw does.
            let count: usize = mouth.upper.iter().map(|patch| patch.vertices.len()).sum();
            let places: Vec<_> = inside.vertices[..count].iter().map(|vertex| vertex.position).collect();
            let first = upper_arch.get_or_insert_with(|| places.clone());
            assert!(*first == places, "the upper teeth slip");
            let layers = [Layer::Opening(&mouth.cavity(&opening)), Layer::InOpening(&inside)];
            passes.draw(&gpu, &target.create_view(&Default::default()), size, view, &layers);
            let Ok(frame) = read_rgba(&gpu, &target) else { panic!("read-back") };
            if let Ok(folder) = std::env::var("PORTRAOKE_LOOK") {
                let _ = frame.save(format!("{folder}/mouth{i}.png"));
            }
            let luma = |x: u32, y: u32| frame.get_pixel(x, y)[1];
            assert!(luma(228, 94) > 70, "the upper incisors are lit and stay: {}", luma(228, 94));
            assert!(luma(20, 290) == 0, "nothing outside the opening");
        }
    }
}
