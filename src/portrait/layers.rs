//! Person and hair mattes at the photo's own resolution, and the background behind them.

use super::guided::{Guide, Guided};
use super::plane::Plane;
use super::{Bounds, Face, Layers, Occluder, background};
use crate::gpu::Gpu;
use crate::head::{HeadModel, Region};
use crate::nn::{Border, Input, Network, NetworkError, Patch, Picture};
use glam::Vec2;
use image::{GrayImage, Luma, RgbaImage};

/// Crop side divided by the face box's longer side, as in training.
pub(crate) const CROP_FACTOR: f32 = 3.2;
/// How far the crop's middle lies below the box's, box heights.
pub(crate) const CROP_DROP: f32 = 0.35;
/// Pixels of the reduced picture per pixel of the network's matte.
const REFINEMENT: f32 = 2.0;
/// Longest side of the reduced picture: bounds time and memory when the face is a small part of the photo.
const MAX_REDUCED_SIDE: f32 = 640.0;
/// Guided filter: window radii in pixels of the reduced picture. The first window must be wider than the network's
/// error for the right side to win in it; the second keeps the edge crisp.
const RADII: [usize; 2] = [8, 4];
/// Colour variance of a window that counts as flat.
const EPSILON: f32 = 4e-4;
/// Coverage between which the matte is stretched to 0..1, so that a nearly sure one becomes sure.
const SURE: [f32; 2] = [0.12, 0.9];

/// Share of the face that something must surely cover to be held out: less is the network's doubt.
const HELD_OUT: f32 = 0.05;
/// Coverage that counts as sure, and coverage that still belongs to the same thing.
const SURELY_BEFORE: f32 = 0.75;
const PERHAPS_BEFORE: f32 = 0.35;

/// Maps of the matte network: person, hair, face, and what is in front of the person.
const MAPS: usize = 4;

/// The matte network: `image` [1,3,S,S] to `matte` [1,4,S,S], see `ARCHITECTURE.md`.
#[derive(Debug)]
pub(super) struct Matter {
    network: Network,
    size: usize,
}

