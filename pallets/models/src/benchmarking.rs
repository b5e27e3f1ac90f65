//! Benchmarks of every call and hook, each at its costliest: the longest lineage, all Datanets that may
//! be inherited, full lists.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use crate::{
	AccountIdOf, Attester, Call, Config, DeadlineQueue, DrawQueue, Due, Evaluation,
	EvaluationRecord, Evaluations, Models, NextModel, Pallet, Progress, DRAW_DELAY, MAX_ATTESTERS,
	MAX_DEPTH, MAX_INHERITED, MAX_METRIC,
};
use alloc::vec::Vec;
use openledger_primitives::{
	fixtures::{
		BondFixtures, ChanceFixtures, DatanetFixtures, JobFixtures, ListingFixtures, ModelFixtures,
	},
	manifest::MAX_DATANETS,
	traits::{Role, MAX_INLINE_INPUT},
	Balance, BlobId, BlockNumber, ContributionId, DatanetVersion, Manifest, ModelFormat, ModelId,
	Ppm, Task, OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::traits::{fungible::Mutate, EnsureOrigin, Get},
	frame_system::{self, RawOrigin},
};

/// The runtime's pallets, as far as benchmarks set them up.
pub trait Fixtures:
	Config<
	Currency: Mutate<AccountIdOf<Self>>,
	Datanets: DatanetFixtures<AccountIdOf<Self>>,
	Bonding: BondFixtures<AccountIdOf<Self>>,
	Chance: ChanceFixtures,
	Usage: JobFixtures<AccountIdOf<Self>>,
>
{
}

impl<T> Fixtures for T where
	T: Config<
		Currency: Mutate<AccountIdOf<T>>,
		Datanets: DatanetFixtures<AccountIdOf<T>>,
		Bonding: BondFixtures<AccountIdOf<T>>,
		Chance: ChanceFixtures,
		Usage: JobFixtures<AccountIdOf<T>>,
	>
{
}

/// When models are registered; bonds have matured.
const REGISTERED: BlockNumber = 10_000;
/// When calls change them, with notice.
const NOW: BlockNumber = REGISTERED + 1;
/// More than any account needs, in planck.
const WEALTH: Balance = 1_000_000 * OPEN;
/// Above every bond at genesis: who has it enters a full role. Planck.
const BOND: Balance = 10_000_000 * OPEN;

fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

fn give<T: Config<Currency: Mutate<AccountIdOf<T>>>>(who: &AccountIdOf<T>) {
	T::Currency::set_balance(who, WEALTH);
}

fn caller<T: Fixtures>() -> T::AccountId {
	let who = whitelisted_caller();
	give::<T>(&who);
	who
}

/// Datanets, each with a data fee and an accepted contribution.
fn datanets<T>(count: u32) -> (Vec<ContributionId>, Vec<DatanetVersion>)
where
	T: Config<Datanets: DatanetFixtures<AccountIdOf<T>>>,
{
	let owner = account("datanet owner", 0, 0);
	let contributor = account("contributor", 0, 0);
	(0..count)
		.map(|_| T::Datanets::contribution(T::Datanets::datanet(&owner, OPEN / 100), &contributor))
		.unzip()
}

fn manifest(versions: &[DatanetVersion]) -> Manifest {
	Manifest {
		artifact: BlobId([1; 32]),
		format: ModelFormat::Onnx,
		task: Task::Classify,
		input_bytes: MAX_INLINE_INPUT,
		feature_scale: 8,
		answer_scale: 0,
		datanets: versions.to_vec().try_into().expect("no more than a manifest names"),
		features: BlobId([2; 32]),
		recipe: BlobId([3; 32]),
		engine_version: 1,
		royalty: Ppm(50_000),
	}
}

/// Registers so many models, each the base of the next, that were trained on `versions` together; the
/// last is `owner`'s. Answers it.
fn lineage<T>(models: u32, versions: &[DatanetVersion], owner: AccountIdOf<T>) -> ModelId
where
	T: Config<Currency: Mutate<AccountIdOf<T>>>,
{
	let mut base = None;
	let parts = versions.chunks(MAX_DATANETS as usize).cycle();
	for (level, part) in (1..=models).zip(parts) {
		let owner = match level {
			last if last == models => owner.clone(),
			_ => account("base owner", level, 0),
		};
		give::<T>(&owner);
		let id = NextModel::<T>::get();
		Pallet::<T>::do_register(owner.clone(), base, manifest(part)).expect("registered");
		Pallet::<T>::do_set_price(owner.clone(), id, OPEN / 100).expect("price set");
		Pallet::<T>::do_set_unit_price(owner, id, OPEN / 1_000).expect("unit price set");
		base = Some(id);
	}
	base.expect("there is a model")
}

