//! What drives the portrait: a score, a recording of a voice, a film of a face, a saved track, or a camera.

use super::clip::Clip;
use super::{Live, Studio};
use crate::clip::audio::{Heard, Listening, listen};
use crate::clip::video::{self, Sighting};
use crate::clip::{self, Track, csv};
use crate::portrait::{Recording, Tracker};
use crate::song::{Casting, Choice, Chorus, Language, Performance, VoiceType};
use image::RgbaImage;
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

/// How the visitor wants a song; whatever is absent is as the score has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SongSettings {
    lyrics: Option<String>,
    singer: Option<usize>,
    verse: Option<u32>,
    voice: Option<VoiceType>,
    language: Option<Language>,
    /// Semitones.
    transpose: f32,
    tempo: Option<f32>,
    /// The performance dial, 0..2.
    expressiveness: Option<f32>,
    seed: u32,
}

/// How the visitor wants a recording to be performed.
#[derive(Debug, Deserialize)]
struct ListeningSettings {
    seed: u32,
    expressiveness: Option<f32>,
}

/// A song that is being sung.
pub(super) type Rehearsed = Chorus;

/// A film that is being followed.
pub(super) struct Filmed {
    recording: Recording,
    /// Seconds of each frame, and its width and height, pixels.
    frames: Vec<(f64, [u32; 2])>,
}

#[wasm_bindgen]
impl Studio {
    /// Begins to learn a song. `settings` is JSON: `{lyrics, singer, verse, voice, language, transpose, tempo, expressiveness, seed}`,
    /// all but the seed optional; `casting`: a [`Casting`], without members: one singer.
    ///
    /// # Errors
    /// The [`ChorusError`](crate::song::ChorusError)'s sentence; the former clip then stays.
    pub fn begin_song(&mut self, score: &[u8], settings: &str, casting: &str) -> Result<(), JsError> {
        let settings: SongSettings = serde_json::from_str(settings)?;
        let mut casting: Casting = serde_json::from_str(casting)?;
        if casting.members.is_empty() {
            casting.members.push(Default::default());
        }
        let usual = Performance::default();
        let performance = Performance {
            seed: settings.seed,
            voice: settings.voice,
            language: settings.language,
            transpose: settings.transpose,
            tempo: settings.tempo.unwrap_or(usual.tempo),
            expressiveness: settings.expressiveness.unwrap_or(usual.expressiveness),
            ..usual
        };
        let choice = Choice { singer: settings.singer, verse: settings.verse };
        self.rehearsed = Some(Chorus::new(score, settings.lyrics.as_deref(), &choice, &casting, &performance)?);
        Ok(())
    }

    /// Learns the next piece of the song that was begun; returns how much of it is learnt, 0..=1.
    pub fn step_song(&mut self) -> f64 {
        self.rehearsed.as_mut().map_or(1.0, Chorus::step)
    }

    /// Ends the learning: the song drives from now on. Returns
    /// `{title, language, voice, duration, lyrics, singers: [{name, syllables, verses}], singer, notes, sample_rate, channels}`.
    ///
    /// # Errors
    /// When no song was begun.
    pub fn end_song(&mut self) -> Result<String, JsError> {
        let Some(chorus) = self.rehearsed.take() else { return Err(JsError::new("No song has begun.")) };
        let score = chorus.score();
        let singer = |s: &crate::song::Singer| json!({ "name": s.name, "syllables": s.syllables, "verses": s.verses });
        let mut description = json!({
            "lyrics": score.lyrics(),
            "singers": score.singers.iter().map(singer).collect::<Vec<Value>>(),
            "singer": score.singer,
            "notes": score.remarks,
            "channels": Clip::CHANNELS,
        });
        let concert = chorus.finish();
        description["title"] = concert.title.clone().into();
        description["language"] = json!(concert.language);
        description["voice"] = json!(concert.voices.first());
        description["sample_rate"] = concert.sample_rate.into();
        let clip = Clip::of_concert(concert);
        description["duration"] = clip.lead().duration().into();
        self.clip = Some(clip);
        Ok(description.to_string())
    }

    /// The song's sound, -1..1, the whole left channel and then the right; empty for any other clip.
    pub fn samples(&self) -> Vec<f32> {
        self.clip.as_ref().map_or_else(Vec::new, Clip::samples)
    }

    /// Drives by a saved motion: `.track.json`, or Live Link Face's CSV. Returns `{duration}`.
    ///
    /// # Errors
    /// The [`TrackError`](crate::clip::TrackError)'s sentence.
    pub fn load_track(&mut self, bytes: &[u8]) -> Result<String, JsError> {
        Ok(self.take_track(clip::read(bytes)?))
    }

    /// Drives by a recorded voice: `samples` hold one channel after the other, -1..1, `rate` a second. `settings` is JSON:
    /// `{seed, expressiveness}`, the latter optional. Returns `{duration, notes}`.
    ///
    /// # Errors
    /// The [`AudioError`](crate::clip::audio::AudioError)'s sentence.
    pub fn listen(&mut self, samples: &[f32], channels: usize, rate: u32, settings: &str) -> Result<String, JsError> {
        let settings: ListeningSettings = serde_json::from_str(settings)?;
        let usual = Listening::default();
        let expressiveness = settings.expressiveness.unwrap_or(usual.expressiveness);
        let channels: Vec<&[f32]> = samples.chunks_exact((samples.len() / channels.max(1)).max(1)).collect();
        let Heard { track, notes } = listen(&channels, rate, &Listening { seed: settings.seed, expressiveness })?;
        let described = json!({ "duration": track.duration(), "notes": notes });
        self.take_track(track);
        Ok(described.to_string())
    }

