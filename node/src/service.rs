//! The node's parts and how they are put together.

use crate::{content, genesis::LazyGenesis, metrics, operations, rpc, wants, worker_keys};
use futures::FutureExt;
use openledger_runtime::{opaque::Block, Hash, RuntimeApi};
use openledger_supervisor::{EndpointStore, EngineSource};
use polkadot_sdk::*;
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_babe::{BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{GrandpaPruningFilter, SharedVoterState};
use sc_executor::{HeapAllocStrategy, WasmExecutor, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_network::NetworkBackend;
use sc_service::{error::Error, Configuration, PartialComponents, TaskManager, WarpSyncConfig};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::inherents::BabeCreateInherentDataProviders;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What the command line says beyond the SDK's configuration.
#[derive(Debug)]
pub struct Settings {
	/// Which engine answers jobs.
	pub engine: EngineSource,
	/// Where blobs are kept, unless in the chain's directory.
	pub content_dir: Option<PathBuf>,
	/// Largest blob over RPC, in bytes.
	pub content_max_bytes: u64,
	/// What the content directory may take, in bytes.
	pub content_budget_bytes: u64,
}

/// Blocks between justifications that are kept, so that others can sync by them.
const GRANDPA_JUSTIFICATION_PERIOD: u32 = 512;

/// Share of a slot for making a block. Declared weight fills a quarter; the rest is for slower
/// machines and for the way of the block to others.
const PROPOSAL_PORTION: f32 = 0.5;

type Client = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
type HostFunctions = sp_io::SubstrateHostFunctions;
type FullBackend = sc_service::TFullBackend<Block>;
type SelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;
type GrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, Client, SelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, Client, SelectChain>;
type InherentDataProviders = BabeCreateInherentDataProviders<Block>;
type BlockImport = sc_consensus_babe::BabeBlockImport<
	Block,
	Client,
	GrandpaBlockImport,
	InherentDataProviders,
	SelectChain,
>;

/// Consensus' parts of a node that is not running yet.
pub struct Consensus {
	/// BABE around GRANDPA around the client.
	block_import: BlockImport,
	grandpa: GrandpaLink,
	babe: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	inherents: InherentDataProviders,
	telemetry: Option<Telemetry>,
}

type Partial = PartialComponents<
	Client,
	FullBackend,
	SelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	Pool,
	Consensus,
>;

/// Runs the runtime's Wasm. What was compiled once is kept in the chain's directory: compiling a
/// runtime takes seconds, and a node that comes back after a crash has deadlines to keep.
fn executor(config: &Configuration) -> WasmExecutor<HostFunctions> {
	let strategy =
		config.executor.default_heap_pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| {
			HeapAllocStrategy::Static { extra_pages: pages as u32 }
		});
	let mut builder = WasmExecutor::builder();
	// the cache takes absolute paths alone
	if let Ok(path) = std::path::absolute(config.data_path.join("wasm")) {
		builder = builder.with_cache_path(path);
	}
	builder
		.with_execution_method(config.executor.wasm_method)
		.with_onchain_heap_alloc_strategy(strategy)
		.with_offchain_heap_alloc_strategy(strategy)
		.with_max_runtime_instances(config.executor.max_runtime_instances)
		.with_runtime_cache_size(config.executor.runtime_cache_size)
		.build()
}

/// Everything but network, RPC and authorship: what commands on the database need.
pub fn new_partial(config: &Configuration) -> Result<Partial, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;
	let handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());

	let executor = executor(config);
	let mut database = config.db_config();
	// others sync by these blocks, so they outlive pruning
	database.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
	let backend = sc_service::new_db_backend::<Block>(database)?;
	let genesis = LazyGenesis::new(config, backend.clone(), executor.clone());
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
			config,
			handle.clone(),
			executor,
			backend,
			genesis,
			false,
		)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa) = sc_consensus_grandpa::block_import(
		client.clone(),
		GRANDPA_JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		handle.clone(),
	)?;
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let inherents: InherentDataProviders = Arc::new(move |_, ()| async move {
		let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
		let slot =
			sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
				*timestamp,
				slot_duration,
			);
		Ok((slot, timestamp))
	});
	let (block_import, babe) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import.clone(),
		client.clone(),
		inherents.clone(),
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(grandpa_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: handle,
		})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, grandpa, babe, babe_worker, inherents, telemetry },
	})
}

/// Makes consensus forget the last `blocks` blocks, of which it keeps records of its own.
pub fn revert_consensus(
	client: Arc<Client>,
	backend: Arc<FullBackend>,
	blocks: u32,
) -> sp_blockchain::Result<()> {
	sc_consensus_babe::revert::<Block, _, _>(client.clone(), backend, blocks)?;
	sc_consensus_grandpa::revert::<Block, _>(client, blocks)
}

/// Starts a node with the network the command line asks for.
pub fn start(config: Configuration, settings: Settings) -> Result<TaskManager, Error> {
	use sc_network::config::NetworkBackendType;
	match config.network.network_backend {
		NetworkBackendType::Libp2p => {
			start_with::<sc_network::NetworkWorker<Block, Hash>>(config, settings)
		}
		NetworkBackendType::Litep2p => {
			start_with::<sc_network::Litep2pNetworkBackend>(config, settings)
		}
	}
}

