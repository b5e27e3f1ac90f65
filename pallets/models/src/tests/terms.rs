use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	mocks::State,
	traits::{Models as _, Terms},
	ModelId,
};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

fn set_terms(datanet: u32, commercial: bool, derivatives: bool) {
	let terms = Terms { commercial, derivatives };
	State::with(|s| s.terms.insert(at(datanet, 1).datanet, terms));
}

fn refuses_prices(who: AccountId, id: ModelId) {
	let refused = Models::set_price(RuntimeOrigin::signed(who), id, 1);
	assert_noop!(refused, Error::<Test>::NotCommercial);
	let refused = Models::set_unit_price(RuntimeOrigin::signed(who), id, 1);
	assert_noop!(refused, Error::<Test>::NotCommercial);
	assert_ok!(Models::set_price(RuntimeOrigin::signed(who), id, 0));
	assert_ok!(Models::set_unit_price(RuntimeOrigin::signed(who), id, 0));
}

#[test]
fn models_of_data_that_are_not_commercial_stay_free() {
	test(|| {
		set_terms(2, false, true);
		let base = model(&[at(1, 1), at(2, 1)], 0);
		refuses_prices(BUILDER, base);
		// so do adapters of them, whatever they were trained on besides
		let top = adapter(TUNER, base, &[at(3, 1)], 0);
		refuses_prices(TUNER, top);
		assert_eq!(Models::model(top).unwrap().price, 0);
		// others may have a price
		let other = model(&[at(3, 1)], 0);
		assert_ok!(Models::set_price(RuntimeOrigin::signed(BUILDER), other, 1));
		// as may theirs of which a base became free to sell
		set_terms(2, true, true);
		assert_ok!(Models::set_price(RuntimeOrigin::signed(TUNER), top, 1));
	});
}

#[test]
fn nothing_stands_on_data_that_forbid_derivatives() {
	test(|| {
		let base = model(&[at(1, 1)], 0);
		set_terms(2, true, false);
		// a model itself may be trained on them, an adapter too
		let top = adapter(TUNER, base, &[at(2, 1)], 0);
		let whole = model(&[at(2, 1)], 0);
		for refusing in [top, whole] {
			let origin = RuntimeOrigin::signed(TUNER);
			let refused = Models::register_adapter(origin, refusing, manifest(&[at(3, 1)], 0));
			assert_noop!(refused, Error::<Test>::NoDerivatives);
		}
		adapter(TUNER, base, &[at(3, 1)], 0);
	});
}
