//! The order in which bars are played: repeats, endings, da capo, dal segno, coda.

use super::direction::Jump;
use super::measure::Measure;

/// One bar as played: its index, and the how-many-eth time (from 1) it is played, which is the verse it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Played {
    pub index: usize,
    pub pass: u32,
}

/// No score of ten minutes has more bars than this as played; damaged ones could ask for any number.
const MAX_PLAYED: usize = 4000;
/// A section is never sung more often than this.
const MAX_VERSES: u32 = 8;

/// The barline marks of one bar, taken from whichever part carries them.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    repeat_start: bool,
    repeat_end: Option<Option<u32>>,
    ending_start: Option<Vec<u32>>,
    ending_stop: bool,
    jump: Jump,
    /// Highest number of a verse printed under the bar.
    verses: u32,
}

impl Marks {
    /// Adds what one part's bar says.
    pub(super) fn merge(&mut self, measure: &Measure) {
        self.repeat_start |= measure.repeat_start;
        self.repeat_end = self.repeat_end.max(measure.repeat_end);
        self.ending_start = self.ending_start.take().or_else(|| measure.ending_start.clone());
        self.ending_stop |= measure.ending_stop;
        let verses = measure.notes.iter().flat_map(|n| &n.lyrics).map(|l| l.0).max().unwrap_or(0);
        self.verses = self.verses.max(verses.min(MAX_VERSES));
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
pub(super) fn unfold(mut marks: Vec<Marks>) -> Vec<Played> {
    tell_codas_apart(&mut marks);
    let mut played = Vec::new();
    let mut visits = vec![0; marks.len()];
    let (mut index, mut start, mut pass, mut jumped) = (0, 0, 1, false);
    // The bar in which the ending being played starts.
    let mut ending = None;
    while index < marks.len() && played.len() < MAX_PLAYED {
        let bar = &marks[index];
        if bar.repeat_start && start != index {
            (start, pass) = (index, 1);
        }
        if let Some(passes) = &bar.ending_start {
            let due = passes.contains(&pass) || (jumped && is_last_ending(&marks, index));
            if !due {
                // The repeat sign of a skipped ending is skipped with it.
                index = ending_stop(&marks, index) + 1;
                continue;
            }
            ending = Some(index);
        }
        visits[index] += 1;
        played.push(Played { index, pass: visits[index] });
        if let Some(times) = bar.repeat_end
            && !jumped
        {
            let times = match ending {
                Some(first) => last_pass(&marks, first).max(times.unwrap_or(2)),
                // Without a number a section is sung once for every verse under it.
                None => times.unwrap_or_else(|| {
                    marks[start.min(index)..=index].iter().map(|m| m.verses).max().unwrap_or(0).max(2)
                }),
            };
            if pass < times {
                pass += 1;
                index = start;
                ending = None;
                continue;
            }
            (start, pass) = (index + 1, 1);
        }
        if bar.ending_stop {
            ending = None;
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

/// Where only the coda sign is written, the first one is where the jump leaves.
fn tell_codas_apart(marks: &mut [Marks]) {
    marks.iter_mut().filter(|m| m.jump.to_coda).for_each(|m| m.jump.coda = false);
    let signs: Vec<usize> = (0..marks.len()).filter(|&i| marks[i].jump.coda).collect();
    if let [first, _, ..] = signs[..]
        && marks.iter().all(|m| !m.jump.to_coda)
    {
        (marks[first].jump.coda, marks[first].jump.to_coda) = (false, true);
    }
}

fn ending_stop(marks: &[Marks], index: usize) -> usize {
    (index..marks.len()).find(|&i| marks[i].ending_stop).unwrap_or(index)
}

/// The highest pass named by the endings from the one at `index` on.
fn last_pass(marks: &[Marks], mut index: usize) -> u32 {
    let mut last = 0;
    while let Some(passes) = marks.get(index).and_then(|m| m.ending_start.as_ref()) {
        last = passes.iter().copied().max().unwrap_or(0).max(last);
        index = ending_stop(marks, index) + 1;
    }
    last
}

fn is_last_ending(marks: &[Marks], index: usize) -> bool {
    marks.get(ending_stop(marks, index) + 1).is_none_or(|next| next.ending_start.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(marks: &[Marks]) -> Vec<(usize, u32)> {
        unfold(marks.to_vec()).iter().map(|p| (p.index, p.pass)).collect()
    }

    #[test]
    fn repeats_take_their_endings() {
        let mut marks = vec![Marks::default(); 5];
        marks[1].repeat_start = true;
        marks[2] = Marks { ending_start: Some(vec![1]), ending_stop: true, repeat_end: Some(None), ..Marks::default() };
        marks[3] = Marks { ending_start: Some(vec![2]), ending_stop: true, ..Marks::default() };
        assert_eq!(order(&marks), [(0, 1), (1, 1), (2, 1), (1, 2), (3, 1), (4, 1)]);
    }

    #[test]
    fn three_verses_then_a_new_section() {
        let mut marks = vec![Marks::default(); 3];
        marks[0].repeat_end = Some(Some(3));
        assert_eq!(order(&marks), [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1)]);
        // Three verses under it say the same.
        marks[0] = Marks { repeat_end: Some(None), verses: 3, ..Marks::default() };
        assert_eq!(order(&marks), [(0, 1), (0, 2), (0, 3), (1, 1), (2, 1)]);
    }

    #[test]
    fn one_ending_for_two_passes() {
        let mut marks = vec![Marks::default(); 3];
        marks[1] =
            Marks { ending_start: Some(vec![1, 2]), ending_stop: true, repeat_end: Some(None), ..Marks::default() };
        marks[2] = Marks { ending_start: Some(vec![3]), ending_stop: true, ..Marks::default() };
        assert_eq!(order(&marks), [(0, 1), (1, 1), (0, 2), (1, 2), (0, 3), (2, 1)]);
    }

    #[test]
    fn dal_segno_al_coda_by_signs_alone() {
        let mut marks = vec![Marks::default(); 5];
        marks[1].jump.segno = true;
        marks[2].jump.coda = true;
        marks[3].jump.dal_segno = true;
        marks[4].jump.coda = true;
        assert_eq!(order(&marks), [(0, 1), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (4, 1)]);
    }

    #[test]
    fn da_capo_al_fine() {
        let mut marks = vec![Marks::default(); 3];
        marks[0].jump.fine = true;
        marks[2].jump.da_capo = true;
        assert_eq!(order(&marks), [(0, 1), (1, 1), (2, 1), (0, 2)]);
    }

    #[test]
    fn endless_marks_end() {
        let mut marks = vec![Marks::default(); 3000];
        for mark in &mut marks {
            mark.repeat_end = Some(Some(8));
        }
        assert!(unfold(marks).len() <= MAX_PLAYED);
    }
}
