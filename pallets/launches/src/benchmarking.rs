//! Benchmarks of every call, each at its costliest: the longest texts, the last claim of a call, as
//! many evaluations of a model as are kept.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use crate::{
	paid::FORGOTTEN, AccountIdOf, Call, CallTerms, Calls, Config, Launch, LaunchTerms, Launches,
	NextCall, NextLaunch, Paid, PaidQueue, Pallet, Stage, MAX_NAME, MAX_NOTE,
};
use alloc::vec;
use openledger_primitives::{
	fixtures::{DatanetFixtures, ListingFixtures},
	traits::{ModelListings, MAX_METRIC},
	Balance, BlobId, BlockNumber, ContributionId, DataCallId, DatanetId, LaunchId, ModelId, Ppm,
	OPEN,
};
use polkadot_sdk::{
	frame_benchmarking::v2::*,
	frame_support::{
		traits::{fungible::Mutate, EnsureOrigin, Get},
		BoundedVec,
	},
	frame_system::{self, RawOrigin},
};

/// The runtime's pallets, as far as benchmarks set them up.
pub trait Fixtures:
	Config<Datanets: DatanetFixtures<AccountIdOf<Self>>, Models: ListingFixtures<AccountIdOf<Self>>>
{
}

impl<T> Fixtures for T where
	T: Config<Datanets: DatanetFixtures<AccountIdOf<T>>, Models: ListingFixtures<AccountIdOf<T>>>
{
}

/// When calls are posted and launches proposed.
const POSTED: BlockNumber = 10_000;
/// When data are offered and versions made.
const OFFERED: BlockNumber = POSTED + 1;
/// More than any account needs, in planck.
const WEALTH: Balance = 10_000_000 * OPEN;

fn go_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

fn rich<T: Config>(who: AccountIdOf<T>) -> AccountIdOf<T> {
	T::Currency::set_balance(&who, WEALTH);
	who
}

fn caller<T: Config>() -> AccountIdOf<T> {
	rich::<T>(whitelisted_caller())
}

/// A Datanet; pot and treasury can pay and be paid.
fn datanet<T: Fixtures>() -> DatanetId {
	go_to::<T>(POSTED);
	rich::<T>(Pallet::<T>::pot());
	rich::<T>(T::Treasury::get());
	T::Datanets::datanet(&account("datanet owner", 0, 0), 0)
}

fn call_terms() -> CallTerms {
	CallTerms {
		budget: 1_000 * OPEN,
		per_record: OPEN,
		period: 10,
		min_quality: Ppm(0),
		min_record_bytes: 0,
		note: BoundedVec::truncate_from(vec![b'n'; MAX_NOTE as usize]),
	}
}

fn launch_terms(datanet: DatanetId) -> LaunchTerms {
	LaunchTerms {
		datanet,
		name: BoundedVec::truncate_from(vec![b'n'; MAX_NAME as usize]),
		note: BoundedVec::truncate_from(vec![b'n'; MAX_NOTE as usize]),
		call: call_terms(),
		holdout: BlobId([9; 32]),
		metric: BoundedVec::truncate_from(vec![b'm'; MAX_METRIC as usize]),
		goal: Ppm(900_000),
		period: 100,
	}
}

/// As many contributions as one call forgets, paid long ago.
fn paid_long_ago<T: Config>() {
	for index in 0..FORGOTTEN {
		let contribution = ContributionId(u64::MAX - u64::from(index));
		Paid::<T>::insert(contribution, DataCallId(0));
		PaidQueue::<T>::push(crate::Forgettable { contribution, until: 1 });
	}
}

fn launch<T: Config>(id: LaunchId) -> Launch<AccountIdOf<T>> {
	Launches::<T>::get(id).expect("there is a launch")
}

/// A launch of `proposer`'s.
fn proposed<T: Fixtures>(proposer: &AccountIdOf<T>) -> LaunchId {
	let id = NextLaunch::<T>::get();
	let terms = launch_terms(datanet::<T>());
	Pallet::<T>::do_propose(proposer.clone(), terms).expect("proposed");
	id
}

