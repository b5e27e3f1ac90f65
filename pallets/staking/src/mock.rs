//! A chain with balances, sessions with historical roots, offences and this pallet.

use crate as pallet_staking;
use crate::{CollatorIdentity, Event, Pallet};
use openledger_primitives::{
	parameters::{BondParameters, RewardParameters, DAYS},
	traits::{Role, StakeRewards},
	worker::{key_ownership_payload, WorkerKey, WorkerPair, WorkerSignature},
	Balance, Ppm, OPEN,
};
use pallet_session::{disabling::UpToLimitDisablingStrategy, historical, PeriodicSessions};
use polkadot_sdk::{
	frame_support::{
		self, derive_impl, parameter_types,
		traits::{tokens::imbalance::ResolveTo, ConstU128, ConstU32, OnInitialize},
		PalletId,
	},
	frame_system::{self, EnsureRoot},
	pallet_balances, pallet_offences, sp_core,
	sp_io::TestExternalities,
	sp_runtime::{
		impl_opaque_keys,
		testing::UintAuthorityId,
		traits::{ConvertInto, OpaqueKeys},
		BuildStorage, KeyTypeId,
	},
};

pub type AccountId = u64;
/// Where slashes go.
pub const TREASURY: AccountId = 1_000;
/// Where block rewards come from; has [`RICH`].
pub const COMMUNITY: AccountId = 1_001;
/// Existential deposit, which the pot and the treasury have from the start.
pub const ED: Balance = 10;
/// Blocks of a session.
pub const SESSION: u32 = 5;
/// What every account has at genesis.
pub const RICH: Balance = 1_000_000 * OPEN;
/// Accounts that have session keys at genesis: 1 to this.
pub const WITH_KEYS: AccountId = 8;

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
	pub type Staking = pallet_staking::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type Session = pallet_session::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type Historical = historical::Pallet<Test>;
	#[runtime::pallet_index(5)]
	pub type Offences = pallet_offences::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

parameter_types! {
	pub static Parameters: BondParameters = parameters();
	/// Calls of `on_disabled`, by index in the set.
	pub static Disabled: Vec<u32> = Vec::new();
	pub static Rewards: RewardParameters = rewards();
	pub const Treasury: AccountId = TREASURY;
	pub const Community: AccountId = COMMUNITY;
	pub const Pot: PalletId = PalletId(*b"ol/stake");
	pub const Period: u32 = SESSION;
	pub const Offset: u32 = 0;
}

/// Small numbers, within the published bounds.
pub fn parameters() -> BondParameters {
	BondParameters {
		min_collator_bond: 100 * OPEN,
		min_worker_bond: 10 * OPEN,
		min_curator_bond: 10 * OPEN,
		unbonding: 20,
		max_collators: 4,
		equivocation_slash: Ppm(50_000),
		slash_delay: DELAY,
		max_commission: Ppm(200_000),
		commission_notice: 6,
		min_delegation: OPEN,
		max_leverage: 4,
		min_collators: 1,
		max_idle_turns: 10,
	}
}

/// An OPEN a block at first.
pub fn rewards() -> RewardParameters {
	RewardParameters { first_reward: OPEN, half_life: DAYS }
}

impl_opaque_keys! {
	pub struct SessionKeys {
		pub dummy: UintAuthorityId,
	}
}

/// Notes who is disabled.
pub struct Handler;
impl pallet_session::SessionHandler<AccountId> for Handler {
	const KEY_TYPE_IDS: &'static [KeyTypeId] = &[sp_core::crypto::key_types::DUMMY];
	fn on_genesis_session<Ks: OpaqueKeys>(_: &[(AccountId, Ks)]) {}
	fn on_new_session<Ks: OpaqueKeys>(_: bool, _: &[(AccountId, Ks)], _: &[(AccountId, Ks)]) {}
	fn on_disabled(index: u32) {
		Disabled::mutate(|disabled| disabled.push(index));
	}
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = PeriodicSessions<Period, Offset>;
	type NextSessionRotation = PeriodicSessions<Period, Offset>;
	type SessionManager = historical::NoteHistoricalRoot<Test, Staking>;
	type SessionHandler = Handler;
	type Keys = SessionKeys;
	type DisablingStrategy = UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<1>;
}

impl historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = CollatorIdentity<Test>;
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = historical::IdentificationTuple<Test>;
	type OnOffenceHandler = Staking;
}

