//! Collators: paid for their blocks, put out when they are away, and what restarts finality.

use crate::common::{account, Chain};
use openledger_math::block_reward;
use openledger_primitives::{parameters::RewardParameters, traits::Role};
use openledger_runtime::*;
use openledger_staking::{Authored, Operators};
use polkadot_sdk::{
	frame_system::RawOrigin,
	pallet_grandpa, pallet_session,
	sp_consensus_babe::digests::CompatibleDigestItem,
	sp_core::{ed25519, sr25519, Pair},
	sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
	sp_runtime::traits::Header as _,
};
use std::collections::BTreeMap;

const EPOCH: u32 = EPOCH_SLOTS as u32;
const PEOPLE: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];

fn local() -> Chain {
	let mut chain = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.always_checked = false;
	chain
}

/// Who made the newest block.
fn author(chain: &mut Chain) -> AccountId {
	let (head, _) = chain.head();
	let digest = head.digest().logs().iter().find_map(|log| log.as_babe_pre_digest()).unwrap();
	let index = digest.authority_index() as usize;
	AccountId::from(chain.query(|| Babe::authorities()[index].0.clone()).into_inner())
}

fn rewards(chain: &mut Chain) -> BTreeMap<AccountId, Balance> {
	chain.query(|| {
		let reward = |path| {
			let who = account(path);
			(who.clone(), Operators::<Runtime>::get(Role::Collator, who).reward)
		};
		PEOPLE.into_iter().map(reward).collect()
	})
}

fn session(chain: &mut Chain) -> u32 {
	chain.query(Session::current_index)
}

/// Blocks up to the first of the next session.
fn end_session(chain: &mut Chain) {
	let running = session(chain);
	while session(chain) == running {
		chain.skip(1);
	}
}

#[test]
fn every_block_is_counted_for_its_author_also_where_the_set_changes() {
	let mut chain = local();
	// from the third session on it is three
	chain.meddle(|| Staking::chill(RawOrigin::Signed(account("//Alice")).into())).unwrap();
	let mut counted = BTreeMap::<AccountId, u32>::from([(author(&mut chain), 1)]);
	let mut running = session(&mut chain);
	let mut sets = std::collections::BTreeSet::new();
	for _ in 0..3 * EPOCH + 20 {
		chain.skip(1);
		if session(&mut chain) != running {
			running = session(&mut chain);
			counted.clear();
		}
		*counted.entry(author(&mut chain)).or_default() += 1;
		let stored = chain.query(|| Authored::<Runtime>::iter().collect::<BTreeMap<_, _>>());
		assert_eq!(stored, counted);
		sets.insert(chain.query(Session::validators).len());
	}
	assert_eq!(sets.into_iter().collect::<Vec<_>>(), [3, 4]);
	chain.everything_adds_up();
}

#[test]
fn a_session_is_paid_from_the_community_pot_by_blocks_made() {
	let mut chain = local();
	let community = configs::CommunityPotAccount::get();
	let before = chain.total(&community);
	let mut made = BTreeMap::<AccountId, u32>::from([(author(&mut chain), 1)]);
	loop {
		chain.skip(1);
		if session(&mut chain) == 1 {
			break;
		}
		*made.entry(author(&mut chain)).or_default() += 1;
	}
	let RewardParameters { first_reward, half_life } = Default::default();
	let each = block_reward(first_reward, half_life, chain.height());
	let expected: BTreeMap<_, _> =
		made.into_iter().map(|(who, blocks)| (who, each * Balance::from(blocks))).collect();
	assert_eq!(rewards(&mut chain), expected);
	let paid = expected.values().sum::<Balance>();
	assert_eq!(chain.total(&community), before - paid);
	chain.everything_adds_up();

	let alice = account("//Alice");
	let (reward, owned, fees) = (expected[&alice], chain.total(&alice), chain.fees);
	let call =
		openledger_staking::Call::claim_rewards { role: Role::Collator, operator: alice.clone() };
	assert_eq!(chain.send("//Alice", call), Ok(()));
	assert_eq!(chain.total(&alice), owned + reward - (chain.fees - fees));
}

