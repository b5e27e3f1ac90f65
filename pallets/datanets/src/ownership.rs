//! What a Datanet's owner decides.

use crate::{
	purse::Purse, AccountIdOf, Config, Datanet, DatanetTerms, Datanets, DelistedSince,
	EarnedLatelyByAll, Error, Event, HoldReason, Kind, Metadata, NextDatanet, Pallet, Permission,
	PermissionKept, Permissions, Policies,
};
use openledger_primitives::{traits::Terms, Balance, DatanetId, TOTAL_ISSUANCE};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::MutateHold},
	sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_create(
		owner: AccountIdOf<T>,
		kind: Kind,
		metadata: Metadata,
	) -> DispatchResult {
		Self::check_metadata(&metadata)?;
		let id = NextDatanet::<T>::get();
		NextDatanet::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);
		let deposit = Self::parameters().datanet_deposit;
		T::Currency::hold(&HoldReason::Datanet.into(), &owner, deposit)?;
		let datanet = Datanet {
			owner: owner.clone(),
			kind,
			metadata,
			data_fee: 0,
			deposit,
			offered: 0,
			version: 0,
			created_at: Self::now(),
			pending: 0,
		};
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::DatanetCreated { datanet: id, owner, kind, deposit });
		Ok(())
	}

	pub(crate) fn do_set_metadata(
		who: AccountIdOf<T>,
		id: DatanetId,
		metadata: Metadata,
	) -> DispatchResult {
		Self::change(who, id, |datanet| {
			Self::check_metadata(&metadata)?;
			// what was offered under one licence cannot be passed on under another
			let same_licence = metadata.licence == datanet.metadata.licence;
			ensure!(same_licence || datanet.offered == 0, Error::<T>::LicenceFixed);
			datanet.metadata = metadata;
			Self::deposit_event(Event::MetadataSet { datanet: id });
			Ok(())
		})
	}

	pub(crate) fn do_set_permission(
		who: AccountIdOf<T>,
		id: DatanetId,
		permission: Permission<AccountIdOf<T>>,
	) -> DispatchResult {
		let datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(datanet.owner == who, Error::<T>::NotOwner);
		let kept = PermissionKept::<T>::get(id);
		let is_over = kept.is_none_or(|until| until < Self::now());
		ensure!(is_over || permission == Permission::Open, Error::<T>::PermissionKept);
		if is_over {
			PermissionKept::<T>::remove(id);
		}
		match permission {
			Permission::Open => Permissions::<T>::remove(id),
			_ => Permissions::<T>::insert(id, &permission),
		}
		Self::deposit_event(Event::PermissionSet { datanet: id, permission });
		Ok(())
	}

	pub(crate) fn do_set_data_fee(
		who: AccountIdOf<T>,
		id: DatanetId,
		fee: Balance,
	) -> DispatchResult {
		Self::change(who, id, |datanet| {
			ensure!(fee <= TOTAL_ISSUANCE, Error::<T>::DataFeeTooHigh);
			let old_value = core::mem::replace(&mut datanet.data_fee, fee);
			Self::deposit_event(Event::DataFeeSet { datanet: id, old_value, new_value: fee });
			Ok(())
		})
	}

	pub(crate) fn do_set_terms(who: AccountIdOf<T>, id: DatanetId, terms: Terms) -> DispatchResult {
		let datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(datanet.owner == who, Error::<T>::NotOwner);
		ensure!(datanet.offered == 0, Error::<T>::TermsFixed);
		if terms == Terms::default() {
			DatanetTerms::<T>::remove(id);
		} else {
			DatanetTerms::<T>::insert(id, terms);
		}
		Self::deposit_event(Event::TermsSet { datanet: id, terms });
		Ok(())
	}

	pub(crate) fn do_close(who: AccountIdOf<T>, id: DatanetId) -> DispatchResult {
		let datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(datanet.owner == who, Error::<T>::NotOwner);
		ensure!(datanet.version == 0 && datanet.pending == 0, Error::<T>::DatanetInUse);
		Datanets::<T>::remove(id);
		Permissions::<T>::remove(id);
		DatanetTerms::<T>::remove(id);
		Policies::<T>::remove(id);
		DelistedSince::<T>::remove(id);
		PermissionKept::<T>::remove(id);
		EarnedLatelyByAll::<T>::remove(id);
		let deposit = Purse::<T>::new(HoldReason::Datanet, &who, datanet.deposit).give_back();
		Self::deposit_event(Event::DatanetClosed { datanet: id, owner: who, deposit });
		Ok(())
	}

	/// Whether `builder` may train on the Datanet.
	pub(crate) fn check_training(builder: &AccountIdOf<T>, id: DatanetId) -> DispatchResult {
		let datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(!DelistedSince::<T>::contains_key(id), Error::<T>::Delisted);
		let permitted = datanet.owner == *builder
			|| match Permissions::<T>::get(id) {
				Permission::Open => true,
				Permission::OwnerOnly => false,
				Permission::Allowed(builders) => builders.contains(builder),
			};
		ensure!(permitted, Error::<T>::TrainingNotPermitted);
		Ok(())
	}

	fn change(
		who: AccountIdOf<T>,
		id: DatanetId,
		change: impl FnOnce(&mut Datanet<AccountIdOf<T>>) -> DispatchResult,
	) -> DispatchResult {
		Datanets::<T>::try_mutate(id, |datanet| -> Result<(), DispatchError> {
			let datanet = datanet.as_mut().ok_or(Error::<T>::UnknownDatanet)?;
			ensure!(datanet.owner == who, Error::<T>::NotOwner);
			change(datanet)
		})
	}

	fn check_metadata(metadata: &Metadata) -> DispatchResult {
		ensure!(!metadata.name.is_empty(), Error::<T>::NameMissing);
		ensure!(!metadata.licence.is_empty(), Error::<T>::LicenceMissing);
		let texts = [&metadata.name[..], &metadata.description[..], &metadata.licence[..]];
		let all_text = texts.iter().all(|text| core::str::from_utf8(text).is_ok());
		ensure!(all_text, Error::<T>::MetadataNotText);
		Ok(())
	}
}
