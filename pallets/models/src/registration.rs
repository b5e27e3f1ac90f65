//! Checking a manifest and registering it; what an owner changes afterwards.

use crate::{
	lineage::{heritage, Heritage},
	AccountIdOf, Config, Error, Event, HoldReason, Model, Models, NextModel, Pallet, MAX_ROYALTIES,
};
use openledger_primitives::{
	traits::Datanets, Balance, DatanetVersion, Manifest, ModelId, Ppm, TOTAL_ISSUANCE,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, Get},
	},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: AccountIdOf<T>,
		base: Option<ModelId>,
		manifest: Manifest,
	) -> DispatchResult {
		Self::check_manifest(&owner, &manifest)?;
		let inherited = match base {
			Some(id) => Self::inherit(&owner, id)?,
			None => Heritage::default(),
		};
		let Heritage { bases, trained_on, royalties } =
			heritage::<T>(inherited, &manifest.datanets, manifest.royalty)?;
		ensure!(royalties <= Ppm(MAX_ROYALTIES), Error::<T>::RoyaltiesTooHigh);

		let id = NextModel::<T>::get();
		NextModel::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);
		let deposit = Self::parameters().model_deposit;
		T::Currency::hold(&HoldReason::Model.into(), &owner, deposit)?;
		let model = Model {
			owner: owner.clone(),
			manifest,
			bases,
			trained_on,
			price: 0,
			active: true,
			deposit,
			registered_at: Self::now(),
		};
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelRegistered { model: id, owner, base, deposit });
		Ok(())
	}

	pub(crate) fn do_set_price(who: AccountIdOf<T>, id: ModelId, price: Balance) -> DispatchResult {
		Self::change(who, id, |model| {
			ensure!(price <= TOTAL_ISSUANCE, Error::<T>::PriceTooHigh);
			let old_value = core::mem::replace(&mut model.price, price);
			Self::deposit_event(Event::PriceSet { model: id, old_value, new_value: price });
			Ok(())
		})
	}

	pub(crate) fn do_set_status(who: AccountIdOf<T>, id: ModelId, active: bool) -> DispatchResult {
		Self::change(who, id, |model| {
			model.active = active;
			Self::deposit_event(Event::StatusSet { model: id, active });
			Ok(())
		})
	}

	fn change(
		who: AccountIdOf<T>,
		id: ModelId,
		change: impl FnOnce(&mut Model<AccountIdOf<T>>) -> DispatchResult,
	) -> DispatchResult {
		Models::<T>::try_mutate(id, |model| {
			let model = model.as_mut().ok_or(Error::<T>::UnknownModel)?;
			ensure!(model.owner == who, Error::<T>::NotOwner);
			change(model)
		})
	}

	fn check_manifest(builder: &AccountIdOf<T>, manifest: &Manifest) -> DispatchResult {
		let bytes = manifest.input_bytes;
		ensure!(bytes > 0 && bytes.is_multiple_of(4), Error::<T>::InvalidInputSize);
		let known = 1..=T::EngineVersion::get();
		ensure!(known.contains(&manifest.engine_version), Error::<T>::UnknownEngineVersion);
		ensure!(manifest.royalty.is_valid(), Error::<T>::InvalidRoyalty);
		let datanets = &manifest.datanets;
		ensure!(!datanets.is_empty(), Error::<T>::NoDatanets);
		let mut pairs = datanets.iter().zip(datanets.iter().skip(1));
		ensure!(pairs.all(|(a, b)| a.datanet < b.datanet), Error::<T>::DatanetsUnsorted);
		ensure!(datanets.iter().all(T::Datanets::version_exists), Error::<T>::UnknownVersion);
		Self::check_training(builder, datanets)
	}

	/// What an adapter gets from its base; the builder needs the permission of all its Datanets.
	fn inherit(
		builder: &AccountIdOf<T>,
		id: ModelId,
	) -> Result<Heritage, polkadot_sdk::sp_runtime::DispatchError> {
		let base = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(base.active, Error::<T>::BaseInactive);
		Self::check_training(builder, &base.trained_on)?;
		let royalties = Self::lineage(&base)
			.iter()
			.fold(base.manifest.royalty.0, |sum, (.., royalty)| sum.saturating_add(royalty.0));
		let mut bases = base.bases;
		bases.try_push(id).map_err(|_| Error::<T>::TooDeep)?;
		Ok(Heritage { bases, trained_on: base.trained_on, royalties: Ppm(royalties) })
	}

	fn check_training(builder: &AccountIdOf<T>, versions: &[DatanetVersion]) -> DispatchResult {
		versions.iter().try_for_each(|v| T::Datanets::ensure_may_train(builder, v.datanet))
	}
}
