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
	/// Accepting a commitment; closing comes on top of the last.
	fn commit() -> Weight;
	/// Closing commitments, what the end of the block decides included.
	fn close_commits() -> Weight;
	/// Validating a report, signature included.
	fn authorize_reveal() -> Weight;
	/// Accepting a report; settling comes on top.
	fn reveal() -> Weight;
	/// Settling a job that concerns `c` contributions.
	fn settle(c: u32) -> Weight;
	/// Deciding a dispute for the settlement: the bond pays the committee.
	fn decide_stood() -> Weight;
	/// Deciding a dispute for another answer, which concerns `c` contributions.
	fn decide_overturned(c: u32) -> Weight;
	/// Disputing a settlement.
	fn dispute() -> Weight;
	/// Paying out a claim.
	fn claim() -> Weight;
	/// Looking at all queues, and at the end of the block at what closed in it.
	fn on_initialize() -> Weight;
	/// Taking a passed deadline from its queue.
	fn pass_deadline() -> Weight;
	/// Drawing more workers for a job in `n` tries, and seating them.
	fn draw(n: u32) -> Weight;
	/// Maturing `r` receipts to `a` accounts.
	fn mature(r: u32, a: u32) -> Weight;
	/// Rewarding the stake behind `n` seats.
	fn reward_stake(n: u32) -> Weight;
	/// Noting `n` earnings of contributions.
	fn note_earnings(n: u32) -> Weight;
	/// Penalising `n` seats.
	fn penalise(n: u32) -> Weight;
	/// Pruning `r` receipts.
	fn prune(r: u32) -> Weight;
}

const MICROS: u64 = 1_000_000;

// largest values read or written: a full round 11 KiB, a receipt 9 KiB
fn weight(db: RuntimeDbWeight, micros: u64, proof: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(MICROS), proof)
		.saturating_add(db.reads_writes(reads, writes))
}

fn authorize(db: RuntimeDbWeight) -> Weight {
	// round, job or receipt where there is none, key of the worker, genesis hash, clock
	weight(db, 120, 17_000, 5, 0)
}

fn commit(db: RuntimeDbWeight) -> Weight {
	// round, clock; round, events
	weight(db, 30, 13_000, 3, 2)
}

fn close_commits(db: RuntimeDbWeight) -> Weight {
	// list of closed rounds, and at the end of the block round, seed, parameters, clock, a queue's
	// bounds; round, list, queue's entry and bounds, events
	weight(db, 40, 15_000, 6, 5)
}

fn reveal(db: RuntimeDbWeight) -> Weight {
	weight(db, 50, 15_000, 4, 3)
}

fn settle(db: RuntimeDbWeight, c: u32) -> Weight {
	let c = u64::from(c);
	// job, model with lineage, parameters, split, clock, balances, queue; two a contribution to find
	// its payee. Writes: job, holds, balances, round, the same as settled, ten assignments, receipt,
	// queue, owed, events
	weight(
		db,
		c.saturating_mul(5).saturating_add(170),
		c.saturating_mul(600).saturating_add(45_000),
		c.saturating_mul(2).saturating_add(25),
		24,
	)
}

fn decide(db: RuntimeDbWeight, c: u32) -> Weight {
	let c = u64::from(c);
	// job, model, receipt, dispute, round as settled, parameters, split, clock, hold and balances of
	// disputer, pot and treasury, nine claims, queue; two a contribution. Writes: round, nine
	// assignments, dispute, receipt, hold, three balances, nine claims, owed, queue, events
	weight(
		db,
		c.saturating_mul(5).saturating_add(250),
		c.saturating_mul(600).saturating_add(60_000),
		c.saturating_mul(2).saturating_add(34),
		32,
	)
}

fn dispute(db: RuntimeDbWeight) -> Weight {
	// receipt, dispute, round as settled, clock, job, parameters, hold and account, queue's bounds;
	// hold and account, dispute, queue's entry and bounds, events
	weight(db, 90, 30_000, 10, 6)
}

fn claim(db: RuntimeDbWeight) -> Weight {
	// claim, owed, pot, account; the same, events
	weight(db, 70, 8_000, 5, 5)
}

fn on_initialize(db: RuntimeDbWeight) -> Weight {
	// bounds and head of seven queues, clock, what closed
	weight(db, 8, 8_000, 16, 0)
}

fn pass_deadline(db: RuntimeDbWeight) -> Weight {
	weight(db, 10, 13_000, 4, 2)
}

fn draw(db: RuntimeDbWeight, n: u32) -> Weight {
	let n = u64::from(n);
	// once: round, settled round or dispute, parameters, clock, a queue's bounds; round, ten
	// assignments, the queue, events. Try: request, seed, the model's 128 servers and, of each, two
	weight(
		db,
		n.saturating_mul(450).saturating_add(60),
		n.saturating_mul(60_000).saturating_add(25_000),
		n.saturating_mul(262).saturating_add(8),
		16,
	)
}

fn mature(db: RuntimeDbWeight, r: u32, a: u32) -> Weight {
	let (r, a) = (u64::from(r), u64::from(a));
	// once: treasury, stake's pot, pot, owed, parameters. Receipt: itself, its dispute and its place in
	// two queues; the round as settled, and of the market's request three, go. Account: its claim
	weight(
		db,
		r.saturating_mul(40).saturating_add(a.saturating_mul(3)).saturating_add(120),
		r.saturating_mul(14_000).saturating_add(a.saturating_mul(300)).saturating_add(10_000),
		r.saturating_mul(9).saturating_add(a).saturating_add(8),
		r.saturating_mul(9).saturating_add(a).saturating_add(6),
	)
}

fn reward_stake(db: RuntimeDbWeight, n: u32) -> Weight {
	let n = u64::from(n);
	// bond, commission, rewards per share
	weight(
		db,
		n.saturating_mul(10),
		n.saturating_mul(600),
		n.saturating_mul(3),
		n.saturating_mul(3),
	)
}

fn note_earnings(db: RuntimeDbWeight, n: u32) -> Weight {
	let n = u64::from(n);
	// contribution, its earnings, its payers
	weight(db, n.saturating_mul(8), n.saturating_mul(600), n.saturating_mul(3), n.saturating_mul(3))
}

fn penalise(db: RuntimeDbWeight, n: u32) -> Weight {
	let n = u64::from(n);
	// stake, slashes waiting, jail, the lists of members; where too many wait, executing the oldest
	weight(
		db,
		n.saturating_mul(200),
		n.saturating_mul(10_000),
		n.saturating_mul(27),
		n.saturating_mul(24),
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
			fn close_commits() -> Weight {
				close_commits($db)
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
			fn decide_stood() -> Weight {
				decide($db, 0)
			}
			fn decide_overturned(c: u32) -> Weight {
				decide($db, c)
			}
			fn dispute() -> Weight {
				dispute($db)
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
			fn draw(n: u32) -> Weight {
				draw($db, n)
			}
			fn mature(r: u32, a: u32) -> Weight {
				mature($db, r, a)
			}
			fn reward_stake(n: u32) -> Weight {
				reward_stake($db, n)
			}
			fn note_earnings(n: u32) -> Weight {
				note_earnings($db, n)
			}
			fn penalise(n: u32) -> Weight {
				penalise($db, n)
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
