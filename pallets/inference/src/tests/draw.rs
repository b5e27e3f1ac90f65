//! Who is drawn, when, and by which seed.

use crate::{draw::random_number, mock::*, Event, Requests, Servers, Waiting};
use openledger_primitives::{
	mocks::State,
	traits::{Jobs as _, RefundReason, Role},
	BlockNumber, JobId, Ppm, OPEN,
};
use polkadot_sdk::{frame_support::assert_ok, sp_io::hashing::blake2_256};
use std::collections::{BTreeMap, BTreeSet};

/// The block in which the servers of [`with_servers`] are mature.
const START: BlockNumber = 1 + MATURITY;

/// The committee of `seats` that the seed of `height` draws for `job` among servers 10, 11, … with
/// `bonds`, by the rule of the README.
fn expected(job: JobId, height: BlockNumber, bonds: &[u128], seats: usize) -> Vec<u64> {
	let mut counter = 0u32;
	let numbers = || {
		let text =
			[&seed(height)[..], &job.0.to_le_bytes()[..], &counter.to_le_bytes()[..]].concat();
		counter += 1;
		u128::from_le_bytes(blake2_256(&text)[..16].try_into().unwrap())
	};
	let drawn = openledger_math::draw(bonds, seats, numbers).unwrap();
	drawn.into_iter().map(|index| 10 + index as u64).collect()
}

#[test]
fn a_committee_is_drawn_at_the_end_of_the_third_block() {
	with_servers(5, || {
		let job = ask(CALLER, 3);
		run_to(START + 3);
		assert_eq!(committee(job), None);
		end_block();
		let drawn = expected(job, START + 3, &[BOND; 5], 3);
		assert_eq!(committee(job), Some(drawn.clone()));
		assert!(!Waiting::<Test>::contains_key(job));
		System::assert_has_event(
			Event::CommitteeDrawn { job, model: MODEL, committee: drawn }.into(),
		);
		// the job stays open for the committee, the fee held
		assert_eq!(Inference::job(job).unwrap().fee, held(CALLER));
	});
}

#[test]
fn committees_have_as_many_different_seats_as_asked() {
	with_servers(6, || {
		for seats in [1u8, 3, 5] {
			let job = ask(CALLER, seats);
			let now = System::block_number() as BlockNumber;
			run_to(now + 4);
			let drawn = committee(job).unwrap();
			assert_eq!(drawn.len(), usize::from(seats));
			let different: BTreeSet<_> = drawn.iter().collect();
			assert_eq!(different.len(), usize::from(seats));
			assert!(drawn.iter().all(|worker| (10..16).contains(worker)));
		}
	});
}

#[test]
fn jobs_of_one_block_are_drawn_apart() {
	let draws: BTreeSet<_> = (0..20).map(|job| random_number(&seed(1), JobId(job), 0)).collect();
	assert_eq!(draws.len(), 20);
	assert_ne!(random_number(&seed(1), JobId(0), 0), random_number(&seed(1), JobId(0), 1));
}

#[test]
fn a_late_draw_keeps_its_seed() {
	with_servers(6, || {
		let jobs: Vec<_> = (0..5).map(|_| ask(CALLER, 3)).collect();
		// two a block: the last waits two blocks longer
		for (height, drawn) in [(START + 3, 2), (START + 4, 4), (START + 5, 5)] {
			run_through(height);
			let done = jobs.iter().filter(|job| committee(**job).is_some()).count();
			assert_eq!(done, drawn, "at {height}");
		}
		for job in jobs {
			assert_eq!(committee(job), Some(expected(job, START + 3, &[BOND; 6], 3)));
		}
	});
}

#[test]
fn cancelled_jobs_do_not_hold_up_more_than_their_turn() {
	with_servers(1, || {
		let jobs: Vec<_> = (0..4).map(|_| ask(CALLER, 1)).collect();
		for job in &jobs[..2] {
			assert_ok!(Inference::cancel(RuntimeOrigin::signed(CALLER), *job));
		}
		run_through(START + 3);
		assert_eq!(committee(jobs[2]), None);
		run_through(START + 4);
		assert!(committee(jobs[2]).is_some() && committee(jobs[3]).is_some());
	});
}

