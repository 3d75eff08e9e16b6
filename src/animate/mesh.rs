//! Vertices as the shaders take them.

use bytemuck::{Pod, Zeroable};
use glam::Vec2;

/// A vertex that shows a place of a picture.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable, PartialEq)]
pub struct PictureVertex {
    /// Photo pixels.
    pub position: [f32; 2],
    /// Place in the picture, 0..1, origin at the top-left.
    pub uv: [f32; 2],
    /// Coverage, 0..1.
    pub alpha: f32,
    /// How far the mask limits the coverage, 0..1.
    pub masked: f32,
    /// Factor on the picture's colour.
    pub gain: f32,
}

impl PictureVertex {
    pub(super) const ATTRIBUTES: [wgpu::VertexAttribute; 5] =
        wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Float32, 3 => Float32, 4 => Float32];
}

/// A vertex with a colour of its own, lit on the processor.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable, PartialEq)]
pub struct ShadedVertex {
    /// Photo pixels, and depth in inter-ocular distances towards the camera.
    pub position: [f32; 3],
    /// sRGB-encoded, 0..1, with coverage.
    pub color: [f32; 4],
}

impl ShadedVertex {
    pub(super) const ATTRIBUTES: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x4];
}

/// Triangles over vertices of one kind.
#[derive(Debug, Clone)]
pub struct Mesh<V> {
    /// The vertices.
    pub vertices: Vec<V>,
    /// Three indices a triangle, drawn in order.
    pub indices: Vec<u32>,
}

impl<V> Default for Mesh<V> {
    fn default() -> Self {
        Self { vertices: Vec::new(), indices: Vec::new() }
    }
}

impl<V> Mesh<V> {
    /// Appends the triangles of another mesh, whose `indices` count from its own first vertex.
    pub fn append(&mut self, indices: &[u32], vertices: impl Iterator<Item = V>) {
        let base = self.vertices.len() as u32;
        self.indices.extend(indices.iter().map(|i| base + i));
        self.vertices.extend(vertices);
    }

    /// Appends a grid of `columns` x `rows` vertices given row by row.
    pub fn push_grid(&mut self, columns: usize, rows: usize, vertex: impl Fn(usize, usize) -> V) {
        let base = self.vertices.len();
        self.vertices.reserve(columns * rows);
        self.indices.reserve(6 * columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                self.vertices.push(vertex(column, row));
            }
        }
        for row in 1..rows {
            for column in 1..columns {
                let corner = |c: usize, r: usize| (base + r * columns + c) as u32;
                let (a, b) = (corner(column - 1, row - 1), corner(column, row - 1));
                let (c, d) = (corner(column - 1, row), corner(column, row));
                self.indices.extend([a, c, b, b, c, d]);
            }
        }
    }
}

impl Mesh<PictureVertex> {
    /// The same, limited by the picture's mask.
    pub fn masked(mut self) -> Self {
        self.vertices.iter_mut().for_each(|vertex| vertex.masked = 1.0);
        self
    }

    /// A whole picture between two corners.
    pub fn quad(low: Vec2, high: Vec2) -> Self {
        let mut mesh = Self::default();
        mesh.push_grid(2, 2, |column, row| {
            let uv = Vec2::new(column as f32, row as f32);
            let position = (low + (high - low) * uv).into();
            PictureVertex { position, uv: uv.into(), alpha: 1.0, masked: 0.0, gain: 1.0 }
        });
        mesh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_two_triangles_a_cell() {
        let mut mesh = Mesh::default();
        mesh.push_grid(3, 4, |column, row| (column, row));
        assert_eq!(mesh.vertices.len(), 12);
        assert_eq!(mesh.indices.len(), 2 * 3 * 2 * 3);
        assert!(mesh.indices.iter().all(|&i| (i as usize) < mesh.vertices.len()));
    }
}