#[test]
fn a_collator_that_is_away_loses_its_place_and_nothing_else() {
	let mut chain = local();
	let dave = account("//Dave");
	chain.absent.push(dave.clone());
	let before = chain.total(&dave);
	end_session(&mut chain);
	let out = chain.query(|| Staking::bonds_of(&dave));
	assert!(out[0].chilled, "a session of 150 blocks is more than twenty turns of four");
	end_session(&mut chain);
	end_session(&mut chain);
	let set = chain.query(Session::validators);
	assert_eq!((set.len(), set.contains(&dave)), (3, false));
	assert_eq!(chain.total(&dave), before);

	// awake again
	let call = openledger_staking::Call::bond { role: Role::Collator, amount: 0 };
	assert_eq!(chain.send("//Dave", call), Ok(()));
	chain.absent.clear();
	end_session(&mut chain);
	end_session(&mut chain);
	assert_eq!(chain.query(Session::validators).len(), 4);
	chain.everything_adds_up();
}

#[test]
fn two_of_four_that_never_come_back_are_put_out_and_noting_the_stall_makes_the_others_vote() {
	let mut chain = local();
	chain.absent = vec![account("//Charlie"), account("//Dave")];
	let stalled_at = chain.height();
	end_session(&mut chain);
	end_session(&mut chain);
	let mut two = [account("//Alice"), account("//Bob")];
	two.sort();
	assert_eq!(chain.query(Session::validators), two);
	// but only what is final counts as a change of voters, and without the old ones nothing is
	let set_id = chain.query(Grandpa::current_set_id);
	chain.meddle(|| Grandpa::note_stalled(RawOrigin::Root.into(), 10, stalled_at)).unwrap();
	end_session(&mut chain);
	let pending = chain.query(pallet_grandpa::PendingChange::<Runtime>::get).unwrap();
	assert_eq!((pending.forced, pending.delay), (Some(stalled_at), 10));
	assert_eq!(pending.next_authorities.len(), 2);
	chain.skip(10);
	assert_eq!(chain.query(Grandpa::grandpa_authorities).len(), 2);
	assert!(chain.query(Grandpa::current_set_id) > set_id);
	chain.everything_adds_up();
}

#[test]
fn a_stranger_with_a_bond_and_proven_keys_collates_and_earns() {
	let mut chain = local();
	// as `author_rotateKeysWithOwner` of its node would have made them
	let stranger = account("//Ferdie");
	let (babe, grandpa) = (
		sr25519::Pair::from_string("//Ferdie", None).unwrap(),
		ed25519::Pair::from_string("//Ferdie", None).unwrap(),
	);
	let keys = opaque::SessionKeys { babe: babe.public().into(), grandpa: grandpa.public().into() };
	let proof = proof_of(&babe, &grandpa, &stranger);
	let bond = openledger_staking::Call::bond {
		role: Role::Collator,
		amount: 50_000 * openledger_primitives::OPEN,
	};
	assert_eq!(chain.send("//Ferdie", bond), Ok(()));
	let set_keys = |proof| pallet_session::Call::set_keys { keys: keys.clone(), proof };
	let of_another = proof_of(&babe, &grandpa, &account("//Eve"));
	let invalid = pallet_session::Error::<Runtime>::InvalidProof;
	assert_eq!(chain.send("//Ferdie", set_keys(of_another)), Err(invalid.into()));
	assert_eq!(chain.send("//Ferdie", set_keys(proof)), Ok(()));

	end_session(&mut chain);
	assert_eq!(chain.query(Session::validators).len(), 4, "not before the session after the next");
	end_session(&mut chain);
	assert!(chain.query(Session::validators).contains(&stranger));
	end_session(&mut chain);
	let earned = chain.query(|| Operators::<Runtime>::get(Role::Collator, &stranger).reward);
	assert!(earned > 0);
	chain.everything_adds_up();
}

/// Signatures of both keys over `owner`.
fn proof_of(babe: &sr25519::Pair, grandpa: &ed25519::Pair, owner: &AccountId) -> Vec<u8> {
	use codec::Encode;
	use polkadot_sdk::sp_core::proof_of_possession::ProofOfPossessionGenerator;
	let owner = owner.encode();
	let (mut babe, mut grandpa) = (babe.clone(), *grandpa);
	(babe.generate_proof_of_possession(&owner), grandpa.generate_proof_of_possession(&owner))
		.encode()
}
