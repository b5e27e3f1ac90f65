//! A first-in-first-out queue in storage, worked off a bounded number of entries a block.

use codec::FullCodec;
use core::marker::PhantomData;
use polkadot_sdk::frame_support::{StorageMap, StorageValue};

/// A queue of `T`: `Bounds` holds (head, tail), `Items` the entries from head to tail − 1.
pub struct Queue<T, Bounds, Items>(PhantomData<(T, Bounds, Items)>);

impl<T, Bounds, Items> Queue<T, Bounds, Items>
where
	T: FullCodec,
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Items: StorageMap<u64, T, Query = Option<T>>,
{
	/// Appends.
	pub fn push(item: T) {
		let (head, tail) = Bounds::get();
		Items::insert(tail, item);
		Bounds::put((head, tail.saturating_add(1)));
	}

	/// The oldest entry.
	pub fn peek() -> Option<T> {
		let (head, tail) = Bounds::get();
		(head < tail).then(|| Items::get(head)).flatten()
	}

	/// The entry `offset` places behind the oldest.
	pub fn peek_at(offset: u64) -> Option<T> {
		let (head, tail) = Bounds::get();
		let at = head.checked_add(offset)?;
		(at < tail).then(|| Items::get(at)).flatten()
	}

	/// Takes the oldest entry.
	pub fn pop() -> Option<T> {
		let (head, tail) = Bounds::get();
		if head >= tail {
			return None;
		}
		let item = Items::take(head);
		Bounds::put((head.saturating_add(1), tail));
		item
	}

	/// Entries waiting.
	pub fn len() -> u64 {
		let (head, tail) = Bounds::get();
		tail.saturating_sub(head)
	}
}
