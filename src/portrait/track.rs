//! One face through a video: found once, then followed from frame to frame.
//!
//! [`Tracker`] answers frame by frame, as a camera needs it; [`Recording`] takes all frames first and answers more
//! steadily, because it can look ahead. Both hold the person's identity, so the neutral face stays the same in all frames.
//! (Looking back alone was tried on the points: it took 7 % of their tremble away and made heads a third of a frame late.)

use super::fit::FitModel;
use super::identity::{ENOUGH, Identity};
use super::landmarks::{CAREFUL, QUICK, Shape};
use super::steady::{REACH, eye_distance, steady};
use super::{Analyser, Bounds, Face, HeadFit, PortraitError};
use image::RgbaImage;

/// Least score of the landmark network with which a face counts as followed.
const FOLLOWED: f32 = 0.5;
/// Where a lost face is looked for first, in sides of its box around its last place.
const NEAR: f32 = 1.5;

/// Finds the face in each frame, from where it was in the frame before.
#[derive(Debug)]
struct Follower {
    /// How each frame is read: [`CAREFUL`] or [`QUICK`].
    crops: &'static [f32],
    last: Option<Shape>,
    size: (u32, u32),
    /// Which of several faces to follow at first: the one nearest to this point, pixels; `None`: the most prominent.
    wanted: Option<[f32; 2]>,
}

impl Follower {
    fn new(crops: &'static [f32], wanted: Option<[f32; 2]>) -> Self {
        Self { crops, last: None, size: (0, 0), wanted }
    }

    /// What the networks read in `frame`; `None` where the face is not seen.
    async fn read(&mut self, analyser: &Analyser, frame: &RgbaImage) -> Result<Option<Shape>, PortraitError> {
        let (width, height) = frame.dimensions();
        if width == 0 || height == 0 {
            return Err(PortraitError::TooSmall { width, height });
        }
        // In a frame of another size the old place means nothing.
        if (width, height) != self.size {
            (self.last, self.size) = (None, (width, height));
        }
        let followed = match &self.last {
            Some(last) => self.again(analyser, frame, last).await?,
            None => None,
        };
        let shape = match followed {
            Some(shape) => Some(shape),
            None => self.found(analyser, frame).await?,
        };
        if shape.is_some() {
            self.last.clone_from(&shape);
        }
        Ok(shape)
    }

    /// The face near its last place.
    async fn again(
        &self,
        analyser: &Analyser,
        frame: &RgbaImage,
        last: &Shape,
    ) -> Result<Option<Shape>, PortraitError> {
        let shape = analyser.reread(&analyser.picture(frame), last, self.crops).await?;
        let inside = Bounds::of(&shape.points[..68]).is_some_and(|bounds| {
            let [x, y] = bounds.center();
            (0.0..self.size.0 as f32).contains(&x) && (0.0..self.size.1 as f32).contains(&y)
        });
        Ok((shape.score >= FOLLOWED && inside).then_some(shape))
    }

    /// The face in the whole frame: the one near the last place, at first the one wanted, else the most prominent.
    async fn found(&self, analyser: &Analyser, frame: &RgbaImage) -> Result<Option<Shape>, PortraitError> {
        let mut shapes = analyser.prominent(frame).await?;
        let near = |shape: &Shape| self.last.as_ref().is_some_and(|last| moved(last, shape) < NEAR);
        let distance = |shape: &Shape, wanted: [f32; 2]| {
            let [x, y] = Bounds::of(&shape.points[..68]).unwrap_or_default().center();
            (x - wanted[0]).hypot(y - wanted[1])
        };
        let at = match (self.wanted, &self.last) {
            (Some(wanted), None) => {
                (0..shapes.len()).min_by(|&a, &b| distance(&shapes[a], wanted).total_cmp(&distance(&shapes[b], wanted)))
            }
            _ => shapes.iter().position(near),
        };
        let at = at.unwrap_or(0);
        Ok((at < shapes.len()).then(|| shapes.swap_remove(at)))
    }
}

/// How far the middle of the face went, or how much its size changed, in sides of its old box.
fn moved(from: &Shape, to: &Shape) -> f32 {
    let (Some(a), Some(b)) = (Bounds::of(&from.points[..68]), Bounds::of(&to.points[..68])) else { return f32::MAX };
    let side = a.longer_side().max(1.0);
    let off = (0..2).map(|axis| (a.center()[axis] - b.center()[axis]).abs()).fold(0.0, f32::max);
    (off / side).max((b.longer_side() / side).max(1e-3).ln().abs())
}

/// Whether `before` can say anything of the frame that shows `now`: the same face, not a leap to another place.
fn continues(before: &HeadFit, now: &Shape, model_eyes: f32) -> bool {
    (eye_distance(now) / (before.scale * model_eyes).max(1e-3)).ln().abs() < 0.3
}

/// A face followed frame by frame; answers at once and looks back only.
#[derive(Debug)]
pub struct Tracker {
    follower: Follower,
    person: Identity,
    before: Option<HeadFit>,
}