    /// Begins to follow a film's face: of several the one nearest to (x, y), pixels, where they are given.
    pub fn begin_film(&mut self, x: Option<f32>, y: Option<f32>) {
        let wanted = x.zip(y).map(|(x, y)| [x, y]);
        let recording = Recording::new(wanted);
        let recording = if self.analyser.gpu().is_some() { recording } else { recording.quick() };
        self.filmed = Some(Filmed { recording, frames: Vec::new() });
    }

    /// Takes the film's next frame, opaque RGBA, shown at `time` seconds; whether the face is seen in it.
    ///
    /// # Errors
    /// When the pixels do not fill the frame, or a network fails.
    pub async fn add_frame(&mut self, pixels: Vec<u8>, width: u32, height: u32, time: f64) -> Result<bool, JsError> {
        let frame = picture(pixels, width, height)?;
        let Some(filmed) = &mut self.filmed else { return Err(JsError::new("No film has begun.")) };
        filmed.frames.push((time, [width, height]));
        Ok(filmed.recording.add(&self.analyser, &frame).await?)
    }

    /// The faces in a frame, opaque RGBA, as boxes in its pixels: `[{x, y, width, height}]`, the most prominent first.
    ///
    /// # Errors
    /// As [`Studio::add_frame`].
    pub async fn faces_in(&self, pixels: Vec<u8>, width: u32, height: u32) -> Result<String, JsError> {
        let frame = picture(pixels, width, height)?;
        let boxes = self.analyser.boxes(&frame).await?;
        let described = boxes.iter().map(|b| json!({ "x": b.x, "y": b.y, "width": b.width, "height": b.height }));
        Ok(Value::Array(described.collect()).to_string())
    }

    /// Ends the film: its motion drives from now on. Returns `{duration, seen}`, the share of frames that show the face.
    ///
    /// # Errors
    /// The [`VideoError`](video::VideoError)'s sentence; the former clip then stays.
    pub fn end_film(&mut self) -> Result<String, JsError> {
        let Some(Filmed { recording, frames }) = self.filmed.take() else {
            return Err(JsError::new("No film has begun."));
        };
        let faces = recording.faces(&self.analyser);
        let seen = faces.iter().flatten().count() as f32 / faces.len().max(1) as f32;
        let sightings: Vec<Sighting> =
            frames.into_iter().zip(faces).map(|((time, size), face)| Sighting { time, face, size }).collect();
        let track = video::track(self.analyser.head(), &sightings)?;
        let mut described = json!({ "duration": track.duration(), "seen": seen });
        described["rate"] = track.rate.into();
        self.take_track(track);
        Ok(described.to_string())
    }

    /// Follows a camera's frame, opaque RGBA, taken at `time` seconds; whether the face is seen. [`Studio::render_live`] shows it.
    ///
    /// # Errors
    /// As [`Studio::add_frame`].
    pub async fn follow(&mut self, pixels: Vec<u8>, width: u32, height: u32, time: f64) -> Result<bool, JsError> {
        let frame = picture(pixels, width, height)?;
        let live = self.live.get_or_insert_with(|| Live {
            tracker: Tracker::new(&self.analyser),
            face: video::Live::new(self.analyser.head()),
            motion: Default::default(),
        });
        let face = live.tracker.follow(&self.analyser, &frame).await?;
        live.motion = live.face.follow(self.analyser.head(), time, face.as_ref(), [width, height]);
        Ok(face.is_some())
    }

    /// Forgets the camera's face.
    pub fn end_live(&mut self) {
        self.live = None;
    }

    /// Shares a clip that is no song out among the portraits: `casting` is JSON, a [`Casting`] with a `seed`.
    ///
    /// # Errors
    /// When they are too many, or there is no clip.
    pub fn share(&mut self, casting: &str, seed: u32) -> Result<(), JsError> {
        let casting: Casting = serde_json::from_str(casting)?;
        let clip = self.clip.as_mut().ok_or_else(|| JsError::new("Choose a song first."))?;
        clip.share(&casting, seed)?;
        Ok(())
    }

    /// The first singer's motion track as `.track.json`; `null` before there is one.
    pub fn track_json(&self) -> String {
        self.clip.as_ref().map_or_else(|| "null".to_owned(), |clip| clip.lead().to_json())
    }

    /// The first singer's motion as Live Link Face's CSV; empty before there is one.
    pub fn track_csv(&self) -> String {
        self.clip.as_ref().map_or_else(String::new, |clip| csv::write(clip.lead()))
    }

    /// The words of the whole clip in order, for captions: `[{text, start, end}]`.
    pub fn words(&self) -> String {
        let words = self.clip.as_ref().map(|clip| clip.words.as_slice()).unwrap_or_default();
        json!(words).to_string()
    }
}

impl Studio {
    /// Drives by `track`, which has no sound of its own.
    fn take_track(&mut self, track: Track) -> String {
        let duration = track.duration();
        self.clip = Some(Clip::of_track(track));
        json!({ "duration": duration }).to_string()
    }
}

fn picture(pixels: Vec<u8>, width: u32, height: u32) -> Result<RgbaImage, JsError> {
    RgbaImage::from_raw(width, height, pixels).ok_or_else(|| JsError::new("The frame's pixels do not fill it."))
}
