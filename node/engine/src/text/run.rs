//! Running a model's steps.

use super::{
	fixed::narrow,
	graph::{Operation, Step},
};

/// A text that is being read or written: the values of the last step.
pub(super) struct Run<'a> {
	step: &'a Step,
	values: Vec<Vec<i32>>,
	narrowed: Vec<i16>,
}

impl<'a> Run<'a> {
	/// Before a text's first token: all states are zero.
	pub fn new(step: &'a Step) -> Self {
		let values = step.widths.iter().map(|width| vec![0; *width]).collect();
		Self { step, values, narrowed: vec![] }
	}

	/// Reads a token below the model's vocabulary.
	pub fn read(&mut self, token: u16) {
		for operation in &self.step.operations {
			match operation {
				Operation::Row { matrix, out } => {
					self.step.matrices[*matrix].row(token.into(), &mut self.values[*out])
				}
				Operation::Product { x, matrix, bias, out } => {
					narrow(&self.values[*x], &mut self.narrowed);
					let matrix = &self.step.matrices[*matrix];
					matrix.product(&self.narrowed, bias, &mut self.values[*out]);
				}
				Operation::Both { a, b, with, out } => {
					let mut made = std::mem::take(&mut self.values[*out]);
					let pairs = self.values[*a].iter().zip(&self.values[*b]);
					made.iter_mut().zip(pairs).for_each(|(out, (a, b))| *out = with(*a, *b));
					self.values[*out] = made;
				}
				Operation::Each { x, with, out } => {
					let mut made = std::mem::take(&mut self.values[*out]);
					made.iter_mut().zip(&self.values[*x]).for_each(|(out, x)| *out = with(*x));
					self.values[*out] = made;
				}
			}
		}
		// all successors are known before the first state is replaced
		let next: Vec<_> =
			self.step.states.iter().map(|(_, after)| self.values[*after].clone()).collect();
		for ((state, _), next) in self.step.states.iter().zip(next) {
			self.values[*state] = next;
		}
	}

	/// The score of every token to come next.
	pub fn logits(&self) -> &[i32] {
		&self.values[self.step.logits]
	}
}
