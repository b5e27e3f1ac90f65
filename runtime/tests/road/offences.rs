//! A collator that builds two blocks in one slot, or votes for two in one round.

use crate::common::Chain;
use openledger_primitives::{traits::Role, OPEN};
use openledger_runtime::*;
use polkadot_sdk::{
	frame_support::traits::KeyOwnerProofSystem,
	pallet_babe, pallet_grandpa,
	sp_consensus_babe::{digests::CompatibleDigestItem, EquivocationProof, KEY_TYPE},
	sp_consensus_grandpa,
	sp_core::Pair,
	sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
	sp_keyring::{Ed25519Keyring, Sr25519Keyring},
	sp_runtime::{
		generic::DigestItem, traits::Header as _, transaction_validity::InvalidTransaction,
	},
};

/// What every operator of a development network has bonded.
const BOND: Balance = 100_000 * OPEN;

/// Two sealed blocks of the next author in one slot, as a report, and whose they are.
fn equivocation(chain: &mut Chain) -> (UncheckedExtrinsic, AccountId) {
	let (header, _) = chain.next_header();
	let digest = header.digest().logs().iter().find_map(|log| log.as_babe_pre_digest()).unwrap();
	let offender = chain.query(|| Babe::authorities()[digest.authority_index() as usize].0.clone());
	let author = Sr25519Keyring::from_public(&offender.clone().into_inner()).unwrap();
	let sealed = |state_root| {
		let mut header = header.clone();
		header.set_state_root(state_root);
		let seal = author.pair().sign(header.hash().as_bytes());
		header.digest_mut().push(DigestItem::babe_seal(seal.into()));
		header
	};
	let equivocation_proof = EquivocationProof {
		slot: digest.slot(),
		first_header: sealed(Hash::repeat_byte(1)),
		second_header: sealed(Hash::repeat_byte(2)),
		offender: offender.clone(),
	};
	let key_owner_proof = chain.query(|| Historical::prove((KEY_TYPE, offender))).unwrap();
	let report = pallet_babe::Call::report_equivocation_unsigned {
		equivocation_proof: Box::new(equivocation_proof),
		key_owner_proof,
	};
	(UncheckedExtrinsic::new_bare(report.into()), author.to_account_id())
}

#[test]
fn an_equivocating_collator_is_slashed_into_the_treasury_disabled_and_leaves_the_set() {
	let mut chain = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.skip(3);
	let (report, offender) = equivocation(&mut chain);
	// its own block goes by, another's reports it
	chain.skip(1);
	let treasury = configs::TreasuryAccount::get();
	let (before, treasury_before) = (chain.total(&offender), chain.total(&treasury));
	assert_eq!(chain.build(vec![report.clone()]), [Ok(Ok(()))]);

	// a twentieth of the bond, once nobody can cancel it any more
	let lost = BOND / 20;
	let slashes = chain.query(Staking::pending_slashes);
	let [slash] = &slashes[..] else { panic!("one slash, not {slashes:?}") };
	assert_eq!((&slash.slash.who, slash.slash.amount), (&offender, lost));
	assert_eq!(chain.total(&offender), before);
	chain.skip(slash.slash.due - chain.height());
	assert_eq!(chain.total(&offender), before - lost);
	assert_eq!(chain.total(&treasury), treasury_before + lost, "and nobody else gets any of it");
	let bonds = chain.query(|| Staking::bonds_of(&offender));
	let bond = bonds.iter().find(|bond| bond.role == Role::Collator).unwrap();
	assert_eq!((bond.amount, bond.chilled), (BOND - lost, true));
	assert_eq!(chain.query(|| Session::disabled_validators().len()), 1);
	assert_eq!(
		chain.build(vec![report]),
		[Err(InvalidTransaction::Stale.into())],
		"one slot is paid for once"
	);

	// the others go on, and from the session after the next on it is only them
	chain.skip(2 * EPOCH_SLOTS as u32);
	let set = chain.query(Session::validators);
	assert_eq!(set.len(), 3);
	assert!(!set.contains(&offender));
	assert!(chain.query(|| Session::disabled_validators().is_empty()));
}

#[test]
fn a_report_without_two_blocks_slashes_nobody() {
	let mut chain = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.skip(3);
	let (report, offender) = equivocation(&mut chain);
	let RuntimeCall::Babe(pallet_babe::Call::report_equivocation_unsigned {
		mut equivocation_proof,
		key_owner_proof,
	}) = report.function
	else {
		panic!("a report of an equivocation");
	};
	equivocation_proof.second_header = equivocation_proof.first_header.clone();
	let call = pallet_babe::Call::report_equivocation { equivocation_proof, key_owner_proof };
	let fees = chain.fees;
	let before = chain.total(&offender);
	let invalid = pallet_babe::Error::<Runtime>::InvalidEquivocationProof;
	assert_eq!(chain.send("//Ferdie", call), Err(invalid.into()));
	assert!(chain.fees > fees, "a false report is not free");
	assert_eq!(chain.total(&offender), before);
}

/// Two votes of `voter` in one round for different blocks, as a report.
fn double_vote(chain: &mut Chain, voter: Ed25519Keyring) -> UncheckedExtrinsic {
	use codec::{DecodeAll, Encode};
	const PREVOTE: u8 = 0;
	let (round, set_id) = (7u64, chain.query(Grandpa::current_set_id));
	let signed = |target: Hash| {
		let vote = (target, chain.height());
		let signature = voter.sign(&(PREVOTE, vote, round, set_id).encode());
		(vote, signature)
	};
	let (first, second) = (signed(Hash::repeat_byte(1)), signed(Hash::repeat_byte(2)));
	let proof = (set_id, PREVOTE, round, voter.public(), first, second).encode();
	let equivocation_proof = Box::new(DecodeAll::decode_all(&mut proof.as_slice()).unwrap());
	let owner = (sp_consensus_grandpa::KEY_TYPE, voter.public());
	let key_owner_proof = chain.query(|| Historical::prove(owner)).unwrap();
	let call =
		pallet_grandpa::Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof };
	UncheckedExtrinsic::new_bare(call.into())
}

#[test]
fn a_collator_that_votes_twice_is_slashed_and_leaves_the_set() {
	let mut chain = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.skip(3);
	let report = double_vote(&mut chain, Ed25519Keyring::Bob);
	let bob = Sr25519Keyring::Bob.to_account_id();
	// another's block reports it
	chain.absent.push(bob.clone());
	assert_eq!(chain.build(vec![report.clone()]), [Ok(Ok(()))]);
	let slashes = chain.query(Staking::pending_slashes);
	let [slash] = &slashes[..] else { panic!("one slash, not {slashes:?}") };
	assert_eq!((&slash.slash.who, slash.slash.amount), (&bob, BOND / 20));
	assert_eq!(chain.build(vec![report]), [Err(InvalidTransaction::Stale.into())]);
	chain.skip(2 * EPOCH_SLOTS as u32);
	assert!(!chain.query(Session::validators).contains(&bob));
}
