//! What a head makes of records, and the gradients of their losses by it.

use super::Targets;
use crate::head::HeadTask;
use crate::{
	error::{Error, Result},
	head::{argmax, softmax, Head},
	linalg::{threads, Compute},
};

/// How many records `features` are.
pub fn rows(head: &Head, features: &[f32]) -> Result<usize> {
	let width = head.features();
	if features.is_empty() || !features.len().is_multiple_of(width) {
		return Err(Error::Data(format!(
			"{} features are no number of records of {width}",
			features.len()
		)));
	}
	Ok(features.len() / width)
}

/// The head's output `[n, C]` for `features` `[n, d]`: the bytes of [`Head::logits`], all classes
/// and several records at once.
pub fn logits(compute: Compute, head: &Head, features: &[f32]) -> Result<Vec<f64>> {
	let (width, classes) = (head.features(), head.outputs());
	let records = features.len() / width;
	let mut turned = vec![0.0; head.weights().len()];
	for (class, row) in head.weights().chunks_exact(width).enumerate() {
		for (weight, out) in row.iter().zip(turned.chunks_exact_mut(classes)) {
			out[class] = f64::from(*weight);
		}
	}
	let mut out = vec![0.0; records * classes];
	let pieces = compute.threads().min(records * turned.len() / 500_000).max(1);
	let share = records.div_ceil(pieces);
	let work: Vec<_> =
		out.chunks_mut(share * classes).zip(features.chunks(share * width)).collect();
	threads::map(work, |(out, features)| {
		for (out, features) in out.chunks_exact_mut(classes).zip(features.chunks_exact(width)) {
			for (feature, weights) in features.iter().zip(turned.chunks_exact(classes)) {
				let x = f64::from(*feature);
				out.iter_mut().zip(weights).for_each(|(sum, w)| *sum += w * x);
			}
			out.iter_mut().zip(head.bias()).for_each(|(sum, b)| *sum += f64::from(*b));
		}
	});
	if !out.iter().all(|l| l.is_finite()) {
		return Err(Error::Numeric("the head gives NaN or infinity on these features".into()));
	}
	Ok(out)
}

/// Gradients of the losses by the logits, `[n, C]`, and the probabilities of a classifier;
/// without labels those of the model's own answers.
pub fn residuals(
	compute: Compute,
	head: &Head,
	features: &[f32],
	targets: Option<&Targets>,
) -> Result<(Vec<f64>, Vec<f64>)> {
	let (width, classes) = (head.features(), head.outputs());
	let records = features.len() / width;
	if let Some(count) = targets.map(Targets::len).filter(|n| *n != records) {
		return Err(Error::Data(format!("there are {count} labels for {records} records")));
	}
	let mut out = logits(compute, head, features)?;
	match (head.task(), targets) {
		(HeadTask::Classify, None) => {
			let own: Vec<_> = out.chunks_exact(classes).map(argmax).collect();
			Ok(classify(out, classes, &own))
		}
		(HeadTask::Classify, Some(Targets::Classes(own))) => {
			if let Some(row) = own.iter().position(|c| *c >= classes) {
				head.check_class(own[row] as i64, row)?;
			}
			Ok(classify(out, classes, own))
		}
		(HeadTask::Regress, Some(Targets::Values(values))) => {
			out.iter_mut().zip(values).for_each(|(o, y)| *o -= y);
			Ok((out, vec![]))
		}
		(HeadTask::Regress, None) => Ok((vec![0.0; records], vec![])),
		(HeadTask::Classify, Some(_)) => {
			Err(Error::Data("a classifier's labels are classes".into()))
		}
		(HeadTask::Regress, Some(_)) => Err(Error::Data("a regressor's labels are values".into())),
	}
}

fn classify(mut logits: Vec<f64>, classes: usize, own: &[usize]) -> (Vec<f64>, Vec<f64>) {
	logits.chunks_exact_mut(classes).for_each(softmax);
	let probabilities = logits.clone();
	for (row, class) in logits.chunks_exact_mut(classes).zip(own) {
		row[*class] -= 1.0;
	}
	(logits, probabilities)
}
