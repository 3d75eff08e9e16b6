//! Dental arches: tooth by tooth from the mean sizes of permanent teeth, in the head model's units.
//!
//! Crown widths and heights after Wheeler's *Dental Anatomy, Physiology and Occlusion*; the arch follows a cubic
//! curve through the mean canine and molar widths. Each arch has its own axes: origin at the midpoint of the two
//! central incisors' cutting edges, x towards the subject's left, y up, z forward.

use glam::{Vec2, Vec3};

/// Inter-ocular distances (outer eye corner to outer eye corner, 90 mm in the mean adult) a millimetre.
pub const MILLIMETRE: f32 = 1.0 / 90.0;

/// Upper or lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// Fixed to the skull.
    Upper,
    /// Moves with the jaw.
    Lower,
}

/// What a vertex of an arch is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tissue {
    /// A tooth's crown.
    Enamel,
    /// The gum around the crowns.
    Gum,
}

/// A vertex of an arch.
#[derive(Debug, Clone, Copy)]
pub struct DentalVertex {
    /// Inter-ocular distances, in the arch's own axes.
    pub position: Vec3,
    /// Unit length, outwards.
    pub normal: Vec3,
    /// What it is made of.
    pub tissue: Tissue,
    /// How deep it lies between two teeth: 0 in the middle of a crown, 1 in the gap.
    pub crevice: f32,
}

/// Grids of vertices: `columns` along the arch, rows across.
#[derive(Debug, Clone)]
pub struct DentalPatch {
    /// Vertices in a row.
    pub columns: usize,
    /// Row by row.
    pub vertices: Vec<DentalVertex>,
}

/// Crown width and height in mm, from the central incisor to the first molar.
const UPPER_CROWNS: [(f32, f32); 6] = [(8.6, 10.5), (6.6, 9.2), (7.6, 10.2), (7.1, 8.6), (6.7, 8.0), (10.2, 7.4)];
const LOWER_CROWNS: [(f32, f32); 6] = [(5.3, 8.8), (5.8, 9.2), (6.9, 10.4), (7.0, 8.6), (7.1, 8.0), (11.0, 7.4)];

/// Half the width and the depth of the arch in mm; z = -depth * (x / half width)^3.
const UPPER_ARCH: (f32, f32) = (28.0, 40.0);
const LOWER_ARCH: (f32, f32) = (25.5, 37.0);

/// Columns and rows of a crown's grid.
const CROWN: (usize, usize) = (9, 9);

/// The crowns and the gum of one arch.
pub fn dental_arch(arch: Arch) -> Vec<DentalPatch> {
    let (crowns, curve) = match arch {
        Arch::Upper => (UPPER_CROWNS, UPPER_ARCH),
        Arch::Lower => (LOWER_CROWNS, LOWER_ARCH),
    };
    // Upper crowns grow upwards from the cutting edge, lower ones downwards.
    let up = if arch == Arch::Upper { 1.0 } else { -1.0 };
    let mut patches = Vec::new();
    for side in [-1.0, 1.0] {
        let mut along = 0.0;
        for (tooth, &(width, height)) in crowns.iter().enumerate() {
            patches.push(crown(curve, side * (along + 0.5 * width), width, height, up, tooth));
            along += width;
        }
    }
    patches.push(gum(curve, &crowns, up));
    patches
}

/// Place and outward direction (x, z) at `along` mm from the midline.
fn arch_point((half_width, depth): (f32, f32), along: f32) -> (Vec2, Vec2) {
    // The curve is walked in steps of a fifth of a millimetre; its arc length has no closed form.
    const STEP: f32 = 0.2;
    let slope = |x: f32| -3.0 * depth / half_width * (x / half_width).powi(2);
    let (mut x, mut walked) = (0.0_f32, 0.0);
    while walked < along.abs() {
        x += STEP / (1.0 + slope(x).powi(2)).sqrt();
        walked += STEP;
    }
    let point = Vec2::new(x * along.signum(), -depth * (x / half_width).powi(3));
    let outward = Vec2::new(-slope(x) * along.signum(), 1.0).normalize();
    (point, outward)
}

