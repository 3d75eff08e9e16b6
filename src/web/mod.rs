//! The wasm-bindgen surface: what the page's worker calls.
//!
//! Bytes, numbers and JSON go in and out; every decision is made in the rooms below. Errors reach JavaScript as
//! `Error`s whose message is the room's own sentence for the visitor, and leave the studio as it was: the old
//! portrait and the old song stay. A `Studio` is not re-entrant: the worker awaits each call before the next.

mod screen;

use crate::animate::{Settings, Stage};
use crate::gpu::Gpu;
use crate::head::HeadModel;
use crate::portrait::{Analyser, Portrait};
use crate::song::{Score, Sung, perform};
use serde_json::{Value, json};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

pub use screen::Screen;

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
}

struct Singer {
    portrait: Portrait,
    face: usize,
    stage: Stage,
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
        let model = Arc::new(HeadModel::from_bytes(&models.head)?);
        let analyser =
            Analyser::new(&models.face_detector, &models.face_landmarks, &models.person_matte, Arc::clone(&model))?;
        Ok(Studio { instance, gpu, format, analyser, model, singer: None, sung: None })
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
    /// Returns `{width, height, face, faces: [{x, y, width, height, score}], notes}` in pixels of the upright photo.
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
        let singer = self.singer.insert(Singer { portrait, face, stage });
        Ok(singer.describe().to_string())
    }

    /// Learns a song; `lyrics` replaces the score's own words.
    /// Returns `{title, language, duration, lyrics, sample_rate, channels}`.
    ///
    /// # Errors
    /// The [`ScoreError`](crate::song::ScoreError)'s sentence.
    pub fn load_song(&mut self, score: &[u8], lyrics: Option<String>, seed: u32) -> Result<String, JsError> {
        let score = Score::read(score)?;
        let sung = perform(&score, lyrics.as_deref(), u64::from(seed))?;
        todo!()
    }

    /// The song's sound, -1..1, one channel after the other; empty before [`Studio::load_song`].
    pub fn samples(&self) -> Vec<f32> {
        self.sung.as_ref().map(|sung| sung.samples.clone()).unwrap_or_default()
    }

    /// The song's motion track as `.track.json`; `null` before [`Studio::load_song`].
    pub fn track_json(&self) -> String {
        let track = self.sung.as_ref().map(|sung| &sung.track);
        serde_json::to_string(&track).unwrap_or_else(|_| "null".to_owned())
    }

    /// Draws the moment `t`, in seconds, on a screen; nothing while a portrait or song is missing.
    pub fn render(&mut self, screen: &Screen, t: f32) {
        let (Some(singer), Some(sung)) = (&mut self.singer, &self.sung) else { return };
        screen.draw(|view, size| singer.stage.draw(&self.gpu, view, size, &sung.track, &Settings::default(), t));
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
        let faces: Vec<Value> = self
            .portrait
            .faces
            .iter()
            .map(|face| {
                let bounds = face.bounds;
                json!({ "x": bounds.x, "y": bounds.y, "width": bounds.width, "height": bounds.height, "score": face.score })
            })
            .collect();
        json!({
            "width": self.portrait.image.width(),
            "height": self.portrait.image.height(),
            "face": self.face,
            "faces": faces,
            "notes": self.portrait.notes,
        })
    }
}
