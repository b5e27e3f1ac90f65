use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{merkle, traits::Datanets as _, DatanetId, DatanetVersion};
use polkadot_sdk::frame_support::assert_ok;

fn version(number: u32) -> Version {
	Versions::<Test>::get(NET, number).unwrap()
}

#[test]
fn a_versions_roots_are_those_of_all_accepted_and_all_revoked_roots() {
	test(|| {
		create();
		let (mut roots, mut ids) = (Vec::new(), Vec::new());
		for n in 1..=7 {
			ids.push(accepted(ALICE, n));
			roots.push(root(n));
			let version = version(n.into());
			assert_eq!(version.accepted_root, merkle::root(&roots));
			assert_eq!(version.removed_root, merkle::root(&[]));
			assert_eq!((version.accepted, version.removed), (n.into(), 0));
			assert_eq!(
				(version.records, version.bytes),
				(100 * u64::from(n), 2_000 * u64::from(n))
			);
			assert_eq!(version.created_at, now() - 1);
		}
		let mut removed = Vec::new();
		for (i, at) in [4usize, 0, 6].into_iter().enumerate() {
			assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), ids[at]));
			removed.push(roots[at]);
			let version = version(8 + i as u32);
			assert_eq!(version.accepted_root, merkle::root(&roots));
			assert_eq!(version.removed_root, merkle::root(&removed));
			let left = 6 - i as u64;
			assert_eq!((version.accepted, version.removed), (7, i as u64 + 1));
			assert_eq!((version.records, version.bytes), (100 * left, 2_000 * left));
		}
		// what was, stays
		assert_eq!(version(3).accepted_root, merkle::root(&roots[..3]));
		assert_eq!(version(8).removed_root, merkle::root(&removed[..1]));
		assert_eq!(crate::Datanets::<Test>::get(NET).unwrap().version, 10);
	});
}

#[test]
fn a_rejected_contribution_makes_no_version() {
	test(|| {
		create();
		accepted(ALICE, 1);
		let (id, _) = drawn(ALICE, 2);
		judge_finally(id, [rejecting(); 3]);
		accepted(BOB, 3);
		assert_eq!(version(2).accepted_root, merkle::root(&[root(1), root(3)]));
		assert_eq!(Versions::<Test>::get(NET, 3), None);
	});
}

#[test]
fn each_datanet_counts_its_own_versions() {
	test(|| {
		create();
		create();
		let other = DatanetId(1);
		accepted(ALICE, 1);
		let exists =
			|datanet, version| Datanets::version_exists(&DatanetVersion { datanet, version });
		assert!(!exists(NET, 0));
		assert!(exists(NET, 1));
		assert!(!exists(NET, 2));
		assert!(!exists(other, 1));
		assert!(!exists(DatanetId(2), 1));
	});
}

#[test]
fn a_version_is_announced_with_its_roots() {
	test(|| {
		create();
		accepted(ALICE, 1);
		let announced = Event::VersionCreated {
			datanet: NET,
			version: 1,
			accepted_root: root(1),
			removed_root: merkle::root(&[]),
		};
		assert!(events().contains(&announced));
	});
}
