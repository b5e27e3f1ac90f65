//! Every invariant notices when it is broken.

use crate::{
	mock::*,
	types::{Decision, Due, Seat, SeatKind},
	Assignments, Claimable, CommitQueueBounds, CommitQueueItems, DisputeQueueItems, Disputes,
	MaturingItems, Owed, Receipts, Rounds, SettledRounds,
};
use openledger_primitives::{mocks::State, worker::Phase, JobId};
use polkadot_sdk::sp_runtime::DispatchError;

/// A state with a round, an unmatured receipt and claims, broken by `how`.
fn broken(how: impl FnOnce(), message: &'static str) {
	new_test_ext().execute_with(|| {
		let matured = assigned(1, &[W1]);
		answer(&[(W1, report(matured, 3, &[(1, 500_000)]))]);
		go_to(5);
		let settled = assigned(2, &[W1]);
		answer(&[(W1, report(settled, 3, &[(1, 500_000)]))]);
		assigned(3, &[W1, W2]);
		check();
		how();
		assert_eq!(Attribution::do_try_state(), Err(DispatchError::Other(message)));
	});
}

const ROUND: JobId = JobId(3);
const SETTLED: JobId = JobId(2);

fn change_round(f: impl FnOnce(&mut crate::types::Round<u64>)) {
	Rounds::<Test>::mutate(ROUND, |round| f(round.as_mut().unwrap()));
}

fn change_receipt(f: impl FnOnce(&mut crate::types::Receipt<u64>)) {
	Receipts::<Test>::mutate(SETTLED, |receipt| f(receipt.as_mut().unwrap()));
}

#[test]
fn a_round_belongs_to_an_open_job() {
	broken(|| drop(State::with(|s| s.jobs.remove(&ROUND))), "a round without an open job");
	broken(
		|| change_round(|round| round.seats[1].worker = W1),
		"a worker has two seats in a round",
	);
	broken(
		|| change_round(|round| round.seats[1].kind = SeatKind::Audit),
		"a round's seats are not its job's",
	);
}

#[test]
fn reports_follow_commitments() {
	broken(
		|| change_round(|round| round.seats[0].report = Some(report(ROUND, 3, &[]))),
		"a report without a commitment",
	);
	broken(
		|| change_round(|round| round.seats.iter_mut().for_each(|s| s.commitment = Some([0; 32]))),
		"all committed, yet reports are not accepted",
	);
	broken(|| change_round(|round| round.closed = true), "reports are awaited from nobody");
	broken(
		|| change_round(|round| round.phase = Phase::Reveal),
		"reports before commitments closed",
	);
	broken(
		|| {
			change_round(|round| {
				let auditor = Seat::new(W3, SeatKind::Audit);
				round.seats.try_push(auditor).unwrap();
			})
		},
		"an audit before commitments closed",
	);
}

#[test]
fn seats_and_assignments_are_the_same() {
	broken(|| Assignments::<Test>::remove(W2, ROUND), "a seat that its worker cannot find");
	broken(|| Assignments::<Test>::insert(W3, ROUND, ()), "an assignment without a seat");
}

#[test]
fn no_job_is_at_work_and_settled() {
	broken(|| Receipts::<Test>::insert(ROUND, receipt(SETTLED)), "a round of a settled job");
	broken(
		|| {
			change_round(|round| {
				round.seats.iter_mut().for_each(|seat| seat.kind = SeatKind::Dispute)
			});
			Receipts::<Test>::insert(ROUND, receipt(SETTLED));
		},
		"a dispute's round without a dispute",
	);
}

