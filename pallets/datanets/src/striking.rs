//! Contributions that are struck out: for duplicates, or because a dispute about their licence was
//! lost.

use crate::{
	purse::Purse, AccountIdOf, Config, Contribution, ContributionState, Contributions, Error,
	Event, HoldReason, Pallet, Revocation, Strike,
};
use openledger_primitives::ContributionId;
use polkadot_sdk::{frame_support::traits::Get, sp_runtime::DispatchResult};

impl<T: Config> Pallet<T> {
	/// A dispute about the licence was lost: strikes out, and takes all that is left of the bond.
	pub(crate) fn do_strike(id: ContributionId) -> DispatchResult {
		let mut contribution =
			Contributions::<T>::get(id).ok_or(Error::<T>::UnknownContribution)?;
		match contribution.state {
			ContributionState::Pending => return Err(Error::<T>::StillPending.into()),
			ContributionState::Struck { .. } => return Err(Error::<T>::AlreadyStruck.into()),
			ContributionState::Accepted(_) | ContributionState::Revoked { .. } => (),
		}
		let left = Self::strike_out(id, &mut contribution, 0).ok_or(Error::<T>::UnknownDatanet)?;
		let contributor = contribution.contributor.clone();
		let mut bond = Purse::<T>::new(HoldReason::Contribution, &contributor, contribution.bond);
		let amount = bond.pay_rest(&T::TreasuryAccount::get());
		contribution.bond = bond.left();
		Self::deposit_event(Event::BondForfeited { contribution: id, contributor, amount });
		Self::store_struck(id, contribution, left);
		Ok(())
	}

	/// Makes an accepted or revoked contribution one that is struck out, `proven` of whose records are
	/// duplicates; it is not stored. `None` when it is neither, or its Datanet unknown.
	pub(crate) fn strike_out(
		id: ContributionId,
		contribution: &mut Contribution<AccountIdOf<T>>,
		proven: u32,
	) -> Option<Revocation> {
		let (acceptance, revocation) = match contribution.state {
			ContributionState::Accepted(acceptance) => {
				let version = Self::remove(id, contribution, &acceptance)?;
				let bond_until = Self::now().saturating_add(Self::parameters().exit_window);
				(acceptance, Revocation { version, bond_until })
			}
			ContributionState::Revoked { acceptance, revocation } => (acceptance, revocation),
			ContributionState::Pending | ContributionState::Struck { .. } => return None,
		};
		let strike = Strike { bond: contribution.bond, proven };
		contribution.state = ContributionState::Struck { acceptance, revocation, strike };
		Some(revocation)
	}

	/// Stores what was struck out just now.
	pub(crate) fn store_struck(
		id: ContributionId,
		contribution: Contribution<AccountIdOf<T>>,
		left: Revocation,
	) {
		let datanet = contribution.datanet;
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::ContributionStruck {
			contribution: id,
			datanet,
			version: left.version,
			bond_until: left.bond_until,
		});
	}
}
