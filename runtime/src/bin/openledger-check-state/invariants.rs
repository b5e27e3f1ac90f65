//! What must hold in every state of the chain, whatever its pallets say of themselves.

use openledger_runtime::{
	AllPalletsWithSystem, Attribution, Balance, Balances, BlockNumber, Runtime, System,
	EXISTENTIAL_DEPOSIT, TOTAL_ISSUANCE,
};
use polkadot_sdk::{
	frame_support::traits::{
		fungible::Inspect, PalletsInfoAccess, TryDecodeEntireStorage, TryState, TryStateSelect,
	},
	frame_system, pallet_balances,
};
use std::collections::BTreeMap;

/// What a sound state holds. Amounts in planck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
	/// The block whose state this is.
	pub height: BlockNumber,
	/// What the attribution pot owes.
	pub owed: Balance,
	/// What was sent to the pot beyond that and its existential deposit.
	pub gifts: Balance,
	/// Reason → accounts and what is held from them together.
	pub holds: BTreeMap<String, (u32, Balance)>,
}

/// Checks the state at hand; the error names the first invariant that is broken.
pub fn check() -> Result<Findings, String> {
	everything_decodes()?;
	let height = System::block_number();
	let issuance_is = Balances::total_issuance();
	ensure(issuance_is == TOTAL_ISSUANCE, || {
		format!("issuance is {issuance_is} planck instead of {TOTAL_ISSUANCE}")
	})?;
	let holds = accounts_sum_to_issuance()?;
	let (owed, gifts) = the_pot_covers_what_it_owes()?;
	every_pallet_is_sound(height)?;
	Ok(Findings { height, owed, gifts, holds })
}

fn ensure(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
	if holds {
		Ok(())
	} else {
		Err(broken())
	}
}

/// Every stored value is of its type.
fn everything_decodes() -> Result<(), String> {
	AllPalletsWithSystem::try_decode_entire_state()
		.map(|_| ())
		.map_err(|errors| format!("stored values do not decode: {errors:?}"))
}

/// All balances together are the issuance, and no account has more held than is its own.
fn accounts_sum_to_issuance() -> Result<BTreeMap<String, (u32, Balance)>, String> {
	let mut sum: Balance = 0;
	let mut reserved = BTreeMap::new();
	for (who, account) in frame_system::Account::<Runtime>::iter() {
		sum = sum.saturating_add(account.data.free).saturating_add(account.data.reserved);
		reserved.insert(who, account.data.reserved);
	}
	ensure(sum == TOTAL_ISSUANCE, || {
		format!("accounts hold {sum} planck together instead of {TOTAL_ISSUANCE}")
	})?;

	let mut by_reason = BTreeMap::<String, (u32, Balance)>::new();
	for (who, holds) in pallet_balances::Holds::<Runtime>::iter() {
		let held = holds.iter().fold(0, |sum: Balance, hold| sum.saturating_add(hold.amount));
		let reserved = reserved.get(&who).copied().unwrap_or_default();
		ensure(held <= reserved, || {
			format!("{held} planck of {who} are held, but only {reserved} are reserved")
		})?;
		for hold in holds {
			let (accounts, amount) = by_reason.entry(format!("{:?}", hold.id)).or_default();
			*accounts += 1;
			*amount = amount.saturating_add(hold.amount);
		}
	}
	Ok(by_reason)
}

/// What the pot owes, and what it has beyond that and its deposit.
fn the_pot_covers_what_it_owes() -> Result<(Balance, Balance), String> {
	let owed = openledger_attribution::Owed::<Runtime>::get();
	let pot = Balances::total_balance(&Attribution::pot());
	let needed = owed.saturating_add(EXISTENTIAL_DEPOSIT);
	let gifts = pot.checked_sub(needed).ok_or_else(|| {
		format!("the attribution pot has {pot} planck, but needs {needed} for what it owes")
	})?;
	Ok((owed, gifts))
}

/// Each pallet's own `try_state`, one by one, so that the error says whose it is.
fn every_pallet_is_sound(height: BlockNumber) -> Result<(), String> {
	AllPalletsWithSystem::infos().into_iter().try_for_each(|pallet| {
		let only = TryStateSelect::Only(vec![pallet.name.as_bytes().to_vec()]);
		<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(height, only)
			.map_err(|error| format!("{}: {}", pallet.name, reason(error)))
	})
}

fn reason(error: polkadot_sdk::sp_runtime::TryRuntimeError) -> String {
	match error {
		polkadot_sdk::sp_runtime::TryRuntimeError::Other(reason) => reason.into(),
		error => format!("{error:?}"),
	}
}
