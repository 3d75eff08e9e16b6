//! The eyes: the photo's own, in the opening between the lids, and ready to look elsewhere.
//!
//! While an eye looks about where the photo's does, the photo is shown, bent a little. When it turns further, the iris
//! leaves its place as a whole: the white behind it has been filled in from the white beside it, and what the lids hide of the iris in the
//! photo has been completed from its other half, for an iris is round.

use super::mesh::{Mesh, PictureVertex};
use super::person::smoothstep;
use super::rig::{Follow, Rig};
use super::rims::CLOSED_EYE;
use super::shading::{Tone, luminance, photo_color};
use crate::clip::Motion;
use crate::head::HeadModel;
use crate::portrait::{Face, IRIS_DISTANCE, direction, gaze, harmonic_fill};
use glam::{Vec2, Vec3};
use image::{GenericImage, Rgba, RgbaImage};

const ROWS: usize = 7;
/// Cells of the grids that the white and the iris are drawn on.
const CELLS: usize = 9;
/// The iris's radius: 5.85 mm of 90, inter-ocular distances; it varies by some 4 % between adults.
const IRIS_RADIUS: f32 = 0.065;
/// Side of an iris's tile in its radii.
const IRIS_TILE: f32 = 2.6;
/// Side of the white's tile in widths of the opening.
const WHITE_TILE: f32 = 1.4;
/// Turns over which the photo's eye gives way to the one that can turn, radians.
const TURN_FADE: [f32; 2] = [0.08, 0.22];
/// Pixels of the opening's white needed to fill it in, and share of the iris needed to complete it; below, the photo's
/// eye is as good as closed and an ordinary one takes its place.
const LEAST_WHITE: usize = 12;
const LEAST_IRIS: f32 = 0.12;

/// Part of the iris's radius within which the white behind it is the ball's front.
const FRONT: f32 = 0.6;

const ORDINARY_WHITE: Vec3 = Vec3::new(0.86, 0.83, 0.81);
const ORDINARY_IRIS: Vec3 = Vec3::new(0.30, 0.20, 0.14);

/// One eye's opening in the photo.
#[derive(Debug)]
struct Eye {
    /// Photo pixels with depth in pixels: columns, upper rim to lower.
    strip: Vec<[Vec3; ROWS]>,
    /// Index into [`Motion::gaze`] of this eye's yaw.
    gaze: usize,
    /// Where it looks in the photo: yaw and pitch, radians.
    looks: [f32; 2],
    /// The iris's centre in the photo, pixels.
    iris: Vec2,
    /// Middle of the opening and side of the white's tile, pixels.
    middle: Vec2,
    side: f32,
    /// Depth of the opening, pixels.
    depth: f32,
    /// Closed in the photo: nothing of the ball is ever shown.
    closed: bool,
}

/// Both eyes of one person.
#[derive(Debug)]
pub struct Eyes {
    eyes: [Eye; 2],
}

/// The triangles of both eyes.
#[derive(Debug)]
pub struct EyeMeshes {
    /// On the picture of whites and irises: the whites.
    pub whites: Mesh<PictureVertex>,
    /// On the same picture: the irises.
    pub irises: Mesh<PictureVertex>,
    /// On the photo: the eyes as they are there, over the others, which show where lids open wider than in the photo.
    pub own: Mesh<PictureVertex>,
}

