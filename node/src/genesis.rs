//! The first block, built only where there is none yet.

use openledger_runtime::opaque::Block;
use polkadot_sdk::*;
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_client_api::Backend;
use sc_executor::RuntimeVersionOf;
use sc_service::{Configuration, TFullBackend};
use sp_runtime::BuildStorage;
use std::sync::Arc;

type FullBackend = TFullBackend<Block>;

/// Builds genesis when the database asks for it. Building compiles the runtime, which takes seconds,
/// and a node that comes back after a crash has deadlines to keep.
pub struct LazyGenesis<'a, Executor> {
	storage: &'a dyn BuildStorage,
	with_state: bool,
	backend: Arc<FullBackend>,
	executor: Executor,
}

impl<'a, Executor> LazyGenesis<'a, Executor> {
	/// Of the chain that `config` names.
	pub fn new(config: &'a Configuration, backend: Arc<FullBackend>, executor: Executor) -> Self {
		Self {
			storage: config.chain_spec.as_storage_builder(),
			with_state: !config.no_genesis(),
			backend,
			executor,
		}
	}
}

impl<Executor: RuntimeVersionOf> BuildGenesisBlock<Block> for LazyGenesis<'_, Executor> {
	type BlockImportOperation = <FullBackend as Backend<Block>>::BlockImportOperation;

	fn build_genesis_block(self) -> sp_blockchain::Result<(Block, Self::BlockImportOperation)> {
		let Self { storage, with_state, backend, executor } = self;
		GenesisBlockBuilder::new(storage, with_state, backend, executor)?.build_genesis_block()
	}
}
