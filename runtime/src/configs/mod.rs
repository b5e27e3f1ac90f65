//! Configurations of all pallets, by what they are for.

mod accounts;
mod consensus;
mod governance;
mod ledger;
mod money;
mod system;

pub use governance::Tally;
pub use ledger::{AttributionPotId, SlashToTreasury, StakingPotId};
pub use money::{CommunityPotAccount, CommunityPotId, TreasuryAccount, TreasuryPotId};
pub use system::BlockWeights;