impl Matter {
    pub(super) async fn new(bytes: &[u8], gpu: Option<&Gpu>) -> Result<Self, NetworkError> {
        let network = Network::load("person_matte", bytes, gpu).await?;
        let size = network.picture_side()?;
        if network.outputs()[0].shape != [1, MAPS, size, size] {
            return Err(network.contract_error(format!("its output is {:?}", network.outputs()[0].shape)));
        }
        Ok(Self { network, size })
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// The layers of `image`, prepared as `picture`, for the person with this face, fitted by `head`.
    pub(super) async fn layers(
        &self,
        image: &RgbaImage,
        picture: &Picture<'_>,
        face: &Face,
        head: &HeadModel,
    ) -> Result<Layers, NetworkError> {
        let patch = crop(&face.bounds);
        let results = self.network.run(&[Input::Crop { picture, patch, border: Border::Edge }]).await?;
        let area = self.size * self.size;
        let [person, hair, skin, occluder] = [0, 1, 2, 3].map(|map| {
            let values = results[0][0].values[map * area..][..area].iter().map(|v| v.clamp(0.0, 1.0)).collect();
            Plane { width: self.size, height: self.size, values }
        });
        let covered = covered_share(&skin, &occluder, patch, &face.bounds);
        let (occluder, hidden) = before_the_face(&occluder, patch, face);
        // Where the fitted head is, the person is: no doubt of the network opens a hole in a face.
        let person = person.zip(&head_mask(head, face, patch, self.size), f32::max);
        let [person, hair, occluder] = refine(image, patch, &face.bounds, [&person, &hair, &occluder]);
        let margin = 0.035 * face.bounds.longer_side() + 2.0;
        let background = background::clean_plate(image, &person, margin);
        let occluder = (hidden > HELD_OUT).then(|| Occluder {
            beneath: background::clean_plate(image, &occluder, 0.02 * face.bounds.longer_side() + 1.0),
            matte: occluder,
        });
        Ok(Layers { person, hair, background, covered, occluder })
    }
}

/// The part of what the network sees in the face's box, skin or an object before it, that is the object.
fn covered_share(skin: &Plane, occluder: &Plane, patch: Patch, face: &Bounds) -> f32 {
    let inside = |at: usize| {
        let (x, y) = (at % skin.width, at / skin.width);
        let size = skin.width as f32;
        let [x, y] = patch.to_image([(x as f32 + 0.5) / size, (y as f32 + 0.5) / size]);
        x >= face.x && x < face.x + face.width && y >= face.y && y < face.y + face.height
    };
    let (mut seen, mut hidden) = (0.0, 0.0);
    for at in (0..skin.values.len()).filter(|&at| inside(at)) {
        seen += skin.values[at];
        hidden += occluder.values[at];
    }
    hidden / (seen + hidden).max(1.0)
}

/// What of `occluder` hangs together with something that surely lies before the face, and that thing's share of the
/// face. Below the chin the network takes ties and chests for things held up; the face itself it knows.
fn before_the_face(occluder: &Plane, patch: Patch, face: &Face) -> (Plane, f32) {
    let size = occluder.width as f32;
    let at = |p: &[f32; 2]| Vec2::from(patch.to_patch(*p)) * size;
    // Jaw and brows go round the face; a tenth inwards lies no collar and no fringe.
    let outline: Vec<Vec2> = face.landmarks[..17].iter().chain(face.landmarks[17..27].iter().rev()).map(at).collect();
    let middle = outline.iter().sum::<Vec2>() / outline.len() as f32;
    let outline: Vec<Vec2> = outline.iter().map(|p| p.lerp(middle, 0.1)).collect();
    let inside = |p: Vec2| {
        let edges = outline.iter().zip(outline.iter().cycle().skip(1));
        let crossed =
            edges.filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x));
        crossed.count() % 2 == 1
    };
    let (mut area, mut sure) = (0.0_f32, Vec::new());
    for i in 0..occluder.values.len() {
        let p = Vec2::new((i % occluder.width) as f32 + 0.5, (i / occluder.width) as f32 + 0.5);
        if inside(p) {
            area += 1.0;
            if occluder.values[i] > SURELY_BEFORE {
                sure.push(i);
            }
        }
    }
    let hidden = sure.len() as f32 / area.max(1.0);
    let perhaps =
        Plane { values: occluder.values.iter().map(|&v| f32::from(v > PERHAPS_BEFORE)).collect(), ..*occluder };
    let kept = perhaps.connected(sure);
    (occluder.zip(&kept.dilated(2), |value, keep| value * keep), hidden)
}

/// The network's head-and-shoulders crop for a face box.
fn crop(face: &Bounds) -> Patch {
    let [x, y] = face.center();
    let center = [x, y + CROP_DROP * face.height];
    Patch { center, side: (CROP_FACTOR * face.longer_side()).max(1.0), angle: 0.0, mirrored: false }
}

/// 1 where the fitted head and neck cover the crop for sure, else 0.
fn head_mask(head: &HeadModel, face: &Face, patch: Patch, size: usize) -> Plane {
    let shape = head.shape(&face.fit.identity, &face.fit.expression);
    let at = |point: Vec2| Vec2::from(patch.to_patch(point.to_array())) * size as f32;
    let projected: Vec<Vec2> = face.fit.project(&shape).into_iter().map(at).collect();
    let mut mask = Plane::filled(size, size, 0.0);
    for triangle in head.triangles() {
        if triangle.iter().any(|&v| matches!(head.region()[v as usize], Region::Shoulder | Region::Ear)) {
            continue;
        }
        let [a, b, c] = triangle.map(|v| projected[v as usize]);
        let (low, high) = (a.min(b).min(c), a.max(b).max(c));
        // Pixels whose middle lies within the triangle's box, clipped to the crop.
        let span = |from: f32, to: f32| {
            let clip = |v: f32| v.clamp(0.0, size as f32) as usize;
            clip((from - 0.5).ceil())..clip((to + 0.5).floor())
        };
        for y in span(low.y, high.y) {
            for x in span(low.x, high.x) {
                let p = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                let sides = [(b - a).perp_dot(p - a), (c - b).perp_dot(p - b), (a - c).perp_dot(p - c)];
                if sides.iter().all(|&s| s >= 0.0) || sides.iter().all(|&s| s <= 0.0) {
                    mask.values[y * size + x] = 1.0;
                }
            }
        }
    }
    // Shrunk by the fit's own error, so that it never reaches beyond the outline.
    let margin = (0.05 * face.fit.scale / patch.side * size as f32).ceil() as usize;
    let outside = Plane { values: mask.values.iter().map(|m| 1.0 - m).collect(), ..mask };
    let outside = outside.dilated(margin);
    Plane { values: outside.values.iter().map(|o| 1.0 - o).collect(), ..outside }
}

