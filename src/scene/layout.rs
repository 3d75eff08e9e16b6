//! Where the cells lie.

use super::MOST;
use super::setting::{Layout, Setting};
use glam::Vec2;

/// Width over height that a cell has best: a portrait's head and shoulders.
const BEST_ASPECT: f32 = 0.85;
/// How much worse a cell is that is too wide than one that is too narrow: it cuts heads off.
const TOO_WIDE: f32 = 2.0;
/// How bad rows of different lengths are, in the measure of a cell's shape: nine stand best three by three.
const UNEVEN: f32 = 1.5;
/// The narrowest cell of a line: in a narrower one a face would be cut on both sides.
const NARROWEST: f32 = 0.5;
/// And the widest.
const WIDEST: f32 = 1.3;
/// Share of its place that a cell has in the spotlight's layout before it grows: at its largest it fills the place.
const SPOTLIGHT_ROOM: f32 = 1.0 / super::GROWN;

/// A rectangle of the frame, pixels from its top-left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cell {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width, >= 0.
    pub width: f32,
    /// Height, >= 0.
    pub height: f32,
}

impl Cell {
    pub(super) fn between(low: Vec2, high: Vec2) -> Self {
        let size = (high - low).max(Vec2::ZERO);
        Self { x: low.x, y: low.y, width: size.x, height: size.y }
    }

    pub(super) fn low(&self) -> Vec2 {
        Vec2::new(self.x, self.y)
    }

    pub(super) fn high(&self) -> Vec2 {
        self.low() + self.size()
    }

    pub(super) fn size(&self) -> Vec2 {
        Vec2::new(self.width, self.height)
    }

    /// `factor` times as large, seen from `middle`, which stays.
    pub(super) fn scaled_about(&self, middle: Vec2, factor: f32) -> Self {
        // As it is, to the last bit.
        if factor == 1.0 {
            return *self;
        }
        Self::between(middle + factor * (self.low() - middle), middle + factor * (self.high() - middle))
    }

    pub(super) fn middle(&self) -> Vec2 {
        self.low() + 0.5 * self.size()
    }
}

/// The cells of `n` portraits in a frame of `width` x `height` pixels, in reading order: [`MOST`] at most, none outside
/// the frame, none over another. Edges lie between pixels but in the spotlight's layout, whose cells grow. In a frame
/// of fewer pixels than cells some are empty.
///
/// A layout for one alone, or for a group photo, is the whole frame: there every face has the same cell.
pub fn layout(setting: &Setting, n: usize, (width, height): (u32, u32)) -> Vec<Cell> {
    let n = n.min(MOST);
    let frame = Vec2::new(width as f32, height as f32);
    let gap = setting.gap_pixels(frame.min_element());
    match setting.layout {
        _ if n < 2 => vec![Cell::between(Vec2::ZERO, frame); n],
        Layout::Group => vec![Cell::between(Vec2::ZERO, frame); n],
        Layout::Grid => grid(n, frame, gap),
        Layout::Row => row(n, frame, gap),
        Layout::Spotlight => {
            grid(n, frame, gap).iter().map(|cell| cell.scaled_about(cell.middle(), SPOTLIGHT_ROOM)).collect()
        }
    }
}

/// The rows that suit the frame best. Cells are equal; where they do not fill the last rows these stand in the middle.
fn grid(n: usize, frame: Vec2, gap: f32) -> Vec<Cell> {
    let counts = |rows: usize| (0..rows).map(move |row| n / rows + usize::from(row < n % rows));
    let badness = |rows: usize| -> f32 {
        let columns = n.div_ceil(rows);
        let width = (frame.x - gap * (columns - 1) as f32) / columns as f32;
        let height = (frame.y - gap * (rows - 1) as f32) / rows as f32;
        let off = (width.max(1.0) / height.max(1.0) / BEST_ASPECT).ln();
        n as f32 * off * off * if off > 0.0 { TOO_WIDE } else { 1.0 }
            + if n.is_multiple_of(rows) { 0.0 } else { UNEVEN }
    };
    let rows = (1..=n).min_by(|&a, &b| badness(a).total_cmp(&badness(b))).unwrap_or(1);
    let tall = spans(rows, frame.y, gap);
    let across = spans(n.div_ceil(rows), frame.x, gap);
    counts(rows)
        .zip(tall)
        .flat_map(|(columns, [top, bottom])| {
            let row = &across[..columns];
            let aside = (0.5 * (frame.x - row.last().map_or(frame.x, |span| span[1]))).floor();
            row.iter()
                .map(move |[left, right]| Cell::between(Vec2::new(left + aside, top), Vec2::new(right + aside, bottom)))
        })
        .collect::<Vec<_>>()
}

/// One line along the frame's longer side, as deep as its cells can be wide, in the middle.
fn row(n: usize, frame: Vec2, gap: f32) -> Vec<Cell> {
    let lying = frame.x >= frame.y;
    let (along, across) = if lying { (frame.x, frame.y) } else { (frame.y, frame.x) };
    let length = (along - gap * (n - 1) as f32) / n as f32;
    let deepest = if lying { length / NARROWEST } else { length * WIDEST };
    let depth = across.min(deepest.floor());
    let start = (0.5 * (across - depth)).floor();
    let cell = |[from, to]: [f32; 2]| {
        let corners = [Vec2::new(from, start), Vec2::new(to, start + depth)];
        let [low, high] = if lying { corners } else { corners.map(|corner| Vec2::new(corner.y, corner.x)) };
        Cell::between(low, high)
    };
    spans(n, along, gap).into_iter().map(cell).collect()
}

