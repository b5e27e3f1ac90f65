//! What must hold between blocks.

use crate::{market::is_committee_size, pallet::*};
use alloc::collections::{BTreeMap, BTreeSet};
use openledger_primitives::{traits::Chance, Balance, JobId, ModelId};
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
		Self::check_queues()?;
		Self::check_servers()
	}

	fn check_requests() -> Result<(), TryRuntimeError> {
		let next = NextJob::<T>::get();
		for (job, request) in Requests::<T>::iter() {
			// 1. ids count upwards
			ensure!(job < next, "a job has an id that was not given yet");
			// 2. a request is one that `request` accepts
			ensure!(is_committee_size(request.committee), "a committee has 1, 3 or 5 seats");
			let least = request.floor().saturating_add(request.for_units());
			ensure!(least <= request.fee, "a fee covers its floor and its units");
			ensure!(request.requested_at <= Self::now(), "a request lies in the future");
		}
		// 3. only open jobs wait
		ensure!(
			Waiting::<T>::iter_keys().all(Requests::<T>::contains_key),
			"a job that is not open waits"
		);
		// 4. a closed job was drawn, and its request is kept
		ensure!(
			Closed::<T>::iter_keys()
				.all(|job| Requests::<T>::contains_key(job) && !Waiting::<T>::contains_key(job)),
			"a closed job waits or is forgotten"
		);
		// 5. a model's jobs are counted
		let mut jobs = BTreeMap::<ModelId, u32>::new();
		for request in Requests::<T>::iter_values() {
			let count = jobs.entry(request.model).or_default();
			*count = count.saturating_add(1);
		}
		ensure!(
			ModelJobs::<T>::iter().collect::<BTreeMap<_, _>>() == jobs,
			"a model's jobs are miscounted"
		);
		Ok(())
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut fees: BTreeMap<_, Balance> = BTreeMap::new();
		for (job, request) in Requests::<T>::iter() {
			if Closed::<T>::contains_key(job) {
				continue;
			}
			let sum = fees.entry(request.caller).or_default();
			*sum = sum.saturating_add(request.fee);
		}
		// 6. an account's hold is the sum of the fees of its open jobs
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

	fn check_queues() -> Result<(), TryRuntimeError> {
		let mut queued = BTreeSet::<JobId>::new();
		let bounds = QueueBounds::<T>::get();
		for (priority, (head, tail)) in (0u8..).zip(bounds) {
			let mut last = 0;
			for position in head..tail {
				// 7. a queue has no gap and its order is that of requests
				let entry =
					QueueEntries::<T>::get(priority, position).ok_or("a queue has a gap")?;
				ensure!(last <= entry.drawn_by, "a queue is out of order");
				last = entry.drawn_by;
				// 8. nobody waits until its seed is forgotten
				ensure!(
					Self::now().saturating_sub(entry.drawn_by) < <T::Chance as Chance>::HISTORY,
					"a job outlived its seed"
				);
				if let Some(request) = Requests::<T>::get(entry.job) {
					ensure!(
						request.drawn_by() == entry.drawn_by,
						"a draw has another height's seed"
					);
					ensure!(request.priority() == priority, "a job has another's priority");
				}
				ensure!(queued.insert(entry.job), "a job is queued twice");
			}
		}
		// 9. nothing lies outside the queues' bounds, and those are within the limit
		ensure!(
			QueueEntries::<T>::iter_keys().all(|(priority, at)| {
				let bounds = bounds.get(usize::from(priority));
				bounds.is_some_and(|(head, tail)| (*head..*tail).contains(&at))
			}),
			"an entry lies outside its queue"
		);
		ensure!(
			Self::waiting() <= T::MaxWaiting::get().into(),
			"the queues are longer than allowed"
		);
		// 10. who waits is in a queue
		ensure!(
			Waiting::<T>::iter_keys().all(|job| queued.contains(&job)),
			"a waiting job is not queued"
		);
		Ok(())
	}

	fn check_servers() -> Result<(), TryRuntimeError> {
		for (_, servers) in Servers::<T>::iter() {
			// 11. a list is not empty, names nobody twice and nobody from the future
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
