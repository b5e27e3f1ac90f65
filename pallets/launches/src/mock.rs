//! A runtime of balances and launches; everything else is the stand-in of the primitives.

use crate as openledger_launches;
use crate::*;
use openledger_primitives::{
	mocks::{self, State},
	traits::{Accepted, Attested, ContributionInfo, Finding, ModelInfo},
	Balance, BlobId, ContributionId, DataCallId, DatanetId, DatanetVersion, LaunchId, ModelId, Ppm,
	Task, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_ok, derive_impl, parameter_types,
		traits::{
			fungible::{hold::Inspect as _, Inspect},
			ConstU128, ConstU64,
		},
		PalletId,
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
	pub type Launches = openledger_launches;
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
	type ExistentialDeposit = ConstU128<ED>;
}

parameter_types! {
	pub const PotId: PalletId = PalletId(*b"ol/lnchs");
	pub storage GraceOfTests: BlockNumber = GRACE;
	pub storage MostOfTests: Balance = MAX_BUDGET;
}

pub struct Parameters;

impl Get<LaunchParameters> for Parameters {
	fn get() -> LaunchParameters {
		LaunchParameters {
			bond: BOND,
			min_budget: 100 * OPEN,
			max_budget: MostOfTests::get(),
			min_records: 10,
			max_period: 50,
			max_term: 100,
			grace: GraceOfTests::get(),
			maturity: MATURITY,
			approval_period: APPROVAL,
		}
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type Datanets = mocks::Mock;
	type Models = mocks::Mock;
	type SpendOrigin = frame_system::EnsureRootWithSuccess<AccountId, ConstU128<MAX_SPEND>>;
	type ListingOrigin = frame_system::EnsureRoot<AccountId>;
	type Treasury = ConstU64<TREASURY>;
	type PotId = PotId;
	type WeightInfo = ();
}

pub const ED: Balance = 10;
/// Blocks after the last offer in which a call pays.
pub const GRACE: BlockNumber = 20;
/// Blocks from an acceptance until it is paid for.
pub const MATURITY: BlockNumber = 5;
/// Blocks in which a launch can be approved.
pub const APPROVAL: BlockNumber = 15;
/// A launch's bond, planck.
pub const BOND: Balance = 500 * OPEN;
/// What a launch may ask for, planck.
pub const MAX_BUDGET: Balance = 2_000 * OPEN;
/// What root may spend, planck.
pub const MAX_SPEND: Balance = 5_000 * OPEN;
/// What each account starts with, planck.
pub const RICH: Balance = 10_000 * OPEN;
/// What the treasury starts with, planck.
pub const FUNDS: Balance = 8_000 * OPEN;

pub const TREASURY: AccountId = 90;
pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const POOR: AccountId = 4;
pub const EVERYBODY: [AccountId; 5] = [ALICE, BOB, CAROL, POOR, TREASURY];

/// The Datanet of the tests, with a version made in block 0.
pub const NET: DatanetId = DatanetId(7);

pub fn new_test_ext() -> TestExternalities {
	State::reset();
	State::with(|state| {
		state.made.insert(version(1), 0);
	});
	let balances = vec![
		(TREASURY, FUNDS),
		(ALICE, RICH),
		(BOB, RICH),
		(CAROL, RICH),
		(POOR, OPEN),
		(Launches::pot(), ED),
	];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut ext = TestExternalities::from(genesis.build_storage().unwrap());
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a scenario; then nothing was made or lost, the pot has what it owes to the planck, and the
/// invariants hold.
pub fn test(scenario: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let issuance = Balances::total_issuance();
		scenario();
		assert_eq!(Balances::total_issuance(), issuance);
		assert_sound();
	});
}

pub fn assert_sound() {
	assert_ok!(Launches::do_try_state());
	assert_eq!(Balances::total_balance(&Launches::pot()), Launches::owed() + ED);
}

pub fn version(number: u32) -> DatanetVersion {
	DatanetVersion { datanet: NET, version: number }
}

pub fn now() -> BlockNumber {
	System::block_number() as BlockNumber
}

pub fn pass(blocks: BlockNumber) {
	System::set_block_number((now() + blocks).into());
	System::reset_events();
}

pub fn run_to(height: BlockNumber) {
	pass(height - now());
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Launch.into(), &who)
}

