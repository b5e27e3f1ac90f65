//! Directions in which the outputs of records are looked at.

use crate::{head::softmax, influence::Targets};

/// Probabilities `[n, C]` from outputs `[n, C]`; of a regressor none.
pub fn probabilities(outputs: &[f64], classes: usize) -> Vec<f64> {
	if classes == 1 {
		return vec![];
	}
	let mut out = outputs.to_vec();
	out.chunks_exact_mut(classes).for_each(softmax);
	out
}

/// The gradient of each record's loss by its outputs, `[n, C]`: `p − e_y`, of a regressor `f − y`.
pub fn losses(
	outputs: &[f64],
	probabilities: &[f64],
	targets: &Targets,
	classes: usize,
) -> Vec<f64> {
	match targets {
		Targets::Values(values) => outputs.iter().zip(values).map(|(f, y)| f - y).collect(),
		Targets::Classes(own) => {
			let mut out = probabilities.to_vec();
			for (row, class) in out.chunks_exact_mut(classes).zip(own) {
				row[*class] -= 1.0;
			}
			out
		}
	}
}

/// The gradient of each record's margin `ln p_y − ln(1 − p_y)` by its outputs, `[n, C]`, which is
/// its loss's but for a factor; of a regressor the output's own.
pub fn margins(outputs: &[f64], targets: &Targets, classes: usize) -> Vec<f64> {
	let Targets::Classes(own) = targets else { return vec![1.0; outputs.len()] };
	let mut out = outputs.to_vec();
	for (row, class) in out.chunks_exact_mut(classes).zip(own) {
		row[*class] = f64::NEG_INFINITY;
		softmax(row);
		row.iter_mut().for_each(|p| *p = -*p);
		row[*class] = 1.0;
	}
	out
}

/// The factor between a loss's gradient and its margin's, `−(1 − p_y)`, of a regressor `f − y`.
pub fn factors(
	outputs: &[f64],
	probabilities: &[f64],
	targets: &Targets,
	classes: usize,
) -> Vec<f64> {
	match targets {
		Targets::Values(values) => outputs.iter().zip(values).map(|(f, y)| f - y).collect(),
		Targets::Classes(own) => {
			let rows = probabilities.chunks_exact(classes).zip(own);
			// a sum of small numbers, not the difference of large ones
			let others = |(row, class): (&[f64], &usize)| {
				let rest = row.iter().enumerate().filter(|(c, _)| c != class);
				rest.fold(0.0, |sum, (_, p)| sum - p)
			};
			rows.map(others).collect()
		}
	}
}

/// The `C` directions `√p_c·(e_c − p)` of one record, whose gradients make up the Gauss–Newton
/// matrix: it is Fisher's, with the expectation over classes taken exactly.
pub fn fisher(p: &[f64], out: &mut Vec<f64>) {
	for (c, own) in p.iter().enumerate() {
		let root = own.sqrt();
		out.extend(p.iter().enumerate().map(|(e, p)| root * (if e == c { 1.0 } else { 0.0 } - p)));
	}
}
