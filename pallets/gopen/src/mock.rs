//! A chain with balances and this pallet.

use crate as pallet_gopen;
use crate::{Event, HoldReason, Pallet};
use openledger_primitives::{parameters::GopenParameters, Balance, OPEN};
use polkadot_sdk::{
	frame_support::{
		self, derive_impl, parameter_types,
		traits::{fungible::hold, ConstU128},
	},
	frame_system, pallet_balances,
	sp_io::TestExternalities,
	sp_runtime::BuildStorage,
};

pub type AccountId = u64;
/// What accounts 1 to 9 have at genesis.
pub const RICH: Balance = 1_000 * OPEN;

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
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Gopen = pallet_gopen::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<10>;
	type AccountStore = System;
}

parameter_types! {
	pub static Parameters: GopenParameters = parameters();
}

/// Small numbers, within the published bounds.
pub fn parameters() -> GopenParameters {
	GopenParameters { cooldown: 10, min_deposit: 2 * OPEN }
}

impl pallet_gopen::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = Parameters;
	type WeightInfo = ();
}

/// The test chain at block 1.
pub fn chain(deposits: &[(AccountId, Balance)]) -> TestExternalities {
	Parameters::set(parameters());
	let balances = (1..=9).map(|who| (who, RICH)).collect();
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		gopen: pallet_gopen::GenesisConfig { deposits: deposits.to_vec() },
		..Default::default()
	};
	let mut ext: TestExternalities = genesis.build_storage().expect("a valid genesis").into();
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test`; afterwards the pallet's state is sound and issuance is what it was.
pub fn run(test: impl FnOnce()) {
	chain(&[]).execute_with(|| {
		let issuance = Balances::total_issuance();
		test();
		assert_eq!(Balances::total_issuance(), issuance, "issuance changed");
		Pallet::<Test>::do_try_state().expect("invariants hold");
	});
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What is held of `who` for `reason`.
pub fn held(reason: HoldReason, who: AccountId) -> Balance {
	<Balances as hold::Inspect<AccountId>>::balance_on_hold(&reason.into(), &who)
}

/// This pallet's events so far.
pub fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet()
}

/// What a careless referendum could store.
pub fn parameters_out_of_bounds() -> GopenParameters {
	GopenParameters { cooldown: 0, min_deposit: 0 }
}
