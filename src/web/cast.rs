//! Who is on stage: photos that have been read, faces of them made ready to sing, and their order.

use super::Studio;
use crate::animate::{Controls, MotionRange, fitting};
use crate::clip::ensemble::MOST;
use crate::portrait::{Bounds, Face, Portrait, Remark};
use crate::scene::{Set, Setting};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

/// A face ready to sing.
pub(super) struct Singer {
    pub(super) set: Set,
    /// As corrected by the visitor.
    pub(super) face: Face,
}

/// A singer on stage.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// Its number.
    pub(super) singer: u32,
    pub(super) controls: Controls,
    pub(super) mirrored: bool,
}

/// A face of a photo as the visitor wants it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    face: usize,
    /// Numbers of iBUG points, and where they belong in the photo, pixels.
    #[serde(default)]
    corrections: Vec<(usize, [f32; 2])>,
}

#[wasm_bindgen]
impl Studio {
    /// Reads a photo. Returns `{photo, width, height, faces: [{x, y, width, height, score}]}`: its number, the size of the upright
    /// photo, and boxes in its pixels, the most prominent face first.
    ///
    /// # Errors
    /// The [`PortraitError`](crate::portrait::PortraitError)'s sentence.
    pub async fn read_photo(&mut self, bytes: &[u8]) -> Result<String, JsError> {
        let portrait = self.analyser.analyse(bytes).await?;
        let (width, height) = portrait.image.dimensions();
        let face = |face: &Face| {
            let mut described = rectangle(&face.bounds);
            described["score"] = face.score.into();
            described
        };
        let faces: Vec<Value> = portrait.faces.iter().map(face).collect();
        let photo = self.number();
        self.photos.insert(photo, portrait);
        Ok(json!({ "photo": photo, "width": width, "height": height, "faces": faces }).to_string())
    }

    /// Makes faces of a photo ready to sing, `wanted` in JSON: `[{face, corrections: [[point, [x, y]]]}]`. `grouped`: they
    /// sing where they are in the photo. `motions`: how the heads of some songs move, a list of
    /// [`MotionRange`]. `longest`: pixels of a photo's long side on the graphics card. Returns for each `{singer, notes, fitting}`: its number, remarks, and the share of each motion
    /// that its head can make.
    ///
    /// # Errors
    /// When there is no such photo or face, or a network fails.
    pub async fn add_singers(
        &mut self,
        photo: u32,
        wanted: &str,
        grouped: bool,
        motions: &str,
        longest: u32,
    ) -> Result<String, JsError> {
        let wanted: Vec<Wanted> = serde_json::from_str(wanted)?;
        let motions: Vec<MotionRange> = serde_json::from_str(motions)?;
        let found = self.photos.get(&photo).ok_or_else(|| JsError::new("Choose a portrait first."))?;
        let corrected = wanted.iter().any(|one| !one.corrections.is_empty());
        let mended;
        let portrait = if corrected {
            let mut copy = found.clone();
            for Wanted { face, corrections } in &wanted {
                let Some(one) = copy.faces.get_mut(*face) else { continue };
                *one = self.analyser.correct(one, corrections).face;
            }
            mended = copy;
            &mended
        } else {
            found
        };
        let faces: Vec<usize> = wanted.iter().map(|one| one.face).collect();
        if faces.iter().any(|&face| face >= portrait.faces.len()) {
            return Err(JsError::new("This photo has no such face: choose another."));
        }
        let mut made: Vec<(Set, Face, Vec<String>)> = Vec::new();
        let notes = |face: usize, portrait: &Portrait| -> Vec<String> {
            let alone = portrait.remarks(face).into_iter().filter(|remark| !matches!(remark, Remark::Company { .. }));
            portrait.notes.iter().cloned().chain(alone.map(|remark| remark.to_string())).collect()
        };
        if grouped {
            let sets = Set::group(&self.gpu, &self.passes, &self.analyser, portrait, &faces).await?;
            made.extend(sets.into_iter().zip(&faces).map(|(set, &face)| {
                (set, portrait.faces[face].clone(), if face == faces[0] { notes(face, portrait) } else { Vec::new() })
            }));
        } else {
            for &face in &faces {
                let layers = self.analyser.layers(portrait, face).await?;
                let head = std::sync::Arc::clone(self.analyser.head());
                let set = Set::new(&self.gpu, &self.passes, head, portrait, face, &layers, longest);
                let notes = notes(face, portrait).into_iter().chain(layers.note()).collect();
                made.push((set, portrait.faces[face].clone(), notes));
            }
        }
        let mut described = Vec::new();
        for (mut set, face, notes) in made {
            set.set_refiner(self.refiner.clone().filter(|_| self.refining));
            let singer = self.number();
            described
                .push(json!({ "singer": singer, "notes": notes, "fitting": fitting(&motions, face.fit.rotation) }));
            self.singers.insert(singer, Singer { set, face });
        }
        Ok(Value::Array(described).to_string())
    }

    /// Lets photos and singers go, by their numbers; who is on stage leaves it.
    pub fn release(&mut self, photos: &[u32], singers: &[u32]) {
        self.photos.retain(|number, _| !photos.contains(number));
        self.singers.retain(|number, _| !singers.contains(number));
        self.cast.retain(|member| !singers.contains(&member.singer));
    }

    /// Sets the stage: `cast` is JSON, `[{singer, controls, mirrored}]` in order, `scene` a [`Setting`].
    ///
    /// # Errors
    /// When there is no such singer, more than nine of them, or the JSON is not as it should be.
    pub fn set_stage(&mut self, cast: &str, scene: &str) -> Result<(), JsError> {
        let cast: Vec<Member> = serde_json::from_str(cast)?;
        let setting: Setting = serde_json::from_str(scene)?;
        if cast.len() > MOST {
            return Err(JsError::new(&format!("There is room for {MOST} portraits: remove one first.")));
        }
        if cast.iter().any(|member| !self.singers.contains_key(&member.singer)) {
            return Err(JsError::new("Choose a portrait first."));
        }
        (self.cast, self.setting) = (cast, setting);
        Ok(())
    }

    /// The number of the next photo or singer.
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }
}

pub(super) fn rectangle(bounds: &Bounds) -> Value {
    json!({ "x": bounds.x, "y": bounds.y, "width": bounds.width, "height": bounds.height })
}
