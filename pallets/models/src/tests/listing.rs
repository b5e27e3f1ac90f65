use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	traits::{Attested, Finding, ModelListings, Models as _},
	BlobId, ModelId, Ppm,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult},
};

fn list(id: ModelId) -> DispatchResult {
	Models::list(RuntimeOrigin::root(), id)
}

fn delist(id: ModelId) -> DispatchResult {
	Models::delist(RuntimeOrigin::root(), id)
}

/// Listed since when, and whether delisted, as users see it.
fn mark(id: ModelId) -> (Option<BlockNumber>, bool) {
	let view = Models::model_view(id).unwrap();
	(view.listed_since, view.delisted)
}

fn takes_requests(id: ModelId) -> bool {
	Models::model(id).unwrap().active
}

fn open(id: ModelId) -> DispatchResult {
	Models::set_status(RuntimeOrigin::signed(BUILDER), id, true)
}

#[test]
fn a_listed_model_shows_since_when_and_is_otherwise_as_before() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_eq!(mark(id), (None, false));
		pass(4);
		assert_ok!(list(id));
		assert_eq!(last_event(), Some(Event::ModelListed { model: id }));
		pass(1);
		assert_eq!(mark(id), (Some(5), false));
		assert!(takes_requests(id));
		assert_noop!(list(id), Error::<Test>::AlreadyListed);
	});
}

#[test]
fn only_the_listing_origin_lists_and_delists() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		for origin in [RuntimeOrigin::signed(BUILDER), RuntimeOrigin::none()] {
			assert_noop!(Models::list(origin.clone(), id), DispatchError::BadOrigin);
			assert_noop!(Models::delist(origin, id), DispatchError::BadOrigin);
		}
		assert_noop!(list(ModelId(9)), Error::<Test>::UnknownModel);
		assert_noop!(delist(ModelId(9)), Error::<Test>::UnknownModel);
	});
}

#[test]
fn a_delisted_model_takes_no_requests_and_its_owner_cannot_open_it() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(list(id));
		assert_ok!(delist(id));
		assert_eq!(last_event(), Some(Event::ModelDelisted { model: id }));
		assert_eq!(mark(id), (None, true));
		assert!(!takes_requests(id));
		assert!(!Models::model_view(id).unwrap().active);
		assert_noop!(delist(id), Error::<Test>::Delisted);
		assert_noop!(open(id), Error::<Test>::Delisted);
		// closing it is still the owner's
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), id, false));
	});
}

#[test]
fn nothing_new_stands_on_a_delisted_base_and_what_stands_goes_on() {
	test(|| {
		let base = model(&[at(1, 1)], 0);
		let before = adapter(TUNER, base, &[at(2, 1)], 0);
		assert_ok!(delist(base));
		let origin = RuntimeOrigin::signed(TUNER);
		assert_noop!(
			Models::register_adapter(origin, base, manifest(&[at(2, 1)], 0)),
			Error::<Test>::Delisted
		);
		assert!(takes_requests(before));
		assert_eq!(adapter(TUNER, before, &[at(2, 1)], 0), ModelId(2));
	});
}

#[test]
fn listing_brings_a_delisted_model_back() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(delist(id));
		pass(2);
		assert_ok!(list(id));
		assert_eq!(mark(id), (Some(3), false));
		assert!(takes_requests(id));
		assert_ok!(open(id));
	});
}

#[test]
fn a_delisted_model_can_be_retired_and_its_mark_goes_with_it() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(delist(id));
		assert_ok!(Models::retire(RuntimeOrigin::signed(BUILDER), id));
		assert_eq!(Listings::<Test>::get(id), None);
	});
}

#[test]
fn launches_list_what_is_not_delisted() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		let by_launch = <Models as ModelListings<AccountId>>::list;
		assert_ok!(by_launch(id));
		pass(1);
		// listed already: the mark is as old as it was
		assert_ok!(by_launch(id));
		assert_eq!(mark(id), (Some(1), false));
		assert_ok!(delist(id));
		assert_noop!(by_launch(id), Error::<Test>::Delisted);
		assert_noop!(by_launch(ModelId(7)), Error::<Test>::UnknownModel);
	});
}

#[test]
fn the_evaluation_by_a_metric_on_a_data_set_is_found() {
	test(|| {
		let id = model(&[at(1, 1), at(3, 2)], 0);
		let record = |number, metric: &[u8], dataset, progress| {
			let metric = metric.to_vec().try_into().unwrap();
			let dataset = BlobId([dataset; 32]);
			let evaluation = Evaluation { dataset, metric, claimed: Ppm(999_999) };
			let record = EvaluationRecord { evaluation, recorded_at: 1, deposit: 0, progress };
			Evaluations::<Test>::insert(id, number, record);
		};
		let attested = |value, at| Progress::Attested { value: Ppm(value), at };
		record(0, b"accuracy", 5, attested(700_000, 2));
		record(1, b"accuracy", 6, attested(900_000, 9));
		record(2, b"f1", 5, attested(990_000, 2));
		crate::Models::<Test>::mutate_extant(id, |model| model.next_evaluation = 3);
		let found = |metric: &[u8], dataset| Models::evaluation(id, &BlobId([dataset; 32]), metric);
		let finding =
			|number, value, at| Some(Finding::Attested(Attested { number, value: Ppm(value), at }));
		assert_eq!(found(b"accuracy", 5), finding(0, 700_000, 2));
		assert_eq!(found(b"accuracy", 6), finding(1, 900_000, 9));
		assert_eq!(found(b"f1", 5), finding(2, 990_000, 2));
		assert_eq!((found(b"f1", 6), found(b"recall", 5)), (None, None));
		record(2, b"f1", 5, Progress::Waiting);
		assert_eq!(found(b"f1", 5), Some(Finding::Undecided));
		Evaluations::<Test>::remove(id, 2);
		assert_eq!(Models::owner(id), Some(BUILDER));
		assert_eq!(Models::trained_on(id), [at(1, 1), at(3, 2)]);
		assert_eq!((Models::owner(ModelId(9)), Models::trained_on(ModelId(9))), (None, vec![]));
	});
}
