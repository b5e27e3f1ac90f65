//! More workers for a job that has a committee: audits and disputes.

use crate::{
	draw::{another_random_number, random_number},
	mock::*,
};
use openledger_primitives::{
	mocks::State,
	traits::{Jobs as _, Role},
	BlockNumber, JobId,
};
use polkadot_sdk::{frame_support::assert_ok, sp_io::hashing::blake2_256};
use std::collections::BTreeSet;

/// The block in which the servers of [`with_servers`] are mature.
const START: BlockNumber = 1 + MATURITY;

/// A job with a committee of three of `workers`; the last block whose seed is known is `START + 5`.
fn with_job(workers: u64, test: impl FnOnce(JobId, Vec<u64>)) {
	with_servers(workers, || {
		let job = ask(CALLER, 3);
		run_through(START + 5);
		test(job, committee(job).unwrap());
	});
}

#[test]
fn more_workers_are_drawn_apart_from_those_before() {
	with_job(6, |job, committee| {
		let more = Inference::draw_more(job, START + 5, 3, &committee).unwrap();
		let all: BTreeSet<_> = committee.iter().chain(&more).copied().collect();
		assert_eq!(all, (10..16).collect());
		assert_eq!(Inference::draw_more(job, START + 5, 3, &committee), Some(more));
	});
}

#[test]
fn they_are_drawn_by_bond_from_the_seed_of_the_height() {
	with_job(6, |job, _| {
		let height = START + 4;
		let mut counter = 0u32;
		let numbers = || {
			let text = [
				&b"openledger/more/1"[..],
				&seed(height)[..],
				&job.0.to_le_bytes()[..],
				&counter.to_le_bytes()[..],
			]
			.concat();
			counter += 1;
			u128::from_le_bytes(blake2_256(&text)[..16].try_into().unwrap())
		};
		// 10 and 12 left out
		let expected = openledger_math::draw(&[BOND; 4], 2, numbers).unwrap();
		let expected: Vec<_> = expected.into_iter().map(|at| [11, 13, 14, 15][at]).collect();
		assert_eq!(Inference::draw_more(job, height, 2, &[10, 12]), Some(expected));
	});
}

#[test]
fn the_numbers_are_not_those_of_the_committee() {
	for job in (0..20).map(JobId) {
		assert_ne!(random_number(&seed(1), job, 0), another_random_number(&seed(1), job, 0));
	}
}

#[test]
fn too_few_an_unknown_seed_or_no_job_draw_nobody() {
	with_job(6, |job, committee| {
		assert_eq!(Inference::draw_more(job, START + 5, 4, &committee), None);
		assert_eq!(Inference::draw_more(job, START + 6, 1, &committee), None);
		assert_eq!(Inference::draw_more(JobId(99), START + 5, 1, &[]), None);
		assert_eq!(Inference::draw_more(job, START + 5, u32::MAX, &[]), None);
	});
}

#[test]
fn who_came_after_the_request_is_not_drawn() {
	with_job(4, |job, committee| {
		bond(20, BOND);
		assert_ok!(Inference::serve(RuntimeOrigin::signed(20), MODEL));
		assert_eq!(
			Inference::draw_more(job, START + 5, 1, &committee).map(|more| more.len()),
			Some(1)
		);
		assert_eq!(Inference::draw_more(job, START + 5, 2, &committee), None);
		// nor who lost the bond since
		State::with(|s| s.bonds.retain(|(_, who), _| committee.contains(who)));
		assert!(!State::with(|s| s.bonds.contains_key(&(Role::Worker, 20))));
		assert_eq!(Inference::draw_more(job, START + 5, 1, &committee), None);
	});
}

#[test]
fn a_closed_job_can_be_run_again_until_it_is_forgotten() {
	with_job(6, |job, committee| {
		assert_ok!(Inference::close(job, &POT, 0));
		assert!(Inference::draw_more(job, START + 5, 3, &committee).is_some());
		Inference::forget(job);
		assert_eq!(Inference::draw_more(job, START + 5, 3, &committee), None);
	});
}
