//! The whole way from a file to a [`Portrait`]: decode, detect, read landmarks, fit, remark.

use super::detect::{Candidate, Detector, tiles, whole};
use super::fit::{FitModel, Observation};
use super::landmarks::{CAREFUL, Landmarker, Shape, level_crop};
use super::layers::Matter;
use super::{Bounds, Corrected, Face, HeadFit, Layers, ModelError, Portrait, PortraitError, correct, decode};
use crate::gpu::Gpu;
use crate::head::HeadModel;
use crate::nn::{NetworkError, Patch, Picture, Profile};
use image::{RgbaImage, imageops};
use std::sync::Arc;

/// Least height of a face's box, pixels: below, a face cannot be told from noise.
const MIN_FACE: f32 = 14.0;
/// Least height of a face that is to sing: below, lips are a pixel or two.
const MIN_SINGER: f32 = 24.0;
/// Least trust in a face. Fur, leaves and folds stay below it; one in a hundred people is lost with them, nearly all in
/// profile or drawn (`models/evaluate/thresholds.py`).
const MIN_TRUST: f32 = 0.2;
/// Least score of the first look at a candidate, and of the second, better framed one.
const MIN_SCORE: [f32; 2] = [0.3, 0.5];
/// Boxes that overlap more show the same face.
const SAME_FACE: f32 = 0.4;
/// How far from a face's middle, in longer sides of its box, a much smaller one is taken for part of it.
const ECHO_REACH: f32 = 1.3;
/// Beside the surest face, others need this fraction of its trust to count: more, and small faces of a group are lost.
const MIN_COMPANY: f32 = 0.33;
/// Error of the fit, inter-ocular distances, at which a face is trusted e times less.
const DOUBTFUL_ERROR: f32 = 0.06;
/// Trust in a face from which the photo need not be tried lying on its side.
const SURE: f32 = 0.7;
/// Trust that a face needs for the photo to be turned: profiles and beards, doubtful upright, are found in hair when
/// turned, but never surely.
const SURE_TURNED: f32 = 0.6;
/// Turns to try, degrees, when nothing is found upright, and quarter turns for a photo that lies on its side.
const TURNS: [f32; 4] = [-25.0, 25.0, -50.0, 50.0];
const QUARTERS: [f32; 3] = [90.0, -90.0, 180.0];

/// The files that an [`Analyser`] is made of. The networks are plans for the graphics card, or ONNX for the processor.
#[derive(Debug, Clone, Copy)]
pub struct ModelBytes<'a> {
    /// `face_detector.plan` or `.onnx`
    pub detector: &'a [u8],
    /// `face_landmarks.plan` or `.onnx`
    pub landmarks: &'a [u8],
    /// `person_matte.plan` or `.onnx`; faces are found without it, and it may [come later](Analyser::take_matte).
    pub matte: Option<&'a [u8]>,
    /// `models/head.safetensors`
    pub head: &'a [u8],
}

/// The networks and the head model, ready to read photos.
#[derive(Debug)]
pub struct Analyser {
    detector: Detector,
    landmarker: Landmarker,
    matter: Option<Matter>,
    head: Arc<HeadModel>,
    fit: FitModel,
    /// Where the networks run, and so where pictures must be; `None` for the processor.
    gpu: Option<Gpu>,
}

impl Analyser {
    /// Reads the models; takes some tens of milliseconds. `gpu` runs those networks that are plans.
    ///
    /// # Errors
    /// [`ModelError`] when a file is damaged or the files do not belong together.
    pub async fn new(models: ModelBytes<'_>, gpu: Option<&Gpu>) -> Result<Self, ModelError> {
        let head = Arc::new(HeadModel::from_bytes(models.head)?);
        let dense_mirror: Vec<usize> = head.dense_mirror().iter().map(|&i| i as usize).collect();
        let detector = Detector::new(models.detector, gpu).await?;
        let mut analyser = Self {
            landmarker: Landmarker::new(models.landmarks, &dense_mirror, gpu).await?,
            matter: None,
            fit: FitModel::new(&head),
            head,
            gpu: gpu.filter(|_| detector.network().runs_on_gpu()).cloned(),
            detector,
        };
        if let Some(matte) = models.matte {
            analyser.take_matte(matte).await?;
        }
        Ok(analyser)
    }

