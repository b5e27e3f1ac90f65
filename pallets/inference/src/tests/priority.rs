//! Who is drawn first when more is due than a block draws, and that nobody waits too long.

use crate::{mock::*, waiting::next, Queued, WeightInfo, PRIORITIES};
use openledger_primitives::{
	mocks::{Mock, State},
	traits::{Chance, Jobs as _},
	Balance, BlockNumber, JobId, OPEN,
};
use polkadot_sdk::frame_support::{assert_ok, traits::Hooks, weights::Weight};

/// The block in which the servers of [`with_servers`] are mature.
const START: BlockNumber = 1 + MATURITY;

/// A job that pays `price` above the floor.
fn ask_for(price: Balance, seats: u8) -> JobId {
	register(MODEL, price, 0);
	ask(CALLER, seats)
}

/// The jobs that were given to committees, in that order.
fn drawn() -> Vec<JobId> {
	State::with(|s| s.assigned.iter().map(|(job, _)| *job).collect())
}

#[test]
fn the_highest_fee_is_drawn_first() {
	with_servers(1, || {
		limit(1, 8);
		let free = ask_for(0, 1);
		let cheap = ask_for(OPEN / 10, 1);
		let dear = ask_for(20 * OPEN, 1);
		let fair = ask_for(OPEN, 1);
		run_through(START + 3);
		assert_eq!(drawn(), [dear]);
		run_through(START + 6);
		assert_eq!(drawn(), [dear, fair, cheap, free]);
	});
}

#[test]
fn in_one_block_too() {
	with_servers(1, || {
		limit(3, 8);
		let cheap = ask_for(OPEN / 10, 1);
		let dear = ask_for(20 * OPEN, 1);
		run_through(START + 3);
		assert_eq!(drawn(), [dear, cheap]);
	});
}

#[test]
fn like_fees_are_drawn_in_their_order() {
	with_servers(1, || {
		limit(1, 8);
		let jobs = [(); 4].map(|()| ask_for(OPEN, 1));
		run_through(START + 6);
		assert_eq!(drawn(), jobs);
	});
}

#[test]
fn a_fee_counts_by_seat() {
	with_servers(5, || {
		limit(1, 8);
		let large = ask_for(8 * OPEN, 5);
		let small = ask_for(3 * OPEN, 1);
		run_through(START + 4);
		assert_eq!(drawn(), [small, large]);
	});
}

#[test]
fn what_may_go_back_buys_no_priority() {
	with_servers(1, || {
		limit(1, 8);
		register_with_units(MODEL, 0, OPEN, 0);
		let by_unit = ask(CALLER, 1);
		let fair = ask_for(OPEN, 1);
		assert!(Inference::job(by_unit).unwrap().fee > Inference::job(fair).unwrap().fee);
		run_through(START + 4);
		assert_eq!(drawn(), [fair, by_unit]);
	});
}

#[test]
fn a_request_that_is_not_due_overtakes_nobody() {
	with_servers(1, || {
		limit(1, 8);
		let free = ask_for(0, 1);
		run_to(START + 1);
		let dear = ask_for(20 * OPEN, 1);
		run_through(START + 3);
		assert_eq!(drawn(), [free]);
		run_through(START + 4);
		assert_eq!(drawn(), [free, dear]);
	});
}

#[test]
fn who_waited_long_is_overtaken_no_more() {
	with_servers(1, || {
		limit(1, 6);
		let patience = Inference::patience();
		assert_eq!(patience, 256 - 6 - 2);
		let free = ask_for(0, 1);
		let due = START + 3;
		for height in START..due + patience {
			run_to(height);
			// as many of higher fees as are drawn
			ask_for(OPEN, 1);
			end_block();
			for job in drawn() {
				assert_ne!(job, free, "at {height}");
				let _ = Inference::close(job, &POT, 0);
				Inference::forget(job);
			}
			State::with(|s| s.assigned.clear());
		}
		run_through(due + patience);
		assert_eq!(drawn(), [free]);
		// by its own seed, which is still known
		assert!(Mock::seed_at(due).is_some());
		assert_eq!(State::with(|s| s.refunded.clone()), []);
	});
}

/// What the start of a block declares at most with `draws` a block.
fn most(draws: u32) -> Weight {
	<() as WeightInfo>::look(draws + PRIORITIES as u32)
		.saturating_add(draw_weight(1).saturating_mul(draws.into()))
}

