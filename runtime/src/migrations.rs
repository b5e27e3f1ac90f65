//! What an upgrade changes in state before the first block of the new runtime. Each migration looks at
//! its pallet's storage version and runs once.

use crate::Runtime;

/// Small enough for one block.
pub type SingleBlock = (openledger_staking::migrations::MigrateV1ToV2<Runtime>,);
