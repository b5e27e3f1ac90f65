//! What time brings: deadlines and draws. Bounded work in every block.

use crate::{
	types::{Due, Round},
	AuditQueue, CommitQueue, Config, DisputeQueue, Pallet, RevealQueue, Rounds, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use openledger_primitives::{traits::Clock, worker::Phase, JobId};
use polkadot_sdk::frame_support;

/// The most audits and the most disputes drawn in one block: a draw looks at every server of a model.
const MAX_DRAWS: u32 = 8;

impl<T: Config> Pallet<T> {
	/// Works off what is due.
	pub(crate) fn work_queues() -> Weight {
		let (now, active) = (Self::now(), T::Clock::active_blocks());
		T::WeightInfo::on_initialize()
			.saturating_add(Self::close_phases(active))
			.saturating_add(Self::draw_more(now))
			.saturating_add(Self::mature(now, active))
			.saturating_add(Self::prune(now))
	}

	pub(crate) fn close_phases(active: u32) -> Weight {
		let most = T::MaxQueueWork::get();
		let commits = take_due(most, active, CommitQueue::<T>::peek, CommitQueue::<T>::pop);
		let reveals = take_due(most, active, RevealQueue::<T>::peek, RevealQueue::<T>::pop);
		let commits = commits.into_iter().map(|due| Self::close_phase(due.job, Phase::Commit));
		let reveals = reveals.into_iter().map(|due| Self::close_phase(due.job, Phase::Reveal));
		commits.chain(reveals).fold(Weight::zero(), Weight::saturating_add)
	}

	fn draw_more(now: u32) -> Weight {
		let most = T::MaxQueueWork::get().min(MAX_DRAWS);
		let audits = take_due(most, now, AuditQueue::<T>::peek, AuditQueue::<T>::pop);
		let disputes = take_due(most, now, DisputeQueue::<T>::peek, DisputeQueue::<T>::pop);
		let audits = audits.into_iter().map(Self::draw_audit);
		let disputes = disputes.into_iter().map(Self::draw_dispute);
		audits.chain(disputes).fold(Weight::zero(), Weight::saturating_add)
	}

	/// Ends `phase` of a job if its deadline passed while it lasted.
	fn close_phase(job: JobId, phase: Phase) -> Weight {
		let weight = T::WeightInfo::pass_deadline();
		// an audit has its own deadline, with an entry of its own
		let is_over = |round: &Round<T::AccountId>| {
			round.phase == phase && !round.awaits_audit() && Self::now() > Self::deadline_of(round)
		};
		let Some(round) = Rounds::<T>::get(job).filter(is_over) else { return weight };
		if phase == Phase::Commit && round.committed() > 0 {
			if Self::close_commits(job, round).is_err() {
				CommitQueue::<T>::push(Due { at: Self::due_after(1), job });
			}
			return weight.saturating_add(T::WeightInfo::close_commits());
		}
		match with_storage_layer(|| Self::settle(job, round)) {
			Ok(settlement) => weight.saturating_add(settlement),
			Err(error) => {
				// nothing is lost: the fee stays held and the round stays until this succeeds
				log::error!(target: crate::LOG, "job {job}: not settled: {error:?}");
				let parameters = Self::parameters();
				match phase {
					Phase::Commit => CommitQueue::<T>::push(Due {
						at: Self::due_after(parameters.commit_period),
						job,
					}),
					Phase::Reveal => RevealQueue::<T>::push(Due {
						at: Self::due_after(parameters.reveal_period),
						job,
					}),
				}
				weight.saturating_add(Self::heaviest_end())
			}
		}
	}
}

/// Takes what is due from a queue, `most` entries at most.
///
/// Queues are first in, first out: after governance shortened a period, newer entries wait for those
/// before them. They are late then, never early.
pub(crate) fn take_due(
	most: u32,
	now: u32,
	peek: fn() -> Option<Due>,
	pop: fn() -> Option<Due>,
) -> Vec<Due> {
	let mut taken = Vec::new();
	for _ in 0..most {
		if peek().is_none_or(|due| due.at > now) {
			break;
		}
		taken.extend(pop());
	}
	taken
}