/// A launch of `proposer`'s that was approved, and a model that was trained on a version made since
/// and delivered; its evaluations are of other data sets.
fn delivered<T: Fixtures>(proposer: &AccountIdOf<T>) -> (LaunchId, ModelId) {
	let id = proposed::<T>(proposer);
	Pallet::<T>::do_approve(id).expect("approved");
	go_to::<T>(OFFERED);
	let datanet = launch::<T>(id).terms.datanet;
	let (_, version) = T::Datanets::contribution(datanet, &account("contributor", 0, 0));
	let model = T::Models::evaluated_model(proposer, version);
	Pallet::<T>::do_deliver(proposer.clone(), id, model).expect("delivered");
	(id, model)
}

/// Attests `value` for the delivered model.
fn attested<T: Fixtures>(id: LaunchId, model: ModelId, value: u32) {
	let LaunchTerms { holdout, metric, .. } = launch::<T>(id).terms;
	T::Models::attested(model, holdout, &metric, Ppm(value));
}

#[benchmarks(where T: Fixtures)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn post_call() {
		let who = caller::<T>();
		let datanet = datanet::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), datanet, call_terms());

		assert!(Calls::<T>::contains_key(DataCallId(0)));
	}

	#[benchmark]
	fn fund_call() -> Result<(), BenchmarkError> {
		let origin = T::SpendOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may spend"))?;
		let datanet = datanet::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, datanet, call_terms());

		assert!(Calls::<T>::contains_key(DataCallId(0)));
		Ok(())
	}

	// the last claim of a call, which closes it
	#[benchmark]
	fn claim_call() {
		let who = caller::<T>();
		let datanet = datanet::<T>();
		let funder = rich::<T>(account("funder", 0, 0));
		let terms = CallTerms { budget: 1_000 * OPEN + 1, ..call_terms() };
		let call = Pallet::<T>::open_call(funder, datanet, terms).expect("posted");
		go_to::<T>(OFFERED);
		let (contribution, _) = T::Datanets::contribution(datanet, &who);
		paid_long_ago::<T>();
		let closes_at = Calls::<T>::get(call).expect("posted").closes_at;
		go_to::<T>(closes_at);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), call, contribution, 0);

		assert!(Paid::<T>::contains_key(contribution));
		assert!(!Calls::<T>::contains_key(call));
	}

	#[benchmark]
	fn close_call() {
		let who = caller::<T>();
		let funder = rich::<T>(account("funder", 0, 0));
		let call = Pallet::<T>::open_call(funder, datanet::<T>(), call_terms()).expect("posted");
		paid_long_ago::<T>();
		let closes_at = Calls::<T>::get(call).expect("posted").closes_at;
		go_to::<T>(closes_at + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), call);

		assert!(!Calls::<T>::contains_key(call));
		assert_eq!(PaidQueue::<T>::len(), 0);
	}

	#[benchmark]
	fn propose() {
		let who = caller::<T>();
		let terms = launch_terms(datanet::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(who), terms);

		assert!(Launches::<T>::contains_key(LaunchId(0)));
	}

	#[benchmark]
	fn approve() -> Result<(), BenchmarkError> {
		let origin = T::ListingOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may approve"))?;
		let id = proposed::<T>(&caller::<T>());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		assert_eq!(NextCall::<T>::get(), DataCallId(1));
		Ok(())
	}

	#[benchmark]
	fn withdraw() {
		let who = caller::<T>();
		let id = proposed::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(!Launches::<T>::contains_key(id));
	}

	#[benchmark]
	fn deliver() {
		let who = caller::<T>();
		let (id, before) = delivered::<T>(&who);
		attested::<T>(id, before, 0);
		let trained_on = T::Models::trained_on(before);
		let model = T::Models::evaluated_model(&who, trained_on[0]);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, model);

		let Stage::Open { delivered, .. } = launch::<T>(id).stage else {
			panic!("approved");
		};
		assert_eq!(delivered, Some(model));
	}

	#[benchmark]
	fn conclude() {
		let who = caller::<T>();
		let proposer = rich::<T>(account("proposer", 0, 0));
		let (id, model) = delivered::<T>(&proposer);
		attested::<T>(id, model, 950_000);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(!Launches::<T>::contains_key(id));
		assert!(!T::Models::is_delisted(model));
	}

	#[benchmark]
	fn expire() {
		let who = caller::<T>();
		let proposer = rich::<T>(account("proposer", 0, 0));
		let (id, model) = delivered::<T>(&proposer);
		attested::<T>(id, model, 899_999);
		go_to::<T>(POSTED + launch::<T>(id).terms.period + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(!Launches::<T>::contains_key(id));
	}
}
