//! JSON-RPC beyond what every node of the SDK has.

pub mod content;

use self::content::{Content, ContentApiServer};
use jsonrpsee::RpcModule;
use openledger_runtime::{opaque::Block, AccountId, Balance, Hash, Nonce};
use polkadot_sdk::*;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_transaction_pool_api::TransactionPool;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// What finality's methods need.
pub struct GrandpaDeps<Backend> {
	/// The round that is being voted on.
	pub voter_state: SharedVoterState,
	/// Who votes.
	pub authority_set: SharedAuthoritySet<Hash, openledger_runtime::BlockNumber>,
	/// What was agreed on, as it comes.
	pub justifications: GrandpaJustificationStream<Block>,
	/// What was agreed on earlier.
	pub proofs: Arc<FinalityProofProvider<Backend, Block>>,
}

/// What the methods need.
pub struct Deps<Client, Pool, SelectChain, Backend> {
	/// The chain.
	pub client: Arc<Client>,
	/// Transactions on their way.
	pub pool: Arc<Pool>,
	/// Which fork is best.
	pub select_chain: SelectChain,
	/// This node's keys.
	pub keystore: KeystorePtr,
	/// Block production.
	pub babe: BabeWorkerHandle<Block>,
	/// Finality.
	pub grandpa: GrandpaDeps<Backend>,
	/// Blobs.
	pub content: Content,
}

/// All methods in one module.
pub fn create<Client, Pool, SelectChain, Backend>(
	deps: Deps<Client, Pool, SelectChain, Backend>,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>>
where
	Client: sp_api::ProvideRuntimeApi<Block>
		+ sp_blockchain::HeaderBackend<Block>
		+ sp_blockchain::HeaderMetadata<Block, Error = sp_blockchain::Error>
		+ Send
		+ Sync
		+ 'static,
	Client::Api: substrate_frame_rpc_system::AccountNonceApi<Block, AccountId, Nonce>
		+ pallet_transaction_payment_rpc::TransactionPaymentRuntimeApi<Block, Balance>
		+ sp_consensus_babe::BabeApi<Block>
		+ sp_block_builder::BlockBuilder<Block>,
	Pool: TransactionPool + 'static,
	SelectChain: sp_consensus::SelectChain<Block> + 'static,
	Backend: sc_client_api::Backend<Block> + 'static,
{
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let Deps { client, pool, select_chain, keystore, babe, grandpa, content } = deps;
	let mut module = RpcModule::new(());
	module.merge(System::new(client.clone(), pool).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	module.merge(Babe::new(client, babe, keystore, select_chain).into_rpc())?;
	module.merge(
		Grandpa::new(
			executor,
			grandpa.authority_set,
			grandpa.voter_state,
			grandpa.justifications,
			grandpa.proofs,
		)
		.into_rpc(),
	)?;
	module.merge(content.into_rpc())?;
	Ok(module)
}