impl Eyes {
    /// The eyes of `face` that `rig` binds, and a picture of their whites and irises: four square tiles in a row.
    pub fn new(model: &HeadModel, rig: &Rig, face: &Face, image: &RgbaImage, tone: &Tone) -> (Self, RgbaImage) {
        let source = rig.source();
        let looks = gaze(model, face);
        let eye = |upper: &[u32], lower: &[u32], gaze: usize, iris: [f32; 2]| {
            let column = |(&u, &l): (&u32, &u32)| {
                let (u, l) = (source[u as usize], source[l as usize]);
                std::array::from_fn(|row| u.lerp(l, row as f32 / (ROWS - 1) as f32))
            };
            let strip: Vec<[Vec3; ROWS]> = upper.iter().zip(lower).map(column).collect();
            let (first, last) = (strip[0][0], strip[strip.len() - 1][0]);
            let middle = strip[strip.len() / 2][ROWS / 2];
            let height = strip.iter().map(|column| column[ROWS - 1].y - column[0].y).fold(0.0, f32::max);
            let width = first.truncate().distance(last.truncate());
            Eye {
                gaze,
                closed: height < CLOSED_EYE * width,
                looks: [looks[gaze], looks[gaze + 1]],
                iris: iris.into(),
                middle: 0.5 * (0.5 * (first + last) + middle).truncate(),
                side: WHITE_TILE * width.max(4.0),
                depth: middle.z,
                strip,
            }
        };
        let left = eye(model.lid_left_upper(), model.lid_left_lower(), 0, face.irises[1]);
        let right = eye(model.lid_right_upper(), model.lid_right_lower(), 2, face.irises[0]);
        let eyes = [left, right];
        let tile = (eyes[0].side.max(eyes[1].side) as u32).clamp(32, 400);
        let mut atlas = RgbaImage::new(4 * tile, tile);
        for (i, eye) in eyes.iter().enumerate() {
            let radius = IRIS_RADIUS * rig.scale();
            let parts = [eye.white(image, tone, radius, tile), eye.whole_iris(image, tone, radius, tile)];
            for (part, picture) in parts.iter().enumerate() {
                // The tiles lie inside the atlas by construction.
                let _ = atlas.copy_from(picture, (2 * i + part) as u32 * tile, 0);
            }
        }
        (Self { eyes }, atlas)
    }

    /// Where both look in the photo, yaw and pitch relative to the head, radians: the mean of those that are open, for what
    /// is read of each errs by several degrees.
    pub fn looks(&self) -> [f32; 2] {
        let open = || self.eyes.iter().filter(|eye| !eye.closed);
        let count = open().count().max(1) as f32;
        [0, 1].map(|axis| open().map(|eye| eye.looks[axis]).sum::<f32>() / count)
    }

    /// The eyes' triangles for a photo of `size` pixels. They turn with the head and do not follow the lids, which
    /// are drawn over them.
    pub fn meshes(&self, rig: &Rig, motion: &Motion, size: Vec2) -> EyeMeshes {
        let mut meshes = EyeMeshes { whites: Mesh::default(), own: Mesh::default(), irises: Mesh::default() };
        let carrier = rig.carrier(motion);
        for (i, eye) in self.eyes.iter().enumerate() {
            let turn = [motion.gaze[eye.gaze], motion.gaze[eye.gaze + 1]];
            let turned = match eye.closed {
                true => 0.0,
                false => smoothstep(TURN_FADE[0], TURN_FADE[1], turn[0].hypot(turn[1])),
            };
            let ball = if eye.closed { 0.0 } else { 1.0 };
            let carried = |at: Vec2| carrier.carry(at, eye.depth, Follow::HEAD).into();
            let tile = |part: usize, u: Vec2| [((2 * i + part) as f32 + u.x) / 4.0, u.y];
            let grid = |c: usize, r: usize| Vec2::new(c as f32, r as f32) / (CELLS - 1) as f32;
            meshes.whites.push_grid(CELLS, CELLS, |c, r| {
                let u = grid(c, r);
                let position = carried(eye.middle + (u - 0.5) * eye.side);
                PictureVertex { position, uv: tile(0, u), alpha: ball, masked: 0.0, gain: 1.0 }
            });
            let shift = eye.shift(rig, turn);
            let columns = eye.strip.len();
            meshes.own.push_grid(columns, ROWS, |column, row| {
                let at = eye.strip[column][row];
                // The rim stays; the middle, where the iris is, moves by the whole step.
                let across = column as f32 / (columns - 1) as f32;
                let down = row as f32 / (ROWS - 1) as f32;
                let middle = (4.0 * across * (1.0 - across)).min(1.0) * (4.0 * down * (1.0 - down)).min(1.0).sqrt();
                let seen = at.truncate() - shift * middle * ball;
                let position = carrier.carry(at.truncate(), at.z, Follow::HEAD).into();
                PictureVertex { position, uv: (seen / size).into(), alpha: 1.0 - turned, masked: 0.0, gain: 1.0 }
            });
            let squeeze = Vec2::new(turn[0].cos(), turn[1].cos());
            meshes.irises.push_grid(CELLS, CELLS, |c, r| {
                let u = grid(c, r);
                let offset = (u - 0.5) * IRIS_TILE * IRIS_RADIUS * rig.scale() * squeeze;
                PictureVertex {
                    position: carried(eye.iris + shift + offset),
                    uv: tile(1, u),
                    alpha: ball,
                    masked: 0.0,
                    gain: 1.0,
                }
            });
        }
        meshes
    }
}

