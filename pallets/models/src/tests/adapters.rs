use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	mocks::State, traits::Models as _, DatanetVersion, ModelId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult, TokenError},
};

fn adapt(
	who: AccountId,
	base: ModelId,
	datanets: &[DatanetVersion],
	royalty: u32,
) -> DispatchResult {
	Models::register_adapter(RuntimeOrigin::signed(who), base, manifest(datanets, royalty))
}

#[test]
fn an_adapter_inherits_datanets_and_fees_and_names_whom_it_owes() {
	test(|| {
		let base = model(&[at(1, 2), at(4, 1)], 300_000);
		let middle = adapter(TUNER, base, &[at(4, 3), at(7, 1)], 50_000);
		assert_eq!(held(TUNER), 100 * OPEN);
		assert_eq!(
			last_event(),
			Some(Event::ModelRegistered {
				model: middle,
				owner: TUNER,
				base: Some(base),
				deposit: 100 * OPEN
			})
		);
		let top = adapter(BUILDER, middle, &[at(1, 1)], 0);

		let info = Models::model(middle).unwrap();
		assert_eq!(Models::lineage(middle), [(base, BUILDER, Ppm(300_000))]);
		assert_eq!(info.datanets, [at(1, 2), at(4, 3), at(7, 1)]);
		let info = Models::model(top).unwrap();
		assert_eq!(
			Models::lineage(top),
			[(base, BUILDER, Ppm(300_000)), (middle, TUNER, Ppm(50_000))]
		);
		// of each Datanet the latest version, and its fee once
		assert_eq!(info.datanets, [at(1, 2), at(4, 3), at(7, 1)]);
		assert_eq!(Models::data_fee(top), 1 + 4 + 7);
		assert_eq!(info.owner, BUILDER);
	});
}

#[test]
fn a_change_of_a_data_fee_binds_every_heir() {
	test(|| {
		let base = model(&[at(5, 1)], 0);
		let top = adapter(TUNER, base, &[at(6, 1)], 0);
		State::with(|state| state.data_fees.insert(at(5, 1).datanet, 1_000));
		assert_eq!(Models::data_fee(base), 1_000);
		assert_eq!(Models::data_fee(top), 1_006);
	});
}

#[test]
fn an_adapter_that_cannot_be_is_refused() {
	test(|| {
		let base = model(&[at(1, 1)], 300_000);
		let own = [at(2, 1)];
		assert_noop!(adapt(TUNER, ModelId(9), &own, 0), Error::<Test>::UnknownModel);
		assert_noop!(adapt(TUNER, base, &[], 0), Error::<Test>::NoDatanets);
		assert_noop!(adapt(TUNER, base, &[at(2, 9)], 0), Error::<Test>::UnknownVersion);
		assert_noop!(adapt(TUNER, base, &own, 1_000_001), Error::<Test>::InvalidRoyalty);
		assert_noop!(adapt(TUNER, base, &own, 200_001), Error::<Test>::RoyaltiesTooHigh);
		let denied = DispatchError::Other("may not train");
		assert_noop!(adapt(FORBIDDEN, base, &own, 0), denied);
		assert_noop!(adapt(POOR, base, &own, 0), TokenError::FundsUnavailable);
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), base, false));
		pass(NOTICE);
		assert_noop!(adapt(TUNER, base, &own, 0), Error::<Test>::BaseInactive);
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), base, true));
		assert_ok!(adapt(TUNER, base, &own, 200_000));
	});
}

#[test]
fn a_lineage_claims_at_most_half() {
	test(|| {
		let base = model(&[at(1, 1)], 200_000);
		let middle = adapter(TUNER, base, &[at(1, 1)], 200_000);
		assert_noop!(adapt(TUNER, middle, &[at(1, 1)], 100_001), Error::<Test>::RoyaltiesTooHigh);
		let top = adapter(TUNER, middle, &[at(1, 1)], 100_000);
		assert_noop!(adapt(TUNER, top, &[at(1, 1)], 1), Error::<Test>::RoyaltiesTooHigh);
		adapter(TUNER, top, &[at(1, 1)], 0);
	});
}

#[test]
fn a_model_stands_on_at_most_eight_bases() {
	test(|| {
		let mut top = model(&[at(1, 1)], 0);
		for _ in 0..MAX_DEPTH {
			top = adapter(TUNER, top, &[at(1, 1)], 0);
		}
		assert_eq!(Models::lineage(top).len(), MAX_DEPTH as usize);
		assert_noop!(adapt(TUNER, top, &[at(1, 1)], 0), Error::<Test>::TooDeep);
	});
}

#[test]
fn a_model_inherits_at_most_64_datanets() {
	test(|| {
		let sixteen = |i: u32| (16 * i..16 * (i + 1)).map(|id| at(id, 1)).collect::<Vec<_>>();
		let mut top = model(&sixteen(0), 0);
		for i in 1..4 {
			top = adapter(TUNER, top, &sixteen(i), 0);
		}
		assert_noop!(adapt(TUNER, top, &[at(64, 1)], 0), Error::<Test>::TooManyDatanets);
		adapter(TUNER, top, &[at(0, 3)], 0);
	});
}