impl pallet_staking::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PotId = Pot;
	type SlashTarget = ResolveTo<Treasury, Balances>;
	type SlashCancelOrigin = EnsureRoot<AccountId>;
	type Sessions = Session;
	type RewardSource = Community;
	type Parameters = Parameters;
	type RewardParameters = Rewards;
	type MaxMembers = ConstU32<100>;
	type MaxPendingSlashes = ConstU32<40>;
	type WeightInfo = ();
}

/// The test chain at block 1. Accounts 1 to 200 are rich; 1 to 8 have session keys.
#[derive(Default)]
pub struct Chain(pallet_staking::GenesisConfig<Test>);

impl Chain {
	pub fn collators(mut self, bonds: &[(AccountId, Balance)]) -> Self {
		self.0.collators = bonds.to_vec();
		self
	}

	pub fn worker(mut self, who: AccountId, bond: Balance, key: Option<WorkerKey>) -> Self {
		self.0.workers.push((who, bond, key));
		self
	}

	pub fn curators(mut self, bonds: &[(AccountId, Balance)]) -> Self {
		self.0.curators = bonds.to_vec();
		self
	}

	pub fn build(self) -> TestExternalities {
		Parameters::set(parameters());
		Rewards::set(rewards());
		Disabled::set(Vec::new());
		let mut balances: Vec<_> = (1..=200).map(|who| (who, RICH)).collect();
		balances.push((TREASURY, OPEN));
		balances.push((COMMUNITY, RICH));
		balances.push((pot(), ED));
		let keys = (1..=WITH_KEYS)
			.map(|who| (who, who, SessionKeys { dummy: UintAuthorityId(who) }))
			.collect();
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			staking: self.0,
			session: pallet_session::GenesisConfig { keys, ..Default::default() },
			..Default::default()
		};
		let mut ext: TestExternalities = genesis.build_storage().expect("a valid genesis").into();
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs `test`; afterwards the pallet's state is sound and issuance is what it was.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			test();
			assert_eq!(Balances::total_issuance(), issuance, "issuance changed");
			sound();
		});
	}
}

/// The account that keeps delegations.
pub fn pot() -> AccountId {
	Pallet::<Test>::pot()
}

/// The invariants hold, and the pot has not a planck too many.
pub fn sound() {
	Pallet::<Test>::do_try_state().expect("invariants hold");
	assert_eq!(Balances::free_balance(pot()), ED + Pallet::<Test>::owed(), "the pot is exact");
}

/// Moves `amount` from account 200 into the pot and rewards the stake behind `operator`.
pub fn reward(role: Role, operator: AccountId, amount: Balance) {
	use frame_support::traits::{fungible::Mutate, tokens::Preservation::Preserve};
	Balances::transfer(&200, &pot(), amount, Preserve).expect("account 200 is rich");
	Pallet::<Test>::reward(role, &operator, amount);
}

/// Makes blocks up to `height`.
pub fn run_to(height: u32) {
	while System::block_number() < height {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Staking::on_initialize(next);
		Session::on_initialize(next);
		sound();
	}
}

/// Ends the running session.
pub fn end_session() {
	run_to((System::block_number() / SESSION + 1) * SESSION);
}

/// Blocks from a report to its slash.
pub const DELAY: u32 = 10;

/// Waits until every slash reported so far is executed.
pub fn await_slashes() {
	run_to(System::block_number() + DELAY);
}

pub fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// The worker key pair number `n`.
pub fn pair(n: u8) -> WorkerPair {
	use sp_core::Pair;
	WorkerPair::from_seed(&[n; 32])
}

pub fn key(n: u8) -> WorkerKey {
	use sp_core::Pair;
	pair(n).public()
}

/// The test chain's genesis hash.
pub const GENESIS: [u8; 32] = [69; 32];

/// A proof by key number `n` for `who` on the chain that `genesis` names.
pub fn proof(n: u8, genesis: &[u8; 32], who: AccountId) -> WorkerSignature {
	use sp_core::Pair;
	pair(n).sign(&key_ownership_payload(genesis, &who))
}

/// What is held of `who` for `role`.
pub fn held(role: Role, who: AccountId) -> Balance {
	use frame_support::traits::fungible::hold::Inspect;
	Balances::balance_on_hold(&Pallet::<Test>::hold_reason(role), &who)
}

/// This pallet's events so far.
pub fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet()
}
