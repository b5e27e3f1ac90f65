use crate::{
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	traits::{ModelInfo, Models as _},
	Balance, ModelId, TOTAL_ISSUANCE,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::DispatchResult,
};

/// A model registered some blocks ago.
fn old_model() -> ModelId {
	let id = model(&[at(1, 1)], 0);
	pass(1);
	id
}

fn info(id: ModelId) -> ModelInfo<AccountId> {
	Models::model(id).unwrap()
}

fn set_price(who: AccountId, id: ModelId, price: Balance) -> DispatchResult {
	Models::set_price(RuntimeOrigin::signed(who), id, price)
}

fn set_unit_price(who: AccountId, id: ModelId, price: Balance) -> DispatchResult {
	Models::set_unit_price(RuntimeOrigin::signed(who), id, price)
}

fn set_status(who: AccountId, id: ModelId, active: bool) -> DispatchResult {
	Models::set_status(RuntimeOrigin::signed(who), id, active)
}

fn now() -> BlockNumber {
	System::block_number() as BlockNumber
}

#[test]
fn the_owner_alone_sets_prices() {
	test(|| {
		let id = old_model();
		for set in [set_price, set_unit_price] {
			assert_noop!(set(BUILDER, ModelId(9), 1), Error::<Test>::UnknownModel);
			assert_noop!(set(TUNER, id, 1), Error::<Test>::NotOwner);
			assert_noop!(set(BUILDER, id, TOTAL_ISSUANCE + 1), Error::<Test>::PriceTooHigh);
			assert_ok!(set(BUILDER, id, TOTAL_ISSUANCE));
		}
		pass(NOTICE);
		assert_eq!((info(id).price, info(id).unit_price), (TOTAL_ISSUANCE, TOTAL_ISSUANCE));
	});
}

#[test]
fn a_rise_counts_after_the_notice() {
	test(|| {
		let id = old_model();
		let from = now() + NOTICE;
		assert_ok!(set_price(BUILDER, id, 7));
		let event = Event::PriceSet { model: id, old_value: 0, new_value: 7, from };
		assert_eq!(last_event(), Some(event));
		assert_ok!(set_unit_price(BUILDER, id, 3));
		let event = Event::UnitPriceSet { model: id, old_value: 0, new_value: 3, from };
		assert_eq!(last_event(), Some(event));
		run_to(from - 1);
		assert_eq!((info(id).price, info(id).unit_price), (0, 0));
		run_to(from);
		assert_eq!((info(id).price, info(id).unit_price), (7, 3));
	});
}

#[test]
fn a_cut_counts_at_once_and_calls_off_a_rise() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(set_price(BUILDER, id, 10));
		assert_ok!(set_unit_price(BUILDER, id, 10));
		pass(1);
		for (set, price) in [
			(set_price as fn(_, _, _) -> _, (|id| info(id).price) as fn(ModelId) -> Balance),
			(set_unit_price, |id| info(id).unit_price),
		] {
			assert_ok!(set(BUILDER, id, 20));
			assert_ok!(set(BUILDER, id, 6));
			assert_eq!(price(id), 6);
			// so does the same price
			assert_ok!(set(BUILDER, id, 20));
			assert_ok!(set(BUILDER, id, 6));
			pass(NOTICE);
			assert_eq!(price(id), 6);
		}
	});
}

#[test]
fn a_later_rise_replaces_the_one_before_it() {
	test(|| {
		let id = old_model();
		assert_ok!(set_price(BUILDER, id, 7));
		let first = now() + NOTICE;
		pass(3);
		assert_ok!(set_price(BUILDER, id, 5));
		run_to(first);
		assert_eq!(info(id).price, 0);
		run_to(first + 3);
		assert_eq!(info(id).price, 5);
		// a rise that counts is what the next one starts from
		assert_ok!(set_price(BUILDER, id, 9));
		let expected =
			Event::PriceSet { model: id, old_value: 5, new_value: 9, from: now() + NOTICE };
		assert_eq!(last_event(), Some(expected));
		assert_eq!(info(id).price, 5);
	});
}

#[test]
fn everything_counts_at_once_in_the_block_of_registration() {
	test(|| {
		let id = model(&[at(1, 1)], 0);
		assert_ok!(set_price(BUILDER, id, 7));
		assert_ok!(set_unit_price(BUILDER, id, 3));
		assert_ok!(set_status(BUILDER, id, false));
		let info = info(id);
		assert_eq!((info.price, info.unit_price, info.active), (7, 3, false));
	});
}

#[test]
fn the_owner_alone_opens_and_closes() {
	test(|| {
		let base = model(&[at(1, 1)], 0);
		let top = adapter(TUNER, base, &[at(1, 1)], 0);
		pass(1);
		assert_noop!(set_status(BUILDER, ModelId(9), false), Error::<Test>::UnknownModel);
		assert_noop!(set_status(TUNER, base, false), Error::<Test>::NotOwner);
		assert_ok!(set_status(BUILDER, base, false));
		let from = now() + NOTICE;
		assert_eq!(last_event(), Some(Event::StatusSet { model: base, active: false, from }));
		run_to(from - 1);
		assert!(info(base).active);
		run_to(from);
		assert!(!info(base).active);
		// an adapter that is registered stays open
		assert!(info(top).active);
		assert_ok!(set_status(BUILDER, base, true));
		let event = Event::StatusSet { model: base, active: true, from };
		assert_eq!(last_event(), Some(event));
		assert!(info(base).active);
	});
}

#[test]
fn opening_calls_off_a_closing() {
	test(|| {
		let id = old_model();
		assert_ok!(set_status(BUILDER, id, false));
		pass(NOTICE - 1);
		assert_ok!(set_status(BUILDER, id, true));
		pass(NOTICE);
		assert!(info(id).active);
		// closing a closed model changes nothing
		assert_ok!(set_status(BUILDER, id, false));
		pass(NOTICE);
		assert_ok!(set_status(BUILDER, id, false));
		assert!(!info(id).active);
	});
}

#[test]
fn an_engine_version_is_announced_with_its_block() {
	test(|| {
		let id = old_model();
		let set = |who, id, version, at| {
			Models::set_engine_version(RuntimeOrigin::signed(who), id, version, at)
		};
		let earliest = now() + NOTICE;
		assert_noop!(set(BUILDER, ModelId(9), 2, earliest), Error::<Test>::UnknownModel);
		assert_noop!(set(TUNER, id, 2, earliest), Error::<Test>::NotOwner);
		for unknown in [0, 3] {
			let refused = set(BUILDER, id, unknown, earliest);
			assert_noop!(refused, Error::<Test>::UnknownEngineVersion);
		}
		assert_noop!(set(BUILDER, id, 2, earliest - 1), Error::<Test>::TooSoon);
		assert_ok!(set(BUILDER, id, 2, earliest + 5));
		let event =
			Event::EngineVersionSet { model: id, old_value: 1, new_value: 2, from: earliest + 5 };
		assert_eq!(last_event(), Some(event));
		// a later announcement takes its place
		pass(2);
		assert_ok!(set(BUILDER, id, 2, earliest + 8));
		run_to(earliest + 7);
		assert_eq!(info(id).engine_version, 1);
		run_to(earliest + 8);
		assert_eq!(info(id).engine_version, 2);
		let stored = crate::Models::<Test>::get(id).unwrap();
		assert_eq!(stored.manifest.engine_version, 1);
	});
}
