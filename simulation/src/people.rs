//! Who lives in a world.

use openledger_primitives::worker::WorkerPair;
use openledger_runtime::AccountId;
use polkadot_sdk::{sp_core::Pair, sp_io::hashing::blake2_256};

/// Contributors to the Datanet that models are trained on; the first is the principal's.
pub const CONTRIBUTORS: u8 = 7;
/// Accounts that a principal may split into.
pub const SYBILS: u8 = 10;
/// Workers, all with the same bond.
pub const WORKERS: u8 = 12;
/// The first of the workers that a principal may split into.
pub const SPLIT_WORKERS: u8 = 100;
/// Curators, all with the same bond.
pub const CURATORS: u8 = 12;
/// Contributors to the Datanet whose reviews go on while jobs run.
pub const OFFERERS: u8 = 6;

/// An account and what it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
	/// Owns the Datanets.
	Owner,
	/// Owns the base model.
	Builder,
	/// Owns adapters of it.
	Adapter,
	/// Appeals against wrong verdicts and proves duplicates.
	Watcher,
	/// Offers records that models are trained on.
	Contributor(u8),
	/// A further account of the principal.
	Sybil(u8),
	/// Answers jobs.
	Worker(u8),
	/// Judges contributions.
	Curator(u8),
	/// Pays for answers: the first is honest, the second the principal's.
	Caller(u8),
	/// Offers records to the other Datanet.
	Offerer(u8),
}

impl Person {
	/// Everyone.
	pub fn all() -> Vec<Self> {
		let several = |count: u8, person: fn(u8) -> Self| (0..count).map(person);
		[Self::Owner, Self::Builder, Self::Adapter, Self::Watcher]
			.into_iter()
			.chain(several(CONTRIBUTORS, Self::Contributor))
			.chain(several(SYBILS, Self::Sybil))
			.chain(several(WORKERS, Self::Worker))
			.chain((SPLIT_WORKERS..SPLIT_WORKERS + SYBILS).map(Self::Worker))
			.chain(several(CURATORS, Self::Curator))
			.chain(several(2, Self::Caller))
			.chain(several(OFFERERS, Self::Offerer))
			.collect()
	}

	fn seed(self, purpose: &str) -> [u8; 32] {
		blake2_256(format!("openledger/simulation/1/{purpose}/{self:?}").as_bytes())
	}

	/// The account. Nobody knows its key: signed calls are dispatched with its origin.
	pub fn account(self) -> AccountId {
		self.seed("account").into()
	}

	/// A worker's hot key.
	pub fn worker_pair(self) -> WorkerPair {
		WorkerPair::from_seed(&self.seed("worker"))
	}
}
