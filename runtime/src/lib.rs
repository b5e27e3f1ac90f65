//! The OpenLedger runtime: a standalone chain on which AI contribution is measured and paid.
//!
//! Here are the types, the pallets and the transaction extensions. Configurations are in
//! [`configs`], what governance may turn in [`parameters`], the runtime APIs in `apis`, genesis
//! states in [`presets`].

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// FRAME's macros write public items without documentation
#![allow(missing_docs)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

#[cfg(feature = "runtime-benchmarks")]
#[macro_use]
mod benchmarks;

mod apis;
pub mod configs;
pub mod genesis_parameters;
pub mod migrations;
pub mod parameters;
pub mod presets;
pub mod weights;

use alloc::vec::Vec;
use polkadot_sdk::*;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;
pub use openledger_primitives::{Balance, BlockNumber, OPEN, TOTAL_ISSUANCE};
pub use parameters::RuntimeParameters;

/// A signature of an account.
pub type Signature = MultiSignature;
/// An account; SS58 prefix 1612.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How a call names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Transactions an account has sent.
pub type Nonce = u32;
/// A block's or state's hash.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What every transaction carries besides its call. `AuthorizeCall` comes first: it gives workers'
/// reports their origin before anything asks for a signer.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// Runs blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// Types for the node, which must not know the runtime's calls.
pub mod opaque {
	use super::*;
	pub use sp_runtime::OpaqueExtrinsic;

	/// A block whose transactions are bytes.
	pub type Block = generic::Block<Header, OpaqueExtrinsic>;

	sp_runtime::impl_opaque_keys! {
		/// A collator's keys: block production and finality.
		pub struct SessionKeys {
			/// Block production.
			pub babe: Babe,
			/// Finality.
			pub grandpa: Grandpa,
		}
	}
}

/// The runtime's version.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("openledger"),
	impl_name: alloc::borrow::Cow::Borrowed("openledger"),
	authoring_version: 1,
	spec_version: 4,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 2,
	system_version: 1,
};

/// Milliseconds of a slot; cannot change after genesis.
pub const SLOT_MILLIS: u64 = 2_000;
/// Slots of an epoch; cannot change after genesis.
pub const EPOCH_SLOTS: u64 = openledger_primitives::parameters::EPOCH as u64;
/// BABE's configuration at genesis: one block in four slots expected from primary leaders, every
/// other slot from a secondary one, both with a VRF output.
pub const BABE_GENESIS_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: (1, 4),
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};
/// SS58 prefix of addresses.
pub const SS58_PREFIX: u16 = 1612;
/// Least balance of an account, in planck.
pub const EXISTENTIAL_DEPOSIT: Balance = OPEN / 1_000;

#[frame_support::runtime]
mod runtime {
	/// The OpenLedger runtime.
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
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;

	// consensus; Authorship after Session, which by then knows the author of a session's first block;
	// Babe before everything that draws by chance
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;

	#[runtime::pallet_index(4)]
	pub type Offences = pallet_offences;

	#[runtime::pallet_index(5)]
	pub type Historical = pallet_session::historical;

	#[runtime::pallet_index(6)]
	pub type Session = pallet_session;

	#[runtime::pallet_index(7)]
	pub type Grandpa = pallet_grandpa;

	#[runtime::pallet_index(8)]
	pub type Authorship = pallet_authorship;

	// money
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;

	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;

	// accounts' conveniences
	#[runtime::pallet_index(20)]
	pub type Utility = pallet_utility;

	#[runtime::pallet_index(21)]
	pub type Proxy = pallet_proxy;

	#[runtime::pallet_index(22)]
	pub type Multisig = pallet_multisig;

	// governance
	#[runtime::pallet_index(30)]
	pub type Preimage = pallet_preimage;

	#[runtime::pallet_index(31)]
	pub type Scheduler = pallet_scheduler;

	#[runtime::pallet_index(32)]
	pub type Referenda = pallet_referenda;

	#[runtime::pallet_index(33)]
	pub type Whitelist = pallet_whitelist;

	#[runtime::pallet_index(34)]
	pub type Treasury = pallet_treasury;

	#[runtime::pallet_index(35)]
	pub type Bounties = pallet_bounties;

	#[runtime::pallet_index(36)]
	pub type Parameters = pallet_parameters;

	#[runtime::pallet_index(37)]
	pub type Migrations = pallet_migrations;

	#[runtime::pallet_index(38)]
	pub type SafeMode = pallet_safe_mode;

	#[runtime::pallet_index(39)]
	pub type TxPause = pallet_tx_pause;

	#[runtime::pallet_index(40)]
	pub type Sudo = pallet_sudo;

	#[runtime::pallet_index(41)]
	pub type GenesisParameters = crate::genesis_parameters;

	#[runtime::pallet_index(42)]
	pub type TechnicalCommittee = pallet_collective<Instance1>;

	#[runtime::pallet_index(43)]
	pub type Origins = crate::configs::governance::origins;

	// what the chain is for; Clock before Attribution, whose deadlines it stops; Chance before Datanets and Inference, which draw in `on_finalize`
	#[runtime::pallet_index(49)]
	pub type Clock = openledger_clock;

	#[runtime::pallet_index(50)]
	pub type Chance = openledger_chance;

	#[runtime::pallet_index(51)]
	pub type Staking = openledger_staking;

	#[runtime::pallet_index(52)]
	pub type Datanets = openledger_datanets;

	#[runtime::pallet_index(53)]
	pub type Models = openledger_models;

	#[runtime::pallet_index(54)]
	pub type Inference = openledger_inference;

	#[runtime::pallet_index(55)]
	pub type Attribution = openledger_attribution;

	#[runtime::pallet_index(56)]
	pub type Gopen = openledger_gopen;

	#[runtime::pallet_index(57)]
	pub type Assembly = openledger_assembly;

	#[runtime::pallet_index(58)]
	pub type Launches = openledger_launches;
}
