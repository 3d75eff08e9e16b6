//! Pictures over the frame: title and captions.

use super::compose::Item;
use super::layout::Cell;
use crate::animate::{Passes, Picture};
use crate::gpu::{Gpu, upload_rgba};
use glam::Vec2;
use image::RgbaImage;

/// How many there are: the title, a caption's line unsung, and the same line sung.
pub const OVERLAYS: usize = 3;

/// Pixels over which the colour of letters is continued into what is clear around them.
const BLED: usize = 2;

/// One picture and what of it is seen.
#[derive(Debug)]
struct Overlay {
    picture: Picture,
    place: Option<Part>,
}

/// A rectangle of the frame, and the shares of its width between which it is seen.
#[derive(Debug, Clone, Copy)]
struct Part {
    place: Cell,
    from: f32,
    to: f32,
}

/// The pictures over the frame, in the order they are drawn.
#[derive(Debug, Default)]
pub(super) struct Overlays([Option<Overlay>; OVERLAYS]);

impl Overlays {
    pub(super) fn set(&mut self, gpu: &Gpu, passes: &Passes, slot: usize, image: &RgbaImage) {
        let Some(overlay) = self.0.get_mut(slot) else { return };
        let place = overlay.as_ref().and_then(|overlay| overlay.place);
        let empty = image.width() == 0 || image.height() == 0;
        *overlay = (!empty).then(|| {
            let view = upload_rgba(gpu, "overlay", &bled(image));
            Overlay { picture: passes.unmasked(gpu, &view), place }
        });
    }

    pub(super) fn show(&mut self, slot: usize, [x, y, width, height]: [f32; 4], from: f32, to: f32) {
        let Some(Some(overlay)) = self.0.get_mut(slot) else { return };
        let share = |share: f32| if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        let (from, to) = (share(from), share(to));
        let sound = [x, y, width, height].iter().all(|n| n.is_finite()) && width > 0.0 && height > 0.0 && from < to;
        overlay.place = sound.then_some(Part { place: Cell { x, y, width, height }, from, to });
    }

    pub(super) fn hide(&mut self, slot: usize) {
        if let Some(Some(overlay)) = self.0.get_mut(slot) {
            overlay.place = None;
        }
    }

    /// What is shown, back to front.
    pub(super) fn items(&self) -> Vec<Item> {
        let shown = self.0.iter().flatten().filter_map(|overlay| Some((&overlay.picture, overlay.place?)));
        shown.map(|(picture, part)| part.item(picture)).collect()
    }
}

impl Part {
    fn item(&self, picture: &Picture) -> Item {
        let at = |share: f32, y: f32| self.place.low() + Vec2::new(share, y) * self.place.size();
        let place = Cell::between(at(self.from, 0.0), at(self.to, 1.0));
        Item::picture(picture, place, [Vec2::new(self.from, 0.0), Vec2::new(self.to, 1.0)], 1.0)
    }
}

/// The picture with the colours at the edge of what is clear continued into it: reading between pixels then mixes no
/// black into the rim of white letters.
fn bled(image: &RgbaImage) -> RgbaImage {
    let mut image = image.clone();
    let (width, height) = image.dimensions();
    for _ in 0..BLED {
        let before = image.clone();
        for (x, y, pixel) in image.enumerate_pixels_mut().filter(|(_, _, pixel)| pixel.0 == [0; 4]) {
            let near = (y.saturating_sub(1)..(y + 2).min(height))
                .flat_map(|v| (x.saturating_sub(1)..(x + 2).min(width)).map(move |u| (u, v)))
                .map(|(u, v)| before.get_pixel(u, v).0)
                .filter(|other| *other != [0; 4]);
            let (sum, count) = near.fold(([0; 3], 0), |(sum, count): ([u32; 3], u32), p| {
                ([0, 1, 2].map(|c| sum[c] + u32::from(p[c])), count + 1)
            });
            if let [Some(r), Some(g), Some(b)] = sum.map(|s| s.checked_div(count)) {
                pixel.0 = [r as u8, g as u8, b as u8, 0];
            }
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    #[test]
    fn colours_go_on_into_what_is_clear() {
        let mut image = RgbaImage::new(9, 5);
        image.put_pixel(4, 2, Rgba([255, 255, 255, 200]));
        let bled = bled(&image);
        assert_eq!(bled.get_pixel(4, 2).0, [255, 255, 255, 200]);
        assert_eq!(bled.get_pixel(2, 0).0, [255, 255, 255, 0]);
        assert_eq!(bled.get_pixel(0, 2).0, [0; 4]);
    }
}
