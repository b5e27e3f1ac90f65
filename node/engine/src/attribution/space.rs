//! Records as points, in few enough dimensions to see at a glance which are far apart.
//!
//! What is seen here only spares work: a distance is never taken from it, and every bound errs to
//! the safe side, so that nothing depends on its last bits.

use crate::{artifact::TrainingFeatures, linalg::threads};

/// Most coordinates of a point.
const COORDINATES: usize = 32;
/// Largest magnitude of a coordinate that is not a feature itself: squared distances fit an i32.
const LARGEST: f64 = 2047.0;
/// Features, over all records looked at, from which directions are found.
const SAMPLE: usize = 1 << 21;
/// Rounds of subspace iteration.
const ROUNDS: usize = 3;
/// By how much rounding may move a coordinate, and a little.
const ROUNDED: f64 = 0.6;
/// More than all rounding of bounds can amount to.
const MARGIN: f64 = 1e-9;

/// Points for all records, `[n, width]`.
#[derive(Debug)]
pub(super) struct Space {
	width: usize,
	points: Vec<i16>,
	/// `None` where coordinates are the features themselves.
	shadow: Option<Shadow>,
}

/// How distances of shadows bound distances: `‖a − b‖ ≥ (‖a′ − b′‖ − slack) · unit`.
#[derive(Clone, Copy, Debug)]
struct Shadow {
	slack: f64,
	unit: f64,
}

impl Space {
	/// The features themselves where they are few, else their shadow on the directions in which
	/// they differ most.
	pub fn new(features: &TrainingFeatures, threads: usize) -> Self {
		let dimensions = features.dimensions as usize;
		if dimensions <= COORDINATES {
			return Self { width: dimensions, points: features.features.clone(), shadow: None };
		}
		let directions = directions(features);
		let rows: Vec<&[i16]> = features.features.chunks_exact(dimensions).collect();
		let piece = rows.len().div_ceil(threads.max(1)).max(1);
		let cast = threads::map(rows.chunks(piece).collect(), |rows: &[&[i16]]| {
			rows.iter().flat_map(|row| cast(&directions, row)).collect::<Vec<f64>>()
		});
		let largest =
			cast.iter().flatten().fold(0f64, |m, c| m.max(c.abs())).max(f64::MIN_POSITIVE);
		let step = largest / LARGEST;
		let points = cast.iter().flatten().map(|c| (c / step).round() as i16).collect();
		let slack = 2.0 * ROUNDED * (COORDINATES as f64).sqrt();
		let unit = step / stretch(&directions).sqrt();
		Self { width: COORDINATES, points, shadow: Some(Shadow { slack, unit }) }
	}

	/// Coordinates of the record at `index`.
	pub fn point(&self, index: u32) -> &[i16] {
		&self.points[index as usize * self.width..][..self.width]
	}

	/// Whether distances of points are those of records.
	pub fn is_exact(&self) -> bool {
		self.shadow.is_none()
	}

	/// No records whose points are so far apart, squared, are nearer than this, squared.
	pub fn at_least(&self, points: u64) -> u64 {
		let Some(Shadow { slack, unit }) = self.shadow else { return points };
		let distance = ((points as f64).sqrt() - slack).max(0.0) * unit;
		(distance * distance * (1.0 - MARGIN)) as u64
	}

	/// Records whose points are further apart than this, squared, are further apart than
	/// `distance`, squared.
	pub fn reach(&self, distance: u64) -> u64 {
		let Some(Shadow { slack, unit }) = self.shadow else { return distance };
		let points = (distance as f64).sqrt() / unit + slack;
		((points * points * (1.0 + MARGIN)) as u64).saturating_add(1)
	}
}

/// Squared distance of two points of which none is a feature itself.
pub(super) fn apart(a: &[i16], b: &[i16]) -> u64 {
	let sum = a.iter().zip(b).fold(0i32, |sum, (a, b)| {
		let d = i32::from(a.wrapping_sub(*b));
		sum.wrapping_add(d * d)
	});
	sum as u64
}

fn cast<'a>(directions: &'a [Vec<f64>], row: &'a [i16]) -> impl Iterator<Item = f64> + 'a {
	directions.iter().map(|direction| dot(direction, row.iter().map(|x| f64::from(*x))))
}

fn dot(a: &[f64], b: impl Iterator<Item = f64>) -> f64 {
	a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Directions in which records differ most, `[COORDINATES, d]`, at right angles to each other:
/// principal components, by subspace iteration on a sample.
fn directions(features: &TrainingFeatures) -> Vec<Vec<f64>> {
	let dimensions = features.dimensions as usize;
	let count = (SAMPLE / dimensions).clamp(2 * COORDINATES, 2048).min(features.len());
	let sample: Vec<&[i16]> =
		(0..count).map(|i| features.row(i * features.len() / count)).collect();
	let mean: Vec<f64> = (0..dimensions)
		.map(|j| sample.iter().map(|row| f64::from(row[j])).sum::<f64>() / count as f64)
		.collect();
	// any start will do that no data are at right angles to
	let mut state = 1u64;
	let mut found: Vec<Vec<f64>> = (0..COORDINATES)
		.map(|_| {
			let next = |_| {
				state =
					state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
				(state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
			};
			(0..dimensions).map(next).collect()
		})
		.collect();
	square(&mut found);
	for _ in 0..ROUNDS {
		let mut next = vec![vec![0.0; dimensions]; COORDINATES];
		for row in &sample {
			let centred: Vec<f64> = row.iter().zip(&mean).map(|(x, m)| f64::from(*x) - m).collect();
			for (direction, next) in found.iter().zip(&mut next) {
				let along = dot(direction, centred.iter().copied());
				next.iter_mut().zip(&centred).for_each(|(n, c)| *n += along * c);
			}
		}
		found = next;
		square(&mut found);
	}
	found
}

/// Gram and Schmidt, twice over; what lies in the span of those before becomes zero.
fn square(vectors: &mut [Vec<f64>]) {
	for at in 0..vectors.len() {
		let (done, rest) = vectors.split_at_mut(at);
		let Some(own) = rest.first_mut() else { return };
		let before = dot(own, own.iter().copied()).sqrt();
		for _ in 0..2 {
			for other in done.iter() {
				let along = dot(other, own.iter().copied());
				own.iter_mut().zip(other).for_each(|(x, o)| *x -= along * o);
			}
		}
		let length = dot(own, own.iter().copied()).sqrt();
		let scale = if length > before * 1e-6 { 1.0 / length } else { 0.0 };
		own.iter_mut().for_each(|x| *x *= scale);
	}
}

/// By how much casting onto `directions` can lengthen a vector, squared, at most (Gershgorin).
fn stretch(directions: &[Vec<f64>]) -> f64 {
	let row =
		|a: &Vec<f64>| -> f64 { directions.iter().map(|b| dot(a, b.iter().copied()).abs()).sum() };
	directions.iter().map(row).fold(1.0, f64::max) + MARGIN
}
