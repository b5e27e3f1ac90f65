//! A runtime of balances and models; everything else is the stand-in of the primitives.

use crate as openledger_models;
use crate::*;
use openledger_primitives::{
	mocks::{self, State},
	traits::{ActiveBond, Role},
	Balance, BlobId, DatanetId, DatanetVersion, Manifest, ModelFormat, ModelId, Ppm, Task, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_ok, derive_impl,
		traits::{fungible::hold::Inspect as _, ConstU128, ConstU32, ConstU64, Hooks},
	},
	pallet_balances,
	sp_io::{hashing::blake2_256, TestExternalities},
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
		JobParameters {
			model_deposit: 100 * OPEN,
			maturity: MATURITY,
			notice: NOTICE,
			attesters: 3,
			attestation_period: PERIOD,
			evaluation_deposit: 10 * OPEN,
			..Default::default()
		}
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type Datanets = mocks::Mock;
	type Bonding = mocks::Mock;
	type Chance = mocks::Mock;
	type Usage = mocks::Mock;
	type Treasury = ConstU64<TREASURY>;
	type EngineVersion = ConstU32<2>;
	type MaxEvaluations = ConstU32<3>;
	type MaxEvaluationWork = ConstU32<2>;
	type MaxWaiting = ConstU32<6>;
	type MaxWorkers = ConstU32<16>;
	type ListingOrigin = frame_system::EnsureRoot<AccountId>;
	type WeightInfo = ();
}

/// Blocks until a bond counts.
pub const MATURITY: BlockNumber = 4;
/// Blocks until a rise counts.
pub const NOTICE: BlockNumber = 10;
/// Blocks in which an evaluation is attested.
pub const PERIOD: BlockNumber = 5;
/// A worker's bond, planck.
pub const BOND: Balance = 1_000 * OPEN;

pub const TREASURY: AccountId = 90;
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
	let treasury = (TREASURY, 10);
	let balances =
		vec![treasury, (BUILDER, start), (TUNER, start), (POOR, 50 * OPEN), (FORBIDDEN, start)];
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

/// Bonds workers 10, 11, … (`count` of them) since block 0.
pub fn bond_workers(count: u64) {
	(10..10 + count).for_each(|worker| bond(worker, BOND, 0));
}

pub fn bond(worker: AccountId, amount: Balance, since: BlockNumber) {
	State::with(|s| s.bonds.insert((Role::Worker, worker), ActiveBond { amount, since }));
}

/// The seed of the tests at `height`.
pub fn seed(height: BlockNumber) -> [u8; 32] {
	blake2_256(&height.to_le_bytes())
}

/// Ends this block, unless it has ended: chance first, then models.
pub fn end_block() {
	let now = System::block_number();
	let height = now as BlockNumber;
	if State::with(|s| s.seeds.insert(height, seed(height))).is_some() {
		return;
	}
	Models::on_finalize(now);
	assert_ok!(Models::do_try_state());
}

/// Ends blocks until `height` has begun.
pub fn run_to(height: BlockNumber) {
	while System::block_number() < height.into() {
		end_block();
		let next = System::block_number() + 1;
		System::set_block_number(next);
		System::reset_events();
		Models::on_initialize(next);
	}
}

/// Lets `blocks` blocks pass.
pub fn pass(blocks: BlockNumber) {
	run_to(System::block_number() as BlockNumber + blocks);
}

/// What `who` has held for evaluations.
pub fn staked(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Evaluation.into(), &who)
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
