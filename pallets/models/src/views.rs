//! Answers to [`crate::runtime_api::ModelsApi`]; the runtime calls them.

use crate::{
	runtime_api::{BaseView, EvaluationView, ModelView, RevokedView, MAX_PAGE},
	AccountIdOf, Config, Evaluations, Listing, Listings, Models, NextModel, Pallet, Trained,
};
use alloc::vec::Vec;
use openledger_primitives::{traits::Datanets, ModelId};

impl<T: Config> Pallet<T> {
	/// A model with its lineage, its data fee and what counts now.
	pub fn model_view(id: ModelId) -> Option<ModelView<AccountIdOf<T>>> {
		let model = Models::<T>::get(id)?;
		let lineage = Self::lineage_of(&model)
			.into_iter()
			.map(|(id, owner, royalty)| BaseView { id, owner, royalty })
			.collect();
		let now = Self::now();
		Some(ModelView {
			id,
			lineage,
			data_fee: Self::data_fee_of(&model),
			price: model.price.at(now),
			unit_price: model.unit_price.at(now),
			active: Self::is_open(id, &model),
			engine_version: model.engine_version.at(now),
			revoked: Self::revoked(&model.trained_on),
			listed_since: match Listings::<T>::get(id) {
				Some(Listing::Listed { since }) => Some(since),
				_ => None,
			},
			delisted: Self::delisted(id),
			model,
		})
	}

	/// Models from id `from` on; at most [`MAX_PAGE`].
	pub fn models_view(from: ModelId, limit: u32) -> Vec<ModelView<AccountIdOf<T>>> {
		(from.0..NextModel::<T>::get().0)
			.filter_map(|id| Self::model_view(ModelId(id)))
			.take(limit.min(MAX_PAGE) as usize)
			.collect()
	}

	/// The evaluations kept of a model.
	pub fn evaluations_view(id: ModelId) -> Vec<EvaluationView<AccountIdOf<T>>> {
		let mut views: Vec<_> = Evaluations::<T>::iter_prefix(id)
			.map(|(number, record)| EvaluationView { number, record })
			.collect();
		views.sort_unstable_by_key(|view| view.number);
		views
	}

	fn revoked(versions: &Trained) -> Vec<RevokedView> {
		versions
			.iter()
			.map(|version| RevokedView {
				version: *version,
				contributions: T::Datanets::revoked_since(version),
			})
			.filter(|view| view.contributions > 0)
			.collect()
	}
}
