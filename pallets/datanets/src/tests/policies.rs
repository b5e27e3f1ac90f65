//! What governance and a Datanet's people decide on it.

use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	parameters::Clamp,
	traits::{Datanets as _, Misconduct, SelfRule},
	DatanetId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::{DispatchError, DispatchResult},
};

const NOWHERE: DatanetId = DatanetId(9);

fn set(policy: Policy) -> DispatchResult {
	Datanets::set_policy(RuntimeOrigin::root(), NET, policy)
}

fn asking_for(quality: u32) -> Policy {
	Policy { min_quality: Ppm(quality), ..Default::default() }
}

fn mark(quality: u32) -> Verdict {
	Verdict { quality: Ppm(quality), ..accepting() }
}

fn offer_again(n: u8) -> DispatchResult {
	Datanets::contribute(RuntimeOrigin::signed(ALICE), NET, root(n), 1, 1, uri())
}

#[test]
fn only_the_origin_of_policies_decides() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		let owner = || RuntimeOrigin::signed(OWNER);
		let policy = Policy::default();
		assert_noop!(Datanets::set_policy(owner(), NET, policy), DispatchError::BadOrigin);
		assert_noop!(Datanets::delist(owner(), NET), DispatchError::BadOrigin);
		assert_noop!(Datanets::relist(owner(), NET), DispatchError::BadOrigin);
		assert_noop!(Datanets::strike(owner(), id), DispatchError::BadOrigin);

		let root = RuntimeOrigin::root;
		let unknown = Error::<Test>::UnknownDatanet;
		assert_noop!(Datanets::set_policy(root(), NOWHERE, policy), unknown);
		assert_noop!(Datanets::delist(root(), NOWHERE), Error::<Test>::UnknownDatanet);
		assert_noop!(Datanets::relist(root(), NOWHERE), Error::<Test>::UnknownDatanet);
	});
}

#[test]
fn a_policy_is_stored_while_it_says_something_and_reported() {
	test(|| {
		create();
		assert_eq!(Datanets::policy_view(NOWHERE), None);
		assert_eq!(Datanets::policy_view(NET), Some(Policy::default()));
		let policy = Policy { panel: Some(5), ..asking_for(500_000) };
		assert_ok!(set(policy));
		assert_eq!(Datanets::policy_view(NET), Some(policy));
		assert_eq!(Datanets::datanet_view(NET).unwrap().policy, policy);
		let (datanet, old_value) = (NET, Policy::default());
		let event = Event::PolicySet { datanet, old_value, new_value: policy };
		assert_eq!(events().last(), Some(&event));
		assert_ok!(set(Policy::default()));
		assert!(!Policies::<Test>::contains_key(NET));
	});
}

#[test]
fn a_policy_outside_its_bounds_is_brought_to_them() {
	test(|| {
		create();
		let policy = |panel, fee| Policy {
			accepting: false,
			min_quality: Ppm(u32::MAX),
			panel: Some(panel),
			min_data_fee: fee,
		};
		assert_ok!(set(policy(0, 0)));
		let kept = Policies::<Test>::get(NET);
		assert_eq!((kept.panel, kept.min_quality), (Some(1), Ppm::ONE));
		assert_ok!(<Datanets as SelfRule<_>>::set_policy(NET, policy(u32::MAX, u128::MAX)));
		let kept = Policies::<Test>::get(NET);
		assert_eq!((kept.panel, kept.min_data_fee), (Some(MAX_PANEL), MAX_POLICY_FEE));
		assert_eq!(kept, <Datanets as SelfRule<_>>::within_bounds(policy(u32::MAX, u128::MAX)));
		assert_eq!(kept.clamped(), kept);
	});
}

#[test]
fn a_datanet_that_takes_nothing_refuses_contributions() {
	test(|| {
		create();
		let (pending, _) = drawn(ALICE, 1);
		assert_ok!(set(Policy { accepting: false, ..Default::default() }));
		assert_noop!(offer_again(2), Error::<Test>::NotAccepting);
		// what was offered before is judged
		judge_finally(pending, [accepting(); 3]);
		assert!(Contributions::<Test>::get(pending).unwrap().state.acceptance().is_some());
		assert_ok!(Datanets::check_training(&BOB, NET));
		assert_ok!(set(Policy::default()));
		assert_ok!(offer_again(2));
	});
}

