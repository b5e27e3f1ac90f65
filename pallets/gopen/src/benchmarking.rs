//! What calls cost an account with as long a history as it may have.

use crate::*;
use alloc::vec::Vec;
use openledger_primitives::{
	parameters::{Clamp, GopenParameters},
	Balance, BlockNumber,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		assert_ok,
		traits::{
			fungible::{Inspect, Mutate},
			Get, Polling,
		},
	},
	frame_system::{self, RawOrigin},
};

/// What votes count in benchmarks: the latest of all that are kept.
const CHECKPOINT: CheckpointIndex = KEPT_CHECKPOINTS;

fn parameters<T: Config>() -> GopenParameters {
	T::Parameters::get().clamped()
}

fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

/// A block whose checkpoint is [`CHECKPOINT`].
fn go_to_checkpoint<T: Config>() {
	go_to::<T>(Pallet::<T>::checkpoint_period().saturating_mul(CHECKPOINT));
}

/// Gives `who` `times` the least deposit, and deposits `deposited` times as much.
fn endow<T>(who: &T::AccountId, times: u32, deposited: u32)
where
	T: Config,
	T::Currency: Mutate<T::AccountId, Balance = Balance>,
{
	let least = parameters::<T>().min_deposit;
	let amount = least.saturating_mul(times.into());
	assert_ok!(T::Currency::mint_into(
		who,
		amount.saturating_add(<T::Currency as Inspect<_>>::minimum_balance())
	));
	if deposited > 0 {
		assert_ok!(Pallet::<T>::do_deposit(who, least.saturating_mul(deposited.into())));
	}
}

/// Withdraws the least deposit in each of the first `withdrawals` blocks.
fn withdraw<T: Config>(who: &T::AccountId, withdrawals: u32) {
	for block in 1..=withdrawals {
		go_to::<T>(block);
		assert_ok!(Pallet::<T>::do_withdraw(who, parameters::<T>().min_deposit));
	}
}

/// A step at every checkpoint that is kept, each a planck higher, up to `most`.
fn steps(most: Balance) -> Past {
	let below = |until: CheckpointIndex| most.saturating_sub((CHECKPOINT + 2 - until).into());
	let steps: Vec<_> = (1..=CHECKPOINT).map(|until| (until, below(until))).collect();
	steps.try_into().unwrap_or_default()
}

/// Lets the deposit of `who` have grown at every checkpoint, up to the least deposit; the rest came
/// after the last.
fn grown<T: Config>(who: &T::AccountId) {
	Histories::<T>::insert(who, steps(parameters::<T>().min_deposit));
	let mut held = Pallet::<T>::held(who);
	held.past.push((CHECKPOINT + 1, parameters::<T>().min_deposit));
	Pallet::<T>::put_held(who, held);
}

fn delegate<T: Config>(number: u32) -> T::AccountId {
	account("delegate", number, 0)
}

/// What `to` has received on a track was another at every checkpoint.
fn received<T: Config>(track: TrackId, to: &T::AccountId) {
	let now = parameters::<T>().min_deposit.saturating_mul(100);
	Received::<T>::insert(track, to, Checkpointed { now, past: steps(now) });
}

/// `who` delegates to `number` others, each on a track of its own, from the first checkpoint to before
/// `until`.
fn delegated<T: Config>(who: &T::AccountId, number: u32, until: Option<CheckpointIndex>) {
	let delegation =
		|n: u32| Delegation { track: n as TrackId, to: delegate::<T>(n), from: 0, until };
	for n in 0..number {
		received::<T>(n as TrackId, &delegate::<T>(n));
	}
	let delegations: Vec<_> = (0..number).map(delegation).collect();
	Delegations::<T>::insert(who, DelegationsOf::try_from(delegations).unwrap_or_default());
}

/// Votes of `who` on `number` referenda of a track.
fn votes<T: Config>(
	who: &T::AccountId,
	track: TrackId,
	number: u32,
	referendum: impl Fn() -> ReferendumIndex,
) {
	let ballot =
		|_| Ballot { referendum: referendum(), checkpoint: CHECKPOINT, vote: Vote::Nay, power: 1 };
	let ballots: Vec<_> = (0..number).map(ballot).collect();
	Ballots::<T>::insert(who, track, BallotsOf::try_from(ballots).unwrap_or_default());
}

/// Votes of `who` on as many referenda as may be, none of which runs any more.
fn ended_votes<T: Config>(who: &T::AccountId, track: TrackId, list: u32) {
	// every list has referenda of its own, so that each is read
	let first = (ReferendumIndex::MAX / 2).saturating_add(list.saturating_mul(MAX_BALLOTS));
	let next = core::cell::Cell::new(first);
	votes::<T>(who, track, MAX_BALLOTS, || {
		next.set(next.get().saturating_add(1));
		next.get()
	});
	Ballots::<T>::mutate(who, track, |ballots| {
		ballots.iter_mut().for_each(|ballot| ballot.checkpoint = CHECKPOINT - 1);
	});
}