#[test]
fn too_few_servers_refund_all_but_the_floor() {
	with_servers(2, || {
		let job = ask(CALLER, 3);
		let floor = Requests::<Test>::get(job).unwrap().floor();
		let (total, pot) = (total_of(CALLER), Balances::free_balance(POT));
		run_through(START + 3);
		assert_eq!(refunded(job), Some(RefundReason::NoCommittee));
		assert_eq!(committee(job), None);
		System::assert_has_event(
			Event::CommitteeMissed { job, reason: RefundReason::NoCommittee }.into(),
		);
		assert_eq!(held(CALLER), 0);
		assert_eq!(total_of(CALLER), total - floor);
		assert_eq!(Balances::free_balance(POT), pot + floor);
		assert_eq!(Inference::job_view(job), None);
	});
}

#[test]
fn a_model_that_nobody_serves_is_refunded() {
	with_servers(0, || {
		let job = ask(CALLER, 1);
		run_through(START + 3);
		assert_eq!(refunded(job), Some(RefundReason::NoCommittee));
	});
}

#[test]
fn a_model_that_is_gone_is_refunded_and_says_so() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		State::with(|s| s.models.clear());
		run_through(START + 3);
		assert_eq!(refunded(job), Some(RefundReason::ModelGone));
	});
}

#[test]
fn a_model_made_inactive_still_answers_what_was_accepted() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		State::with(|s| s.models.get_mut(&MODEL).unwrap().active = false);
		run_through(START + 3);
		assert_eq!(committee(job), Some(vec![10]));
	});
}

#[test]
fn without_a_seed_a_job_is_refunded() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		run_to(START + 3);
		// the block after, with the seed of the deciding one missing
		System::set_block_number(u64::from(START) + 4);
		end_block();
		assert_eq!(refunded(job), Some(RefundReason::NoCommittee));
	});
}

#[test]
fn serving_must_have_matured_before_the_request() {
	new_test_ext().execute_with(|| {
		bond(10, BOND);
		run_to(3);
		Inference::serve(RuntimeOrigin::signed(10), MODEL).unwrap();
		run_to(3 + MATURITY - 1);
		let early = ask(CALLER, 1);
		run_to(3 + MATURITY);
		let in_time = ask(CALLER, 1);
		run_to(3 + MATURITY + 4);
		assert_eq!(refunded(early), Some(RefundReason::NoCommittee));
		assert_eq!(committee(in_time), Some(vec![10]));
	});
}

#[test]
fn a_bond_must_have_matured_before_the_request() {
	with_servers(1, || {
		// bonded anew, while it goes on serving
		bond(10, BOND);
		run_to(START + MATURITY - 1);
		let early = ask(CALLER, 1);
		run_to(START + MATURITY);
		let in_time = ask(CALLER, 1);
		run_to(START + MATURITY + 4);
		assert_eq!(refunded(early), Some(RefundReason::NoCommittee));
		assert_eq!(committee(in_time), Some(vec![10]));
	});
}

#[test]
fn who_lost_the_bond_or_withdrew_is_not_drawn() {
	with_servers(3, || {
		State::with(|s| s.bonds.remove(&(Role::Worker, 10)));
		Inference::withdraw(RuntimeOrigin::signed(11), MODEL).unwrap();
		let jobs: Vec<_> = (0..8).map(|_| ask(CALLER, 1)).collect();
		run_to(START + 8);
		assert!(jobs.iter().all(|job| committee(*job) == Some(vec![12])));
	});
}

/// How often each worker is drawn for one seat in `draws` jobs.
fn tally(draws: u64) -> BTreeMap<u64, u64> {
	let mut tally = BTreeMap::new();
	for _ in 0..draws / 2 {
		let jobs = [ask(CALLER, 1), ask(OTHER, 1)];
		let now = System::block_number() as BlockNumber;
		run_to(now + 4);
		for job in jobs {
			*tally.entry(committee(job).unwrap()[0]).or_default() += 1;
			Inference::close(job, &POT, 0).unwrap();
			Inference::forget(job);
		}
	}
	tally
}

#[test]
fn seats_fall_in_proportion_to_the_bond() {
	with_servers(2, || {
		State::with(|s| {
			s.bonds.get_mut(&(Role::Worker, 10)).unwrap().amount = 3 * BOND;
		});
		// binomial with p = 3/4 of 400: five standard deviations are 44
		let tally = tally(400);
		assert!(tally[&10].abs_diff(300) < 44, "{tally:?}");
	});
}

