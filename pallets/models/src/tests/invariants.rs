//! Each invariant is broken once, so that its check is known to see it.

use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{mocks::State, ModelId, Ppm};
use polkadot_sdk::frame_support::{
	assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};

/// A model with two adapters on top of each other; then `damage` is done to the second adapter or
/// elsewhere, which the check has to call `complaint`.
fn broken(complaint: &'static str, damage: impl FnOnce(&mut Model<AccountId>)) {
	new_test_ext().execute_with(|| {
		let base = model(&[at(1, 1)], 100_000);
		let middle = adapter(TUNER, base, &[at(2, 1)], 100_000);
		let top = adapter(TUNER, middle, &[at(3, 1)], 100_000);
		assert_ok!(Models::do_try_state());
		let mut changed = crate::Models::<Test>::get(top).unwrap();
		damage(&mut changed);
		crate::Models::<Test>::insert(top, changed);
		assert_eq!(Models::do_try_state(), Err(complaint.into()));
	});
}

#[test]
fn models_are_numbered_without_a_gap() {
	broken("a model has an unused id", |_| NextModel::<Test>::put(ModelId(2)));
	broken("a model is missing", |_| NextModel::<Test>::put(ModelId(4)));
}

#[test]
fn holds_are_the_deposits() {
	let complaint = "an account's holds differ from its deposits";
	broken(complaint, |_| {
		let reason = HoldReason::Model.into();
		assert_ok!(Balances::release(&reason, &BUILDER, 1, Precision::Exact));
	});
	broken(complaint, |model| model.deposit -= 1);
}

#[test]
fn a_lineage_is_that_of_the_base() {
	broken("a base came after its adapter", |model| {
		model.bases = vec![ModelId(0), ModelId(2)].try_into().unwrap()
	});
	broken("an adapter's lineage is not its base's", |model| {
		model.bases = vec![ModelId(1)].try_into().unwrap()
	});
}

#[test]
fn a_heritage_is_what_was_declared_and_inherited() {
	broken("the heritage is wrong", |model| {
		model.trained_on.pop();
	});
	broken("the heritage is wrong", |model| {
		model.manifest.datanets.pop();
	});
	broken("a model was trained on nothing", |model| {
		model.bases = Default::default();
		model.manifest.datanets = Default::default();
		model.trained_on = Default::default();
	});
	broken("a model was trained on a version that does not exist", |_| {
		State::with(|state| state.versions.retain(|version| *version != at(3, 1)))
	});
}

#[test]
fn royalties_leave_the_owner_half() {
	broken("royalties are too high", |model| model.manifest.royalty = Ppm(300_001));
}
