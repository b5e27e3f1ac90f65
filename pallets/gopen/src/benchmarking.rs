//! What calls cost an account with as many withdrawals on their way as it may have.

use crate::*;
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
			Get,
		},
	},
	frame_system::{self, RawOrigin},
};

fn parameters<T: Config>() -> GopenParameters {
	T::Parameters::get().clamped()
}

fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
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

#[benchmarks(where T::Currency: Mutate<T::AccountId, Balance = Balance>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn deposit() {
		let caller: T::AccountId = whitelisted_caller();
		let amount = parameters::<T>().min_deposit;
		endow::<T>(&caller, MAX_WITHDRAWALS + 2, MAX_WITHDRAWALS + 1);
		super::withdraw::<T>(&caller, MAX_WITHDRAWALS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		assert_eq!(Deposits::<T>::get(&caller), amount.saturating_mul(2));
	}

	#[benchmark]
	fn withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		let amount = parameters::<T>().min_deposit;
		endow::<T>(&caller, MAX_WITHDRAWALS + 1, MAX_WITHDRAWALS + 1);
		super::withdraw::<T>(&caller, MAX_WITHDRAWALS - 1);
		go_to::<T>(MAX_WITHDRAWALS);

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
}
