use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{ContributionId, DatanetId, OPEN};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

fn try_offer(
	who: AccountId,
	datanet: DatanetId,
	n: u8,
	records: u32,
	bytes: u64,
) -> polkadot_sdk::sp_runtime::DispatchResult {
	Datanets::contribute(RuntimeOrigin::signed(who), datanet, root(n), records, bytes, uri())
}

#[test]
fn a_contribution_holds_bond_and_review_fee() {
	test(|| {
		create();
		// 2,000 bytes start two KiB
		let id = contribute(ALICE, 1);
		let bond = 10 * OPEN + 2 * OPEN / 100;
		assert_eq!(held(HoldReason::Contribution, ALICE), bond);
		assert_eq!(held(HoldReason::Review, ALICE), OPEN + 1);
		let contribution = Contributions::<Test>::get(id).unwrap();
		assert_eq!((contribution.bond, contribution.state), (bond, ContributionState::Pending));
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().offered, 1);
		assert_eq!(
			events().last(),
			Some(&Event::ContributionOffered {
				contribution: id,
				datanet: NET,
				contributor: ALICE,
				root: root(1),
				records: 100,
				bytes: 2_000,
				bond,
				review_fee: OPEN + 1,
			})
		);
	});
}

#[test]
fn the_bond_grows_with_every_started_kib() {
	test(|| {
		create();
		let mut before = 0;
		for (n, (bytes, kib)) in
			[(1, 1), (1_024, 1), (1_025, 2), (u64::MAX, 1 << 54)].into_iter().enumerate()
		{
			let offered = try_offer(ALICE, NET, n as u8, 1, bytes);
			if kib > 2 {
				assert_eq!(offered, Err(TokenError::FundsUnavailable.into()));
				break;
			}
			assert_ok!(offered);
			let held = held(HoldReason::Contribution, ALICE);
			assert_eq!(held - before, 10 * OPEN + kib * OPEN / 100);
			before = held;
		}
	});
}

#[test]
fn an_impossible_contribution_is_refused() {
	test(|| {
		create();
		assert_noop!(try_offer(ALICE, DatanetId(1), 1, 1, 1), Error::<Test>::UnknownDatanet);
		assert_noop!(try_offer(ALICE, NET, 1, 0, 1), Error::<Test>::ContributionEmpty);
		assert_noop!(try_offer(ALICE, NET, 1, 1, 0), Error::<Test>::ContributionEmpty);
		// the bond alone could be held, the fee not
		Parameters::set(|p| p.bond_base = 49 * OPEN + OPEN / 2);
		assert_noop!(try_offer(POOR, NET, 1, 1, 1), TokenError::FundsUnavailable);
		Parameters::set(|p| p.bond_base = 60 * OPEN);
		assert_noop!(try_offer(POOR, NET, 1, 1, 1), TokenError::FundsUnavailable);
		NextContribution::<Test>::put(ContributionId(u64::MAX));
		assert_noop!(try_offer(ALICE, NET, 1, 1, 1), Error::<Test>::IdsExhausted);
	});
}

#[test]
fn a_root_is_taken_in_every_datanet_while_pending_accepted_and_revoked() {
	test(|| {
		create();
		create();
		let refused = || {
			assert_noop!(try_offer(ALICE, NET, 1, 100, 2_000), Error::<Test>::RootTaken);
			assert_noop!(try_offer(BOB, DatanetId(1), 1, 5, 50), Error::<Test>::RootTaken);
		};
		let (id, _) = drawn(ALICE, 1);
		refused();
		judge_finally(id, [accepting(); 3]);
		refused();
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), id));
		refused();
		run_to(now() + small().exit_window);
		assert_ok!(Datanets::release_bond(RuntimeOrigin::signed(ALICE), id));
		refused();
	});
}

#[test]
fn a_rejected_root_can_be_offered_again() {
	test(|| {
		create();
		let (id, _) = drawn(ALICE, 1);
		judge_finally(id, [rejecting(); 3]);
		assert_eq!(Roots::<Test>::get(root(1)), None);
		let again = contribute(BOB, 1);
		assert!(again > id);
	});
}

#[test]
fn an_account_has_a_bounded_number_under_review() {
	test(|| {
		create();
		Parameters::set(|p| p.max_pending = 2);
		let (first, _) = drawn(ALICE, 1);
		contribute(ALICE, 2);
		assert_noop!(try_offer(ALICE, NET, 3, 1, 1), Error::<Test>::TooManyPending);
		assert_ok!(try_offer(BOB, NET, 3, 1, 1));
		judge(first, [rejecting(); 3]);
		assert_noop!(try_offer(ALICE, NET, 4, 1, 1), Error::<Test>::TooManyPending);
		finish();
		// the second has nobody who gives a verdict, and returns meanwhile
		assert!(Pending::<Test>::get(ALICE) < 2);
		assert_ok!(try_offer(ALICE, NET, 4, 1, 1));
	});
}

#[test]
fn a_block_takes_a_bounded_number() {
	test(|| {
		create();
		Parameters::set(|p| p.max_per_block = 2);
		contribute(ALICE, 1);
		contribute(BOB, 2);
		assert_noop!(try_offer(ALICE, NET, 3, 1, 1), Error::<Test>::BlockFull);
		next_block();
		assert_ok!(try_offer(ALICE, NET, 3, 1, 1));
		assert_eq!(Taken::<Test>::get(), (now(), 1));
	});
}
