//! What has to hold at every block.

use crate::{
	lineage::{heritage, Heritage},
	AccountIdOf, Config, DeadlineBounds, DeadlineEntries, DrawBounds, DrawEntries, Due,
	EvaluationRecord, Evaluations, HoldReason, Listing, Listings, Model, Models, NextModel, Pallet,
	Progress, MAX_ROYALTIES,
};
use alloc::collections::{BTreeMap, BTreeSet};
use openledger_primitives::{traits::Datanets, Balance, ModelId, TOTAL_ISSUANCE};
use polkadot_sdk::{
	frame_support::{
		ensure,
		storage::{StorageMap, StorageValue},
		traits::{fungible::hold::Inspect as _, Get},
		IterableStorageMap,
	},
	frame_system,
	sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		// 1. Ids were given in their order.
		let next = NextModel::<T>::get();
		ensure!(Models::<T>::iter_keys().all(|id| id < next), "a model has an unused id");

		Self::check_holds()?;
		Models::<T>::iter().try_for_each(|(id, model)| Self::check_model(id, &model))?;
		Self::check_adapters()?;
		Self::check_evaluations()?;
		Self::check_listings()
	}

	/// 12. What the community said is of a model, and was said before now.
	fn check_listings() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		for (id, listing) in Listings::<T>::iter() {
			ensure!(Models::<T>::contains_key(id), "a listing is of no model");
			let (Listing::Listed { since } | Listing::Delisted { since }) = listing;
			ensure!(since <= now, "a listing lies in the future");
		}
		Ok(())
	}

	/// 2. Held is exactly the deposits, of models and of evaluations.
	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut models = BTreeMap::<_, Balance>::new();
		let mut evaluations = BTreeMap::<_, Balance>::new();
		for (id, model) in Models::<T>::iter() {
			let sum = evaluations.entry(model.owner.clone()).or_default();
			for record in Evaluations::<T>::iter_prefix_values(id) {
				*sum = sum.saturating_add(record.deposit);
			}
			let sum = models.entry(model.owner).or_default();
			*sum = sum.saturating_add(model.deposit);
		}
		for who in frame_system::Account::<T>::iter_keys() {
			for (reason, deposits) in
				[(HoldReason::Model, &mut models), (HoldReason::Evaluation, &mut evaluations)]
			{
				ensure!(
					T::Currency::balance_on_hold(&reason.into(), &who)
						== deposits.remove(&who).unwrap_or_default(),
					"an account's holds differ from its deposits"
				);
			}
		}
		ensure!(models.is_empty() && evaluations.is_empty(), "an owner has no account");
		Ok(())
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
		let royalties = Self::lineage_of(model)
			.iter()
			.fold(model.manifest.royalty.0, |sum, (.., royalty)| sum.saturating_add(royalty.0));
		ensure!(royalties <= MAX_ROYALTIES, "royalties are too high");

		// 6. What counts now and what was announced can be paid and computed.
		for price in [&model.price, &model.unit_price] {
			let next = price.next.map_or(0, |next| next.value);
			ensure!(price.value.max(next) <= TOTAL_ISSUANCE, "a price is above all OPEN");
		}
		let version = &model.engine_version;
		let next = version.next.map_or(version.value, |next| next.value);
		for version in [version.value, next] {
			ensure!(Self::check_engine_version(version).is_ok(), "an engine version is unknown");
		}
		Ok(())
	}

	/// 7. A model counts those that stand on it directly.
	fn check_adapters() -> Result<(), TryRuntimeError> {
		let mut adapters = BTreeMap::<ModelId, u32>::new();
		for base in Models::<T>::iter_values().filter_map(|model| model.bases.last().copied()) {
			let count = adapters.entry(base).or_default();
			*count = count.saturating_add(1);
		}
		ensure!(
			Models::<T>::iter().all(|(id, model)| {
				model.adapters == adapters.get(&id).copied().unwrap_or_default()
			}),
			"a model's adapters are miscounted"
		);
		Ok(())
	}

	fn check_evaluations() -> Result<(), TryRuntimeError> {
		let draws = check_queue::<DrawBounds<T>, DrawEntries<T>>()?;
		let deadlines = check_queue::<DeadlineBounds<T>, DeadlineEntries<T>>()?;
		ensure!(
			draws.len() as u64 <= u64::from(T::MaxWaiting::get()),
			"more evaluations wait than may"
		);
		let mut kept = BTreeMap::<ModelId, u32>::new();
		for (id, number, record) in Evaluations::<T>::iter() {
			// 8. An evaluation is one of a model's latest.
			let model = Models::<T>::get(id).ok_or("an evaluation of no model")?;
			ensure!(number < model.next_evaluation, "an evaluation has an unused number");
			let count = kept.entry(id).or_default();
			*count = count.saturating_add(1);
			ensure!(*count <= T::MaxEvaluations::get(), "too many evaluations are kept");
			Self::check_progress(&record, &model.owner)?;

			// 9. What is to happen to it is queued.
			match &record.progress {
				Progress::Waiting => {
					ensure!(draws.contains_key(&(id, number)), "an evaluation waits for no draw")
				}
				Progress::Open { deadline, .. } => ensure!(
					deadlines.get(&(id, number)) == Some(deadline),
					"an evaluation has no deadline"
				),
				Progress::Attested { .. } => (),
			}
		}
		Ok(())
	}

	/// A deposit is held until an evaluation is attested; its attesters are different workers,
	/// none of them the owner.
	fn check_progress(
		record: &EvaluationRecord<AccountIdOf<T>>,
		owner: &AccountIdOf<T>,
	) -> Result<(), TryRuntimeError> {
		ensure!(record.recorded_at <= Self::now(), "an evaluation lies in the future");
		ensure!(
			record.is_final() == (record.deposit == 0),
			"an evaluation's deposit is not that of its progress"
		);
		if let Progress::Open { attesters, .. } = &record.progress {
			let workers: BTreeSet<_> = attesters.iter().map(|seat| &seat.worker).collect();
			ensure!(
				workers.len() == attesters.len() && !workers.is_empty() && !workers.contains(owner),
				"an evaluation's attesters are not apart"
			);
		}
		Ok(())
	}
}

/// 11. A queue has no gap, nothing outside it, and names nothing twice; what it holds.
fn check_queue<Bounds, Entries>() -> Result<BTreeMap<(ModelId, u32), u32>, TryRuntimeError>
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Entries: StorageMap<u64, Due, Query = Option<Due>> + IterableStorageMap<u64, Due>,
{
	let (head, tail) = Bounds::get();
	let mut queued = BTreeMap::new();
	for position in head..tail {
		let Due { model, number, at } = Entries::get(position).ok_or("a queue has a gap")?;
		ensure!(queued.insert((model, number), at).is_none(), "an evaluation is queued twice");
	}
	ensure!(
		<Entries as IterableStorageMap<u64, Due>>::iter_keys()
			.all(|position| (head..tail).contains(&position)),
		"an entry lies outside its queue"
	);
	Ok(queued)
}
