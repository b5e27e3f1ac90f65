//! Each invariant is broken once, so that its check is known to see it.

use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{mocks::State, BlobId, ModelId, Ppm, OPEN, TOTAL_ISSUANCE};
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
fn ids_were_given() {
	broken("a model has an unused id", |_| NextModel::<Test>::put(ModelId(2)));
}

#[test]
fn holds_are_the_deposits() {
	let complaint = "an account's holds differ from its deposits";
	broken(complaint, |_| {
		let reason = HoldReason::Model.into();
		assert_ok!(Balances::release(&reason, &BUILDER, 1, Precision::Exact));
	});
	broken(complaint, |model| model.deposit -= 1);
	// held for no model, and by somebody who owns none
	broken(complaint, |_| {
		assert_ok!(Balances::hold(&HoldReason::Model.into(), &POOR, 1));
	});
	broken(complaint, |_| {
		assert_ok!(Balances::hold(&HoldReason::Evaluation.into(), &BUILDER, 1));
	});
	broken("an owner has no account", |model| {
		model.owner = 777;
		let reason = HoldReason::Model.into();
		assert_ok!(Balances::release(&reason, &TUNER, 100 * OPEN, Precision::Exact));
	});
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

#[test]
fn what_was_announced_is_possible() {
	use announced::{Announced, Change};
	let later = |value| Announced { value: 0, next: Some(Change { value, from: 9 }) };
	let complaint = "a price is above all OPEN";
	broken(complaint, |model| model.price = Announced::new(TOTAL_ISSUANCE + 1));
	broken(complaint, |model| model.unit_price = later(TOTAL_ISSUANCE + 1));
	let complaint = "an engine version is unknown";
	broken(complaint, |model| model.engine_version = Announced::new(0));
	broken(complaint, |model| {
		model.engine_version = Announced { value: 1, next: Some(Change { value: 3, from: 9 }) }
	});
}

#[test]
fn a_model_counts_its_adapters() {
	broken("a model's adapters are miscounted", |model| model.adapters = 1);
}

/// An evaluation that waits and one that is open, of one model; then `damage` is done.
fn broken_evaluation(complaint: &'static str, damage: impl FnOnce(ModelId)) {
	new_test_ext().execute_with(|| {
		bond_workers(3);
		run_to(MATURITY);
		let id = model(&[at(1, 1)], 0);
		for dataset in [5, 6] {
			let evaluation = Evaluation {
				dataset: BlobId([dataset; 32]),
				metric: b"f1".to_vec().try_into().unwrap(),
				claimed: Ppm(1),
			};
			let origin = RuntimeOrigin::signed(BUILDER);
			assert_ok!(Models::record_evaluation(origin, id, evaluation));
			pass(3);
		}
		assert_ok!(Models::do_try_state());
		damage(id);
		assert_eq!(Models::do_try_state(), Err(complaint.into()));
	});
}

fn change(id: ModelId, number: u32, change: impl FnOnce(&mut EvaluationRecord<AccountId>)) {
	Evaluations::<Test>::mutate(id, number, |record| change(record.as_mut().unwrap()));
}

/// Changes the attesters of the open evaluation.
fn reseat(id: ModelId, reseat: impl FnOnce(&mut Attesters<AccountId>)) {
	change(id, 0, |record| {
		let Progress::Open { attesters, .. } = &mut record.progress else { panic!("not open") };
		reseat(attesters);
	});
}

#[test]
fn evaluations_are_sound() {
	let deposits = "an account's holds differ from its deposits";
	broken_evaluation(deposits, |id| change(id, 0, |record| record.deposit += 1));
	broken_evaluation("an evaluation of no model", |id| {
		let record = Evaluations::<Test>::get(id, 0).unwrap();
		Evaluations::<Test>::insert(ModelId(9), 0, record);
	});
	broken_evaluation("an evaluation has an unused number", |id| {
		crate::Models::<Test>::mutate(id, |model| model.as_mut().unwrap().next_evaluation = 1);
	});
	broken_evaluation("too many evaluations are kept", |id| {
		crate::Models::<Test>::mutate(id, |model| model.as_mut().unwrap().next_evaluation = 9);
		let mut record = Evaluations::<Test>::get(id, 0).unwrap();
		record.deposit = 0;
		record.progress = Progress::Attested { value: Ppm(1), at: 1 };
		(2..4).for_each(|number| Evaluations::<Test>::insert(id, number, record.clone()));
	});
	broken_evaluation("an evaluation lies in the future", |id| {
		change(id, 1, |record| record.recorded_at = 1_000)
	});
	broken_evaluation("an evaluation's deposit is not that of its progress", |id| {
		change(id, 1, |record| record.progress = Progress::Attested { value: Ppm(1), at: 1 })
	});
	let complaint = "an evaluation's attesters are not apart";
	broken_evaluation(complaint, |id| reseat(id, |seats| seats[0] = seats[1].clone()));
	broken_evaluation(complaint, |id| reseat(id, |seats| seats[0].worker = BUILDER));
	broken_evaluation(complaint, |id| reseat(id, |seats| seats.clear()));
}

#[test]
fn marks_are_of_models_and_of_the_past() {
	let mark = |id, since| Listings::<Test>::insert(ModelId(id), Listing::Listed { since });
	broken("a listing is of no model", |_| mark(3, 1));
	broken("a listing lies in the future", |_| mark(2, 2));
}

#[test]
fn queues_are_whole() {
	broken_evaluation("a queue has a gap", |_| DrawEntries::<Test>::remove(1));
	broken_evaluation("an evaluation is queued twice", |_| {
		let entry = DrawEntries::<Test>::get(1).unwrap();
		DrawEntries::<Test>::insert(2, entry);
		DrawBounds::<Test>::put((1, 3));
	});
	broken_evaluation("an entry lies outside its queue", |_| DrawBounds::<Test>::put((2, 2)));
	broken_evaluation("an evaluation waits for no draw", |_| {
		DrawEntries::<Test>::remove(1);
		DrawBounds::<Test>::put((2, 2));
	});
	broken_evaluation("an evaluation has no deadline", |_| {
		DeadlineEntries::<Test>::remove(0);
		DeadlineBounds::<Test>::put((1, 1));
	});
	broken_evaluation("more evaluations wait than may", |_| {
		for position in 2..9 {
			let due = Due { model: ModelId(0), number: position as u32, at: 99 };
			DrawEntries::<Test>::insert(position, due);
		}
		DrawBounds::<Test>::put((1, 9));
	});
}
