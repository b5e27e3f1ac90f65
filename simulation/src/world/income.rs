//! Bonds while a world runs, and what everyone has at its end.

use super::World;
use crate::{
	chain::{height, send},
	people::Person,
};
use openledger_primitives::traits::Role;
use openledger_runtime::{presets::ENDOWMENT, Attribution, Balance, Balances, Runtime, Staking};
use openledger_staking::{Bonds, Call, Jails};
use polkadot_sdk::frame_support::traits::fungible::Inspect;

/// Brings the bond of `who` back to `wanted` planck and into its role.
pub(super) fn tend(role: Role, who: Person, wanted: Balance) {
	let account = who.account();
	if height() < Jails::<Runtime>::get(role, &account) {
		return;
	}
	let call: Call<Runtime> = match Bonds::<Runtime>::get(role, &account) {
		None => Call::bond { role, amount: wanted },
		Some(bond) if bond.chilled => {
			Call::bond { role, amount: wanted.saturating_sub(bond.amount) }
		}
		Some(bond) if bond.amount < wanted => {
			Call::bond_extra { role, amount: wanted - bond.amount }
		}
		Some(_) => return,
	};
	// who has nothing left stays out
	let _ = send(who, call);
}

impl World<'_> {
	/// What everyone gained: balances with all that is held, what can be claimed, and what was spent
	/// outside the chain.
	pub(super) fn settle_accounts(&mut self) {
		for person in Person::all() {
			let account = person.account();
			let rewards: Balance = Staking::pools_of(&account).iter().map(|pool| pool.reward).sum();
			let has =
				Balances::total_balance(&account) + Attribution::claimable(&account) + rewards;
			let costs = self.costs.get(&person).copied().unwrap_or_default();
			self.outcome.net.insert(person, has as i128 - ENDOWMENT as i128 - costs);
		}
	}
}
