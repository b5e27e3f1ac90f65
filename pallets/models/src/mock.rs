//! A runtime of balances and models; Datanets are the stand-in of the primitives.

use crate as openledger_models;
use crate::*;
use openledger_primitives::{
	mocks::{self, State},
	Balance, BlobId, DatanetId, DatanetVersion, Manifest, ModelFormat, ModelId, Ppm, Task, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_ok, derive_impl,
		traits::{fungible::hold::Inspect as _, ConstU128, ConstU32},
	},
	pallet_balances,
	sp_io::TestExternalities,
	sp_runtime::BuildStorage,
	*,
};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Models = openledger_models;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = ConstU128<10>;
}

pub struct Parameters;

impl Get<JobParameters> for Parameters {
	fn get() -> JobParameters {
		JobParameters { model_deposit: 100 * OPEN, ..Default::default() }
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type Datanets = mocks::Mock;
	type EngineVersion = ConstU32<2>;
	type WeightInfo = ();
}

pub const BUILDER: AccountId = 1;
pub const TUNER: AccountId = 2;
pub const POOR: AccountId = 3;
pub const FORBIDDEN: AccountId = 4;

/// Datanets 0 to 89 with versions 1 to 3; the fee of Datanet n is n planck.
pub fn new_test_ext() -> TestExternalities {
	State::reset();
	State::with(|state| {
		for id in 0..90 {
			state.data_fees.insert(DatanetId(id), Balance::from(id));
			state.versions.extend((1..=3).map(|version| at(id, version)));
		}
		state.forbidden.push(FORBIDDEN);
	});
	let start = 10_000 * OPEN;
	let balances = vec![(BUILDER, start), (TUNER, start), (POOR, 50 * OPEN), (FORBIDDEN, start)];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut ext = TestExternalities::from(genesis.build_storage().unwrap());
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a scenario and checks the invariants at its end.
pub fn test(scenario: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		scenario();
		assert_ok!(Models::do_try_state());
	});
}

pub fn at(datanet: u32, version: u32) -> DatanetVersion {
	DatanetVersion { datanet: DatanetId(datanet), version }
}

/// A classifier of 8 × 8 pixels trained on `datanets`.
pub fn manifest(datanets: &[DatanetVersion], royalty: u32) -> Manifest {
	Manifest {
		artifact: BlobId([1; 32]),
		format: ModelFormat::Onnx,
		task: Task::Classify,
		input_bytes: 256,
		feature_scale: 8,
		answer_scale: 0,
		datanets: datanets.to_vec().try_into().unwrap(),
		features: BlobId([2; 32]),
		recipe: BlobId([3; 32]),
		engine_version: 1,
		royalty: Ppm(royalty),
	}
}

/// Registers a model of BUILDER.
pub fn model(datanets: &[DatanetVersion], royalty: u32) -> ModelId {
	let id = NextModel::<Test>::get();
	let origin = RuntimeOrigin::signed(BUILDER);
	assert_ok!(Models::register(origin, manifest(datanets, royalty)));
	id
}

/// Registers an adapter of `who`.
pub fn adapter(
	who: AccountId,
	base: ModelId,
	datanets: &[DatanetVersion],
	royalty: u32,
) -> ModelId {
	let id = NextModel::<Test>::get();
	let origin = RuntimeOrigin::signed(who);
	assert_ok!(Models::register_adapter(origin, base, manifest(datanets, royalty)));
	id
}

pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Model.into(), &who)
}

/// The pallet's latest event.
pub fn last_event() -> Option<Event<Test>> {
	System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::Models(event) => Some(event),
		_ => None,
	})
}
