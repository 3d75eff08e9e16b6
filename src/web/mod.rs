//! The wasm-bindgen surface: what the page's worker calls.
//!
//! Bytes, numbers and JSON go in and out; every decision is made in the rooms below. Errors reach JavaScript as
//! `Error`s whose message is the room's own sentence for the visitor, and leave the studio as it was: the old
//! portrait and the old song stay. A `Studio` is not re-entrant: the worker awaits each call before the next.

mod screen;

use crate::animate::{Settings, Stage};
use crate::clip::Track;
use crate::gpu::Gpu;
use crate::head::HeadModel;
use crate::marks::label;
use crate::portrait::{Analyser, Bounds, Face, ModelBytes, Portrait};
use crate::song::{Performance, Score, Sung, perform};
use serde_json::{Value, json};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

pub use screen::Screen;

/// [`Sung::mix`] is stereo.
const CHANNELS: usize = 2;

/// Runs once, before anything else: a panic then reaches the console with its message and place.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The files behind the page's models, as fetched.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Models {
    face_detector: Vec<u8>,
    face_landmarks: Vec<u8>,
    person_matte: Vec<u8>,
    head: Vec<u8>,
}

#[wasm_bindgen]
impl Models {
    /// Takes the contents of `models/*.onnx` and `models/head.safetensors`.
    #[wasm_bindgen(constructor)]
    pub fn new(face_detector: Vec<u8>, face_landmarks: Vec<u8>, person_matte: Vec<u8>, head: Vec<u8>) -> Self {
        Self { face_detector, face_landmarks, person_matte, head }
    }
}

/// Everything one page holds: the GPU, the networks, and the portrait and song that are on stage.
#[wasm_bindgen]
pub struct Studio {
    instance: wgpu::Instance,
    gpu: Gpu,
    format: wgpu::TextureFormat,
    analyser: Analyser,
    model: Arc<HeadModel>,
    singer: Option<Singer>,
    sung: Option<Sung>,
    /// What a portrait does before there is a song.
    silence: Track,
}

struct Singer {
    portrait: Portrait,
    face: usize,
    stage: Stage,
    /// The remark on what covers this face, if anything does.
    covered: Option<String>,
}

#[wasm_bindgen]
impl Studio {
    /// Opens the GPU and reads the models. `canvas_format` is what `navigator.gpu.getPreferredCanvasFormat()` says;
    /// `on_lost` is called, with the browser's reason, if the GPU is taken away later.
    ///
    /// # Errors
    /// When there is no adapter or device, or a model file is not what this version expects.
    pub async fn create(models: Models, canvas_format: &str, on_lost: js_sys::Function) -> Result<Studio, JsError> {
        let format = match canvas_format {
            "rgba8unorm" => wgpu::TextureFormat::Rgba8Unorm,
            _ => wgpu::TextureFormat::Bgra8Unorm,
        };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let gpu = Gpu::open(&instance, None).await?;
        gpu.device.set_device_lost_callback(move |reason, message| {
            // Nobody is told when the page itself lets the device go.
            if reason != wgpu::DeviceLostReason::Destroyed {
                drop(on_lost.call1(&JsValue::NULL, &message.into()));
            }
        });
        let analyser = Analyser::new(ModelBytes {
            detector: &models.face_detector,
            landmarks: &models.face_landmarks,
            matte: &models.person_matte,
            head: &models.head,
        })?;
        let silence =
            Track { rate: 60.0, channels: Default::default(), words: vec![], beats: vec![], phonemes: vec![] };
        let model = Arc::new(HeadModel::from_bytes(&models.head)?);
        Ok(Studio { instance, gpu, format, analyser, model, singer: None, sung: None, silence })
    }

    /// `{name, is_fallback}`: which adapter draws, and whether it is the processor.
    pub fn adapter(&self) -> String {
        json!({ "name": self.gpu.adapter.name, "is_fallback": self.gpu.is_software() }).to_string()
    }

    /// Lets the studio draw on a canvas: the page's, or one that is only filmed.
    ///
    /// # Errors
    /// When the canvas already belongs to another context.
    pub fn screen(&self, canvas: web_sys::OffscreenCanvas) -> Result<Screen, JsError> {
        Screen::new(&self.instance, &self.gpu, self.format, canvas)
    }

