//! Contributions that calls pay.

use crate::{AccountIdOf, Calls, Config, DataCall, Error, Event, Paid, Pallet, Unclaimable};
use openledger_primitives::{
	traits::{Accepted, ContributionInfo, Contributions},
	Balance, ContributionId, DataCallId,
};
use polkadot_sdk::{frame_support::ensure, sp_runtime::DispatchResult};

/// What a call pays a contribution now.
pub(crate) struct Claim<AccountId> {
	pub(crate) call: DataCall<AccountId>,
	pub(crate) contributor: AccountId,
	pub(crate) records: u32,
	pub(crate) amount: Balance,
}

impl<T: Config> From<Unclaimable> for Error<T> {
	fn from(why: Unclaimable) -> Self {
		match why {
			Unclaimable::UnknownCall => Self::UnknownCall,
			Unclaimable::UnknownContribution => Self::UnknownContribution,
			Unclaimable::OtherDatanet => Self::OtherDatanet,
			Unclaimable::NotOfferedForIt => Self::NotOfferedForIt,
			Unclaimable::CallOver => Self::CallOver,
			Unclaimable::AlreadyPaid => Self::AlreadyPaid,
			Unclaimable::NotAccepted => Self::NotAccepted,
			Unclaimable::Removed => Self::Removed,
			Unclaimable::NotMature => Self::NotMature,
			Unclaimable::QualityTooLow => Self::QualityTooLow,
			Unclaimable::RecordsTooSmall => Self::RecordsTooSmall,
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_claim(
		who: AccountIdOf<T>,
		id: DataCallId,
		contribution: ContributionId,
		least: Balance,
	) -> DispatchResult {
		let claim = Self::claim_of(id, contribution).map_err(Error::<T>::from)?;
		let Claim { mut call, contributor, records, amount } = claim;
		// a contribution is paid once: whoever else chose for it could waste that on a poorer call
		ensure!(contributor == who, Error::<T>::NotContributor);
		ensure!(amount >= least, Error::<T>::TooLittleLeft);
		Self::leave_pot(&contributor, amount)?;
		Self::forget_paid();
		Self::note_paid(contribution, id);
		Self::deposit_event(Event::ContributionPaid {
			call: id,
			contribution,
			contributor,
			records,
			amount,
		});

		call.left = call.left.saturating_sub(amount);
		call.contributions = call.contributions.saturating_add(1);
		call.records = call.records.saturating_add(records.into());
		if call.left < call.terms.per_record {
			return Self::end_call(id, call);
		}
		Calls::<T>::insert(id, call);
		Ok(())
	}

	/// What the call pays the contribution now, or why it does not.
	pub(crate) fn claim_of(
		id: DataCallId,
		contribution: ContributionId,
	) -> Result<Claim<AccountIdOf<T>>, Unclaimable> {
		let call = Calls::<T>::get(id).ok_or(Unclaimable::UnknownCall)?;
		let info =
			T::Datanets::contribution(contribution).ok_or(Unclaimable::UnknownContribution)?;
		ensure!(info.datanet == call.datanet, Unclaimable::OtherDatanet);
		// of the block of posting nothing counts: who saw the call in the pool could offer before it
		let in_time = info.offered_at > call.posted_at && info.offered_at <= call.ends_at;
		ensure!(in_time, Unclaimable::NotOfferedForIt);
		ensure!(Self::now() <= call.closes_at, Unclaimable::CallOver);
		ensure!(!Paid::<T>::contains_key(contribution), Unclaimable::AlreadyPaid);
		Self::check_accepted(&call, &info)?;
		let (records, amount) =
			openledger_math::reward(info.records, call.terms.per_record, call.left);
		Ok(Claim { call, contributor: info.contributor, records, amount })
	}

	fn check_accepted(
		call: &DataCall<AccountIdOf<T>>,
		info: &ContributionInfo<AccountIdOf<T>>,
	) -> Result<(), Unclaimable> {
		let Accepted { at, quality, bytes, removed } =
			info.accepted.ok_or(Unclaimable::NotAccepted)?;
		ensure!(!removed, Unclaimable::Removed);
		ensure!(Self::now() >= at.saturating_add(call.maturity), Unclaimable::NotMature);
		ensure!(quality >= call.terms.min_quality, Unclaimable::QualityTooLow);
		let least = u64::from(info.records).saturating_mul(call.terms.min_record_bytes.into());
		ensure!(bytes >= least, Unclaimable::RecordsTooSmall);
		Ok(())
	}
}
