//! What an owner changes after registration.

use crate::{
	announced::Announced, AccountIdOf, Config, Error, Evaluations, Event, HoldReason, Listings,
	Model, Models, Pallet,
};
use openledger_primitives::{
	traits::{Datanets, ModelUse},
	Balance, BlockNumber, ModelId, TOTAL_ISSUANCE,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::MutateHold, tokens::Precision, Get},
	},
	sp_runtime::DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_price(who: AccountIdOf<T>, id: ModelId, price: Balance) -> DispatchResult {
		Self::change(who, id, |model| {
			Self::check_price(model, price)?;
			let from = Self::rise_counts_from(model, &model.price, price);
			let old_value = Self::announce(&mut model.price, price, from);
			Self::deposit_event(Event::PriceSet { model: id, old_value, new_value: price, from });
			Ok(())
		})
	}

	pub(crate) fn do_set_unit_price(
		who: AccountIdOf<T>,
		id: ModelId,
		unit_price: Balance,
	) -> DispatchResult {
		Self::change(who, id, |model| {
			Self::check_price(model, unit_price)?;
			let from = Self::rise_counts_from(model, &model.unit_price, unit_price);
			let old_value = Self::announce(&mut model.unit_price, unit_price, from);
			let new_value = unit_price;
			Self::deposit_event(Event::UnitPriceSet { model: id, old_value, new_value, from });
			Ok(())
		})
	}

	pub(crate) fn do_set_status(who: AccountIdOf<T>, id: ModelId, active: bool) -> DispatchResult {
		Self::change(who, id, |model| {
			ensure!(!active || !Self::delisted(id), Error::<T>::Delisted);
			let closes = model.active.at(Self::now()) && !active;
			let from = if closes { Self::after_notice(model) } else { Self::now() };
			Self::announce(&mut model.active, active, from);
			Self::deposit_event(Event::StatusSet { model: id, active, from });
			Ok(())
		})
	}

	pub(crate) fn do_set_engine_version(
		who: AccountIdOf<T>,
		id: ModelId,
		version: u32,
		at: BlockNumber,
	) -> DispatchResult {
		Self::change(who, id, |model| {
			Self::check_engine_version(version)?;
			let earliest = Self::now().saturating_add(Self::parameters().notice);
			ensure!(at >= earliest, Error::<T>::TooSoon);
			let old_value = Self::announce(&mut model.engine_version, version, at);
			let new_value = version;
			Self::deposit_event(Event::EngineVersionSet {
				model: id,
				old_value,
				new_value,
				from: at,
			});
			Ok(())
		})
	}

	pub(crate) fn do_retire(who: AccountIdOf<T>, id: ModelId) -> DispatchResult {
		let model = Self::owned(&who, id)?;
		ensure!(!Self::is_open(id, &model), Error::<T>::StillActive);
		ensure!(model.adapters == 0, Error::<T>::HasAdapters);
		ensure!(T::Usage::jobs_of(id) == 0, Error::<T>::HasJobs);
		ensure!(
			Evaluations::<T>::iter_prefix_values(id).all(|record| record.is_final()),
			Error::<T>::EvaluationOpen
		);
		let released = T::Currency::release(
			&HoldReason::Model.into(),
			&who,
			model.deposit,
			Precision::BestEffort,
		)?;
		if let Some(base) = model.bases.last() {
			Models::<T>::mutate_extant(base, |base| {
				base.adapters = base.adapters.saturating_sub(1);
			});
		}
		Models::<T>::remove(id);
		Listings::<T>::remove(id);
		// as many as are kept of one model, hence all
		let _ = Evaluations::<T>::clear_prefix(id, T::MaxEvaluations::get(), None);
		T::Usage::end_service(id);
		Self::deposit_event(Event::ModelRetired { model: id, owner: who, released });
		Ok(())
	}

	/// The model, if it is `who`'s.
	pub(crate) fn owned(
		who: &AccountIdOf<T>,
		id: ModelId,
	) -> Result<Model<AccountIdOf<T>>, Error<T>> {
		let model = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.owner == *who, Error::<T>::NotOwner);
		Ok(model)
	}

	fn change(
		who: AccountIdOf<T>,
		id: ModelId,
		change: impl FnOnce(&mut Model<AccountIdOf<T>>) -> DispatchResult,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		change(&mut model)?;
		Models::<T>::insert(id, model);
		Ok(())
	}

	fn check_price(model: &Model<AccountIdOf<T>>, price: Balance) -> DispatchResult {
		ensure!(price <= TOTAL_ISSUANCE, Error::<T>::PriceTooHigh);
		let commercial = |datanet| T::Datanets::terms(datanet).commercial;
		ensure!(
			price == 0 || model.trained_on.iter().all(|version| commercial(version.datanet)),
			Error::<T>::NotCommercial
		);
		Ok(())
	}

	/// Announces `value`, and says what counts now.
	fn announce<V: Copy>(field: &mut Announced<V>, value: V, from: BlockNumber) -> V {
		let now = Self::now();
		let before = field.at(now);
		field.announce(value, from, now);
		before
	}

	fn rise_counts_from(
		model: &Model<AccountIdOf<T>>,
		price: &Announced<Balance>,
		value: Balance,
	) -> BlockNumber {
		if value > price.at(Self::now()) {
			Self::after_notice(model)
		} else {
			Self::now()
		}
	}

	/// When what needs notice counts: at once in the block of registration, since nobody has relied
	/// on the model yet.
	fn after_notice(model: &Model<AccountIdOf<T>>) -> BlockNumber {
		let now = Self::now();
		if model.registered_at == now {
			now
		} else {
			now.saturating_add(Self::parameters().notice)
		}
	}
}
