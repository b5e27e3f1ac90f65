//! The dispute window, and what is left of a job in the end.

use crate::{
	mock::*, Claimable, CommitQueue, Event, Expiring, Maturing, Owed, Receipts, RevealQueue,
};
use openledger_primitives::JobId;

fn settled(id: u64) -> JobId {
	let job = assigned(id, &[W1, W2, W3]);
	let report = report(job, 3, &[(1, 600_000), (2, 300_000)]);
	answer(&[(W1, report.clone()), (W2, report.clone()), (W3, report)]);
	job
}

#[test]
fn payouts_can_be_claimed_after_the_dispute_window_and_not_before() {
	new_test_ext().execute_with(|| {
		let job = settled(1);
		let of_alice: u128 =
			receipt(job).payouts.iter().filter(|p| p.account == ALICE).map(|p| p.amount).sum();
		go_to(4);
		assert_eq!(Attribution::claimable(&ALICE), 0);
		assert_eq!(Attribution::pending(&ALICE), of_alice);
		go_to(5);
		assert_eq!(Attribution::claimable(&ALICE), of_alice);
		assert_eq!(Attribution::pending(&ALICE), 0);
	});
}

#[test]
fn the_treasury_is_paid_directly() {
	new_test_ext().execute_with(|| {
		let job = settled(1);
		let for_treasury: u128 =
			receipt(job).payouts.iter().filter(|p| p.account == TREASURY).map(|p| p.amount).sum();
		go_to(5);
		assert_eq!(Balances::free_balance(TREASURY), ED + for_treasury);
		assert_eq!(Owed::<Test>::get(), FEE - for_treasury);
		assert_eq!(Claimable::<Test>::get(TREASURY), 0);
		assert!(events().contains(&Event::TreasuryPaid { amount: for_treasury }));
		let claimable = FEE - for_treasury;
		assert!(events().contains(&Event::Matured { job, claimable, treasury: for_treasury }));
	});
}

#[test]
fn a_treasury_that_cannot_be_paid_can_claim() {
	new_test_ext().execute_with(|| {
		use openledger_primitives::mocks::State;
		use openledger_primitives::traits::{Committees, RefundReason};
		// a treasury without an account, and less for it than an account needs
		let _ = Balances::force_set_balance(RuntimeOrigin::root(), TREASURY, 0);
		request(JobId(1), 1);
		State::with(|state| {
			let job = state.jobs.get_mut(&JobId(1)).unwrap();
			(job.floor_base, job.floor_per_seat) = (ED - 1, 0);
		});
		Attribution::refund(JobId(1), RefundReason::NoCommittee).unwrap();
		go_to(5);
		assert_eq!(Balances::free_balance(TREASURY), 0);
		assert_eq!(Claimable::<Test>::get(TREASURY), ED - 1);
		assert_eq!(Owed::<Test>::get(), ED - 1);
	});
}

#[test]
fn receipts_mature_in_order_and_a_bounded_number_a_block() {
	new_test_ext().execute_with(|| {
		(1..=5).for_each(|job| {
			settled(job);
		});
		go_to(5);
		assert_eq!(Maturing::<Test>::len(), 3);
		go_to(7);
		assert_eq!(Maturing::<Test>::len(), 0);
		assert_eq!(Expiring::<Test>::len(), 5);
	});
}

#[test]
fn what_several_receipts_pay_adds_up() {
	new_test_ext().execute_with(|| {
		let jobs = [settled(1), settled(2)];
		let of_bob: u128 = jobs
			.iter()
			.flat_map(|job| receipt(*job).payouts)
			.filter(|payout| payout.account == BOB)
			.map(|payout| payout.amount)
			.sum();
		go_to(5);
		assert_eq!(Attribution::claimable(&BOB), of_bob);
	});
}

#[test]
fn a_receipt_is_pruned_when_its_retention_ends_and_nothing_is_left() {
	new_test_ext().execute_with(|| {
		let job = settled(1);
		go_to(24);
		assert!(Attribution::receipt_of(job).is_some());
		go_to(25);
		assert!(Attribution::receipt_of(job).is_none());
		assert_eq!(Attribution::receipt_id(job), None);
		assert_eq!(last_event(), Event::ReceiptPruned { job });
		assert_eq!(Receipts::<Test>::iter().count(), 0);
		assert_eq!(Attribution::round_of(job), None);
		for left in [
			CommitQueue::<Test>::len(),
			RevealQueue::<Test>::len(),
			Maturing::<Test>::len(),
			Expiring::<Test>::len(),
		] {
			assert_eq!(left, 0);
		}
		// what was not claimed stays claimable
		assert!(Attribution::claimable(&ALICE) > 0);
	});
}
