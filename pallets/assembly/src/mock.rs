//! A runtime of balances and assemblies; Datanets and gOPEN are the stand-ins of the primitives.

use crate as openledger_assembly;
use crate::*;
use openledger_primitives::{
	mocks::{self, State},
	Balance, DatanetId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_ok, derive_impl,
		traits::{fungible::hold::Inspect, ConstU128, ConstU32, ConstU64},
	},
	pallet_balances,
	sp_io::TestExternalities,
	sp_runtime::{BuildStorage, DispatchResult},
	*,
};
use std::cell::RefCell;

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
	pub type Assembly = openledger_assembly;
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

std::thread_local! {
	static PARAMETERS: RefCell<AssemblyParameters> = RefCell::new(small());
}

/// A fifth of all that was earned decides, within ten blocks.
pub fn small() -> AssemblyParameters {
	AssemblyParameters {
		voting_period: PERIOD,
		turnout: Ppm(200_000),
		deposit: DEPOSIT,
		min_earned: 1,
	}
}

pub struct Parameters;

impl Parameters {
	pub fn set(change: impl FnOnce(&mut AssemblyParameters)) {
		PARAMETERS.with(|p| change(&mut p.borrow_mut()));
	}
}

impl Get<AssemblyParameters> for Parameters {
	fn get() -> AssemblyParameters {
		PARAMETERS.with(|p| *p.borrow())
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Policy = u32;
	type Datanets = mocks::Mock;
	type Power = mocks::Mock;
	type Parameters = Parameters;
	type Treasury = ConstU64<TREASURY>;
	type MaxCleared = ConstU32<MAX_CLEARED>;
	type WeightInfo = ();
}

/// Contributed, with gOPEN.
pub const ALICE: AccountId = 1;
/// Contributed most, with gOPEN.
pub const BOB: AccountId = 2;
/// Contributed, without gOPEN.
pub const CAROL: AccountId = 3;
/// Holds most gOPEN, and never contributed.
pub const RICH: AccountId = 4;
/// Curated a little, with gOPEN.
pub const DAVE: AccountId = 5;
pub const TREASURY: AccountId = 99;

pub const PERIOD: BlockNumber = 10;
pub const DEPOSIT: Balance = 100 * OPEN;
pub const START: Balance = 10_000 * OPEN;
pub const MAX_CLEARED: u32 = 3;
pub const NET: DatanetId = DatanetId(0);
/// The window at hand, and the checkpoint that is the latest.
pub const WINDOW: u32 = 5;
pub const CHECKPOINT: u32 = 40;
/// All that was earned in [`NET`] in the window before.
pub const EARNED: Balance = 1_000;

/// Notes that `who` earned `amount` in [`NET`] in `window`.
pub fn earn(who: AccountId, window: u32, amount: Balance) {
	State::with(|state| state.window_earnings.insert((NET, window, who), amount));
}

/// `who` deposits gOPEN: it counts from the next checkpoint on.
pub fn deposit(who: AccountId, amount: Balance) {
	State::with(|state| {
		let from = state.checkpoint + 1;
		*state.gopen.entry((who, from)).or_default() += amount;
	});
}

/// `who` withdraws all of its gOPEN.
pub fn withdraw(who: AccountId) {
	State::with(|state| state.gopen.retain(|(account, _), _| *account != who));
}

pub fn checkpoint() {
	State::with(|state| state.checkpoint += 1);
}

/// The policy that is in force.
pub fn policy() -> u32 {
	State::with(|state| state.policies[&NET])
}

/// People as their constants say, in block 1.
pub fn new_test_ext() -> TestExternalities {
	State::reset();
	Parameters::set(|p| *p = small());
	State::with(|state| {
		state.window = WINDOW;
		state.checkpoint = CHECKPOINT - 1;
		state.policies.insert(NET, 0);
	});
	for (who, amount) in [(ALICE, 300), (BOB, 500), (CAROL, 190), (DAVE, 10)] {
		earn(who, WINDOW - 1, amount);
	}
	for (who, amount) in [(ALICE, 200), (BOB, 900), (RICH, 1_000_000), (DAVE, 50)] {
		deposit(who, amount);
	}
	checkpoint();
	let people = [ALICE, BOB, CAROL, RICH, DAVE];
	let mut balances: Vec<_> = people.into_iter().map(|who| (who, START)).collect();
	balances.push((TREASURY, 1_000));
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut ext = TestExternalities::from(genesis.build_storage().unwrap());
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a scenario and checks the invariants, the issuance and all holds at its end.
pub fn test(scenario: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		let issuance = Balances::total_issuance();
		scenario();
		check(issuance);
	});
}

/// The invariants hold, nothing is held without reason, and nothing was minted or burnt.
pub fn check(issuance: Balance) {
	assert_ok!(Assembly::do_try_state());
	assert_eq!(Balances::total_issuance(), issuance);
	let held = pallet_balances::Holds::<Test>::iter_values().flatten().map(|hold| hold.amount);
	let stored = Votes::<Test>::iter_values().map(|vote| vote.deposit);
	assert_eq!(held.sum::<Balance>(), stored.sum());
}

pub fn run_to(height: BlockNumber) {
	System::set_block_number(height.into());
}

/// The block of the vote's end.
pub fn run_to_end() {
	run_to(Votes::<Test>::get(NET).unwrap().ends_at);
}

pub fn propose(who: AccountId, policy: u32) -> DispatchResult {
	Assembly::propose(RuntimeOrigin::signed(who), NET, policy)
}

pub fn vote(who: AccountId, aye: bool) -> DispatchResult {
	Assembly::vote(RuntimeOrigin::signed(who), NET, aye)
}

pub fn remove_vote(who: AccountId) -> DispatchResult {
	Assembly::remove_vote(RuntimeOrigin::signed(who), NET)
}

/// Closes as a stranger, for free.
pub fn close() -> DispatchResult {
	let closed = Assembly::close(RuntimeOrigin::signed(77), NET);
	closed.map_err(|error| error.error).map(|post| {
		assert_eq!(post.pays_fee, frame_support::dispatch::Pays::No);
		let most = <() as WeightInfo>::close(MAX_CLEARED);
		assert!(post.actual_weight.is_some_and(|weight| weight.all_lte(most)));
	})
}

pub fn tally() -> (Balance, Balance) {
	let tally = Votes::<Test>::get(NET).unwrap().tally;
	(tally.ayes, tally.nays)
}

pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Proposal.into(), &who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Assembly(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// How the latest vote ended.
pub fn outcome() -> Outcome {
	events()
		.into_iter()
		.rev()
		.find_map(|event| match event {
			Event::VoteClosed { outcome, .. } => Some(outcome),
			_ => None,
		})
		.expect("a vote was closed")
}
