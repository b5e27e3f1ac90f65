use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{
	traits::{Accepted, Contributions as _},
	ContributionId, DatanetId, DatanetVersion, Ppm,
};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn who_pays_for_data_sees_what_became_of_a_contribution() {
	test(|| {
		create();
		let id = contribute(ALICE, 1);
		let offered_at = now();
		let pending = Datanets::contribution(id).unwrap();
		assert_eq!((pending.datanet, pending.contributor), (NET, ALICE));
		assert_eq!((pending.offered_at, pending.accepted), (offered_at, None));
		let stored = Contributions::<Test>::get(id).unwrap();
		assert_eq!(pending.records, stored.records);

		let id = accepted(BOB, 2);
		let version = DatanetVersion { datanet: NET, version: 1 };
		let at = Datanets::made_at(&version).unwrap();
		let found = Datanets::contribution(id).unwrap().accepted.unwrap();
		let acceptance = *Contributions::<Test>::get(id).unwrap().state.acceptance().unwrap();
		let Acceptance { quality, bytes, .. } = acceptance;
		assert_eq!(found, Accepted { at, quality, bytes, removed: false });
		assert!(quality > Ppm(0));

		assert_ok!(Datanets::revoke(RuntimeOrigin::signed(BOB), id));
		let found = Datanets::contribution(id).unwrap().accepted.unwrap();
		assert_eq!((found.at, found.removed), (at, true));
	});
}

#[test]
fn who_pays_for_data_is_told_what_does_not_exist() {
	test(|| {
		create();
		assert!(Datanets::takes_contributions(NET));
		assert!(!Datanets::takes_contributions(DatanetId(9)));
		assert!(Datanets::exists(NET) && !Datanets::exists(DatanetId(9)));
		assert!(!Datanets::is_gone(NET) && Datanets::is_gone(DatanetId(9)));
		assert_ok!(Datanets::delist(RuntimeOrigin::root(), NET));
		assert!(Datanets::exists(NET) && Datanets::is_gone(NET));
		assert_eq!(Datanets::contribution(ContributionId(9)), None);
		assert_eq!(Datanets::made_at(&DatanetVersion { datanet: NET, version: 1 }), None);
	});
}
