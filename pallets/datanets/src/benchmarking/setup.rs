//! Datanets with as much as they may hold, and reviews at their most expensive.

use crate::*;
use alloc::{collections::BTreeSet, vec, vec::Vec};
use codec::{Decode, Encode};
use openledger_primitives::{
	fixtures::{BondFixtures, DatanetFixtures, SelfRuleFixtures},
	merkle::{node, prove, record_leaf_from_hash, root, Hash, Peaks},
	traits::{Bonding, Role},
	Balance, BlockNumber, ContributionId, DatanetId, DatanetVersion, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::account,
	frame_support::{
		assert_ok,
		traits::{fungible::Mutate, Get},
		BoundedVec,
	},
	frame_system,
	sp_io::hashing::blake2_256,
};

/// Planck that accounts have to spend.
const PURSE: Balance = 1_000_000 * OPEN;
/// Versions are numbered by 32 bits: the ranges of a Datanet have no more leaves than this, one less
/// than a power of two, so that the next leaf merges every peak.
const LEAVES: u32 = u32::MAX;
/// Records of a contribution whose proofs are as long as they may be.
pub(super) const RECORDS: u32 = u32::MAX;
/// Claimed bytes of a contribution.
pub(super) const BYTES: u64 = 1 << 20;
/// Every salt.
pub(super) const SALT: [u8; 32] = [7; 32];

impl<T: Config> DatanetFixtures<AccountIdOf<T>> for Pallet<T> {
	fn datanet(owner: &AccountIdOf<T>, data_fee: Balance) -> DatanetId {
		let datanet = open::<T>(owner);
		assert_ok!(Self::do_set_data_fee(owner.clone(), datanet, data_fee));
		datanet
	}

	fn contribution(
		datanet: DatanetId,
		contributor: &AccountIdOf<T>,
	) -> (ContributionId, DatanetVersion) {
		let root = NextContribution::<T>::get().using_encoded(blake2_256);
		let id = offer::<T>(datanet, contributor, root);
		let version = accept::<T>(id).version;
		Reviews::<T>::remove(id);
		(id, DatanetVersion { datanet, version })
	}
}

impl<T: Config> SelfRuleFixtures<AccountIdOf<T>, Policy> for Pallet<T> {
	fn earn(datanet: DatanetId, who: &AccountIdOf<T>, amount: Balance) {
		let length: BlockNumber = T::EarningWindow::get();
		frame_system::Pallet::<T>::set_block_number(Self::now().max(length).into());
		let window = Self::earning_window().saturating_sub(1);
		EarnedLately::<T>::mutate(datanet, who, |earned| earned.note(window, amount));
		EarnedLatelyByAll::<T>::mutate(datanet, |earned| earned.note(window, amount));
	}

	fn policy() -> Policy {
		strict()
	}
}

/// A policy of which every field says something.
pub(super) fn strict() -> Policy {
	Policy { accepting: false, min_quality: Ppm::ONE, panel: Some(MAX_PANEL), min_data_fee: OPEN }
}

/// Lets `id` have been offered under a policy that asks for what everybody finds.
pub(super) fn under_policy<T: Config>(id: ContributionId) {
	OfferedUnder::<T>::insert(id, Policy { accepting: true, ..strict() });
}

/// Gives `who` enough for all deposits.
pub(super) fn endow<T: Config>(who: &AccountIdOf<T>) {
	assert_ok!(T::Currency::mint_into(who, PURSE));
}

/// Metadata of the greatest length.
pub(super) fn metadata() -> Metadata {
	let text = |length: u32| vec![b'x'; length as usize];
	Metadata {
		name: BoundedVec::truncate_from(text(MAX_NAME)),
		description: BoundedVec::truncate_from(text(MAX_DESCRIPTION)),
		licence: BoundedVec::truncate_from(text(MAX_LICENCE)),
	}
}

/// A Datanet of `owner` without contributions.
pub(super) fn create<T: Config>(owner: &AccountIdOf<T>) -> DatanetId {
	endow::<T>(owner);
	let id = NextDatanet::<T>::get();
	assert_ok!(Pallet::<T>::do_create(owner.clone(), Kind::Image, metadata()));
	id
}

