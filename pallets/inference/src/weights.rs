//! Weights, declared from counted reads and writes and generous computation. Looking up a model is
//! counted with a whole lineage and every Datanet's fee.

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{
		traits::Get,
		weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
	},
	frame_system,
};

/// What this pallet's work weighs.
pub trait WeightInfo {
	/// `request`.
	fn request() -> Weight;
	/// `cancel`.
	fn cancel() -> Weight;
	/// `serve` where the list is full.
	fn serve() -> Weight;
	/// `withdraw`, with `servers` in the list.
	fn withdraw(servers: u32) -> Weight;
	/// Looking at `entries` of the queues to see which are due.
	fn look(entries: u32) -> Weight;
	/// One draw among `servers` that gives a committee the job.
	fn draw_assigned(servers: u32) -> Weight;
	/// One draw among `servers` that refunds the job.
	fn draw_refunded(servers: u32) -> Weight;
}

/// Weights with the runtime's costs of reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

macro_rules! weights {
	($db:expr) => {
		fn request() -> Weight {
			request($db)
		}
		fn cancel() -> Weight {
			cancel($db)
		}
		fn serve() -> Weight {
			serve($db, 128)
		}
		fn withdraw(servers: u32) -> Weight {
			withdraw($db, servers)
		}
		fn look(entries: u32) -> Weight {
			look($db, entries)
		}
		fn draw_assigned(servers: u32) -> Weight {
			draw($db, servers)
		}
		fn draw_refunded(servers: u32) -> Weight {
			draw($db, servers)
		}
	};
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	weights!(T::DbWeight::get());
}

impl WeightInfo for () {
	weights!(RocksDbWeight::get());
}

/// A model, eight bases, the fees of 64 Datanets.
const MODEL_READS: u64 = 73;

/// Reads: model, two parameters, queue bounds, next id, the model's jobs, account, holds. Writes:
/// next id, request, the model's jobs, waiting, queue bounds, queue entry, account, holds.
fn request(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(60_000_000, 20_000)
		.saturating_add(db.reads_writes(MODEL_READS.saturating_add(7), 8))
}

/// Reads and writes: request, the model's jobs, waiting, account, holds.
fn cancel(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(50_000_000, 10_000).saturating_add(db.reads_writes(5, 5))
}

/// Reads: model, bond, key, list, and of a full list every bond. Writes: list.
fn serve(db: RuntimeDbWeight, servers: u32) -> Weight {
	let bonds = u64::from(servers).saturating_mul(2);
	Weight::from_parts(30_000_000, 20_000)
		.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(servers.into()))
		.saturating_add(db.reads_writes(MODEL_READS.saturating_add(4).saturating_add(bonds), 1))
}

/// Reads and writes: list.
fn withdraw(db: RuntimeDbWeight, servers: u32) -> Weight {
	Weight::from_parts(20_000_000, 10_000)
		.saturating_add(Weight::from_parts(100_000, 0).saturating_mul(servers.into()))
		.saturating_add(db.reads_writes(1, 1))
}

/// Reads: queue bounds, the entries; the choice among queues when they are worked off.
fn look(db: RuntimeDbWeight, entries: u32) -> Weight {
	Weight::from_parts(5_000_000, 2_000)
		.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(entries.into()))
		.saturating_add(db.reads(u64::from(entries).saturating_add(1)))
}

/// Reads: bounds, entry, waiting, request, model, parameters, seed, list, two for every bond; then
/// what assigning (a round, five assignments, a deadline) or refunding (two accounts, holds, a
/// receipt, two queues) takes. Writes: bounds, entry, waiting, closed, and the larger of those two.
fn draw(db: RuntimeDbWeight, servers: u32) -> Weight {
	let bonds = u64::from(servers).saturating_mul(2);
	Weight::from_parts(150_000_000, 40_000)
		.saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(servers.into()))
		.saturating_add(db.reads_writes(MODEL_READS.saturating_add(20).saturating_add(bonds), 21))
}
