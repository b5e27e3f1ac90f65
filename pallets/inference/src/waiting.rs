//! Jobs that wait for their draw: a queue for each priority, first in first out.

use crate::{pallet::*, Queued, WeightInfo, PRIORITIES};
use alloc::vec::Vec;
use core::cmp::Reverse;
use openledger_primitives::{traits::Chance, BlockNumber, JobId};
use polkadot_sdk::frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};

/// A queue's first entry, and where the queue begins and ends.
struct Front {
	priority: u8,
	head: u64,
	tail: u64,
	entry: Option<Queued>,
}

impl Front {
	/// Steps over the entry; says where it is, and what.
	fn advance<T: Config>(&mut self) -> Option<(u8, u64, Queued)> {
		let (at, taken) = (self.head, self.entry.take()?);
		self.head = at.saturating_add(1);
		self.entry = entry::<T>(self.priority, self.head, self.tail);
		Some((self.priority, at, taken))
	}
}

/// All queues' fronts; stepping over entries changes nothing in storage.
struct Fronts(Vec<Front>);

impl Fronts {
	fn look<T: Config>() -> Self {
		let fronts = (0u8..).zip(QueueBounds::<T>::get()).map(|(priority, (head, tail))| {
			let entry = entry::<T>(priority, head, tail);
			Front { priority, head, tail, entry }
		});
		Self(fronts.collect())
	}

	/// Steps over the entry whose turn it is at the end of block `now`.
	fn advance<T: Config>(&mut self, now: BlockNumber) -> Option<(u8, u64, Queued)> {
		let entries: Vec<_> = self.0.iter().map(|front| front.entry).collect();
		let at = next(&entries, now, Pallet::<T>::patience())?;
		self.0.get_mut(at)?.advance::<T>()
	}

	fn bounds(&self) -> [(u64, u64); PRIORITIES] {
		let mut bounds = [(0, 0); PRIORITIES];
		bounds
			.iter_mut()
			.zip(&self.0)
			.for_each(|(bounds, front)| *bounds = (front.head, front.tail));
		bounds
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

	/// Decides how many entries the end of block `now` works off, in their order: as many as the budget
	/// allows, by the servers that each draw is among. Says what they weigh.
	pub(crate) fn plan_draws(now: BlockNumber) -> Weight {
		let mut meter = WeightMeter::with_limit(T::DrawWeight::get());
		let mut fronts = Fronts::look::<T>();
		let mut planned = 0u32;
		while planned < T::MaxDrawsPerBlock::get() {
			let Some((_, _, entry)) = fronts.advance::<T>(now) else { break };
			if meter.try_consume(Self::weight_of_draw(entry.job)).is_err() {
				break;
			}
			planned = planned.saturating_add(1);
		}
		PlannedDraws::<T>::put(planned);
		meter.consumed()
	}

	fn weight_of_draw(job: JobId) -> Weight {
		let request = Requests::<T>::get(job);
		// who begins to serve in this block cannot be drawn in it
		let servers = request.and_then(|request| Servers::<T>::decode_len(request.model));
		Self::weight_among(u32::try_from(servers.unwrap_or_default()).unwrap_or(u32::MAX))
	}

	fn weight_among(servers: u32) -> Weight {
		T::WeightInfo::draw_assigned(servers).max(T::WeightInfo::draw_refunded(servers))
	}

	/// The draws that fit into every block, however many servers models have.
	pub(crate) fn least_draws() -> u32 {
		let heaviest = Self::weight_among(T::MaxServers::get());
		let fitting = T::DrawWeight::get().checked_div_per_component(&heaviest);
		let fitting = u32::try_from(fitting.unwrap_or(u64::MAX)).unwrap_or(u32::MAX);
		fitting.min(T::MaxDrawsPerBlock::get())
	}

	/// Takes what was planned for the end of block `now`, in the order of its draws.
	pub(crate) fn take_due(now: BlockNumber) -> Vec<Queued> {
		let mut fronts = Fronts::look::<T>();
		let mut taken = Vec::new();
		for _ in 0..PlannedDraws::<T>::take() {
			let Some((priority, at, entry)) = fronts.advance::<T>(now) else { break };
			QueueEntries::<T>::remove(priority, at);
			taken.push(entry);
		}
		if !taken.is_empty() {
			QueueBounds::<T>::put(fronts.bounds());
		}
		taken
	}

	/// For how many blocks after its seed is known a job can be overtaken. After that at most
	/// `MaxWaiting` entries are drawn before it, and its seed is kept for longer than those take.
	pub(crate) fn patience() -> BlockNumber {
		let backlog = T::MaxWaiting::get().checked_div(Self::least_draws()).unwrap_or(u32::MAX);
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
