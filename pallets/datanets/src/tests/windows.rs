//! What people earned in a Datanet lately.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	traits::{Datanets as _, SelfRule},
	Balance, DatanetId, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok, dispatch::Pays},
	sp_runtime::DispatchResult,
};

const SHARE: Balance = (OPEN + 1) / 3;

fn earned(who: AccountId, window: u32) -> Balance {
	Datanets::earned_view(NET, &who, window)
}

fn forget(who: AccountId, net: DatanetId) -> DispatchResult {
	let post = Datanets::forget_earnings(RuntimeOrigin::signed(POOR), net, who);
	post.map(|post| assert_eq!(post.pays_fee, Pays::No)).map_err(|error| error.error)
}

fn run_to_window(window: u32) {
	run_to(window * EARNING_WINDOW);
	assert_eq!(Datanets::earning_window(), window);
}

#[test]
fn contributors_earn_what_others_pay() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		let window = Datanets::earning_window();
		let before = Datanets::earned_by_all_view(NET, window);
		Datanets::note_earning(id, &BOB, 7);
		Datanets::note_earning(id, &CAROL, 3);
		// wash traffic of the plainest kind
		Datanets::note_earning(id, &ALICE, 1_000);
		assert_eq!(earned(ALICE, window), 10);
		assert_eq!(Datanets::earned_by_all_view(NET, window) - before, 10);
		assert_eq!(Datanets::contribution_view(id).unwrap().earned, 1_010);
		assert_eq!(<Datanets as SelfRule<_>>::earned(NET, &ALICE, window), 10);
		assert_eq!(Datanets::earned_view(DatanetId(1), &ALICE, window), 0);
	});
}

#[test]
fn curators_earn_what_reviews_pay() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		judge_finally(id, [accepting(), accepting(), rejecting()]);
		let window = Datanets::earning_window();
		assert_eq!([0, 1, 2].map(|seat| earned(panel[seat], window)), [SHARE, SHARE, 0]);
		assert_eq!(<Datanets as SelfRule<AccountId>>::earned_by_all(NET, window), 2 * SHARE);
	});
}

#[test]
fn curators_earn_what_appeals_pay() {
	test(|| {
		create();
		bond_others();
		let (id, _) = drawn(ALICE, 1);
		judge(id, [accepting(); 3]);
		let panel = appealed(CAROL, id);
		agree(id, accepting());
		let (window, start) = (Datanets::earning_window(), Balances::free_balance(panel[0]));
		assert!(panel.iter().all(|curator| earned(*curator, window) == start - START));
		assert!(start > START);
	});
}

#[test]
fn earnings_are_kept_by_window_for_three() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		for (window, amount) in (1..).zip([1, 10, 100, 1_000]) {
			run_to_window(window);
			Datanets::note_earning(id, &BOB, amount);
		}
		let by_window = [1, 2, 3, 4, 5].map(|window| earned(ALICE, window));
		assert_eq!(by_window, [0, 10, 100, 1_000, 0]);
	});
}

#[test]
fn old_earnings_are_forgotten_by_anyone_for_free() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		assert_noop!(forget(ALICE, NET), Error::<Test>::NothingToForget);
		run_to_window(2);
		Datanets::note_earning(id, &BOB, 5);
		run_to_window(4);
		assert_noop!(forget(ALICE, NET), Error::<Test>::NothingToForget);
		assert_eq!(earned(ALICE, 2), 5);
		run_to_window(5);
		assert_ok!(forget(ALICE, NET));
		let forgotten = Event::EarningsForgotten { datanet: NET, account: ALICE };
		assert_eq!(events().last(), Some(&forgotten));
		assert_noop!(forget(ALICE, NET), Error::<Test>::NothingToForget);
		assert!(!EarnedLately::<Test>::contains_key(NET, ALICE));
	});
}

#[test]
fn earnings_in_a_closed_datanet_are_forgotten_at_once() {
	test(|| {
		create();
		let (id, panel) = drawn(ALICE, 1);
		judge_finally(id, [rejecting(); 3]);
		assert_noop!(forget(panel[0], NET), Error::<Test>::NothingToForget);
		assert_ok!(Datanets::close(RuntimeOrigin::signed(OWNER), NET));
		assert!(!EarnedLatelyByAll::<Test>::contains_key(NET));
		for curator in panel {
			assert_ok!(forget(curator, NET));
		}
		assert_eq!(EarnedLately::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn windows_are_as_long_as_the_runtime_says() {
	test(|| {
		assert_eq!(<Datanets as SelfRule<AccountId>>::window_length(), EARNING_WINDOW);
		assert_eq!(<Datanets as SelfRule<AccountId>>::window(), 0);
		run_to_window(1);
		assert_eq!(<Datanets as SelfRule<AccountId>>::window(), 1);
		assert!(!<Datanets as SelfRule<AccountId>>::exists(NET));
		create();
		assert!(<Datanets as SelfRule<AccountId>>::exists(NET));
	});
}
