//! Builds blocks as an author does, transaction by transaction, on the state at hand.

use crate::{
	common::{apply, timestamp},
	people::PEOPLE,
};
use openledger_runtime::*;
use polkadot_sdk::{
	sp_consensus_babe::{
		digests::{CompatibleDigestItem, PreDigest, SecondaryVRFPreDigest},
		make_vrf_sign_data, Epoch, Slot,
	},
	sp_core::crypto::VrfSecret,
	sp_io::storage,
	sp_runtime::{
		generic::{Digest, DigestItem},
		traits::{Block as _, Header as _},
		ApplyExtrinsicResult,
	},
};

/// See the module's documentation.
pub struct Author {
	head: Header,
	slot: u64,
	included: Vec<UncheckedExtrinsic>,
	imports: bool,
}

impl Author {
	/// Builds on `head`, the block of `slot`.
	pub fn new((head, slot): (Header, u64)) -> Self {
		Self { head, slot, included: Vec::new(), imports: false }
	}

	/// The newest block.
	pub fn height(&self) -> BlockNumber {
		self.head.number
	}

	/// What the next author builds on.
	pub fn head(&self) -> (Header, u64) {
		(self.head.clone(), self.slot)
	}

	/// Begins a block `slots` after the last. When it `imports`, what was built is taken back at the
	/// end, and executed anew as everyone else executes it.
	pub fn open(&mut self, slots: u64, imports: bool) {
		self.slot += slots;
		self.imports = imports;
		let header = self.header();
		if imports {
			storage::start_transaction();
		}
		Executive::initialize_block(&header);
		self.included.clear();
		let now = self.apply(timestamp(self.slot));
		assert_eq!(now, Ok(Ok(())), "the inherent is included");
	}

	/// Includes a transaction, unless it is refused.
	pub fn apply(&mut self, transaction: UncheckedExtrinsic) -> ApplyExtrinsicResult {
		let result = apply(transaction.clone());
		if result.is_ok() {
			self.included.push(transaction);
		}
		result
	}

	/// Ends the block.
	pub fn close(&mut self) {
		self.head = Executive::finalize_block();
		if self.imports {
			storage::rollback_transaction();
			let block = Block::new(self.head.clone(), core::mem::take(&mut self.included));
			Executive::execute_block(block.into());
		}
	}

	fn header(&self) -> Header {
		let slot = Slot::from(self.slot);
		let epoch = epoch_at(slot);
		// a session with other authorities begins with all of them
		let disabled = match epoch.authorities == Babe::current_epoch().authorities {
			true => Session::disabled_validators(),
			false => Vec::new(),
		};
		let many = epoch.authorities.len() as u64;
		let index = (*slot..*slot + many)
			.map(|at| (at % many) as u32)
			.find(|index| !disabled.contains(index))
			.expect("somebody may build blocks");
		let authority = epoch.authorities[index as usize].0.clone().into_inner();
		let author = PEOPLE.author(&authority).expect("everyone's keys are known");
		let data = make_vrf_sign_data(&epoch.randomness, slot, epoch.epoch_index);
		let digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
			authority_index: index,
			slot,
			vrf_signature: author.vrf_sign(&data),
		});
		let digest = Digest { logs: vec![DigestItem::babe_pre_digest(digest)] };
		let nothing = Hash::default();
		Header::new(self.head.number + 1, nothing, nothing, self.head.hash(), digest)
	}
}

/// The epoch of a block in `slot` on top of the state at hand. Where epochs were skipped, the next
/// one's authorities and randomness serve for a later one.
fn epoch_at(slot: Slot) -> Epoch {
	let next = Babe::next_epoch();
	if slot < next.start_slot {
		return Babe::current_epoch();
	}
	let skipped = (*slot - *next.start_slot) / EPOCH_SLOTS;
	Epoch { epoch_index: next.epoch_index + skipped, ..next }
}
