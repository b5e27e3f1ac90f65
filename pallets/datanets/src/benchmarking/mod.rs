//! What calls and the end of a block cost in Datanets and reviews at their most expensive: penalties
//! meet a full queue of slashes, so that each executes another.

mod setup;

use crate::*;
use openledger_primitives::{
	fixtures::BondFixtures,
	traits::{Chance, Terms},
	BlobId, BlockNumber, ContributionId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		assert_ok,
		traits::{EnsureOrigin, Get, Hooks},
		BoundedVec,
	},
	frame_system::{self, RawOrigin},
};
use setup::{
	accepted_first, appealed, bond_candidates, bond_curator, builders, decided, endow, evidence,
	kinds, metadata, offer, open, panel, seat, shared_root, strict, under_policy, verdict, BYTES,
	RECORDS, SALT,
};

/// Penalties of one review at most: both panels'.
const PENALTIES: u32 = 2 * MAX_PANEL;

fn accepting() -> Outcome {
	Outcome::Accept { quality: Ppm::ONE, bytes: BYTES }
}

/// A pending contribution to an open Datanet.
fn offered<T: Config>() -> ContributionId {
	let datanet = open::<T>(&account("owner", 0, 0));
	let id = offer::<T>(datanet, &account("contributor", 0, 0), [1; 32]);
	under_policy::<T>(id);
	id
}

/// A contribution on which the panel of an appeal is about to overturn the first, all but one of it
/// absent: `last` has committed to accept, and `revealed` says whether it has said so.
fn about_to_be_overturned<T>(last: AccountIdOf<T>, revealed: bool) -> ContributionId
where
	T: Config,
	T::Curators: BondFixtures<AccountIdOf<T>>,
{
	let id = offered::<T>();
	appealed::<T>(id, Outcome::Reject(RejectionReason::Majority));
	let mut seats = panel::<T>(2, id, None);
	seats.pop();
	bond_curator::<T>(&last);
	Panels::<T>::insert(&last, id, ());
	let commitment = Some(verdict(true).commitment(&SALT, &last, id));
	let said = revealed.then(|| verdict(true));
	assert_ok!(seats.try_push(Seat { curator: last, commitment, verdict: said }));
	seat::<T>(id, Phase::Reveal, seats);
	T::Curators::fill_slashes(PENALTIES);
	id
}

/// Who decides on policies.
fn policy_origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::PolicyOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn is_accepted<T: Config>(id: ContributionId) -> bool {
	Contributions::<T>::get(id).is_some_and(|c| c.state.acceptance().is_some())
}

