//! What models and payments ask.

use crate::{
	AccountIdOf, Config, ContributionEarnings, Contributions, DatanetEarnings, DatanetTerms,
	DelistedSince, Pallet, PermissionKept, Versions,
};
use codec::Encode;
use openledger_math::sketch;
use openledger_primitives::{
	traits::{self, Accepted, ContributionInfo, Terms},
	Balance, BlockNumber, ContributionId, DatanetId, DatanetVersion,
};
use polkadot_sdk::{sp_io::hashing::blake2_128, sp_runtime::DispatchResult};

impl<T: Config> traits::Datanets<AccountIdOf<T>> for Pallet<T> {
	fn version_exists(version: &DatanetVersion) -> bool {
		Versions::<T>::contains_key(version.datanet, version.version)
	}

	fn ensure_may_train(builder: &AccountIdOf<T>, datanet: DatanetId) -> DispatchResult {
		Self::check_training(builder, datanet)
	}

	fn data_fee(datanet: DatanetId) -> Balance {
		Self::data_fee_of(datanet)
	}

	fn terms(datanet: DatanetId) -> Terms {
		DatanetTerms::<T>::get(datanet)
	}

	fn revoked_since(version: &DatanetVersion) -> u32 {
		Self::removed_since(version)
	}

	fn note_earning(id: ContributionId, payer: &AccountIdOf<T>, amount: Balance) {
		let Some(contribution) = Contributions::<T>::get(id) else { return };
		// what is pending cannot have earned, and may be forgotten
		if amount == 0 || contribution.state.acceptance().is_none() {
			return;
		}
		ContributionEarnings::<T>::mutate(id, |sum| *sum = sum.saturating_add(amount));
		DatanetEarnings::<T>::mutate(contribution.datanet, |earnings| {
			earnings.amount = earnings.amount.saturating_add(amount);
			sketch::note(&mut earnings.payers, payer_hash(payer));
		});
		// who pays itself has no say for it
		if *payer != contribution.contributor {
			Self::note_earned(contribution.datanet, &contribution.contributor, amount);
		}
	}

	fn payee(contribution: ContributionId, versions: &[DatanetVersion]) -> Option<AccountIdOf<T>> {
		let contribution = Contributions::<T>::get(contribution)?;
		let earns = versions
			.iter()
			.any(|v| v.datanet == contribution.datanet && contribution.earns_in(v.version));
		earns.then_some(contribution.contributor)
	}
}

impl<T: Config> traits::Contributions<AccountIdOf<T>> for Pallet<T> {
	fn takes_contributions(id: DatanetId) -> bool {
		crate::Datanets::<T>::contains_key(id) && Self::ensure_accepts(id).is_ok()
	}

	fn exists(id: DatanetId) -> bool {
		crate::Datanets::<T>::contains_key(id)
	}

	fn is_gone(id: DatanetId) -> bool {
		!crate::Datanets::<T>::contains_key(id) || DelistedSince::<T>::contains_key(id)
	}

	fn may_train(builder: &AccountIdOf<T>, id: DatanetId) -> bool {
		Self::check_training(builder, id).is_ok()
	}

	fn keep_permission(id: DatanetId, until: BlockNumber) {
		let kept = PermissionKept::<T>::get(id).unwrap_or_default();
		PermissionKept::<T>::insert(id, kept.max(until));
	}

	fn contribution(id: ContributionId) -> Option<ContributionInfo<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(id)?;
		let datanet = contribution.datanet;
		let accepted = contribution.state.acceptance().and_then(|acceptance| {
			let version = DatanetVersion { datanet, version: acceptance.version };
			Some(Accepted {
				at: Self::made_at(&version)?,
				quality: acceptance.quality,
				bytes: acceptance.bytes,
				removed: contribution.state.revocation().is_some(),
			})
		});
		Some(ContributionInfo {
			datanet,
			contributor: contribution.contributor,
			records: contribution.records,
			offered_at: contribution.offered_at,
			accepted,
		})
	}

	fn made_at(version: &DatanetVersion) -> Option<BlockNumber> {
		Versions::<T>::get(version.datanet, version.version).map(|version| version.created_at)
	}
}

/// Uniform over accounts.
fn payer_hash(payer: &impl Encode) -> u64 {
	(u128::from_be_bytes(blake2_128(&payer.encode())) >> 64) as u64
}
