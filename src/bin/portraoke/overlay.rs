//! Pictures for people to look at: points and fitted head over the photo, contact sheets, cut-outs.

use glam::Vec2;
use image::{Rgba, RgbaImage, imageops};
use portraoke::head::HeadModel;
use portraoke::portrait::{Layers, Portrait};

/// Faces are enlarged to at least this height, pixels, so that the marks do not hide them.
const MIN_FACE_HEIGHT: f32 = 360.0;
/// Never enlarge more.
const MAX_ENLARGEMENT: f32 = 8.0;

const MESH: Rgba<u8> = Rgba([90, 200, 255, 60]);
const DENSE: Rgba<u8> = Rgba([255, 220, 0, 190]);
const LANDMARK: Rgba<u8> = Rgba([0, 255, 80, 255]);
const IRIS: Rgba<u8> = Rgba([255, 60, 200, 255]);

/// The whole photo with all its faces marked.
pub(crate) fn picture(head: &HeadModel, portrait: &Portrait) -> RgbaImage {
    let height = portrait.faces.first().map_or(MIN_FACE_HEIGHT, |face| face.bounds.height);
    let long = portrait.image.width().max(portrait.image.height()) as f32;
    // A small face in a large picture must not blow the picture up.
    let zoom = (MIN_FACE_HEIGHT / height).clamp(1.0, MAX_ENLARGEMENT).min((2400.0 / long).max(1.0));
    let size = [portrait.image.width(), portrait.image.height()].map(|side| (side as f32 * zoom).round() as u32);
    let mut canvas = imageops::resize(&portrait.image, size[0], size[1], imageops::FilterType::Triangle);
    draw_faces(&mut canvas, head, portrait, Vec2::ZERO, zoom);
    canvas
}

/// The first face, marked, filling most of a square of this side.
pub(crate) fn close_up(head: &HeadModel, portrait: &Portrait, side: u32) -> RgbaImage {
    let bounds = portrait.faces.first().map(|face| face.bounds).unwrap_or_default();
    let [x, y] = bounds.center();
    let reach = 0.9 * bounds.longer_side().max(1.0);
    let zoom = side as f32 / (2.0 * reach);
    let corner = Vec2::new(x - reach, y - 1.1 * reach);
    let mut canvas = RgbaImage::from_fn(side, side, |u, v| {
        let at = corner + Vec2::new(u as f32 + 0.5, v as f32 + 0.5) / zoom;
        let [w, h] = [portrait.image.width() as f32, portrait.image.height() as f32];
        imageops::sample_bilinear(&portrait.image, at.x / w, at.y / h).unwrap_or(Rgba([40, 40, 40, 255]))
    });
    draw_faces(&mut canvas, head, portrait, corner, zoom);
    canvas
}

/// Pictures of one size in rows, as near to a square as can be.
pub(crate) fn sheet(tiles: &[RgbaImage], side: u32) -> RgbaImage {
    let count = tiles.len().max(1) as u32;
    let columns = (f64::from(count).sqrt().ceil() as u32).max(1);
    let mut canvas = RgbaImage::from_pixel(columns * side, count.div_ceil(columns) * side, Rgba([20, 20, 20, 255]));
    for (i, tile) in tiles.iter().enumerate() {
        let (column, row) = (i as u32 % columns, i as u32 / columns);
        imageops::replace(&mut canvas, tile, i64::from(column * side), i64::from(row * side));
    }
    canvas
}

/// Side by side: the person over a plain green, the hair tinted, the clean background.
pub(crate) fn cut_out(portrait: &Portrait, layers: &Layers) -> RgbaImage {
    let (width, height) = portrait.image.dimensions();
    let mut canvas = RgbaImage::new(3 * width, height);
    let mix = |a: u8, b: u8, share: u8| {
        ((u32::from(a) * u32::from(share) + u32::from(b) * (255 - u32::from(share))) / 255) as u8
    };
    for (x, y, pixel) in portrait.image.enumerate_pixels() {
        let person = layers.person.get_pixel(x, y).0[0];
        let hair = layers.hair.get_pixel(x, y).0[0];
        let [r, g, b, _] = pixel.0;
        canvas.put_pixel(x, y, Rgba([mix(r, 30, person), mix(g, 200, person), mix(b, 60, person), 255]));
        canvas.put_pixel(x + width, y, Rgba([mix(255, r, hair / 2), mix(0, g, hair / 2), mix(160, b, hair / 2), 255]));
        canvas.put_pixel(x + 2 * width, y, *layers.background.get_pixel(x, y));
    }
    canvas
}

fn draw_faces(canvas: &mut RgbaImage, head: &HeadModel, portrait: &Portrait, corner: Vec2, zoom: f32) {
    for face in &portrait.faces {
        let shape = head.shape(&face.fit.identity, &face.fit.expression);
        let projected: Vec<Vec2> = face.fit.project(&shape).iter().map(|p| (*p - corner) * zoom).collect();
        for triangle in head.triangles() {
            let [a, b, c] = triangle.map(|v| projected[v as usize]);
            // Counter-clockwise from outside is clockwise where y points down; the rest is the head's back.
            if (b - a).perp_dot(c - a) < 0.0 {
                for (from, to) in [(a, b), (b, c), (c, a)] {
                    line(canvas, from, to, MESH);
                }
            }
        }
        let place = |p: &[f32; 2]| (Vec2::from(*p) - corner) * zoom;
        face.dense.iter().for_each(|p| dot(canvas, place(p), 1.0, DENSE));
        face.landmarks.iter().for_each(|p| dot(canvas, place(p), 2.0, LANDMARK));
        face.irises.iter().for_each(|p| dot(canvas, place(p), 2.5, IRIS));
    }
}

fn blend(canvas: &mut RgbaImage, at: Vec2, color: Rgba<u8>) {
    if at.x < 0.0 || at.y < 0.0 {
        return;
    }
    if let Some(pixel) = canvas.get_pixel_mut_checked(at.x as u32, at.y as u32) {
        let share = f32::from(color.0[3]) / 255.0;
        for (value, &to) in pixel.0.iter_mut().zip(&color.0[..3]) {
            *value = (f32::from(*value) + share * (f32::from(to) - f32::from(*value))) as u8;
        }
    }
}

fn line(canvas: &mut RgbaImage, from: Vec2, to: Vec2, color: Rgba<u8>) {
    // A fit gone wrong may project anywhere: no line is longer than the canvas is wide.
    let steps = (to - from).abs().max_element().ceil().clamp(1.0, canvas.width() as f32) as usize;
    for step in 0..steps {
        blend(canvas, from.lerp(to, step as f32 / steps as f32), color);
    }
}

fn dot(canvas: &mut RgbaImage, at: Vec2, radius: f32, color: Rgba<u8>) {
    let reach = radius.ceil() as i32;
    for v in -reach..=reach {
        for u in -reach..=reach {
            let offset = Vec2::new(u as f32, v as f32);
            if offset.length() <= radius {
                blend(canvas, at + offset, color);
            }
        }
    }
}
