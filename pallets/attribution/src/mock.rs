//! A runtime of system, balances and this pallet; the other doors are mocks.

use crate as attribution;
use crate::{types::Round, weights};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Mutate, tokens::Preservation, Hooks},
	PalletId,
};
use openledger_primitives::{
	mocks::{Mock, State},
	parameters::{RoundParameters, Split},
	traits::{Clock, Committees, Input, JobInfo, Jobs, ModelInfo},
	worker::{Phase, WorkerPair, WorkerSignature},
	Balance, BlobId, ContributionId, DatanetId, DatanetVersion, JobId, ModelId, Ppm, Report, Task,
	OPEN,
};
use polkadot_sdk::{frame_support, frame_system, pallet_balances, sp_core, sp_io, sp_runtime};
use sp_core::Pair;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, ConstU128, ConstU32},
	BuildStorage, DispatchError,
};

pub type AccountId = u64;
pub type Extension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = sp_runtime::testing::TestXt<RuntimeCall, Extension>;
pub type Block = generic::Block<generic::Header<u32, BlakeTwo256>, Extrinsic>;

/// Existential deposit.
pub const ED: Balance = 10;
pub const FEE: Balance = 1_000_000;
pub const FLOOR_BASE: Balance = 10_000;
pub const FLOOR_PER_SEAT: Balance = 20_000;
/// What disputes cost at least.
pub const BOND: Balance = OPEN / 100;
pub const ENGINE_VERSION: u32 = 7;

pub const CALLER: AccountId = 1;
pub const OWNER: AccountId = 2;
pub const BASE_OWNER: AccountId = 3;
pub const TREASURY: AccountId = 4;
/// Contributors of contributions 1 and 2.
pub const ALICE: AccountId = 11;
pub const BOB: AccountId = 12;
/// Workers.
pub const W1: AccountId = 21;
pub const W2: AccountId = 22;
pub const W3: AccountId = 23;
/// Workers that are drawn when a job needs more.
pub const RESERVE: [AccountId; 10] = [31, 32, 33, 34, 35, 36, 37, 38, 39, 40];
pub const DISPUTER: AccountId = 5;
/// Keeps what the stake behind workers earns.
pub const STAKE: AccountId = u64::MAX;
pub const STRANGER: AccountId = 99;

/// No audits but where a test wants them; bounds that are public are wider.
pub const USUAL: RoundParameters = RoundParameters {
	commit_period: 10,
	reveal_period: 5,
	dispute_window: 4,
	tolerance: Ppm(20_000),
	receipt_retention: 20,
	outlier_tolerance: Ppm(200_000),
	audit_rate: Ppm(0),
	single_audit_rate: Ppm(0),
	audit_seats: 3,
	dispute_seats: 7,
	dispute_bond: BOND,
	dispute_reward: 30_000,
	no_commit_slash: Ppm(1_000),
	outlier_slash: Ppm(10_000),
	withhold_slash: Ppm(20_000),
	wrong_answer_slash: Ppm(100_000),
	jail: 300,
};

pub const MODEL: ModelId = ModelId(1);
pub const BASE: ModelId = ModelId(0);

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
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Attribution = attribution;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
}

parameter_types! {
	pub static Periods: RoundParameters = USUAL;
	pub static TheSplit: Split = Split::default();
	pub static CloseFails: bool = false;
	pub static Frozen: u32 = 0;
	pub static QueueWeight: frame_support::weights::Weight = frame_support::weights::Weight::MAX;
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub const Treasury: AccountId = TREASURY;
}

/// The mock market, with real money: a fee is the caller's until the job is closed.
pub struct Market;

impl Jobs<AccountId> for Market {
	fn job(id: JobId) -> Option<JobInfo<AccountId>> {
		Mock::job(id)
	}

	fn draw_more(
		id: JobId,
		height: u32,
		seats: u32,
		without: &[AccountId],
	) -> Option<Vec<AccountId>> {
		Mock::draw_more(id, height, seats, without)
	}