    /// Reads a photo and puts its most prominent face on stage.
    /// Returns `{width, height, face, faces: [{x, y, width, height, score, mouth}], label, notes}`: the size of the
    /// upright photo, the number of the face on stage, and boxes in its pixels (`mouth` and `label` as
    /// `{x, y, width, height}`, where the lips are and where the label goes).
    ///
    /// # Errors
    /// The [`PortraitError`](crate::portrait::PortraitError)'s sentence.
    pub fn load_portrait(&mut self, bytes: &[u8]) -> Result<String, JsError> {
        let portrait = self.analyser.analyse(bytes)?;
        self.take_stage(portrait, 0)
    }

    /// Puts another face of the same photo on stage; returns what [`Studio::load_portrait`] does.
    ///
    /// # Errors
    /// When there is no portrait or no such face.
    pub fn choose_face(&mut self, face: usize) -> Result<String, JsError> {
        let singer = self.singer.as_ref().ok_or_else(|| JsError::new("Choose a portrait first."))?;
        let portrait = singer.portrait.clone();
        self.take_stage(portrait, face)
    }

    fn take_stage(&mut self, portrait: Portrait, face: usize) -> Result<String, JsError> {
        let layers = self.analyser.layers(&portrait, face)?;
        let stage = Stage::new(&self.gpu, self.format, Arc::clone(&self.model), &portrait, face, &layers);
        let singer = self.singer.insert(Singer { portrait, face, stage, covered: layers.note() });
        Ok(singer.describe().to_string())
    }

    /// Learns a song; `lyrics` replaces the score's own words.
    /// Returns `{title, language, duration, lyrics, sample_rate, channels}`.
    ///
    /// # Errors
    /// The [`ScoreError`](crate::song::ScoreError)'s sentence.
    pub fn load_song(&mut self, score: &[u8], lyrics: Option<String>, seed: u32) -> Result<String, JsError> {
        let mut score = Score::read(score)?;
        if let Some(lyrics) = lyrics {
            score = score.with_lyrics(&lyrics)?;
        }
        let sung = perform(&score, &Performance { seed, ..Performance::default() })?;
        let description = json!({
            "title": sung.title,
            "language": sung.language.code(),
            "duration": sung.track.duration(),
            "lyrics": score.lyrics(),
            "sample_rate": sung.sample_rate,
            "channels": CHANNELS,
        });
        self.sung = Some(sung);
        Ok(description.to_string())
    }

    /// The song's sound, -1..1, the whole left channel and then the right; empty before [`Studio::load_song`].
    pub fn samples(&self) -> Vec<f32> {
        let Some(sung) = &self.sung else { return Vec::new() };
        (0..CHANNELS).flat_map(|channel| sung.mix.iter().skip(channel).step_by(CHANNELS)).copied().collect()
    }

    /// The song's motion track as `.track.json`; `null` before [`Studio::load_song`].
    ///
    /// # Errors
    /// Never for a track that [`perform`] made: all its numbers are finite.
    pub fn track_json(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.sung.as_ref().map(|sung| &sung.track))?)
    }

    /// Draws the moment `t`, in seconds, on a screen; nothing while there is no portrait.
    pub fn render(&mut self, screen: &Screen, t: f32) {
        let Some(singer) = &mut self.singer else { return };
        let track = self.sung.as_ref().map_or(&self.silence, |sung| &sung.track);
        screen.draw(|view, size| singer.stage.draw(&self.gpu, view, size, track, &Settings::default(), t));
    }

    /// Resolves when the GPU has drawn all that [`Studio::render`] asked for.
    pub fn finished(&self) -> js_sys::Promise {
        js_sys::Promise::new(&mut |resolve, _| {
            self.gpu.queue.on_submitted_work_done(move || drop(resolve.call0(&JsValue::NULL)));
        })
    }
}

impl Singer {
    fn describe(&self) -> Value {
        let (width, height) = self.portrait.image.dimensions();
        let rectangle = |[x, y, width, height]: [f32; 4]| json!({ "x": x, "y": y, "width": width, "height": height });
        let corners = |bounds: Bounds| [bounds.x, bounds.y, bounds.width, bounds.height];
        let face = |face: &Face| {
            let mut described = rectangle(corners(face.bounds));
            described["score"] = face.score.into();
            described["mouth"] = Bounds::of(&face.landmarks[48..]).map(|lips| rectangle(corners(lips))).into();
            described
        };
        json!({
            "width": width,
            "height": height,
            "face": self.face,
            "faces": self.portrait.faces.iter().map(face).collect::<Vec<Value>>(),
            "label": rectangle(label::place(width as f32, height as f32)),
            "notes": self.portrait.notes.iter().chain(&self.covered).collect::<Vec<_>>(),
        })
    }
}
