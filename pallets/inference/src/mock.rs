//! A runtime of system, balances and inference; models, bonds and chance come from the shared mocks.

use crate as openledger_inference;
use crate::HoldReason;
use core::cell::Cell;
use openledger_primitives::{
	mocks::{Mock, State},
	parameters::{JobParameters, Split},
	traits::{ActiveBond, Chance, Committees, Input, Jobs, ModelInfo, RefundReason, Role},
	Balance, BlobId, BlockNumber, JobId, ModelId, Ppm, Task, WorkerKey, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		self, derive_impl, parameter_types,
		traits::{
			fungible::{self, InspectHold},
			ConstU128, ConstU32, Get, Hooks,
		},
		weights::Weight,
	},
	frame_system, pallet_balances,
	sp_core::ByteArray,
	sp_io::{hashing::blake2_256, TestExternalities},
	sp_runtime::{BuildStorage, DispatchResult},
};

/// Who asks.
pub const CALLER: u64 = 1;
/// Another who asks.
pub const OTHER: u64 = 2;
/// Has nothing to pay with.
pub const POOR: u64 = 3;
/// Where spent fees go.
pub const POT: u64 = 90;
/// A model that costs [`PRICE`].
pub const MODEL: ModelId = ModelId(7);
/// Planck for one call of [`MODEL`].
pub const PRICE: Balance = 2 * OPEN;
/// Bytes of [`MODEL`]'s input.
pub const INPUT_BYTES: u32 = 4;
/// Blocks until a server can be drawn.
pub const MATURITY: BlockNumber = 5;
/// A bond of every server, planck.
pub const BOND: Balance = 1_000 * OPEN;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Inference = openledger_inference;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<10>;
}

/// The parameters of the tests.
pub struct Parameters;

impl Get<JobParameters> for Parameters {
	fn get() -> JobParameters {
		JobParameters { maturity: MATURITY, ..Default::default() }
	}
}

/// The default split.
pub struct DefaultSplit;

impl Get<Split> for DefaultSplit {
	fn get() -> Split {
		Split::default()
	}
}

std::thread_local! {
	static ASSIGNING_FAILS: Cell<bool> = const { Cell::new(false) };
	static REFUNDING_FAILS: Cell<bool> = const { Cell::new(false) };
	static LIMITS: Cell<(u32, u32)> = const { Cell::new((2, 8)) };
}

parameter_types! {
	pub static DrawWeight: Weight = Weight::MAX;
}

/// Draws in one block.
pub struct MaxDraws;

impl Get<u32> for MaxDraws {
	fn get() -> u32 {
		LIMITS.get().0
	}
}

/// Jobs that wait.
pub struct MaxWaiting;

impl Get<u32> for MaxWaiting {
	fn get() -> u32 {
		LIMITS.get().1
	}
}

/// Lets `draws` jobs be drawn in a block, and `waiting` jobs wait.
pub fn limit(draws: u32, waiting: u32) {
	LIMITS.set((draws, waiting));
}

/// The committee's side: refunds spend the floor, and both steps can be made to fail.
pub struct CommitteeSide;

impl CommitteeSide {
	pub fn fail(assigning: bool, refunding: bool) {
		ASSIGNING_FAILS.set(assigning);
		REFUNDING_FAILS.set(refunding);
	}
}

impl Committees<u64> for CommitteeSide {
	fn assign(job: JobId, committee: Vec<u64>) -> DispatchResult {
		if ASSIGNING_FAILS.get() {
			// what was written before the failure must be rolled back
			Inference::close(job, &POT, 1)?;
			return Err("assigning fails".into());
		}
		Mock::assign(job, committee)
	}

	fn refund(job: JobId, reason: RefundReason) -> DispatchResult {
		let info = Inference::job(job).ok_or("no job")?;
		let floor = info.floor_base + info.floor_per_seat * u128::from(info.committee);
		Inference::close(job, &POT, floor)?;
		if REFUNDING_FAILS.get() {
			return Err("refunding fails".into());
		}
		Mock::refund(job, reason)
	}

	fn deterrence() -> Option<Ppm> {
		Mock::deterrence()
	}
}

impl openledger_inference::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Mock;
	type Bonding = Mock;
	type Chance = Mock;
	type Committees = CommitteeSide;
	type Parameters = Parameters;
	type Split = DefaultSplit;
	type MaxServers = ConstU32<6>;
	type MaxDrawsPerBlock = MaxDraws;
	type DrawWeight = DrawWeight;
	type MaxWaiting = MaxWaiting;
	type WeightInfo = ();
}

