use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	mocks::State,
	traits::{Input, JobInfo, Models as _},
	BlobId, JobId, ModelId, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult},
};

fn retire(who: AccountId, id: ModelId) -> DispatchResult {
	Models::retire(RuntimeOrigin::signed(who), id)
}

fn close(who: AccountId, id: ModelId) {
	assert_ok!(Models::set_status(RuntimeOrigin::signed(who), id, false));
}

/// A job of `model` that is not forgotten.
fn job(id: u64, model: ModelId) {
	let job = JobInfo {
		model,
		caller: TUNER,
		input: Input::Blob(BlobId([7; 32])),
		fee: 0,
		floor_base: 0,
		floor_per_seat: 0,
		unit_price: 0,
		data_fee: 0,
		committee: 1,
		requested_at: 1,
		request_hash: [0; 32],
	};
	State::with(|s| s.jobs.insert(JobId(id), job));
}

#[test]
fn a_retired_model_is_gone_and_its_deposit_back() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		let kept = model(&[at(1, 1)], 0);
		close(BUILDER, id);
		assert_ok!(retire(BUILDER, id));
		let event = Event::ModelRetired { model: id, owner: BUILDER, released: 100 * OPEN };
		assert_eq!(last_event(), Some(event));
		assert_eq!(held(BUILDER), 100 * OPEN);
		assert_eq!((Models::model(id), Models::model_view(id)), (None, None));
		assert!(Models::model(kept).is_some());
		assert_eq!(State::with(|s| s.unserved.clone()), [id]);
		assert_noop!(retire(BUILDER, id), Error::<Test>::UnknownModel);
		// its id is not given again
		assert_eq!(model(&[at(1, 1)], 0), ModelId(2));
	});
}

#[test]
fn the_owner_alone_retires_a_closed_model() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		pass(1);
		assert_noop!(retire(BUILDER, ModelId(9)), Error::<Test>::UnknownModel);
		assert_noop!(retire(TUNER, id), Error::<Test>::NotOwner);
		assert_noop!(Models::retire(RuntimeOrigin::none(), id), DispatchError::BadOrigin);
		assert_noop!(retire(BUILDER, id), Error::<Test>::StillActive);
		close(BUILDER, id);
		pass(NOTICE - 1);
		assert_noop!(retire(BUILDER, id), Error::<Test>::StillActive);
		pass(1);
		assert_ok!(retire(BUILDER, id));
	});
}

#[test]
fn what_adapters_stand_on_stays() {
	test(|| {
		let base = model(&[at(1, 1)], 0);
		let middle = adapter(TUNER, base, &[at(1, 1)], 0);
		let top = adapter(BUILDER, middle, &[at(1, 1)], 0);
		for (owner, id) in [(BUILDER, base), (TUNER, middle), (BUILDER, top)] {
			close(owner, id);
		}
		assert_noop!(retire(BUILDER, base), Error::<Test>::HasAdapters);
		assert_noop!(retire(TUNER, middle), Error::<Test>::HasAdapters);
		assert_ok!(retire(BUILDER, top));
		assert_ok!(retire(TUNER, middle));
		assert_ok!(retire(BUILDER, base));
		assert_eq!(held(BUILDER) + held(TUNER), 0);
	});
}

#[test]
fn what_jobs_refer_to_stays() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		close(BUILDER, id);
		job(3, id);
		assert_noop!(retire(BUILDER, id), Error::<Test>::HasJobs);
		State::with(|s| s.jobs.clear());
		job(4, ModelId(7));
		assert_ok!(retire(BUILDER, id));
	});
}