/// A model with as many bases and Datanets as there may be.
fn deepest<T: Fixtures>(owner: AccountIdOf<T>) -> ModelId {
	go_to::<T>(REGISTERED);
	let (_, versions) = datanets::<T>(MAX_INHERITED);
	let model = lineage::<T>(MAX_DEPTH + 1, &versions, owner);
	go_to::<T>(NOW);
	model
}

impl<T> ModelFixtures for Pallet<T>
where
	T: Config<Currency: Mutate<AccountIdOf<T>>, Datanets: DatanetFixtures<AccountIdOf<T>>>,
{
	fn deepest_model() -> (ModelId, Vec<ContributionId>) {
		let (contributions, versions) = datanets::<T>(MAX_INHERITED);
		(lineage::<T>(MAX_DEPTH + 1, &versions, account("model owner", 0, 0)), contributions)
	}
}

fn evaluation() -> Evaluation {
	Evaluation {
		dataset: BlobId([4; 32]),
		metric: [b'm'; MAX_METRIC as usize].to_vec().try_into().expect("as long as a name may be"),
		claimed: Ppm(900_000),
	}
}

impl<T> ListingFixtures<AccountIdOf<T>> for Pallet<T>
where
	T: Config<Currency: Mutate<AccountIdOf<T>>>,
{
	fn evaluated_model(owner: &AccountIdOf<T>, version: DatanetVersion) -> ModelId {
		let model = lineage::<T>(1, &[version], owner.clone());
		keep_attested::<T>(model, T::MaxEvaluations::get());
		model
	}

	fn attested(model: ModelId, dataset: BlobId, metric: &[u8], value: Ppm) {
		let metric = metric.to_vec().try_into().expect("as long as a name may be");
		let (last, mut record) =
			Evaluations::<T>::iter_prefix(model).last().expect("some are kept");
		record.evaluation = Evaluation { dataset, metric, claimed: value };
		record.progress = Progress::Attested { value, at: Pallet::<T>::now() };
		Evaluations::<T>::insert(model, last, record);
	}
}

/// Evaluations of `model` that were attested, each on another data set.
fn keep_attested<T: Config>(model: ModelId, count: u32) {
	let progress = Progress::Attested { value: Ppm(900_000), at: REGISTERED };
	for number in 0..count {
		let dataset = BlobId([number as u8 + 100; 32]);
		let evaluation = Evaluation { dataset, ..evaluation() };
		let (recorded_at, progress) = (REGISTERED, progress.clone());
		let record = EvaluationRecord { evaluation, recorded_at, deposit: 0, progress };
		Evaluations::<T>::insert(model, number, record);
	}
	Models::<T>::mutate_extant(model, |model| model.next_evaluation = count);
}

/// An evaluation that `attester` and others repeat until `deadline`; the others are divided.
fn opened<T: Fixtures>(attester: AccountIdOf<T>, deadline: BlockNumber) -> ModelId {
	let owner: AccountIdOf<T> = account("model owner", 0, 0);
	let model = deepest::<T>(owner.clone());
	Pallet::<T>::do_record_evaluation(owner, model, evaluation()).expect("recorded");
	let mut attesters: Vec<_> = (1..MAX_ATTESTERS)
		.map(|index| Attester { worker: account("attester", index, 0), value: Some(Ppm(index)) })
		.collect();
	attesters.push(Attester { worker: attester, value: None });
	let mut record = Evaluations::<T>::get(model, 0).expect("recorded");
	let attesters = attesters.try_into().expect("no more than may attest");
	record.progress = Progress::Open { deadline, attesters };
	Evaluations::<T>::insert(model, 0, record);
	model
}

