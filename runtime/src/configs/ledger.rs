//! What the chain is for: chance, bonds, Datanets, models, the market, committees, gOPEN and launches.

use crate::*;
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, Get},
	weights::Weight,
	PalletId,
};
use openledger_primitives::{api::ENGINE_VERSION, parameters::DAYS};
use parameters::dynamic_params as dynamic;
use sp_runtime::Perbill;

parameter_types! {
	/// The pot that keeps spent fees until they are claimed.
	pub const AttributionPotId: PalletId = PalletId(*b"ol/attrb");
	/// The pot that keeps delegations and what they earn.
	pub const StakingPotId: PalletId = PalletId(*b"ol/stake");
	/// The pot that keeps the budgets of calls for data.
	pub const LaunchesPotId: PalletId = PalletId(*b"ol/lnchs");
	/// Deposit for a small record: a proof of duplicates, a curator's kinds, published clusters.
	pub const RecordDeposit: Balance = OPEN;
	/// The engine version that new models pin.
	pub const EngineVersion: u32 = ENGINE_VERSION;
	/// What draws of committees may weigh in one block.
	pub DrawWeight: Weight = Perbill::from_percent(20) * configs::BlockWeights::get().max_block;
	/// What paying out receipts may weigh in one block; ending phases and drawing audits each a quarter.
	pub QueueWeight: Weight = Perbill::from_percent(20) * configs::BlockWeights::get().max_block;
}

/// The community pot: nobody has earned that OPEN yet. The treasury sees to its own.
pub struct Asleep;
impl Get<Vec<AccountId>> for Asleep {
	fn get() -> Vec<AccountId> {
		alloc::vec![configs::CommunityPotAccount::get()]
	}
}

/// The VRF output of the block at hand; BABE sets it when the block ends.
pub struct BlockVrf;
impl Get<Option<[u8; 32]>> for BlockVrf {
	fn get() -> Option<[u8; 32]> {
		pallet_babe::AuthorVrfRandomness::<Runtime>::get()
	}
}

/// Blocks of one window of earnings in Datanets, which their people's votes count by.
pub struct EarningWindow;
impl Get<BlockNumber> for EarningWindow {
	fn get() -> BlockNumber {
		Gopen::paced(14 * DAYS)
	}
}

/// Whether workers' reports or disputes of them are refused.
pub struct ReportsPaused;
impl Get<bool> for ReportsPaused {
	fn get() -> bool {
		let paused =
			|call: &[u8]| TxPause::is_paused_unbound(b"Attribution".to_vec(), call.to_vec());
		SafeMode::is_entered()
			|| paused(b"commit")
			|| paused(b"reveal")
			|| paused(b"dispute")
			|| <Migrations as frame_support::migrations::MultiStepMigrator>::ongoing()
	}
}

/// The heaviest report: the last of a job whose answer rests on as many contributions as possible.
pub struct HeaviestReport;
impl Get<Weight> for HeaviestReport {
	fn get() -> Weight {
		use openledger_attribution::WeightInfo;
		type Weights = openledger_attribution::weights::SubstrateWeight<Runtime>;
		Weights::authorize_reveal()
			.saturating_add(Weights::reveal())
			.saturating_add(Weights::settle(openledger_primitives::MAX_INFLUENCE))
			.saturating_add(
				configs::BlockWeights::get().get(DispatchClass::Operational).base_extrinsic,
			)
	}
}

/// Slashed OPEN goes to the treasury.
pub type SlashToTreasury =
	frame_support::traits::tokens::imbalance::ResolveTo<configs::TreasuryAccount, Balances>;

impl openledger_chance::Config for Runtime {
	type BlockVrf = BlockVrf;
	type WeightInfo = openledger_chance::weights::SubstrateWeight<Runtime>;
}

impl openledger_clock::Config for Runtime {
	type IsPaused = ReportsPaused;
	type Reserve = HeaviestReport;
	type WeightInfo = openledger_clock::weights::SubstrateWeight<Runtime>;
}

