//! Models that proposers deliver.

use crate::{
	mock::{Launches, *},
	*,
};
use openledger_primitives::{mocks::State, DatanetId, DatanetVersion, LaunchId, ModelId};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult},
};

fn deliver(who: AccountId, id: LaunchId, model: ModelId) -> DispatchResult {
	Launches::deliver(origin(who), id, model)
}

fn delivered_model(id: LaunchId) -> Option<ModelId> {
	match crate::Launches::<Test>::get(id).unwrap().stage {
		Stage::Open { delivered, .. } => delivered,
		Stage::Proposed { .. } => None,
	}
}

#[test]
fn a_proposer_delivers_a_model_trained_on_what_came_in() {
	test(|| {
		let id = approved();
		pass(1);
		let made = model(ALICE, &[new_version(2)]);
		assert_ok!(deliver(ALICE, id, made));
		assert_eq!(last_event(), Some(Event::ModelDelivered { launch: id, model: made }));
		assert_eq!(delivered_model(id), Some(made));
		// a better one takes its place
		let better = model(ALICE, &[new_version(3)]);
		assert_ok!(deliver(ALICE, id, better));
		assert_eq!(delivered_model(id), Some(better));
	});
}

#[test]
fn attesters_are_drawn_for_what_was_delivered_and_not_before() {
	test(|| {
		let id = approved();
		pass(1);
		let version = new_version(2);
		// evaluated until the attesters were one's own
		let lucky = model(ALICE, &[version]);
		attest(lucky, 1_000_000);
		assert_noop!(deliver(ALICE, id, lucky), Error::<Test>::AlreadyEvaluated);
		for _ in 0..MAX_DELIVERIES {
			let made = model(ALICE, &[version]);
			assert_ok!(deliver(ALICE, id, made));
			attest(made, 899_999);
		}
		let more = model(ALICE, &[version]);
		assert_noop!(deliver(ALICE, id, more), Error::<Test>::TooManyDeliveries);
	});
}

#[test]
fn what_was_reached_stays_reached() {
	test(|| {
		let (id, made) = delivered();
		attest(made, 900_000);
		let another = model(ALICE, &[version(2)]);
		assert_noop!(deliver(ALICE, id, another), Error::<Test>::GoalReached);
	});
}

#[test]
fn a_model_of_before_is_not_what_was_promised() {
	test(|| {
		let id = approved();
		let beside = new_version(2);
		pass(1);
		let new = new_version(3);
		let elsewhere = DatanetVersion { datanet: DatanetId(8), version: 1 };
		State::with(|state| state.made.insert(elsewhere, now()));
		let unknown = version(99);
		for trained in [&[version(1)][..], &[beside], &[elsewhere], &[unknown], &[]] {
			let old = model(ALICE, trained);
			assert_noop!(deliver(ALICE, id, old), Error::<Test>::NotTrainedOnIt);
		}
		assert_ok!(deliver(ALICE, id, model(ALICE, &[elsewhere, new])));
	});
}

#[test]
fn only_the_proposer_delivers_and_only_its_own() {
	test(|| {
		let waiting = proposed();
		let id = approved();
		pass(1);
		let version = new_version(2);
		let (own, others) = (model(ALICE, &[version]), model(BOB, &[version]));
		assert_noop!(deliver(BOB, id, others), Error::<Test>::NotProposer);
		assert_noop!(deliver(ALICE, id, others), Error::<Test>::NotModelOwner);
		assert_noop!(deliver(ALICE, id, ModelId(9)), Error::<Test>::UnknownModel);
		assert_noop!(deliver(ALICE, LaunchId(9), own), Error::<Test>::UnknownLaunch);
		assert_noop!(deliver(ALICE, waiting, own), Error::<Test>::NotApproved);
		let none = Launches::deliver(RuntimeOrigin::none(), id, own);
		assert_eq!(none, Err(DispatchError::BadOrigin));
		State::with(|state| state.delisted.push(own));
		assert_noop!(deliver(ALICE, id, own), Error::<Test>::ModelDelisted);
	});
}

#[test]
fn nothing_is_delivered_after_the_deadline() {
	test(|| {
		let id = approved();
		run_to(41);
		let made = model(ALICE, &[new_version(2)]);
		assert_ok!(deliver(ALICE, id, made));
		pass(1);
		assert_noop!(deliver(ALICE, id, made), Error::<Test>::TooLate);
	});
}
