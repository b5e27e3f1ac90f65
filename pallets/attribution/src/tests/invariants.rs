//! Every invariant notices when it is broken.

use crate::{
	mock::*, types::Due, Assignments, Claimable, CommitQueueBounds, CommitQueueItems,
	MaturingItems, Owed, Receipts, Rounds,
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
	broken(|| change_round(|round| round.phase = Phase::Reveal), "reports are awaited from nobody");
}

#[test]
fn seats_and_assignments_are_the_same() {
	broken(|| Assignments::<Test>::remove(W2, ROUND), "a seat that its worker cannot find");
	broken(|| Assignments::<Test>::insert(W3, ROUND, ()), "an assignment without a seat");
}

#[test]
fn no_job_is_at_work_and_settled() {
	broken(|| Receipts::<Test>::insert(ROUND, receipt(SETTLED)), "a round of a settled job");
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
	broken(|| Receipts::<Test>::remove(SETTLED), "a receipt that waits is gone");
	broken(|| Receipts::<Test>::insert(JobId(8), receipt(SETTLED)), "a receipt that never expires");
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
