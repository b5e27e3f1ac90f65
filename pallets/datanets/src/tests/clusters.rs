use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{BlobId, DatanetId};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok},
	sp_runtime::TokenError,
};

fn publish(
	who: AccountId,
	datanet: DatanetId,
	version: u32,
) -> polkadot_sdk::sp_runtime::DispatchResult {
	let blob = BlobId([version as u8; 32]);
	Datanets::publish_clusters(RuntimeOrigin::signed(who), datanet, version, blob)
}

#[test]
fn owner_and_curators_publish_clusters_of_a_version() {
	test(|| {
		create();
		assert_noop!(publish(OWNER, DatanetId(1), 1), Error::<Test>::UnknownDatanet);
		assert_noop!(publish(OWNER, NET, 1), Error::<Test>::UnknownVersion);
		accepted(ALICE, 1);
		accepted(ALICE, 2);
		assert_noop!(publish(ALICE, NET, 1), Error::<Test>::NotCurator);
		bond(77, 0);
		assert_noop!(publish(77, NET, 1), TokenError::FundsUnavailable);
		assert_ok!(publish(OWNER, NET, 1));
		assert_eq!(held(HoldReason::Record, OWNER), RECORD_DEPOSIT);
		assert_ok!(publish(11, NET, 2));
		assert_eq!(
			events().last(),
			Some(&Event::ClustersPublished {
				datanet: NET,
				version: 2,
				blob: BlobId([2; 32]),
				publisher: 11,
				deposit: RECORD_DEPOSIT,
			})
		);
		// the latest alone is kept, and paid for
		assert_eq!(held(HoldReason::Record, OWNER), 0);
		assert_eq!(held(HoldReason::Record, 11), RECORD_DEPOSIT);
		let latest = Datanets::datanet_view(NET).unwrap().clusters.unwrap();
		assert_eq!((latest.publisher, latest.version), (11, 2));
		assert_noop!(publish(OWNER, NET, 1), Error::<Test>::ClustersOutdated);
		assert_noop!(publish(OWNER, NET, 3), Error::<Test>::UnknownVersion);
		assert_ok!(publish(11, NET, 2));
		assert_eq!(held(HoldReason::Record, 11), RECORD_DEPOSIT);
	});
}
