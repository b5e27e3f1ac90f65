use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{mocks::State, traits::Role};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

fn set(who: AccountId, kinds: &[Kind]) -> polkadot_sdk::sp_runtime::DispatchResult {
	Datanets::set_kinds(RuntimeOrigin::signed(who), kinds_of(kinds))
}

fn kinds_of(kinds: &[Kind]) -> Kinds {
	kinds.iter().copied().collect::<std::collections::BTreeSet<_>>().try_into().unwrap()
}

#[test]
fn a_curator_chooses_its_kinds_for_a_deposit() {
	test(|| {
		assert_noop!(set(ALICE, &[Kind::Text]), Error::<Test>::NotCurator);
		assert_noop!(set(11, &[]), Error::<Test>::KindsMissing);
		bond(77, 0);
		assert_noop!(set(77, &[Kind::Text]), TokenError::FundsUnavailable);
		assert_ok!(set(11, &[Kind::Text, Kind::Audio]));
		assert_eq!(held(HoldReason::Record, 11), RECORD_DEPOSIT);
		assert_eq!(
			events().last(),
			Some(&Event::KindsSet {
				curator: 11,
				kinds: kinds_of(&[Kind::Text, Kind::Audio]),
				deposit: RECORD_DEPOSIT,
			})
		);
		assert_ok!(set(11, &Kind::ALL));
		assert_eq!(held(HoldReason::Record, 11), RECORD_DEPOSIT);
	});
}

#[test]
fn a_former_curator_has_its_deposit_back() {
	test(|| {
		assert_ok!(set(11, &[Kind::Text]));
		State::with(|state| state.bonds.remove(&(Role::Curator, 11)));
		assert_noop!(set(11, &[Kind::Text]), Error::<Test>::NotCurator);
		assert_ok!(set(11, &[]));
		assert_eq!(Balances::free_balance(11), START);
		let event = Event::KindsForgotten { curator: 11, deposit: RECORD_DEPOSIT };
		assert_eq!(events().last(), Some(&event));
		assert_noop!(set(11, &[]), Error::<Test>::NotCurator);
	});
}

#[test]
fn panels_are_of_curators_of_the_kind() {
	test(|| {
		// the Datanet is of images
		create();
		assert_ok!(set(11, &[Kind::Text, Kind::Audio]));
		assert_ok!(set(12, &[Kind::Tabular]));
		assert_ok!(set(13, &[Kind::Image]));
		next_block();
		let (_, mut seats) = drawn(ALICE, 1);
		seats.sort();
		assert_eq!(seats, [13, 14, 15]);
	});
}

#[test]
fn who_changes_its_kinds_after_the_offer_does_not_sit_on_its_panel() {
	test(|| {
		create();
		assert_ok!(set(11, &[Kind::Text]));
		let id = contribute(ALICE, 1);
		next_block();
		// to join, or to leave
		assert_ok!(set(11, &Kind::ALL));
		assert_ok!(set(12, &[Kind::Image]));
		run_to(now() + DRAW_DELAY);
		let mut seats = panel(id);
		seats.sort();
		assert_eq!(seats, [13, 14, 15]);
	});
}
