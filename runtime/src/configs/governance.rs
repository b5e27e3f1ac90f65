//! Parameters, referenda, scheduler, safe mode and pauses. Everything is root's; referenda have one
//! track, root, whose support counts against active OPEN issuance.

use crate::*;
use alloc::borrow::Cow;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{
		tokens::fungible::Inspect, AsEnsureOriginWithArg, ConstU32, Contains, EqualPrivilegeOnly,
		VoteTally,
	},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned};
use openledger_primitives::parameters::{DAYS, HOURS};
use pallet_referenda::{Curve, Track, TrackInfo};
use scale_info::TypeInfo;
use sp_runtime::{str_array as s, Perbill};

parameter_types! {
	/// What scheduled calls may take of a block.
	pub MaximumSchedulerWeight: Weight =
		Perbill::from_percent(80) * configs::BlockWeights::get().max_block;
	/// Deposit for a referendum.
	pub const SubmissionDeposit: Balance = 100 * OPEN;
	/// Blocks after which an undecided referendum ends.
	pub const UndecidingTimeout: BlockNumber = 28 * DAYS;
	/// Blocks between a referendum's alarms.
	pub const AlarmInterval: BlockNumber = 1;
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
	type AdminOrigin = AsEnsureOriginWithArg<EnsureRoot<AccountId>>;
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
	type MaxScheduledPerBlock = ConstU32<50>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = EnsureRoot<AccountId>;
	type DispatchWhitelistedOrigin = EnsureRoot<AccountId>;
	type Preimages = Preimage;
	type DeferredDispatchExpiration = DispatchExpiration;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
}

/// Votes in planck of gOPEN. Support is measured against active issuance, not against what is
/// wrapped, so that few deposits never decide.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Tally {
	/// For.
	pub ayes: Balance,
	/// Against.
	pub nays: Balance,
}

impl VoteTally<Balance, u16> for Tally {
	fn new(_: u16) -> Self {
		Self { ayes: 0, nays: 0 }
	}

	fn ayes(&self, _: u16) -> Balance {
		self.ayes
	}

	fn support(&self, _: u16) -> Perbill {
		Perbill::from_rational(self.ayes, Balances::active_issuance())
	}

	fn approval(&self, _: u16) -> Perbill {
		match self.ayes.saturating_add(self.nays) {
			0 => Perbill::zero(),
			all => Perbill::from_rational(self.ayes, all),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn unanimity(_: u16) -> Self {
		Self { ayes: Balances::active_issuance(), nays: 0 }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn rejection(_: u16) -> Self {
		Self { ayes: 0, nays: Balances::active_issuance() }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn from_requirements(support: Perbill, approval: Perbill, _: u16) -> Self {
		let ayes = support.mul_ceil(Balances::active_issuance());
		let all = approval.saturating_reciprocal_mul(ayes);
		Self { ayes, nays: all.saturating_sub(ayes) }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn setup(_: u16, _: Perbill) {}
}

/// The tracks on which referenda run.
pub struct Tracks;

static TRACKS: [Track<u16, Balance, BlockNumber>; 1] = [Track {
	id: 0,
	info: TrackInfo {
		name: s("root"),
		max_deciding: 1,
		decision_deposit: 10_000 * OPEN,
		prepare_period: 2 * HOURS,
		decision_period: 14 * DAYS,
		confirm_period: DAYS,
		min_enactment_period: DAYS,
		min_approval: Curve::LinearDecreasing {
			length: Perbill::from_percent(100),
			floor: Perbill::from_percent(50),
			ceil: Perbill::from_percent(100),
		},
		min_support: Curve::LinearDecreasing {
			length: Perbill::from_percent(100),
			floor: Perbill::from_percent(5),
			ceil: Perbill::from_percent(50),
		},
	},
}];

impl pallet_referenda::TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = <RuntimeOrigin as frame_support::traits::OriginTrait>::PalletsOrigin;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		TRACKS.iter().map(Cow::Borrowed)
	}

	fn track_for(origin: &Self::RuntimeOrigin) -> Result<u16, ()> {
		match origin {
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(0),
			_ => Err(()),
		}
	}
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = Scheduler;
	type Currency = Balances;
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type CancelOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Slash = Treasury;
	type Votes = Balance;
	type Tally = Tally;
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
				| RuntimeCall::Preimage(_)
				| RuntimeCall::Scheduler(_)
				| RuntimeCall::Gopen(_)
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
	type ForceEnterOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type ForceExitOrigin = EnsureRoot<AccountId>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

/// Calls that no pause can stop.
pub struct Unpausable;
impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for Unpausable {
	fn contains(name: &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
		matches!(
			name.0.as_slice(),
			b"System" | b"Timestamp" | b"Babe" | b"Grandpa" | b"TxPause" | b"SafeMode" | b"Sudo"
		)
	}
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureRoot<AccountId>;
	type UnpauseOrigin = EnsureRoot<AccountId>;
	type WhitelistedCalls = Unpausable;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}
