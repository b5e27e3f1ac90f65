//! From a fee to payouts, to the planck. Pure.

use crate::types::{Part, Payout, MAX_LINEAGE};
use alloc::vec::Vec;
use openledger_math::{apportion, part, seat_share};
use openledger_primitives::{parameters::Split, Balance, ContributionId, ModelId, Ppm};

/// What a job costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
	/// All that the caller put aside, in planck.
	pub fee: Balance,
	/// Part of it for the treasury, whatever comes out.
	pub floor_base: Balance,
	/// Part of it for each seat.
	pub floor_per_seat: Balance,
}

/// Whom an answered job may pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earners<AccountId> {
	/// Contributions with their influence and who is paid for them, if anyone.
	pub contributions: Vec<(ContributionId, Ppm, Option<AccountId>)>,
	/// The model's bases, base first, each with its royalty of the whole models' part.
	pub lineage: Vec<(ModelId, AccountId, Ppm)>,
	/// The model and its owner.
	pub model: (ModelId, AccountId),
}

/// Who gets what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan<AccountId> {
	/// The sum of `payouts`, in planck.
	pub spent: Balance,
	/// What of the contributors' part nobody earned, in planck; within the treasury's payout.
	pub unattributed: Balance,
	/// The treasury's is the last; there are no empty ones.
	pub payouts: Vec<Payout<AccountId>>,
}

/// Money on its way out: nothing leaves it twice, and what is left is the treasury's.
struct Purse<AccountId> {
	left: Balance,
	spent: Balance,
	payouts: Vec<Payout<AccountId>>,
}

impl<AccountId> Purse<AccountId> {
	fn new(spent: Balance) -> Self {
		Self { left: spent, spent, payouts: Vec::new() }
	}

	fn pay(&mut self, account: AccountId, part: Part, amount: Balance) {
		let amount = amount.min(self.left);
		if amount > 0 {
			self.left = self.left.saturating_sub(amount);
			self.payouts.push(Payout { account, part, amount });
		}
	}

	fn close(mut self, treasury: AccountId, unattributed: Balance) -> Plan<AccountId> {
		let rest = self.left;
		self.pay(treasury, Part::Treasury, rest);
		Plan { spent: self.spent, unattributed, payouts: self.payouts }
	}
}

/// Spends the whole fee of an answered job. `seats` are all seats and whether each is paid.
///
/// The fee above the floor is split by `split`, by largest remainder. Contributors get the floor of
/// their share of the data part; bases the floor of their royalty of the models' part, the owner the
/// rest of it; a paid seat gets the floor of its share of the workers' and delegators' parts, and its
/// part of the floor fee. Everything else is the treasury's.
pub fn settle<AccountId: Clone>(
	price: Price,
	split: Split,
	earners: Earners<AccountId>,
	seats: &[(AccountId, bool)],
	treasury: AccountId,
) -> Plan<AccountId> {
	let count = u32::try_from(seats.len()).unwrap_or(u32::MAX);
	let floor = floor(price, count);
	let parts = apportion(price.fee.saturating_sub(floor), &split.weights());
	let share_of = |index: usize| parts.get(index).copied().unwrap_or_default();
	let (data, models, workers, delegators) = (share_of(0), share_of(1), share_of(2), share_of(3));
	let mut purse = Purse::new(price.fee);

	let mut unattributed = data;
	for (id, share, payee) in earners.contributions {
		let Some(account) = payee else { continue };
		let amount = part(data, share.clamped().0).min(unattributed);
		unattributed = unattributed.saturating_sub(amount);
		purse.pay(account, Part::Contribution(id), amount);
	}

	let mut owners = models;
	for (id, account, royalty) in earners.lineage.into_iter().take(MAX_LINEAGE as usize) {
		let amount = part(models, royalty.clamped().0).min(owners);
		owners = owners.saturating_sub(amount);
		purse.pay(account, Part::Model(id), amount);
	}
	let (id, owner) = earners.model;
	purse.pay(owner, Part::Model(id), owners);

	let for_work = seat_share(workers, count).saturating_add(floor_of_seat(price, count));
	for (worker, _) in seats.iter().filter(|(_, paid)| *paid) {
		purse.pay(worker.clone(), Part::Worker, for_work);
		purse.pay(worker.clone(), Part::Delegators, seat_share(delegators, count));
	}
	purse.close(treasury, unattributed)
}

/// Spends only the floor of a job without an answer. `seats` are all seats and whether each revealed:
/// those that did get their part of the floor, everything else is the treasury's.
pub fn refund<AccountId: Clone>(
	price: Price,
	committee: u32,
	seats: &[(AccountId, bool)],
	treasury: AccountId,
) -> Plan<AccountId> {
	let mut purse = Purse::new(floor(price, committee));
	for (worker, _) in seats.iter().filter(|(_, revealed)| *revealed) {
		purse.pay(worker.clone(), Part::Worker, floor_of_seat(price, committee));
	}
	purse.close(treasury, 0)
}

/// What a committee of `seats` costs at least: never more than the fee.
fn floor(price: Price, seats: u32) -> Balance {
	let for_seats = price.floor_per_seat.saturating_mul(seats.into());
	price.floor_base.saturating_add(for_seats).min(price.fee)
}

/// What of the floor is one seat's: all of `floor_per_seat`, unless the fee is too small for that.
fn floor_of_seat(price: Price, seats: u32) -> Balance {
	let for_seats = floor(price, seats).saturating_sub(price.floor_base);
	price.floor_per_seat.min(seat_share(for_seats, seats))
}
