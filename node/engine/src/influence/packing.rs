//! Features and gradients as the matrices of a product, made while they are packed.

use crate::{head::Head, linalg::gemm::Rows};
use std::ops::Range;

/// Rows `[φ, 1]`, one a record.
pub struct Inputs<'a> {
	features: &'a [f32],
	width: usize,
}

impl<'a> Inputs<'a> {
	pub fn new(features: &'a [f32], width: usize) -> Self {
		Self { features, width }
	}
}

impl Rows for Inputs<'_> {
	fn rows(&self) -> usize {
		self.features.len() / self.width
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		for (lane, row) in rows.enumerate() {
			let features = &self.features[row * self.width..(row + 1) * self.width];
			let own = features.get(k.start..).unwrap_or_default();
			for (feature, out) in own.iter().zip(out.iter_mut()) {
				out[lane] = f64::from(*feature);
			}
			if k.contains(&self.width) {
				out[self.width - k.start][lane] = 1.0;
			}
		}
	}
}

/// The transpose of [`Inputs`]: a row a feature, one more of ones; each record by its weight.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
	features: &'a [f32],
	width: usize,
	weights: Option<&'a [f64]>,
}

impl<'a> Columns<'a> {
	pub fn new(features: &'a [f32], width: usize) -> Self {
		Self { features, width, weights: None }
	}

	/// Each record by its weight, `[n]`.
	pub fn weighted(self, weights: &'a [f64]) -> Self {
		Self { weights: Some(weights), ..self }
	}
}

impl Rows for Columns<'_> {
	fn rows(&self) -> usize {
		self.width + 1
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let own = rows.start..rows.end.min(self.width);
		let bias = rows.contains(&self.width).then(|| self.width - rows.start);
		for (record, out) in k.zip(out) {
			let features = &self.features[record * self.width..][own.clone()];
			out.iter_mut().zip(features).for_each(|(out, f)| *out = f64::from(*f));
			if let Some(lane) = bias {
				out[lane] = 1.0;
			}
			if let Some(weights) = self.weights {
				out.iter_mut().take(rows.len()).for_each(|out| *out *= weights[record]);
			}
		}
	}
}

/// Gradients `δ ⊗ [φ, 1]`, one row a record, never written out whole.
pub struct Gradients<'a> {
	features: &'a [f32],
	residuals: &'a [f64],
	width: usize,
	classes: usize,
}

impl<'a> Gradients<'a> {
	pub fn new(head: &Head, features: &'a [f32], residuals: &'a [f64]) -> Self {
		Self { features, residuals, width: head.features(), classes: head.outputs() }
	}

	/// In pieces of `share` records.
	pub fn pieces(&self, share: usize) -> Vec<Self> {
		let Self { width, classes, .. } = *self;
		let features = self.features.chunks(share * width);
		let residuals = self.residuals.chunks(share * classes);
		let pieces = features.zip(residuals);
		pieces.map(|(features, residuals)| Self { features, residuals, width, classes }).collect()
	}

	/// Written out, `[n, D]`.
	pub fn dense(&self) -> Vec<f64> {
		let size = self.classes * (self.width + 1);
		let mut out = vec![0.0; self.rows() * size];
		for (row, out) in out.chunks_exact_mut(size).enumerate() {
			let (out, _) = out.as_chunks_mut::<1>();
			self.pack(row..row + 1, 0..size, out);
		}
		out
	}
}

impl Rows for Gradients<'_> {
	fn rows(&self) -> usize {
		self.residuals.len() / self.classes
	}

	fn pack<const R: usize>(&self, rows: Range<usize>, k: Range<usize>, out: &mut [[f64; R]]) {
		let block = self.width + 1;
		for (lane, row) in rows.enumerate() {
			let features = &self.features[row * self.width..(row + 1) * self.width];
			let residuals = &self.residuals[row * self.classes..(row + 1) * self.classes];
			let mut at = k.start;
			while at < k.end {
				let (class, from) = (at / block, at % block);
				let end = k.end.min((class + 1) * block);
				let residual = residuals[class];
				let out = &mut out[at - k.start..end - k.start];
				let (own, bias) = out.split_at_mut(out.len().min(self.width - from));
				for (out, feature) in own.iter_mut().zip(&features[from..]) {
					out[lane] = residual * f64::from(*feature);
				}
				if let [bias] = bias {
					bias[lane] = residual;
				}
				at = end;
			}
		}
	}
}
