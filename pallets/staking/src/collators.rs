//! What collators earn for their blocks, and what becomes of those that make none.

use crate::{Authored, Config, Event, Idle, Member, Members, Pallet};
use alloc::vec::Vec;
use openledger_math::block_reward;
use openledger_primitives::{
	parameters::Clamp,
	traits::{Role, StakeRewards},
	Balance, BlockNumber,
};
use pallet_session::SessionInterface;
use polkadot_sdk::{
	frame_support::{
		defensive,
		traits::{
			fungible::{Inspect, Mutate},
			tokens::{Fortitude, Preservation},
			ValidatorRegistration,
		},
	},
	frame_system::pallet_prelude::BlockNumberFor,
	pallet_authorship,
	sp_runtime::{traits::Get, SaturatedConversion},
	sp_staking::SessionIndex,
};

impl<T: Config> pallet_authorship::EventHandler<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn note_author(author: T::AccountId) {
		Authored::<T>::mutate(author, |blocks| *blocks = blocks.saturating_add(1));
	}
}

impl<T: Config> Pallet<T> {
	/// Members that could collate, in the order of accounts: a bond of at least the minimum, and
	/// session keys.
	pub(crate) fn candidates() -> Vec<Member<T::AccountId>> {
		let minimum = Self::minimum(Role::Collator);
		let mut members = Members::<T>::get(Role::Collator).into_inner();
		members.retain(|member| member.own >= minimum && T::Sessions::is_registered(&member.who));
		members
	}

	/// Those of the set that stands that will go on, as far as is known, in the order of accounts.
	fn staying() -> Vec<T::AccountId> {
		let minimum = Self::minimum(Role::Collator);
		let standing = T::Sessions::validators();
		let mut members = Members::<T>::get(Role::Collator).into_inner();
		members.retain(|member| member.own >= minimum && standing.contains(&member.who));
		members.into_iter().map(|member| member.who).collect()
	}

	/// Whether the set can do without `who`, who may not be in it at all.
	pub(crate) fn can_do_without(who: &T::AccountId) -> bool {
		let staying = Self::staying();
		!staying.contains(who) || Self::are_enough(staying.len().saturating_sub(1))
	}

	/// Whether so many collators are as many as there must be.
	fn are_enough(collators: usize) -> bool {
		let collators: u32 = collators.saturated_into();
		collators >= Self::parameters().min_collators
	}

	/// Credits the set that stands with its blocks of `session`, and chills those that have made none
	/// for too long.
	pub(crate) fn reward_blocks(session: SessionIndex) {
		let authored: Vec<(T::AccountId, BlockNumber)> = T::Sessions::validators()
			.into_iter()
			.map(|who| {
				let blocks = Authored::<T>::take(&who);
				(who, blocks)
			})
			.collect();
		let blocks = authored.iter().fold(0, |sum: BlockNumber, (_, n)| sum.saturating_add(*n));
		let each = Self::fund(blocks);
		for (who, own) in &authored {
			Self::reward(Role::Collator, who, each.saturating_mul((*own).into()));
		}
		// a chain that stood still owes nobody, and blames nobody
		if blocks > 0 {
			let amount = each.saturating_mul(blocks.into());
			Self::deposit_event(Event::BlocksRewarded { session, blocks, amount });
			Self::chill_idle(authored, blocks);
		}
	}

	/// Looks who of a set made none of a session's `blocks`, and chills whoever has missed too many
	/// turns in a row, unless hardly anyone else could collate.
	fn chill_idle(authored: Vec<(T::AccountId, BlockNumber)>, blocks: BlockNumber) {
		let turns = Self::parameters().max_idle_turns;
		let most = turns.saturating_mul(authored.len().saturated_into());
		let mut staying = Self::staying();
		for (who, own) in authored {
			let at = staying.iter().position(|member| *member == who);
			let (0, Some(at)) = (own, at) else {
				// it is awake, or on its way out
				Idle::<T>::remove(&who);
				continue;
			};
			let idle = Idle::<T>::get(&who).saturating_add(blocks);
			if idle < most || !Self::are_enough(staying.len().saturating_sub(1)) {
				Idle::<T>::insert(who, idle);
				continue;
			}
			staying.remove(at);
			Idle::<T>::remove(&who);
			Self::chill_in(Role::Collator, &who);
			Self::deposit_event(Event::CollatorIdle { who, blocks: idle });
		}
	}

	/// Moves what `blocks` blocks earn into the pot, and says how much that is for each: less than the
	/// schedule's when the community pot has less.
	fn fund(blocks: BlockNumber) -> Balance {
		let parameters = T::RewardParameters::get().clamped();
		let source = T::RewardSource::get();
		let available =
			T::Currency::reducible_balance(&source, Preservation::Preserve, Fortitude::Polite);
		let due = block_reward(parameters.first_reward, parameters.half_life, Self::now());
		let Some(affordable) = available.checked_div(blocks.into()) else { return 0 };
		let each = due.min(affordable);
		let amount = each.saturating_mul(blocks.into());
		if amount == 0 {
			return 0;
		}
		match T::Currency::transfer(&source, &Self::pot(), amount, Preservation::Preserve) {
			Ok(_) => each,
			Err(_) => {
				defensive!("what is reducible can be moved");
				0
			}
		}
	}
}