#[test]
fn what_is_less_good_than_the_policy_asks_for_is_rejected() {
	test(|| {
		create();
		assert_ok!(set(asking_for(600_000)));
		let (id, panel) = drawn(ALICE, 1);
		judge_finally(id, [mark(500_000), mark(900_000), mark(599_999)]);
		assert_eq!(rejection(id), Some(RejectionReason::BelowQuality));
		// who gave the marks that decided is paid, who saw it better is out-voted
		let (free, share) = (Balances::free_balance, (OPEN + 1) / 3);
		assert_eq!([0, 1, 2].map(|seat| free(panel[seat]) - START), [share, 0, share]);
		assert_eq!(held(HoldReason::Contribution, ALICE), 0);

		let good = drawn(ALICE, 1).0;
		judge_finally(good, [mark(600_000), mark(900_000), mark(600_000)]);
		assert!(Contributions::<Test>::get(good).unwrap().state.acceptance().is_some());
		assert_eq!(OfferedUnder::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn an_appeal_is_judged_by_the_same_quality() {
	test(|| {
		create();
		bond_others();
		assert_ok!(set(asking_for(600_000)));
		let (id, first) = drawn(ALICE, 1);
		judge(id, [mark(500_000), mark(500_000), mark(900_000)]);
		assert_ok!(set(Policy::default()));
		appealed(ALICE, id);
		agree(id, mark(700_000));
		assert_eq!(appeal_shares(id).0, AppealResult::Overturned);
		let wrong = [first[0], first[1]].map(|curator| (curator, Misconduct::Overturned));
		assert_eq!(penalties(), wrong);
		assert!(Contributions::<Test>::get(id).unwrap().state.acceptance().is_some());
	});
}

#[test]
fn a_policy_counts_for_what_is_offered_from_then_on() {
	test(|| {
		create();
		let before = contribute(ALICE, 1);
		assert_ok!(set(Policy { panel: Some(5), ..asking_for(950_000) }));
		let after = contribute(BOB, 2);
		assert_ok!(set(Policy::default()));
		run_to(now() + DRAW_DELAY + 1);
		assert_eq!((panel(before).len(), panel(after).len()), (3, 5));
		judge(before, [accepting(); 3]);
		agree(after, accepting());
		finish();
		assert!(Contributions::<Test>::get(before).unwrap().state.acceptance().is_some());
		assert_eq!(rejection(after), Some(RejectionReason::BelowQuality));
	});
}

#[test]
fn a_policy_asks_for_more_judges_never_for_fewer() {
	test(|| {
		create();
		assert_ok!(set(Policy { panel: Some(1), ..Default::default() }));
		let few = contribute(ALICE, 1);
		assert_ok!(set(Policy { panel: Some(5), ..Default::default() }));
		let many = contribute(BOB, 2);
		run_to(now() + DRAW_DELAY + 1);
		assert_eq!((panel(few).len(), panel(many).len()), (3, 5));
	});
}

#[test]
fn the_larger_of_both_data_fees_is_in_force() {
	test(|| {
		create();
		assert_eq!(Datanets::data_fee(NET), 0);
		assert_ok!(set(Policy { min_data_fee: 2 * OPEN, ..Default::default() }));
		assert_eq!(Datanets::data_fee(NET), 2 * OPEN);
		assert_ok!(Datanets::set_data_fee(RuntimeOrigin::signed(OWNER), NET, 3 * OPEN));
		assert_eq!(Datanets::data_fee(NET), 3 * OPEN);
		assert_ok!(Datanets::set_data_fee(RuntimeOrigin::signed(OWNER), NET, 0));
		assert_eq!(Datanets::data_fee(NET), 2 * OPEN);
	});
}

#[test]
fn a_delisted_datanet_takes_neither_contributions_nor_models_and_goes_on_paying() {
	test(|| {
		create();
		let id = accepted(ALICE, 1);
		let root = RuntimeOrigin::root;
		assert_noop!(Datanets::relist(root(), NET), Error::<Test>::NotDelisted);
		assert_ok!(Datanets::delist(root(), NET));
		assert_eq!(events().last(), Some(&Event::DatanetDelisted { datanet: NET }));
		assert_noop!(Datanets::delist(root(), NET), Error::<Test>::AlreadyDelisted);
		assert_noop!(offer_again(2), Error::<Test>::Delisted);
		for builder in [OWNER, BOB] {
			let refused = Datanets::ensure_may_train(&builder, NET);
			assert_eq!(refused, Err(Error::<Test>::Delisted.into()));
		}
		assert!(Datanets::is_delisted(NET));
		assert_eq!(Datanets::datanet_view(NET).unwrap().delisted, Some(now()));
		let version = openledger_primitives::DatanetVersion { datanet: NET, version: 1 };
		assert_eq!(Datanets::payee(id, &[version]), Some(ALICE));

		assert_ok!(Datanets::relist(root(), NET));
		assert_eq!(events().last(), Some(&Event::DatanetRelisted { datanet: NET }));
		assert!(!Datanets::is_delisted(NET));
		assert_ok!(Datanets::ensure_may_train(&BOB, NET));
		assert_ok!(offer_again(2));
	});
}

#[test]
fn a_closed_datanet_leaves_no_policy_behind() {
	test(|| {
		create();
		assert_ok!(set(asking_for(1)));
		assert_ok!(Datanets::delist(RuntimeOrigin::root(), NET));
		assert_ok!(Datanets::close(RuntimeOrigin::signed(OWNER), NET));
		assert!(!Policies::<Test>::contains_key(NET));
		assert!(!DelistedSince::<Test>::contains_key(NET));
	});
}
