use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{traits::Models as _, ModelId, TOTAL_ISSUANCE};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn the_owner_alone_sets_the_price() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		let set = |who, id, price| Models::set_price(RuntimeOrigin::signed(who), id, price);
		assert_noop!(set(BUILDER, ModelId(9), 1), Error::<Test>::UnknownModel);
		assert_noop!(set(TUNER, id, 1), Error::<Test>::NotOwner);
		assert_noop!(set(BUILDER, id, TOTAL_ISSUANCE + 1), Error::<Test>::PriceTooHigh);
		assert_ok!(set(BUILDER, id, 7));
		assert_ok!(set(BUILDER, id, TOTAL_ISSUANCE));
		let event = Event::PriceSet { model: id, old_value: 7, new_value: TOTAL_ISSUANCE };
		assert_eq!(last_event(), Some(event));
		assert_eq!(Models::model(id).unwrap().price, TOTAL_ISSUANCE);
	});
}

#[test]
fn the_owner_alone_opens_and_closes() {
	test(|| {
		let base = model(&[at(1, 1)], 0);
		let top = adapter(TUNER, base, &[at(1, 1)], 0);
		let set = |who, id, active| Models::set_status(RuntimeOrigin::signed(who), id, active);
		assert_noop!(set(BUILDER, ModelId(9), false), Error::<Test>::UnknownModel);
		assert_noop!(set(TUNER, base, false), Error::<Test>::NotOwner);
		assert_ok!(set(BUILDER, base, false));
		assert_eq!(last_event(), Some(Event::StatusSet { model: base, active: false }));
		assert!(!Models::model(base).unwrap().active);
		// an adapter that is registered stays open
		assert!(Models::model(top).unwrap().active);
		assert_ok!(set(BUILDER, base, true));
		assert!(Models::model(base).unwrap().active);
	});
}
