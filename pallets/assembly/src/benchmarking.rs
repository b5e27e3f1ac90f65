//! What calls cost in a Datanet whose people earned enough and hold enough.

use crate::*;
use openledger_primitives::{
	fixtures::{DatanetFixtures, SelfRuleFixtures, VotingPowerFixtures},
	Balance, DatanetId, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{assert_ok, traits::fungible::Mutate},
	frame_system::{self, RawOrigin},
};

/// What each voter earned and holds, in planck.
const SHARE: Balance = 1_000 * OPEN;

/// A Datanet in which `voters` earned as much as they hold.
fn datanet<T>(voters: &[&AccountIdOf<T>]) -> DatanetId
where
	T: Config,
	T::Currency: Mutate<AccountIdOf<T>>,
	T::Datanets: DatanetFixtures<AccountIdOf<T>> + SelfRuleFixtures<AccountIdOf<T>, T::Policy>,
	T::Power: VotingPowerFixtures<AccountIdOf<T>>,
{
	let datanet = T::Datanets::datanet(&account("owner", 0, 0), 0);
	for who in voters {
		assert_ok!(T::Currency::mint_into(who, Pallet::<T>::parameters().deposit));
		T::Power::deposit(who, SHARE);
	}
	for who in voters {
		T::Datanets::earn(datanet, who, SHARE);
	}
	datanet
}

/// A vote on it.
fn proposed<T>(voters: &[&AccountIdOf<T>]) -> DatanetId
where
	T: Config,
	T::Currency: Mutate<AccountIdOf<T>>,
	T::Datanets: DatanetFixtures<AccountIdOf<T>> + SelfRuleFixtures<AccountIdOf<T>, T::Policy>,
	T::Power: VotingPowerFixtures<AccountIdOf<T>>,
{
	let proposer: T::AccountId = account("proposer", 0, 0);
	let datanet = datanet::<T>(&[voters, &[&proposer]].concat());
	assert_ok!(Pallet::<T>::do_propose(proposer, datanet, T::Datanets::policy()));
	datanet
}

/// Lets `count` have voted for the policy, and ends the vote.
fn decided_by<T: Config>(datanet: DatanetId, count: u32) {
	Votes::<T>::mutate(datanet, |vote| {
		let Some(vote) = vote else { return };
		for n in 0..count {
			let voter: T::AccountId = account("voter", n, 0);
			Ballots::<T>::insert(datanet, &voter, Ballot { aye: true, weight: 1 });
		}
		vote.ballots = count;
		// so that a policy is set however few they are
		vote.tally = Tally { ayes: vote.turnout, nays: 0 };
		frame_system::Pallet::<T>::set_block_number(vote.ends_at.into());
	});
}

#[benchmarks(
	where
		T::Currency: Mutate<AccountIdOf<T>>,
		T::Datanets: DatanetFixtures<AccountIdOf<T>> + SelfRuleFixtures<AccountIdOf<T>, T::Policy>,
		T::Power: VotingPowerFixtures<AccountIdOf<T>>,
)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn propose() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = datanet::<T>(&[&caller]);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, T::Datanets::policy());

		assert!(Votes::<T>::contains_key(datanet));
	}

	/// A ballot that was cast before.
	#[benchmark]
	fn vote() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = proposed::<T>(&[&caller]);
		assert_ok!(Pallet::<T>::do_vote(caller.clone(), datanet, true));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, false);

		assert!(Votes::<T>::get(datanet).is_some_and(|found| found.tally.nays == SHARE));
	}

	#[benchmark]
	fn remove_vote() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = proposed::<T>(&[&caller]);
		assert_ok!(Pallet::<T>::do_vote(caller.clone(), datanet, true));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet);

		assert!(!Ballots::<T>::contains_key(datanet, &caller));
	}

	/// `n`: ballots that are cleared. The policy is set.
	#[benchmark]
	fn close(n: Linear<0, { T::MaxCleared::get() }>) {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = proposed::<T>(&[]);
		decided_by::<T>(datanet, n);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet);

		assert!(!Votes::<T>::contains_key(datanet));
	}
}
