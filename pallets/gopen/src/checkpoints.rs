//! What accounts had when checkpoints were made. A checkpoint is made at the beginning of every block
//! whose height is a multiple of the period: what a block changes counts from the next checkpoint on.

use crate::{
	CheckpointIndex, Checkpointed, Config, Delegations, Deposits, Histories, Pace, Pallet, Past,
	PowerHistory, Received, TrackId, KEPT_CHECKPOINTS,
};
use openledger_math::Steps;
use openledger_primitives::{parameters::DAYS, traits::VotingPower, Balance, BlockNumber};
use polkadot_sdk::{
	frame_support::traits::DefensiveTruncateFrom, frame_system, sp_runtime::SaturatedConversion,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// What governance's periods are divided by.
	pub fn pace() -> u32 {
		Pace::<T>::get().max(1)
	}

	/// A period of governance on this network, in blocks; at least one.
	pub fn paced(period: BlockNumber) -> BlockNumber {
		period.checked_div(Self::pace()).unwrap_or(period).max(1)
	}

	/// Blocks from one checkpoint to the next.
	pub fn checkpoint_period() -> BlockNumber {
		Self::paced(DAYS)
	}

	/// The latest checkpoint made at or before `block`.
	pub fn checkpoint_at(block: BlockNumber) -> CheckpointIndex {
		block.checked_div(Self::checkpoint_period()).unwrap_or_default()
	}

	/// The first checkpoint at which what changes now counts.
	pub(crate) fn next_checkpoint() -> CheckpointIndex {
		Self::checkpoint_at(Self::now()).saturating_add(1)
	}

	/// The earliest checkpoint that anyone may ask for.
	pub(crate) fn oldest_checkpoint() -> CheckpointIndex {
		Self::checkpoint_at(Self::now()).saturating_sub(KEPT_CHECKPOINTS)
	}

	/// The deposit of `who`, over checkpoints.
	pub(crate) fn held(who: &T::AccountId) -> Steps {
		Steps { past: Histories::<T>::get(who).into_inner(), now: Deposits::<T>::get(who) }
	}

	pub(crate) fn put_held(who: &T::AccountId, mut held: Steps) {
		held.forget_before(Self::oldest_checkpoint());
		if held.past.is_empty() {
			Histories::<T>::remove(who);
		} else {
			Histories::<T>::insert(who, Past::defensive_truncate_from(held.past));
		}
		if held.now == 0 {
			Deposits::<T>::remove(who);
		} else {
			Deposits::<T>::insert(who, held.now);
		}
	}

	/// Changes what `to` has received on a track.
	pub(crate) fn change_received(
		track: TrackId,
		to: &T::AccountId,
		change: impl FnOnce(&mut Steps),
	) {
		let mut received = Steps::from(Received::<T>::get(track, to));
		change(&mut received);
		received.forget_before(Self::oldest_checkpoint());
		if received.is_zero() {
			Received::<T>::remove(track, to);
		} else {
			Received::<T>::insert(track, to, Checkpointed::from(received));
		}
	}

	/// gOPEN with which `who` votes on a track where `checkpoint` counts, in planck: its own unless
	/// another votes with that, and what others delegated to it.
	pub fn power_at(who: &T::AccountId, track: TrackId, checkpoint: CheckpointIndex) -> Balance {
		let delegations = Delegations::<T>::get(who);
		let delegated = delegations.iter().any(|d| d.track == track && d.covers(checkpoint));
		let own = if delegated { 0 } else { Self::held(who).at(checkpoint) };
		Steps::from(Received::<T>::get(track, who)).at(checkpoint).saturating_add(own)
	}

	/// What `who` votes with on a track where checkpoints from the next on count, and earlier ones.
	pub fn power_history(who: &T::AccountId, track: TrackId) -> PowerHistory {
		let next = Self::next_checkpoint();
		let mut power = Steps::constant(Self::power_at(who, track, Self::oldest_checkpoint()));
		for checkpoint in Self::oldest_checkpoint().saturating_add(1)..=next {
			power.set(checkpoint, Self::power_at(who, track, checkpoint));
		}
		PowerHistory { now: power.now, past: power.past }
	}
}

impl<T: Config> VotingPower<T::AccountId> for Pallet<T> {
	fn latest_checkpoint() -> u32 {
		Self::checkpoint_at(Self::now())
	}

	fn held_at(who: &T::AccountId, checkpoint: u32) -> Balance {
		Self::held(who).at(checkpoint)
	}
}
