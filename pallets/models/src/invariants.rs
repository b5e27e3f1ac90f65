//! What has to hold at every block.

use crate::{
	lineage::{heritage, Heritage},
	AccountIdOf, Config, HoldReason, Model, Models, NextModel, Pallet, MAX_ROYALTIES,
};
use alloc::collections::BTreeMap;
use openledger_primitives::{traits::Datanets, Balance, ModelId};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect as _},
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		// 1. Models are numbered from 0 without a gap.
		let next = NextModel::<T>::get();
		ensure!(Models::<T>::iter_keys().all(|id| id < next), "a model has an unused id");
		ensure!(Models::<T>::iter_keys().count() == next.0 as usize, "a model is missing");

		// 2. Held is exactly the deposits.
		let mut deposits = BTreeMap::<_, Balance>::new();
		for model in Models::<T>::iter_values() {
			let sum = deposits.entry(model.owner).or_default();
			*sum = sum.saturating_add(model.deposit);
		}
		let reason = HoldReason::Model.into();
		ensure!(
			deposits.iter().all(|(who, sum)| T::Currency::balance_on_hold(&reason, who) == *sum),
			"an account's holds differ from its deposits"
		);

		Models::<T>::iter().try_for_each(|(id, model)| Self::check_model(id, &model))
	}

	fn check_model(id: ModelId, model: &Model<AccountIdOf<T>>) -> Result<(), TryRuntimeError> {
		// 3. An adapter came after its base, and stands on what its base stands on.
		let inherited = match model.bases.last() {
			Some(base_id) => {
				ensure!(*base_id < id, "a base came after its adapter");
				let base = Models::<T>::get(base_id).ok_or("a base is no model")?;
				let (_, below) = model.bases.split_last().ok_or("no base")?;
				ensure!(below == &base.bases[..], "an adapter's lineage is not its base's");
				let bases = model.bases.clone();
				Heritage { bases, trained_on: base.trained_on, ..Default::default() }
			}
			None => Heritage::default(),
		};

		// 4. It was trained on what it declares and inherits, all of which exists.
		let own = heritage::<T>(inherited, &model.manifest.datanets, model.manifest.royalty)
			.map_err(|_| "too many Datanets")?;
		ensure!(own.trained_on == model.trained_on, "the heritage is wrong");
		ensure!(!model.trained_on.is_empty(), "a model was trained on nothing");
		ensure!(
			model.trained_on.iter().all(T::Datanets::version_exists),
			"a model was trained on a version that does not exist"
		);

		// 5. Royalties leave the owner at least half of the models' part.
		let royalties = Self::lineage(model)
			.iter()
			.fold(model.manifest.royalty.0, |sum, (.., royalty)| sum.saturating_add(royalty.0));
		ensure!(royalties <= MAX_ROYALTIES, "royalties are too high");
		Ok(())
	}
}
