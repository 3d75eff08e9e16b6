//! Several portraits, one frame.
//!
//! In go portraits made ready ([`Set`]), what each does now ([`Actor`]) and how they share the frame ([`Setting`]); out
//! comes one frame with backdrop, portraits, title, captions and, last, the label. A frame depends on these alone.
//!
//! One portrait that fills the frame is drawn straight into it. Otherwise every portrait is drawn into a picture with
//! exactly the pixels it has in the frame, so that nothing is read twice between pixels, and a last pass composes them.
//! [`layout`] says where cells lie, [`framing`] which part of each photo they show, [`group`] how the faces of one
//! photo sing in place, [`spotlight`] who stands in the light.

mod compose;
mod framing;
mod group;
mod layout;
mod overlay;
mod set;
mod setting;
mod spotlight;

pub use crate::clip::ensemble::MOST;
pub use layout::{Cell, layout};
pub use overlay::OVERLAYS;
pub use set::Set;
pub use setting::{Backdrop, Fit, Layout, Setting};
pub use spotlight::spotlight;

use crate::animate::{Layer, Moment, Passes, Picture, View};
use crate::gpu::{Gpu, upload_rgba};
use crate::marks::label;
use compose::{Item, covering};
use framing::{Framed, Subject};
use glam::Vec2;
use group::{GroupPhoto, Seat};
use image::RgbaImage;
use overlay::Overlays;
use std::sync::Arc;

/// How much larger than the others whoever sings is in the spotlight.
const GROWN: f32 = 1.06;
/// Brightness of who is not lit.
const DIMMED: f32 = 0.45;
/// Brightness of a blurred photo behind the whole one, and between cells.
const BEHIND_PHOTO: f32 = 0.6;
const BETWEEN_CELLS: f32 = 0.35;

/// One portrait at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The portrait.
    pub set: &'a Set,
    /// What it does.
    pub moment: Moment<'a>,
    /// Shown as in a mirror. A group photo is mirrored when its first actor is.
    pub mirrored: bool,
    /// How far it stands in the light, 0..1 ([`spotlight`]); only [`Layout::Spotlight`] looks at it.
    pub lit: f32,
}

/// Where a photo is seen: `frame = origin + scale * photo`, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Where the photo's top-left corner would be.
    pub origin: [f32; 2],
    /// Frame pixels to a pixel of the photo, across and down; across it is negative where the photo is mirrored.
    pub scale: [f32; 2],
    /// The part of the frame in which it is seen.
    pub clip: Cell,
}

/// What frames are drawn with: one for any number of portraits.
#[derive(Debug)]
pub struct Scene {
    passes: Arc<Passes>,
    label: Picture,
    overlays: Overlays,
}

impl Scene {
    /// A scene that draws with `passes`, as its sets do.
    pub fn new(gpu: &Gpu, passes: &Arc<Passes>) -> Self {
        let label = passes.unmasked(gpu, &upload_rgba(gpu, "label", label::image()));
        Self { passes: Arc::clone(passes), label, overlays: Overlays::default() }
    }

