use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	traits::{Contributions as _, Datanets as _, Terms},
	DatanetId, OPEN, TOTAL_ISSUANCE,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok, traits::ConstU32},
	sp_runtime::{BoundedBTreeSet, TokenError},
};

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn a_datanet_is_created_for_a_deposit() {
	test(|| {
		create();
		let datanet = crate::Datanets::<Test>::get(NET).unwrap();
		assert_eq!((datanet.owner, datanet.kind, datanet.version), (OWNER, Kind::Image, 0));
		assert_eq!(held(HoldReason::Datanet, OWNER), 100 * OPEN);
		assert_eq!(
			events(),
			[Event::DatanetCreated {
				datanet: NET,
				owner: OWNER,
				kind: Kind::Image,
				deposit: 100 * OPEN
			}]
		);
		create();
		assert_eq!(held(HoldReason::Datanet, OWNER), 200 * OPEN);
		assert!(crate::Datanets::<Test>::contains_key(DatanetId(1)));
	});
}

#[test]
fn a_datanet_without_name_licence_or_money_is_refused() {
	test(|| {
		let unnamed = Metadata { name: Default::default(), ..metadata() };
		let unlicensed = Metadata { licence: Default::default(), ..metadata() };
		let binary = Metadata { description: vec![0xff].try_into().unwrap(), ..metadata() };
		let create = |who, metadata| Datanets::create(signed(who), Kind::Text, metadata);
		assert_noop!(create(OWNER, unnamed), Error::<Test>::NameMissing);
		assert_noop!(create(OWNER, unlicensed), Error::<Test>::LicenceMissing);
		assert_noop!(create(OWNER, binary), Error::<Test>::MetadataNotText);
		assert_noop!(create(POOR, metadata()), TokenError::FundsUnavailable);
		NextDatanet::<Test>::put(DatanetId(u32::MAX));
		assert_noop!(create(OWNER, metadata()), Error::<Test>::IdsExhausted);
	});
}

#[test]
fn the_owner_alone_replaces_metadata() {
	test(|| {
		create();
		let renamed = Metadata { name: b"Numbers".to_vec().try_into().unwrap(), ..metadata() };
		let set = |who, id, metadata| Datanets::set_metadata(signed(who), id, metadata);
		assert_noop!(set(OWNER, DatanetId(1), renamed.clone()), Error::<Test>::UnknownDatanet);
		assert_noop!(set(ALICE, NET, renamed.clone()), Error::<Test>::NotOwner);
		let unnamed = Metadata { name: Default::default(), ..metadata() };
		assert_noop!(set(OWNER, NET, unnamed), Error::<Test>::NameMissing);
		let unlicensed = Metadata { licence: Default::default(), ..metadata() };
		assert_noop!(set(OWNER, NET, unlicensed), Error::<Test>::LicenceMissing);
		let binary = Metadata { name: vec![0xc0].try_into().unwrap(), ..metadata() };
		assert_noop!(set(OWNER, NET, binary), Error::<Test>::MetadataNotText);
		assert_ok!(set(OWNER, NET, renamed.clone()));
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().metadata, renamed);
		assert_eq!(events().last(), Some(&Event::MetadataSet { datanet: NET }));
	});
}

#[test]
fn the_licence_is_fixed_once_records_were_offered_under_it() {
	test(|| {
		create();
		let free = Metadata { licence: b"CC0-1.0".to_vec().try_into().unwrap(), ..metadata() };
		assert_ok!(Datanets::set_metadata(signed(OWNER), NET, free.clone()));
		contribute(ALICE, 1);
		assert_noop!(
			Datanets::set_metadata(signed(OWNER), NET, metadata()),
			Error::<Test>::LicenceFixed
		);
		let renamed = Metadata { name: b"Numbers".to_vec().try_into().unwrap(), ..free };
		assert_ok!(Datanets::set_metadata(signed(OWNER), NET, renamed));
	});
}

#[test]
fn permissions_say_who_may_train() {
	test(|| {
		create();
		let may = |who| Datanets::ensure_may_train(&who, NET);
		let set = |who, id, permission| Datanets::set_permission(signed(who), id, permission);
		let denied = Err(Error::<Test>::TrainingNotPermitted.into());
		assert_ok!(may(ALICE));
		assert_noop!(set(OWNER, DatanetId(1), Permission::Open), Error::<Test>::UnknownDatanet);
		assert_noop!(set(ALICE, NET, Permission::OwnerOnly), Error::<Test>::NotOwner);

		assert_ok!(set(OWNER, NET, Permission::OwnerOnly));
		assert_eq!((may(OWNER), may(ALICE)), (Ok(()), denied));

		let listed = Permission::Allowed(
			[ALICE].into_iter().collect::<std::collections::BTreeSet<_>>().try_into().unwrap(),
		);
		assert_ok!(set(OWNER, NET, listed.clone()));
		assert_eq!((may(OWNER), may(ALICE), may(BOB)), (Ok(()), Ok(()), denied));
		assert_eq!(
			events().last(),
			Some(&Event::PermissionSet { datanet: NET, permission: listed })
		);

		assert_ok!(set(OWNER, NET, Permission::Open));
		assert_ok!(may(BOB));
		assert!(!Permissions::<Test>::contains_key(NET));
		assert_eq!(
			Datanets::ensure_may_train(&OWNER, DatanetId(1)),
			Err(Error::<Test>::UnknownDatanet.into())
		);
	});
}

