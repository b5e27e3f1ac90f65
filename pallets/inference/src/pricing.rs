//! What a request costs. Pure.

use openledger_primitives::{traits::MAX_ANSWER_UNITS, Balance};

/// How many priorities waiting jobs have.
pub const PRIORITIES: usize = 16;
/// The lowest priority pays each seat less than two to this power of planck: about 0.001 OPEN.
const LOWEST: u32 = 50;

/// The floor fee's two parts, in planck.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
	pub base: Balance,
	pub per_seat: Balance,
}

impl Floor {
	pub fn total(self, seats: u8) -> Balance {
		self.base.saturating_add(self.per_seat.saturating_mul(seats.into()))
	}
}

/// The fee above the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Net {
	/// All of it, in planck: what the longest answer costs.
	pub amount: Balance,
	/// What of it each unit of the answer costs, in planck; goes back for units not used.
	pub unit_price: Balance,
}

/// The net fee of a model that costs `price` a call and `unit_price` a unit, and owes Datanets so
/// much that the net fee must be `least`.
///
/// Where `least` is above the price, only what lies above `least` is divided among the units: what
/// goes back for a short answer must not be what Datanets are owed.
pub(crate) fn net(price: Balance, unit_price: Balance, least: Balance) -> Net {
	let units = Balance::from(MAX_ANSWER_UNITS);
	let amount = price.saturating_add(unit_price.saturating_mul(units)).max(least);
	let whatever_the_answer = price.max(least);
	let for_units = amount.saturating_sub(whatever_the_answer);
	Net { amount, unit_price: for_units.checked_div(units).unwrap_or_default() }
}

/// The priority, below [`PRIORITIES`], of a job that pays `sure` planck above the floor, whatever
/// its answer, for `seats` seats: one more for each doubling of what a seat gets.
pub(crate) fn priority(sure: Balance, seats: u8) -> u8 {
	let per_seat = sure.checked_div(seats.into()).unwrap_or_default();
	let bits = Balance::BITS.saturating_sub(per_seat.leading_zeros());
	let highest = PRIORITIES.saturating_sub(1) as u32;
	bits.saturating_sub(LOWEST).min(highest) as u8
}
