//! Duplicates: committed to, then proven record by record.

use crate::{
	duplicate_commitment, penalty, purse::Purse, AccountIdOf, AppealResult, Config, Contribution,
	ContributionState, Contributions, DuplicateProof, DuplicateProofs, Error, Event, Evidence,
	HoldReason, Original, Outcome, Pallet, Phase, RejectionReason, Reviews, Strike, Versions,
};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{Balance, ContributionId, Ppm};
use polkadot_sdk::{
	frame_support::{
		defensive, ensure,
		traits::{fungible::MutateHold, Get},
	},
	sp_runtime::{BoundedVec, DispatchResult},
};

type ContributionOf<T> = Contribution<AccountIdOf<T>>;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit_duplicate(
		who: AccountIdOf<T>,
		id: ContributionId,
		commitment: [u8; 32],
	) -> DispatchResult {
		let contribution = Self::provable(id)?;
		let now = Self::now();
		let declares = contribution.contributor == who && Self::is_undrawn(id);
		let (mut proof, newly_held) = match DuplicateProofs::<T>::get(id, &who) {
			Some(proof) => (proof, 0),
			None => {
				let deposit = T::RecordDeposit::get();
				T::Currency::hold(&HoldReason::Record.into(), &who, deposit)?;
				let originals = BoundedVec::new();
				let proof =
					DuplicateProof { deposit, declared: declares, next: 0, proven: 0, originals };
				(proof, deposit)
			}
		};
		let pending = contribution.state == ContributionState::Pending;
		ensure!(!proof.declared || declares || !pending, Error::<T>::DeclarationClosed);
		let original = Original { commitment, committed_at: now, contribution: None, unshared: 0 };
		proof.originals.try_push(original).map_err(|_| Error::<T>::TooManyOriginals)?;
		DuplicateProofs::<T>::insert(id, &who, proof);
		Self::deposit_event(Event::DuplicateCommitted {
			contribution: id,
			prover: who,
			commitment,
			deposit: newly_held,
		});
		Ok(())
	}

	pub(crate) fn do_prove_duplicate(
		who: AccountIdOf<T>,
		id: ContributionId,
		original_id: ContributionId,
		evidence: Evidence,
		salt: [u8; 32],
	) -> DispatchResult {
		let contribution = Self::provable(id)?;
		let mut proof = DuplicateProofs::<T>::get(id, &who).ok_or(Error::<T>::ProofNotCommitted)?;
		let commitment = duplicate_commitment(id, original_id, &salt, &who);
		let committed = proof.originals.iter_mut().find(|o| o.commitment == commitment);
		let committed = committed.ok_or(Error::<T>::CommitmentMismatch)?;
		let parameters = Self::parameters();
		let ripe_at = committed.committed_at.saturating_add(parameters.proof_delay);
		ensure!(Self::now() >= ripe_at, Error::<T>::ProofTooEarly);
		let count = evidence.len() as u32;
		committed.contribution = Some(original_id);
		committed.unshared = committed.unshared.saturating_add(count);

		let known_item = Self::is_known_item(id, &contribution, &proof)?;
		let original = Self::original(original_id, id, known_item.then_some(&contribution))?;
		proof.next = check_evidence::<T>(&contribution, &original, &evidence, proof.next)?;
		proof.proven = proof.proven.saturating_add(count);
		Self::deposit_event(Event::DuplicatesProven {
			contribution: id,
			original: original_id,
			prover: who.clone(),
			records: count,
			proven: proof.proven,
		});
		let needed = if known_item {
			contribution.records
		} else {
			penalty::needed(contribution.records, parameters.duplicate_threshold)
		};
		if proof.proven >= needed {
			Self::act_on_proof(id, contribution, &who, &mut proof, known_item);
		}
		DuplicateProofs::<T>::insert(id, who, proof);
		Ok(())
	}

	pub(crate) fn do_withdraw_duplicate(who: AccountIdOf<T>, id: ContributionId) -> DispatchResult {
		let proof = DuplicateProofs::<T>::take(id, &who).ok_or(Error::<T>::ProofNotCommitted)?;
		let deposit = Purse::<T>::new(HoldReason::Record, &who, proof.deposit).give_back();
		Self::deposit_event(Event::DuplicateWithdrawn { contribution: id, prover: who, deposit });
		Ok(())
	}

	/// A contribution whose bond is at stake.
	fn provable(id: ContributionId) -> Result<ContributionOf<T>, Error<T>> {
		let contribution = Contributions::<T>::get(id).ok_or(Error::<T>::UnknownContribution)?;
		let at_stake = contribution
			.state
			.revocation()
			.is_none_or(|revocation| Self::now() < revocation.bond_until);
		ensure!(at_stake, Error::<T>::BeyondProof);
		Ok(contribution)
	}

	/// Whether nobody can know yet who will sit on the first panel: the seed is that of the end of
	/// block `deadline`, whose author knows its part of it.
	fn is_undrawn(id: ContributionId) -> bool {
		Reviews::<T>::get(id).is_some_and(|review| {
			review.phase == Phase::Draw && review.appeal.is_none() && Self::now() < review.deadline
		})
	}

	/// Whether the proof is that of a known item, which costs its contributor nothing.
	fn is_known_item(
		id: ContributionId,
		contribution: &ContributionOf<T>,
		proof: &DuplicateProof,
	) -> Result<bool, Error<T>> {
		let Some(review) = Reviews::<T>::get(id) else { return Ok(false) };
		if proof.declared {
			// also of what most rejected: who accepted it did not look
			ensure!(review.first.is_some(), Error::<T>::VerdictOutstanding);
			return Ok(true);
		}
		// otherwise others would take the bond of whoever tests curators
		let declared = DuplicateProofs::<T>::get(id, &contribution.contributor)
			.is_some_and(|proof| proof.declared);
		ensure!(!declared, Error::<T>::ReservedForContributor);
		Ok(false)
	}

	/// An earlier contribution that was accepted for good, and is not struck out itself; before
	/// `item` was offered, if that is given.
	fn original(
		original: ContributionId,
		copy: ContributionId,
		item: Option<&ContributionOf<T>>,
	) -> Result<ContributionOf<T>, Error<T>> {
		let earlier = Contributions::<T>::get(original)
			.filter(|_| original < copy)
			.ok_or(Error::<T>::NotAnOriginal)?;
		let acceptance = match &earlier.state {
			ContributionState::Accepted(acceptance)
			| ContributionState::Revoked { acceptance, .. } => acceptance,
			ContributionState::Pending | ContributionState::Struck { .. } => {
				return Err(Error::<T>::NotAnOriginal)
			}
		};
		if let Some(item) = item {
			let version = Versions::<T>::get(earlier.datanet, acceptance.version);
			let known = version.is_some_and(|version| version.created_at <= item.offered_at);
			ensure!(known, Error::<T>::NotAnOriginal);
		}
		Ok(earlier)
	}

	/// Enough is proven: rejects what is pending, strikes out what was accepted, and takes the
	/// penalty for what is proven and not paid for yet.
	fn act_on_proof(
		id: ContributionId,
		mut contribution: ContributionOf<T>,
		prover: &AccountIdOf<T>,
		proof: &mut DuplicateProof,
		known_item: bool,
	) {
		let (bond, records, proven) = (contribution.bond, contribution.records, proof.proven);
		let whole = penalty::penalty(bond, proven, records);
		match contribution.state {
			ContributionState::Pending if known_item => {
				Self::reject_duplicate(id, contribution, RejectionReason::KnownItem);
			}
			ContributionState::Pending => {
				Self::share_penalty(id, &mut contribution, prover, proof, whole);
				Self::reject_duplicate(id, contribution, RejectionReason::Duplicate);
			}
			ContributionState::Accepted(_) | ContributionState::Revoked { .. } => {
				let Some(left) = Self::strike_out(id, &mut contribution, proven) else {
					defensive!("Datanets with contributions stay");
					return;
				};
				Self::share_penalty(id, &mut contribution, prover, proof, whole);
				Self::store_struck(id, contribution, left);
			}
			ContributionState::Struck { acceptance, revocation, strike } => {
				if proven <= strike.proven {
					return;
				}
				let due = penalty::penalty(strike.bond, proven, records)
					.saturating_sub(penalty::penalty(strike.bond, strike.proven, records));
				let strike = Strike { proven, ..strike };
				contribution.state = ContributionState::Struck { acceptance, revocation, strike };
				Self::share_penalty(id, &mut contribution, prover, proof, due);
				Contributions::<T>::insert(id, contribution);
			}
		}
	}

	fn reject_duplicate(
		id: ContributionId,
		contribution: ContributionOf<T>,
		reason: RejectionReason,
	) {
		let Some(review) = Reviews::<T>::get(id) else {
			defensive!("a pending contribution has a review");
			return;
		};
		let outcome = Outcome::Reject(reason);
		Self::conclude(id, contribution, review, outcome, AppealResult::Moot);
	}

	/// Takes `due` planck of a contribution's bond: the prover's share, then the originals', by what
	/// is proven of each, and the treasury's. Whoever duplicates earns nothing of it itself: that,
	/// and what somebody cannot be paid, is the treasury's.
	fn share_penalty(
		id: ContributionId,
		contribution: &mut ContributionOf<T>,
		prover: &AccountIdOf<T>,
		proof: &mut DuplicateProof,
		due: Balance,
	) {
		let offender = contribution.contributor.clone();
		let due = due.min(contribution.bond);
		let mut purse = Purse::<T>::new(HoldReason::Contribution, &offender, due);
		let share = if *prover == offender { Ppm(0) } else { Self::parameters().prover_share };
		let parts = penalty::parts(due, share);
		let reward = purse.pay(prover, parts.reward);

		let weights = proof.originals.iter().map(|original| original.unshared);
		let amounts = openledger_math::apportion(parts.originals, &weights.collect::<Vec<_>>());
		let mut originals: Balance = 0;
		for (original, amount) in proof.originals.iter_mut().zip(amounts) {
			original.unshared = 0;
			let Some(original) = original.contribution else { continue };
			let owner = Contributions::<T>::get(original).map(|earlier| earlier.contributor);
			let Some(owner) = owner.filter(|owner| *owner != offender) else { continue };
			let amount = purse.pay(&owner, amount);
			if amount > 0 {
				originals = originals.saturating_add(amount);
				Self::deposit_event(Event::OriginalPaid {
					contribution: id,
					original,
					contributor: owner,
					amount,
				});
			}
		}
		let treasury = purse.pay_rest(&T::TreasuryAccount::get());
		let paid = due.saturating_sub(purse.left());
		contribution.bond = contribution.bond.saturating_sub(paid);
		Self::deposit_event(Event::DuplicatePenalised {
			contribution: id,
			contributor: offender,
			prover: prover.clone(),
			reward,
			originals,
			treasury,
		});
	}
}