/// 1,000 OPEN, a tenth of an OPEN for a record, for 10 blocks.
pub fn call_terms() -> CallTerms {
	CallTerms {
		budget: 1_000 * OPEN,
		per_record: OPEN / 10,
		period: 10,
		min_quality: Ppm(600_000),
		min_record_bytes: 4,
		note: b"pictures of night traffic".to_vec().try_into().unwrap(),
	}
}

/// A call that `who` posts now.
pub fn posted(who: AccountId, terms: CallTerms) -> DataCallId {
	let id = NextCall::<Test>::get();
	assert_ok!(Launches::post_call(origin(who), NET, terms));
	id
}

/// A contribution of `who` that is offered now and pending.
pub fn offered(who: AccountId, records: u32) -> ContributionId {
	State::with(|state| {
		let id = ContributionId(state.contributions.len() as u64);
		let offered_at = now();
		let info = ContributionInfo {
			datanet: NET,
			contributor: who,
			records,
			offered_at,
			accepted: None,
		};
		state.contributions.insert(id, info);
		id
	})
}

pub fn change(id: ContributionId, change: impl FnOnce(&mut ContributionInfo<AccountId>)) {
	State::with(|state| change(state.contributions.get_mut(&id).unwrap()));
}

/// Accepts a contribution now, as good as calls ask for and no better.
pub fn accept(id: ContributionId) {
	let at = now();
	change(id, |info| {
		let (quality, bytes) = (Ppm(600_000), u64::from(info.records) * 4);
		info.accepted = Some(Accepted { at, quality, bytes, removed: false });
	});
}

/// A contribution of `who` that is offered and accepted now.
pub fn accepted(who: AccountId, records: u32) -> ContributionId {
	let id = offered(who, records);
	accept(id);
	id
}

/// A model for which ALICE's call of 1,000 OPEN asks.
pub fn launch_terms() -> LaunchTerms {
	LaunchTerms {
		datanet: NET,
		name: b"night driver".to_vec().try_into().unwrap(),
		note: b"tells what is on the road at night".to_vec().try_into().unwrap(),
		call: call_terms(),
		holdout: BlobId([9; 32]),
		metric: b"accuracy".to_vec().try_into().unwrap(),
		goal: Ppm(900_000),
		period: 40,
	}
}

/// A launch that ALICE proposes now.
pub fn proposed() -> LaunchId {
	let id = NextLaunch::<Test>::get();
	assert_ok!(Launches::propose(origin(ALICE), launch_terms()));
	id
}

/// A launch of ALICE's that is proposed and approved now.
pub fn approved() -> LaunchId {
	let id = proposed();
	assert_ok!(Launches::approve(RuntimeOrigin::root(), id));
	id
}

/// A version of the Datanet that is made now.
pub fn new_version(number: u32) -> DatanetVersion {
	State::with(|state| state.made.insert(version(number), now()));
	version(number)
}

/// A model of `owner` that was trained on `datanets`.
pub fn model(owner: AccountId, datanets: &[DatanetVersion]) -> ModelId {
	State::with(|state| {
		let id = ModelId(state.models.len() as u32);
		let info = ModelInfo {
			owner,
			active: true,
			price: 0,
			unit_price: 0,
			artifact: BlobId([1; 32]),
			features: BlobId([2; 32]),
			task: Task::Classify,
			input_bytes: 256,
			feature_scale: 8,
			answer_scale: 0,
			engine_version: 1,
			datanets: datanets.to_vec(),
		};
		state.models.insert(id, info);
		id
	})
}

/// Attesters find `value` now, on the data set and by the metric of launches.
pub fn attest(model: ModelId, value: u32) {
	let LaunchTerms { holdout, metric, .. } = launch_terms();
	State::with(|state| {
		let number = state.evaluations.len() as u32;
		let found = Finding::Attested(Attested { number, value: Ppm(value), at: now() });
		state.evaluations.push((model, holdout, metric.into_inner(), found));
	});
}

/// A launch of ALICE's, and the model that she delivered, trained on a new version.
pub fn delivered() -> (LaunchId, ModelId) {
	let id = approved();
	pass(1);
	let model = model(ALICE, &[new_version(2)]);
	assert_ok!(Launches::deliver(origin(ALICE), id, model));
	(id, model)
}

/// The pallet's events of this block.
pub fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Launches(event) => Some(event),
			_ => None,
		})
		.collect()
}

pub fn last_event() -> Option<Event<Test>> {
	events().pop()
}
