//! Weights from counted reads and writes; times are conservative for a 2 GHz core.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, RuntimeDbWeight, Weight},
};
use polkadot_sdk::{frame_support, frame_system};

/// What the pallet's calls and hooks weigh.
pub trait WeightInfo {
	/// Validating a commitment, signature included.
	fn authorize_commit() -> Weight;
	/// Accepting a commitment, the last one included.
	fn commit() -> Weight;
	/// Validating a report, signature included.
	fn authorize_reveal() -> Weight;
	/// Accepting a report; settling comes on top.
	fn reveal() -> Weight;
	/// Settling a job that concerns `c` contributions.
	fn settle(c: u32) -> Weight;
	/// Paying out a claim.
	fn claim() -> Weight;
	/// Looking at four queues.
	fn on_initialize() -> Weight;
	/// Taking a passed deadline from its queue.
	fn pass_deadline() -> Weight;
	/// Closing commitments.
	fn open_reveals() -> Weight;
	/// Maturing `r` receipts to `a` accounts.
	fn mature(r: u32, a: u32) -> Weight;
	/// Pruning `r` receipts.
	fn prune(r: u32) -> Weight;
}

const MICROS: u64 = 1_000_000;

// largest values read or written: a full round 6 KiB, a receipt 8 KiB
fn weight(db: RuntimeDbWeight, micros: u64, proof: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(MICROS), proof)
		.saturating_add(db.reads_writes(reads, writes))
}

fn authorize(db: RuntimeDbWeight) -> Weight {
	// round, job or receipt where there is none, key of the worker, genesis hash
	weight(db, 120, 12_000, 4, 0)
}

fn commit(db: RuntimeDbWeight) -> Weight {
	// round, parameters, queue's bounds; round, queue's entry and bounds, events
	weight(db, 30, 10_000, 5, 5)
}

fn reveal(db: RuntimeDbWeight) -> Weight {
	weight(db, 50, 10_000, 3, 3)
}

fn settle(db: RuntimeDbWeight, c: u32) -> Weight {
	let c = u64::from(c);
	// job, model with lineage, parameters, split, balances, queue; two a contribution to find its
	// payee. Writes: job, holds, balances, round, five assignments, receipt, queue, owed, events
	weight(
		db,
		c.saturating_mul(5).saturating_add(150),
		c.saturating_mul(600).saturating_add(40_000),
		c.saturating_mul(2).saturating_add(24),
		18,
	)
}

fn claim(db: RuntimeDbWeight) -> Weight {
	// claim, owed, pot, account; the same, events
	weight(db, 70, 8_000, 5, 5)
}

fn on_initialize(db: RuntimeDbWeight) -> Weight {
	// bounds and head of four queues
	weight(db, 5, 4_000, 8, 0)
}

fn pass_deadline(db: RuntimeDbWeight) -> Weight {
	weight(db, 10, 8_000, 3, 2)
}

fn open_reveals(db: RuntimeDbWeight) -> Weight {
	weight(db, 15, 2_000, 3, 4)
}

fn mature(db: RuntimeDbWeight, r: u32, a: u32) -> Weight {
	let (r, a) = (u64::from(r), u64::from(a));
	// once: treasury, pot, owed, parameters. Receipt: itself and its place in two queues. Account: its
	// claim
	weight(
		db,
		r.saturating_mul(30).saturating_add(a.saturating_mul(3)).saturating_add(70),
		r.saturating_mul(10_000).saturating_add(a.saturating_mul(300)).saturating_add(8_000),
		r.saturating_mul(4).saturating_add(a).saturating_add(6),
		r.saturating_mul(4).saturating_add(a).saturating_add(4),
	)
}

fn prune(db: RuntimeDbWeight, r: u32) -> Weight {
	let r = u64::from(r);
	weight(
		db,
		r.saturating_mul(10),
		r.saturating_mul(500),
		r.saturating_mul(2),
		r.saturating_mul(4),
	)
}

macro_rules! with_db {
	([$($generics:tt)*] $for:ty, $db:expr) => {
		impl<$($generics)*> WeightInfo for $for {
			fn authorize_commit() -> Weight {
				authorize($db)
			}
			fn commit() -> Weight {
				commit($db)
			}
			fn authorize_reveal() -> Weight {
				authorize($db)
			}
			fn reveal() -> Weight {
				reveal($db)
			}
			fn settle(c: u32) -> Weight {
				settle($db, c)
			}
			fn claim() -> Weight {
				claim($db)
			}
			fn on_initialize() -> Weight {
				on_initialize($db)
			}
			fn pass_deadline() -> Weight {
				pass_deadline($db)
			}
			fn open_reveals() -> Weight {
				open_reveals($db)
			}
			fn mature(r: u32, a: u32) -> Weight {
				mature($db, r, a)
			}
			fn prune(r: u32) -> Weight {
				prune($db, r)
			}
		}
	};
}

/// Weights over the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

with_db!([T: frame_system::Config] SubstrateWeight<T>, T::DbWeight::get());
with_db!([](), ParityDbWeight::get());
