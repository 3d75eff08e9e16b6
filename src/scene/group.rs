//! One photo whose faces all sing in place.
//!
//! Every face is a portrait of its own, made of the square around head and shoulders. It is drawn by itself and laid
//! over the still photo through a mask that ends before its neighbours' faces, so that nobody drags a neighbour along.

use super::framing::Subject;
use super::set::{Set, blurred};
use crate::animate::{Passes, Picture, smoothstep};
use crate::gpu::{Gpu, upload_mask, upload_rgba};
use crate::portrait::{Analyser, CROP_DROP, CROP_FACTOR, Face, MAX_LONG_SIDE, Portrait, PortraitError};
use glam::Vec2;
use image::{GrayImage, Luma, RgbaImage};
use std::sync::Arc;

/// Squares begin and end at multiples of so many pixels, so that their smaller copies (mip levels) hold the same pixels
/// as the photo's: where nothing moves, nothing shows.
const GRID: u32 = 16;
/// Longer side of a mask: it has no fine parts.
const MASK_SIDE: f32 = 256.0;
/// Over this share of the square's shorter side a face's motion fades towards the square's border.
const FADE: f32 = 0.15;
/// A place belongs to the head it is nearest to, in half sizes of each head; over so many of them its motion fades
/// towards the border with a neighbour.
const FEATHER: f32 = 0.35;

/// The photo behind the faces.
#[derive(Debug)]
pub(super) struct GroupPhoto {
    /// The photo, continued to the right and below to whole grid cells.
    pub(super) picture: Picture,
    /// Size of `picture`; that of the photo, all pixels.
    pub(super) padded: Vec2,
    pub(super) photo: Vec2,
    pub(super) blurred: Picture,
}

impl GroupPhoto {
    pub(super) fn size(&self) -> (u32, u32) {
        (self.photo.x as u32, self.photo.y as u32)
    }
}

/// A face's place in a group photo.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) photo: Arc<GroupPhoto>,
    /// The face in the photo's pixels.
    pub(super) subject: Subject,
    /// Its square: top-left corner and size, the photo's pixels.
    pub(super) origin: Vec2,
    pub(super) size: Vec2,
    /// Where in the square the face may change the photo.
    pub(super) mask: wgpu::TextureView,
}

impl Set {
    /// Makes several faces of one photo ready: one set for each of `faces` (numbers of `portrait.faces`), in that order.
    /// Under [`Layout::Group`](super::Layout::Group) they sing in place; in any other layout each has a cell.
    ///
    /// # Errors
    /// [`PortraitError::NoSuchFace`], or [`PortraitError::Network`] when the layers cannot be made.
    pub async fn group(
        gpu: &Gpu,
        passes: &Arc<Passes>,
        analyser: &Analyser,
        portrait: &Portrait,
        faces: &[usize],
    ) -> Result<Vec<Self>, PortraitError> {
        let head = analyser.head();
        let (width, height) = portrait.image.dimensions();
        let size = Vec2::new(width as f32, height as f32);
        let padded = Portrait { image: padded(&portrait.image), faces: portrait.faces.clone(), notes: Vec::new() };
        let photo = Arc::new(GroupPhoto {
            picture: passes.unmasked(gpu, &upload_rgba(gpu, "group", &padded.image)),
            padded: Vec2::new(padded.image.width() as f32, padded.image.height() as f32),
            photo: size,
            blurred: blurred(gpu, passes, &portrait.image),
        });
        // All faces, not only those that sing: nobody is dragged along.
        let subjects: Vec<Subject> = portrait.faces.iter().map(|face| Subject::of(head, face, size)).collect();
        let mut sets = Vec::new();
        for &face in faces {
            let found = portrait.faces.get(face);
            let missing = || PortraitError::NoSuchFace { index: face, count: portrait.faces.len() };
            let bounds = square(found.ok_or_else(missing)?, padded.image.dimensions());
            let crop = padded.cropped(face, bounds)?;
            let layers = analyser.layers(&crop, 0).await?;
            let [x, y, width, height] = bounds.map(|n| n as f32);
            let (origin, size) = (Vec2::new(x, y), Vec2::new(width, height));
            let mask = upload_mask(gpu, "seat", &mask(&subjects, face, origin, size, photo.padded));
            let seat = Seat { photo: Arc::clone(&photo), subject: subjects[face], origin, size, mask };
            sets.push(Self::new(gpu, passes, Arc::clone(head), &crop, 0, &layers, MAX_LONG_SIDE).seated(seat));
        }
        Ok(sets)
    }
}

