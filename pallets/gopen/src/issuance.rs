//! What of all OPEN is nobody's yet takes no part in what support is measured against.

use crate::{Config, Deactivated, Pallet};
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::traits::fungible::{Inspect, Unbalanced},
	sp_runtime::traits::Get,
};

impl<T: Config> Pallet<T> {
	/// Takes what the sleeping accounts have now out of active issuance, instead of what they had.
	pub(crate) fn sync_inactive() {
		let asleep = Self::asleep();
		let before = Deactivated::<T>::get();
		if asleep != before {
			T::Currency::reactivate(before);
			T::Currency::deactivate(asleep);
			Deactivated::<T>::put(asleep);
		}
	}

	pub(crate) fn asleep() -> Balance {
		let balances = T::Asleep::get();
		let balances = balances.iter().map(T::Currency::total_balance);
		balances.fold(0, |sum: Balance, balance| sum.saturating_add(balance))
	}
}
