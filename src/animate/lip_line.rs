//! The line between closed lips, found in the photo: the darkest path from corner to corner.
//!
//! The landmark network places the inner lips within a few percent of the face; a seam of lower lip that hangs on
//! the upper one is seen at once, so the last step is taken on the pixels themselves. Shortest path by dynamic
//! programming, as in seam carving (Avidan and Shamir 2007).

use super::shading::luminance;
use glam::{Vec2, Vec3};
use image::{RgbaImage, imageops};

/// Search distance to each side of the guess, as a share of the mouth's width.
const SEARCH: f32 = 0.085;
/// Steps to each side.
const STEPS: usize = 12;
/// Cost of a step sideways between two neighbouring columns, in luma.
const BEND: f32 = 0.035;
/// Cost of the full search distance, in luma: without a clear line the guess stays.
const STRAY: f32 = 0.10;

/// Moves each point of `line` (pixels, corner to corner) across the mouth onto the dark line between the lips. The
/// two ends stay.
pub fn refine(image: &RgbaImage, line: &[Vec2]) -> Vec<Vec2> {
    let (Some(&first), Some(&last)) = (line.first(), line.last()) else { return Vec::new() };
    let width = first.distance(last);
    if width < 12.0 || line.len() < 3 {
        return line.to_vec();
    }
    let across = (last - first).perp() / width;
    let rows = 2 * STEPS + 1;
    let offset = |row: usize| (row as f32 / STEPS as f32 - 1.0) * SEARCH * width;
    let cost = |point: Vec2, row: usize| {
        let stray = (row as f32 / STEPS as f32 - 1.0).powi(2) * STRAY;
        darkness(image, point + across * offset(row)) + stray
    };
    let mut best: Vec<Vec<f32>> = vec![(0..rows).map(|row| if row == STEPS { 0.0 } else { f32::INFINITY }).collect()];
    let mut came_from: Vec<Vec<usize>> = Vec::new();
    for &point in &line[1..] {
        let before = &best[best.len() - 1];
        let (costs, from): (Vec<f32>, Vec<usize>) = (0..rows)
            .map(|row| {
                let reach = row.saturating_sub(4)..(row + 5).min(rows);
                let step = |from: usize| before[from] + BEND * (from as f32 - row as f32).powi(2) / 4.0;
                let from = reach.min_by(|&a, &b| step(a).total_cmp(&step(b))).unwrap_or(row);
                (step(from) + cost(point, row), from)
            })
            .unzip();
        best.push(costs);
        came_from.push(from);
    }
    let mut row = STEPS;
    let mut refined = line.to_vec();
    for column in (1..line.len()).rev() {
        refined[column] = line[column] + across * offset(row);
        row = came_from[column - 1][row];
    }
    refined
}

/// Luma at a place, 0..1; 1 outside the picture.
fn darkness(image: &RgbaImage, at: Vec2) -> f32 {
    // Integer positions are pixel centres for the sampler, half-integers for us.
    imageops::interpolate_bilinear(image, at.x - 0.5, at.y - 0.5)
        .map_or(1.0, |p| luminance(Vec3::new(f32::from(p[0]), f32::from(p[1]), f32::from(p[2])) / 255.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    #[test]
    fn finds_a_dark_line_beside_the_guess() {
        let line_at = |x: f32| 50.0 + 4.0 * (x / 100.0 * std::f32::consts::PI).sin();
        let image = RgbaImage::from_fn(100, 100, |x, y| {
            let level = if (y as f32 + 0.5 - line_at(x as f32 + 0.5)).abs() < 1.5 { 60 } else { 180 };
            Rgba([level, level, level, 255])
        });
        let guess: Vec<Vec2> = (0..=16).map(|i| Vec2::new(10.0 + 5.0 * i as f32, line_at(10.0))).collect();
        let refined = refine(&image, &guess);
        let middle = refined[8];
        assert!((middle.y - line_at(middle.x)).abs() < 1.5, "{middle}");
        assert_eq!(refined[0], guess[0]);
    }

    #[test]
    fn stays_without_a_line() {
        let image = RgbaImage::from_pixel(100, 100, Rgba([128, 128, 128, 255]));
        let guess: Vec<Vec2> = (0..9).map(|i| Vec2::new(10.0 + 10.0 * i as f32, 50.0)).collect();
        assert_eq!(refine(&image, &guess), guess);
    }
}