/// The picture continued to whole grid cells by its last pixels.
fn padded(image: &RgbaImage) -> RgbaImage {
    let (width, height) = image.dimensions();
    if width.is_multiple_of(GRID) && height.is_multiple_of(GRID) {
        return image.clone();
    }
    RgbaImage::from_fn(width.next_multiple_of(GRID), height.next_multiple_of(GRID), |x, y| {
        *image.get_pixel(x.min(width - 1), y.min(height - 1))
    })
}

/// Head and shoulders of a face, what the matte network looks at too, within a picture of `width` x `height` pixels, in whole grid cells: x, y, width, height.
fn square(face: &Face, (width, height): (u32, u32)) -> [u32; 4] {
    let [x, y] = face.bounds.center();
    let middle = [x, y + CROP_DROP * face.bounds.height];
    let half = 0.5 * CROP_FACTOR * face.bounds.longer_side();
    let grid = GRID as f32;
    let side = |middle: f32, length: u32| {
        let length = length as f32;
        let from = ((middle - half).clamp(0.0, length - grid) / grid).floor() * grid;
        let to = ((middle + half) / grid).ceil() * grid;
        (from as u32, (to.clamp(from + grid, length) - from) as u32)
    };
    let ((x, width), (y, height)) = (side(middle[0], width), side(middle[1], height));
    [x, y, width, height]
}

/// Where face `own` may change the photo: 255 on it and around it, 0 at its square's border, where the photo goes on
/// beyond it, and 0 where another head is nearer.
fn mask(subjects: &[Subject], own: usize, origin: Vec2, size: Vec2, photo: Vec2) -> GrayImage {
    let scale = (MASK_SIDE / size.max_element()).min(1.0);
    let sides = (size * scale).ceil().max(Vec2::ONE);
    let fade = FADE * size.min_element();
    let distance = |subject: &Subject, at: Vec2| {
        let [low, high] = subject.head;
        let half = (0.5 * (high - low)).max(Vec2::ONE);
        ((at - 0.5 * (low + high)) / half).length()
    };
    GrayImage::from_fn(sides.x as u32, sides.y as u32, |x, y| {
        let inside = (Vec2::new(x as f32, y as f32) + 0.5) / sides * size;
        let at = origin + inside;
        let edge = |ends_with_photo: bool, distance: f32| match ends_with_photo {
            true => 1.0,
            // Nothing of the border's own pixel.
            false => smoothstep(0.0, 1.0, (distance - 2.0 / scale) / fade),
        };
        let far = origin + size;
        let border = edge(origin.x <= 0.0, inside.x)
            * edge(origin.y <= 0.0, inside.y)
            * edge(far.x >= photo.x, size.x - inside.x)
            * edge(far.y >= photo.y, size.y - inside.y);
        let others = subjects.iter().enumerate().filter(|(i, _)| *i != own);
        let nearest = others.map(|(_, other)| distance(other, at)).fold(f32::INFINITY, f32::min);
        let mine = smoothstep(0.0, 1.0, (nearest - distance(&subjects[own], at)) / FEATHER);
        Luma([(255.0 * border * mine).round() as u8])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(x: f32, y: f32) -> Subject {
        let low = Vec2::new(x, y);
        Subject { photo: Vec2::new(800.0, 400.0), head: [low, low + Vec2::new(100.0, 140.0)], eyes: low }
    }

    #[test]
    fn a_mask_ends_before_the_neighbour_and_at_the_border() {
        let subjects = [head(200.0, 100.0), head(330.0, 110.0)];
        let (origin, size) = (Vec2::new(96.0, 0.0), Vec2::new(320.0, 320.0));
        let mask = mask(&subjects, 0, origin, size, Vec2::new(800.0, 400.0));
        let at = |x: f32, y: f32| {
            let place = (Vec2::new(x, y) - origin) / size * Vec2::new(mask.width() as f32, mask.height() as f32);
            mask.get_pixel(place.x as u32, place.y as u32).0[0]
        };
        assert_eq!([at(250.0, 170.0), at(220.0, 180.0)], [255; 2], "the own face");
        assert_eq!([at(335.0, 180.0), at(380.0, 180.0), at(410.0, 20.0)], [0; 3], "the neighbour's");
        assert_eq!([at(97.0, 170.0), at(250.0, 318.0)], [0; 2], "the border");
        assert!(at(250.0, 2.0) > 200, "the photo ends here, so nothing has to fade");
    }

    #[test]
    fn pictures_are_continued_to_whole_cells() {
        let image = RgbaImage::from_fn(17, 32, |x, y| image::Rgba([x as u8, y as u8, 0, 255]));
        let padded = padded(&image);
        assert_eq!(padded.dimensions(), (32, 32));
        assert_eq!(padded.get_pixel(31, 5), image.get_pixel(16, 5));
    }
}
