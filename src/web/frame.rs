//! Frames: what the cast does at a moment, drawn on a screen, and where in the frame everybody is.

use super::cast::{Member, Singer, rectangle};
use super::{Screen, Studio};
use crate::animate::Moment;
use crate::animate::expressions::{POSES, Pose};
use crate::clip::Motion;
use crate::marks::label;
use crate::portrait::Bounds;
use crate::scene::{Actor, Place, Scene, spotlight};
use image::RgbaImage;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Studio {
    /// Keys of the expressions that [`Studio::render_expression`] knows: `["smile", ...]`.
    pub fn expressions(&self) -> String {
        json!(POSES.map(|pose| pose.key)).to_string()
    }

    /// Draws the moment `t`, in seconds, on a screen; the backdrop alone while nobody is on stage.
    pub fn render(&self, screen: &Screen, t: f32) {
        let lights = self.clip.as_ref().map(|clip| spotlight(&clip.singing, t)).unwrap_or_default();
        self.draw(screen, |k, member, singer| {
            let track = self.clip.as_ref().map_or(&self.silence, |clip| clip.track(k));
            let lit = lights.get(k).copied().unwrap_or(1.0);
            (singer.set.stage().moment(track, &member.controls, t), lit)
        });
    }

    /// Draws what the camera's face does, `t` seconds after it began, on a screen.
    pub fn render_live(&self, screen: &Screen, t: f32) {
        let motion = self.live.as_ref().map_or_else(Motion::default, |live| live.motion);
        self.draw(screen, |_, member, singer| (singer.set.stage().live_moment(&motion, &member.controls, t), 1.0));
    }

    /// Draws everybody making the face `key`; the untouched photos where there is no such expression.
    pub fn render_expression(&self, screen: &Screen, key: &str) {
        let pose = Pose::find(key);
        self.draw(screen, |_, member, singer| {
            let stage = singer.set.stage();
            let moment =
                pose.map_or_else(|| stage.rest_moment(), |pose| stage.pose_moment(pose, 1.0, &member.controls, 0.0));
            (moment, 1.0)
        });
    }

    /// Uploads a picture (straight RGBA, sRGB) to lay over frames: slot 0 is the title, 1 a line of words, 2 its sung part.
    ///
    /// # Errors
    /// When the pixels do not fill the picture.
    pub fn set_overlay(&mut self, slot: usize, pixels: Vec<u8>, width: u32, height: u32) -> Result<(), JsError> {
        let image = RgbaImage::from_raw(width, height, pixels)
            .ok_or_else(|| JsError::new("The picture's pixels do not fill it."))?;
        self.scene.set_overlay(&self.gpu, slot, &image);
        Ok(())
    }

    /// Shows a slot's picture at a place of the frame, pixels; of it only what lies between the shares `from` and `to` of
    /// its width. It stays until it is hidden.
    #[expect(clippy::too_many_arguments, reason = "JavaScript has no rectangles that cost nothing")]
    pub fn show_overlay(&mut self, slot: usize, x: f32, y: f32, width: f32, height: f32, from: f32, to: f32) {
        self.scene.show_overlay(slot, [x, y, width, height], from, to);
    }

    /// Hides a slot's picture.
    pub fn hide_overlay(&mut self, slot: usize) {
        self.scene.hide_overlay(slot);
    }

    /// Where everything is in a frame of this size, pixels:
    /// `{label, places: [{origin, scale, cell, mouth, landmarks: [[x, y] x 68]}]}`. `origin` and `scale` lead from a
    /// photo's pixels to the frame's; `mouth` and `landmarks` are those of the photo at rest.
    pub fn places(&self, width: u32, height: u32) -> String {
        let actors = self.actors(|_, _, singer| (singer.set.stage().rest_moment(), 1.0));
        let places = Scene::places(&self.setting, &actors, (width, height));
        let singers = self.cast.iter().filter_map(|member| self.singers.get(&member.singer));
        let places: Vec<Value> = places.iter().zip(singers).map(|(place, singer)| described(place, singer)).collect();
        let [x, y, w, h] = label::place(width as f32, height as f32);
        json!({ "label": rectangle(&Bounds { x, y, width: w, height: h }), "places": places }).to_string()
    }
}

impl Studio {
    fn draw(&self, screen: &Screen, act: impl Fn(usize, &Member, &Singer) -> (Moment<'static>, f32)) {
        let actors = self.actors(act);
        screen.draw(|view, size| self.scene.draw(&self.gpu, view, size, &self.setting, &actors));
    }

    /// Everybody on stage, doing what `act` says, and how far in the light.
    fn actors<'a>(&'a self, act: impl Fn(usize, &Member, &'a Singer) -> (Moment<'static>, f32)) -> Vec<Actor<'a>> {
        let with_singer = |member: &'a Member| Some((member, self.singers.get(&member.singer)?));
        let all = self.cast.iter().filter_map(with_singer).enumerate();
        all.map(|(k, (member, singer))| {
            let (moment, lit) = act(k, member, singer);
            Actor { set: &singer.set, moment, mirrored: member.mirrored, lit }
        })
        .collect()
    }
}

fn described(place: &Place, singer: &Singer) -> Value {
    let to_frame = |point: &[f32; 2]| [0, 1].map(|axis| place.origin[axis] + place.scale[axis] * point[axis]);
    let landmarks: Vec<[f32; 2]> = singer.face.landmarks.iter().map(to_frame).collect();
    let cell = Bounds { x: place.clip.x, y: place.clip.y, width: place.clip.width, height: place.clip.height };
    json!({
        "origin": place.origin,
        "scale": place.scale,
        "cell": rectangle(&cell),
        "mouth": Bounds::of(&landmarks[48..]).as_ref().map(rectangle),
        "landmarks": landmarks,
    })
}
