//! Whatever happens, money is neither made nor lost and every request ends.

use crate::{mock::*, Closed, ModelJobs, Requests, Waiting};
use openledger_primitives::{mocks::State, traits::Jobs as _, JobId, OPEN};
use polkadot_sdk::frame_support::traits::Hooks;
use proptest::prelude::*;

/// Something that can happen in a block.
#[derive(Clone, Debug)]
enum Step {
	Request { caller: u64, seats: u8, price: u128, unit_price: u128 },
	Cancel { caller: u64, job: u64 },
	Close { job: u64, percent: u128 },
	Forget { job: u64 },
	Serve { worker: u64 },
	Withdraw { worker: u64 },
	Bond { worker: u64 },
	Failures { assigning: bool, refunding: bool },
	Block,
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => (1..=3u64, 0..=5u8, 0..=300 * OPEN, 0..=OPEN).prop_map(
			|(caller, seats, price, unit_price)| Step::Request { caller, seats, price, unit_price }
		),
		1 => (1..=3u64, 0..20u64).prop_map(|(caller, job)| Step::Cancel { caller, job }),
		2 => (0..20u64, 0..=110u128).prop_map(|(job, percent)| Step::Close { job, percent }),
		1 => (0..20u64).prop_map(|job| Step::Forget { job }),
		1 => (10..18u64).prop_map(|worker| Step::Serve { worker }),
		1 => (10..18u64).prop_map(|worker| Step::Withdraw { worker }),
		1 => (10..18u64).prop_map(|worker| Step::Bond { worker }),
		1 => any::<(bool, bool)>().prop_map(|(assigning, refunding)| Step::Failures {
			assigning,
			refunding
		}),
		4 => Just(Step::Block),
	]
}

fn next_block() {
	end_block();
	let next = System::block_number() + 1;
	System::set_block_number(next);
	Inference::on_initialize(next);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn every_fee_is_held_spent_or_released(steps in prop::collection::vec(step(), 1..80)) {
		with_servers(4, || {
			for step in steps {
				// refused calls change nothing; which are refused is tested elsewhere
				match step {
					Step::Request { caller, seats, price, unit_price } => {
						register_with_units(MODEL, price, unit_price, 0);
						let origin = RuntimeOrigin::signed(caller);
						let _ = Inference::request(origin, MODEL, input(), u128::MAX, seats);
					},
					Step::Cancel { caller, job } => {
						let _ = Inference::cancel(RuntimeOrigin::signed(caller), JobId(job));
					},
					Step::Close { job, percent } => {
						let fee = Requests::<Test>::get(JobId(job)).map_or(0, |r| r.fee);
						let _ = Inference::close(JobId(job), &POT, fee * percent / 100);
					},
					Step::Forget { job } => Inference::forget(JobId(job)),
					Step::Serve { worker } => {
						let _ = Inference::serve(RuntimeOrigin::signed(worker), MODEL);
					},
					Step::Withdraw { worker } => {
						let _ = Inference::withdraw(RuntimeOrigin::signed(worker), MODEL);
					},
					Step::Bond { worker } => bond(worker, BOND),
					Step::Failures { assigning, refunding } => {
						CommitteeSide::fail(assigning, refunding);
					},
					Step::Block => next_block(),
				}
				Inference::do_try_state().unwrap();
			}
			// the queue empties, and every job left has a committee
			(0..8).for_each(|_| next_block());
			assert_eq!(Waiting::<Test>::iter().count(), 0);
			for job in Requests::<Test>::iter_keys().collect::<Vec<_>>() {
				if !Closed::<Test>::contains_key(job) {
					assert!(committee(job).is_some());
					Inference::close(job, &POT, 0).unwrap();
				}
				Inference::forget(job);
			}
			assert_eq!(Requests::<Test>::iter().count() + ModelJobs::<Test>::iter().count(), 0);
			assert_eq!(held(CALLER) + held(OTHER) + held(POOR), 0);
			State::reset();
		});
	}
}
