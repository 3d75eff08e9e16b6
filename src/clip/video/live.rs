//! A face in front of the camera, answered frame by frame: its rest is known better with every frame.

use super::apart::Levers;
use super::neutral::Rest;
use super::pose::{Usual, within_reach};
use super::reading::Reading;
use crate::clip::Motion;
use crate::head::HeadModel;
use crate::portrait::Face;
use std::collections::VecDeque;

/// Seconds of the past from which the rest is estimated.
const MEMORY: f64 = 30.0;
/// Seconds after which a lost face rests.
const PATIENCE: f64 = 0.5;

/// Turns faces as they come into motion.
#[derive(Debug)]
pub struct Live {
    levers: Levers,
    readings: VecDeque<Reading>,
    motion: Motion,
    seen: f64,
}

impl Live {
    /// Nobody seen yet.
    pub fn new(head: &HeadModel) -> Self {
        Self { levers: Levers::new(head), readings: VecDeque::new(), motion: Motion::default(), seen: 0.0 }
    }

    /// The motion at `time`, seconds, ascending, in a frame of `size` pixels; `face` as a
    /// [`Tracker`](crate::portrait::Tracker) follows it. A lost face holds still for a moment and then eases to rest.
    pub fn follow(&mut self, head: &HeadModel, time: f64, face: Option<&Face>, size: [u32; 2]) -> Motion {
        let Some(face) = face else {
            if time - self.seen > PATIENCE {
                self.motion = self.motion.scaled(0.8);
            }
            return self.motion;
        };
        self.seen = time;
        self.readings.push_back(Reading::new(head, time, face, size));
        while self.readings.front().is_some_and(|first| first.time < time - MEMORY) {
            self.readings.pop_front();
        }
        let past = self.readings.make_contiguous();
        let (rest, usual) = (Rest::of(past), Usual::of(past));
        let Some(mut now) = past.last().cloned() else { return self.motion };
        rest.subtract(&mut now, &self.levers);
        usual.subtract(&mut now);
        self.motion = Motion {
            expression: now.expression,
            rotation: now.rotation,
            translation: within_reach(now.place),
            gaze: now.gaze,
            tongue_up: 0.0,
        };
        self.motion
    }
}