impl Eye {
    /// How far the iris goes in the photo when the eye turns by `turn`, pixels.
    fn shift(&self, rig: &Rig, turn: [f32; 2]) -> Vec2 {
        let looks = [self.looks[0] + turn[0], self.looks[1] + turn[1]];
        let step = rig.rotation() * (direction(looks) - direction(self.looks));
        Vec2::new(step.x, -step.y) * IRIS_DISTANCE * rig.scale()
    }

    /// Upper and lower rim at an x of the photo; `None` beside the opening.
    fn rims(&self, x: f32) -> Option<(f32, f32)> {
        let pair = self.strip.windows(2).find(|w| (w[0][0].x..=w[1][0].x).contains(&x))?;
        let t = (x - pair[0][0].x) / (pair[1][0].x - pair[0][0].x).max(1e-3);
        let mix = |row: usize| pair[0][row].y + t * (pair[1][row].y - pair[0][row].y);
        Some((mix(0), mix(ROWS - 1)))
    }

    /// Whether the photo shows the eye at a place, lids and lashes aside.
    fn shows(&self, at: Vec2) -> bool {
        self.rims(at.x).is_some_and(|(upper, lower)| {
            // Lashes and their shadow lie along the upper rim.
            let inset = 0.12 * (lower - upper);
            at.y > upper + inset && at.y < lower - 0.5 * inset
        })
    }

    /// The white without the iris, `tile` pixels wide and high; `radius`: the iris's, pixels.
    fn white(&self, image: &RgbaImage, tone: &Tone, radius: f32, tile: u32) -> RgbaImage {
        let place = |x: usize, y: usize| {
            let u = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / tile as f32;
            self.middle + (u - 0.5) * self.side
        };
        let n = tile as usize;
        let beside = |at: Vec2| self.shows(at) && at.distance(self.iris) > 1.2 * radius;
        let candidate = |i: usize| beside(place(i % n, i / n)).then(|| photo_color(image, place(i % n, i / n)));
        let candidates: Vec<Option<Vec3>> = (0..n * n).map(candidate).collect();
        // Lashes, lids and the iris's own edge are darker than the white.
        let mut levels: Vec<f32> = candidates.iter().flatten().map(|color| luminance(*color)).collect();
        levels.sort_by(f32::total_cmp);
        let least = 0.78 * levels.get(levels.len() * 9 / 10).copied().unwrap_or(0.0);
        let known: Vec<bool> = candidates.iter().map(|c| c.is_some_and(|color| luminance(color) > least)).collect();
        let bright = self.bright_white(&candidates, &known, tone);
        // Behind the iris lies the ball's front, which faces the light more than the corners beside it.
        let is_front = |i: usize| place(i % n, i / n).distance(self.iris) < FRONT * radius;
        let pinned: Vec<bool> = known.iter().enumerate().map(|(i, &k)| k || is_front(i)).collect();
        let enough = known.iter().filter(|k| **k).count() >= LEAST_WHITE;
        let filled: [Vec<f32>; 3] = std::array::from_fn(|channel| {
            if !enough {
                return vec![tone.apply(ORDINARY_WHITE)[channel]; n * n];
            }
            harmonic_fill(n, n, &pinned, |i| candidates[i].filter(|_| known[i]).unwrap_or(bright)[channel])
        });
        RgbaImage::from_fn(tile, tile, |x, y| {
            let at = place(x as usize, y as usize);
            // Lids may open wider than in the photo; nothing of the white shows beyond that.
            let alpha = self.rims(at.x).map_or(0.0, |(upper, lower)| {
                let height = (lower - upper).max(0.5 * radius);
                smoothstep(upper - 0.7 * height, upper - 0.5 * height, at.y)
                    * (1.0 - smoothstep(lower + 0.3 * height, lower + 0.5 * height, at.y))
            });
            let i = y as usize * n + x as usize;
            pixel(Vec3::new(filled[0][i], filled[1][i], filled[2][i]), alpha)
        })
    }

