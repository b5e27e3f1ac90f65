//! What `scripts/weights.sh` measures on this runtime: our pallets, and all of a transfer, which others
//! are compared with.

use crate::Runtime;
use polkadot_sdk::pallet_transaction_payment;

/// The extensions' benchmarks have a pallet of their own.
pub type SystemExtensions = polkadot_sdk::frame_system_benchmarking::extensions::Pallet<Runtime>;

impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

polkadot_sdk::frame_benchmarking::define_benchmarks!(
	[openledger_assembly, Assembly]
	[openledger_attribution, Attribution]
	[openledger_chance, Chance]
	[openledger_clock, Clock]
	[openledger_datanets, Datanets]
	[openledger_gopen, Gopen]
	[openledger_inference, Inference]
	[openledger_launches, Launches]
	[openledger_models, Models]
	[openledger_staking, Staking]
	[frame_system_extensions, crate::benchmarks::SystemExtensions]
	[pallet_balances, Balances]
	[pallet_transaction_payment, TransactionPayment]
);