fn start_with<Network: NetworkBackend<Block, Hash>>(
	config: Configuration,
	settings: Settings,
) -> Result<TaskManager, Error> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, grandpa, babe, babe_worker, inherents, mut telemetry },
	} = new_partial(&config)?;
	let registry = config.prometheus_registry().cloned();
	let keystore = keystore_container.keystore();
	worker_keys::insert_well_known(
		&keystore,
		&config.chain_spec.chain_type(),
		config.dev_key_seed.as_deref(),
	)
	.map_err(|e| Error::Other(format!("the keystore takes no worker key: {e}")))?;

	let content_dir =
		settings.content_dir.clone().unwrap_or_else(|| config.data_path.join("content"));
	let content =
		content::Content::open(&content_dir, settings.content_budget_bytes, registry.as_ref())?;

	// network
	let mut net_config = sc_network::config::FullNetworkConfiguration::<Block, Hash, Network>::new(
		&config.network,
		registry.clone(),
	);
	let metrics = Network::register_notification_metrics(registry.as_ref());
	let genesis = client.block_hash(0)?.ok_or("the database has no genesis block")?;
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
	let (grandpa_set, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<Block, Network>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_set);
	let (content_protocol, content_requests) =
		openledger_exchange::register::<Block, Network>(genesis.as_ref());
	net_config.add_request_response_protocol(content_protocol);
	let warp_sync = sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa.shared_authority_set().clone(),
		Vec::new(),
	);
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let exchange = content.start(
		content_requests,
		network.clone(),
		sync_service.clone(),
		&task_manager.spawn_handle(),
	);

	if config.offchain_worker.enabled {
		let wants = wants::tend(client.clone(), keystore.clone(), exchange.clone());
		task_manager.spawn_handle().spawn_blocking("wanted-blobs", Some("content"), wants);
		let mut storage =
			backend.offchain_storage().ok_or("the database keeps nothing for off-chain workers")?;
		operations::offchain::take_restored(&config.data_path, &mut storage)?;
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.clone()),
			offchain_db: Some(storage.clone()),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})
		.map_err(|e| {
			// HTTP over TLS is prepared although engines are local
			Error::Other(format!("off-chain workers need the system's CA certificates: {e}"))
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			Some("offchain-worker"),
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
		let supervisor = openledger_supervisor::start(
			settings.engine,
			content_dir,
			EndpointStore::new(storage),
			registry.as_ref(),
		)
		.map_err(|e| Error::Application(e.into()))?;
		task_manager.keep_alive(supervisor);
	}

	if let Some(registry) = &registry {
		let tasks = task_manager.spawn_handle();
		metrics::spawn::<_, FullBackend>(&tasks, client.clone(), keystore.clone(), registry)?;
	}

	let role = config.role;
	let force_authoring = config.force_authoring;
	let name = config.network.node_name.clone();
	let disable_grandpa = config.disable_grandpa;
	let voter_state = SharedVoterState::empty();

	let rpc_builder = {
		let client = client.clone();
		let pool = transaction_pool.clone();
		let select_chain = select_chain.clone();
		let keystore = keystore.clone();
		let voter_state = voter_state.clone();
		let authority_set = grandpa.shared_authority_set().clone();
		let justifications = grandpa.justification_stream();
		let proofs = sc_consensus_grandpa::FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(authority_set.clone()),
		);
		let content =
			rpc::content::Content::new(content.store, exchange, settings.content_max_bytes);
		Box::new(move |executor: sc_rpc::SubscriptionTaskExecutor| {
			let deps = rpc::Deps {
				client: client.clone(),
				pool: pool.clone(),
				select_chain: select_chain.clone(),
				keystore: keystore.clone(),
				babe: babe_worker.clone(),
				grandpa: rpc::GrandpaDeps {
					voter_state: voter_state.clone(),
					authority_set: authority_set.clone(),
					justifications: justifications.clone(),
					proofs: proofs.clone(),
				},
				content: content.clone(),
			};
			rpc::create(deps, executor).map_err(Into::into)
		})
	};
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore.clone(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder,
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

	if role.is_authority() {
		let proposer = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			transaction_pool.clone(),
			registry.as_ref(),
			telemetry_handle.clone(),
		);
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: keystore.clone(),
			client: client.clone(),
			select_chain,
			env: proposer,
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: inherents,
			force_authoring,
			backoff_authoring_blocks: Some(
				sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
			),
			babe_link: babe,
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry_handle.clone(),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking(
			"babe-proposer",
			Some("block-authoring"),
			babe,
		);
	}

	if !disable_grandpa {
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: Duration::from_millis(333),
				justification_generation_period: GRANDPA_JUSTIFICATION_PERIOD,
				name: Some(name),
				observer_enabled: false,
				// a node that makes no blocks votes on none
				keystore: role.is_authority().then_some(keystore),
				local_role: role,
				telemetry: telemetry_handle.clone(),
				protocol_name: grandpa_protocol,
			},
			link: grandpa,
			network,
			sync: sync_service,
			notification_service: grandpa_notifications,
			voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
			prometheus_registry: registry,
			shared_voter_state: voter_state,
			telemetry: telemetry_handle,
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}
