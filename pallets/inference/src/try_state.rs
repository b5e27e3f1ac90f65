//! What must hold between blocks.

use crate::{market::is_committee_size, pallet::*, DrawQueue};
use alloc::collections::{BTreeMap, BTreeSet};
use openledger_primitives::{Balance, JobId};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::InspectHold, Get},
	},
	frame_system,
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the market's invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_requests()?;
		Self::check_holds()?;
		Self::check_queue()?;
		Self::check_servers()
	}

	fn check_requests() -> Result<(), TryRuntimeError> {
		let next = NextJob::<T>::get();
		for (job, request) in Requests::<T>::iter() {
			// 1. ids count upwards
			ensure!(job < next, "an open job has an id that was not given yet");
			// 2. a request is one that `request` accepts
			ensure!(is_committee_size(request.committee), "a committee has 1, 3 or 5 seats");
			ensure!(request.floor() <= request.fee, "a fee covers its floor");
			ensure!(request.requested_at <= Self::now(), "a request lies in the future");
		}
		// 3. only open jobs wait
		ensure!(
			Waiting::<T>::iter_keys().all(Requests::<T>::contains_key),
			"a job that is not open waits"
		);
		Ok(())
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut fees: BTreeMap<_, Balance> = BTreeMap::new();
		for (_, request) in Requests::<T>::iter() {
			let sum = fees.entry(request.caller).or_default();
			*sum = sum.saturating_add(request.fee);
		}
		// 4. an account's hold is the sum of the fees of its open jobs
		for who in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Fee.into(), &who);
			ensure!(
				held == fees.remove(&who).unwrap_or_default(),
				"a hold is not the sum of an account's open fees"
			);
		}
		ensure!(fees.is_empty(), "a caller of an open job has no account");
		Ok(())
	}

	fn check_queue() -> Result<(), TryRuntimeError> {
		let (head, tail) = QueueBounds::<T>::get();
		let mut queued = BTreeSet::<JobId>::new();
		let mut last = 0;
		for position in head..tail {
			// 5. the queue has no gap and its order is that of requests
			let entry = QueueEntries::<T>::get(position).ok_or("the queue has a gap")?;
			ensure!(last <= entry.drawn_by, "the queue is out of order");
			last = entry.drawn_by;
			if let Some(request) = Requests::<T>::get(entry.job) {
				ensure!(request.drawn_by() == entry.drawn_by, "a draw has another height's seed");
			}
			ensure!(queued.insert(entry.job), "a job is queued twice");
		}
		// 6. nothing lies outside the queue's bounds, and those are within the limit
		ensure!(
			QueueEntries::<T>::iter_keys().all(|at| (head..tail).contains(&at)),
			"an entry lies outside the queue"
		);
		ensure!(
			DrawQueue::<T>::len() <= T::MaxWaiting::get().into(),
			"the queue is longer than allowed"
		);
		// 7. who waits is in the queue
		ensure!(
			Waiting::<T>::iter_keys().all(|job| queued.contains(&job)),
			"a waiting job is not queued"
		);
		Ok(())
	}

	fn check_servers() -> Result<(), TryRuntimeError> {
		for (_, servers) in Servers::<T>::iter() {
			// 8. a list is not empty, names nobody twice and nobody from the future
			ensure!(!servers.is_empty(), "an empty list of servers is stored");
			let workers: BTreeSet<_> = servers.iter().map(|s| &s.worker).collect();
			ensure!(workers.len() == servers.len(), "a worker serves a model twice");
			ensure!(
				servers.iter().all(|s| s.since <= Self::now()),
				"a worker serves from the future"
			);
		}
		Ok(())
	}
}