#[test]
fn queues_have_no_gaps_and_hold_every_round_and_receipt() {
	broken(
		|| CommitQueueBounds::<Test>::mutate(|(_, tail)| *tail += 1),
		"a queue's entries are not between head and tail",
	);
	broken(
		|| {
			let (_, tail) = CommitQueueBounds::<Test>::get();
			CommitQueueItems::<Test>::insert(tail - 1, Due { at: 9, job: SETTLED });
		},
		"a round that never ends",
	);
	broken(
		|| {
			let place = MaturingItems::<Test>::iter_keys().next().unwrap();
			MaturingItems::<Test>::insert(place, Due { at: 9, job: JobId(1) });
		},
		"a receipt waits twice",
	);
	broken(
		|| {
			// closed, and in no list of what waits for chance
			change_round(|round| {
				round.seats[0].commitment = Some([0; 32]);
				round.closed = true;
			});
		},
		"a round that never ends",
	);
	broken(|| Receipts::<Test>::remove(SETTLED), "a receipt that waits is gone");
	broken(|| Receipts::<Test>::insert(JobId(8), receipt(SETTLED)), "a receipt that never expires");
}

#[test]
fn what_disputes_judge_by_is_kept_as_long_as_needed() {
	let message = "a settled round is kept too long or not long enough";
	broken(|| SettledRounds::<Test>::remove(SETTLED), message);
	let kept = || SettledRounds::<Test>::get(SETTLED).unwrap();
	broken(|| SettledRounds::<Test>::insert(JobId(1), kept()), message);
	broken(|| SettledRounds::<Test>::insert(JobId(8), kept()), "a settled round without a receipt");
}

/// As `broken`, and the settlement is disputed.
fn broken_dispute(how: impl FnOnce(), message: &'static str) {
	let dispute = || Attribution::dispute(RuntimeOrigin::signed(DISPUTER), SETTLED).unwrap();
	broken(
		|| {
			dispute();
			check();
			how();
		},
		message,
	);
}

fn change_dispute(f: impl FnOnce(&mut crate::types::Dispute<u64>)) {
	Disputes::<Test>::mutate(SETTLED, |dispute| f(dispute.as_mut().unwrap()));
}

#[test]
fn every_dispute_ends_and_its_bond_is_held() {
	broken_dispute(
		|| DisputeQueueItems::<Test>::mutate(0, |due| due.as_mut().unwrap().job = JobId(8)),
		"a dispute that never ends",
	);
	broken_dispute(
		|| change_receipt(|receipt| receipt.dispute = Some(Decision::Stood)),
		"a dispute of what cannot be disputed",
	);
	broken_dispute(|| change_dispute(|dispute| dispute.bond += 1), "a dispute's bond is not held");
	broken_dispute(|| change_dispute(|dispute| dispute.overdue = true), "a receipt waits twice");
}

#[test]
fn receipts_and_pot_add_up() {
	broken(
		|| change_receipt(|receipt| receipt.payouts[0].amount += 1),
		"payouts do not sum to what was spent",
	);
	broken(|| change_receipt(|receipt| receipt.fee -= 1), "more was spent than paid");
	broken(
		|| change_receipt(|receipt| receipt.unattributed = receipt.spent + 1),
		"more is unattributed than was spent",
	);
	broken(|| Owed::<Test>::mutate(|owed| *owed += 1), "what is owed is not what is due");
	broken(|| Claimable::<Test>::insert(STRANGER, 0), "an empty claim is stored");
	broken(
		|| {
			let pot = Attribution::pot();
			let balance = Balances::free_balance(pot);
			let set = Balances::force_set_balance(RuntimeOrigin::root(), pot, balance - 1);
			set.unwrap();
		},
		"the pot holds less than is owed",
	);
}

#[test]
fn a_gift_to_the_pot_is_no_fault() {
	new_test_ext().execute_with(|| {
		Balances::transfer_allow_death(RuntimeOrigin::signed(CALLER), Attribution::pot(), 5)
			.unwrap();
		Attribution::do_try_state().unwrap();
	});
}

#[test]
fn a_genesis_that_does_not_fund_the_pot_is_noticed() {
	new_test_ext().execute_with(|| {
		Balances::force_set_balance(RuntimeOrigin::root(), Attribution::pot(), 0).unwrap();
		let error = DispatchError::Other("the pot holds less than is owed");
		assert_eq!(Attribution::do_try_state(), Err(error));
	});
}
