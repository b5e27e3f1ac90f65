//! Values that change with notice.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::BlockNumber;
use scale_info::TypeInfo;

/// A change to come.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Change<V> {
	/// The value from then on.
	pub value: V,
	/// The first block in which it counts.
	pub from: BlockNumber,
}

/// A value, and at most one change of it to come.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Announced<V> {
	/// The value until the change.
	pub value: V,
	/// The latest change announced, past or to come.
	pub next: Option<Change<V>>,
}

impl<V: Copy> Announced<V> {
	/// `value`, with no change to come.
	pub fn new(value: V) -> Self {
		Self { value, next: None }
	}

	/// The value that counts in block `now`.
	pub fn at(&self, now: BlockNumber) -> V {
		self.next.filter(|next| next.from <= now).map_or(self.value, |next| next.value)
	}

	/// `value` counts from block `from` on, in place of any change to come.
	pub(crate) fn announce(&mut self, value: V, from: BlockNumber, now: BlockNumber) {
		*self = if from <= now {
			Self::new(value)
		} else {
			Self { value: self.at(now), next: Some(Change { value, from }) }
		};
	}
}
