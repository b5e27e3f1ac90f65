//! What becomes of a receipt once nobody can dispute it any more.

use crate::{
	queues::take_due,
	types::{Due, Part, Receipt, MAX_PAYOUTS, MAX_RECEIPT_SEATS},
	Claimable, Config, Disputes, Event, Expiring, Maturing, Overdue, Owed, Pallet, Receipts,
	SettledRounds, WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	traits::{fungible::Mutate, tokens::Preservation, Get},
	weights::Weight,
};
use openledger_primitives::{
	traits::{Datanets, Jobs, Role, StakeRewards},
	Balance, JobId, MAX_INFLUENCE,
};
use polkadot_sdk::frame_support;

/// What the receipts of one block pay, by kind of payment.
struct Payday<AccountId> {
	credits: BTreeMap<AccountId, Balance>,
	stake: Vec<(AccountId, Balance)>,
	treasury: Balance,
	receipts: u32,
	earnings: u32,
	penalised: u32,
}

impl<AccountId: Ord> Payday<AccountId> {
	fn new() -> Self {
		Self {
			credits: BTreeMap::new(),
			stake: Vec::new(),
			treasury: 0,
			receipts: 0,
			earnings: 0,
			penalised: 0,
		}
	}

	/// What it weighs so far.
	fn weight<W: WeightInfo>(&self) -> Weight {
		let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
		weight_of::<W>(&PaydayCounts {
			receipts: self.receipts,
			payees: count(self.credits.len()),
			stakes: count(self.stake.len()),
			earnings: self.earnings,
			penalised: self.penalised,
		})
	}

	fn credit(&mut self, account: AccountId, amount: Balance) {
		let credit = self.credits.entry(account).or_default();
		*credit = credit.saturating_add(amount);
	}
}

/// How much of each kind of work a payday brings.
struct PaydayCounts {
	receipts: u32,
	payees: u32,
	stakes: u32,
	earnings: u32,
	penalised: u32,
}

fn weight_of<W: WeightInfo>(counts: &PaydayCounts) -> Weight {
	if counts.receipts == 0 {
		return Weight::zero();
	}
	W::mature(counts.receipts, counts.payees)
		.saturating_add(unless_zero(counts.stakes, W::reward_stake))
		.saturating_add(unless_zero(counts.earnings, W::note_earnings))
		.saturating_add(unless_zero(counts.penalised, W::penalise))
}

/// What work on `count` things weighs: without any there is none.
fn unless_zero(count: u32, weight: fn(u32) -> Weight) -> Weight {
	match count {
		0 => Weight::zero(),
		_ => weight(count),
	}
}

impl<T: Config> Pallet<T> {
	/// Pays out and penalises what receipts say whose dispute window passed; one write an account and
	/// one transfer each to treasury and stake, however many receipts name them. Stops before the
	/// receipt that does not fit into `budget`.
	pub(crate) fn mature(now: u32, active: u32, budget: Weight) -> Weight {
		let mut payday = Payday::new();
		let maturing = (active, Maturing::<T>::peek as fn() -> _, Maturing::<T>::pop as fn() -> _);
		let overdue = (now, Overdue::<T>::peek as fn() -> _, Overdue::<T>::pop as fn() -> _);
		for (now, peek, pop) in [maturing, overdue] {
			for _ in 0..T::MaxQueueWork::get() {
				let next: Option<Due> = peek();
				let Some(due) = next.filter(|due| due.at <= now) else { break };
				let weight = payday.weight::<T::WeightInfo>();
				if !weight.saturating_add(Self::weight_of_receipt(due.job)).all_lte(budget) {
					break;
				}
				let _: Option<Due> = pop();
				payday.receipts = payday.receipts.saturating_add(1);
				Self::mature_one(due.job, &mut payday);
			}
		}
		match payday.receipts {
			0 => Weight::zero(),
			_ => Self::pay_out(payday),
		}
	}

	/// What one receipt weighs, if nobody disputes it.
	fn weight_of_receipt(job: JobId) -> Weight {
		let Some(receipt) = Receipts::<T>::get(job) else { return T::WeightInfo::mature(1, 0) };
		let payouts = |is: fn(&Part) -> bool| {
			let of_kind = receipt.payouts.iter().filter(|payout| is(&payout.part));
			of_kind.fold(0u32, |n, _| n.saturating_add(1))
		};
		let faults = receipt.seats.iter().filter(|seat| seat.fault.is_some());
		weight_of::<T::WeightInfo>(&PaydayCounts {
			receipts: 1,
			payees: payouts(|_| true),
			stakes: payouts(|part| matches!(part, Part::Delegators)),
			earnings: payouts(|part| matches!(part, Part::Contribution(_))),
			penalised: faults.fold(0u32, |n, _| n.saturating_add(1)),
		})
	}

