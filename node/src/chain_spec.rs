//! The chains this binary knows by name, and what clients should know of them.

use openledger_runtime::WASM_BINARY;
use polkadot_sdk::{
	sc_chain_spec::{ChainSpecBuilder, ChainType, GenericChainSpec, Properties},
	sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET},
};

/// A chain's specification: a genesis preset of the runtime, and a name.
pub type ChainSpec = GenericChainSpec;

/// One authority, short periods, sudo: for development on one machine.
fn development(code: &[u8]) -> ChainSpec {
	builder(code, DEV_RUNTIME_PRESET)
		.with_name("OpenLedger Development")
		.with_id("openledger_dev")
		.with_chain_type(ChainType::Development)
		.build()
}

/// Four authorities with well-known keys: for networks of several nodes on one machine.
fn local(code: &[u8]) -> ChainSpec {
	builder(code, LOCAL_TESTNET_RUNTIME_PRESET)
		.with_name("OpenLedger Local")
		.with_id("openledger_local")
		.with_chain_type(ChainType::Local)
		.build()
}

/// The specification called `id`: `dev`, `local` (also when nothing is asked for), or the path of a
/// JSON file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => Ok(development(own_runtime()?)),
		"" | "local" => Ok(local(own_runtime()?)),
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

/// `dev` or `local` with the runtime in the file `blob`, and that runtime's preset.
pub fn with_runtime(id: &str, blob: &std::path::Path) -> Result<ChainSpec, String> {
	let code = std::fs::read(blob).map_err(|e| format!("{}: {e}", blob.display()))?;
	match id {
		"dev" => Ok(development(&code)),
		"local" => Ok(local(&code)),
		_ => Err("--runtime goes with --chain dev or --chain local alone".into()),
	}
}

/// The runtime in this binary, as a Wasm blob.
pub fn own_runtime() -> Result<&'static [u8], String> {
	WASM_BINARY.ok_or_else(|| {
		"this binary was built with SKIP_WASM_BUILD and has no runtime: build it without, or give \
		 a chain specification file by --chain"
			.into()
	})
}

fn builder(code: &[u8], preset: &str) -> ChainSpecBuilder {
	ChainSpec::builder(code, None)
		.with_protocol_id("openledger")
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
}

/// What wallets should know of OPEN.
pub fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "OPEN".into());
	properties.insert("tokenDecimals".into(), 18.into());
	properties.insert("ss58Format".into(), openledger_runtime::SS58_PREFIX.into());
	properties
}