	fn forget(id: JobId) {
		Mock::forget(id);
	}

	fn close(id: JobId, to: &AccountId, spent: Balance) -> Result<(), DispatchError> {
		if CloseFails::get() {
			return Err(DispatchError::Other("close fails"));
		}
		let caller = Mock::job(id).ok_or(DispatchError::CannotLookup)?.caller;
		Mock::close(id, to, spent)?;
		Balances::transfer(&caller, to, spent, Preservation::Preserve).map(|_| ())
	}
}

/// Blocks but those that a test froze.
pub struct TheClock;

impl Clock for TheClock {
	fn active_blocks() -> u32 {
		System::block_number().saturating_sub(Frozen::get())
	}
}

impl attribution::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Penalties = Mock;
	type StakeRewards = Mock;
	type Chance = Mock;
	type Clock = TheClock;
	type Jobs = Market;
	type Models = Mock;
	type Datanets = Mock;
	type Bonding = Mock;
	type Parameters = Periods;
	type Split = TheSplit;
	type PotId = Pot;
	type Treasury = Treasury;
	type MaxQueueWork = ConstU32<2>;
	type QueueWeight = QueueWeight;
	type WeightInfo = weights::SubstrateWeight<Test>;
}

impl<Call> frame_system::offchain::CreateTransactionBase<Call> for Test
where
	RuntimeCall: From<Call>,
{
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<Call> frame_system::offchain::CreateTransaction<Call> for Test
where
	RuntimeCall: From<Call>,
{
	type Extension = Extension;

	fn create_transaction(call: RuntimeCall, extension: Extension) -> Extrinsic {
		Extrinsic::new_transaction(call, extension)
	}
}

impl<Call> frame_system::offchain::CreateAuthorizedTransaction<Call> for Test
where
	RuntimeCall: From<Call>,
{
	fn create_extension() -> Extension {
		Extension::new()
	}
}

/// Genesis with funded accounts, three workers, one model with a base, and two contributions.
pub fn new_test_ext() -> sp_io::TestExternalities {
	State::reset();
	CloseFails::set(false);
	Frozen::set(0);
	Periods::set(USUAL);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![
			(CALLER, 1_000 * FEE),
			(DISPUTER, 10 * BOND),
			(TREASURY, ED),
			(STAKE, ED),
			(Attribution::pot(), ED),
		],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	State::with(|state| {
		for worker in [W1, W2, W3].into_iter().chain(RESERVE) {
			state.keys.insert(worker, pair(worker).public());
		}
		state.reserve = RESERVE.to_vec();
		state.payees.insert(ContributionId(1), ALICE);
		state.payees.insert(ContributionId(2), BOB);
		state.models.insert(MODEL, model());
		state.lineages.insert(MODEL, vec![(BASE, BASE_OWNER, Ppm(100_000))]);
	});
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

pub fn model() -> ModelInfo<AccountId> {
	ModelInfo {
		owner: OWNER,
		active: true,
		price: 0,
		unit_price: 0,
		artifact: BlobId([1; 32]),
		features: BlobId([2; 32]),
		task: Task::Classify,
		input_bytes: 4,
		feature_scale: 8,
		answer_scale: 0,
		engine_version: ENGINE_VERSION,
		datanets: vec![DatanetVersion { datanet: DatanetId(1), version: 1 }],
	}
}

/// The hot key of a worker.
pub fn pair(worker: AccountId) -> WorkerPair {
	WorkerPair::from_string(&seed(worker), None).unwrap()
}

/// A seed as it is: deriving one from a phrase takes long.
pub fn seed(worker: AccountId) -> String {
	format!("0x{}", hex::encode([worker as u8; 32]))
}

/// A request in the market.
pub fn request(job: JobId, committee: u8) -> JobInfo<AccountId> {
	let info = JobInfo {
		model: MODEL,
		caller: CALLER,
		input: Input::Inline(vec![1, 2, 3, 4].try_into().unwrap()),
		fee: FEE,
		floor_base: FLOOR_BASE,
		floor_per_seat: FLOOR_PER_SEAT,
		unit_price: 0,
		data_fee: 0,
		committee,
		requested_at: System::block_number(),
		request_hash: sp_io::hashing::blake2_256(&(b"request", job).encode()),
	};
	State::with(|state| state.jobs.insert(job, info.clone()));
	info
}

/// A request and its committee, drawn in the present block.
pub fn assigned(job: u64, workers: &[AccountId]) -> JobId {
	let job = JobId(job);
	request(job, workers.len() as u8);
	Attribution::assign(job, workers.to_vec()).unwrap();
	job
}

pub fn round(job: JobId) -> Round<AccountId> {
	attribution::Rounds::<Test>::get(job).unwrap()
}

/// A report that says `answer`, shaped by contributions.
pub fn report(job: JobId, answer: u8, influence: &[(u64, u32)]) -> Report {
	let influence: Vec<_> =
		influence.iter().map(|&(id, share)| (ContributionId(id), Ppm(share))).collect();
	Report {
		job,
		answer: vec![answer, 0, 0, 0].try_into().unwrap(),
		output: None,
		query_features: [9; 32],
		engine_version: ENGINE_VERSION,
		influence: influence.try_into().unwrap(),
	}
}

/// The verdict that the input cannot be had.
pub fn unavailable(job: JobId) -> Report {
	Report { answer: Default::default(), influence: Default::default(), ..report(job, 0, &[]) }
}

pub fn salt(worker: AccountId) -> [u8; 32] {
	[worker as u8; 32]
}

pub fn sign(
	worker: AccountId,
	phase: Phase,
	job: JobId,
	request: &[u8; 32],
	content: &[u8],
) -> WorkerSignature {
	let genesis = System::block_hash(0).0;
	let payload =
		openledger_primitives::worker::report_payload(&genesis, phase, job, request, content);
	pair(worker).sign(&payload)
}

pub fn commit_call(worker: AccountId, report: &Report) -> attribution::Call<Test> {
	let commitment = report.commitment(&salt(worker), &worker);
	let request = attribution::Rounds::<Test>::get(report.job)
		.map(|round| round.request_hash)
		.unwrap_or_default();
	let signature = sign(worker, Phase::Commit, report.job, &request, &commitment.encode());
	attribution::Call::commit { job: report.job, worker, commitment, signature }
}

pub fn reveal_call(worker: AccountId, report: &Report) -> attribution::Call<Test> {
	let salt = salt(worker);
	let request = attribution::Rounds::<Test>::get(report.job)
		.map(|round| round.request_hash)
		.unwrap_or_default();
	let signature = sign(worker, Phase::Reveal, report.job, &request, &(report, &salt).encode());
	attribution::Call::reveal { job: report.job, worker, report: report.clone(), salt, signature }
}

/// Puts a transaction through validation and dispatch, as a block does.
pub fn apply(call: impl Into<RuntimeCall>) -> sp_runtime::ApplyExtrinsicResult {
	use frame_support::dispatch::GetDispatchInfo;
	use sp_runtime::traits::DispatchTransaction;
	let call = call.into();
	let (info, len) = (call.get_dispatch_info(), call.encoded_size());
	Extension::new()
		.dispatch_transaction(RuntimeOrigin::none(), call, &info, len, 0)
		.map(|result| result.map(|_| ()).map_err(|error| error.error))
}

/// What the pool says of a transaction.
pub fn validate(
	call: impl Into<RuntimeCall>,
) -> sp_runtime::transaction_validity::TransactionValidity {
	use frame_support::traits::Authorize;
	use sp_runtime::transaction_validity::TransactionSource;
	let call: RuntimeCall = call.into();
	call.authorize(TransactionSource::External).unwrap().map(|(validity, _)| validity)
}

pub fn commit(worker: AccountId, report: &Report) {
	apply(commit_call(worker, report)).unwrap().unwrap();
}

pub fn reveal(worker: AccountId, report: &Report) {
	apply(reveal_call(worker, report)).unwrap().unwrap();
}

/// All of `workers` commit and reveal their report. At one height, so that tests can count from it:
/// a block ends between the two.
pub fn answer(reports: &[(AccountId, Report)]) {
	reports.iter().for_each(|(worker, report)| commit(*worker, report));
	end_block();
	reports.iter().for_each(|(worker, report)| reveal(*worker, report));
}

/// The committee of three answers a job that was drawn in the present block.
pub fn settled(id: u64, answers: [Report; 3]) -> JobId {
	let job = assigned(id, &[W1, W2, W3]);
	let [first, second, third] = answers;
	answer(&[(W1, first), (W2, second), (W3, third)]);
	job
}

/// Half of all jobs are audited, the most that is allowed.
pub fn audit_half() {
	Periods::mutate(|periods| {
		(periods.audit_rate, periods.single_audit_rate) = (Ppm(500_000), Ppm(500_000))
	});
}

/// Goes on to the first block at whose end chance chooses `job` of half of all, or leaves it alone.
pub fn go_to_chance(job: JobId, chosen: bool) {
	let is_so = |height: u32| {
		attribution::audit::is_chosen(&[height as u8; 32], job, Ppm(500_000)) == chosen
	};
	while !is_so(System::block_number()) {
		next_block();
	}
}

/// A job of W1 alone, which committed to `report`; its auditors are in their first block.
pub fn audited(report: &Report) -> Vec<AccountId> {
	audit_half();
	go_to_chance(report.job, true);
	let job = assigned(report.job.0, &[W1]);
	commit(W1, report);
	next_block();
	let seats = round(job).seats.into_iter().skip(1);
	seats.map(|seat| seat.worker).collect()
}

/// Chance learns of the present block, and this pallet ends it.
pub fn end_block() {
	let height = System::block_number();
	State::with(|state| state.seeds.insert(height, [height as u8; 32]));
	Attribution::on_finalize(height);
	assert!(!attribution::Closing::<Test>::exists());
}

/// Goes on to block `height`, checking the invariants in each.
pub fn go_to(height: u32) {
	while System::block_number() < height {
		next_block();
	}
}

pub fn next_block() {
	end_block();
	let height = System::block_number() + 1;
	System::set_block_number(height);
	let _ = Attribution::on_initialize(height);
	check();
}

/// A block in which nobody can act.
pub fn frozen_block() {
	end_block();
	let height = System::block_number() + 1;
	System::set_block_number(height);
	Frozen::mutate(|frozen| *frozen += 1);
	let _ = Attribution::on_initialize(height);
	check();
}

/// Invariants, and the pot to the planck.
pub fn check() {
	Attribution::do_try_state().unwrap();
	assert_eq!(Balances::free_balance(Attribution::pot()), attribution::Owed::<Test>::get() + ED);
}

pub fn receipt(job: JobId) -> crate::types::Receipt<AccountId> {
	attribution::Receipts::<Test>::get(job).unwrap()
}

/// What a receipt pays `account` for `part`.
pub fn paid(job: JobId, account: AccountId, part: crate::types::Part) -> Balance {
	let payouts = receipt(job).payouts;
	payouts.iter().filter(|p| p.account == account && p.part == part).map(|p| p.amount).sum()
}

pub fn last_event() -> attribution::Event<Test> {
	events().pop().unwrap()
}

pub fn events() -> Vec<attribution::Event<Test>> {
	let of_pallet = |event| match event {
		RuntimeEvent::Attribution(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(|record| of_pallet(record.event)).collect()
}
