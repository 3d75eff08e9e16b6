//! The matte where the head model knows better: skin that the fit covers is the person, whatever the small matte
//! network made of it.

use super::rig::Rig;
use super::surface::normals;
use crate::head::{HeadModel, Region};
use glam::Vec2;
use image::{GrayImage, Luma};

/// Cosine between a vertex's normal and the view above which the fit surely lies inside the head's outline.
const INSIDE: f32 = 0.35;

/// `matte` with full coverage on the face's triangles that face the camera.
pub fn with_face(matte: &GrayImage, model: &HeadModel, rig: &Rig) -> GrayImage {
    let normals = normals(model.triangles(), rig.source());
    let counts = |v: u32| {
        let region = model.region()[v as usize];
        normals[v as usize].z > INSIDE
            && !matches!(region, Region::Ear | Region::Scalp | Region::Shoulder | Region::Neck)
    };
    let mut result = matte.clone();
    for triangle in model.triangles().iter().filter(|t| t.iter().all(|&v| counts(v))) {
        fill(&mut result, triangle.map(|v| rig.source()[v as usize].truncate()));
    }
    // The openings have no triangles of their own.
    for (upper, lower) in [
        (model.lip_upper(), model.lip_lower()),
        (model.lid_left_upper(), model.lid_left_lower()),
        (model.lid_right_upper(), model.lid_right_lower()),
    ] {
        let at = |v: u32| rig.source()[v as usize].truncate();
        for i in 1..upper.len() {
            let [a, b, c, d] = [upper[i - 1], upper[i], lower[i - 1], lower[i]].map(at);
            fill(&mut result, [a, b, c]);
            fill(&mut result, [b, c, d]);
        }
    }
    result
}

/// Sets the pixels whose centres a triangle covers, either winding.
fn fill(image: &mut GrayImage, [a, b, c]: [Vec2; 3]) {
    let area = (b - a).perp_dot(c - a);
    if area.abs() < 1e-6 {
        return;
    }
    let low = a.min(b).min(c).floor().max(Vec2::ZERO);
    let high = a.max(b).max(c).ceil().min(Vec2::new(image.width() as f32, image.height() as f32));
    for y in low.y as u32..high.y.max(0.0) as u32 {
        for x in low.x as u32..high.x.max(0.0) as u32 {
            let p = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
            let weights = [(b - p).perp_dot(c - p), (c - p).perp_dot(a - p), (a - p).perp_dot(b - p)];
            if weights.iter().all(|w| w / area >= -1e-4) {
                image.put_pixel(x, y, Luma([255]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_covers_its_half_of_a_square() {
        let mut image = GrayImage::new(10, 10);
        fill(&mut image, [Vec2::ZERO, Vec2::new(10.0, 0.0), Vec2::new(0.0, 10.0)]);
        let covered = image.pixels().filter(|p| p[0] == 255).count();
        assert!((45..=55).contains(&covered), "{covered}");
        assert_eq!(image.get_pixel(9, 9)[0], 0);
        fill(&mut image, [Vec2::splat(-50.0), Vec2::new(-40.0, -50.0), Vec2::new(500.0, 0.0)]);
    }
}
