//! How the committee's side ends a job.

use crate::{mock::*, Closed, Error, Event, ModelJobs, Requests};
use openledger_primitives::{
	mocks::State,
	traits::{JobInfo, Jobs as _, ModelUse as _},
	BlockNumber, JobId, ModelId,
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
			assert_eq!(Inference::job_view(job), None);
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
		assert_noop!(Inference::close(job, &POT, 0), Error::<Test>::AlreadyClosed);
		Inference::forget(job);
		assert_noop!(Inference::close(job, &POT, 0), Error::<Test>::UnknownJob);
	});
}

#[test]
fn a_closed_job_is_known_until_it_is_forgotten() {
	with_servers(3, || {
		let (job, fee) = drawn();
		let before = Inference::job(job);
		assert_ok!(Inference::close(job, &POT, fee));
		assert_eq!(Inference::job(job), before);
		let view = Inference::request_view(job).unwrap();
		assert!(view.closed && !view.waiting);
		let cancel = Inference::cancel(RuntimeOrigin::signed(CALLER), job);
		assert_noop!(cancel, Error::<Test>::AlreadyDrawn);
		// nor is it drawn again
		let now = System::block_number() as BlockNumber;
		run_through(now + 5);
		let times = State::with(|s| s.assigned.iter().filter(|(id, _)| *id == job).count());
		assert_eq!(times, 1);

		assert_eq!(Inference::jobs_of(MODEL), 1);
		Inference::forget(job);
		assert_eq!((Inference::job(job), Inference::request_view(job)), (None, None));
		assert_eq!(Inference::jobs_of(MODEL), 0);
		assert_eq!((Requests::<Test>::iter().count(), Closed::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn an_open_job_is_not_forgotten() {
	with_servers(3, || {
		let waiting = ask(CALLER, 1);
		Inference::forget(waiting);
		assert!(Inference::job_view(waiting).unwrap().waiting);
		let (job, fee) = drawn();
		Inference::forget(job);
		assert_eq!(Inference::job(job).unwrap().fee, fee);
		Inference::forget(JobId(99));
	});
}

#[test]
fn a_models_jobs_are_counted_until_they_are_forgotten_or_cancelled() {
	with_servers(3, || {
		let (first, _) = drawn();
		let second = ask(CALLER, 1);
		assert_eq!((Inference::jobs_of(MODEL), Inference::jobs_of(ModelId(8))), (2, 0));
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(CALLER), second));
		assert_eq!(Inference::jobs_of(MODEL), 1);
		assert_ok!(Inference::close(first, &POT, 0));
		assert_eq!(Inference::jobs_of(MODEL), 1);
		Inference::forget(first);
		assert_eq!(Inference::jobs_of(MODEL), 0);
		assert!(!ModelJobs::<Test>::contains_key(MODEL));
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
				unit_price: 0,
				data_fee: 0,
				committee: 3,
				requested_at: 1 + MATURITY,
				request_hash: request.hash(),
			})
		);
		assert_eq!(Inference::job(JobId(99)), None);
	});
}