fn crown(curve: (f32, f32), middle: f32, width: f32, height: f32, up: f32, tooth: usize) -> DentalPatch {
    let (columns, rows) = CROWN;
    let thickness = if tooth < 3 { 3.0 } else { 8.0 };
    // Lateral incisors stand a little higher than their neighbours, canines a little lower.
    let raise = [0.0, 0.6, -0.2, 0.3, 0.6, 0.8][tooth];
    let place = |column: usize, row: usize| -> (Vec3, f32) {
        let u = column as f32 / (columns - 1) as f32 * 2.0 - 1.0;
        // Rows 0 and 1 lie behind the cutting edge, the others run from it to the gum.
        let v = (row as f32 - 2.0) / (rows - 3) as f32;
        let rounding = 0.6 * u.abs().powi(4) * (1.0 - v.clamp(0.0, 1.0)).powi(4);
        let cusp = if tooth == 2 { 0.8 * u.abs() * (1.0 - v.clamp(0.0, 1.0)).powi(3) } else { 0.0 };
        // Crowns narrow towards the gum; less than they do, because what lies between them is not dark but the next crown.
        let narrowing = 1.0 - 0.05 * v.clamp(0.0, 1.0).powi(2);
        let (point, outward) = arch_point(curve, middle + u * 0.5 * width * narrowing);
        let bulge = match row {
            0 => -thickness,
            1 => -0.85 * thickness,
            _ => 1.3 * (1.0 - u.abs().powi(3)) * (0.35 + 0.65 * (std::f32::consts::PI * (0.12 + 0.8 * v)).sin()) - 0.4,
        };
        let rise = match row {
            0 => 0.6 * height,
            1 => 0.4,
            _ => v * height,
        };
        let y = up * (rise + rounding + cusp + raise);
        let flat = point + outward * bulge;
        (Vec3::new(flat.x, y, flat.y) * MILLIMETRE, u.abs().powi(14))
    };
    patch(columns, rows, Tissue::Enamel, place)
}

fn gum(curve: (f32, f32), crowns: &[(f32, f32)], up: f32) -> DentalPatch {
    const COLUMNS: usize = 97;
    let length: f32 = crowns.iter().map(|c| c.0).sum();
    let place = |column: usize, row: usize| -> (Vec3, f32) {
        let along = (column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0) * length;
        // The gum's edge is an arch over each crown and dips between two.
        let mut edge = 0.0;
        let (mut height, mut width) = (8.0, 8.0);
        for &(crown_width, crown_height) in crowns {
            let (from, to) = (edge, edge + crown_width);
            if (from..=to).contains(&along.abs()) {
                (height, width) = (crown_height, crown_width);
                break;
            }
            edge = to;
        }
        let u = ((along.abs() - edge) / width).clamp(0.0, 1.0) * 2.0 - 1.0;
        let line = height * (0.93 - 0.22 * u.powi(4));
        let (point, outward) = arch_point(curve, along);
        let (rise, bulge) = [(0.0, 0.1), (1.0, 0.9), (3.0, 1.4), (7.0, 1.6), (12.0, 0.6)][row];
        let flat = point + outward * bulge;
        (Vec3::new(flat.x, up * (line + rise), flat.y) * MILLIMETRE, if row == 0 { 0.6 } else { 0.0 })
    };
    patch(COLUMNS, 5, Tissue::Gum, place)
}

fn patch(columns: usize, rows: usize, tissue: Tissue, place: impl Fn(usize, usize) -> (Vec3, f32)) -> DentalPatch {
    let at =
        |c: isize, r: isize| place(c.clamp(0, columns as isize - 1) as usize, r.clamp(0, rows as isize - 1) as usize).0;
    let vertices = (0..rows as isize)
        .flat_map(|r| (0..columns as isize).map(move |c| (c, r)))
        .map(|(c, r)| {
            let across = at(c + 1, r) - at(c - 1, r);
            let down = at(c, r + 1) - at(c, r - 1);
            let normal = across.cross(down).normalize_or(Vec3::Z);
            // The sides differ in winding; outside is away from the arch's inside.
            let (position, crevice) = place(c as usize, r as usize);
            let inside = Vec3::new(0.0, position.y, -22.0 * MILLIMETRE);
            let normal = if normal.dot(position - inside) < 0.0 { -normal } else { normal };
            DentalVertex { position, normal, tissue, crevice }
        })
        .collect();
    DentalPatch { columns, vertices }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arches_are_mirror_symmetric_and_of_adult_size() {
        for arch in [Arch::Upper, Arch::Lower] {
            let points: Vec<Vec3> =
                dental_arch(arch).iter().flat_map(|p| p.vertices.iter().map(|v| v.position)).collect();
            let widest = |sign: f32| points.iter().map(|p| p.x * sign).fold(f32::MIN, f32::max) / MILLIMETRE;
            assert!((widest(1.0) - widest(-1.0)).abs() < 0.05);
            assert!((20.0..33.0).contains(&widest(1.0)), "{}", widest(1.0));
        }
    }

    #[test]
    fn normals_point_outwards() {
        for patch in dental_arch(Arch::Upper) {
            for vertex in &patch.vertices {
                assert!((vertex.normal.length() - 1.0).abs() < 1e-3);
                assert!(vertex.normal.z > -0.999);
            }
        }
    }
}
