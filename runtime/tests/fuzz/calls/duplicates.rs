//! Proofs of duplicates.

use super::datanets::by_root;
use crate::{
	people::PEOPLE,
	scene::{Mode, Plan, Scene},
};
use openledger_datanets::{
	duplicate_commitment,
	types::{ContributionState, SharedRecord, MAX_EVIDENCE},
	Call, Contributions, DuplicateProofs, Reviews,
};
use openledger_primitives::{ContributionId, OPEN};
use openledger_runtime::{AccountId, Runtime};

/// A contribution and an earlier one whose records it holds, sought among the newest.
fn copy(scene: &mut Scene) -> Option<(ContributionId, ContributionId)> {
	let recent = scene.memory.copies.len().saturating_sub(24);
	(0..6).find_map(|_| {
		let (copy, original) = scene.dice.pick(&scene.memory.copies[recent..])?;
		by_root(copy).zip(by_root(original))
	})
}

pub fn commit_duplicate(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (copy, original) = copy(scene).unzip();
	let contributor = copy
		.filter(|id| Reviews::<Runtime>::contains_key(id) && scene.dice.one_in(3))
		.and_then(Contributions::<Runtime>::get)
		.map(|found| found.contributor);
	let who = contributor.or_else(|| scene.payer(5 * OPEN));
	let who = scene.person(mode, who.as_ref())?;
	let contribution = scene.id(mode, copy)?;
	let original = scene.id(mode, original)?;
	let salt = scene.dice.bytes();
	let commitment = duplicate_commitment(contribution, original, &salt, &PEOPLE.account(who));
	scene.memory.duplicates.insert(commitment, (original, salt));
	let commitment = scene.hash(mode, Some(commitment))?;
	Plan::signed(who, Call::commit_duplicate { contribution, commitment })
}

/// What a proof lacks.
struct Missing {
	prover: AccountId,
	copy: ContributionId,
	original: ContributionId,
	salt: [u8; 32],
	evidence: Vec<SharedRecord>,
}

fn missing(scene: &mut Scene) -> Option<Missing> {
	(0..6).find_map(|_| {
		let (copy, prover, _) = scene.dice.pick(&scene.view.proofs)?.clone();
		let proof = DuplicateProofs::<Runtime>::get(copy, &prover)?;
		let committed = scene.dice.pick(&proof.originals)?.commitment;
		let (original, salt) = *scene.memory.duplicates.get(&committed)?;
		let accepted = Contributions::<Runtime>::get(original)?;
		if accepted.state == ContributionState::Pending {
			return None;
		}
		let copied = Contributions::<Runtime>::get(copy)?;
		let copied = scene.memory.records.get(&copied.root)?;
		let evidence =
			copied.shared_with(scene.memory.records.get(&accepted.root)?, proof.next as usize);
		(!evidence.is_empty()).then_some(Missing { prover, copy, original, salt, evidence })
	})
}

/// Evidence that is not what it was.
fn spoilt(scene: &mut Scene, mut evidence: Vec<SharedRecord>) -> Vec<SharedRecord> {
	match (scene.dice.below(5), evidence.first().cloned()) {
		(0, _) => evidence.clear(),
		(1, Some(first)) => evidence.push(first),
		(2, _) => evidence.reverse(),
		(3, Some(mut first)) => {
			first.copy.index = first.copy.index.wrapping_add(1);
			evidence[0] = first;
		}
		(_, Some(mut first)) => {
			first.record = scene.dice.bytes();
			evidence[0] = first;
		}
		_ => {}
	}
	evidence.truncate(MAX_EVIDENCE as usize);
	evidence
}

pub fn prove_duplicate(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = missing(scene);
	let who = scene.person(mode, found.as_ref().map(|missing| &missing.prover))?;
	let contribution = scene.id(mode, found.as_ref().map(|missing| missing.copy))?;
	let original = scene.id(mode, found.as_ref().map(|missing| missing.original))?;
	let salt = scene.hash(mode, found.as_ref().map(|missing| missing.salt))?;
	let mut evidence = found.map(|missing| missing.evidence).unwrap_or_default();
	// in parts, now and then
	if evidence.len() > 1 && scene.dice.one_in(3) {
		evidence.truncate(scene.dice.between(1, evidence.len() as u64) as usize);
	}
	if mode != Mode::Valid && scene.dice.one_in(3) {
		evidence = spoilt(scene, evidence);
	}
	let evidence = evidence.try_into().ok()?;
	Plan::signed(who, Call::prove_duplicate { contribution, original, evidence, salt })
}

pub fn withdraw_duplicate(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = scene.dice.pick(&scene.view.proofs).map(|(id, who, _)| (*id, who.clone()));
	let (id, who) = found.unzip();
	let who = scene.person(mode, who.as_ref())?;
	let contribution = scene.id(mode, id)?;
	Plan::signed(who, Call::withdraw_duplicate { contribution })
}
