//! Reports of collators that built two blocks in one slot.

use crate::{
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene, Sender},
};
use openledger_runtime::*;
use polkadot_sdk::{
	frame_support::traits::KeyOwnerProofSystem,
	pallet_babe,
	sp_consensus_babe::{
		digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
		EquivocationProof, Slot, KEY_TYPE,
	},
	sp_core::{sr25519, Pair},
	sp_runtime::{
		generic::{Digest, DigestItem},
		traits::Header as _,
	},
};

/// A block of `slot` that `author` sealed; `state_root` tells it from others.
fn sealed(author: &sr25519::Pair, authority_index: u32, slot: Slot, state_root: Hash) -> Header {
	let digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot });
	let digest = Digest { logs: vec![DigestItem::babe_pre_digest(digest)] };
	let nothing = Hash::default();
	let mut header = Header::new(1, nothing, state_root, nothing, digest);
	let seal = author.sign(header.hash().as_bytes());
	header.digest_mut().push(DigestItem::babe_seal(seal.into()));
	header
}

pub fn report_equivocation(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	if !scene.dice.one_in(5) {
		return None;
	}
	let authorities = Babe::authorities();
	let index = scene.dice.below(authorities.len() as u64) as u32;
	let (offender, _) = authorities.get(index as usize)?.clone();
	// it is disabled at once, and who is disabled cannot end a block: others include the report
	if Session::validators().get(index as usize) == Authorship::author().as_ref() {
		return None;
	}
	let author = PEOPLE.author(&offender.clone().into_inner())?;
	let slot = match mode {
		Mode::Valid => Babe::current_slot(),
		_ => scene.settle(mode, Some(Babe::current_slot()), |dice, _| {
			Slot::from(dice.one_of([0, 1_002, u64::MAX]))
		})?,
	};
	let first_header = sealed(author, index, slot, Hash::repeat_byte(1));
	let mut second_header = sealed(author, index, slot, Hash::repeat_byte(2));
	if mode == Mode::Adversarial && scene.dice.one_in(3) {
		second_header = first_header.clone();
	}
	let key_owner_proof = Historical::prove((KEY_TYPE, offender.clone()))?;
	let proof = EquivocationProof { offender, slot, first_header, second_header };
	let equivocation_proof = Box::new(proof);
	if mode == Mode::Random {
		let who = anybody(&mut scene.dice);
		let call = pallet_babe::Call::report_equivocation { equivocation_proof, key_owner_proof };
		return Plan::signed(who, call);
	}
	let call = pallet_babe::Call::<Runtime>::report_equivocation_unsigned {
		equivocation_proof,
		key_owner_proof,
	};
	Some(Plan { sender: Sender::Authorised, call: call.into(), gift: None })
}
