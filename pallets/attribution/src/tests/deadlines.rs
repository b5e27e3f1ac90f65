//! What happens when workers are silent.

use crate::{mock::*, types::Outcome, Event, Rounds, WeightInfo};
use frame_support::{traits::Hooks, weights::Weight};
use openledger_primitives::{mocks::State, worker::Phase, JobId};
use polkadot_sdk::frame_support;

#[test]
fn when_commitments_are_over_those_that_committed_go_on() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let report = report(job, 3, &[(1, 1_000)]);
		commit(W1, &report);
		commit(W3, &report);
		go_to(11);
		assert_eq!(round(job).phase, Phase::Commit);
		go_to(12);
		end_block();
		assert_eq!((round(job).phase, round(job).deadline), (Phase::Reveal, 17));
		assert_eq!(last_event(), Event::RevealsOpened { job, committed: 2, deadline: 17 });
		// two of three seats are a majority; the last of those committed settles
		reveal(W1, &report);
		reveal(W3, &report);
		assert_eq!(receipt(job).outcome, Outcome::Answered);
		let paid: Vec<_> = receipt(job).seats.iter().map(|seat| seat.paid).collect();
		assert_eq!(paid, [true, false, true]);
		check();
	});
}

#[test]
fn at_the_reveal_deadline_what_was_revealed_counts() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let report = report(job, 3, &[]);
		[W1, W2, W3].iter().for_each(|worker| commit(*worker, &report));
		end_block();
		reveal(W1, &report);
		reveal(W2, &report);
		go_to(6);
		assert!(Rounds::<Test>::contains_key(job));
		go_to(7);
		assert_eq!(receipt(job).outcome, Outcome::Answered);
		assert_eq!(receipt(job).settled_at, 7);
	});
}

#[test]
fn a_block_passes_a_bounded_number_of_deadlines_in_their_order() {
	new_test_ext().execute_with(|| {
		for job in 1..=5 {
			assigned(job, &[W1]);
		}
		go_to(12);
		let left = || {
			let mut jobs: Vec<_> = Rounds::<Test>::iter_keys().map(|job: JobId| job.0).collect();
			jobs.sort_unstable();
			jobs
		};
		assert_eq!(left(), [3, 4, 5]);
		go_to(13);
		assert_eq!(left(), [5]);
		go_to(14);
		assert!(left().is_empty());
	});
}

#[test]
fn a_block_ends_no_more_rounds_than_its_budget_allows() {
	new_test_ext().execute_with(|| {
		let jobs = [1, 2].map(|job| assigned(job, &[W1]));
		// the first leaves less than the heaviest needs
		QueueWeight::set(Attribution::heaviest_close().saturating_mul(4));
		go_to(12);
		assert_eq!(jobs.map(Rounds::<Test>::contains_key), [false, true]);
		go_to(13);
		assert_eq!(jobs.map(Rounds::<Test>::contains_key), [false, false]);
	});
}

#[test]
#[should_panic(expected = "would wait for ever")]
fn a_budget_must_hold_the_heaviest() {
	QueueWeight::set(Attribution::heaviest_receipt().saturating_sub(Weight::from_parts(1, 0)));
	Attribution::integrity_test();
}

#[test]
fn a_late_round_accepts_nothing_while_it_waits_for_its_turn() {
	new_test_ext().execute_with(|| {
		for job in 1..=3 {
			assigned(job, &[W1]);
		}
		go_to(12);
		let waiting = report(JobId(3), 3, &[]);
		assert!(validate(commit_call(W1, &waiting)).is_err());
	});
}

#[test]
fn the_deadline_of_a_settled_job_passes_without_effect() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, &[]))]);
		let before = receipt(job);
		go_to(13);
		assert_eq!(receipt(job), before);
		assert_eq!(crate::CommitQueue::<Test>::len(), 0);
		assert_eq!(crate::RevealQueue::<Test>::len(), 0);
	});
}

#[test]
fn hooks_weigh_what_they_do() {
	new_test_ext().execute_with(|| {
		type Weights = <Test as crate::Config>::WeightInfo;
		assert_eq!(Attribution::on_initialize(1), Weights::on_initialize());
		assigned(1, &[W1]);
		System::set_block_number(12);
		let weight = Attribution::on_initialize(12);
		let expected = Weights::on_initialize() + Weights::pass_deadline() + Weights::settle(0);
		assert_eq!(weight, expected);
		System::set_block_number(16);
		// the floor is the treasury's alone, which is paid at once; the worker was silent
		assert_eq!(
			Attribution::on_initialize(16),
			Weights::on_initialize() + Weights::mature(1, 0) + Weights::penalise(1)
		);
		System::set_block_number(36);
		assert_eq!(Attribution::on_initialize(36), Weights::on_initialize() + Weights::prune(1));
	});
}

#[test]
fn a_hook_weighs_its_draws() {
	new_test_ext().execute_with(|| {
		type Weights = <Test as crate::Config>::WeightInfo;
		audit_half();
		go_to_chance(JobId(1), true);
		let job = assigned(1, &[W1]);
		commit(W1, &report(job, 3, &[]));
		end_block();
		// two auditors: there are not three
		State::with(|state| state.reserve.truncate(2));
		let height = System::block_number() + 1;
		System::set_block_number(height);
		let weight = Attribution::on_initialize(height);
		assert_eq!(weight, Weights::on_initialize() + Weights::draw(2));
		assert_eq!(round(job).seats.len(), 3);
	});
}

#[test]
fn a_hook_weighs_what_a_receipt_pays() {
	new_test_ext().execute_with(|| {
		type Weights = <Test as crate::Config>::WeightInfo;
		let job = assigned(1, &[W1]);
		answer(&[(W1, report(job, 3, &[(1, 500_000), (2, 500_000)]))]);
		System::set_block_number(5);
		// contributors, owners and the worker; its stake and the treasury are paid at once
		let expected = Weights::mature(1, 5) + Weights::reward_stake(1) + Weights::note_earnings(2);
		assert_eq!(Attribution::on_initialize(5), Weights::on_initialize() + expected);
	});
}