/// A chain at block 1, with [`MODEL`] registered and nobody serving it.
pub fn new_test_ext() -> TestExternalities {
	State::reset();
	CommitteeSide::fail(false, false);
	limit(2, 8);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(CALLER, 10_000 * OPEN), (OTHER, 10_000 * OPEN), (POOR, 10), (POT, 10)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = TestExternalities::from(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		register(MODEL, PRICE, 0);
	});
	ext
}

/// Runs `test` on a chain where workers 10, 11, … (`workers` of them) are mature, and checks the
/// state and the issuance after it.
pub fn with_servers(workers: u64, test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let issuance = Balances::total_issuance();
		for worker in 10..10 + workers {
			bond(worker, BOND);
			Inference::serve(RuntimeOrigin::signed(worker), MODEL).unwrap();
		}
		run_to(1 + MATURITY);
		test();
		Inference::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

/// Registers a model without a price for units.
pub fn register(id: ModelId, price: Balance, data_fee: Balance) {
	register_with_units(id, price, 0, data_fee);
}

/// Registers a model.
pub fn register_with_units(id: ModelId, price: Balance, unit_price: Balance, data_fee: Balance) {
	let info = ModelInfo {
		owner: 50,
		active: true,
		price,
		unit_price,
		artifact: BlobId([1; 32]),
		features: BlobId([2; 32]),
		task: Task::Classify,
		input_bytes: INPUT_BYTES,
		feature_scale: 8,
		answer_scale: 0,
		engine_version: 1,
		datanets: vec![],
	};
	State::with(|s| {
		s.models.insert(id, info);
		s.model_fees.insert(id, data_fee);
	});
}

/// Bonds a worker from this block on and gives it a key.
pub fn bond(worker: u64, amount: Balance) {
	let since = System::block_number() as BlockNumber;
	let key = WorkerKey::from_slice(&blake2_256(&worker.to_le_bytes())).unwrap();
	State::with(|s| {
		s.bonds.insert((Role::Worker, worker), ActiveBond { amount, since });
		s.keys.insert(worker, key);
	});
}

/// The seed of the tests at `height`.
pub fn seed(height: BlockNumber) -> [u8; 32] {
	blake2_256(&height.to_le_bytes())
}

/// Ends this block, unless it has ended, and checks the state.
pub fn end_block() {
	if finish_block() {
		Inference::do_try_state().unwrap();
	}
}

/// Ends this block, unless it has ended: chance first, which forgets old seeds. Whether it did.
pub fn finish_block() -> bool {
	let now = System::block_number();
	let height = now as BlockNumber;
	if State::with(|s| s.seeds.insert(height, seed(height))).is_some() {
		return false;
	}
	if let Some(old) = height.checked_sub(Mock::HISTORY) {
		State::with(|s| s.seeds.remove(&old));
	}
	Inference::on_initialize(now);
	Inference::on_finalize(now);
	true
}

/// Ends blocks until `height` has begun.
pub fn run_to(height: BlockNumber) {
	while System::block_number() < height.into() {
		end_block();
		let next = System::block_number() + 1;
		System::set_block_number(next);
		System::reset_events();
		Inference::on_initialize(next);
	}
}

/// Ends blocks up to and including `height`.
pub fn run_through(height: BlockNumber) {
	run_to(height);
	end_block();
}

/// An input of the right length.
pub fn input() -> Input {
	Input::Inline(vec![1, 2, 3, 4].try_into().unwrap())
}

/// `caller` asks [`MODEL`] with `seats`; the job.
pub fn ask(caller: u64, seats: u8) -> JobId {
	ask_of(MODEL, caller, seats)
}

/// `caller` asks `model` with `seats`; the job.
pub fn ask_of(model: ModelId, caller: u64, seats: u8) -> JobId {
	let job = crate::NextJob::<Test>::get();
	Inference::request(RuntimeOrigin::signed(caller), model, input(), Balance::MAX, seats).unwrap();
	job
}

/// What `who` has held for fees.
pub fn held(who: u64) -> Balance {
	Balances::balance_on_hold(&HoldReason::Fee.into(), &who)
}

/// All that `who` has, held or free.
pub fn total_of(who: u64) -> Balance {
	<Balances as fungible::Inspect<u64>>::total_balance(&who)
}

/// The committee that was assigned to `job`.
pub fn committee(job: JobId) -> Option<Vec<u64>> {
	State::with(|s| s.assigned.iter().find(|(id, _)| *id == job).map(|(_, c)| c.clone()))
}

/// Why `job` was refunded.
pub fn refunded(job: JobId) -> Option<RefundReason> {
	State::with(|s| s.refunded.iter().find(|(id, _)| *id == job).map(|(_, reason)| *reason))
}

/// What one draw among so many servers is declared to weigh.
pub fn draw_weight(servers: u32) -> Weight {
	use crate::WeightInfo;
	<() as WeightInfo>::draw_assigned(servers).max(<() as WeightInfo>::draw_refunded(servers))
}
