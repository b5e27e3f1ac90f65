//! Every planck of a review fee finds an owner.

use crate::{mock::*, *};
use openledger_primitives::{Balance, OPEN};

const FEE: Balance = OPEN + 1;
const SHARE: Balance = FEE / 3;

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

#[test]
fn a_whole_panel_shares_the_fee_and_the_treasury_gets_the_remainder() {
	for verdict in [accepting(), rejecting()] {
		test(|| {
			create();
			let (id, panel) = drawn(ALICE, 1);
			judge_finally(id, [verdict; 3]);
			assert!(panel.iter().all(|curator| free(*curator) == START + SHARE));
			assert_eq!(fee_shares(id), (3 * SHARE, FEE - 3 * SHARE, 0));
			assert_eq!(free(TREASURY), 1_000 + FEE - 3 * SHARE);
			assert_eq!(held(HoldReason::Review, ALICE), 0);
		});
	}
}

#[test]
fn an_outvoted_curators_part_goes_to_the_treasury() {
	for verdicts in
		[[accepting(), rejecting(), accepting()], [rejecting(), accepting(), rejecting()]]
	{
		test(|| {
			create();
			let (id, panel) = drawn(ALICE, 1);
			judge_finally(id, verdicts);
			assert_eq!(fee_shares(id), (2 * SHARE, FEE - 2 * SHARE, 0));
			assert_eq!(free(panel[1]), START);
			assert_eq!(free(TREASURY), 1_000 + FEE - 2 * SHARE);
		});
	}
}

#[test]
fn an_absent_curators_part_goes_to_the_treasury() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		panel.iter().for_each(|curator| commit(*curator, id, accepting()));
		reveal(panel[0], id, accepting());
		reveal(panel[1], id, accepting());
		run_to(now() + small().reveal_period + 1);
		finish();
		assert_eq!(fee_shares(id), (2 * SHARE, FEE - 2 * SHARE, 0));
		assert_eq!(free(panel[2]), START);
		assert_eq!(free(TREASURY), 1_000 + FEE - 2 * SHARE);
	});
}

#[test]
fn a_tie_pays_those_who_worked_and_returns_the_rest() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		let verdicts = [accepting(), rejecting(), accepting()];
		for (curator, verdict) in panel.iter().zip(verdicts) {
			commit(*curator, id, verdict);
		}
		for (curator, verdict) in panel.iter().zip(verdicts).take(2) {
			reveal(*curator, id, verdict);
		}
		run_to(now() + small().reveal_period + 1);
		assert_eq!(rejection(id), Some(RejectionReason::Tie));
		assert_eq!(fee_shares(id), (2 * SHARE, 0, FEE - 2 * SHARE));
		assert_eq!(free(ALICE), START - 2 * SHARE);
		assert_eq!(free(TREASURY), 1_000);
	});
}

#[test]
fn a_curator_that_cannot_be_paid_leaves_its_part_to_the_treasury() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		for curator in &panel {
			commit(*curator, id, accepting());
		}
		// a dead account cannot take less than the existential deposit
		Reviews::<Test>::mutate(id, |review| review.as_mut().unwrap().fee = 15);
		let surplus = FEE - 15;
		release_review(ALICE, surplus);
		kill(panel[0]);
		panel.iter().for_each(|curator| reveal(*curator, id, accepting()));
		finish();
		assert_eq!(fee_shares(id), (10, 5, 0));
		assert_eq!(free(TREASURY), 1_005);
		restore(panel[0]);
	});
}

#[test]
fn a_treasury_that_cannot_be_paid_returns_the_rest() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		kill(TREASURY);
		judge_finally(id, [accepting(); 3]);
		// two planck are below the existential deposit
		assert_eq!(fee_shares(id), (3 * SHARE, 0, FEE - 3 * SHARE));
		assert_eq!(free(panel[0]), START + SHARE);
		restore(TREASURY);
	});
}

fn release_review(who: AccountId, amount: Balance) {
	use polkadot_sdk::frame_support::traits::{fungible::MutateHold, tokens::Precision};
	let reason = HoldReason::Review.into();
	polkadot_sdk::frame_support::assert_ok!(Balances::release(
		&reason,
		&who,
		amount,
		Precision::Exact
	));
}

/// Empties `who` into BOB, who keeps it for [`restore`].
fn kill(who: AccountId) {
	use polkadot_sdk::frame_support::assert_ok;
	assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(who), BOB, false));
	assert_eq!(free(who), 0);
}

fn restore(who: AccountId) {
	use polkadot_sdk::frame_support::assert_ok;
	let back = RuntimeOrigin::signed(BOB);
	assert_ok!(Balances::transfer_keep_alive(back, who, 1_000));
}
