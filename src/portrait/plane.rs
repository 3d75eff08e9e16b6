//! One channel of a picture in f32, and the few operations the layers need on it.

/// `width` x `height` values, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

impl Plane {
    pub(super) fn filled(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, values: vec![value; width * height] }
    }

    /// `value(x, y)` for each pixel.
    pub(super) fn from_fn(width: usize, height: usize, mut value: impl FnMut(usize, usize) -> f32) -> Self {
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            values.extend((0..width).map(|x| value(x, y)));
        }
        Self { width, height, values }
    }

    /// Pixel by pixel, from two planes of one size.
    pub(super) fn zip(&self, other: &Self, with: impl Fn(f32, f32) -> f32) -> Self {
        let values = self.values.iter().zip(&other.values).map(|(&a, &b)| with(a, b)).collect();
        Self { width: self.width, height: self.height, values }
    }

    /// Bilinear sample at continuous coordinates (pixel centres at +0.5), edges repeated.
    pub(super) fn sample(&self, x: f32, y: f32) -> f32 {
        let (right, bottom) = (self.width - 1, self.height - 1);
        let x = (x - 0.5).clamp(0.0, right as f32);
        let y = (y - 0.5).clamp(0.0, bottom as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(right), (y0 + 1).min(bottom));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| self.values[y * self.width + x];
        let top = at(x0, y0) + fx * (at(x1, y0) - at(x0, y0));
        let low = at(x0, y1) + fx * (at(x1, y1) - at(x0, y1));
        top + fy * (low - top)
    }

    /// 1 where a path over values above 0 leads to one of `open`, else 0. Steps go to the four neighbours.
    pub(super) fn connected(&self, mut open: Vec<usize>) -> Self {
        let mut reached = Self::filled(self.width, self.height, 0.0);
        while let Some(at) = open.pop() {
            if reached.values[at] > 0.0 || self.values[at] <= 0.0 {
                continue;
            }
            reached.values[at] = 1.0;
            let (x, y) = (at % self.width, at / self.width);
            if x > 0 {
                open.push(at - 1);
            }
            if x + 1 < self.width {
                open.push(at + 1);
            }
            if y > 0 {
                open.push(at - self.width);
            }
            if y + 1 < self.height {
                open.push(at + self.width);
            }
        }
        reached
    }

    /// Mean over the (2 r + 1) x (2 r + 1) window, smaller at the edges. Time does not depend on r.
    pub(super) fn box_mean(&self, radius: usize) -> Self {
        let mut across = Self::filled(self.width, self.height, 0.0);
        for (row, out) in self.values.chunks_exact(self.width).zip(across.values.chunks_exact_mut(self.width)) {
            // Summed in f64: differences of running sums in f32 would show as stripes.
            let mut sum: f64 = row.iter().take(radius).map(|&v| f64::from(v)).sum();
            for (x, value) in out.iter_mut().enumerate() {
                if let Some(&entering) = row.get(x + radius) {
                    sum += f64::from(entering);
                }
                if let Some(leaving) = x.checked_sub(radius + 1) {
                    sum -= f64::from(row[leaving]);
                }
                let count = (x + radius + 1).min(self.width) - x.saturating_sub(radius);
                *value = (sum / count as f64) as f32;
            }
        }
        // Down the columns, all of a row at a time: the memory is walked in order.
        let mut sums = vec![0.0_f64; self.width];
        let line = |y: usize| &across.values[y * self.width..(y + 1) * self.width];
        for y in 0..radius.min(self.height) {
            sums.iter_mut().zip(line(y)).for_each(|(sum, &v)| *sum += f64::from(v));
        }
        let mut values = Vec::with_capacity(self.values.len());
        for y in 0..self.height {
            if y + radius < self.height {
                sums.iter_mut().zip(line(y + radius)).for_each(|(sum, &v)| *sum += f64::from(v));
            }
            if let Some(leaving) = y.checked_sub(radius + 1) {
                sums.iter_mut().zip(line(leaving)).for_each(|(sum, &v)| *sum -= f64::from(v));
            }
            let count = (y + radius + 1).min(self.height) - y.saturating_sub(radius);
            let share = 1.0 / count as f64;
            values.extend(sums.iter().map(|sum| (sum * share) as f32));
        }
        Self { width: self.width, height: self.height, values }
    }

    /// Greatest value within `radius` along rows and columns: a square dilation.
    pub(super) fn dilated(&self, radius: usize) -> Self {
        let pass = |plane: &Self| {
            Self::from_fn(plane.width, plane.height, |x, y| {
                let row = &plane.values[y * plane.width..(y + 1) * plane.width];
                let window = &row[x.saturating_sub(radius)..(x + radius + 1).min(plane.width)];
                window.iter().copied().fold(f32::NEG_INFINITY, f32::max)
            })
            .transposed()
        };
        pass(&pass(self))
    }

    fn transposed(&self) -> Self {
        Self::from_fn(self.height, self.width, |x, y| self.values[x * self.width + y])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn box_mean_averages_the_window() {
        let plane = Plane::from_fn(7, 5, |x, y| (x * x + 3 * y) as f32);
        let mean = plane.box_mean(2);
        for (x, y) in [(3, 2), (0, 0), (6, 4), (1, 3)] {
            let (mut sum, mut count) = (0.0, 0.0);
            for v in y.max(2) - 2..(y + 3).min(5) {
                for u in x.max(2) - 2..(x + 3).min(7) {
                    sum += plane.values[v * 7 + u];
                    count += 1.0;
                }
            }
            assert!((mean.values[y * 7 + x] - sum / count).abs() < 1e-4);
        }
    }

    #[test]
    fn dilation_grows_a_dot_to_a_square() {
        let mut dot = Plane::filled(9, 9, 0.0);
        dot.values[4 * 9 + 4] = 1.0;
        assert_eq!(dot.dilated(2).values.iter().sum::<f32>(), 25.0);
    }

    #[test]
    fn sampling_hits_pixel_centres() {
        let plane = Plane::from_fn(4, 3, |x, y| (10 * y + x) as f32);
        assert_eq!(plane.sample(2.5, 1.5), 12.0);
        assert_eq!(plane.sample(3.0, 1.5), 12.5);
        assert_eq!(plane.sample(-5.0, 9.0), 20.0);
    }
}
