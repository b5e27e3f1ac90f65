//! Storage of version 1 becomes storage of version 2.

use crate::{
	migrations::{MigrateV1ToV2, OldMember, OldMembers, ToV2},
	mock::*,
	Member, Members, Pallet, ROLES,
};
use codec::Encode;
use openledger_primitives::{traits::Role, OPEN};
use polkadot_sdk::{
	frame_support::{
		assert_err,
		storage::unhashed,
		traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion, UncheckedOnRuntimeUpgrade},
	},
	sp_runtime::BoundedVec,
};

/// Version 1 of the same state.
fn go_back() {
	for role in ROLES {
		let old = Members::<Test>::get(role)
			.into_iter()
			.map(|Member { who, amount, since, .. }| OldMember { who, amount, since })
			.collect::<Vec<_>>();
		let old: OldMembers<Test> = BoundedVec::truncate_from(old);
		unhashed::put_raw(&Members::<Test>::hashed_key_for(role), &old.encode());
	}
	StorageVersion::new(1).put::<Pallet<Test>>();
}

fn chain() -> Chain {
	let chain = Chain::default().collators(&[(1, 100 * OPEN), (2, 200 * OPEN)]);
	chain.worker(2, 50 * OPEN, Some(key(1))).worker(3, 20 * OPEN, None)
}

#[test]
fn members_are_what_they_would_have_been() {
	chain().run(|| {
		let expected = ROLES.map(Members::<Test>::get);
		go_back();
		let noted = MigrateV1ToV2::<Test>::pre_upgrade().unwrap();
		let weight = MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert!(weight.ref_time() > 0);
		MigrateV1ToV2::<Test>::post_upgrade(noted).unwrap();
		assert_eq!(ROLES.map(Members::<Test>::get), expected);
		assert_eq!(Pallet::<Test>::on_chain_storage_version(), StorageVersion::new(2));
	});
}

#[test]
fn a_second_time_changes_nothing() {
	chain().run(|| {
		go_back();
		MigrateV1ToV2::<Test>::on_runtime_upgrade();
		let after = ROLES.map(Members::<Test>::get);
		MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert_eq!(ROLES.map(Members::<Test>::get), after);
	});
}

#[test]
fn the_checks_see_what_goes_wrong() {
	chain().build().execute_with(|| {
		assert!(ToV2::<Test>::pre_upgrade().is_err(), "this is version 2 already");
		go_back();
		let noted = ToV2::<Test>::pre_upgrade().unwrap();
		ToV2::<Test>::on_runtime_upgrade();
		Members::<Test>::mutate(Role::Worker, |members| members[0].own += 1);
		assert_err!(ToV2::<Test>::post_upgrade(noted.clone()), "a member differs from its bond");
		Members::<Test>::mutate(Role::Worker, |members| members.clear());
		assert_err!(ToV2::<Test>::post_upgrade(noted), "a member was lost");
	});
}
