use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{traits::Datanets as _, ContributionId, DatanetId, DatanetVersion};
use polkadot_sdk::frame_support::assert_ok;

fn since(version: u32) -> u32 {
	Datanets::revoked_since(&DatanetVersion { datanet: NET, version })
}

/// Counted one by one.
fn counted(ids: &[ContributionId], version: u32) -> u32 {
	let gone = ids.iter().filter(|id| {
		let state = Contributions::<Test>::get(id).unwrap().state;
		let accepted_by = state.acceptance().unwrap().version;
		let removed_by = state.revocation().map(|revocation| revocation.version);
		accepted_by <= version && removed_by.is_some_and(|by| by > version)
	});
	gone.count() as u32
}

#[test]
fn a_version_knows_how_many_of_its_contributions_are_gone() {
	test(|| {
		create();
		assert_eq!(since(0), 0);
		assert_eq!(since(1), 0);
		let mut ids = Vec::new();
		for n in 0..23u8 {
			ids.push(accepted(ALICE, n));
			// in an order that is neither that of leaves nor its reverse
			if n % 3 == 2 {
				let at = usize::from(n) * 7 % ids.len();
				let _ = Datanets::revoke(RuntimeOrigin::signed(ALICE), ids[at]);
			}
			let latest = crate::Datanets::<Test>::get(NET).unwrap().version;
			for version in 0..=latest + 1 {
				assert_eq!(
					since(version),
					if version > latest { 0 } else { counted(&ids, version) }
				);
			}
		}
		assert_eq!(since(1), counted(&ids, 1));
		for id in &ids {
			let _ = Datanets::revoke(RuntimeOrigin::signed(ALICE), *id);
		}
		let last = Versions::<Test>::get(NET, 1).unwrap();
		assert_eq!((last.accepted, since(1)), (1, 1));
		let elsewhere = DatanetVersion { datanet: DatanetId(5), version: 1 };
		assert_eq!(Datanets::revoked_since(&elsewhere), 0);
	});
}

#[test]
fn what_is_struck_out_counts_once() {
	test(|| {
		create();
		let all = records(0..8);
		let original = accept_records(ALICE, &all);
		let copy = accept_records(BOB, &all);
		commit_duplicate(CAROL, copy, original);
		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), copy));
		run_to(now() + small().proof_delay);
		assert_eq!((since(1), since(2), since(3)), (0, 1, 0));
		assert_ok!(prove(CAROL, copy, original, evidence((BOB, &all), (ALICE, &all), &all)));
		assert_eq!((since(1), since(2), since(3)), (0, 1, 0));
	});
}
