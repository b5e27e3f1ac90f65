//! Held planck on their way to others.

use crate::{AccountIdOf, Config, HoldReason};
use openledger_primitives::Balance;
use polkadot_sdk::frame_support::traits::{
	fungible::MutateHold,
	tokens::{Fortitude, Precision, Restriction},
	Defensive,
};

/// Planck held from an account for one reason, of which parts go to others.
pub(crate) struct Purse<T: Config> {
	reason: HoldReason,
	owner: AccountIdOf<T>,
	left: Balance,
}

impl<T: Config> Purse<T> {
	/// What is recorded as held from `owner`.
	pub(crate) fn new(reason: HoldReason, owner: &AccountIdOf<T>, held: Balance) -> Self {
		Self { reason, owner: owner.clone(), left: held }
	}

	/// Planck that are still held.
	pub(crate) fn left(&self) -> Balance {
		self.left
	}

	/// Pays `amount`, or what is left, and says how much that was: nothing when `to` cannot take it,
	/// for example when it is below the existential deposit of a dead account.
	pub(crate) fn pay(&mut self, to: &AccountIdOf<T>, amount: Balance) -> Balance {
		let amount = amount.min(self.left);
		if amount == 0 {
			return 0;
		}
		let paid = T::Currency::transfer_on_hold(
			&self.reason.into(),
			&self.owner,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.unwrap_or_default();
		self.left = self.left.saturating_sub(paid);
		paid
	}

	/// Pays what is left, as [`Self::pay`] does.
	pub(crate) fn pay_rest(&mut self, to: &AccountIdOf<T>) -> Balance {
		self.pay(to, self.left)
	}

	/// Releases what is left to its owner and says how much that was.
	pub(crate) fn give_back(self) -> Balance {
		let released =
			T::Currency::release(&self.reason.into(), &self.owner, self.left, Precision::Exact);
		released.defensive_proof("what is stored is held").unwrap_or_default()
	}
}
