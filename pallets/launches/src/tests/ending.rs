//! Launches that reach their goal, and those that miss it.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{mocks::State, traits::Finding, BlobId, LaunchId, Ppm, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult},
};

fn conclude(id: LaunchId) -> DispatchResult {
	Launches::conclude(origin(POOR), id)
}

fn expire(id: LaunchId) -> DispatchResult {
	Launches::expire(origin(POOR), id)
}

#[test]
fn a_goal_that_was_attested_lists_the_model_and_frees_the_bond() {
	test(|| {
		let (id, model) = delivered();
		assert_noop!(conclude(id), Error::<Test>::GoalMissed);
		attest(model, 900_000);
		let none = Launches::conclude(RuntimeOrigin::none(), id);
		assert_eq!(none, Err(DispatchError::BadOrigin));
		assert_ok!(conclude(id));
		let event = Event::LaunchConcluded {
			launch: id,
			model,
			evaluation: 0,
			value: Ppm(900_000),
			released: BOND,
		};
		assert_eq!(last_event(), Some(event));
		assert_eq!(State::with(|state| state.listed.clone()), [model]);
		assert_eq!((free(ALICE), held(ALICE)), (RICH, 0));
		assert_noop!(conclude(id), Error::<Test>::UnknownLaunch);
		assert_noop!(expire(id), Error::<Test>::UnknownLaunch);
	});
}

#[test]
fn another_data_set_metric_or_model_does_not_count() {
	test(|| {
		let (id, delivered) = delivered();
		attest(model(ALICE, &[version(2)]), 1_000_000);
		attest(delivered, 1_000_000);
		State::with(|state| state.evaluations[1].1 = BlobId([8; 32]));
		attest(delivered, 1_000_000);
		State::with(|state| state.evaluations[2].2 = b"recall".to_vec());
		assert_noop!(conclude(id), Error::<Test>::GoalMissed);
	});
}

#[test]
fn there_is_nothing_to_conclude_before_something_is_delivered() {
	test(|| {
		let (waiting, open) = (proposed(), approved());
		assert_noop!(conclude(waiting), Error::<Test>::NotApproved);
		assert_noop!(conclude(open), Error::<Test>::NotDelivered);
	});
}

#[test]
fn a_launch_that_misses_its_goal_loses_the_bond_to_the_treasury() {
	test(|| {
		let (id, model) = delivered();
		let none = Launches::expire(RuntimeOrigin::none(), id);
		assert_eq!(none, Err(DispatchError::BadOrigin));
		run_to(41);
		assert_noop!(expire(id), Error::<Test>::NotExpired);
		pass(1);
		// too late
		attest(model, 1_000_000);
		assert_noop!(conclude(id), Error::<Test>::GoalMissed);
		assert_ok!(expire(id));
		let event = Event::LaunchExpired { launch: id, released: 0, forfeited: BOND };
		assert_eq!(last_event(), Some(event));
		assert_eq!((free(ALICE), held(ALICE)), (RICH - BOND, 0));
		assert_eq!(free(TREASURY), FUNDS - 1_000 * OPEN + BOND);
		assert!(State::with(|state| state.listed.is_empty()));
	});
}

#[test]
fn a_goal_that_was_not_reached_is_missed() {
	test(|| {
		let (id, model) = delivered();
		attest(model, 899_999);
		assert_noop!(conclude(id), Error::<Test>::GoalMissed);
		State::with(|state| state.evaluations[0].3 = Finding::Undecided);
		assert_noop!(conclude(id), Error::<Test>::GoalMissed);
	});
}

#[test]
fn a_launch_whose_datanet_takes_no_more_data_is_held_to_its_promise() {
	test(|| {
		let id = approved();
		State::with(|state| state.shut.push(NET));
		run_to(42);
		assert_ok!(expire(id));
		let event = Event::LaunchExpired { launch: id, released: 0, forfeited: BOND };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn a_launch_whose_datanet_is_gone_gets_its_bond_back() {
	test(|| {
		let id = approved();
		State::with(|state| state.gone.push(NET));
		assert_noop!(expire(id), Error::<Test>::NotExpired);
		run_to(42);
		assert_ok!(expire(id));
		let event = Event::LaunchExpired { launch: id, released: BOND, forfeited: 0 };
		assert_eq!(last_event(), Some(event));
		assert_eq!((free(ALICE), held(ALICE)), (RICH, 0));
	});
}

#[test]
fn a_launch_without_a_model_loses_the_bond_too() {
	test(|| {
		let id = approved();
		run_to(42);
		assert_ok!(expire(id));
		assert_eq!(held(ALICE), 0);
	});
}

#[test]
fn nobody_has_a_launch_expire_that_reached_its_goal_in_time() {
	test(|| {
		let (id, model) = delivered();
		run_to(41);
		attest(model, 950_000);
		run_to(90);
		assert_noop!(expire(id), Error::<Test>::GoalReached);
		assert_ok!(conclude(id));
	});
}

#[test]
fn a_delisted_or_retired_model_concludes_nothing_and_its_launch_can_still_end() {
	for spoil in [
		|state: &mut State, model| state.delisted.push(model),
		|state: &mut State, model| {
			state.models.remove(&model);
		},
	] {
		test(|| {
			let (id, model) = delivered();
			attest(model, 950_000);
			State::with(|state| spoil(state, model));
			let is_delisted = State::with(|state| state.delisted.contains(&model));
			let error = if is_delisted {
				Error::<Test>::ModelDelisted
			} else {
				Error::<Test>::UnknownModel
			};
			assert_noop!(conclude(id), error);
			run_to(42);
			assert_ok!(expire(id));
		});
	}
}

#[test]
fn the_call_of_a_launch_goes_on_when_the_launch_is_over() {
	test(|| {
		let (id, model) = delivered();
		attest(model, 950_000);
		let contribution = accepted(BOB, 100);
		assert_ok!(conclude(id));
		pass(MATURITY);
		assert_ok!(Launches::claim_call(origin(BOB), 0.into(), contribution, 10 * OPEN));
	});
}
