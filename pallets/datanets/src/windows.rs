//! What people earned in a Datanet lately: those who contribute from calls, curators from reviews.

use crate::{
	AccountIdOf, Config, Datanets, EarnedLately, EarnedLatelyByAll, Error, Event, Pallet, Policy,
};
use openledger_primitives::{parameters::Clamp, traits::SelfRule, Balance, BlockNumber, DatanetId};
use polkadot_sdk::{
	frame_support::{ensure, traits::Get},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	/// The window of time at hand.
	pub fn earning_window() -> u32 {
		Self::now().checked_div(T::EarningWindow::get()).unwrap_or_default()
	}

	/// Notes that others paid `who` for its part in `datanet`.
	pub(crate) fn note_earned(datanet: DatanetId, who: &AccountIdOf<T>, amount: Balance) {
		if amount == 0 {
			return;
		}
		let window = Self::earning_window();
		EarnedLately::<T>::mutate(datanet, who, |earned| earned.note(window, amount));
		EarnedLatelyByAll::<T>::mutate(datanet, |earned| earned.note(window, amount));
	}

	pub(crate) fn do_forget_earnings(id: DatanetId, account: AccountIdOf<T>) -> DispatchResult {
		let earned =
			EarnedLately::<T>::try_get(id, &account).map_err(|()| Error::<T>::NothingToForget)?;
		let forgettable =
			earned.is_stale(Self::earning_window()) || !Datanets::<T>::contains_key(id);
		ensure!(forgettable, Error::<T>::NothingToForget);
		EarnedLately::<T>::remove(id, &account);
		Self::deposit_event(Event::EarningsForgotten { datanet: id, account });
		Ok(())
	}
}

impl<T: Config> SelfRule<AccountIdOf<T>> for Pallet<T> {
	type Policy = Policy;

	fn exists(datanet: DatanetId) -> bool {
		Datanets::<T>::contains_key(datanet)
	}

	fn window() -> u32 {
		Self::earning_window()
	}

	fn window_length() -> BlockNumber {
		T::EarningWindow::get().max(1)
	}

	fn earned(datanet: DatanetId, who: &AccountIdOf<T>, window: u32) -> Balance {
		EarnedLately::<T>::get(datanet, who).in_window(window)
	}

	fn earned_by_all(datanet: DatanetId, window: u32) -> Balance {
		EarnedLatelyByAll::<T>::get(datanet).in_window(window)
	}

	fn within_bounds(policy: Policy) -> Policy {
		policy.clamped()
	}

	fn set_policy(datanet: DatanetId, policy: Policy) -> DispatchResult {
		Self::do_set_policy(datanet, policy)
	}
}
