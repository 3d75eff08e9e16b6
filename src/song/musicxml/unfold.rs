//! The order in which bars are played: repeats, endings, da capo, dal segno, coda.

use super::measure::{Jump, Measure};

/// One bar as played: its index and the pass (from 1) through the repeated section it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Played {
    pub index: usize,
    pub pass: u32,
}

/// No score of ten minutes has more bars than this as played; damaged ones could ask for any number.
const MAX_PLAYED: usize = 4000;

/// The barline marks of one bar, taken from whichever part carries them.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    repeat_start: bool,
    repeat_end: Option<u32>,
    ending_start: Option<Vec<u32>>,
    ending_stop: bool,
    jump: Jump,
}

impl Marks {
    /// Adds what one part's bar says.
    pub(super) fn merge(&mut self, measure: &Measure) {
        self.repeat_start |= measure.repeat_start;
        self.repeat_end = self.repeat_end.max(measure.repeat_end);
        self.ending_start = self.ending_start.take().or_else(|| measure.ending_start.clone());
        self.ending_stop |= measure.ending_stop;
        let (to, from) = (&mut self.jump, &measure.jump);
        to.da_capo |= from.da_capo;
        to.dal_segno |= from.dal_segno;
        to.segno |= from.segno;
        to.fine |= from.fine;
        to.to_coda |= from.to_coda;
        to.coda |= from.coda;
    }
}

/// Plays the marks. After a da capo or dal segno, repeats are not taken again (the usual custom) and "fine" ends.
pub(super) fn unfold(marks: &[Marks]) -> Vec<Played> {
    let mut played = Vec::new();
    let (mut index, mut start, mut pass, mut jumped) = (0, 0, 1, false);
    while index < marks.len() && played.len() < MAX_PLAYED {
        let bar = &marks[index];
        if bar.repeat_start && start != index {
            (start, pass) = (index, 1);
        }
        let last_pass = jumped.then_some(u32::MAX);
        if let Some(passes) = &bar.ending_start
            && !passes.contains(&pass)
            && !(last_pass.is_some() && is_last_ending(marks, index))
        {
            let stop = (index..marks.len()).find(|&i| marks[i].ending_stop).unwrap_or(index);
            // The repeat sign of a skipped ending is skipped with it.
            index = stop + 1;
            continue;
        }
        played.push(Played { index, pass });
        if let Some(times) = bar.repeat_end
            && !jumped
        {
            if pass < times {
                pass += 1;
                index = start;
                continue;
            }
            (start, pass) = (index + 1, 1);
        }
        if jumped && bar.jump.fine {
            break;
        }
        if jumped
            && bar.jump.to_coda
            && let Some(coda) = (index + 1..marks.len()).find(|&i| marks[i].jump.coda)
        {
            index = coda;
            continue;
        }
        if !jumped && (bar.jump.da_capo || bar.jump.dal_segno) {
            jumped = true;
            let segno = (0..=index).rev().find(|&i| marks[i].jump.segno);
            index = if bar.jump.da_capo { 0 } else { segno.unwrap_or(0) };
            (start, pass) = (index, 1);
            continue;
        }
        index += 1;
    }
    played
}

fn is_last_ending(marks: &[Marks], index: usize) -> bool {
    let stop = (index..marks.len()).find(|&i| marks[i].ending_stop).unwrap_or(index);
    marks.get(stop + 1).is_none_or(|next| next.ending_start.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(marks: &[Marks]) -> Vec<(usize, u32)> {
        unfold(marks).iter().map(|p| (p.index, p.pass)).collect()
    }

    #[test]
    fn repeats_take_their_endings() {
        let mut marks = vec![Marks::default(); 5];
        marks[1].repeat_start = true;
        marks[2] = Marks { ending_start: Some(vec![1]), ending_stop: true, repeat_end: Some(2), ..Marks::default() };
        marks[3] = Marks { ending_start: Some(vec![2]), ending_stop: true, ..Marks::default() };
        assert_eq!(order(&marks), [(0, 1), (1, 1), (2, 1), (1, 2), (3, 2), (4, 2)]);
    }

    #[test]
    fn three_verses_then_a_new_section() {
        let mut marks = vec![Marks::default(); 3];
        marks[0].repeat_end = Some(3);
        assert_eq!(order(&marks), [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1)]);
    }

    #[test]
    fn da_capo_al_fine() {
        let mut marks = vec![Marks::default(); 3];
        marks[0].jump.fine = true;
        marks[2].jump.da_capo = true;
        assert_eq!(order(&marks), [(0, 1), (1, 1), (2, 1), (0, 1)]);
    }

    #[test]
    fn endless_marks_end() {
        let mut marks = vec![Marks::default(); 3000];
        for mark in &mut marks {
            mark.repeat_end = Some(8);
        }
        assert!(unfold(&marks).len() <= MAX_PLAYED);
    }
}
