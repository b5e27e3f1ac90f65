//! The chains this binary knows by name, and what clients should know of them.

use openledger_runtime::WASM_BINARY;
use polkadot_sdk::{
	sc_chain_spec::{ChainSpecBuilder, ChainType, GenericChainSpec, Properties},
	sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET},
};

/// A chain's specification: a genesis preset of the runtime, and a name.
pub type ChainSpec = GenericChainSpec;

/// One authority, short periods, sudo: for development on one machine.
pub fn development() -> Result<ChainSpec, String> {
	Ok(builder(DEV_RUNTIME_PRESET)?
		.with_name("OpenLedger Development")
		.with_id("openledger_dev")
		.with_chain_type(ChainType::Development)
		.build())
}

/// Four authorities with well-known keys: for networks of several nodes on one machine.
pub fn local() -> Result<ChainSpec, String> {
	Ok(builder(LOCAL_TESTNET_RUNTIME_PRESET)?
		.with_name("OpenLedger Local")
		.with_id("openledger_local")
		.with_chain_type(ChainType::Local)
		.build())
}

/// The specification called `id`: `dev`, `local` (also when nothing is asked for), or the path of a
/// JSON file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => development(),
		"" | "local" => local(),
		path => {
			if !std::path::Path::new(path).is_file() {
				return Err(format!(
					"there is no chain `{path}`: --chain takes `dev`, `local`, or the path of a \
					 chain specification file"
				));
			}
			ChainSpec::from_json_file(path.into())
		}
	}
}

fn builder(preset: &str) -> Result<ChainSpecBuilder, String> {
	let code = WASM_BINARY.ok_or(
		"this binary was built with SKIP_WASM_BUILD and has no runtime: build it without, or give \
		 a chain specification file by --chain",
	)?;
	Ok(ChainSpec::builder(code, None)
		.with_protocol_id("openledger")
		.with_properties(properties())
		.with_genesis_config_preset_name(preset))
}

fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "OPEN".into());
	properties.insert("tokenDecimals".into(), 18.into());
	properties.insert("ss58Format".into(), openledger_runtime::SS58_PREFIX.into());
	properties
}
