//! What the chain is for: chance, bonds, Datanets, models, the market, committees and gOPEN.

use crate::*;
use frame_support::{
	parameter_types,
	traits::{ConstU32, Get},
	PalletId,
};
use openledger_primitives::api::ENGINE_VERSION;
use parameters::dynamic_params as dynamic;

parameter_types! {
	/// The pot that keeps spent fees until they are claimed.
	pub const AttributionPotId: PalletId = PalletId(*b"ol/attrb");
	/// The engine version that new models pin.
	pub const EngineVersion: u32 = ENGINE_VERSION;
	/// Jobs drawn in one block, and queue entries worked off in one.
	pub const MaxDrawsPerBlock: u32 = 64;
}

/// The VRF output of the block at hand; BABE sets it when the block ends.
pub struct BlockVrf;
impl Get<Option<[u8; 32]>> for BlockVrf {
	fn get() -> Option<[u8; 32]> {
		pallet_babe::AuthorVrfRandomness::<Runtime>::get()
	}
}

/// Slashed OPEN goes to the treasury.
pub type SlashToTreasury =
	frame_support::traits::tokens::imbalance::ResolveTo<configs::TreasuryAccount, Balances>;

impl openledger_chance::Config for Runtime {
	type BlockVrf = BlockVrf;
	type WeightInfo = openledger_chance::weights::SubstrateWeight<Runtime>;
}

impl openledger_staking::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SlashTarget = SlashToTreasury;
	type Sessions = Session;
	type Parameters = dynamic::staking::Bonds;
	type MaxMembers = ConstU32<256>;
	type WeightInfo = openledger_staking::weights::SubstrateWeight<Runtime>;
}

impl openledger_datanets::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::datanets::Curation;
	type Chance = Chance;
	type Curators = Staking;
	type TreasuryAccount = configs::TreasuryAccount;
	type MaxCurators = ConstU32<256>;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxDeadlinesPerBlock = MaxDrawsPerBlock;
	type WeightInfo = openledger_datanets::weights::SubstrateWeight<Runtime>;
}

impl openledger_models::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::inference::Jobs;
	type Datanets = Datanets;
	type EngineVersion = EngineVersion;
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
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxWaiting = ConstU32<10_000>;
	type WeightInfo = openledger_inference::weights::SubstrateWeight<Runtime>;
}

impl openledger_attribution::Config for Runtime {
	type Currency = Balances;
	type Jobs = Inference;
	type Models = Models;
	type Datanets = Datanets;
	type Bonding = Staking;
	type Parameters = dynamic::attribution::Rounds;
	type Split = dynamic::attribution::FeeSplit;
	type PotId = AttributionPotId;
	type Treasury = configs::TreasuryAccount;
	type MaxQueueWork = MaxDrawsPerBlock;
	type WeightInfo = openledger_attribution::weights::SubstrateWeight<Runtime>;
}

impl openledger_gopen::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Parameters = dynamic::gopen::Wrapping;
	type WeightInfo = openledger_gopen::weights::SubstrateWeight<Runtime>;
}
