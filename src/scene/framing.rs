//! Which part of a photo is seen, and where: heads of about equal size, well placed, nothing outside the photo.

use super::layout::Cell;
use super::setting::Fit;
use crate::animate::View;
use crate::head::{HeadModel, Region};
use crate::portrait::Face;
use glam::Vec2;

/// How far below the top of the picture eyes lie best, share of its height.
const EYES: f32 = 0.4;
/// Room above the crown and below the chin, share of the head's height.
const ROOM: f32 = 0.08;
/// Hair stands above the skull by this share of the head's height.
const HAIR: f32 = 0.1;
/// Height and width of a head in the shared template, shares of a cell; the smaller counts.
const TEMPLATE: [f32; 2] = [0.5, 0.68];
/// Where photos cannot show so much around the head: how large heads may become for all to be alike.
const TIGHTEST: [f32; 2] = [0.76, 0.92];

/// What framing must know of a photo, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Subject {
    /// Width and height.
    pub(super) photo: Vec2,
    /// The head with its hair, down to the chin: top-left and bottom-right corner.
    pub(super) head: [Vec2; 2],
    /// Between the eyes.
    pub(super) eyes: Vec2,
}

impl Subject {
    /// A face in a photo of `photo` pixels.
    pub(super) fn of(model: &HeadModel, face: &Face, photo: Vec2) -> Self {
        let shape = model.shape(&face.fit.identity, &face.fit.expression);
        let places = face.fit.project(&shape);
        let head = places.iter().zip(model.region()).filter_map(|(place, region)| {
            matches!(region, Region::Face | Region::Scalp | Region::Ear).then_some(*place)
        });
        let (low, high) = head.fold((Vec2::MAX, Vec2::MIN), |(low, high), place| (low.min(place), high.max(place)));
        let bounds = face.bounds;
        let [low, high] = match low.is_finite() && high.is_finite() && low.cmplt(high).all() {
            true => [low - Vec2::Y * HAIR * (high.y - low.y), high],
            // A fit that went wrong: the landmarks still say where the face is.
            false => {
                let low = Vec2::new(bounds.x, bounds.y);
                [low - Vec2::Y * bounds.height, low + Vec2::new(bounds.width, bounds.height)]
            }
        };
        let eyes = face.landmarks.get(36..48).unwrap_or_default();
        let middle = eyes.iter().map(|&point| Vec2::from(point)).sum::<Vec2>() / eyes.len().max(1) as f32;
        Self { photo, head: [low, high], eyes: middle }
    }

    /// Several faces of one photo, seen as one; `None` for none.
    pub(super) fn together(all: &[Self]) -> Option<Self> {
        let first = all.first()?;
        let joined = all.iter().fold(first.head, |[low, high], one| [low.min(one.head[0]), high.max(one.head[1])]);
        let eyes = all.iter().map(|one| one.eyes).sum::<Vec2>() / all.len() as f32;
        Some(Self { head: joined, eyes, ..*first })
    }

    fn head_size(&self) -> Vec2 {
        (self.head[1] - self.head[0]).max(Vec2::ONE)
    }

    /// Width over height of heads in the template: that of this one, as far as it is a head's.
    fn head_aspect(&self) -> f32 {
        let size = self.head_size();
        (size.x / size.y).clamp(0.5, 1.2)
    }
}

/// A part of a photo and the rectangle of the frame it is seen in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed {
    /// Where in the frame, pixels.
    pub(super) area: Cell,
    /// What of the photo.
    pub(super) view: View,
}

impl Framed {
    /// Whether a head is cut where the photo has more of it.
    pub(super) fn cuts(&self, subject: &Subject) -> bool {
        let (low, high) = (self.view.origin, self.view.origin + self.view.size);
        let in_photo = |point: Vec2| point.clamp(Vec2::ZERO, subject.photo);
        let [top, bottom] = subject.head.map(in_photo);
        (low - top).max(bottom - high).max_element() > 0.02 * subject.head_size().y
    }

    pub(super) fn mirrored(mut self, mirrored: bool) -> Self {
        if mirrored {
            self.view.origin.x += self.view.size.x;
            self.view.size.x = -self.view.size.x;
        }
        self
    }
}

/// How the photos of `subjects` are seen in `cells`, one for each. Chins stay above `floor`, where the label begins in
/// the frame (pixels from the top), as far as the photos reach.
pub(super) fn frame(fit: Fit, subjects: &[&Subject], cells: &[Cell], floor: f32) -> Vec<Framed> {
    let pairs = || subjects.iter().zip(cells);
    match fit {
        Fit::Fit => pairs().map(|(subject, &cell)| whole(subject.photo, cell)).collect(),
        Fit::Fill => {
            let head = template(subjects, cells);
            // All of the last row: heads of a row stand alike.
            let hidden = |cell: &Cell| if cell.y < floor { (cell.high().y - floor).max(0.0) } else { 0.0 };
            pairs().map(|(subject, &cell)| filled(subject, cell, head, hidden(&cell))).collect()
        }
    }
}

