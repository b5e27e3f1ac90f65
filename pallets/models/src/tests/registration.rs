use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{traits::Models as _, Manifest, ModelId, Ppm, Task, OPEN};
use polkadot_sdk::{
	frame_support::{assert_err, assert_noop, assert_ok},
	sp_runtime::{DispatchError, TokenError},
};

fn register(who: AccountId, manifest: Manifest) -> polkadot_sdk::sp_runtime::DispatchResult {
	Models::register(RuntimeOrigin::signed(who), manifest)
}

#[test]
fn a_model_is_registered_for_a_deposit() {
	test(|| {
		let declared = manifest(&[at(3, 1), at(5, 2)], 100_000);
		assert_ok!(register(BUILDER, declared.clone()));
		assert_eq!(held(BUILDER), 100 * OPEN);
		let expected = Event::ModelRegistered {
			model: ModelId(0),
			owner: BUILDER,
			base: None,
			deposit: 100 * OPEN,
		};
		assert_eq!(last_event(), Some(expected));

		let stored = crate::Models::<Test>::get(ModelId(0)).unwrap();
		assert_eq!(stored.manifest, declared);
		assert!(stored.bases.is_empty());
		let info = Models::model(ModelId(0)).unwrap();
		assert_eq!((info.owner, info.active), (BUILDER, true));
		assert_eq!((info.price, info.unit_price), (0, 0));
		assert_eq!(info.datanets, [at(3, 1), at(5, 2)]);
		assert_eq!(Models::data_fee(ModelId(0)), 8);
		assert_eq!(Models::lineage(ModelId(0)), []);
		assert_eq!((info.artifact, info.features), (declared.artifact, declared.features));
		assert_eq!((info.task, info.input_bytes), (declared.task, declared.input_bytes));
		assert_eq!((info.feature_scale, info.answer_scale), (8, 0));
		assert_eq!(info.engine_version, 1);
		assert_eq!(Models::model(ModelId(1)), None);
	});
}

#[test]
fn a_manifest_that_cannot_be_is_refused() {
	test(|| {
		let good = manifest(&[at(1, 1)], 0);
		for input_bytes in [0, 1, 255] {
			let odd = Manifest { input_bytes, ..good.clone() };
			assert_noop!(register(BUILDER, odd), Error::<Test>::InvalidInputSize);
		}
		let silent = Manifest { task: Task::Generate, input_bytes: 0, ..good.clone() };
		assert_noop!(register(BUILDER, silent), Error::<Test>::InvalidInputSize);
		for task in [Task::Generate, Task::Retrieve] {
			let text = Manifest { task, input_bytes: 255, ..good.clone() };
			assert_ok!(register(BUILDER, text));
		}
		for engine_version in [0, 3] {
			let other = Manifest { engine_version, ..good.clone() };
			assert_noop!(register(BUILDER, other), Error::<Test>::UnknownEngineVersion);
		}
		let above = manifest(&[at(1, 1)], 1_000_001);
		assert_noop!(register(BUILDER, above), Error::<Test>::InvalidRoyalty);
		assert_noop!(register(BUILDER, manifest(&[], 0)), Error::<Test>::NoDatanets);
		for wrong in [[at(2, 1), at(1, 1)], [at(1, 1), at(1, 2)]] {
			assert_noop!(register(BUILDER, manifest(&wrong, 0)), Error::<Test>::DatanetsUnsorted);
		}
		for missing in [at(1, 0), at(1, 4), at(90, 1)] {
			let wrong = manifest(&[at(0, 1), missing], 0);
			assert_noop!(register(BUILDER, wrong), Error::<Test>::UnknownVersion);
		}
		let greedy = manifest(&[at(1, 1)], MAX_ROYALTIES + 1);
		assert_noop!(register(BUILDER, greedy), Error::<Test>::RoyaltiesTooHigh);
		assert_ok!(register(BUILDER, Manifest { royalty: Ppm(MAX_ROYALTIES), ..good }));
	});
}

#[test]
fn who_may_not_train_or_pay_is_refused() {
	test(|| {
		let good = manifest(&[at(1, 1)], 0);
		let denied = DispatchError::Other("may not train");
		assert_noop!(register(FORBIDDEN, good.clone()), denied);
		assert_noop!(register(POOR, good.clone()), TokenError::FundsUnavailable);
		NextModel::<Test>::put(ModelId(u32::MAX));
		assert_err!(register(BUILDER, good), Error::<Test>::IdsExhausted);
		NextModel::<Test>::put(ModelId(0));
	});
}
