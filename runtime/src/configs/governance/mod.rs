//! What gOPEN decides: referenda and their tracks, the technical committee, parameters, scheduler, safe
//! mode and pauses.

pub mod origins;
mod patience;
mod referendums;
mod tracks;

pub use origins::*;
pub use referendums::tally;
pub use tracks::Tracks;

use crate::*;
use alloc::borrow::Cow;
use frame_support::{
	parameter_types,
	traits::{
		tokens::fungible::Inspect, AsEnsureOriginWithArg, ConstU32, Contains, EitherOf,
		EqualPrivilegeOnly, Get, MapSuccess, OriginTrait,
	},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned};
use openledger_primitives::parameters::{DAYS, HOURS, MINUTES};
use sp_runtime::{str_array as s, traits::Replace, Perbill};

/// Blocks after which an undecided referendum ends, before the network's pace.
const UNDECIDING: BlockNumber = 14 * DAYS;

parameter_types! {
	/// What scheduled calls may take of a block.
	pub MaximumSchedulerWeight: Weight =
		Perbill::from_percent(80) * configs::BlockWeights::get().max_block;
	/// Deposit for a referendum.
	pub const SubmissionDeposit: Balance = 100 * OPEN;
	/// Blocks between a referendum's alarms.
	pub const AlarmInterval: BlockNumber = 1;
	/// Blocks in which the technical committee votes on a motion.
	pub const MotionDuration: BlockNumber = DAYS;
	/// What a motion of the technical committee may weigh.
	pub MaxProposalWeight: Weight =
		Perbill::from_percent(10) * configs::BlockWeights::get().max_block;
	/// Blocks for which a whitelisted call waits for its preimage.
	pub const DispatchExpiration: BlockNumber = 7 * DAYS;
	/// Blocks of safe mode.
	pub const SafeModeDuration: BlockNumber = 4 * HOURS;
	/// Nobody enters safe mode by deposit.
	pub const NoDeposit: Option<Balance> = None;
	/// Deposits are never released by themselves.
	pub const NoRelease: Option<BlockNumber> = None;
}

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<ParameterOrigin>;
	type WeightInfo = ();
}

impl genesis_parameters::Config for Runtime {}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumSchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	// alarms of all referenda that may be voted on in one block
	type MaxScheduledPerBlock = ConstU32<200>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

/// Two of three members of the technical committee.
pub type TwoThirdsOfCommittee =
	pallet_collective::EnsureProportionAtLeast<AccountId, CommitteeInstance, 2, 3>;

/// The technical committee's instance of pallet-collective.
pub type CommitteeInstance = pallet_collective::Instance1;

/// Puts calls on the whitelist, and nothing else: what it agrees on has no origin that any other call
/// takes. Root appoints it.
impl pallet_collective::Config<CommitteeInstance> for Runtime {
	type RuntimeOrigin = RuntimeOrigin;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type MotionDuration = MotionDuration;
	type MaxProposals = ConstU32<20>;
	type MaxMembers = ConstU32<25>;
	type DefaultVote = pallet_collective::PrimeDefaultVote;
	type SetMembersOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
	type MaxProposalWeight = MaxProposalWeight;
	type DisapproveOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Consideration = ();
}

impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = EitherOf<EnsureRoot<AccountId>, TwoThirdsOfCommittee>;
	type DispatchWhitelistedOrigin = EitherOf<EnsureRoot<AccountId>, EnsureWhitelistedCaller>;
	type Preimages = Preimage;
	type DeferredDispatchExpiration = DispatchExpiration;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
}

/// Active OPEN issuance: all OPEN less what the treasury and the community pot have.
pub struct Electorate;
impl Get<Balance> for Electorate {
	fn get() -> Balance {
		Balances::active_issuance()
	}
}

/// The blocks after which an undecided referendum ends.
pub struct UndecidingTimeout;
impl Get<BlockNumber> for UndecidingTimeout {
	fn get() -> BlockNumber {
		Gopen::paced(UNDECIDING)
	}
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = patience::Patient;
	type Currency = Balances;
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type CancelOrigin = EmergencyOrigin;
	type KillOrigin = EmergencyOrigin;
	type Slash = Treasury;
	type Votes = Balance;
	type Tally = openledger_gopen::Tally<Electorate>;
	type SubmissionDeposit = SubmissionDeposit;
	type MaxQueued = ConstU32<20>;
	type UndecidingTimeout = UndecidingTimeout;
	type AlarmInterval = AlarmInterval;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

/// What works in safe mode: what keeps the chain alive and ends the safe mode.
pub struct SafeModeCalls;
impl Contains<RuntimeCall> for SafeModeCalls {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::System(_)
				| RuntimeCall::Timestamp(_)
				| RuntimeCall::Babe(_)
				| RuntimeCall::Grandpa(_)
				| RuntimeCall::Session(_)
				| RuntimeCall::SafeMode(_)
				| RuntimeCall::TxPause(_)
				| RuntimeCall::Sudo(_)
				| RuntimeCall::Referenda(_)
				| RuntimeCall::TechnicalCommittee(_)
				| RuntimeCall::Whitelist(_)
				| RuntimeCall::Preimage(_)
				| RuntimeCall::Scheduler(_)
				| RuntimeCall::Gopen(_)
				| RuntimeCall::Assembly(_)
				// wrappers: what they wrap is asked here again
				| RuntimeCall::Utility(_)
				| RuntimeCall::Proxy(_)
				| RuntimeCall::Multisig(_)
				// slashes go on falling due
				| RuntimeCall::Staking(openledger_staking::Call::cancel_slash { .. })
				// as do the deadlines of panels, and absence is penalised
				| RuntimeCall::Datanets(
					openledger_datanets::Call::commit_verdict { .. }
						| openledger_datanets::Call::reveal_verdict { .. }
				)
				// assigned workers may still answer, so that no caller's fee is lost
				| RuntimeCall::Attribution(
					openledger_attribution::Call::commit { .. }
						| openledger_attribution::Call::reveal { .. }
				)
		)
	}
}

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = SafeModeCalls;
	type EnterDuration = SafeModeDuration;
	type ExtendDuration = SafeModeDuration;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin = MapSuccess<EmergencyOrigin, Replace<SafeModeDuration>>;
	// longer than once is root's to decide
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type ForceExitOrigin = EmergencyOrigin;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

/// Calls that no pause can stop.
pub struct Unpausable;
impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for Unpausable {
	fn contains((pallet, call): &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
		match pallet.as_slice() {
			b"System" | b"Timestamp" | b"Babe" | b"Grandpa" | b"TxPause" | b"SafeMode"
			| b"Sudo" => true,
			// a pause of what ends it would have no end
			b"Gopen"
			| b"Referenda"
			| b"Preimage"
			| b"Scheduler"
			| b"Whitelist"
			| b"TechnicalCommittee" => true,
			// wrappers, by which some vote: what they wrap can be paused
			b"Utility" | b"Proxy" | b"Multisig" => true,
			// as in safe mode: slashes and panels' deadlines go on falling due
			b"Staking" => call.as_slice() == b"cancel_slash",
			b"Datanets" => matches!(call.as_slice(), b"commit_verdict" | b"reveal_verdict"),
			_ => false,
		}
	}
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EmergencyOrigin;
	type UnpauseOrigin = EmergencyOrigin;
	type WhitelistedCalls = Unpausable;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}
