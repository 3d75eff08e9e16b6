//! The linear heart of the fit: Gauss-Newton normal equations and their damped, bounded solution.

use nalgebra::{DMatrix, DVector};
use std::ops::Range;

/// Gauss-Newton system: matrix A, gradient side b of A step = b, and the cost.
pub(super) struct Normal {
    matrix: DMatrix<f64>,
    right: DVector<f64>,
    /// The weighted sum of squares; rows' shares are added by the caller.
    pub(super) cost: f64,
}

impl Normal {
    pub(super) fn new(unknowns: usize) -> Self {
        Self { matrix: DMatrix::zeros(unknowns, unknowns), right: DVector::zeros(unknowns), cost: 0.0 }
    }

    /// One weighted residual row (lower triangle only); its cost is counted by the caller.
    pub(super) fn add(&mut self, row: &[f64], residual: f64, weight: f64) {
        for (column, &value) in row.iter().enumerate() {
            let scaled = weight * value;
            if scaled == 0.0 {
                continue;
            }
            self.right[column] += scaled * residual;
            let mut below = self.matrix.column_mut(column);
            let below = below.as_mut_slice();
            for (entry, &other) in below[column..].iter_mut().zip(&row[column..]) {
                *entry += scaled * other;
            }
        }
    }

    /// `precision` x (distance from the prior's mean)^2.
    pub(super) fn add_prior(&mut self, unknown: usize, distance: f64, precision: f64) {
        self.matrix[(unknown, unknown)] += precision;
        self.right[unknown] -= precision * distance;
        self.cost += precision * distance * distance;
    }

    /// What the system says of the unknowns `kept`, whatever the others are: matrix and right side with the others
    /// eliminated (Schur complement). `None` when that has no solution in numbers.
    pub(super) fn marginal(&self, kept: Range<usize>) -> Option<(DMatrix<f64>, DVector<f64>)> {
        let mut full = self.matrix.clone();
        full.fill_upper_triangle_with_lower_triangle();
        let others: Vec<usize> = (0..self.right.len()).filter(|i| !kept.contains(i)).collect();
        let rows = full.select_rows(&others);
        let across = rows.columns_range(kept.clone()).into_owned();
        let inner = rows.select_columns(&others).cholesky()?;
        let matrix =
            full.view_range(kept.clone(), kept.clone()).into_owned() - across.transpose() * inner.solve(&across);
        let right = self.right.rows_range(kept).into_owned()
            - across.transpose() * inner.solve(&self.right.select_rows(&others));
        Some((matrix, right))
    }

    /// The damped step under bounds (Marquardt 1963 with an active set): `room` lists unknowns with the least and the
    /// greatest step allowed; those that would leave it stop at its edge, and the others are solved again. `None` when
    /// the system has no solution in numbers.
    pub(super) fn step(&self, damping: f64, room: &[(usize, f64, f64)]) -> Option<DVector<f64>> {
        const ROUNDS: usize = 4;
        let mut full = self.matrix.clone();
        full.fill_upper_triangle_with_lower_triangle();
        for i in 0..self.right.len() {
            full[(i, i)] += damping * full[(i, i)].max(1e-9);
        }
        // Steps settled at a bound, by unknown.
        let mut settled: Vec<Option<f64>> = vec![None; self.right.len()];
        let mut step = DVector::zeros(self.right.len());
        for _ in 0..ROUNDS {
            let (mut matrix, mut right) = (full.clone(), self.right.clone());
            for (i, at) in settled.iter().enumerate() {
                let Some(at) = *at else { continue };
                right -= matrix.column(i) * at;
                matrix.row_mut(i).fill(0.0);
                matrix.column_mut(i).fill(0.0);
                matrix[(i, i)] = 1.0;
                right[i] = at;
            }
            step = matrix.cholesky()?.solve(&right);
            let mut within = true;
            for &(unknown, least, greatest) in room {
                let bound = step[unknown].clamp(least, greatest);
                if settled[unknown].is_none() && (bound - step[unknown]).abs() > 1e-9 {
                    settled[unknown] = Some(bound);
                    within = false;
                }
            }
            if within {
                break;
            }
        }
        // After the last round some may still leave their room, by little.
        for &(unknown, least, greatest) in room {
            step[unknown] = step[unknown].clamp(least, greatest);
        }
        step.iter().all(|v| v.is_finite()).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minimises (x - 3)^2 + (x + y - 1)^2.
    fn system() -> Normal {
        let mut normal = Normal::new(2);
        normal.add(&[1.0, 0.0], 3.0, 1.0);
        normal.add(&[1.0, 1.0], 1.0, 1.0);
        normal
    }

    #[test]
    fn the_free_minimum_is_found() {
        let step = system().step(0.0, &[]).expect("a solution");
        assert!((step[0] - 3.0).abs() < 1e-9 && (step[1] + 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_bound_holds_and_the_rest_follows() {
        let step = system().step(0.0, &[(0, -1.0, 0.5)]).expect("a solution");
        assert!((step[0] - 0.5).abs() < 1e-9 && (step[1] - 0.5).abs() < 1e-9, "{step}");
        // Bounds settled in one step are released in the next: the fit linearises again.
        let both = system().step(0.0, &[(0, -1.0, 0.5), (1, 0.0, 0.2)]).expect("a solution");
        assert!((both[0] - 0.5).abs() < 1e-9 && (0.0..=0.2).contains(&both[1]), "{both}");
    }

    #[test]
    fn eliminated_unknowns_leave_the_same_minimum() {
        let (matrix, right) = system().marginal(0..1).expect("a solution");
        assert!((right[0] / matrix[(0, 0)] - 3.0).abs() < 1e-9);
        // y follows x freely, so only (x - 3)^2 says anything of x.
        assert!((matrix[(0, 0)] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn priors_pull() {
        let mut normal = Normal::new(1);
        normal.add(&[1.0], 1.0, 1.0);
        normal.add_prior(0, 0.0, 1.0);
        assert!((normal.step(0.0, &[]).expect("a solution")[0] - 0.5).abs() < 1e-9);
    }
}