/// Brings the mattes of person, hair and occluder from the crop to the whole picture, following its edges.
fn refine(image: &RgbaImage, patch: Patch, face: &Bounds, [person, hair, occluder]: [&Plane; 3]) -> [GrayImage; 3] {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let factor = (REFINEMENT * person.width as f32 / patch.side).min(MAX_REDUCED_SIDE / width.max(height)).min(1.0);
    let columns = ((width * factor).round() as usize).max(1);
    let rows = ((height * factor).round() as usize).max(1);
    let rgb = reduced_rgb(image, columns, rows);
    let scale = [width / columns as f32, height / rows as f32];
    // Matte value at a pixel of the reduced picture.
    let spread = |matte: &Plane| {
        Plane::from_fn(columns, rows, |x, y| {
            let [u, v] = patch.to_patch([(x as f32 + 0.5) * scale[0], (y as f32 + 0.5) * scale[1]]);
            let size = matte.width as f32;
            // Beside and below the crop, shoulders and clothes go on as they leave it; above it nothing is known to.
            let above = (1.0 + 8.0 * v).clamp(0.0, 1.0);
            above * matte.sample(u * size, v * size)
        })
    };
    let coarse = keep_connected(spread(person), face, scale);
    let mattes = [coarse.clone(), spread(hair).zip(&coarse, f32::min), spread(occluder).zip(&coarse, f32::min)];
    let wide = Guide::new(&rgb, RADII[0], EPSILON);
    let narrow = Guide::new(&rgb, RADII[1], EPSILON);
    let guided = mattes.each_ref().map(|matte| Guided::new(&narrow, &snapped(&wide, matte)));
    // Where the coarse matte is flat and sure within a whole window, colour has no say: a white collar before a
    // white wall stays with its person.
    let windows = mattes.each_ref().map(|matte| matte.box_mean(RADII[0]));
    let mut fine = [(); 3].map(|()| GrayImage::new(image.width(), image.height()));
    for (x, y, pixel) in image.enumerate_pixels() {
        let (u, v) = ((x as f32 + 0.5) / scale[0], (y as f32 + 0.5) / scale[1]);
        let at = (v as usize).min(rows - 1) * columns + (u as usize).min(columns - 1);
        let rgb: [f32; 3] = std::array::from_fn(|i| f32::from(pixel.0[i]) / 255.0);
        // Hair and what is held belong to the person: they cover no more than that does.
        let mut most = 1.0_f32;
        for (i, ((fine, guided), window)) in fine.iter_mut().zip(&guided).zip(&windows).enumerate() {
            let coverage = match window.values[at] {
                covered if covered > 0.985 => 1.0,
                free if free < 0.015 => 0.0,
                _ if i == 0 => stretched(guided.at(u, v, rgb)),
                _ => guided.at(u, v, rgb),
            };
            let coverage = coverage.min(most);
            if i == 0 {
                most = coverage;
            }
            fine.put_pixel(x, y, Luma([(255.0 * coverage.clamp(0.0, 1.0)).round() as u8]));
        }
    }
    fine
}

/// The matte moved onto the guide's edges, at the guide's size.
fn snapped(guide: &Guide, matte: &Plane) -> Plane {
    let guided = Guided::new(guide, matte);
    Plane::from_fn(matte.width, matte.height, |x, y| {
        let rgb = guide.rgb().each_ref().map(|channel| channel.values[y * matte.width + x]);
        stretched(guided.at(x as f32 + 0.5, y as f32 + 0.5, rgb))
    })
}