/// Checks that every record stands in both contributions, and at rising positions of the later from
/// `next` on. Answers the position after the last.
fn check_evidence<T: Config>(
	copy: &ContributionOf<T>,
	original: &ContributionOf<T>,
	evidence: &Evidence,
	mut next: u32,
) -> Result<u32, Error<T>> {
	ensure!(!evidence.is_empty(), Error::<T>::EvidenceMissing);
	let copier = account_in_leaf(&copy.contributor);
	let author = account_in_leaf(&original.contributor);
	for shared in evidence {
		let record = &shared.record;
		ensure!(shared.copy.index >= next, Error::<T>::EvidenceOutOfOrder);
		ensure!(
			shared.copy.holds(&copy.root, copy.records, &copier, record)
				&& shared.original.holds(&original.root, original.records, &author, record),
			Error::<T>::EvidenceWrong
		);
		// a position is below the number of records, a u32
		next = shared.copy.index.saturating_add(1);
	}
	Ok(next)
}

/// An account as a leaf has it: its SCALE, zeros after it where it is shorter than 32 bytes.
fn account_in_leaf(account: &impl Encode) -> [u8; 32] {
	let mut bytes = [0u8; 32];
	for (to, from) in bytes.iter_mut().zip(account.encode()) {
		*to = from;
	}
	bytes
}