    /// Draws one frame into `target`, `size` pixels wide and high. Actors after the first [`MOST`] are not drawn; with
    /// none the frame is the backdrop. The label is always drawn, over everything.
    pub fn draw(
        &self,
        gpu: &Gpu,
        target: &wgpu::TextureView,
        size: (u32, u32),
        setting: &Setting,
        actors: &[Actor<'_>],
    ) {
        if size.0 == 0 || size.1 == 0 {
            return;
        }
        let frame = Vec2::new(size.0 as f32, size.1 as f32);
        let mut over = self.overlays.items();
        let mut items = match Arrangement::of(setting, actors, size) {
            Arrangement::Alone(actor, view) => {
                let mut over: Vec<Item> = over.into_iter().map(|item| item.into_view(&view, frame)).collect();
                // Placed in the photo's pixels, as a stage alone does it: not even a rounding lies between the two.
                let seen = view.size.abs();
                over.push(self.label(seen).into_view(&view, seen));
                let over: Vec<Layer<'_>> = over.iter().map(Item::layer).collect();
                return actor.set.stage().draw_view(gpu, target, size, view, &actor.moment, &over);
            }
            Arrangement::Cells(cells) => self.cells(gpu, setting, frame, &cells),
            Arrangement::Group(photo, framed, actors) => self.group(gpu, setting, frame, (photo, &framed), actors),
        };
        items.append(&mut over);
        items.push(self.label(frame));
        let layers: Vec<Layer<'_>> = items.iter().map(Item::layer).collect();
        self.passes.draw(gpu, target, size, View::whole(frame), &layers);
    }

    /// Where the photos of the first [`MOST`] actors are seen in a frame of `size` pixels; moments are not looked at.
    /// The photo is that of [`Set::photo_size`].
    pub fn places(setting: &Setting, actors: &[Actor<'_>], size: (u32, u32)) -> Vec<Place> {
        let frame = Vec2::new(size.0 as f32, size.1 as f32);
        match Arrangement::of(setting, actors, size) {
            Arrangement::Alone(actor, view) => {
                let framed = Framed { area: Cell::between(Vec2::ZERO, frame), view };
                vec![place(&framed, actor.set.seat.as_ref())]
            }
            Arrangement::Cells(cells) => {
                cells.iter().map(|seen| place(&seen.framed, seen.actor.set.seat.as_ref())).collect()
            }
            Arrangement::Group(_, framed, actors) => vec![place(&framed, None); actors.len()],
        }
    }

    /// Gives overlay `slot` (0: title, 1: caption unsung, 2: caption sung; drawn in that order) its picture, whose
    /// alpha is not multiplied in. It is seen where [`Scene::show_overlay`] says. Slots from [`OVERLAYS`] on are ignored.
    pub fn set_overlay(&mut self, gpu: &Gpu, slot: usize, image: &RgbaImage) {
        self.overlays.set(gpu, &self.passes, slot, image);
    }

    /// Shows overlay `slot`, whole, at `[x, y, width, height]` (frame pixels), but only what of it lies between the
    /// shares `from` and `to` (0..1) of its width. An empty part hides it.
    pub fn show_overlay(&mut self, slot: usize, place: [f32; 4], from: f32, to: f32) {
        self.overlays.show(slot, place, from, to);
    }

    /// Hides overlay `slot`; its picture stays ready.
    pub fn hide_overlay(&mut self, slot: usize) {
        self.overlays.hide(slot);
    }

    /// The label in a frame of `frame` pixels.
    fn label(&self, frame: Vec2) -> Item {
        let [x, y, width, height] = label::place(frame.x, frame.y);
        Item::picture(&self.label, Cell { x, y, width, height }, [Vec2::ZERO, Vec2::ONE], 1.0)
    }

    /// Backdrop and cells.
    fn cells(&self, gpu: &Gpu, setting: &Setting, frame: Vec2, cells: &[Seen<'_>]) -> Vec<Item> {
        let whole = Cell::between(Vec2::ZERO, frame);
        let mut items = Vec::new();
        let covered: f32 = cells.iter().map(|seen| seen.cell.width * seen.cell.height).sum();
        match (setting.backdrop, cells.first()) {
            (Backdrop::Colour(colour), _) => items.push(Item::plain(whole, colour)),
            (Backdrop::Blur, Some(first)) if covered < frame.x * frame.y - 0.5 => {
                items.push(first.backdrop(whole, BETWEEN_CELLS));
            }
            (Backdrop::Blur, _) => {}
        }
        for seen in cells {
            let Framed { area, view } = seen.framed;
            if seen.size.0 == 0 || seen.size.1 == 0 {
                continue;
            }
            if setting.backdrop == Backdrop::Blur && area != seen.cell {
                items.push(seen.backdrop(seen.cell, BEHIND_PHOTO * seen.gain));
            }
            let picture = seen.actor.set.drawn(gpu, &self.passes, seen.size, view, &seen.actor.moment);
            items.push(Item::picture(&picture, area, [Vec2::ZERO, Vec2::ONE], seen.gain));
        }
        items
    }

    /// Backdrop, the still photo, and every face through its mask.
    fn group(
        &self,
        gpu: &Gpu,
        setting: &Setting,
        frame: Vec2,
        (photo, framed): (&GroupPhoto, &Framed),
        actors: &[Actor<'_>],
    ) -> Vec<Item> {
        let whole = Cell::between(Vec2::ZERO, frame);
        let Framed { area, view } = *framed;
        let mut items = Vec::new();
        if area != whole {
            items.push(match setting.backdrop {
                Backdrop::Colour(colour) => Item::plain(whole, colour),
                Backdrop::Blur => Item::picture(&photo.blurred, whole, covering(photo.photo, frame), BEHIND_PHOTO),
            });
        }
        let corners = [view.origin, view.origin + view.size].map(|corner| corner / photo.padded);
        items.push(Item::picture(&photo.picture, area, corners, 1.0));
        let most = gpu.device.limits().max_texture_dimension_2d;
        for actor in actors {
            let Some(seat) = &actor.set.seat else { continue };
            let spot = Spot::of(seat, framed);
            let size = spot.pixels(most);
            if spot.seen.width <= 0.0 || spot.seen.height <= 0.0 {
                continue;
            }
            let picture = actor.set.drawn(gpu, &self.passes, size, spot.view, &actor.moment);
            items.push(Item::picture(&picture, spot.seen, spot.uv, 1.0).masked());
        }
        items
    }
}

/// How the frame is shared.
enum Arrangement<'a> {
    /// One portrait, the frame full of it.
    Alone(&'a Actor<'a>, View),
    Cells(Vec<Seen<'a>>),
    Group(&'a GroupPhoto, Framed, &'a [Actor<'a>]),
}

/// One portrait in its cell.
struct Seen<'a> {
    actor: &'a Actor<'a>,
    cell: Cell,
    framed: Framed,
    /// Pixels of its picture; 0 where nothing of it is seen.
    size: (u32, u32),
    gain: f32,
}

impl<'a> Arrangement<'a> {
    fn of(setting: &Setting, actors: &'a [Actor<'a>], size: (u32, u32)) -> Self {
        let actors = &actors[..actors.len().min(MOST)];
        let frame = Cell::between(Vec2::ZERO, Vec2::new(size.0 as f32, size.1 as f32));
        let mut setting = *setting;
        if setting.layout == Layout::Group {
            if let Some((photo, subject)) = one_photo(actors) {
                let mirrored = actors.first().is_some_and(|actor| actor.mirrored);
                return Self::Group(photo, framing::group(setting.fit, &subject, frame).mirrored(mirrored), actors);
            }
            setting.layout = Layout::Grid;
        }
        let cells = layout(&setting, actors.len(), size);
        let subjects: Vec<&Subject> = actors.iter().map(|actor| &actor.set.subject).collect();
        // One alone has its face far above the label.
        let [_, floor, ..] = label::place(frame.width, frame.height);
        let floor = if actors.len() > 1 { floor } else { frame.height };
        let framed = framing::frame(setting.fit, &subjects, &cells, floor);
        if let ([actor], [framed]) = (actors, &framed[..])
            && framed.area == frame
        {
            return Self::Alone(actor, framed.mirrored(actor.mirrored).view);
        }
        let lights = setting.layout == Layout::Spotlight && actors.len() > 1;
        let seen = |((actor, cell), framed): ((&'a Actor<'a>, Cell), Framed)| Seen::new(actor, cell, framed, lights);
        Self::Cells(actors.iter().zip(cells).zip(framed).map(seen).collect())
    }
}

impl<'a> Seen<'a> {
    fn new(actor: &'a Actor<'a>, cell: Cell, framed: Framed, lights: bool) -> Self {
        let lit = if actor.lit.is_nan() { 0.0 } else { actor.lit.clamp(0.0, 1.0) };
        let (growth, most, gain) = match lights {
            true => (1.0 + (GROWN - 1.0) * lit, GROWN, DIMMED + (1.0 - DIMMED) * lit),
            false => (1.0, 1.0, 1.0),
        };
        let middle = cell.middle();
        let area = framed.area.scaled_about(middle, growth);
        // A picture as large as it ever gets, made smaller while its singer is not lit: sizes stay from frame to frame.
        let pixels = |side: f32| if side < 0.5 { 0 } else { (side * most).round().max(1.0) as u32 };
        Self {
            actor,
            cell: cell.scaled_about(middle, growth),
            size: (pixels(framed.area.width), pixels(framed.area.height)),
            framed: Framed { area, ..framed }.mirrored(actor.mirrored),
            gain,
        }
    }

    /// The blurred photo over a rectangle.
    fn backdrop(&self, at: Cell, gain: f32) -> Item {
        let [low, high] = covering(self.actor.set.subject.photo, at.size());
        let [left, right] = if self.actor.mirrored { [high.x, low.x] } else { [low.x, high.x] };
        Item::picture(&self.actor.set.blurred, at, [Vec2::new(left, low.y), Vec2::new(right, high.y)], gain)
    }
}

/// The photo that all actors are faces of, and their faces seen as one.
fn one_photo<'a>(actors: &'a [Actor<'a>]) -> Option<(&'a GroupPhoto, Subject)> {
    let seats: Vec<&Seat> = actors.iter().map(|actor| actor.set.seat.as_ref()).collect::<Option<_>>()?;
    let photo = &seats.first()?.photo;
    let subjects: Vec<Subject> = seats.iter().map(|seat| seat.subject).collect();
    let together = Subject::together(&subjects)?;
    seats.iter().all(|seat| Arc::ptr_eq(&seat.photo, photo)).then_some((photo, together))
}

/// A face's square in the frame of its group.
struct Spot {
    /// The square, from whole pixel to whole pixel; and what of it is seen.
    square: Cell,
    seen: Cell,
    /// What its stage draws: the square, never mirrored, for its mask is not either.
    view: View,
    /// Where in the drawing what is seen begins and ends, 0..1.
    uv: [Vec2; 2],
}

impl Spot {
    fn of(seat: &Seat, Framed { area, view }: &Framed) -> Self {
        let to_frame = |photo: Vec2| area.low() + (photo - view.origin) / view.size * area.size();
        let to_photo = |frame: Vec2| view.place(frame - area.low(), area.size());
        let (a, b) = (to_frame(seat.origin), to_frame(seat.origin + seat.size));
        // What rounding adds to an edge that lies between pixels is no pixel.
        let square = Cell::between((a.min(b) + 1e-2).floor(), (a.max(b) - 1e-2).ceil());
        let (a, b) = (to_photo(square.low()), to_photo(square.high()));
        let (low, high) = (a.min(b), a.max(b));
        let seen = Cell::between(square.low().max(area.low()), square.high().min(area.high()));
        let uv = [seen.low(), seen.high()].map(|corner| (to_photo(corner) - low) / (high - low));
        Self { square, seen, view: View { origin: low - seat.origin, size: high - low, photo: seat.size }, uv }
    }

    /// Size of the drawing: the square's own, as far as the device has such textures.
    fn pixels(&self, most: u32) -> (u32, u32) {
        let pixels = |side: f32| (side as u32).clamp(1, most.max(1));
        (pixels(self.square.width), pixels(self.square.height))
    }
}

/// Where a photo is seen; with a seat the photo is the group's.
fn place(Framed { area, view }: &Framed, seat: Option<&Seat>) -> Place {
    let scale = area.size() / view.size;
    let corner = seat.map_or(Vec2::ZERO, |seat| seat.origin);
    let origin = area.low() - (view.origin + corner) * scale;
    Place { origin: origin.into(), scale: scale.into(), clip: *area }
}
