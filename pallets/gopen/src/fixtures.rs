//! State that benchmarks of other pallets start from.

use crate::{AccountIdOf, Config, Pallet};
use openledger_primitives::{fixtures::VotingPowerFixtures, Balance};
use polkadot_sdk::{
	frame_support::{
		assert_ok,
		traits::fungible::{Inspect, Mutate},
	},
	frame_system,
};

impl<T> VotingPowerFixtures<AccountIdOf<T>> for Pallet<T>
where
	T: Config,
	T::Currency: Mutate<AccountIdOf<T>, Balance = Balance>,
{
	fn deposit(who: &AccountIdOf<T>, amount: Balance) {
		let least = <T::Currency as Inspect<_>>::minimum_balance();
		assert_ok!(T::Currency::mint_into(who, amount.saturating_add(least)));
		assert_ok!(Self::do_deposit(who, amount));
		let next = Self::checkpoint_period().saturating_mul(Self::next_checkpoint());
		frame_system::Pallet::<T>::set_block_number(next.into());
	}
}
