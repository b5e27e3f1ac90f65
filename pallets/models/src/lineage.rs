//! What a model inherits from its bases, and who of them is paid.

use crate::{AccountIdOf, Bases, Config, Error, Model, Models, Pallet, Trained};
use alloc::{collections::BTreeMap, vec::Vec};
use openledger_primitives::{
	traits::{self, Datanets, ModelInfo},
	Balance, DatanetVersion, ModelId, Ppm,
};

/// What a model and its bases add up to.
#[derive(Default)]
pub(crate) struct Heritage {
	pub(crate) bases: Bases,
	pub(crate) trained_on: Trained,
	pub(crate) royalties: Ppm,
}

/// Adds a model's own to what it inherits: of each Datanet the later version, since a later version
/// pays whatever an earlier one does.
pub(crate) fn heritage<T: Config>(
	inherited: Heritage,
	own: &[DatanetVersion],
	royalty: Ppm,
) -> Result<Heritage, Error<T>> {
	let mut latest = BTreeMap::new();
	for DatanetVersion { datanet, version } in inherited.trained_on.iter().chain(own) {
		let known: &mut u32 = latest.entry(*datanet).or_default();
		*known = (*known).max(*version);
	}
	let trained_on = latest
		.into_iter()
		.map(|(datanet, version)| DatanetVersion { datanet, version })
		.collect::<Vec<_>>()
		.try_into()
		.map_err(|_| Error::<T>::TooManyDatanets)?;
	let royalties = Ppm(inherited.royalties.0.saturating_add(royalty.0));
	Ok(Heritage { bases: inherited.bases, trained_on, royalties })
}

impl<T: Config> Pallet<T> {
	/// The bases of a model with their owners and royalties, the deepest first.
	pub(crate) fn lineage_of(model: &Model<AccountIdOf<T>>) -> Vec<(ModelId, AccountIdOf<T>, Ppm)> {
		model
			.bases
			.iter()
			.filter_map(|id| {
				Models::<T>::get(id).map(|base| (*id, base.owner, base.manifest.royalty))
			})
			.collect()
	}

	/// Sum of the least data fees for one call, as they are now.
	pub(crate) fn data_fee_of(model: &Model<AccountIdOf<T>>) -> Balance {
		model
			.trained_on
			.iter()
			.map(|version| T::Datanets::data_fee(version.datanet))
			.fold(0, Balance::saturating_add)
	}
}

impl<T: Config> traits::Models<AccountIdOf<T>> for Pallet<T> {
	fn exists(id: ModelId) -> bool {
		Models::<T>::contains_key(id)
	}

	fn model(id: ModelId) -> Option<ModelInfo<AccountIdOf<T>>> {
		let model = Models::<T>::get(id)?;
		let now = Self::now();
		let active = Self::is_open(id, &model);
		let Model { owner, manifest, trained_on, .. } = model;
		Some(ModelInfo {
			owner,
			active,
			price: model.price.at(now),
			unit_price: model.unit_price.at(now),
			artifact: manifest.artifact,
			features: manifest.features,
			task: manifest.task,
			input_bytes: manifest.input_bytes,
			feature_scale: manifest.feature_scale,
			answer_scale: manifest.answer_scale,
			engine_version: model.engine_version.at(now),
			datanets: trained_on.into_inner(),
		})
	}

	fn data_fee(id: ModelId) -> Balance {
		Models::<T>::get(id).map(|model| Self::data_fee_of(&model)).unwrap_or_default()
	}

	fn lineage(id: ModelId) -> Vec<(ModelId, AccountIdOf<T>, Ppm)> {
		Models::<T>::get(id).map(|model| Self::lineage_of(&model)).unwrap_or_default()
	}
}