#[benchmarks(where T::Curators: BondFixtures<AccountIdOf<T>>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller);
		let id = NextDatanet::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Kind::Text, metadata());

		assert!(Datanets::<T>::contains_key(id));
	}

	#[benchmark]
	fn contribute() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller);
		let datanet = open::<T>(&account("owner", 0, 0));
		assert_ok!(Pallet::<T>::do_set_policy(datanet, Policy { accepting: true, ..strict() }));
		let id = NextContribution::<T>::get();
		let uri = BoundedVec::truncate_from(alloc::vec![b'x'; MAX_URI as usize]);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, [1; 32], RECORDS, BYTES, uri);

		assert!(Contributions::<T>::contains_key(id));
	}

	#[benchmark]
	fn commit_verdict() {
		let caller: T::AccountId = whitelisted_caller();
		let id = offered::<T>();
		appealed::<T>(id, accepting());
		let mut seats = panel::<T>(2, id, Some(verdict(true)));
		seats.pop();
		assert_ok!(seats.try_push(Seat {
			curator: caller.clone(),
			commitment: None,
			verdict: None
		}));
		seat::<T>(id, Phase::Commit, seats);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id, [1; 32]);

		assert!(Reviews::<T>::get(id).is_some_and(|review| review.phase == Phase::Reveal));
	}

	#[benchmark]
	fn reveal_verdict() {
		let caller: T::AccountId = whitelisted_caller();
		let id = about_to_be_overturned::<T>(caller.clone(), false);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id, verdict(true), SALT);

		assert!(is_accepted::<T>(id));
	}

	#[benchmark]
	fn appeal() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller);
		let id = offered::<T>();
		decided::<T>(id, accepting());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id);

		assert!(Reviews::<T>::get(id).is_some_and(|review| review.appeal.is_some()));
	}

	#[benchmark]
	fn commit_duplicate() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&account("owner", 0, 0));
		let id = offer::<T>(datanet, &caller, [1; 32]);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id, [1; 32]);

		assert!(DuplicateProofs::<T>::get(id, &caller).is_some_and(|proof| proof.declared));
	}

	/// `r`: records of the evidence. A known item that both panels accepted.
	#[benchmark]
	fn prove_duplicate(r: Linear<1, { MAX_EVIDENCE }>) {
		let caller: T::AccountId = whitelisted_caller();
		let author: T::AccountId = account("author", 0, 0);
		let datanet = open::<T>(&account("owner", 0, 0));
		let original = accepted_first::<T>(datanet, &author, shared_root(&author));
		let id = offer::<T>(datanet, &caller, shared_root(&caller));
		appealed::<T>(id, accepting());
		seat::<T>(id, Phase::Reveal, panel::<T>(2, id, Some(verdict(true))));
		let committed = |n: u32| {
			let commitment = match n.checked_add(1) {
				Some(MAX_ORIGINALS) => duplicate_commitment(id, original, &SALT, &caller),
				_ => [n as u8; 32],
			};
			Original { commitment, committed_at: 0, contribution: Some(original), unshared: 1 }
		};
		let proof = DuplicateProof {
			deposit: 0,
			declared: true,
			next: 0,
			proven: RECORDS.saturating_sub(r),
			originals: BoundedVec::truncate_from((0..MAX_ORIGINALS).map(committed).collect()),
		};
		DuplicateProofs::<T>::insert(id, &caller, proof);
		frame_system::Pallet::<T>::set_block_number(Pallet::<T>::parameters().proof_delay.into());
		T::Curators::fill_slashes(PENALTIES);
		let evidence = evidence(r, &caller, &author);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id, original, evidence, SALT);

		assert!(!Contributions::<T>::contains_key(id));
	}

	#[benchmark]
	fn revoke() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&account("owner", 0, 0));
		let id = accepted_first::<T>(datanet, &caller, [1; 32]);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id);

		assert!(Contributions::<T>::get(id).is_some_and(|c| c.state.revocation().is_some()));
	}

	#[benchmark]
	fn set_metadata() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, metadata());

		assert!(Datanets::<T>::get(datanet).is_some_and(|d| d.metadata == metadata()));
	}

	#[benchmark]
	fn set_permission() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&caller);
		// of a launch that is over
		PermissionKept::<T>::insert(datanet, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, builders::<T>());

		assert!(Permissions::<T>::contains_key(datanet));
	}

	#[benchmark]
	fn set_data_fee() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, OPEN);

		assert!(Datanets::<T>::get(datanet).is_some_and(|d| d.data_fee == OPEN));
	}

	#[benchmark]
	fn release_bond() {
		let caller: T::AccountId = whitelisted_caller();
		let contributor: T::AccountId = account("contributor", 0, 0);
		let datanet = open::<T>(&account("owner", 0, 0));
		let id = accepted_first::<T>(datanet, &contributor, [1; 32]);
		assert_ok!(Pallet::<T>::do_revoke(contributor, id));
		let window = Pallet::<T>::parameters().exit_window;
		let over = Pallet::<T>::now().saturating_add(window);
		frame_system::Pallet::<T>::set_block_number(over.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);

		assert!(Contributions::<T>::get(id).is_some_and(|c| c.bond == 0));
	}

	#[benchmark]
	fn set_kinds() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller);
		bond_curator::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), kinds(&Kind::ALL));

		assert!(CuratorKinds::<T>::contains_key(&caller));
	}

	#[benchmark]
	fn set_terms() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&caller);
		let terms = Terms { commercial: false, derivatives: false };

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, terms);

		assert!(DatanetTerms::<T>::contains_key(datanet));
	}

	#[benchmark]
	fn publish_clusters() {
		let caller: T::AccountId = whitelisted_caller();
		endow::<T>(&caller);
		bond_curator::<T>(&caller);
		let owner: T::AccountId = account("owner", 0, 0);
		let datanet = open::<T>(&owner);
		accepted_first::<T>(datanet, &account("contributor", 0, 0), [1; 32]);
		assert_ok!(Pallet::<T>::do_publish_clusters(owner, datanet, 1, BlobId([1; 32])));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, 1, BlobId([2; 32]));

		assert!(LatestClusters::<T>::get(datanet).is_some_and(|c| c.publisher == caller));
	}

	#[benchmark]
	fn withdraw_duplicate() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&account("owner", 0, 0));
		let id = offer::<T>(datanet, &caller, [1; 32]);
		for n in 0..MAX_ORIGINALS {
			assert_ok!(Pallet::<T>::do_commit_duplicate(caller.clone(), id, [n as u8; 32]));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), id);

		assert!(!DuplicateProofs::<T>::contains_key(id, &caller));
	}

	#[benchmark]
	fn close() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = setup::create::<T>(&caller);
		assert_ok!(Pallet::<T>::do_set_permission(caller.clone(), datanet, builders::<T>()));
		let terms = Terms { commercial: false, derivatives: false };
		assert_ok!(Pallet::<T>::do_set_terms(caller.clone(), datanet, terms));
		assert_ok!(Pallet::<T>::do_set_policy(datanet, strict()));
		assert_ok!(Pallet::<T>::do_delist(datanet));
		Pallet::<T>::note_earned(datanet, &caller, OPEN);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet);

		assert!(!Datanets::<T>::contains_key(datanet));
	}

	#[benchmark]
	fn set_policy() -> Result<(), BenchmarkError> {
		let origin = policy_origin::<T>()?;
		let datanet = open::<T>(&account("owner", 0, 0));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, datanet, strict());

		assert_eq!(Policies::<T>::get(datanet), strict());
		Ok(())
	}

	#[benchmark]
	fn delist() -> Result<(), BenchmarkError> {
		let origin = policy_origin::<T>()?;
		let datanet = open::<T>(&account("owner", 0, 0));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, datanet);

		assert!(DelistedSince::<T>::contains_key(datanet));
		Ok(())
	}

	#[benchmark]
	fn relist() -> Result<(), BenchmarkError> {
		let origin = policy_origin::<T>()?;
		let datanet = open::<T>(&account("owner", 0, 0));
		assert_ok!(Pallet::<T>::do_delist(datanet));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, datanet);

		assert!(!DelistedSince::<T>::contains_key(datanet));
		Ok(())
	}

	#[benchmark]
	fn strike() -> Result<(), BenchmarkError> {
		let origin = policy_origin::<T>()?;
		let datanet = open::<T>(&account("owner", 0, 0));
		let id = accepted_first::<T>(datanet, &account("contributor", 0, 0), [1; 32]);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		let struck = Contributions::<T>::get(id).map(|c| c.state);
		assert!(matches!(struck, Some(ContributionState::Struck { .. })));
		Ok(())
	}

	#[benchmark]
	fn forget_earnings() {
		let caller: T::AccountId = whitelisted_caller();
		let datanet = open::<T>(&account("owner", 0, 0));
		Pallet::<T>::note_earned(datanet, &caller, OPEN);
		let later = T::EarningWindow::get().saturating_mul(8);
		frame_system::Pallet::<T>::set_block_number(later.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet, caller.clone());

		assert!(!EarnedLately::<T>::contains_key(datanet, &caller));
	}

	/// `n`: entries of the queues that are due, for reviews that moved on before.
	#[benchmark]
	fn look(
		n: Linear<
			0,
			{
				T::MaxDrawsPerBlock::get()
					.saturating_add(T::MaxDeadlinesPerBlock::get().saturating_mul(3))
			},
		>,
	) {
		let due = (ContributionId(u64::MAX), 1);
		for entry in 0..n {
			match entry.checked_sub(T::MaxDrawsPerBlock::get()).map(|rest| rest % 3) {
				None => DrawQueue::<T>::push(due),
				Some(0) => CommitQueue::<T>::push(due),
				Some(1) => RevealQueue::<T>::push(due),
				Some(_) => AppealQueue::<T>::push(due),
			}
		}
		let waiting = (ContributionId(u64::MAX), BlockNumber::MAX);
		DrawQueue::<T>::push(waiting);
		CommitQueue::<T>::push(waiting);
		RevealQueue::<T>::push(waiting);
		AppealQueue::<T>::push(waiting);
		let now = <T::Chance as Chance>::HISTORY.saturating_add(1);
		frame_system::Pallet::<T>::set_block_number(now.into());

		#[block]
		{
			Pallet::<T>::on_initialize(now.into());
			Pallet::<T>::on_finalize(now.into());
		}

		let left = [
			DrawQueue::<T>::len(),
			CommitQueue::<T>::len(),
			RevealQueue::<T>::len(),
			AppealQueue::<T>::len(),
		];
		assert_eq!(left, [1; 4]);
	}

	/// `m`: bonded curators.
	#[benchmark]
	fn candidates(m: Linear<1, { T::MaxCurators::get() }>) {
		bond_candidates::<T>(m, &kinds(&Kind::ALL));
		let found;

		#[block]
		{
			found = Pallet::<T>::candidates();
		}

		assert!(found.len() as u32 >= m);
	}

	/// `m`: bonded curators, the first panel among them.
	#[benchmark]
	fn draw_panel(m: Linear<{ 2 * MAX_PANEL }, { T::MaxCurators::get() }>) {
		let id = offered::<T>();
		appealed::<T>(id, accepting());
		bond_candidates::<T>(m, &kinds(&Kind::ALL));
		let curators = Pallet::<T>::candidates();

		#[block]
		{
			if let Some(review) = Reviews::<T>::get(id) {
				Pallet::<T>::draw_panel(id, review, Some([1; 32]), &curators, 1);
			}
		}

		assert!(Reviews::<T>::get(id).is_some_and(|review| review.phase == Phase::Commit));
	}

	/// `m`: bonded curators, none of which judges the kind.
	#[benchmark]
	fn fail_draw(m: Linear<{ MAX_PANEL }, { T::MaxCurators::get() }>) {
		let id = offered::<T>();
		appealed::<T>(id, accepting());
		bond_candidates::<T>(m, &kinds(&[Kind::Text]));
		let curators = Pallet::<T>::candidates();

		#[block]
		{
			if let Some(review) = Reviews::<T>::get(id) {
				Pallet::<T>::draw_panel(id, review, Some([1; 32]), &curators, 1);
			}
		}

		assert!(is_accepted::<T>(id));
	}

	#[benchmark]
	fn end_phase() {
		let id = about_to_be_overturned::<T>(account("last", 0, 0), true);

		#[block]
		{
			if let Some(review) = Reviews::<T>::get(id) {
				Pallet::<T>::end_panel(id, review);
			}
		}

		assert!(is_accepted::<T>(id));
	}
}