#[test]
fn nobody_is_forbidden_to_train_while_a_launch_runs() {
	test(|| {
		create();
		let set = |permission| Datanets::set_permission(signed(OWNER), NET, permission);
		assert_ok!(set(Permission::OwnerOnly));
		let until = now() + 3;
		Datanets::keep_permission(NET, until);
		// a shorter launch does not end the longer one's
		Datanets::keep_permission(NET, until - 2);
		let listed = Permission::Allowed(Default::default());
		assert_noop!(set(listed.clone()), Error::<Test>::PermissionKept);
		assert_ok!(set(Permission::Open));
		run_to(until);
		assert_noop!(set(listed.clone()), Error::<Test>::PermissionKept);
		run_to(until + 1);
		assert_ok!(set(listed));
		assert_eq!(PermissionKept::<Test>::get(NET), None);

		Datanets::keep_permission(NET, until + 9);
		assert_ok!(Datanets::close(signed(OWNER), NET));
		assert_eq!(PermissionKept::<Test>::get(NET), None);
	});
}

#[test]
fn an_allow_list_is_bounded() {
	let all: std::collections::BTreeSet<AccountId> = (0..=u64::from(MAX_ALLOWED)).collect();
	assert!(BoundedBTreeSet::<_, ConstU32<MAX_ALLOWED>>::try_from(all).is_err());
}

#[test]
fn the_data_fee_follows_its_owner() {
	test(|| {
		create();
		let set = |who, id, fee| Datanets::set_data_fee(signed(who), id, fee);
		assert_eq!(Datanets::data_fee(NET), 0);
		assert_noop!(set(OWNER, DatanetId(1), 1), Error::<Test>::UnknownDatanet);
		assert_noop!(set(ALICE, NET, 1), Error::<Test>::NotOwner);
		assert_noop!(set(OWNER, NET, TOTAL_ISSUANCE + 1), Error::<Test>::DataFeeTooHigh);
		assert_ok!(set(OWNER, NET, 5));
		assert_ok!(set(OWNER, NET, 8));
		assert_eq!(Datanets::data_fee(NET), 8);
		assert_eq!(
			events().last(),
			Some(&Event::DataFeeSet { datanet: NET, old_value: 5, new_value: 8 })
		);
		assert_eq!(Datanets::data_fee(DatanetId(1)), 0);
	});
}

#[test]
fn terms_are_fixed_once_records_were_offered_under_them() {
	test(|| {
		create();
		let set = |who, id, terms| Datanets::set_terms(signed(who), id, terms);
		let free = Terms { commercial: false, derivatives: true };
		assert_eq!(Datanets::terms(NET), Terms { commercial: true, derivatives: true });
		assert_noop!(set(OWNER, DatanetId(1), free), Error::<Test>::UnknownDatanet);
		assert_noop!(set(ALICE, NET, free), Error::<Test>::NotOwner);
		assert_ok!(set(OWNER, NET, Terms { commercial: false, derivatives: false }));
		assert_ok!(set(OWNER, NET, Terms::default()));
		assert!(!DatanetTerms::<Test>::contains_key(NET));
		assert_ok!(set(OWNER, NET, free));
		assert_eq!(Datanets::terms(NET), free);
		assert_eq!(events().last(), Some(&Event::TermsSet { datanet: NET, terms: free }));
		contribute(ALICE, 1);
		assert_noop!(set(OWNER, NET, Terms::default()), Error::<Test>::TermsFixed);
	});
}

#[test]
fn a_datanet_without_contributions_can_be_closed() {
	test(|| {
		create();
		let close = |who, id| Datanets::close(signed(who), id);
		assert_noop!(close(OWNER, DatanetId(1)), Error::<Test>::UnknownDatanet);
		assert_noop!(close(ALICE, NET), Error::<Test>::NotOwner);
		assert_ok!(Datanets::set_permission(signed(OWNER), NET, Permission::OwnerOnly));
		let terms = Terms { commercial: false, derivatives: false };
		assert_ok!(Datanets::set_terms(signed(OWNER), NET, terms));
		let (id, _) = drawn(ALICE, 1);
		assert_noop!(close(OWNER, NET), Error::<Test>::DatanetInUse);
		judge(id, [rejecting(); 3]);
		assert_noop!(close(OWNER, NET), Error::<Test>::DatanetInUse);
		finish();
		assert_ok!(close(OWNER, NET));
		assert_eq!(Balances::free_balance(OWNER), START);
		assert!(!crate::Datanets::<Test>::contains_key(NET));
		assert!(
			!Permissions::<Test>::contains_key(NET) && !DatanetTerms::<Test>::contains_key(NET)
		);
		let closed = Event::DatanetClosed { datanet: NET, owner: OWNER, deposit: 100 * OPEN };
		assert_eq!(events().last(), Some(&closed));
		// its id is not used again
		create();
		assert!(crate::Datanets::<Test>::contains_key(DatanetId(1)));
		let other = NextContribution::<Test>::get();
		assert_ok!(Datanets::contribute(signed(ALICE), DatanetId(1), root(3), 1, 1, uri()));
		run_to(now() + DRAW_DELAY + 1);
		judge_finally(other, [Verdict { bytes: 1, ..accepting() }; 3]);
		assert_ok!(Datanets::revoke(signed(ALICE), other));
		assert_noop!(close(OWNER, DatanetId(1)), Error::<Test>::DatanetInUse);
	});
}