    /// Reads the matte network, where it has not come with the others.
    ///
    /// # Errors
    /// [`ModelError::Network`] when the file is damaged or of another kind than the others.
    pub async fn take_matte(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        self.matter = Some(Matter::new(bytes, self.gpu.as_ref()).await?);
        Ok(())
    }

    /// The head model that faces are fitted with.
    pub fn head(&self) -> &Arc<HeadModel> {
        &self.head
    }

    /// The graphics card that the networks run on; `None` where the processor runs them.
    pub fn gpu(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }

    /// What each network costs on the graphics card; empty where the processor runs them.
    ///
    /// # Errors
    /// [`NetworkError::Failed`] when a run fails or the card measures no times.
    pub async fn profile(&self) -> Result<Vec<Profile>, NetworkError> {
        let mut profiles = Vec::new();
        let matte = self.matter.as_ref().map(Matter::network);
        for network in [self.detector.network(), self.landmarker.network()].into_iter().chain(matte) {
            profiles.extend(network.profile().await?);
        }
        Ok(profiles)
    }

    /// `image`, prepared for where the networks run.
    pub(super) fn picture<'a>(&self, image: &'a RgbaImage) -> Picture<'a> {
        Picture::new(image, self.gpu.as_ref())
    }

    /// Everything about the photo in `file`.
    ///
    /// # Errors
    /// A [`PortraitError`] whose message tells the visitor what is wrong and what to do.
    pub async fn analyse(&self, file: &[u8]) -> Result<Portrait, PortraitError> {
        let decoded = decode(file)?;
        let mut portrait = self.analyse_image(decoded.image).await?;
        portrait.notes.splice(0..0, decoded.notes);
        Ok(portrait)
    }

    /// As [`Analyser::analyse`], for a picture that is already decoded, upright and opaque.
    ///
    /// # Errors
    /// [`PortraitError::NoFace`], [`PortraitError::FaceTooSmall`], [`PortraitError::Network`].
    pub async fn analyse_image(&self, image: RgbaImage) -> Result<Portrait, PortraitError> {
        if image.width() == 0 || image.height() == 0 {
            return Err(PortraitError::TooSmall { width: image.width(), height: image.height() });
        }
        let mut image = image;
        let mut faces = self.faces_in(&image).await?;
        let mut notes = Vec::new();
        // Photos whose camera recorded no orientation lie on their side; everything after wants heads up.
        let (quarters, best) = surest(&faces).map_or((0, 0.0), |(face, trust)| (quarter_turns(&face.landmarks), trust));
        let upright = match quarters {
            0 if best >= SURE => None,
            0 => self.turned_upright(&image, best).await?,
            // Found leaning so far that it was lying; a doubtful reading may have the wrong side up.
            quarters if best >= SURE_TURNED => Some(turned(&image, quarters)),
            _ => self.turned_upright(&image, 0.0).await?,
        };
        if let Some(upright) = upright {
            let again = self.faces_in(&upright).await?;
            if surest(&again).map_or(0.0, |(_, trust)| trust) > 0.9 * best {
                (faces, image) = (again, upright);
                notes.push("The photo lay on its side and was turned upright.".to_owned());
            }
        }
        // What looks like a face of a few pixels is mostly noise, and no reason to ask for a larger photo.
        let visible = faces.iter().filter(|face| face.bounds.height >= MIN_FACE / 2.0 && trust(face) > 0.4);
        let tallest = visible.map(|face| face.bounds.height).fold(0.0, f32::max);
        faces.retain(|face| face.bounds.height >= MIN_FACE && trust(face) >= MIN_TRUST);
        drop_echoes(&mut faces);
        if faces.iter().all(|face| face.bounds.height < MIN_SINGER) {
            return Err(match tallest > 0.0 {
                true => PortraitError::FaceTooSmall { pixels: tallest.round() as u32 },
                false => PortraitError::NoFace,
            });
        }
        let prominence = |face: &Face| prominence(face, image.width() as f32, image.height() as f32);
        faces.sort_by(|a, b| prominence(b).total_cmp(&prominence(a)));
        Ok(Portrait { image, faces, notes })
    }

    /// Mattes and background for the face number `face` of `portrait`.
    ///
    /// # Errors
    /// [`PortraitError::NoSuchFace`], [`PortraitError::NoMatte`], [`PortraitError::Network`].
    pub async fn layers(&self, portrait: &Portrait, face: usize) -> Result<Layers, PortraitError> {
        let count = portrait.faces.len();
        let chosen = portrait.faces.get(face).ok_or(PortraitError::NoSuchFace { index: face, count })?;
        let picture = self.picture(&portrait.image);
        let matter = self.matter.as_ref().ok_or(PortraitError::NoMatte)?;
        Ok(matter.layers(&portrait.image, &picture, chosen, &self.head).await?)
    }

    /// All faces of the picture as it stands, fitted.
    async fn faces_in(&self, image: &RgbaImage) -> Result<Vec<Face>, NetworkError> {
        Ok(self.find_faces(image).await?.into_iter().map(|shape| self.face(shape)).collect())
    }

    /// The picture turned by quarters so that its surest face stands upright, if that face is surer than `upright`, the
    /// trust in what is seen without turning.
    async fn turned_upright(&self, image: &RgbaImage, upright: f32) -> Result<Option<RgbaImage>, NetworkError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let patches = QUARTERS.map(|degrees| whole(width, height, 1.0, degrees.to_radians()));
        let mut found = Vec::new();
        self.confirm(&self.picture(image), &patches, &mut found).await?;
        let best = found
            .into_iter()
            .map(|(_, shape)| (quarter_turns(&shape.points), trust(&self.face(shape))))
            .filter(|&(quarters, trust)| quarters > 0 && trust > (1.15 * upright).max(SURE_TURNED))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        Ok(best.map(|(quarters, _)| turned(image, quarters)))
    }

    /// Confirmed faces. Each pass costs more than the one before and is made only while it may find more.
    async fn find_faces(&self, image: &RgbaImage) -> Result<Vec<Shape>, NetworkError> {
        let picture = self.picture(image);
        let (width, height) = (image.width() as f32, image.height() as f32);
        let long = width.max(height);
        let mut found: Vec<(Bounds, Shape)> = Vec::new();
        self.confirm(&picture, &[whole(width, height, 1.0, 0.0)], &mut found).await?;
        // A face that is a large part of the picture is its subject; only smaller ones may have missed company.
        for (zoom, subject) in [(2.0, 0.3), (3.0, 0.15)] {
            let largest = found.iter().map(|(bounds, _)| bounds.longer_side()).fold(0.0, f32::max);
            if largest < subject * long && long / zoom >= MIN_FACE {
                self.confirm(&picture, &tiles(width, height, zoom), &mut found).await?;
            }
        }
        // A face that fills or overflows the frame, then one that leans.
        let mut retries = vec![vec![whole(width, height, 1.6, 0.0)]];
        retries.push(TURNS.map(|degrees| whole(width, height, 1.0, degrees.to_radians())).to_vec());
        for patches in retries {
            if found.is_empty() {
                self.confirm(&picture, &patches, &mut found).await?;
            }
        }
        Ok(found.into_iter().map(|(_, shape)| shape).collect())
    }

    /// Adds the faces that the detector sees in `patches` and the landmark network confirms.
    async fn confirm(
        &self,
        picture: &Picture<'_>,
        patches: &[Patch],
        found: &mut Vec<(Bounds, Shape)>,
    ) -> Result<(), NetworkError> {
        for candidate in self.detector.find(picture, patches).await? {
            let known = |bounds: &Bounds| {
                bounds.intersection_over_union(&candidate.bounds) > SAME_FACE
                    || bounds.overlap_of_smaller(&candidate.bounds) > 0.7
            };
            if found.iter().any(|(bounds, _)| known(bounds)) {
                continue;
            }
            let Some(shape) = self.read_face(picture, &candidate).await? else { continue };
            let Some(bounds) = Bounds::of(&shape.points[..68]) else { continue };
            // Two candidates may settle on one face; the surer reading stays.
            let same = |(other, _): &(Bounds, Shape)| {
                other.intersection_over_union(&bounds) > SAME_FACE || other.overlap_of_smaller(&bounds) > 0.7
            };
            match found.iter().position(same) {
                Some(at) if found[at].1.score < shape.score => found[at] = (bounds, shape),
                Some(_) => {}
                None => found.push((bounds, shape)),
            }
        }
        Ok(())
    }

    /// Two looks at a candidate; `None` when either says that it is no face.
    async fn read_face(&self, picture: &Picture<'_>, candidate: &Candidate) -> Result<Option<Shape>, NetworkError> {
        let crop = Landmarker::crop(candidate.center, candidate.side, candidate.angle);
        let first = self.landmarker.read(picture, crop).await?;
        if first.score < MIN_SCORE[0] {
            return Ok(None);
        }
        let mut second = self.landmarker.refine(picture, &first, CAREFUL).await?;
        let confirmed = second.score >= MIN_SCORE[1];
        // Two networks, trained on different near-faces, err in different places.
        second.score *= candidate.probability;
        Ok(confirmed.then_some(second))
    }

    fn face(&self, shape: Shape) -> Face {
        let fit = self.fit.fit(&shape.observation());
        Face::new(shape, fit)
    }

    /// The head model's points, for fits of a video's frames.
    pub(super) fn fit_model(&self) -> &FitModel {
        &self.fit
    }

    /// The face that the frame before showed as `last`. Two looks, as at a photo: off the crop's middle the network reads
    /// points too near to it, which would make a moving face late. `crops` as for [`Landmarker::refine`].
    pub(super) async fn reread(
        &self,
        picture: &Picture<'_>,
        last: &Shape,
        crops: &[f32],
    ) -> Result<Shape, NetworkError> {
        let first = self.landmarker.read(picture, level_crop(&last.points)).await?;
        self.landmarker.refine(picture, &first, crops).await
    }

    /// Boxes of the faces in a video's frame, as it stands, pixels, the most prominent first.
    ///
    /// # Errors
    /// [`PortraitError::Network`]
    pub async fn boxes(&self, image: &RgbaImage) -> Result<Vec<Bounds>, PortraitError> {
        let shapes = self.prominent(image).await?;
        Ok(shapes.iter().filter_map(|shape| Bounds::of(&shape.points[..68])).collect())
    }

    /// The faces of a video's frame, as it stands, the most prominent first.
    pub(super) async fn prominent(&self, image: &RgbaImage) -> Result<Vec<Shape>, NetworkError> {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let mut ranked: Vec<(f32, Shape)> = self
            .find_faces(image)
            .await?
            .into_iter()
            .map(|shape| (self.face(shape.clone()), shape))
            .filter(|(face, _)| face.bounds.height >= MIN_SINGER)
            .map(|(face, shape)| (prominence(&face, width, height), shape))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(ranked.into_iter().map(|(_, shape)| shape).collect())
    }

    /// `face` as a visitor corrects it: numbers of the 68 iBUG points (68 and 69: the irises, in [`Face::irises`]' order) and
    /// where they belong, image pixels. Neighbours follow smoothly, no point goes further than half an inter-ocular
    /// distance, and the head model is fitted anew. Always give the untouched face and all corrections: leaving one out
    /// undoes it. What is no point or no number is left out. Takes milliseconds.
    pub fn correct(&self, face: &Face, corrections: &[(usize, [f32; 2])]) -> Corrected {
        let mut corrected = correct::moved(&self.fit, face, corrections);
        if !corrected.moved.is_empty() {
            corrected.face.fit = self.refit(&corrected.face);
        }
        corrected
    }

    /// Fits the head model again to the points of `face`, which may have been moved since. Takes milliseconds.
    pub fn refit(&self, face: &Face) -> HeadFit {
        let points: Vec<[f32; 2]> = face.landmarks.iter().chain(&face.irises).chain(&face.dense).copied().collect();
        self.fit.fit(&Observation::new(&points, &face.sigma, face.expression, face.fit.rotation))
    }
}

