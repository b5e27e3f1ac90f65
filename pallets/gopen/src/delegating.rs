//! Who votes for whom. A delegation is not handed on: what is delegated to an account stays with it
//! when that account delegates its own gOPEN, so that no chain and no circle of delegations counts
//! anything twice.

use crate::{
	AccountIdOf, Ballots, CheckpointIndex, Config, Delegation, Delegations, DelegationsOf,
	Deposits, Error, Event, Pallet, TrackId,
};
use openledger_math::Steps;
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{ensure, pallet_prelude::DispatchResult, traits::Polling},
	sp_runtime::DispatchError,
};

/// Delegations that a call clears at most.
const CLEARED_AT_ONCE: u32 = 2;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_delegate(
		who: &AccountIdOf<T>,
		track: TrackId,
		to: AccountIdOf<T>,
	) -> DispatchResult {
		ensure!(T::Polls::classes().contains(&track), Error::<T>::UnknownTrack);
		if to == *who {
			return Self::do_undelegate(who, track);
		}
		let deposit = Deposits::<T>::get(who);
		ensure!(deposit > 0, Error::<T>::NothingDeposited);
		let next = Self::next_checkpoint();
		Self::change_delegations(who, |delegations| {
			if let Some(current) = current(delegations, track) {
				ensure!(current.to != to, Error::<T>::AlreadyDelegated);
				Self::end(delegations, track, deposit, next);
			}
			Self::begin(delegations, track, &to, deposit, next)
		})?;
		Self::deposit_event(Event::VotesDelegated { who: who.clone(), track, to, from: next });
		Ok(())
	}

	pub(crate) fn do_undelegate(who: &AccountIdOf<T>, track: TrackId) -> DispatchResult {
		let next = Self::next_checkpoint();
		let deposit = Deposits::<T>::get(who);
		let delegate = Self::change_delegations(who, |delegations| {
			let delegate = current(delegations, track).ok_or(Error::<T>::NotDelegated)?.to.clone();
			Self::end(delegations, track, deposit, next);
			Ok(delegate)
		})?;
		let who = who.clone();
		Self::deposit_event(Event::VotesUndelegated { who, track, delegate, from: next });
		Ok(())
	}

	/// Ends the delegation on a track: one that never counted leaves no trace.
	fn end(
		delegations: &mut DelegationsOf<AccountIdOf<T>>,
		track: TrackId,
		deposit: Balance,
		next: CheckpointIndex,
	) {
		for delegation in delegations.iter_mut() {
			if delegation.track == track && delegation.until.is_none() {
				delegation.until = Some(next);
				let to = delegation.to.clone();
				Self::change_received(track, &to, |received| {
					received.set(next, received.now.saturating_sub(deposit));
				});
			}
		}
		delegations.retain(|delegation| delegation.until != Some(delegation.from));
	}

	fn begin(
		delegations: &mut DelegationsOf<AccountIdOf<T>>,
		track: TrackId,
		to: &AccountIdOf<T>,
		deposit: Balance,
		next: CheckpointIndex,
	) -> DispatchResult {
		let same =
			|d: &&mut Delegation<_>| d.track == track && d.to == *to && d.until == Some(next);
		match delegations.iter_mut().find(same) {
			Some(just_ended) => just_ended.until = None,
			None => delegations
				.try_push(Delegation { track, to: to.clone(), from: next, until: None })
				.map_err(|_| Error::<T>::TooManyDelegations)?,
		}
		Self::change_received(track, to, |received| {
			received.set(next, received.now.saturating_add(deposit));
		});
		Ok(())
	}

	/// Changes the delegations of `who`, without those that nobody asks for any more.
	fn change_delegations<R>(
		who: &AccountIdOf<T>,
		change: impl FnOnce(&mut DelegationsOf<AccountIdOf<T>>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		let mut delegations = Delegations::<T>::get(who);
		Self::clear_over(&mut delegations, None);
		let result = change(&mut delegations)?;
		Self::put_delegations(who, delegations);
		Ok(result)
	}

	/// Clears delegations that nobody asks for any more, on a track or on all: two at a time, which is
	/// more than a call begins.
	pub(crate) fn clear_over(
		delegations: &mut DelegationsOf<AccountIdOf<T>>,
		track: Option<TrackId>,
	) {
		let mut more = CLEARED_AT_ONCE;
		delegations.retain(|delegation| {
			let asked = track.is_none_or(|track| track == delegation.track);
			let over = more > 0 && asked && Self::is_over(delegation);
			more = more.saturating_sub(over.into());
			!over
		});
	}

	pub(crate) fn put_delegations(
		who: &AccountIdOf<T>,
		delegations: DelegationsOf<AccountIdOf<T>>,
	) {
		if delegations.is_empty() {
			Delegations::<T>::remove(who);
		} else {
			Delegations::<T>::insert(who, delegations);
		}
	}

	/// Whether no running referendum counts a delegation and none that starts will. What the delegate
	/// received is cleared with it.
	fn is_over(delegation: &Delegation<AccountIdOf<T>>) -> bool {
		let Delegation { track, to, until, .. } = delegation;
		if until.is_none_or(|until| until > Self::oldest_checkpoint()) {
			return false;
		}
		let ballots = Ballots::<T>::get(to, track);
		let counted = |b: &crate::Ballot| delegation.covers(b.checkpoint) && Self::is_running(b);
		if ballots.iter().any(counted) {
			return false;
		}
		Self::change_received(*track, to, |_| {});
		true
	}

	/// Tells the delegates of `who` that it has deposited `amount` more. Says how many there are.
	pub(crate) fn delegate_more(who: &AccountIdOf<T>, amount: Balance) -> u32 {
		let next = Self::next_checkpoint();
		let mut told = 0u32;
		for delegation in Delegations::<T>::get(who).iter().filter(|d| d.until.is_none()) {
			Self::change_received(delegation.track, &delegation.to, |received| {
				received.set(next, received.now.saturating_add(amount));
			});
			told = told.saturating_add(1);
		}
		told
	}

	/// Takes from the delegates of `who` what it withdraws, at every checkpoint at which they had it.
	/// Says how many there are.
	pub(crate) fn delegate_less(who: &AccountIdOf<T>, less: &Steps, all: bool) -> u32 {
		let delegations = Delegations::<T>::get(who);
		for Delegation { track, to, from, until } in &delegations {
			Self::change_received(*track, to, |received| received.lessen(less, *from, *until));
		}
		if all {
			Delegations::<T>::remove(who);
		}
		delegations.len() as u32
	}
}

fn current<AccountId>(
	delegations: &[Delegation<AccountId>],
	track: TrackId,
) -> Option<&Delegation<AccountId>> {
	delegations.iter().find(|d| d.track == track && d.until.is_none())
}
