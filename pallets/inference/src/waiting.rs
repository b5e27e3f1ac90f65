//! Jobs that wait for their draw: a queue for each priority, first in first out.

use crate::{pallet::*, Queued, PRIORITIES};
use alloc::vec::Vec;
use core::cmp::Reverse;
use openledger_primitives::{traits::Chance, BlockNumber};
use polkadot_sdk::frame_support::traits::Get;

/// A queue's first entry, and where the queue begins and ends.
struct Front {
	priority: u8,
	head: u64,
	tail: u64,
	entry: Option<Queued>,
}

impl Front {
	fn advance<T: Config>(&mut self) -> Option<Queued> {
		let taken = self.entry.take()?;
		QueueEntries::<T>::remove(self.priority, self.head);
		self.head = self.head.saturating_add(1);
		self.entry = entry::<T>(self.priority, self.head, self.tail);
		Some(taken)
	}
}

impl<T: Config> Pallet<T> {
	/// Appends to the queue of `priority`.
	pub(crate) fn enqueue(priority: u8, entry: Queued) {
		QueueBounds::<T>::mutate(|bounds| {
			if let Some((_, tail)) = bounds.get_mut(usize::from(priority)) {
				QueueEntries::<T>::insert(priority, *tail, entry);
				*tail = tail.saturating_add(1);
			}
		});
	}

	/// Entries in all queues, those of cancelled jobs included.
	pub(crate) fn waiting() -> u64 {
		QueueBounds::<T>::get()
			.iter()
			.fold(0, |sum, (head, tail)| sum.saturating_add(tail.saturating_sub(*head)))
	}

	/// How many entries the end of block `now` works off.
	pub(crate) fn due(now: BlockNumber) -> u32 {
		let most = T::MaxDrawsPerBlock::get();
		let mut due = 0u32;
		for (priority, (head, tail)) in (0u8..).zip(QueueBounds::<T>::get()) {
			// an entry that is not due has none behind it that are
			due = (head..tail)
				.take(most.saturating_sub(due) as usize)
				.take_while(|at| {
					QueueEntries::<T>::get(priority, at).is_some_and(|entry| entry.drawn_by <= now)
				})
				.fold(due, |sum, _| sum.saturating_add(1));
		}
		due
	}

	/// Takes what the end of block `now` works off, in the order of its draws.
	pub(crate) fn take_due(now: BlockNumber) -> Vec<Queued> {
		let most = T::MaxDrawsPerBlock::get() as usize;
		let patience = Self::patience();
		let mut fronts: Vec<_> = (0u8..)
			.zip(QueueBounds::<T>::get())
			.map(|(priority, (head, tail))| {
				let entry = entry::<T>(priority, head, tail);
				Front { priority, head, tail, entry }
			})
			.collect();
		let mut taken = Vec::new();
		while taken.len() < most {
			let entries: Vec<_> = fronts.iter().map(|front| front.entry).collect();
			let Some(front) = next(&entries, now, patience).and_then(|at| fronts.get_mut(at))
			else {
				break;
			};
			taken.extend(front.advance::<T>());
		}
		if !taken.is_empty() {
			let mut bounds = [(0, 0); PRIORITIES];
			bounds
				.iter_mut()
				.zip(fronts)
				.for_each(|(bounds, front)| *bounds = (front.head, front.tail));
			QueueBounds::<T>::put(bounds);
		}
		taken
	}

	/// For how many blocks after its seed is known a job can be overtaken. After that at most
	/// `MaxWaiting` entries are drawn before it, and its seed is kept for longer than those take.
	pub(crate) fn patience() -> BlockNumber {
		let backlog =
			T::MaxWaiting::get().checked_div(T::MaxDrawsPerBlock::get()).unwrap_or(u32::MAX);
		// one block for what the division leaves, and one to spare
		<T::Chance as Chance>::HISTORY.saturating_sub(backlog.saturating_add(2))
	}
}

fn entry<T: Config>(priority: u8, at: u64, tail: u64) -> Option<Queued> {
	(at < tail).then(|| QueueEntries::<T>::get(priority, at)).flatten()
}

/// Which queue is drawn from: the oldest entry, once it waited for `patience` blocks; otherwise the
/// highest priority that has an entry due.
pub(crate) fn next(
	fronts: &[Option<Queued>],
	now: BlockNumber,
	patience: BlockNumber,
) -> Option<usize> {
	let due = || {
		fronts
			.iter()
			.enumerate()
			.filter_map(|(at, entry)| entry.map(|entry| (at, entry.drawn_by)))
			.filter(|(_, drawn_by)| *drawn_by <= now)
	};
	let (oldest, since) = due().min_by_key(|(at, drawn_by)| (*drawn_by, Reverse(*at)))?;
	if now.saturating_sub(since) >= patience {
		return Some(oldest);
	}
	due().map(|(at, _)| at).max()
}
