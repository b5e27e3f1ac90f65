//! Offering records and taking them back.

use crate::{
	purse::Purse, AccountIdOf, Config, Contribution, ContributionState, Contributions, Datanets,
	DrawQueue, Error, Event, HoldReason, NextContribution, Pallet, Pending, Phase, Review, Reviews,
	Revocation, Roots, Taken, DRAW_DELAY, MAX_URI,
};
use openledger_primitives::{
	merkle::Hash, parameters::CurationParameters, Balance, ContributionId, DatanetId,
};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::MutateHold},
	sp_runtime::{traits::ConstU32, BoundedVec, DispatchResult},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_contribute(
		contributor: AccountIdOf<T>,
		datanet: DatanetId,
		root: Hash,
		records: u32,
		bytes: u64,
		uri: BoundedVec<u8, ConstU32<MAX_URI>>,
	) -> DispatchResult {
		let mut target = Datanets::<T>::get(datanet).ok_or(Error::<T>::UnknownDatanet)?;
		let policy = Self::ensure_accepts(datanet)?;
		ensure!(records > 0 && bytes > 0, Error::<T>::ContributionEmpty);
		ensure!(!Roots::<T>::contains_key(root), Error::<T>::RootTaken);
		let parameters = Self::parameters();
		Self::count_offer(&contributor, &parameters)?;
		let id = NextContribution::<T>::get();
		NextContribution::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);

		let bond = bond_for(&parameters, bytes);
		let fee = parameters.review_fee;
		T::Currency::hold(&HoldReason::Contribution.into(), &contributor, bond)?;
		T::Currency::hold(&HoldReason::Review.into(), &contributor, fee)?;

		let now = Self::now();
		let deadline = now.saturating_add(DRAW_DELAY);
		target.offered = target.offered.saturating_add(1);
		target.pending = target.pending.saturating_add(1);
		Datanets::<T>::insert(datanet, target);
		Roots::<T>::insert(root, id);
		Reviews::<T>::insert(
			id,
			Review {
				fee,
				phase: Phase::Draw,
				deadline,
				seats: BoundedVec::new(),
				first: None,
				appeal: None,
			},
		);
		DrawQueue::<T>::push((id, deadline));
		let contribution = Contribution {
			datanet,
			contributor: contributor.clone(),
			root,
			records,
			bytes,
			uri,
			offered_at: now,
			bond,
			state: ContributionState::Pending,
		};
		Contributions::<T>::insert(id, contribution);
		Self::keep_policy(id, policy);
		Self::deposit_event(Event::ContributionOffered {
			contribution: id,
			datanet,
			contributor,
			root,
			records,
			bytes,
			bond,
			review_fee: fee,
		});
		Ok(())
	}

	pub(crate) fn do_revoke(who: AccountIdOf<T>, id: ContributionId) -> DispatchResult {
		let mut contribution =
			Contributions::<T>::get(id).ok_or(Error::<T>::UnknownContribution)?;
		ensure!(contribution.contributor == who, Error::<T>::NotContributor);
		let ContributionState::Accepted(acceptance) = contribution.state else {
			return Err(Error::<T>::NotAccepted.into());
		};
		let datanet = contribution.datanet;
		let version =
			Self::remove(id, &contribution, &acceptance).ok_or(Error::<T>::UnknownDatanet)?;
		let bond_until = Self::now().saturating_add(Self::parameters().exit_window);
		contribution.state = ContributionState::Revoked {
			acceptance,
			revocation: Revocation { version, bond_until },
		};
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::ContributionRevoked {
			contribution: id,
			datanet,
			version,
			bond_until,
		});
		Ok(())
	}

	pub(crate) fn do_release_bond(id: ContributionId) -> DispatchResult {
		let mut contribution =
			Contributions::<T>::get(id).ok_or(Error::<T>::UnknownContribution)?;
		let revocation = contribution.state.revocation().ok_or(Error::<T>::NotRevoked)?;
		ensure!(contribution.bond > 0, Error::<T>::BondAlreadyReleased);
		ensure!(Self::now() >= revocation.bond_until, Error::<T>::ExitWindowOpen);
		let amount = core::mem::take(&mut contribution.bond);
		let contributor = contribution.contributor.clone();
		Purse::<T>::new(HoldReason::Contribution, &contributor, amount).give_back();
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::BondReleased { contribution: id, contributor, amount });
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Counts one more pending contribution of `who`, and one more of this block.
	fn count_offer(who: &AccountIdOf<T>, parameters: &CurationParameters) -> DispatchResult {
		let pending = Pending::<T>::get(who);
		ensure!(pending < parameters.max_pending, Error::<T>::TooManyPending);
		let now = Self::now();
		let taken = match Taken::<T>::get() {
			(block, taken) if block == now => taken,
			_ => 0,
		};
		ensure!(taken < parameters.max_per_block, Error::<T>::BlockFull);
		Pending::<T>::insert(who, pending.saturating_add(1));
		Taken::<T>::put((now, taken.saturating_add(1)));
		Ok(())
	}
}

/// Base and every started KiB.
fn bond_for(parameters: &CurationParameters, bytes: u64) -> Balance {
	let kib = Balance::from(bytes.div_ceil(1024));
	parameters.bond_base.saturating_add(parameters.bond_per_kib.saturating_mul(kib))
}
