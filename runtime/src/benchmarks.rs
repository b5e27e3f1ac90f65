//! What `scripts/weights.sh` measures on this runtime: our pallets, and balances, whose transfers
//! others are compared with.

polkadot_sdk::frame_benchmarking::define_benchmarks!(
	[openledger_attribution, Attribution]
	[openledger_chance, Chance]
	[openledger_clock, Clock]
	[openledger_datanets, Datanets]
	[openledger_gopen, Gopen]
	[openledger_inference, Inference]
	[openledger_models, Models]
	[openledger_staking, Staking]
	[pallet_balances, Balances]
);