/// `image` turned clockwise by 1 to 3 quarters.
fn turned(image: &RgbaImage, quarters: u32) -> RgbaImage {
    match quarters {
        1 => imageops::rotate90(image),
        2 => imageops::rotate180(image),
        _ => imageops::rotate270(image),
    }
}

/// Clockwise quarter turns that bring the eyes nearest to level, 0 to 3; 0 for any lean of less than 60 degrees.
fn quarter_turns(landmarks: &[[f32; 2]]) -> u32 {
    // Outer corners: the subject's right eye, then the left one.
    let (right, left) = (landmarks[36], landmarks[45]);
    let degrees = (left[1] - right[1]).atan2(left[0] - right[0]).to_degrees();
    if degrees.abs() < 60.0 { 0 } else { (-degrees / 90.0).round().rem_euclid(4.0) as u32 }
}

/// Removes doubtful company of a sure face, and "faces" seen in another face's hair, ear, collar or badge: much smaller
/// than a face close by, and not surer. A doubtful face alone stays: statues and drawings are worth a try.
fn drop_echoes(faces: &mut Vec<Face>) {
    let boxes: Vec<(Bounds, f32)> = faces.iter().map(|face| (face.bounds, trust(face))).collect();
    let best = boxes.iter().map(|(_, trust)| *trust).fold(0.0, f32::max);
    faces.retain(|face| {
        let [x, y] = face.bounds.center();
        let echo = boxes.iter().any(|(other, others)| {
            let reach = ECHO_REACH * other.longer_side();
            let near = (x - other.center()[0]).abs() < reach && (y - other.center()[1]).abs() < reach;
            let smaller = face.bounds.longer_side() < 0.6 * other.longer_side();
            near && smaller && trust(face) < others + 0.05
        });
        trust(face) == best || !(echo || trust(face) < MIN_COMPANY * best)
    });
}