	/// What one receipt weighs at most.
	pub(crate) fn heaviest_receipt() -> Weight {
		weight_of::<T::WeightInfo>(&PaydayCounts {
			receipts: 1,
			payees: MAX_PAYOUTS,
			stakes: MAX_RECEIPT_SEATS,
			earnings: MAX_INFLUENCE,
			penalised: MAX_RECEIPT_SEATS,
		})
	}

	fn mature_one(job: JobId, payday: &mut Payday<T::AccountId>) {
		if Self::wait_for_dispute(job) {
			return;
		}
		let Some(receipt) = Receipts::<T>::get(job) else { return };
		let parameters = Self::parameters();
		let penalised = Self::penalise(job, &receipt, &parameters);
		payday.penalised = payday.penalised.saturating_add(penalised);
		Self::pay(job, receipt, payday);
		SettledRounds::<T>::remove(job);
		T::Jobs::forget(job);
		let at = Self::now().saturating_add(parameters.receipt_retention);
		Expiring::<T>::push(Due { at, job });
	}

	/// Whether `job` is disputed: then its receipt matures once that is decided.
	fn wait_for_dispute(job: JobId) -> bool {
		let disputed = Disputes::<T>::contains_key(job);
		if disputed {
			Disputes::<T>::mutate_extant(job, |dispute| dispute.overdue = true);
		}
		disputed
	}

	/// Sorts the payouts of a receipt.
	fn pay(job: JobId, receipt: Receipt<T::AccountId>, payday: &mut Payday<T::AccountId>) {
		let (mut claimable, mut stake, mut treasury): (Balance, Balance, Balance) = (0, 0, 0);
		for payout in receipt.payouts {
			let sum = match payout.part {
				Part::Treasury => &mut treasury,
				Part::Delegators => &mut stake,
				_ => &mut claimable,
			};
			*sum = sum.saturating_add(payout.amount);
			match payout.part {
				Part::Treasury => {}
				Part::Delegators => payday.stake.push((payout.account, payout.amount)),
				Part::Contribution(id) => {
					T::Datanets::note_earning(id, &receipt.caller, payout.amount);
					payday.earnings = payday.earnings.saturating_add(1);
					payday.credit(payout.account, payout.amount);
				}
				_ => payday.credit(payout.account, payout.amount),
			}
		}
		payday.treasury = payday.treasury.saturating_add(treasury);
		Self::deposit_event(Event::Matured { job, claimable, stake, treasury });
	}

	/// Moves the money; says what all of it weighs.
	fn pay_out(mut payday: Payday<T::AccountId>) -> Weight {
		if !Self::pay_treasury(payday.treasury) {
			payday.credit(T::Treasury::get(), payday.treasury);
		}
		if !Self::pay_stake(&payday.stake) {
			for (worker, amount) in payday.stake.clone() {
				payday.credit(worker, amount);
			}
		}
		let weight = payday.weight::<T::WeightInfo>();
		for (account, amount) in payday.credits {
			Claimable::<T>::mutate(account, |sum| *sum = sum.saturating_add(amount));
		}
		weight
	}

	/// `false` where the treasury cannot be paid, being below the existential deposit: then it can
	/// claim like everyone.
	fn pay_treasury(amount: Balance) -> bool {
		if amount == 0 {
			return true;
		}
		let paid = Self::leave_pot(&T::Treasury::get(), amount);
		if paid {
			Self::deposit_event(Event::TreasuryPaid { amount });
		}
		paid
	}

	/// Pays the stake behind workers. `false` where its pot cannot be paid: then workers can claim it.
	fn pay_stake(rewards: &[(T::AccountId, Balance)]) -> bool {
		let amount =
			rewards.iter().fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
		let paid = amount > 0 && Self::leave_pot(&T::StakeRewards::pot(), amount);
		if paid {
			for (worker, amount) in rewards {
				T::StakeRewards::reward(Role::Worker, worker, *amount);
			}
			Self::deposit_event(Event::StakePaid { amount });
		}
		paid
	}

	fn leave_pot(to: &T::AccountId, amount: Balance) -> bool {
		let moved = T::Currency::transfer(&Self::pot(), to, amount, Preservation::Preserve).is_ok();
		if moved {
			Owed::<T>::mutate(|owed| *owed = owed.saturating_sub(amount));
		}
		moved
	}

	pub(crate) fn prune(now: u32) -> Weight {
		let due = take_due(T::MaxQueueWork::get(), now, Expiring::<T>::peek, Expiring::<T>::pop);
		for &Due { job, .. } in &due {
			Receipts::<T>::remove(job);
			Self::deposit_event(Event::ReceiptPruned { job });
		}
		unless_zero(u32::try_from(due.len()).unwrap_or(u32::MAX), T::WeightInfo::prune)
	}
}
