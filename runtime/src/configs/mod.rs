//! Configurations of all pallets, by what they are for.

mod accounts;
mod consensus;
pub mod governance;
mod ledger;
mod money;
mod system;

pub use governance::{
	tally, DatanetPolicyOrigin, Electorate, EmergencyOrigin, LaunchOrigin, ModelListingOrigin,
	ParameterOrigin, SlashCancelOrigin, Spender, Tracks, SPENDS,
};
pub use ledger::{AttributionPotId, EarningWindow, LaunchesPotId, SlashToTreasury, StakingPotId};
pub use money::{CommunityPotAccount, CommunityPotId, TreasuryAccount, TreasuryPotId};
pub use system::BlockWeights;