/// The most trusted of `faces`, and the trust in it.
fn surest(faces: &[Face]) -> Option<(&Face, f32)> {
    faces.iter().map(|face| (face, trust(face))).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The networks' score, less where their points make no head.
fn trust(face: &Face) -> f32 {
    face.score * (-(face.fit.error / DOUBTFUL_ERROR).powi(2)).exp()
}

/// Large, sure and central faces first.
fn prominence(face: &Face, width: f32, height: f32) -> f32 {
    let [x, y] = face.bounds.center();
    let off = ((x / width - 0.5).powi(2) + (y / height - 0.5).powi(2)).sqrt();
    // To the fourth: a large shadow that looks a little like a face must not come before the face.
    face.bounds.width * face.bounds.height * trust(face).powi(4) * (1.0 - 0.7 * off.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_on_its_side_is_turned_the_right_way() {
        let mut landmarks = [[0.0; 2]; 68];
        // Where the subject's left eye lies from the right one, and the clockwise turns that put it to the image's right.
        for (eye, turns) in [([9.0, 0.0], 0), ([9.0, 6.0], 0), ([0.0, -9.0], 1), ([-9.0, 1.0], 2), ([1.0, 9.0], 3)] {
            landmarks[45] = eye;
            assert_eq!(quarter_turns(&landmarks), turns, "{eye:?}");
        }
    }
}
