//! A value of the graph that need not exist in memory: elements of a dense tensor, read in some order.

use crate::nn::plan::{Axis, Operand, Place};

/// Strided reading of a tensor; its shape is the axes' lengths.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    /// Where element 0 of every axis is.
    pub(super) place: Place,
    pub(super) axes: Vec<Axis>,
}

/// Axes of a dense tensor.
pub(super) fn dense_axes(shape: &[u32]) -> Vec<Axis> {
    let mut stride = 1;
    let mut axes: Vec<Axis> = shape
        .iter()
        .rev()
        .map(|&length| {
            let axis = plain(length, stride);
            stride *= length as i32;
            axis
        })
        .collect();
    axes.reverse();
    axes
}

/// An axis without repeats or limits.
pub(super) fn plain(length: u32, stride: i32) -> Axis {
    Axis { length, stride, divide: 1, start: 0, end: length as i32 }
}

/// The same place, `by` elements on.
pub(super) fn shifted(place: Place, by: i64) -> Place {
    let moved = |offset: u32| (i64::from(offset) + by) as u32;
    match place {
        Place::Arena(offset) => Place::Arena(moved(offset)),
        Place::Constant(number, offset) => Place::Constant(number, moved(offset)),
    }
}

impl View {
    /// All of a dense tensor.
    pub(super) fn dense(place: Place, shape: &[u32]) -> Self {
        Self { place, axes: dense_axes(shape) }
    }

    pub(super) fn shape(&self) -> Vec<u32> {
        self.axes.iter().map(|axis| axis.length).collect()
    }

    pub(super) fn elements(&self) -> usize {
        self.axes.iter().map(|axis| axis.length as usize).product()
    }

    /// Whether its elements lie one after the other.
    pub(super) fn is_dense(&self) -> bool {
        let wanted = dense_axes(&self.shape());
        self.axes.iter().zip(&wanted).all(|(axis, dense)| {
            axis.length == 1 || (axis.stride == dense.stride && axis.divide == 1 && !axis.is_limited())
        })
    }

    pub(super) fn is_limited(&self) -> bool {
        self.axes.iter().any(Axis::is_limited)
    }

    /// Adds an axis of length 1.
    pub(super) fn with_axis(mut self, at: usize) -> Self {
        self.axes.insert(at, plain(1, 0));
        self
    }

    /// Drops an axis of length 1.
    pub(super) fn without_axis(mut self, at: usize) -> Self {
        self.axes.remove(at);
        self
    }

    /// Moves an axis.
    pub(super) fn moved_axis(mut self, from: usize, to: usize) -> Self {
        let axis = self.axes.remove(from);
        self.axes.insert(to, axis);
        self
    }

    /// Takes `length` elements of an axis from `start` on, every `step`th; `None` where a repeated axis would be cut.
    pub(super) fn sliced(mut self, at: usize, start: u32, length: u32, step: i32) -> Option<Self> {
        let axis = &mut self.axes[at];
        if (axis.divide != 1 || axis.is_limited()) && axis.length != 1 {
            return None;
        }
        self.place = shifted(self.place, i64::from(start) * i64::from(axis.stride));
        *axis = plain(length, axis.stride * step);
        Some(self)
    }

    /// Repeats axes of length 1 up to `shape`, which has as many axes.
    pub(super) fn broadcast(mut self, shape: &[u32]) -> Self {
        for (axis, &length) in self.axes.iter_mut().zip(shape) {
            if axis.length == 1 && length != 1 {
                *axis = plain(length, 0);
            }
        }
        self
    }

    /// Repeats each element of an axis; `None` where it is repeated already.
    pub(super) fn repeated(mut self, at: usize, times: u32) -> Option<Self> {
        let axis = &mut self.axes[at];
        if times == 1 {
            return Some(self);
        }
        if axis.divide != 1 || axis.is_limited() {
            return None;
        }
        let length = axis.length * times;
        *axis = Axis { length, stride: axis.stride, divide: times, start: 0, end: length as i32 };
        Some(self)
    }