/// Ends this block and begins the next; the jobs drawn. Does not check the state.
fn pass_block() -> Vec<JobId> {
	finish_block();
	let next = System::block_number() + 1;
	System::set_block_number(next);
	System::reset_events();
	State::with(|s| core::mem::take(&mut s.assigned)).into_iter().map(|(job, _)| job).collect()
}

#[test]
fn a_block_does_a_bounded_part_of_ten_thousand_jobs() {
	const DRAWS: u32 = 64;
	with_servers(1, || {
		limit(DRAWS, 10_000);
		<Inference as Hooks<_>>::integrity_test();
		for paid in [0, OPEN / 100] {
			register(MODEL, paid, 0);
			(0..5_000).for_each(|_| _ = ask(CALLER, 1));
		}
		(0..3).for_each(|_| assert_eq!(pass_block(), []));
		for block in 0..4 {
			let weight = Inference::on_initialize(System::block_number());
			assert_eq!(weight, most(DRAWS));
			// of those who pay, in their order
			let first = 5_000 + block * u64::from(DRAWS);
			let expected: Vec<_> = (first..first + u64::from(DRAWS)).map(JobId).collect();
			assert_eq!(pass_block(), expected);
		}
		assert_eq!(Inference::waiting(), 10_000 - 4 * u64::from(DRAWS));
	});
}

#[test]
fn a_block_draws_no_more_than_its_budget_allows() {
	with_servers(3, || {
		limit(4, 8);
		let jobs = [1, 2, 3].map(|_| ask(CALLER, 1));
		DrawWeight::set(draw_weight(3).saturating_mul(2));
		run_through(START + 3);
		assert_eq!(drawn(), jobs[..2]);
		run_through(START + 4);
		assert_eq!(drawn(), jobs);
	});
}

#[test]
#[should_panic(expected = "DrawWeight is too small")]
fn a_budget_must_hold_a_draw_among_all_servers() {
	DrawWeight::set(draw_weight(6).saturating_sub(Weight::from_parts(1, 0)));
	Inference::integrity_test();
}

#[test]
fn however_many_pay_more_nobody_outlives_its_seed() {
	const WAITING: u32 = 400;
	with_servers(1, || {
		limit(4, WAITING);
		register(MODEL, 0, 0);
		let free: Vec<_> = (0..WAITING).map(|_| ask(CALLER, 1)).collect();
		// whatever room there is, somebody who pays more takes
		register(MODEL, OPEN / 100, 0);
		for height in START..START + 3 + Mock::HISTORY {
			let drawn = pass_block();
			assert!(drawn.len() <= 4);
			for job in drawn {
				assert_ok!(Inference::close(job, &POT, 0));
				Inference::forget(job);
			}
			assert!(Inference::on_initialize(System::block_number()).all_lte(most(4)));
			while Inference::waiting() < u64::from(WAITING) {
				ask(OTHER, 1);
			}
			if height % 32 == 0 {
				Inference::do_try_state().unwrap();
			}
		}
		assert!(free.iter().all(|job| Inference::job(*job).is_none()));
		assert_eq!(State::with(|s| s.refunded.clone()), []);
	});
}

#[test]
#[should_panic(expected = "MaxWaiting is too large")]
fn a_queue_that_outlasts_its_seeds_is_a_mistake_of_the_runtime() {
	new_test_ext().execute_with(|| {
		limit(1, 254);
		<Inference as Hooks<_>>::integrity_test();
	});
}

#[test]
fn the_oldest_goes_first_once_it_waited_enough() {
	let entry = |drawn_by| Some(Queued { job: JobId(0), drawn_by });
	assert_eq!(next(&[], 10, 5), None);
	assert_eq!(next(&[None, None], 10, 5), None);
	assert_eq!(next(&[entry(11), entry(12)], 10, 5), None);
	assert_eq!(next(&[entry(6), entry(9), None], 10, 5), Some(1));
	assert_eq!(next(&[entry(6), entry(11), None], 10, 5), Some(0));
	assert_eq!(next(&[entry(5), entry(9), None], 10, 5), Some(0));
	assert_eq!(next(&[entry(5), entry(4), entry(10)], 10, 5), Some(1));
	// of the same age the higher fee
	assert_eq!(next(&[entry(4), entry(4), entry(10)], 10, 5), Some(1));
}
