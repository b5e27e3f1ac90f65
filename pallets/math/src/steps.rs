//! Amounts at numbered checkpoints: a step function that knows what an amount was when earlier
//! checkpoints were made, as far back as anyone may ask.

use alloc::{vec, vec::Vec};

/// An amount now, and what it was before: each `(until, value)` says that it was `value` at
/// checkpoints before `until` and not before the previous entry's. Entries ascend, and neighbours
/// differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
	/// Earlier values, oldest first.
	pub past: Vec<(u32, u128)>,
	/// The value from the last entry's checkpoint on.
	pub now: u128,
}

impl Steps {
	/// The same amount at every checkpoint.
	pub fn constant(now: u128) -> Self {
		Self { past: Vec::new(), now }
	}

	/// The amount when `checkpoint` was made.
	pub fn at(&self, checkpoint: u32) -> u128 {
		let step = self.past.iter().find(|(until, _)| *until > checkpoint);
		step.map_or(self.now, |(_, value)| *value)
	}

	/// The amount is `value` from checkpoint `next` on, which comes after all that were made.
	pub fn set(&mut self, next: u32, value: u128) {
		if self.past.last().is_none_or(|(until, _)| *until < next) {
			self.past.push((next, self.now));
		}
		self.now = value;
		self.join();
	}

	/// What `cap` leaves out: at each checkpoint the amount beyond it.
	pub fn beyond(&self, cap: u128) -> Self {
		let mut beyond = self.clone();
		beyond.past.iter_mut().for_each(|(_, value)| *value = value.saturating_sub(cap));
		beyond.now = beyond.now.saturating_sub(cap);
		beyond.join();
		beyond
	}

	/// At no checkpoint more than `cap`.
	pub fn cap(&mut self, cap: u128) {
		self.past.iter_mut().for_each(|(_, value)| *value = cap.min(*value));
		self.now = self.now.min(cap);
		self.join();
	}

	/// Takes `less` away at the checkpoints from `from` to before `until`; without an end, from `from`
	/// on.
	pub fn lessen(&mut self, less: &Self, from: u32, until: Option<u32>) {
		let ends = self.past.iter().chain(&less.past).map(|(until, _)| *until);
		let mut ends: Vec<u32> = ends.chain(until).chain((from > 0).then_some(from)).collect();
		ends.sort_unstable();
		ends.dedup();
		let value = |checkpoint: u32| {
			let inside = checkpoint >= from && until.is_none_or(|until| checkpoint < until);
			let less = if inside { less.at(checkpoint) } else { 0 };
			self.at(checkpoint).saturating_sub(less)
		};
		let now = value(ends.last().copied().unwrap_or(from));
		let past = ends.iter().map(|end| (*end, value(end.saturating_sub(1)))).collect();
		*self = Self { past, now };
		self.join();
	}

	/// Forgets what was before `oldest`: nobody asks for earlier checkpoints.
	pub fn forget_before(&mut self, oldest: u32) {
		self.past.retain(|(until, _)| *until > oldest);
	}

	/// Whether it is zero at every checkpoint that is known.
	pub fn is_zero(&self) -> bool {
		self.now == 0 && self.past.is_empty()
	}

	/// Joins neighbours that are equal.
	fn join(&mut self) {
		let mut joined: Vec<(u32, u128)> = vec![];
		for (until, value) in self.past.iter().copied() {
			match joined.last_mut() {
				Some(last) if last.1 == value => last.0 = until,
				_ => joined.push((until, value)),
			}
		}
		if joined.last().is_some_and(|(_, value)| *value == self.now) {
			joined.pop();
		}
		self.past = joined;
	}
}
