//! The off-chain worker: takes the jobs of local workers to the engine, and its results to the chain.
//!
//! It runs after every new best block, also for several blocks at once, and may be killed at any
//! moment. So everything it does follows from the chain's state and from what it wrote before: a
//! report and its salt are stored before anything of them is sent, and what was sent is sent again
//! when it had no effect. It never waits for a computation, only for single short exchanges.

mod engine;
pub mod store;

use crate::{types::Round, Assignments, Call, Config, Pallet, Rounds, LOG};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use engine::{Engine, Reply};
use frame_system::offchain::SubmitTransaction;
use openledger_primitives::{
	traits::{Bonding, Input, Jobs, Models},
	worker::{Phase, WorkerSignature},
	JobId, Report, WorkerKey,
};
use polkadot_sdk::{frame_system, sp_application_crypto, sp_core, sp_runtime};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::offchain::Duration;
use sp_runtime::offchain::storage_lock::{BlockAndTime, StorageLock};
use store::{Prepared, Task};

const LOCK: &[u8] = b"openledger/attribution/lock";
/// A run that was killed holds the lock at most until this many blocks and this much time passed.
const LOCK_BLOCKS: u32 = 1;
const LOCK_TIME: Duration = Duration::from_millis(3_000);

/// Blocks before the deadline at which an input that is not here counts as unavailable. Until then it
/// may be on its way from another node; after, the verdict needs time to be sent, once more if lost.
const INPUT_MARGIN: u32 = 5;

/// The most jobs of one worker that one run looks at.
const MAX_JOBS: usize = 256;

/// A seat that a local key answers for.
struct LocalSeat<T: Config> {
	key: WorkerKey,
	worker: T::AccountId,
	job: JobId,
	round: Round<T::AccountId>,
}

impl<T: Config> LocalSeat<T> {
	fn task(&self) -> Task<'_, T::AccountId> {
		Task { request: &self.round.request_hash, worker: &self.worker, job: self.job }
	}
}

impl<T: Config> Pallet<T> {
	/// One run.
	pub(crate) fn run_offchain() {
		let keys = WorkerKey::all();
		if keys.is_empty() {
			return;
		}
		let mut lock =
			StorageLock::<BlockAndTime<frame_system::Pallet<T>>>::with_block_and_time_deadline(
				LOCK,
				LOCK_BLOCKS,
				LOCK_TIME,
			);
		let Ok(_guard) = lock.try_lock() else {
			log::debug!(target: LOG, "another run is under way");
			return;
		};
		let now = Self::now();
		let seats = Self::local_seats(keys);
		// reveals come first: they need no engine, and a commitment without one earns nothing
		for seat in seats.iter().filter(|seat| seat.round.phase == Phase::Reveal) {
			Self::tend_reveal(seat, now);
		}
		let mut desk = Desk { engine: Engine::connect(), replies: BTreeMap::new() };
		let mut commits: Vec<_> =
			seats.iter().filter(|seat| seat.round.phase == Phase::Commit).collect();
		take_turns(&mut commits, now);
		for seat in commits {
			Self::tend_commit(seat, &mut desk, now);
		}
		store::sweep::<T::AccountId>(now, |job, request| {
			Rounds::<T>::get(job).is_some_and(|round| round.request_hash == *request)
		});
	}

	/// All seats of local workers, the oldest job first.
	fn local_seats(keys: Vec<WorkerKey>) -> Vec<LocalSeat<T>> {
		let mut seats = Vec::new();
		for key in keys {
			let Some(worker) = T::Bonding::worker_of(&key) else { continue };
			for job in Assignments::<T>::iter_key_prefix(&worker).take(MAX_JOBS) {
				let Some(round) = Rounds::<T>::get(job) else { continue };
				seats.push(LocalSeat { key: key.clone(), worker: worker.clone(), job, round });
			}
		}
		seats.sort_by_key(|seat| seat.job);
		seats
	}

	fn tend_commit(seat: &LocalSeat<T>, desk: &mut Desk, now: u32) {
		let Some(place) = seat.round.seat(&seat.worker) else { return };
		let may_commit = place.commitment.is_none() && seat.round.accepts_commitment(place);
		// what is sent now is included in the next block at the earliest
		if !may_commit || now >= Self::deadline_of(&seat.round) {
			return;
		}
		let Some(prepared) = Self::prepared(seat, desk, now) else { return };
		// computing starts at the tip, committing waits for one confirmation
		if seat.round.assigned_at >= now {
			return;
		}
		let commitment = prepared.report.commitment(&prepared.salt, &seat.worker);
		Self::submit(seat, Phase::Commit, &commitment.encode(), now, |signature| Call::commit {
			job: seat.job,
			worker: seat.worker.clone(),
			commitment,
			signature,
		});
	}