/// The height of all heads, frame pixels; `None`: each photo shows as much as it can.
fn template(subjects: &[&Subject], cells: &[Cell]) -> Option<f32> {
    if subjects.len() < 2 {
        return None;
    }
    let least = |[tall, wide]: [f32; 2]| {
        let fits =
            |(subject, cell): (&&Subject, &Cell)| (tall * cell.height).min(wide * cell.width / subject.head_aspect());
        subjects.iter().zip(cells).map(fits).fold(f32::INFINITY, f32::min)
    };
    let smallest = |(subject, cell): (&&Subject, &Cell)| covering(subject.photo, cell.size()) * subject.head_size().y;
    let tightest_photo = subjects.iter().zip(cells).map(smallest).fold(0.0, f32::max);
    Some(tightest_photo.max(least(TEMPLATE)).min(least(TIGHTEST)))
}

/// The smallest scale at which a photo covers a cell.
fn covering(photo: Vec2, cell: Vec2) -> f32 {
    (cell / photo.max(Vec2::ONE)).max_element()
}

/// The part of the photo that fills the cell with a head of `head` pixels' height; the largest part where there is no
/// template, or where the photo has not that much around the head. The lowest `hidden` pixels of the cell are not seen.
fn filled(subject: &Subject, cell: Cell, head: Option<f32>, hidden: f32) -> Framed {
    let photo = subject.photo;
    let wanted = head.map_or(0.0, |height| height / subject.head_size().y);
    let scale = covering(photo, cell.size()).max(wanted).max(f32::MIN_POSITIVE);
    let seen = cell.size() / scale;
    // What a frame's pixel cannot show is not cut away: a photo in a frame of its own shape is seen whole.
    let side = |seen: f32, photo: f32| if photo - seen < 0.75 / scale { photo } else { seen };
    let size = Vec2::new(side(seen.x, photo.x), side(seen.y, photo.y));
    let [low, high] = subject.head;
    let room = ROOM * subject.head_size().y;
    let (highest, lowest) = (high.y + room - (size.y - hidden / scale), low.y - room);
    // A close-up too tight for all of the head keeps the chin, which the song moves, rather than the crown.
    let top = (subject.eyes.y - EYES * size.y).min(lowest).max(highest);
    let origin = Vec2::new(0.5 * (low.x + high.x - size.x), top);
    Framed { area: cell, view: View { origin: origin.clamp(Vec2::ZERO, photo - size), size, photo } }
}

/// All of the photo, as large as the cell lets it be, in its middle; from whole pixel to whole pixel.
pub(super) fn whole(photo: Vec2, cell: Cell) -> Framed {
    let scale = (cell.size() / photo.max(Vec2::ONE)).min_element();
    let size = (photo * scale).round().max(Vec2::ONE).min(cell.size());
    let low = (cell.low() + 0.5 * (cell.size() - size)).round().clamp(cell.low(), cell.high() - size);
    Framed { area: Cell::between(low, low + size), view: View::whole(photo) }
}

