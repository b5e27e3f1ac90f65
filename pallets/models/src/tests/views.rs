use crate::runtime_api::RevokedView;
use crate::{
	mock::{Models, *},
	runtime_api::BaseView,
};
use openledger_primitives::{mocks::State, BlobId, ModelId, Ppm};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn a_model_shows_lineage_and_data_fee() {
	test(|| {
		let base = model(&[at(2, 1)], 10_000);
		let top = adapter(TUNER, base, &[at(3, 1)], 0);
		let view = Models::model_view(top).unwrap();
		assert_eq!(view.model, crate::Models::<Test>::get(top).unwrap());
		let expected = BaseView { id: base, owner: BUILDER, royalty: Ppm(10_000) };
		assert_eq!((view.id, view.lineage, view.data_fee), (top, vec![expected], 5));
		assert_eq!(Models::model_view(ModelId(2)), None);
	});
}

#[test]
fn models_are_listed_by_id() {
	test(|| {
		for _ in 0..5 {
			model(&[at(1, 1)], 0);
		}
		let listed = |from, limit| -> Vec<u32> {
			Models::models_view(ModelId(from), limit).iter().map(|view| view.id.0).collect()
		};
		assert_eq!(listed(0, u32::MAX), [0, 1, 2, 3, 4]);
		assert_eq!(listed(3, 1), [3]);
		// those that are gone are left out
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), ModelId(1), false));
		assert_ok!(Models::retire(RuntimeOrigin::signed(BUILDER), ModelId(1)));
		assert_eq!(listed(0, 2), [0, 2]);
		assert!(listed(5, 9).is_empty());
		assert!(listed(u32::MAX, 9).is_empty());
	});
}

#[test]
fn a_view_says_what_counts_now() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(Models::set_price(RuntimeOrigin::signed(BUILDER), id, 5));
		pass(1);
		assert_ok!(Models::set_price(RuntimeOrigin::signed(BUILDER), id, 9));
		assert_ok!(Models::set_unit_price(RuntimeOrigin::signed(BUILDER), id, 2));
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), id, false));
		let seen = || {
			let view = Models::model_view(id).unwrap();
			(view.price, view.unit_price, view.active, view.engine_version)
		};
		assert_eq!(seen(), (5, 0, true, 1));
		pass(NOTICE);
		assert_eq!(seen(), (9, 2, false, 1));
	});
}

#[test]
fn revoked_data_flag_every_model_that_holds_them() {
	test(|| {
		let base = model(&[at(1, 2), at(2, 1)], 0);
		let top = adapter(TUNER, base, &[at(3, 1)], 0);
		let flags = |id| Models::model_view(id).unwrap().revoked;
		assert!(flags(top).is_empty());
		State::with(|s| s.revoked.extend([(at(1, 2), 4), (at(3, 1), 1), (at(1, 1), 9)]));
		let four = RevokedView { version: at(1, 2), contributions: 4 };
		let one = RevokedView { version: at(3, 1), contributions: 1 };
		assert_eq!(flags(base), vec![four.clone()]);
		assert_eq!(flags(top), vec![four, one]);
	});
}

#[test]
fn evaluations_are_listed_by_number() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		for dataset in 5..8 {
			let evaluation = crate::Evaluation {
				dataset: BlobId([dataset; 32]),
				metric: b"f1".to_vec().try_into().unwrap(),
				claimed: Ppm(1),
			};
			let origin = RuntimeOrigin::signed(BUILDER);
			assert_ok!(Models::record_evaluation(origin, id, evaluation));
		}
		let numbers = |id| -> Vec<u32> {
			Models::evaluations_view(id).iter().map(|view| view.number).collect()
		};
		assert_eq!(numbers(id), [0, 1, 2]);
		assert!(numbers(ModelId(7)).is_empty());
	});
}
