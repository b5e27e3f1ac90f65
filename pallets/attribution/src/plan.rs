//! From a fee to payouts, to the planck. Pure.

use crate::types::{Part, Payout, SeatKind, SettledSeat, MAX_LINEAGE};
use alloc::vec::Vec;
use openledger_math::{apportion, part, seat_share};
use openledger_primitives::{
	parameters::Split,
	traits::{ANSWER_UNIT, MAX_ANSWER_UNITS},
	Balance, ContributionId, ModelId, Ppm,
};

/// What a job costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
	/// All that may be spent, in planck: what the caller put aside, or [`spent`] of it.
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
	/// What of the contributors' part nobody earned, in planck; part of what the treasury gets.
	pub unattributed: Balance,
	/// What seats that are not paid would have got, in planck; part of what the treasury gets.
	pub forfeited: Balance,
	/// The treasury's is the last; there are no empty ones.
	pub payouts: Vec<Payout<AccountId>>,
}

impl<AccountId> Plan<AccountId> {
	/// Pays `account` up to `amount` planck out of the treasury's payout; no other part changes.
	pub fn pay_from_treasury(&mut self, account: AccountId, part: Part, amount: Balance) {
		let Some(last) = self.payouts.pop() else { return };
		if last.part != Part::Treasury {
			self.payouts.push(last);
			return;
		}
		let amount = amount.min(last.amount);
		let rest = last.amount.saturating_sub(amount);
		if amount > 0 {
			self.payouts.push(Payout { account, part, amount });
		}
		if rest > 0 {
			self.payouts.push(Payout { amount: rest, ..last });
		}
	}
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

	fn close(
		mut self,
		treasury: AccountId,
		unattributed: Balance,
		forfeited: Balance,
	) -> Plan<AccountId> {
		let rest = self.left;
		self.pay(treasury, Part::Treasury, rest);
		Plan { spent: self.spent, unattributed, forfeited, payouts: self.payouts }
	}
}

/// Units of a canonical answer of so many bytes; a started one counts.
pub fn units(bytes: usize) -> u32 {
	u32::try_from(bytes).unwrap_or(u32::MAX).div_ceil(ANSWER_UNIT)
}

/// What an answer of `units` costs, in planck: the fee less `unit_price` for every unit that it covers
/// and the answer did not use. Never less than the floor of `seats` and `least_net`, the net fee whose
/// data part is the least that contributors are owed.
pub fn spent(
	price: Price,
	seats: u32,
	unit_price: Balance,
	units: u32,
	least_net: Balance,
) -> Balance {
	let unused = unit_price.saturating_mul(MAX_ANSWER_UNITS.saturating_sub(units).into());
	let least = floor(price, seats).saturating_add(least_net);
	price.fee.saturating_sub(unused).max(least).min(price.fee)
}

/// Spends all of `price.fee` on an answered job. `seats` are the committee's and whether each is paid.
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
	let for_stake = seat_share(delegators, count);
	let mut forfeited: Balance = 0;
	for (worker, paid) in seats {
		if *paid {
			purse.pay(worker.clone(), Part::Worker, for_work);
			purse.pay(worker.clone(), Part::Delegators, for_stake);
		} else {
			forfeited = forfeited.saturating_add(for_work).saturating_add(for_stake);
		}
	}
	purse.close(treasury, unattributed, forfeited)
}

/// Spends only the floor of a job without an answer. `seats` are the committee's and whether each revealed:
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
	purse.close(treasury, 0, 0)
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

/// Pays those of `seats` of this kind that earned it `each` planck out of the treasury's payout.
pub fn pay_seats<AccountId: Clone>(
	plan: &mut Plan<AccountId>,
	seats: &[SettledSeat<AccountId>],
	kind: SeatKind,
	each: Balance,
) {
	let part = match kind {
		SeatKind::Committee => return,
		SeatKind::Audit => Part::Audit,
		SeatKind::Dispute => Part::Dispute,
	};
	for seat in seats.iter().filter(|seat| seat.kind == kind && seat.paid) {
		plan.pay_from_treasury(seat.worker.clone(), part, each);
	}
}