impl openledger_staking::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PotId = StakingPotId;
	type SlashTarget = SlashToTreasury;
	type SlashCancelOrigin = configs::SlashCancelOrigin;
	type Sessions = Session;
	type RewardSource = configs::CommunityPotAccount;
	type Parameters = dynamic::staking::Bonds;
	type RewardParameters = dynamic::staking::Rewards;
	type MaxMembers = ConstU32<256>;
	type MaxPendingSlashes = ConstU32<1_024>;
	type WeightInfo = openledger_staking::weights::SubstrateWeight<Runtime>;
}

impl openledger_datanets::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::datanets::Curation;
	type Chance = Chance;
	type Curators = Staking;
	type Penalties = Staking;
	type TreasuryAccount = configs::TreasuryAccount;
	type RecordDeposit = RecordDeposit;
	type MaxCurators = ConstU32<256>;
	type MaxDrawsPerBlock = ConstU32<8>;
	type MaxDeadlinesPerBlock = ConstU32<2>;
	type PolicyOrigin = configs::DatanetPolicyOrigin;
	type EarningWindow = EarningWindow;
	type WeightInfo = openledger_datanets::weights::SubstrateWeight<Runtime>;
}

impl openledger_models::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::inference::Jobs;
	type Datanets = Datanets;
	type Bonding = Staking;
	type Chance = Chance;
	type Usage = Inference;
	type Treasury = configs::TreasuryAccount;
	type EngineVersion = EngineVersion;
	type MaxEvaluations = ConstU32<16>;
	type MaxEvaluationWork = ConstU32<16>;
	type MaxWaiting = ConstU32<1_000>;
	type MaxWorkers = ConstU32<256>;
	type ListingOrigin = configs::ModelListingOrigin;
	type WeightInfo = openledger_models::weights::SubstrateWeight<Runtime>;
}

impl openledger_inference::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Bonding = Staking;
	type Chance = Chance;
	type Committees = Attribution;
	type Parameters = dynamic::inference::Jobs;
	type Split = dynamic::attribution::FeeSplit;
	type MaxServers = ConstU32<128>;
	type MaxDrawsPerBlock = ConstU32<64>;
	type DrawWeight = DrawWeight;
	type MaxWaiting = ConstU32<10_000>;
	type WeightInfo = openledger_inference::weights::SubstrateWeight<Runtime>;
}

impl openledger_attribution::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Jobs = Inference;
	type Models = Models;
	type Datanets = Datanets;
	type Bonding = Staking;
	type Penalties = Staking;
	type StakeRewards = Staking;
	type Chance = Chance;
	type Clock = Clock;
	type Parameters = dynamic::attribution::Rounds;
	type Split = dynamic::attribution::FeeSplit;
	type PotId = AttributionPotId;
	type Treasury = configs::TreasuryAccount;
	type MaxQueueWork = ConstU32<64>;
	type QueueWeight = QueueWeight;
	type WeightInfo = openledger_attribution::weights::SubstrateWeight<Runtime>;
}

impl openledger_gopen::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::gopen::Wrapping;
	type Polls = Referenda;
	type Starts = configs::Tracks;
	type Electorate = configs::Electorate;
	type Asleep = Asleep;
	type WeightInfo = openledger_gopen::weights::SubstrateWeight<Runtime>;
}

impl openledger_assembly::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Policy = openledger_datanets::Policy;
	type Datanets = Datanets;
	type Power = Gopen;
	type Parameters = dynamic::assembly::Voting;
	type Treasury = configs::TreasuryAccount;
	type MaxCleared = ConstU32<64>;
	type WeightInfo = openledger_assembly::weights::SubstrateWeight<Runtime>;
}

impl openledger_launches::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::launches::Launches;
	type Datanets = Datanets;
	type Models = Models;
	type SpendOrigin = configs::Spender;
	type ListingOrigin = configs::LaunchOrigin;
	type Treasury = configs::TreasuryAccount;
	type PotId = LaunchesPotId;
	type WeightInfo = openledger_launches::weights::SubstrateWeight<Runtime>;
}