#[test]
fn a_bond_counts_up_to_the_cap() {
	with_servers(2, || {
		let cap = 100_000 * OPEN;
		State::with(|s| {
			s.bonds.get_mut(&(Role::Worker, 10)).unwrap().amount = 1_000 * cap;
			s.bonds.get_mut(&(Role::Worker, 11)).unwrap().amount = cap;
		});
		// binomial with p = 1/2 of 200: five standard deviations are 36
		let tally = tally(200);
		assert!(tally[&10].abs_diff(100) < 36, "{tally:?}");
	});
}

#[test]
fn a_fee_is_at_most_a_part_of_the_committees_bonds() {
	for seats in [1u8, 3] {
		with_servers(3, || {
			// a tenth of a thousand OPEN a seat
			let most = u128::from(seats) * 100 * OPEN;
			let floor = (1 + u128::from(seats)) * OPEN / 100;
			register(MODEL, most - floor, 0);
			let within = ask(CALLER, seats);
			register(MODEL, most - floor + 1, 0);
			let above = ask(CALLER, seats);
			let total = total_of(CALLER);
			run_through(START + 3);
			assert_eq!(committee(within).unwrap().len(), usize::from(seats));
			assert_eq!(
				(committee(above), refunded(above)),
				(None, Some(RefundReason::ValueTooHigh))
			);
			System::assert_has_event(
				Event::CommitteeMissed { job: above, reason: RefundReason::ValueTooHigh }.into(),
			);
			assert_eq!(total_of(CALLER), total - floor);
		});
	}
}

#[test]
fn a_lone_workers_job_is_worth_no_more_than_lying_costs_it() {
	with_servers(3, || {
		State::with(|s| s.deterrence = Some(Ppm(20_000)));
		let most = 20 * OPEN;
		register(MODEL, most - 2 * OPEN / 100, 0);
		let within = ask(CALLER, 1);
		register(MODEL, most - 2 * OPEN / 100 + 1, 0);
		let (above, shared) = (ask(CALLER, 1), ask(CALLER, 3));
		// two draws a block
		run_through(START + 4);
		assert_eq!(committee(within).unwrap().len(), 1);
		assert_eq!(refunded(above), Some(RefundReason::ValueTooHigh));
		assert_eq!(committee(shared).unwrap().len(), 3);
	});
}

#[test]
fn bonds_answer_for_a_fee_beyond_the_cap_of_a_seat() {
	with_servers(1, || {
		State::with(|s| {
			s.bonds.get_mut(&(Role::Worker, 10)).unwrap().amount = 1_000_000 * OPEN;
		});
		let rest = RuntimeOrigin::signed(OTHER);
		assert_ok!(Balances::transfer_allow_death(rest, CALLER, 9_000 * OPEN));
		// above a tenth of the cap
		register(MODEL, 12_000 * OPEN, 0);
		let job = ask(CALLER, 1);
		run_through(START + 3);
		assert_eq!(committee(job), Some(vec![10]));
	});
}

#[test]
fn a_committee_that_cannot_be_assigned_is_a_refund() {
	with_servers(1, || {
		CommitteeSide::fail(true, false);
		let job = ask(CALLER, 1);
		run_through(START + 3);
		assert_eq!(refunded(job), Some(RefundReason::NoCommittee));
		assert_eq!(committee(job), None);
	});
}

#[test]
fn a_job_that_nobody_takes_goes_back_whole() {
	with_servers(1, || {
		CommitteeSide::fail(true, true);
		let total = total_of(CALLER);
		let job = ask(CALLER, 1);
		let fee = held(CALLER);
		run_through(START + 3);
		System::assert_has_event(Event::JobReturned { job, caller: CALLER, released: fee }.into());
		assert_eq!((held(CALLER), Inference::job(job)), (0, None));
		assert_eq!(total_of(CALLER), total);
		// what the failed attempts had written is rolled back
		assert_eq!(Balances::free_balance(POT), 10);
	});
}

#[test]
fn other_models_servers_are_not_drawn() {
	with_servers(1, || {
		let other = openledger_primitives::ModelId(8);
		register(other, PRICE, 0);
		let job = crate::NextJob::<Test>::get();
		assert_ok!(Inference::request(RuntimeOrigin::signed(CALLER), other, input(), u128::MAX, 1));
		run_through(START + 3);
		assert!(Servers::<Test>::get(other).is_empty());
		assert_eq!(refunded(job), Some(RefundReason::NoCommittee));
	});
}