	fn tend_reveal(seat: &LocalSeat<T>, now: u32) {
		let Some(place) = seat.round.seat(&seat.worker) else { return };
		let Some(commitment) = place.commitment else { return };
		if place.report.is_some() || now >= Self::deadline_of(&seat.round) {
			return;
		}
		let Some(Prepared { report, salt }) = seat
			.task()
			.prepared()
			.filter(|stored| stored.report.commitment(&stored.salt, &seat.worker) == commitment)
		else {
			log::warn!(target: LOG, "job {}: the report committed to is not on this node", seat.job);
			return;
		};
		let content = (&report, &salt).encode();
		Self::submit(seat, Phase::Reveal, &content, now, |signature| Call::reveal {
			job: seat.job,
			worker: seat.worker.clone(),
			report,
			salt,
			signature,
		});
	}

	/// The report of this seat: stored before, or made of what the engine says now.
	fn prepared(seat: &LocalSeat<T>, desk: &mut Desk, now: u32) -> Option<Prepared> {
		let request = &seat.round.request_hash;
		if let Some(stored) = seat.task().prepared() {
			return Some(stored);
		}
		// before anything is stored, so that it is found when it is time to clean up
		if !seat.task().remember() {
			log::warn!(target: LOG, "job {}: too many jobs at once on this node", seat.job);
			return None;
		}
		if !desk.replies.contains_key(request) {
			let reply = Self::ask(seat, desk.engine.as_mut()?, now)?;
			desk.replies.insert(*request, reply);
		}
		let report = match desk.replies.get(request)? {
			Reply::Running | Reply::InputAwaited | Reply::Failed => return None,
			Reply::Done(report) => report.clone(),
			Reply::InputUnavailable => Report {
				job: seat.job,
				answer: Default::default(),
				output: None,
				query_features: [0; 32],
				engine_version: seat.round.engine_version,
				influence: Default::default(),
			},
		};
		seat.task().prepare(report)
	}

	/// Asks the engine about a job, once a run however many local workers sit in its committee;
	/// `None` when this is not the time.
	fn ask(seat: &LocalSeat<T>, engine: &mut Engine, now: u32) -> Option<Reply> {
		let request = &seat.round.request_hash;
		if !engine.has_time() || !store::may_ask(request, now) {
			return None;
		}
		let info = T::Jobs::job(seat.job)?;
		let model = T::Models::model(info.model)?;
		// what is inside of the request is there: whoever cannot use it now never will
		let may_come = matches!(info.input, Input::Blob(_))
			&& now.saturating_add(INPUT_MARGIN) < Self::deadline_of(&seat.round);
		match engine.ask(seat.job, &info, &model, seat.round.engine_version, may_come) {
			Ok(reply) => Some(reply),
			Err(failure) => {
				// once for the operator's eyes; repetitions are for whoever looks closer
				if store::note_failure(request, now) == 1 {
					log::warn!(target: LOG, "job {}: {failure}; will ask again", seat.job);
				} else {
					log::debug!(target: LOG, "job {}: {failure}", seat.job);
				}
				Some(Reply::Failed)
			}
		}
	}

	/// Signs anew and submits, unless that happened a moment ago. A new signature is a new hash: pools
	/// refuse for half an hour the hash of what once came before its time.
	fn submit(
		seat: &LocalSeat<T>,
		phase: Phase,
		content: &[u8],
		now: u32,
		call: impl FnOnce(WorkerSignature) -> Call<T>,
	) {
		if !seat.task().take_turn(phase, now) {
			return;
		}
		let payload = Self::payload(&seat.round, phase, seat.job, content);
		let submitted = seat.key.sign(&payload).is_some_and(|signature| {
			let transaction = T::create_authorized_transaction(call(signature).into());
			SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok()
		});
		if submitted {
			log::debug!(target: LOG, "job {}: {phase:?} sent", seat.job);
		} else {
			log::warn!(target: LOG, "job {}: {phase:?} could not be signed or sent", seat.job);
			seat.task().give_turn_back();
		}
	}
}

/// Begins with another in every block: a run that ends early, because the engine takes its time, ends
/// early for others each time.
fn take_turns<T>(seats: &mut [T], now: u32) {
	let first = usize::try_from(now).unwrap_or_default().checked_rem(seats.len());
	seats.rotate_left(first.unwrap_or_default());
}

/// The engine and what it said in this run, by request.
struct Desk {
	engine: Option<Engine>,
	replies: BTreeMap<[u8; 32], Reply>,
}
