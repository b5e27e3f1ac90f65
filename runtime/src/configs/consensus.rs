//! BABE, GRANDPA, sessions with historical roots, offences. Collators are a role of our staking
//! pallet, which is the session manager.

use crate::*;
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Get},
};
use openledger_primitives::parameters::Clamp;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

parameter_types! {
	/// Slots of an epoch.
	pub const EpochDuration: u64 = EPOCH_SLOTS;
	/// Milliseconds between blocks.
	pub const ExpectedBlockTime: u64 = SLOT_MILLIS;
	/// Blocks for which an equivocation can be reported: as long as a bond takes to leave, at most.
	pub ReportLongevity: u64 =
		u64::from(parameters::dynamic_params::staking::Bonds::get().clamped().unbonding);
	/// Most authorities of a set; at least `BondParameters::max_collators`' upper bound.
	pub const MaxAuthorities: u32 = 100;
	/// Session → GRANDPA set id entries kept: a week of epochs.
	pub const MaxSetIdSessionEntries: u64 = 7 * 24 * 3600 / (EPOCH_SLOTS * SLOT_MILLIS / 1_000);
	/// Deposit for session keys in storage.
	pub const SessionKeyDeposit: Balance = OPEN;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Babe;
	type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = Staking;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = EpochDuration;
	type ExpectedBlockTime = ExpectedBlockTime;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Staking>;
	type SessionHandler = <opaque::SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = opaque::SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = SessionKeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = openledger_staking::CollatorIdentity<Runtime>;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Staking;
}
