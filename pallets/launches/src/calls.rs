//! Calls for data: posted, and closed.

use crate::{
	AccountIdOf, CallTerms, Calls, Config, DataCall, Error, Event, LastClose, NextCall, Pallet,
};
use openledger_primitives::{traits::Contributions, Balance, DataCallId, DatanetId};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::Mutate, tokens::Preservation::Preserve, Get},
	},
	sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
	/// Opens a call that `funder` pays.
	pub(crate) fn open_call(
		funder: AccountIdOf<T>,
		datanet: DatanetId,
		terms: CallTerms,
	) -> Result<DataCallId, DispatchError> {
		Self::check_call(datanet, &terms)?;
		let id = NextCall::<T>::get();
		NextCall::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);
		let CallTerms { budget, per_record, period, .. } = terms;
		T::Currency::transfer(&funder, &Self::pot(), budget, Preserve)?;

		let parameters = Self::parameters();
		let posted_at = Self::now();
		let ends_at = posted_at.saturating_add(period);
		let closes_at = ends_at.saturating_add(parameters.grace);
		LastClose::<T>::mutate(|last| *last = closes_at.max(*last));
		let call = DataCall {
			datanet,
			funder: funder.clone(),
			terms,
			left: budget,
			posted_at,
			ends_at,
			closes_at,
			maturity: parameters.maturity,
			contributions: 0,
			records: 0,
		};
		Calls::<T>::insert(id, call);
		Self::deposit_event(Event::CallPosted {
			call: id,
			datanet,
			funder,
			budget,
			per_record,
			ends_at,
			closes_at,
		});
		Ok(id)
	}

	/// Whether a call with these terms may be posted now.
	pub(crate) fn check_call(datanet: DatanetId, terms: &CallTerms) -> Result<(), Error<T>> {
		let parameters = Self::parameters();
		ensure!(T::Datanets::takes_contributions(datanet), Error::<T>::UnknownDatanet);
		ensure!(terms.budget >= parameters.min_budget, Error::<T>::BudgetTooSmall);
		let payable = terms.budget.checked_div(terms.per_record).unwrap_or_default();
		ensure!(payable >= parameters.min_records.into(), Error::<T>::InvalidReward);
		ensure!((1..=parameters.max_period).contains(&terms.period), Error::<T>::InvalidPeriod);
		ensure!(terms.min_quality.is_valid(), Error::<T>::InvalidValue);
		Self::check_text(&terms.note)
	}

	pub(crate) fn check_text(text: &[u8]) -> Result<(), Error<T>> {
		let valid = core::str::from_utf8(text).is_ok_and(|text| !text.is_empty());
		ensure!(valid, Error::<T>::InvalidText);
		Ok(())
	}

	pub(crate) fn do_close_call(id: DataCallId) -> DispatchResult {
		let call = Calls::<T>::get(id).ok_or(Error::<T>::UnknownCall)?;
		// a Datanet that was closed has accepted nothing, and never will
		let is_closed = !T::Datanets::exists(call.datanet);
		ensure!(is_closed || Self::now() > call.closes_at, Error::<T>::CallOpen);
		Self::forget_paid();
		Self::end_call(id, call)
	}

	/// Forgets a call and gives back what is left.
	pub(crate) fn end_call(id: DataCallId, call: DataCall<AccountIdOf<T>>) -> DispatchResult {
		Calls::<T>::remove(id);
		let returned = call.left;
		let to = Self::return_to(call.funder, returned)?;
		Self::deposit_event(Event::CallClosed { call: id, to, returned });
		Ok(())
	}

	/// Pays out of the pot; the treasury where the funder is gone and the amount too small for it.
	fn return_to(funder: AccountIdOf<T>, amount: Balance) -> Result<AccountIdOf<T>, DispatchError> {
		if amount == 0 || Self::leave_pot(&funder, amount).is_ok() {
			return Ok(funder);
		}
		let treasury = T::Treasury::get();
		Self::leave_pot(&treasury, amount)?;
		Ok(treasury)
	}

	/// Moves `amount` planck out of the pot, whose deposit stays.
	pub(crate) fn leave_pot(to: &AccountIdOf<T>, amount: Balance) -> DispatchResult {
		T::Currency::transfer(&Self::pot(), to, amount, Preserve).map(|_| ())
	}
}
