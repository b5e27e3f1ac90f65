//! Checking a manifest and registering it.

use crate::{
	announced::Announced,
	lineage::{heritage, Heritage},
	AccountIdOf, Config, Error, Event, HoldReason, Model, Models, NextModel, Pallet, MAX_ROYALTIES,
};
use openledger_primitives::{traits::Datanets, DatanetVersion, Manifest, ModelId, Ppm};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, Get},
	},
	sp_runtime::{DispatchError, DispatchResult},
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
		if let Some(base) = base {
			Models::<T>::mutate_extant(base, |base| {
				base.adapters = base.adapters.saturating_add(1);
			});
		}
		let engine_version = manifest.engine_version;
		let model = Model {
			owner: owner.clone(),
			manifest,
			bases,
			trained_on,
			price: Announced::new(0),
			unit_price: Announced::new(0),
			active: Announced::new(true),
			engine_version: Announced::new(engine_version),
			adapters: 0,
			next_evaluation: 0,
			deposit,
			registered_at: Self::now(),
		};
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelRegistered { model: id, owner, base, deposit });
		Ok(())
	}

	fn check_manifest(builder: &AccountIdOf<T>, manifest: &Manifest) -> DispatchResult {
		let bytes = manifest.input_bytes;
		let fits = manifest.task.takes_text() || bytes.is_multiple_of(4);
		ensure!(bytes > 0 && fits, Error::<T>::InvalidInputSize);
		Self::check_engine_version(manifest.engine_version)?;
		ensure!(manifest.royalty.is_valid(), Error::<T>::InvalidRoyalty);
		let datanets = &manifest.datanets;
		ensure!(!datanets.is_empty(), Error::<T>::NoDatanets);
		let mut pairs = datanets.iter().zip(datanets.iter().skip(1));
		ensure!(pairs.all(|(a, b)| a.datanet < b.datanet), Error::<T>::DatanetsUnsorted);
		ensure!(datanets.iter().all(T::Datanets::version_exists), Error::<T>::UnknownVersion);
		Self::check_training(builder, datanets)
	}

	pub(crate) fn check_engine_version(version: u32) -> Result<(), Error<T>> {
		let known = 1..=T::EngineVersion::get();
		ensure!(known.contains(&version), Error::<T>::UnknownEngineVersion);
		Ok(())
	}

	/// What an adapter gets from its base; the builder needs the permission of all its Datanets.
	fn inherit(builder: &AccountIdOf<T>, id: ModelId) -> Result<Heritage, DispatchError> {
		let base = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(base.active.at(Self::now()), Error::<T>::BaseInactive);
		ensure!(!Self::delisted(id), Error::<T>::Delisted);
		let derivatives = |datanet| T::Datanets::terms(datanet).derivatives;
		ensure!(
			base.trained_on.iter().all(|version| derivatives(version.datanet)),
			Error::<T>::NoDerivatives
		);
		Self::check_training(builder, &base.trained_on)?;
		let royalties = Self::lineage_of(&base)
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