#[benchmarks(where T::Currency: Mutate<T::AccountId, Balance = Balance>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn deposit(d: Linear<0, MAX_DELEGATIONS>) {
		let caller: T::AccountId = whitelisted_caller();
		let amount = parameters::<T>().min_deposit;
		endow::<T>(&caller, MAX_WITHDRAWALS + 4, MAX_WITHDRAWALS + 3);
		super::withdraw::<T>(&caller, MAX_WITHDRAWALS);
		go_to_checkpoint::<T>();
		grown::<T>(&caller);
		delegated::<T>(&caller, d, None);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		assert_eq!(Deposits::<T>::get(&caller), amount.saturating_mul(4));
	}

	#[benchmark]
	fn withdraw(d: Linear<0, MAX_DELEGATIONS>, b: Linear<0, { 2 * MAX_BALLOTS }>) {
		let caller: T::AccountId = whitelisted_caller();
		let amount = parameters::<T>().min_deposit;
		endow::<T>(&caller, MAX_WITHDRAWALS + 3, MAX_WITHDRAWALS + 3);
		super::withdraw::<T>(&caller, MAX_WITHDRAWALS - 1);
		go_to_checkpoint::<T>();
		grown::<T>(&caller);
		// on tracks where the caller votes itself, so that its votes are looked at
		let own = T::Polls::classes();
		delegated::<T>(&caller, d, Some(CHECKPOINT));
		for (at, track) in own.into_iter().enumerate() {
			let before = MAX_BALLOTS.saturating_mul(at as u32);
			let number = b.saturating_sub(before).min(MAX_BALLOTS);
			if number > 0 {
				votes::<T>(&caller, track, number, || T::Starts::start(track));
			}
		}
		for n in 0..d {
			ended_votes::<T>(&delegate::<T>(n), n as TrackId, n);
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		assert_eq!(Withdrawals::<T>::get(&caller).len() as u32, MAX_WITHDRAWALS);
	}

	#[benchmark]
	fn complete_withdrawal() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller, MAX_WITHDRAWALS + 1, MAX_WITHDRAWALS + 1);
		super::withdraw::<T>(&caller, MAX_WITHDRAWALS);
		go_to::<T>(MAX_WITHDRAWALS.saturating_add(parameters::<T>().cooldown));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!Withdrawals::<T>::contains_key(&caller));
	}

	/// An account that delegates already, with others to be cleared.
	fn changing<T>() -> T::AccountId
	where
		T: Config,
		T::Currency: Mutate<T::AccountId, Balance = Balance>,
	{
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller, 4, 4);
		go_to_checkpoint::<T>();
		grown::<T>(&caller);
		go_to::<T>(Pallet::<T>::checkpoint_period().saturating_mul(2 * KEPT_CHECKPOINTS));
		delegated::<T>(&caller, MAX_DELEGATIONS, Some(CHECKPOINT));
		Delegations::<T>::mutate(&caller, |delegations| {
			if let Some(last) = delegations.last_mut() {
				*last =
					Delegation { track: 0, to: delegate::<T>(0), from: CHECKPOINT, until: None };
			}
		});
		for n in 0..MAX_DELEGATIONS {
			ended_votes::<T>(&delegate::<T>(n), n as TrackId, n);
		}
		caller
	}

	#[benchmark]
	fn delegate_votes() {
		let caller = changing::<T>();
		let to: T::AccountId = account("new", 0, 0);
		received::<T>(0, &to);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, to.clone());

		let delegations = Delegations::<T>::get(&caller);
		assert!(delegations.iter().any(|d| d.to == to && d.until.is_none()));
	}

	#[benchmark]
	fn undelegate_votes() {
		let caller = changing::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0);

		assert!(Delegations::<T>::get(&caller).iter().all(|d| d.until.is_some()));
	}

	/// A voter with a full list of votes.
	fn voter<T>(referendum: impl Fn() -> ReferendumIndex) -> T::AccountId
	where
		T: Config,
		T::Currency: Mutate<T::AccountId, Balance = Balance>,
	{
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller, 4, 4);
		go_to_checkpoint::<T>();
		grown::<T>(&caller);
		delegated::<T>(&caller, MAX_DELEGATIONS, Some(1));
		received::<T>(0, &caller);
		votes::<T>(&caller, 0, MAX_BALLOTS, referendum);
		caller
	}

	#[benchmark]
	fn vote() {
		let referendum = T::Starts::start(0);
		let caller = voter::<T>(|| 0);
		ended_votes::<T>(&caller, 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), referendum, Vote::Aye);

		assert_eq!(Ballots::<T>::get(&caller, 0).len(), 1);
	}

	#[benchmark]
	fn remove_vote() {
		let caller = voter::<T>(|| T::Starts::start(0));
		let referendum = Ballots::<T>::get(&caller, 0).last().map(|b| b.referendum);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), referendum.unwrap_or_default());

		assert_eq!(Ballots::<T>::get(&caller, 0).len() as u32, MAX_BALLOTS - 1);
	}

	#[benchmark]
	fn forget() {
		let caller: T::AccountId = whitelisted_caller();
		let who = changing::<T>();
		received::<T>(0, &who);
		Delegations::<T>::mutate(&who, |delegations| {
			delegations.iter_mut().for_each(|delegation| delegation.track = 0);
		});
		for n in 0..MAX_DELEGATIONS {
			received::<T>(0, &delegate::<T>(n));
			ended_votes::<T>(&delegate::<T>(n), 0, n);
		}
		ended_votes::<T>(&who, 0, MAX_DELEGATIONS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), who.clone(), 0);

		assert!(Ballots::<T>::get(&who, 0).is_empty());
	}

	#[benchmark]
	fn time_out() {
		let caller: T::AccountId = whitelisted_caller();
		let referendum = T::Starts::start(0);
		go_to::<T>(BlockNumber::MAX / 2);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), referendum);

		assert!(T::Starts::start_of(referendum).is_none());
	}

	#[benchmark]
	fn sync_inactive() {
		Deactivated::<T>::put(1);

		#[block]
		{
			Pallet::<T>::sync_inactive();
		}

		assert_eq!(Deactivated::<T>::get(), Pallet::<T>::asleep());
	}
}