/// `n` stretches of `length` pixels with `gap` between them, from whole pixel to whole pixel.
fn spans(n: usize, length: f32, gap: f32) -> Vec<[f32; 2]> {
    // A gap that would leave cells of less than two pixels is no gap.
    let gap = if length - gap * (n - 1) as f32 >= 2.0 * n as f32 { gap } else { 0.0 };
    let step = (length + gap) / n as f32;
    let edge = |i: usize| (i as f32 * step).round();
    (0..n).map(|i| [edge(i), (edge(i + 1) - gap).min(length)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: [(u32, u32); 10] = [
        (1080, 1920),
        (1080, 1080),
        (864, 1080),
        (1920, 1080),
        (3840, 2160),
        (2, 2),
        (2, 3),
        (4000, 16),
        (16, 4000),
        (481, 719),
    ];

    fn each(mut look: impl FnMut(Setting, usize, (u32, u32), Vec<Cell>)) {
        for layout in [Layout::Grid, Layout::Row, Layout::Spotlight] {
            for gap in [0.0, 0.01, 0.1, f32::NAN, f32::INFINITY, -1.0] {
                let setting = Setting { layout, gap, ..Setting::default() };
                for n in 0..=12 {
                    FRAMES.iter().for_each(|&frame| look(setting, n, frame, super::layout(&setting, n, frame)));
                }
            }
        }
    }

    #[test]
    fn cells_lie_in_the_frame_and_apart() {
        each(|setting, n, frame, cells| {
            let about = || format!("{setting:?}, {n} in {frame:?}: {cells:?}");
            assert_eq!(cells.len(), n.min(MOST), "{}", about());
            for (i, a) in cells.iter().enumerate() {
                let (low, high) = (a.low(), a.high());
                assert!(low.is_finite() && high.is_finite() && low.cmpge(Vec2::ZERO).all(), "{}", about());
                assert!(high.cmple(Vec2::new(frame.0 as f32, frame.1 as f32) + 1e-3).all(), "{}", about());
                assert!(a.width >= 0.0 && a.height >= 0.0, "{}", about());
                for b in &cells[..i] {
                    let shared = (high.min(b.high()) - low.max(b.low())).max(Vec2::ZERO);
                    assert!(shared.x * shared.y < 1e-2, "{}", about());
                }
            }
        });
    }

    #[test]
    fn a_grid_has_equal_cells_and_short_rows_stand_in_the_middle() {
        let setting = Setting { gap: 0.0, ..Setting::default() };
        for frame in FRAMES.into_iter().filter(|frame| frame.0.min(frame.1) > 100) {
            for n in 1..=MOST {
                let cells = layout(&setting, n, frame);
                let first = cells[0];
                let alike =
                    |cell: &Cell| (cell.width - first.width).abs() <= 1.0 && (cell.height - first.height).abs() <= 1.0;
                assert!(cells.iter().all(alike), "{n} in {frame:?}");
                for row in cells.chunk_by(|a, b| a.y == b.y) {
                    let [left, right] = [row[0].x, frame.0 as f32 - row[row.len() - 1].high().x];
                    assert!((left - right).abs() <= 1.0, "{n} in {frame:?}: {left} and {right}");
                }
            }
        }
    }

    #[test]
    fn usual_frames_have_usual_grids() {
        let columns = |n, frame| {
            let cells = layout(&Setting::default(), n, frame);
            let mut rows: Vec<usize> = Vec::new();
            let mut top = -1.0;
            for cell in cells {
                if cell.y > top {
                    rows.push(0);
                    top = cell.y;
                }
                rows.last_mut().map(|count| *count += 1).unwrap_or_default();
            }
            rows
        };
        assert_eq!(columns(9, (1080, 1080)), [3, 3, 3]);
        assert_eq!(columns(9, (1080, 1920)), [3, 3, 3]);
        assert_eq!(columns(9, (864, 1080)), [3, 3, 3]);
        assert_eq!(columns(9, (1920, 1080)), [5, 4]);
        assert_eq!(columns(3, (1080, 1920)), [2, 1]);
        assert_eq!(columns(6, (1080, 1920)), [2, 2, 2]);
        assert_eq!(columns(5, (1080, 1080)), [3, 2]);
        assert_eq!(columns(4, (1080, 1080)), [2, 2]);
        assert_eq!(columns(2, (1920, 1080)), [2]);
        assert_eq!(columns(2, (1080, 1920)), [1, 1]);
        assert_eq!(columns(3, (1920, 1080)), [3]);
        assert_eq!(columns(8, (1080, 1920)), [2, 2, 2, 2]);
        assert_eq!(columns(8, (1920, 1080)), [4, 4]);
    }

    #[test]
    fn one_alone_has_the_whole_frame() {
        for layout in [Layout::Grid, Layout::Row, Layout::Spotlight, Layout::Group] {
            let setting = Setting { layout, ..Setting::default() };
            let whole = Cell { x: 0.0, y: 0.0, width: 90.0, height: 160.0 };
            assert_eq!(super::layout(&setting, 1, (90, 160)), [whole]);
        }
    }
}
