//! Offering records, taking them back, and who is paid for them.

use crate::{
	AccountIdOf, Config, Contribution, ContributionState, Contributions, Datanets, DrawQueue,
	Error, Event, HoldReason, NextContribution, Pallet, Phase, Review, Reviews, Revocation, Roots,
	Versions, DRAW_DELAY, MAX_URI,
};
use openledger_primitives::{
	merkle::Hash, parameters::CurationParameters, traits, Balance, ContributionId, DatanetId,
	DatanetVersion,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, tokens::Precision},
	},
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
		ensure!(records > 0 && bytes > 0, Error::<T>::ContributionEmpty);
		ensure!(!Roots::<T>::contains_key(root), Error::<T>::RootTaken);
		let id = NextContribution::<T>::get();
		NextContribution::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);

		let parameters = Self::parameters();
		let bond = bond_for(&parameters, bytes);
		let fee = parameters.review_fee;
		T::Currency::hold(&HoldReason::Contribution.into(), &contributor, bond)?;
		T::Currency::hold(&HoldReason::Review.into(), &contributor, fee)?;

		let now = Self::now();
		let deadline = now.saturating_add(DRAW_DELAY);
		target.offered = target.offered.saturating_add(1);
		Datanets::<T>::insert(datanet, target);
		Roots::<T>::insert(root, id);
		Reviews::<T>::insert(
			id,
			Review { fee, phase: Phase::Draw, deadline, seats: BoundedVec::new() },
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
		let version = Self::remove(&contribution, &acceptance).ok_or(Error::<T>::UnknownDatanet)?;
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
		let ContributionState::Revoked { revocation, .. } = contribution.state else {
			return Err(Error::<T>::NotRevoked.into());
		};
		ensure!(contribution.bond > 0, Error::<T>::BondAlreadyReleased);
		ensure!(Self::now() >= revocation.bond_until, Error::<T>::ExitWindowOpen);
		let amount = core::mem::take(&mut contribution.bond);
		let contributor = contribution.contributor.clone();
		T::Currency::release(
			&HoldReason::Contribution.into(),
			&contributor,
			amount,
			Precision::Exact,
		)?;
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::BondReleased { contribution: id, contributor, amount });
		Ok(())
	}
}

/// Base and every started KiB.
fn bond_for(parameters: &CurationParameters, bytes: u64) -> Balance {
	let kib = Balance::from(bytes.div_ceil(1024));
	parameters.bond_base.saturating_add(parameters.bond_per_kib.saturating_mul(kib))
}

impl<T: Config> traits::Datanets<AccountIdOf<T>> for Pallet<T> {
	fn version_exists(version: &DatanetVersion) -> bool {
		Versions::<T>::contains_key(version.datanet, version.version)
	}

	fn ensure_may_train(builder: &AccountIdOf<T>, datanet: DatanetId) -> DispatchResult {
		Self::check_training(builder, datanet)
	}

	fn data_fee(datanet: DatanetId) -> Balance {
		Datanets::<T>::get(datanet).map(|datanet| datanet.data_fee).unwrap_or_default()
	}

	fn payee(contribution: ContributionId, versions: &[DatanetVersion]) -> Option<AccountIdOf<T>> {
		let contribution = Contributions::<T>::get(contribution)?;
		let earns = versions
			.iter()
			.any(|v| v.datanet == contribution.datanet && contribution.earns_in(v.version));
		earns.then_some(contribution.contributor)
	}
}
