//! Spends of the treasury: paid once, to the planck, and never twice from the same OPEN.

use crate::{
	common::{account, Chain},
	parliament::*,
};
use openledger_primitives::OPEN;
use openledger_runtime::{configs::governance::Origin, *};
use polkadot_sdk::{
	frame_support::assert_noop, pallet_treasury::SpendCount, sp_runtime::DispatchError, *,
};

fn spend(amount: Balance, to: &str) -> RuntimeCall {
	pallet_treasury::Call::spend {
		asset_kind: Box::new(()),
		amount,
		beneficiary: Box::new(account(to)),
		valid_from: None,
	}
	.into()
}

fn payout(index: u32) -> RuntimeCall {
	pallet_treasury::Call::payout { index }.into()
}

fn funds(chain: &mut Chain) -> Balance {
	chain.query(|| Balances::free_balance(treasury()))
}

#[test]
fn a_spend_is_paid_to_the_planck_and_once() {
	let mut chain = parliament();
	fund_treasury(&mut chain, 500_000 * OPEN);
	for (own, amount) in [
		(Origin::SmallSpender, 9_999 * OPEN + 1),
		(Origin::MediumSpender, 99_999 * OPEN + 2),
		(Origin::BigSpender, 200_000 * OPEN + 3),
	] {
		enact(&mut chain, origin(own), spend(amount, "//Judy//stash2"));
		let index = chain.query(SpendCount::<Runtime>::get) - 1;
		let before = free(&mut chain, "//Judy//stash2");
		let (had, fees) = (funds(&mut chain), chain.fees);
		chain.send(STRANGER, payout(index)).unwrap();
		assert_eq!(free(&mut chain, "//Judy//stash2") - before, amount);
		assert_eq!(had - amount + (chain.fees - fees), funds(&mut chain));
		let again = chain.send(STRANGER, payout(index));
		assert_eq!(again, Err(pallet_treasury::Error::<Runtime>::AlreadyAttempted.into()));
	}
}

#[test]
fn of_two_spends_of_the_same_open_the_later_waits_for_more() {
	let mut chain = parliament();
	fund_treasury(&mut chain, 150_000 * OPEN);
	let first =
		propose(&mut chain, origin(Origin::MediumSpender), spend(100_000 * OPEN, "//Grace"));
	let second =
		propose(&mut chain, origin(Origin::MediumSpender), spend(90_000 * OPEN, "//Heidi"));
	for index in [first, second] {
		all_vote(&mut chain, index, openledger_gopen::Vote::Aye);
	}
	for index in [first, second] {
		if runs(&mut chain, index) {
			end(&mut chain, index);
		}
	}
	chain.skip(4);
	assert_eq!(chain.query(SpendCount::<Runtime>::get), 2, "both are approved");
	let before = free(&mut chain, "//Grace");
	assert_eq!(chain.send_all(vec![(STRANGER, payout(0)), (PROPOSER, payout(1))])[0], Ok(()));
	assert_eq!(free(&mut chain, "//Grace"), before + 100_000 * OPEN);

	let before = free(&mut chain, "//Heidi");
	let failed = pallet_treasury::Error::<Runtime>::PayoutError;
	assert_eq!(chain.send(STRANGER, payout(1)), Err(failed.into()));
	assert_eq!(free(&mut chain, "//Heidi"), before, "nothing in parts");
	fund_treasury(&mut chain, 100_000 * OPEN);
	assert_eq!(chain.send(STRANGER, payout(1)), Ok(()));
	assert_eq!(free(&mut chain, "//Heidi"), before + 90_000 * OPEN);
}

#[test]
fn no_payout_takes_the_treasury_so_far_that_dust_is_burnt() {
	let mut chain = parliament();
	enact(&mut chain, origin(Origin::SmallSpender), spend(9_000 * OPEN, "//Grace"));
	let leave = |chain: &mut Chain, rest: Balance| {
		chain.meddle(|| {
			let gift = 9_000 * OPEN + rest - Balances::free_balance(treasury());
			let from = account("//Bob//stash");
			Balances::transfer_keep_alive(RuntimeOrigin::signed(from), treasury().into(), gift)
				.unwrap();
			Treasury::payout(RuntimeOrigin::signed(account(STRANGER)), 0).map(|_| ())
		})
	};
	let issuance = chain.query(Balances::total_issuance);
	let failed = pallet_treasury::Error::<Runtime>::PayoutError.into();
	assert_eq!(leave(&mut chain, EXISTENTIAL_DEPOSIT - 1), Err(failed));
	assert_eq!(leave(&mut chain, EXISTENTIAL_DEPOSIT), Ok(()));
	assert_eq!(funds(&mut chain), EXISTENTIAL_DEPOSIT);
	assert_eq!(chain.query(Balances::total_issuance), issuance);
}

#[test]
fn nobody_pays_out_what_was_not_voted() {
	let mut chain = parliament();
	chain.query(|| {
		let alice = || RuntimeOrigin::signed(account("//Alice"));
		assert_noop!(Treasury::payout(alice(), 0), pallet_treasury::Error::<Runtime>::InvalidIndex);
		let to = Box::new(account("//Alice"));
		assert_noop!(
			Treasury::spend(alice(), Box::new(()), OPEN, to, None),
			DispatchError::BadOrigin
		);
	});
}