/// A Datanet of `owner` with ranges as long as they may be.
pub(super) fn open<T: Config>(owner: &AccountIdOf<T>) -> DatanetId {
	let id = create::<T>(owner);
	let peaks = || {
		let hashes = (0..LEAVES.count_ones()).map(|_| [1u8; 32]).collect::<Vec<Hash>>();
		let encoded = (u64::from(LEAVES), hashes).encode();
		Peaks::decode(&mut encoded.as_slice()).unwrap_or_default()
	};
	let ranges = Ranges { accepted: peaks(), removed: peaks(), records: 0, bytes: 0 };
	assert_eq!(ranges.accepted.leaves, u64::from(LEAVES));
	VersionRanges::<T>::insert(id, ranges);
	id
}

/// A pending contribution of `who`, with the longest place and a bond.
pub(super) fn offer<T: Config>(
	datanet: DatanetId,
	who: &AccountIdOf<T>,
	root: Hash,
) -> ContributionId {
	endow::<T>(who);
	let id = NextContribution::<T>::get();
	// one account offers as many as a benchmark needs, in one block
	Taken::<T>::kill();
	Pending::<T>::remove(who);
	let uri = BoundedVec::truncate_from(vec![b'x'; MAX_URI as usize]);
	assert_ok!(Pallet::<T>::do_contribute(who.clone(), datanet, root, RECORDS, BYTES, uri));
	id
}

/// Accepts `id`, and leaves its review alone.
pub(super) fn accept<T: Config>(id: ContributionId) -> Acceptance {
	let missing = Acceptance { version: 0, leaf: 0, quality: Ppm(0), bytes: 0 };
	Contributions::<T>::mutate(id, |contribution| {
		let Some(contribution) = contribution else { return missing };
		let acceptance = Pallet::<T>::append(id, contribution, Ppm::ONE, BYTES).unwrap_or(missing);
		contribution.state = ContributionState::Accepted(acceptance);
		acceptance
	})
}

/// An accepted contribution of `who` to `datanet`, at the first leaf: most nodes count its removal.
pub(super) fn accepted_first<T: Config>(
	datanet: DatanetId,
	who: &AccountIdOf<T>,
	root: Hash,
) -> ContributionId {
	let id = offer::<T>(datanet, who, root);
	Reviews::<T>::remove(id);
	Contributions::<T>::mutate(id, |contribution| {
		if let Some(contribution) = contribution {
			let acceptance = Acceptance { version: 1, leaf: 0, quality: Ppm::ONE, bytes: BYTES };
			contribution.state = ContributionState::Accepted(acceptance);
		}
	});
	Leaves::<T>::insert(datanet, 0, id);
	let version = Version {
		accepted_root: root,
		removed_root: root,
		accepted: 1,
		removed: 0,
		records: RECORDS.into(),
		bytes: BYTES,
		created_at: 0,
	};
	Versions::<T>::insert(datanet, 1, version);
	id
}

/// A verdict for or against.
pub(super) fn verdict(accept: bool) -> Verdict {
	Verdict { accept, quality: Ppm::ONE, bytes: BYTES }
}

/// The curator in seat `seat` of panel `panel`, bonded.
pub(super) fn curator<T>(panel: u32, seat: u32) -> AccountIdOf<T>
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	let who = account("curator", seat, panel);
	bond_curator::<T>(&who);
	who
}

/// Bonds `who` as a curator.
pub(super) fn bond_curator<T>(who: &AccountIdOf<T>)
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	<T::Curators as BondFixtures<_>>::bond(Role::Curator, who, PURSE);
}

/// A full panel that sits on `id`, each seat with `verdict`.
pub(super) fn panel<T>(
	panel: u32,
	id: ContributionId,
	verdict: Option<Verdict>,
) -> Seats<AccountIdOf<T>>
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	let seat = |seat| {
		let curator = curator::<T>(panel, seat);
		Panels::<T>::insert(&curator, id, ());
		let commitment = verdict.map(|verdict| verdict.commitment(&SALT, &curator, id));
		Seat { curator, commitment, verdict }
	};
	BoundedVec::truncate_from((0..MAX_PANEL).map(seat).collect())
}

