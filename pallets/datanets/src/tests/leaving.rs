use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{traits::Datanets as _, ContributionId, DatanetId, DatanetVersion};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

fn revoke(who: AccountId, id: ContributionId) -> polkadot_sdk::sp_runtime::DispatchResult {
	Datanets::revoke(RuntimeOrigin::signed(who), id)
}

fn release(who: AccountId, id: ContributionId) -> polkadot_sdk::sp_runtime::DispatchResult {
	Datanets::release_bond(RuntimeOrigin::signed(who), id)
}

fn at(version: u32) -> [DatanetVersion; 1] {
	[DatanetVersion { datanet: NET, version }]
}

#[test]
fn only_its_contributor_revokes_an_accepted_contribution() {
	test(|| {
		create();
		assert_noop!(revoke(ALICE, ContributionId(9)), Error::<Test>::UnknownContribution);
		let (id, _) = drawn(ALICE, 1);
		assert_noop!(revoke(OWNER, id), Error::<Test>::NotContributor);
		assert_noop!(revoke(ALICE, id), Error::<Test>::NotAccepted);
		judge_finally(id, [accepting(); 3]);
		assert_noop!(revoke(OWNER, id), Error::<Test>::NotContributor);
		assert_ok!(revoke(ALICE, id));
		assert_eq!(
			events().last(),
			Some(&Event::ContributionRevoked {
				contribution: id,
				datanet: NET,
				version: 2,
				bond_until: now() + small().exit_window,
			})
		);
		assert_noop!(revoke(ALICE, id), Error::<Test>::NotAccepted);
	});
}

#[test]
fn a_contribution_earns_from_its_version_until_it_is_revoked() {
	test(|| {
		create();
		let first = accepted(ALICE, 1);
		let (second, _) = drawn(BOB, 2);
		assert_eq!(Datanets::payee(second, &at(9)), None);
		judge_finally(second, [accepting(); 3]);
		assert_eq!(Datanets::payee(first, &at(1)), Some(ALICE));
		assert_eq!(Datanets::payee(first, &at(2)), Some(ALICE));
		assert_eq!(Datanets::payee(second, &at(1)), None);
		assert_eq!(Datanets::payee(second, &at(2)), Some(BOB));
		let elsewhere = [DatanetVersion { datanet: DatanetId(7), version: 9 }];
		assert_eq!(Datanets::payee(first, &elsewhere), None);
		let both = [elsewhere[0], at(2)[0]];
		assert_eq!(Datanets::payee(first, &both), Some(ALICE));
		assert_eq!(Datanets::payee(first, &[]), None);
		assert_eq!(Datanets::payee(ContributionId(9), &both), None);

		assert_ok!(revoke(ALICE, first));
		assert_eq!(Datanets::payee(first, &at(1)), None);
		assert_eq!(Datanets::payee(second, &at(2)), Some(BOB));
	});
}

#[test]
fn the_bond_comes_back_once_after_the_exit_window() {
	test(|| {
		create();
		assert_noop!(release(ALICE, ContributionId(9)), Error::<Test>::UnknownContribution);
		let (id, _) = drawn(ALICE, 1);
		assert_noop!(release(ALICE, id), Error::<Test>::NotRevoked);
		judge_finally(id, [accepting(); 3]);
		assert_noop!(release(ALICE, id), Error::<Test>::NotRevoked);
		let bond = held(HoldReason::Contribution, ALICE);
		assert_ok!(revoke(ALICE, id));
		assert_eq!(held(HoldReason::Contribution, ALICE), bond);

		// a later change of the window does not move what was promised
		let until = now() + small().exit_window;
		Parameters::set(|p| p.exit_window = 1_000);
		run_to(until - 1);
		assert_noop!(release(ALICE, id), Error::<Test>::ExitWindowOpen);
		run_to(until);
		let free = Balances::free_balance(ALICE);
		assert_ok!(release(BOB, id));
		assert_eq!(Balances::free_balance(ALICE), free + bond);
		assert_eq!(held(HoldReason::Contribution, ALICE), 0);
		assert_eq!(
			events().last(),
			Some(&Event::BondReleased { contribution: id, contributor: ALICE, amount: bond })
		);
		assert_noop!(release(ALICE, id), Error::<Test>::BondAlreadyReleased);
	});
}