#[benchmarks(where T: Fixtures)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register(d: Linear<1, { MAX_DATANETS }>) {
		go_to::<T>(NOW);
		let owner = caller::<T>();
		let manifest = manifest(&datanets::<T>(d).1);
		let model = NextModel::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), manifest);

		assert!(Models::<T>::contains_key(model));
	}

	#[benchmark]
	fn register_adapter(d: Linear<1, { MAX_DATANETS }>) {
		go_to::<T>(NOW);
		let owner = caller::<T>();
		let (_, versions) = datanets::<T>(MAX_INHERITED);
		let base = lineage::<T>(MAX_DEPTH, &versions, account("model owner", 0, 0));
		let manifest = manifest(&versions[..d as usize]);
		let model = NextModel::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), base, manifest);

		assert_eq!(Models::<T>::get(model).unwrap().bases.len() as u32, MAX_DEPTH);
	}

	#[benchmark]
	fn set_price() {
		let owner = caller::<T>();
		let model = deepest::<T>(owner.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, OPEN);

		assert!(Models::<T>::get(model).unwrap().price.next.is_some());
	}

	#[benchmark]
	fn set_status() {
		let owner = caller::<T>();
		let model = deepest::<T>(owner.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, false);

		assert!(Models::<T>::get(model).unwrap().active.next.is_some());
	}

	#[benchmark]
	fn set_engine_version() {
		let owner = caller::<T>();
		let model = deepest::<T>(owner.clone());
		let at = NOW + Pallet::<T>::parameters().notice;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, 1, at);

		assert!(Models::<T>::get(model).unwrap().engine_version.next.is_some());
	}

	#[benchmark]
	fn record_evaluation() {
		let owner = caller::<T>();
		let model = deepest::<T>(owner.clone());
		let kept = T::MaxEvaluations::get() - 1;
		keep_attested::<T>(model, kept);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, evaluation());

		assert!(Evaluations::<T>::contains_key(model, kept));
	}

	// the last of divided attesters: the deposit goes to the treasury
	#[benchmark]
	fn attest_evaluation() {
		let worker = caller::<T>();
		let model = opened::<T>(worker.clone(), NOW);

		#[extrinsic_call]
		_(RawOrigin::Signed(worker), model, 0, Ppm(MAX_ATTESTERS));

		assert!(!Evaluations::<T>::contains_key(model, 0));
	}

	#[benchmark]
	fn retire(e: Linear<0, { T::MaxEvaluations::get() }>) {
		let owner = caller::<T>();
		let model = deepest::<T>(owner.clone());
		// in the block of registration a model closes at once
		go_to::<T>(REGISTERED);
		Pallet::<T>::do_set_status(owner.clone(), model, false).expect("closed");
		keep_attested::<T>(model, e);
		T::Usage::serve_fully(model);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model);

		assert!(!Models::<T>::contains_key(model));
	}

	#[benchmark]
	fn list() -> Result<(), BenchmarkError> {
		let origin = T::ListingOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may list"))?;
		let model = deepest::<T>(account("model owner", 0, 0));
		Pallet::<T>::do_delist(model).expect("delisted");

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, model);

		assert!(!Pallet::<T>::delisted(model));
		Ok(())
	}

	#[benchmark]
	fn delist() -> Result<(), BenchmarkError> {
		let origin = T::ListingOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may delist"))?;
		let model = deepest::<T>(account("model owner", 0, 0));
		Pallet::<T>::do_list(model).expect("listed");

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, model);

		assert!(Pallet::<T>::delisted(model));
		Ok(())
	}

	#[benchmark]
	fn look(e: Linear<0, { T::MaxEvaluationWork::get() }>) {
		for number in 0..e {
			let due = Due { model: ModelId(0), number, at: NOW };
			DrawQueue::<T>::push(due);
			DeadlineQueue::<T>::push(due);
		}

		#[block]
		{
			// before the block and when it is worked off
			Pallet::<T>::weight_of_due(NOW);
			Pallet::<T>::weight_of_due(NOW);
		}
	}

	#[benchmark]
	fn draw_attesters(w: Linear<{ MAX_ATTESTERS }, { T::MaxWorkers::get() }>) {
		let owner: T::AccountId = account("model owner", 0, 0);
		let model = deepest::<T>(owner.clone());
		for index in 0..w {
			T::Bonding::bond(Role::Worker, &account("worker", index, 0), BOND);
		}
		Pallet::<T>::do_record_evaluation(owner, model, evaluation()).expect("recorded");
		let drawn_at = NOW + DRAW_DELAY;
		T::Chance::set_seed(drawn_at, [5; 32]);

		#[block]
		{
			Pallet::<T>::draw_attesters(drawn_at);
		}

		let record = Evaluations::<T>::get(model, 0).unwrap();
		assert!(matches!(record.progress, Progress::Open { .. }));
	}

	#[benchmark]
	fn pass_deadline() {
		let model = opened::<T>(account("attester", 0, 0), NOW);
		DeadlineQueue::<T>::push(Due { model, number: 0, at: NOW });

		#[block]
		{
			Pallet::<T>::pass_deadlines(NOW);
		}

		assert!(!Evaluations::<T>::contains_key(model, 0));
	}
}
