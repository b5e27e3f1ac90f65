//! Answers to [`crate::runtime_api::ModelsApi`]; the runtime calls them.

use crate::{
	runtime_api::{BaseView, ModelView, MAX_PAGE},
	AccountIdOf, Config, Models, Pallet,
};
use alloc::vec::Vec;
use openledger_primitives::ModelId;

impl<T: Config> Pallet<T> {
	/// A model with its lineage and data fee.
	pub fn model_view(id: ModelId) -> Option<ModelView<AccountIdOf<T>>> {
		let model = Models::<T>::get(id)?;
		let lineage = Self::lineage(&model)
			.into_iter()
			.map(|(id, owner, royalty)| BaseView { id, owner, royalty })
			.collect();
		let data_fee = Self::data_fee(&model);
		Some(ModelView { id, model, lineage, data_fee })
	}

	/// Models from id `from`; at most [`MAX_PAGE`].
	pub fn models_view(from: ModelId, limit: u32) -> Vec<ModelView<AccountIdOf<T>>> {
		(from.0..from.0.saturating_add(limit.min(MAX_PAGE)))
			.map_while(|id| Self::model_view(ModelId(id)))
			.collect()
	}
}