    /// The same elements under another shape, where no copy is needed for it.
    pub(super) fn reshaped(&self, shape: &[u32]) -> Option<Self> {
        if self.is_dense() {
            return Some(Self::dense(self.place, shape));
        }
        // Axes of length 1 come and go freely.
        let kept: Vec<Axis> = self.axes.iter().copied().filter(|axis| axis.length != 1).collect();
        let wanted: Vec<u32> = shape.iter().copied().filter(|&d| d != 1).collect();
        if kept.iter().map(|axis| axis.length).ne(wanted) {
            return None;
        }
        let mut kept = kept.into_iter();
        let axes =
            shape.iter().map(|&d| if d == 1 { Some(plain(1, 0)) } else { kept.next() }).collect::<Option<_>>()?;
        Some(Self { place: self.place, axes })
    }

    /// As few axes as say the same: neighbours that are dense within each other are one.
    pub(super) fn collapsed(&self) -> Vec<Axis> {
        let mut out: Vec<Axis> = Vec::new();
        for axis in self.axes.iter().filter(|axis| axis.length != 1 || axis.is_limited()) {
            if let Some(last) = out.last_mut()
                && last.divide == 1
                && axis.divide == 1
                && !last.is_limited()
                && !axis.is_limited()
                && last.stride == axis.stride * axis.length as i32
            {
                *last = plain(last.length * axis.length, axis.stride);
                continue;
            }
            out.push(*axis);
        }
        out
    }

    /// As the other value of a fused step, over a result of the same shape. `None` for more axes than kernels take.
    pub(super) fn operand(&self) -> Option<Operand> {
        let place = self.place;
        if self.is_limited() {
            return None;
        }
        if self.is_dense() {
            return Some(Operand::Same(place));
        }
        let axes = self.collapsed();
        match axes[..] {
            [Axis { length: count, stride: 1, divide: 1, .. }, Axis { length: inner, stride: 0, .. }] => {
                Some(Operand::Channel { place, inner, count })
            }
            [
                Axis { stride: 0, .. },
                Axis { length: count, stride: 1, divide: 1, .. },
                Axis { length: inner, stride: 0, .. },
            ] => Some(Operand::Channel { place, inner, count }),
            [Axis { stride: 0, .. }, Axis { length: count, stride: 1, divide: 1, .. }] => {
                Some(Operand::Channel { place, inner: 1, count })
            }
            _ if axes.len() <= MAX_AXES => Some(Operand::Strided { place, axes }),
            _ => None,
        }
    }
}

/// Axes that a kernel's strided reading has.
pub(super) const MAX_AXES: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_the_outer_axis_stay_dense() {
        let whole = View::dense(Place::Arena(100), &[1, 8, 5, 5]);
        let part = whole.clone().sliced(1, 2, 3, 1).expect("a slice");
        assert!(part.is_dense());
        assert_eq!(part.place, Place::Arena(150));
        assert!(!whole.sliced(2, 0, 3, 1).expect("a slice").is_dense());
    }

    #[test]
    fn broadcasts_are_recognised() {
        let vector = View::dense(Place::Arena(0), &[1, 8, 1, 1]).broadcast(&[1, 8, 5, 4]);
        assert_eq!(vector.operand(), Some(Operand::Channel { place: Place::Arena(0), inner: 20, count: 8 }));
        let row = View::dense(Place::Arena(0), &[1, 1, 4]).broadcast(&[3, 5, 4]);
        assert_eq!(row.operand(), Some(Operand::Channel { place: Place::Arena(0), inner: 1, count: 4 }));
        let doubled = View::dense(Place::Arena(0), &[2, 3]).repeated(1, 2).expect("a plain axis");
        assert!(matches!(doubled.operand(), Some(Operand::Strided { axes, .. }) if axes.len() == 2));
    }

    #[test]
    fn dense_neighbours_become_one_axis() {
        let view = View::dense(Place::Arena(0), &[2, 3, 4, 5]).moved_axis(0, 1);
        assert_eq!(
            view.collapsed().iter().map(|a| (a.length, a.stride)).collect::<Vec<_>>(),
            [(3, 20), (2, 60), (20, 1)]
        );
    }
}