impl Tracker {
    /// Nothing seen yet. The first face it follows is the most prominent of the first frame that has one. All frames go to
    /// the same `analyser`.
    pub fn new(analyser: &Analyser) -> Self {
        let person = Identity::new(analyser.fit_model().identity.len());
        Self { follower: Follower::new(QUICK, None), person, before: None }
    }

    /// The face in the next frame, in its pixels; `None` where it is not seen. Frames are opaque sRGB; one of another size is
    /// searched anew. [`HeadFit::identity`] settles over the first 40 frames and then stays.
    ///
    /// # Errors
    /// [`PortraitError::TooSmall`] for a frame without pixels, [`PortraitError::Network`].
    pub async fn follow(&mut self, analyser: &Analyser, frame: &RgbaImage) -> Result<Option<Face>, PortraitError> {
        let size = self.follower.size;
        let read = self.follower.read(analyser, frame).await?;
        if size != self.follower.size {
            self.before = None;
        }
        let model = analyser.fit_model();
        let face = read.map(|shape| {
            if !self.person.is_settled() {
                learn(&mut self.person, model, &shape);
            }
            held(model, shape, &self.person.coefficients(), self.before.as_ref())
        });
        self.before = face.as_ref().map(|face| face.fit.clone());
        Ok(face)
    }
}

/// A whole video of one face: all frames first, then the faces, steadied without delay.
#[derive(Debug)]
pub struct Recording {
    follower: Follower,
    /// What was read of each frame, and the frame's size.
    shapes: Vec<(Option<Shape>, (u32, u32))>,
}

impl Recording {
    /// No frames yet. Of several faces the one nearest to `wanted`, pixels, is followed; `None`: the most prominent.
    pub fn new(wanted: Option<[f32; 2]>) -> Self {
        Self { follower: Follower::new(CAREFUL, wanted), shapes: Vec::new() }
    }

    /// With three looks at each face instead of seven: for networks on the processor, where a careful reading keeps the visitor waiting.
    pub fn quick(mut self) -> Self {
        self.follower.crops = QUICK;
        self
    }

    /// Takes the next frame (opaque sRGB, at a nearly even rate); whether the face is seen in it.
    ///
    /// # Errors
    /// [`PortraitError::TooSmall`] for a frame without pixels, [`PortraitError::Network`].
    pub async fn add(&mut self, analyser: &Analyser, frame: &RgbaImage) -> Result<bool, PortraitError> {
        let shape = self.follower.read(analyser, frame).await?;
        let seen = shape.is_some();
        self.shapes.push((shape, frame.dimensions()));
        Ok(seen)
    }

    /// The face of each frame added, in that frame's pixels; `None` where it was not seen. The identity is that of all
    /// frames together, the same in each. `analyser` is the one that read the frames.
    pub fn faces(&self, analyser: &Analyser) -> Vec<Option<Face>> {
        let model = analyser.fit_model();
        let steadied: Vec<Option<Shape>> = (0..self.shapes.len()).map(|at| self.steadied(at)).collect();
        let mut person = Identity::new(model.identity.len());
        let seen: Vec<&Shape> = steadied.iter().flatten().collect();
        // Frames spread over the whole: neighbours say the same.
        for shape in seen.iter().step_by(seen.len().div_ceil(ENOUGH).max(1)) {
            learn(&mut person, model, shape);
        }
        let identity = person.coefficients();
        let mut before: Option<(HeadFit, (u32, u32))> = None;
        let hold = |(shape, (_, size)): (Option<Shape>, &(_, (u32, u32)))| {
            let same = before.as_ref().filter(|before| before.1 == *size).map(|before| &before.0);
            let face = shape.map(|shape| held(model, shape, &identity, same));
            before = face.as_ref().map(|face| (face.fit.clone(), *size));
            face
        };
        steadied.into_iter().zip(&self.shapes).map(hold).collect()
    }

    /// What was read of frame `at`, between its neighbours on both sides.
    fn steadied(&self, at: usize) -> Option<Shape> {
        let (here, size) = &self.shapes[at];
        let (from, to) = (at.saturating_sub(REACH), (at + REACH + 1).min(self.shapes.len()));
        let known: Vec<(f32, &Shape)> = (from..to)
            .filter(|&i| i != at && self.shapes[i].1 == *size)
            .filter_map(|i| Some((i as f32 - at as f32, self.shapes[i].0.as_ref()?)))
            .collect();
        Some(steady(here.as_ref()?, &known))
    }
}

/// Adds what a frame says of the person.
fn learn(person: &mut Identity, model: &FitModel, shape: &Shape) {
    let seen = shape.observation();
    let fit = model.fit(&seen);
    if let Some(evidence) = model.evidence(&seen, &fit) {
        person.add(&evidence, shape.score);
    }
}

/// The face of one frame, with the person's identity.
fn held(model: &FitModel, shape: Shape, identity: &[f32], before: Option<&HeadFit>) -> Face {
    let eyes = (model.mean[45] - model.mean[36]).length();
    let before = before.filter(|before| continues(before, &shape, eyes));
    let fit = model.fit_held(&shape.observation(), identity, before);
    Face::new(shape, fit)
}
