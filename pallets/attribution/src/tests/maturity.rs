//! The dispute window, and what is left of a job in the end.

use crate::{
	mock::{self, *},
	types::{Part, Payout},
	Claimable, CommitQueue, Event, Expiring, Maturing, Owed, Receipts, RevealQueue, SettledRounds,
	WeightInfo,
};
use openledger_primitives::{mocks::State, traits::Role, ContributionId, JobId};

fn settled(id: u64) -> JobId {
	let report = report(JobId(id), 3, &[(1, 600_000), (2, 300_000)]);
	mock::settled(id, [report.clone(), report.clone(), report])
}

/// What the receipt pays in payouts like these.
fn sum(job: JobId, of: impl Fn(&Payout<u64>) -> bool) -> u128 {
	receipt(job).payouts.iter().filter(|payout| of(payout)).map(|payout| payout.amount).sum()
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
		let stake = sum(job, |payout| payout.part == Part::Delegators);
		assert_eq!(Balances::free_balance(TREASURY), ED + for_treasury);
		assert_eq!(Owed::<Test>::get(), FEE - for_treasury - stake);
		assert_eq!(Claimable::<Test>::get(TREASURY), 0);
		assert!(events().contains(&Event::TreasuryPaid { amount: for_treasury }));
		let claimable = FEE - for_treasury - stake;
		let matured = Event::Matured { job, claimable, stake, treasury: for_treasury };
		assert!(events().contains(&matured));
	});
}

#[test]
fn a_treasury_that_cannot_be_paid_can_claim() {
	new_test_ext().execute_with(|| {
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
fn the_stake_behind_workers_is_rewarded_in_one_transfer_a_block() {
	new_test_ext().execute_with(|| {
		let jobs = [settled(1), settled(2)];
		let of = |worker| {
			move |payout: &Payout<u64>| payout.part == Part::Delegators && payout.account == worker
		};
		let amount = |worker| sum(jobs[0], of(worker));
		let all = 2 * (amount(W1) + amount(W2) + amount(W3));
		let claimable = sum(jobs[0], |p| p.account == W1 && p.part == Part::Worker);
		go_to(5);
		let rewards: Vec<_> = [W1, W2, W3].map(|w| (Role::Worker, w, amount(w))).into();
		assert_eq!(State::with(|s| s.rewarded.clone()), [rewards.clone(), rewards].concat());
		assert_eq!(Balances::free_balance(STAKE), ED + all);
		assert_eq!(
			events()
				.into_iter()
				.filter(|e| matches!(e, Event::StakePaid { .. }))
				.collect::<Vec<_>>(),
			[Event::StakePaid { amount: all }]
		);
		// not the workers' to claim
		assert_eq!(Attribution::claimable(&W1), 2 * claimable);
	});
}

#[test]
fn a_block_pays_no_more_receipts_than_its_budget_allows() {
	new_test_ext().execute_with(|| {
		let jobs = [settled(1), settled(2)];
		type Weights = <Test as crate::Config>::WeightInfo;
		let payouts = receipt(jobs[0]).payouts.len() as u32;
		let one =
			Weights::mature(1, payouts) + Weights::reward_stake(3) + Weights::note_earnings(2);
		QueueWeight::set(one);
		go_to(5);
		assert_eq!(jobs.map(SettledRounds::<Test>::contains_key), [false, true]);
		go_to(6);
		assert_eq!(jobs.map(SettledRounds::<Test>::contains_key), [false, false]);
	});
}

#[test]
fn where_the_stake_cannot_be_paid_workers_claim() {
	new_test_ext().execute_with(|| {
		// less than an account needs
		let _ = Balances::force_set_balance(RuntimeOrigin::root(), STAKE, 0);
		request(JobId(1), 1);
		State::with(|s| s.jobs.get_mut(&JobId(1)).unwrap().fee = FLOOR_BASE + FLOOR_PER_SEAT + 100);
		use openledger_primitives::traits::Committees;
		Attribution::assign(JobId(1), vec![W1]).unwrap();
		answer(&[(W1, report(JobId(1), 3, &[]))]);
		go_to(5);
		assert_eq!(Attribution::claimable(&W1), FLOOR_PER_SEAT + 15 + 5);
		assert!(State::with(|s| s.rewarded.is_empty()));
	});
}

#[test]
fn the_contributions_earnings_are_noted_and_the_job_is_forgotten() {
	new_test_ext().execute_with(|| {
		let job = settled(1);
		let of = |id| sum(job, |p| p.part == Part::Contribution(ContributionId(id)));
		go_to(4);
		assert!(State::with(|s| s.forgotten.is_empty() && s.earned.is_empty()));
		assert!(SettledRounds::<Test>::contains_key(job));
		go_to(5);
		let earned = [1, 2].map(|id| (ContributionId(id), CALLER, of(id)));
		assert_eq!(State::with(|s| s.earned.clone()), earned);
		assert_eq!(State::with(|s| s.forgotten.clone()), [job]);
		assert!(!SettledRounds::<Test>::contains_key(job));
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