/// Nearly sure made sure.
fn stretched(coverage: f32) -> f32 {
    ((coverage - SURE[0]) / (SURE[1] - SURE[0])).clamp(0.0, 1.0)
}

/// R, G, B in 0..1 at the reduced size.
fn reduced_rgb(image: &RgbaImage, columns: usize, rows: usize) -> [Plane; 3] {
    let small = match (image.width() as usize, image.height() as usize) == (columns, rows) {
        true => image.clone(),
        false => image::imageops::thumbnail(image, columns as u32, rows as u32),
    };
    [0, 1, 2].map(|channel| {
        Plane::from_fn(columns, rows, |x, y| f32::from(small.get_pixel(x as u32, y as u32).0[channel]) / 255.0)
    })
}

/// Removes whatever does not hang together with the face: a neighbour's shoulder, a picture on the wall.
fn keep_connected(mut matte: Plane, face: &Bounds, scale: [f32; 2]) -> Plane {
    const JOINED: f32 = 0.3;
    let (width, height) = (matte.width, matte.height);
    let mut open = Vec::new();
    let clip = |from: f32, length: f32, scale: f32, limit: usize| {
        let start = (from / scale).max(0.0) as usize;
        start.min(limit)..(((from + length) / scale).max(0.0).ceil() as usize).min(limit)
    };
    for y in clip(face.y, face.height, scale[1], height) {
        for x in clip(face.x, face.width, scale[0], width) {
            open.push(y * width + x);
        }
    }
    let joined = Plane { values: matte.values.iter().map(|&v| f32::from(v >= JOINED)).collect(), ..matte };
    let kept = joined.connected(open);
    // The soft rim below the threshold belongs to what it surrounds.
    let kept = kept.dilated(2);
    for (value, k) in matte.values.iter_mut().zip(&kept.values) {
        *value *= k;
    }
    matte
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    #[test]
    fn a_hand_over_half_the_face_covers_half() {
        let face = Bounds { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };
        let patch = crop(&face);
        let left = Plane::from_fn(64, 64, |x, _| f32::from(patch.to_image([(x as f32 + 0.5) / 64.0, 0.5])[0] < 50.0));
        let right = Plane { values: left.values.iter().map(|v| 1.0 - v).collect(), ..left.clone() };
        assert!((covered_share(&left, &right, patch, &face) - 0.5).abs() < 0.03);
        assert_eq!(covered_share(&Plane::filled(64, 64, 0.0), &Plane::filled(64, 64, 0.0), patch, &face), 0.0);
    }

    /// A coarse blob over a picture with a sharp disc: the refined matte follows the disc.
    #[test]
    fn the_matte_follows_the_picture() {
        let inside = |x: f32, y: f32| (x - 200.0).hypot(y - 180.0) < 90.0;
        let image = RgbaImage::from_fn(400, 360, |x, y| {
            Rgba(if inside(x as f32, y as f32) { [180, 90, 60, 255] } else { [40, 80, 160, 255] })
        });
        let face = Bounds { x: 150.0, y: 130.0, width: 100.0, height: 100.0 };
        let patch = crop(&face);
        let coarse = Plane::from_fn(128, 128, |x, y| {
            let [px, py] = patch.to_image([(x as f32 + 0.5) / 128.0, (y as f32 + 0.5) / 128.0]);
            f32::from(inside(px + 4.0, py))
        });
        let stray = Plane::from_fn(128, 128, |x, y| {
            let far = x < 12 && (50..70).contains(&y);
            coarse.values[y * 128 + x].max(f32::from(far))
        });
        let hair = Plane::filled(128, 128, 0.0);
        let [person, hair, _] = refine(&image, patch, &face, [&stray, &hair, &hair]);
        let wrong =
            person.enumerate_pixels().filter(|(x, y, p)| (p.0[0] > 127) != inside(*x as f32, *y as f32)).count();
        assert!(wrong < 500, "{wrong} wrong pixels of 25,447");
        assert_eq!(person.get_pixel(60, 180).0[0], 0, "what does not hang together with the face is gone");
        assert!(hair.pixels().all(|p| p.0[0] == 0));
    }
}
