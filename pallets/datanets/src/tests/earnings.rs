use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	merkle::{self, verify_in},
	traits::Datanets as _,
	ContributionId, DatanetId,
};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn earnings_are_summed_and_payers_counted() {
	test(|| {
		create();
		create();
		let first = accepted(ALICE, 1);
		let second = accepted(BOB, 2);
		Datanets::note_earning(ContributionId(99), &CAROL, 5);
		let pending = contribute(CAROL, 3);
		Datanets::note_earning(pending, &CAROL, 5);
		Datanets::note_earning(first, &CAROL, 0);
		assert_eq!(Datanets::leaderboard_view(0, 10), []);
		for payer in 0..100 {
			Datanets::note_earning(first, &payer, 2);
			Datanets::note_earning(second, &payer, 3);
		}
		let [net] = &Datanets::leaderboard_view(0, 10)[..] else { panic!("one Datanet earned") };
		assert_eq!((net.rank, net.datanet, net.earned), (1, NET, 500));
		assert_eq!((net.kind, &net.name[..]), (Kind::Image, &b"Digits"[..]));
		assert!(net.payers.abs_diff(100) < 20, "{}", net.payers);
		assert_eq!(Datanets::contribution_view(first).unwrap().earned, 200);
		// what left keeps what it earned
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), second));
		let top = Datanets::top_contributions_view(NET, 1, 10);
		let places: Vec<_> =
			top.iter().map(|c| (c.rank, c.contribution, c.contributor, c.earned)).collect();
		assert_eq!(places, [(1, second, BOB, 300), (2, first, ALICE, 200)]);
	});
}

#[test]
fn rankings_come_in_pages_ties_by_id() {
	test(|| {
		for _ in 0..5 {
			create();
		}
		for (net, amount) in [(0, 5), (1, 9), (2, 5), (3, 7)] {
			let id = offer(ALICE, DatanetId(net), &records(net * 10..net * 10 + 5));
			run_to(now() + DRAW_DELAY + 1);
			judge_finally(id, [accepting(); 3]);
			Datanets::note_earning(id, &BOB, amount);
		}
		let page = |from, limit| -> Vec<(u32, u32)> {
			let ranks = Datanets::leaderboard_view(from, limit);
			ranks.iter().map(|place| (place.rank, place.datanet.0)).collect()
		};
		assert_eq!(page(0, 10), [(1, 1), (2, 3), (3, 0), (4, 2)]);
		assert_eq!(page(1, u32::MAX).len(), 4);
		assert_eq!(page(2, 2), [(2, 3), (3, 0)]);
		assert!(page(5, 2).is_empty());
		assert!(Datanets::top_contributions_view(DatanetId(4), 0, 9).is_empty());
	});
}

#[test]
fn membership_and_removal_are_proven_from_a_versions_roots() {
	test(|| {
		create();
		let ids: Vec<_> = (1..=6).map(|n| accepted(ALICE, n)).collect();
		for at in [4, 1] {
			assert_ok!(Datanets::revoke(RuntimeOrigin::signed(ALICE), ids[at]));
		}
		for (at, id) in ids.iter().enumerate() {
			for number in 0..=9 {
				let view = Datanets::membership_view(*id, number);
				assert_eq!(view.is_some(), (at as u32 + 1..=8).contains(&number));
				let Some(view) = view else { continue };
				let version = view.version;
				assert_eq!(version, Versions::<Test>::get(NET, number).unwrap());
				assert_eq!(view.root, root(at as u8 + 1));
				let (root, leaves) = (version.accepted_root, version.accepted);
				assert!(verify_in(&root, leaves, &view.root, &view.accepted));
				assert!(!verify_in(&root, leaves, &[77; 32], &view.accepted));
				let gone = (at == 4 && number >= 7) || (at == 1 && number == 8);
				assert_eq!(view.removed.is_some(), gone);
				if let Some(proof) = view.removed {
					let (root, leaves) = (version.removed_root, version.removed);
					assert!(verify_in(&root, leaves, &view.root, &proof));
				}
			}
		}
		assert_eq!(Datanets::membership_view(ContributionId(99), 1), None);
		let pending = contribute(BOB, 9);
		assert_eq!(Datanets::membership_view(pending, 6), None);
		assert_eq!(Versions::<Test>::get(NET, 6).unwrap().removed_root, merkle::root(&[]));
	});
}
