//! How the committee's side ends a job.

use crate::{mock::*, Error, Event, Requests};
use openledger_primitives::{
	traits::{JobInfo, Jobs as _},
	BlockNumber, JobId,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

/// A drawn job of [`CALLER`] and its fee.
fn drawn() -> (JobId, u128) {
	let job = ask(CALLER, 3);
	let now = System::block_number() as BlockNumber;
	run_through(now + 3);
	(job, Requests::<Test>::get(job).unwrap().fee)
}

#[test]
fn closing_spends_a_part_and_releases_the_rest() {
	with_servers(3, || {
		for spent_of in [|_| 0, |_| 1, |fee| fee / 2, |fee| fee] as [fn(u128) -> u128; 4] {
			let (job, fee) = drawn();
			let spent = spent_of(fee);
			let (total, pot) = (total_of(CALLER), Balances::free_balance(POT));
			assert_ok!(Inference::close(job, &POT, spent));
			assert_eq!(held(CALLER), 0);
			assert_eq!(total_of(CALLER), total - spent);
			assert_eq!(Balances::free_balance(POT), pot + spent);
			assert_eq!(Inference::job(job), None);
			System::assert_last_event(
				Event::JobClosed { job, caller: CALLER, spent, released: fee - spent }.into(),
			);
		}
	});
}

#[test]
fn bad_closings_are_refused() {
	with_servers(3, || {
		let waiting = ask(OTHER, 1);
		assert_noop!(Inference::close(waiting, &POT, 0), Error::<Test>::NotDrawn);
		assert_noop!(Inference::close(JobId(99), &POT, 0), Error::<Test>::UnknownJob);
		let (job, fee) = drawn();
		assert_noop!(Inference::close(job, &POT, fee + 1), Error::<Test>::SpendsMoreThanFee);
		// a part too small to bring the account to life
		assert_noop!(Inference::close(job, &12_345, 9), TokenError::CannotCreate);
		assert_ok!(Inference::close(job, &POT, fee));
		assert_noop!(Inference::close(job, &POT, 0), Error::<Test>::UnknownJob);
	});
}

#[test]
fn a_job_tells_the_committee_what_was_asked() {
	with_servers(3, || {
		let (job, fee) = drawn();
		let request = Requests::<Test>::get(job).unwrap();
		assert_eq!(
			Inference::job(job),
			Some(JobInfo {
				model: MODEL,
				caller: CALLER,
				input: input(),
				fee,
				floor_base: request.floor_base,
				floor_per_seat: request.floor_per_seat,
				committee: 3,
				requested_at: 1 + MATURITY,
				request_hash: request.hash(),
			})
		);
		assert_eq!(Inference::job(JobId(99)), None);
	});
}
