//! `claim` and `claim_for`.

use crate::{
	mock::*,
	types::{Part, Payout},
	Claimable, Error, Event, Owed,
};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{mocks::State, ContributionId, JobId};
use polkadot_sdk::{frame_support, sp_runtime};
use sp_runtime::DispatchError;

/// A matured job in which Alice's contribution has this influence.
fn matured(influence: u32) -> JobId {
	let job = assigned(1, &[W1]);
	answer(&[(W1, report(job, 3, &[(1, influence)]))]);
	go_to(5);
	job
}

#[test]
fn a_claim_pays_out_once() {
	new_test_ext().execute_with(|| {
		matured(500_000);
		let amount = Attribution::claimable(&ALICE);
		let owed = Owed::<Test>::get();
		assert!(amount > ED);
		assert_ok!(Attribution::claim_for(RuntimeOrigin::signed(STRANGER), ALICE));
		assert_eq!(Balances::free_balance(ALICE), amount);
		assert_eq!(Owed::<Test>::get(), owed - amount);
		assert!(!Claimable::<Test>::contains_key(ALICE));
		assert_eq!(last_event(), Event::Claimed { account: ALICE, amount });
		check();
		assert_noop!(
			Attribution::claim(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::NothingToClaim
		);
	});
}

#[test]
fn everyone_claims_for_themselves_and_only_the_deposit_is_left() {
	new_test_ext().execute_with(|| {
		matured(500_000);
		for who in [ALICE, OWNER, BASE_OWNER, W1] {
			assert_ok!(Attribution::claim(RuntimeOrigin::signed(who)));
			check();
		}
		assert_eq!(Owed::<Test>::get(), 0);
		assert_eq!(Balances::free_balance(Attribution::pot()), ED);
	});
}

#[test]
fn there_is_nothing_to_claim_before_maturity() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, &[(1, 500_000)]))]);
		assert_noop!(
			Attribution::claim(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::NothingToClaim
		);
		assert_noop!(
			Attribution::claim_for(RuntimeOrigin::signed(STRANGER), ALICE),
			Error::<Test>::NothingToClaim
		);
	});
}

#[test]
fn a_claim_too_small_for_a_new_account_waits() {
	new_test_ext().execute_with(|| {
		// 485,000 planck of data · 12 ppm are 5 planck
		matured(12);
		assert_eq!(Attribution::claimable(&ALICE), 5);
		assert_noop!(
			Attribution::claim_for(RuntimeOrigin::signed(STRANGER), ALICE),
			Error::<Test>::BelowExistentialDeposit
		);
		let fund = Balances::force_set_balance(RuntimeOrigin::root(), ALICE, ED);
		assert_ok!(fund);
		assert_ok!(Attribution::claim_for(RuntimeOrigin::signed(STRANGER), ALICE));
		assert_eq!(Balances::free_balance(ALICE), ED + 5);
	});
}

#[test]
fn nobody_claims_without_a_signature() {
	new_test_ext().execute_with(|| {
		matured(500_000);
		assert_noop!(Attribution::claim(RuntimeOrigin::root()), DispatchError::BadOrigin);
		assert_noop!(Attribution::claim(RuntimeOrigin::none()), DispatchError::BadOrigin);
		assert_noop!(
			Attribution::claim_for(RuntimeOrigin::none(), ALICE),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn one_account_in_many_parts_claims_them_together() {
	new_test_ext().execute_with(|| {
		State::with(|state| {
			state.payees.insert(ContributionId(1), W1);
			state.models.get_mut(&MODEL).unwrap().owner = W1;
		});
		let job = matured(500_000);
		// what its stake earns is not for it to claim
		let is_its = |payout: &Payout<u64>| payout.account == W1 && payout.part != Part::Delegators;
		let of_worker = receipt(job).payouts.into_iter().filter(is_its);
		let (parts, sum) = of_worker.fold((0, 0), |(n, sum), payout| (n + 1, sum + payout.amount));
		assert_eq!(parts, 3);
		assert_eq!(Attribution::claimable(&W1), sum);
	});
}
