use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{traits::Terms, ContributionId, DatanetId};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn a_datanet_shows_permission_and_latest_version() {
	test(|| {
		assert_eq!(Datanets::datanet_view(NET), None);
		create();
		let view = Datanets::datanet_view(NET).unwrap();
		assert_eq!((view.id, view.permission, view.latest), (NET, Permission::Open, None));
		assert_eq!((view.terms, view.clusters), (Terms::default(), None));
		accepted(ALICE, 1);
		let origin = RuntimeOrigin::signed(OWNER);
		assert_ok!(Datanets::set_permission(origin, NET, Permission::OwnerOnly));
		let view = Datanets::datanet_view(NET).unwrap();
		assert_eq!(view.datanet.version, 1);
		assert_eq!(view.permission, Permission::OwnerOnly);
		assert_eq!(view.latest, Versions::<Test>::get(NET, 1));
	});
}

#[test]
fn contributions_are_listed_by_leaf() {
	test(|| {
		create();
		let ids: Vec<_> = (1..=4).map(|n| accepted(ALICE, n)).collect();
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), ids[1]));
		let (pending, _) = drawn(BOB, 9);
		let listed = |from, limit| -> Vec<ContributionId> {
			Datanets::contributions_view(NET, from, limit).iter().map(|view| view.id).collect()
		};
		assert_eq!(listed(0, u32::MAX), ids);
		assert_eq!(listed(1, 2), ids[1..3]);
		assert!(listed(4, 10).is_empty());
		assert!(listed(u64::MAX, 10).is_empty());
		assert_eq!(Datanets::contributions_view(DatanetId(1), 0, 10), []);

		let view = Datanets::contribution_view(pending).unwrap();
		assert_eq!(view.contribution.state, ContributionState::Pending);
		assert_eq!(view.review.unwrap().seats.len(), 3);
		assert_eq!(Datanets::contribution_view(ids[0]).unwrap().review, None);
		assert_eq!(Datanets::contribution_view(ContributionId(99)), None);
	});
}

#[test]
fn versions_are_listed_from_one() {
	test(|| {
		create();
		for n in 1..=3 {
			accepted(ALICE, n);
		}
		let listed = |from, limit| -> Vec<u32> {
			Datanets::versions_view(NET, from, limit).iter().map(|view| view.number).collect()
		};
		assert_eq!(listed(0, 10), [1, 2, 3]);
		assert_eq!(listed(2, 1), [2]);
		assert!(listed(4, 10).is_empty());
		assert!(listed(u32::MAX, u32::MAX).is_empty());
		let view = &Datanets::versions_view(NET, 2, 1)[0];
		assert_eq!(Some(view.version), Versions::<Test>::get(NET, 2));
	});
}

#[test]
fn a_curator_sees_what_is_due() {
	test(|| {
		create();
		Parameters::set(|p| p.panel = 5);
		let (first, _) = drawn(ALICE, 1);
		let (second, _) = drawn(BOB, 2);
		assert_eq!(Datanets::panels_view(&ALICE), []);
		let due = Datanets::panels_view(&11);
		assert_eq!(due.iter().map(|view| view.contribution).collect::<Vec<_>>(), [first, second]);
		assert_eq!((due[0].datanet, due[0].root), (NET, root(1)));
		assert_eq!((due[0].records, due[0].bytes, &due[0].uri[..]), (100, 2_000, &uri()[..]));
		assert_eq!(
			(due[0].phase, due[0].committed, due[0].revealed),
			(Phase::Commit, false, false)
		);

		for curator in CURATORS {
			commit(curator, first, accepting());
		}
		reveal(11, first, accepting());
		let due = Datanets::panels_view(&11);
		assert_eq!((due[0].phase, due[0].committed, due[0].revealed), (Phase::Reveal, true, true));
		assert_eq!(due[0].deadline, now() + small().reveal_period);
		for curator in &CURATORS[1..] {
			reveal(*curator, first, accepting());
		}
		let due = Datanets::panels_view(&11);
		assert_eq!(due.iter().map(|view| view.contribution).collect::<Vec<_>>(), [second]);
	});
}
