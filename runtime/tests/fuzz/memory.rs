//! What those who send calls remember and the chain does not say: records, verdicts and reports that
//! were committed to, transactions that were sent.

use crate::{
	common::{account, stage},
	dice::Dice,
	scene::Gift,
};
use openledger_datanets::types::{Place, SharedRecord, Verdict, MAX_EVIDENCE};
use openledger_primitives::{
	merkle::{self, Hash},
	ContributionId, JobId, Report,
};
use openledger_runtime::{AccountId, UncheckedExtrinsic};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::collections::{BTreeMap, VecDeque};

/// Transactions that can be sent again.
const SENT: usize = 256;

/// The records of a contribution.
#[derive(Clone, Debug)]
pub struct Records {
	/// Whose they are.
	pub owner: AccountId,
	/// BLAKE2-256 of each.
	pub hashes: Vec<Hash>,
}

impl Records {
	/// The root that is offered.
	pub fn root(&self) -> Hash {
		merkle::root(&self.leaves())
	}

	fn leaves(&self) -> Vec<Hash> {
		let owner = self.owner.clone().into();
		let leaf = |hash: &Hash| merkle::record_leaf_from_hash(&owner, hash);
		self.hashes.iter().map(leaf).collect()
	}

	fn place(&self, at: usize) -> Place {
		let proof = merkle::prove(&self.leaves(), at).expect("it is one of the leaves");
		Place { index: at as u32, siblings: proof.siblings.try_into().expect("it is no deeper") }
	}

	/// Evidence of what is in `original` too, from position `from` on.
	pub fn shared_with(&self, original: &Records, from: usize) -> Vec<SharedRecord> {
		let shared = |(at, hash): (usize, &Hash)| {
			let there = original.hashes.iter().position(|other| other == hash)?;
			Some(SharedRecord {
				record: *hash,
				copy: self.place(at),
				original: original.place(there),
			})
		};
		let records = self.hashes.iter().enumerate().skip(from);
		records.filter_map(shared).take(MAX_EVIDENCE as usize).collect()
	}
}

/// See the module's documentation.
#[derive(Default)]
pub struct Memory {
	/// Root → its records.
	pub records: BTreeMap<Hash, Records>,
	/// Roots of contributions that hold records of another, with that other's.
	pub copies: Vec<(Hash, Hash)>,
	/// Commitment → verdict and salt.
	pub verdicts: BTreeMap<[u8; 32], (Verdict, [u8; 32])>,
	/// Commitment → original and salt.
	pub duplicates: BTreeMap<[u8; 32], (ContributionId, [u8; 32])>,
	/// Job → what an honest worker reports.
	pub answers: BTreeMap<JobId, Report>,
	/// Commitment → report and salt.
	pub reports: BTreeMap<[u8; 32], (Report, [u8; 32])>,
	sent: VecDeque<(UncheckedExtrinsic, Gift)>,
}

impl Memory {
	/// What there is to remember of the scene on which an episode begins.
	pub fn of_stage() -> Self {
		let mut memory = Self::default();
		let roots = stage::CONTRIBUTORS.map(|who| {
			let hashes = (0..10u8).map(|i| blake2_256(&[i; 8])).collect();
			memory.remember(Records { owner: account(who), hashes })
		});
		memory.copies = vec![(roots[1], roots[0]), (roots[2], roots[0]), (roots[2], roots[1])];
		memory
	}

	/// Remembers records; their root.
	pub fn remember(&mut self, records: Records) -> Hash {
		let root = records.root();
		self.records.insert(root, records);
		root
	}

	/// Remembers a transaction.
	pub fn note_sent(&mut self, transaction: UncheckedExtrinsic, gift: Gift) {
		if self.sent.len() == SENT {
			self.sent.pop_front();
		}
		self.sent.push_back((transaction, gift));
	}

	/// A transaction that was sent before, and what it gives: one that was refused may succeed now.
	pub fn sent(&self, dice: &mut Dice) -> Option<(UncheckedExtrinsic, Gift)> {
		self.sent.get(dice.below(self.sent.len() as u64) as usize).cloned()
	}
}
