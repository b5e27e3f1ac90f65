//! From the command line to what it asks for.

use crate::{
	chain_spec,
	cli::{Cli, Subcommand},
	operations::damage,
	service,
	service::Settings,
};
use openledger_runtime::opaque::Block;
use polkadot_sdk::*;
use sc_cli::{OffchainWorkerEnabled, SubstrateCli};
use sc_service::PartialComponents;
use std::path::PathBuf;

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"OpenLedger Node".into()
	}

	fn impl_version() -> String {
		env!("CARGO_PKG_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		"OpenLedger contributors".into()
	}

	fn support_url() -> String {
		"the repository's README.md".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		Ok(Box::new(chain_spec::load(id)?))
	}
}

/// Parses the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
	sp_core::crypto::set_default_ss58_version(openledger_runtime::SS58_PREFIX.into());
	let mut cli = Cli::from_args();

	match cli.subcommand.take() {
		None => run_node(cli),
		Some(Subcommand::Engine(command)) => run_engine(command),
		Some(Subcommand::Ceremony(ceremony)) => ceremony.run().map_err(sc_cli::Error::Input),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::Doctor(cmd)) => cmd.run(),
		Some(Subcommand::Keys(cmd)) => cmd.run(),
		Some(Subcommand::Backup(cmd)) => cmd.run(),
		Some(Subcommand::Restore(cmd)) => cmd.run(),
		Some(Subcommand::BuildSpec(cmd)) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
		}
		Some(Subcommand::ExportChainSpec(cmd)) => {
			let spec = match &cmd.runtime {
				None => cli.load_spec(&cmd.inner.chain)?,
				Some(blob) => Box::new(chain_spec::with_runtime(&cmd.inner.chain, blob)?),
			};
			cmd.inner.run(spec)
		}
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(&cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				service::new_partial(&config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(&cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
			Ok((cmd.run(client, config.database), task_manager))
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(&cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
			Ok((cmd.run(client, config.chain_spec), task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(&cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				service::new_partial(&config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::PurgeChain(cmd)) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run(config.database))
		}
		Some(Subcommand::Revert(cmd)) => cli.create_runner(&cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, backend, .. } =
				service::new_partial(&config)?;
			let consensus = Box::new(|client, backend, blocks| {
				service::revert_consensus(client, backend, blocks).map_err(sc_cli::Error::Client)
			});
			Ok((cmd.run(client, backend, Some(consensus)), task_manager))
		}),
		Some(Subcommand::ChainInfo(cmd)) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run::<Block>(&config))
		}
	}
}

fn run_node(mut cli: Cli) -> sc_cli::Result<()> {
	if cli.openledger.worker {
		let enabled = &mut cli.run.offchain_worker_params.enabled;
		if matches!(enabled, OffchainWorkerEnabled::Never) {
			return Err(sc_cli::Error::Input(
				"--worker needs off-chain workers: leave out --offchain-worker never".into(),
			));
		}
		*enabled = OffchainWorkerEnabled::Always;
	}
	let rpc = &mut cli.run.rpc_params;
	let needed = cli.openledger.rpc_size_mib();
	// a size other than the default was asked for
	if rpc.rpc_max_request_size == sc_cli::RPC_DEFAULT_MAX_REQUEST_SIZE_MB {
		rpc.rpc_max_request_size = rpc.rpc_max_request_size.max(needed);
	}
	if rpc.rpc_max_response_size == sc_cli::RPC_DEFAULT_MAX_RESPONSE_SIZE_MB {
		rpc.rpc_max_response_size = rpc.rpc_max_response_size.max(needed);
	}

	let settings = Settings {
		engine: cli.openledger.engine_source().map_err(sc_cli::Error::Input)?,
		content_dir: cli.openledger.content_dir.clone(),
		content_max_bytes: cli.openledger.content_max_bytes(),
		content_budget_bytes: cli.openledger.content_budget_bytes(),
	};
	cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
		let database = config.database.path().map(PathBuf::from);
		service::start(config, settings).map_err(|e| damage::explain(e, database.as_deref()))
	})
}

fn run_engine(command: openledger_engine::cli::Command) -> sc_cli::Result<()> {
	openledger_supervisor::lifeline::attach().map_err(sc_cli::Error::Input)?;
	openledger_engine::memory::end_when_exhausted();
	openledger_engine::cli::run(command).map_err(|e| match e.code() {
		1 => sc_cli::Error::Input(e.line()),
		code => {
			// the engine's other codes mean something too
			eprintln!("Error: {}", e.line());
			std::process::exit(code.into())
		}
	})
}