/// How a group is seen that has the cell for itself: a fill that would cut one of the singers away gives way to the
/// whole photo.
pub(super) fn group(fit: Fit, subject: &Subject, cell: Cell) -> Framed {
    let framed = match fit {
        Fit::Fill => filled(subject, cell, None, 0.0),
        Fit::Fit => whole(subject.photo, cell),
    };
    if framed.cuts(subject) { whole(subject.photo, cell) } else { framed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(photo: [f32; 2], head: [f32; 4]) -> Subject {
        let [x, y, width, height] = head;
        let low = Vec2::new(x, y);
        let high = low + Vec2::new(width, height);
        Subject { photo: photo.into(), head: [low, high], eyes: 0.5 * (low + high) }
    }

    fn cell(width: f32, height: f32) -> Cell {
        Cell { x: 0.0, y: 0.0, width, height }
    }

    fn cases() -> Vec<Subject> {
        vec![
            subject([900.0, 1200.0], [280.0, 200.0, 340.0, 480.0]),
            subject([4000.0, 3000.0], [3500.0, 100.0, 300.0, 420.0]),
            subject([600.0, 2000.0], [100.0, 1500.0, 300.0, 400.0]),
            subject([300.0, 300.0], [-40.0, -60.0, 380.0, 500.0]),
            subject([1.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
        ]
    }

    #[test]
    fn nothing_outside_the_photo_is_seen_and_nothing_is_squeezed() {
        let subjects = cases();
        let all: Vec<&Subject> = subjects.iter().collect();
        for (width, height) in [(200.0, 300.0), (300.0, 200.0), (90.0, 800.0), (2.0, 2.0)] {
            let cells = vec![cell(width, height); subjects.len()];
            for subjects in [&all[..1], &all[1..2], &all[..]] {
                for (framed, subject) in frame(Fit::Fill, subjects, &cells, f32::INFINITY).iter().zip(subjects) {
                    let View { origin, size, .. } = framed.view;
                    assert!(origin.cmpge(Vec2::ZERO).all() && size.cmpgt(Vec2::ZERO).all(), "{framed:?}");
                    assert!((origin + size).cmple(subject.photo + 1e-2).all(), "{framed:?}");
                    let scale = framed.area.size() / size;
                    let off = (size * (scale.x - scale.y)).abs().min_element();
                    assert!(off < 1.0, "{framed:?} is squeezed by {off} pixels");
                }
            }
        }
    }

    #[test]
    fn a_photo_in_a_frame_of_its_shape_is_seen_whole() {
        for (photo, frame) in [([900.0, 1200.0], [360.0, 480.0]), ([901.0, 1203.0], [360.0, 480.0])] {
            let framed = filled(&subject(photo, [300.0, 200.0, 300.0, 400.0]), cell(frame[0], frame[1]), None, 0.0);
            assert_eq!((framed.view.origin, framed.view.size), (Vec2::ZERO, Vec2::from(photo)));
        }
    }

    #[test]
    fn heads_are_placed_well_and_not_cut() {
        // A tall photo with the head low down, in a square frame.
        let low = subject([600.0, 2000.0], [150.0, 1500.0, 250.0, 350.0]);
        let framed = filled(&low, cell(500.0, 500.0), None, 0.0);
        assert!(!framed.cuts(&low), "{framed:?}");
        assert_eq!(framed.view.size, Vec2::new(600.0, 600.0), "as much as there is");
        // Too tall for the cell: the crown goes, the chin stays.
        let tall = subject([900.0, 1200.0], [250.0, 150.0, 400.0, 600.0]);
        let View { origin, size, .. } = filled(&tall, cell(1600.0, 900.0), None, 0.0).view;
        assert!(origin.y > 150.0 && (751.0..=origin.y + size.y + 0.1).contains(&(750.0 + ROOM * 600.0)));
        // And above the label.
        let View { origin, size, .. } = filled(&tall, cell(600.0, 600.0), None, 200.0).view;
        assert!((origin.y + 2.0 / 3.0 * size.y - 750.0 - ROOM * 600.0).abs() < 0.1);
        let right = subject([2000.0, 600.0], [1500.0, 100.0, 250.0, 350.0]);
        let framed = filled(&right, cell(500.0, 500.0), None, 0.0);
        assert_eq!(framed.view.origin, Vec2::new(1325.0, 0.0), "the head in the middle");
    }

    #[test]
    fn heads_are_alike() {
        let subjects = [
            subject([900.0, 1200.0], [280.0, 250.0, 340.0, 480.0]),
            subject([2000.0, 1500.0], [900.0, 500.0, 200.0, 280.0]),
            subject([1200.0, 1600.0], [350.0, 400.0, 440.0, 620.0]),
        ];
        let all: Vec<&Subject> = subjects.iter().collect();
        for size in [(300.0, 400.0), (400.0, 300.0), (300.0, 300.0)] {
            let framed = frame(Fit::Fill, &all, &[cell(size.0, size.1); 3], f32::INFINITY);
            let heights: Vec<f32> =
                framed.iter().zip(&subjects).map(|(f, s)| s.head_size().y * f.area.height / f.view.size.y).collect();
            assert!(heights.iter().all(|height| (height / heights[0] - 1.0).abs() < 0.02), "{size:?}: {heights:?}");
            assert!(framed.iter().zip(&subjects).all(|(f, s)| !f.cuts(s)), "{size:?}");
        }
    }

    #[test]
    fn no_singer_of_a_group_is_cut_away() {
        let row = [100.0, 600.0, 1100.0].map(|x| subject([1600.0, 900.0], [x, 200.0, 250.0, 350.0]));
        let all = Subject::together(&row).expect("three");
        assert_eq!(group(Fit::Fill, &all, cell(900.0, 1600.0)).view.size, Vec2::new(1600.0, 900.0));
        let pair = Subject::together(&row[..2]).expect("two");
        let square = group(Fit::Fill, &pair, cell(900.0, 900.0));
        assert_eq!(square.view.size, Vec2::new(900.0, 900.0));
        assert_eq!(square.view.origin.x, 25.0);
    }

    #[test]
    fn a_whole_photo_lies_in_the_middle() {
        let framed = whole(Vec2::new(900.0, 1200.0), Cell { x: 10.0, y: 20.0, width: 400.0, height: 300.0 });
        assert_eq!(framed.area, Cell { x: 98.0, y: 20.0, width: 225.0, height: 300.0 });
        let sliver = whole(Vec2::new(4000.0, 10.0), cell(100.0, 100.0));
        assert_eq!(sliver.area.size(), Vec2::new(100.0, 1.0));
    }
}