    /// The white where the light falls on it: the brightest that the photo shows, and no darker than whites are.
    fn bright_white(&self, candidates: &[Option<Vec3>], known: &[bool], tone: &Tone) -> Vec3 {
        let mut shown: Vec<Vec3> = candidates.iter().zip(known).filter_map(|(c, &k)| c.filter(|_| k)).collect();
        shown.sort_by(|a, b| luminance(*a).total_cmp(&luminance(*b)));
        let ordinary = tone.apply(ORDINARY_WHITE);
        let Some(&brightest) = shown.get(shown.len() * 9 / 10) else { return ordinary };
        let gain = (0.80 * luminance(ordinary) / luminance(brightest).max(0.05)).clamp(1.0, 1.35);
        (brightest * gain).lerp(Vec3::splat(luminance(brightest) * gain), 0.3).min(Vec3::ONE)
    }

    /// The whole iris, as [`Eye::white`].
    fn whole_iris(&self, image: &RgbaImage, tone: &Tone, radius: f32, tile: u32) -> RgbaImage {
        // Mean colour of each ring that the photo shows, the centre first.
        const RINGS: usize = 12;
        let ring = |distance: f32| ((distance / (1.1 * radius) * RINGS as f32) as usize).min(RINGS - 1);
        let (mut sums, mut counts) = ([Vec3::ZERO; RINGS], [0.0_f32; RINGS]);
        let offset =
            |x: u32, y: u32| (Vec2::new(x as f32 + 0.5, y as f32 + 0.5) / tile as f32 - 0.5) * IRIS_TILE * radius;
        let disc =
            || (0..tile).flat_map(|y| (0..tile).map(move |x| offset(x, y))).filter(|o| o.length() < 1.1 * radius);
        let (mut all, mut seen) = (0.0_f32, 0.0_f32);
        for o in disc() {
            all += 1.0;
            if self.shows(self.iris + o) {
                seen += 1.0;
                sums[ring(o.length())] += photo_color(image, self.iris + o);
                counts[ring(o.length())] += 1.0;
            }
        }
        let ordinary = seen < LEAST_IRIS * all;
        let mean = |distance: f32| {
            let r = ring(distance);
            // The nearest ring that the photo shows.
            let nearest = (0..RINGS).filter(|&k| counts[k] > 0.0).min_by_key(|&k| k.abs_diff(r));
            nearest.map_or(Vec3::ZERO, |k| sums[k] / counts[k])
        };
        RgbaImage::from_fn(tile, tile, |x, y| {
            let o = offset(x, y);
            let distance = o.length() / radius;
            // The limbus: sclera grows over the cornea's edge.
            let alpha = 1.0 - smoothstep(0.92, 1.10, distance);
            let color = if ordinary {
                let pupil = smoothstep(0.30, 0.40, distance);
                tone.apply(ORDINARY_IRIS) * pupil * (1.0 - 0.4 * smoothstep(0.75, 1.0, distance))
            } else {
                let mirrored = [o, Vec2::new(-o.x, o.y), Vec2::new(o.x, -o.y), -o];
                let shown = mirrored.into_iter().find(|&o| self.shows(self.iris + o));
                shown.map_or_else(|| mean(o.length()), |o| photo_color(image, self.iris + o))
            };
            pixel(color, alpha)
        })
    }
}

fn pixel(color: Vec3, alpha: f32) -> Rgba<u8> {
    let [r, g, b] = (color * 255.0).round().clamp(Vec3::ZERO, Vec3::splat(255.0)).to_array().map(|v| v as u8);
    Rgba([r, g, b, (alpha * 255.0).round() as u8])
}