/// Lets the first panel have decided `outcome` on `id` unanimously.
pub(super) fn decided<T>(id: ContributionId, outcome: Outcome)
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	let seats = panel::<T>(1, id, Some(verdict(outcome.accepts())));
	change_review::<T>(id, |review| {
		review.first = Some(Decision { outcome, seats });
		review.phase = Phase::Decided;
		review.deadline = Pallet::<T>::now().saturating_add(1);
	});
}

/// [`decided`], and somebody else appealed.
pub(super) fn appealed<T>(id: ContributionId, outcome: Outcome)
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	decided::<T>(id, outcome);
	let appellant = account("appellant", 0, 0);
	endow::<T>(&appellant);
	assert_ok!(Pallet::<T>::do_appeal(appellant, id));
}

/// Seats the panel of an appeal, which commits or reveals.
pub(super) fn seat<T: Config>(id: ContributionId, phase: Phase, seats: Seats<AccountIdOf<T>>) {
	let contribution = Contributions::<T>::get(id);
	change_review::<T>(id, |review| {
		review.phase = phase;
		review.deadline = Pallet::<T>::now().saturating_add(1);
		review.seats = seats;
		if let Some(contribution) = &contribution {
			Pallet::<T>::fix_seat_fee(id, contribution, review);
		}
	});
}

/// Bonds `count` curators in all, each of which chose `kinds`; those that are bonded count.
pub(super) fn bond_candidates<T>(count: u32, kinds: &Kinds)
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	let bonded = T::Curators::members(Role::Curator).len() as u32;
	for n in bonded..count {
		bond_curator::<T>(&account("candidate", n, 0));
	}
	for (who, _) in T::Curators::members(Role::Curator) {
		let judging = Judging { kinds: kinds.clone(), since: 0, deposit: 0 };
		CuratorKinds::<T>::insert(who, judging);
	}
}

/// These kinds.
pub(super) fn kinds(kinds: &[Kind]) -> Kinds {
	Kinds::try_from(kinds.iter().copied().collect::<BTreeSet<_>>()).unwrap_or_default()
}

/// A list of as many builders as a Datanet may name.
pub(super) fn builders<T: Config>() -> Permission<AccountIdOf<T>> {
	let builders = (0..MAX_ALLOWED).map(|n| account("builder", n, 0)).collect::<BTreeSet<_>>();
	Permission::Allowed(builders.try_into().unwrap_or_default())
}

/// Changes the review of `id`.
pub(super) fn change_review<T: Config>(
	id: ContributionId,
	change: impl FnOnce(&mut Review<AccountIdOf<T>>),
) {
	Reviews::<T>::mutate(id, |review| review.as_mut().map(change));
}

/// Records that stand at the first places of a contribution.
fn shared_records() -> Vec<Hash> {
	(0..MAX_EVIDENCE).map(|n| n.using_encoded(blake2_256)).collect()
}

fn leaves_of(who: &impl Encode) -> Vec<Hash> {
	let mut account = [0u8; 32];
	account.iter_mut().zip(who.encode()).for_each(|(to, from)| *to = from);
	shared_records().iter().map(|record| record_leaf_from_hash(&account, record)).collect()
}

/// Siblings between the shared records and the root of a contribution of [`RECORDS`].
fn upper() -> Vec<Hash> {
	let lower = MAX_EVIDENCE.next_power_of_two().trailing_zeros();
	vec![[9; 32]; MAX_DEPTH.saturating_sub(lower) as usize]
}

/// The root of a contribution of `who` that begins with the shared records.
pub(super) fn shared_root(who: &impl Encode) -> Hash {
	upper().iter().fold(root(&leaves_of(who)), |left, right| node(&left, right))
}

/// Evidence that the first `count` records of `copier` are those of `author`.
pub(super) fn evidence(count: u32, copier: &impl Encode, author: &impl Encode) -> Evidence {
	let place = |leaves: &[Hash], index: u32| {
		let lower = prove(leaves, index as usize).map(|proof| proof.siblings).unwrap_or_default();
		let siblings = lower.into_iter().chain(upper()).collect();
		Place { index, siblings: BoundedVec::truncate_from(siblings) }
	};
	let (copies, originals) = (leaves_of(copier), leaves_of(author));
	let shared = (0..count).zip(shared_records()).map(|(index, record)| SharedRecord {
		record,
		copy: place(&copies, index),
		original: place(&originals, index),
	});
	BoundedVec::truncate_from(shared.collect())
}
