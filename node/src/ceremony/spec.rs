//! From public files to a chain specification: the same bytes for everybody.

use super::{
	operator::{show, Operator},
	parameters::Parameters,
	read_json, write_new,
};
use crate::chain_spec::{self, ChainSpec};
use openledger_primitives::parameters::Clamp;
use openledger_runtime::{
	presets::{balances, Network},
	AccountId, Balance, OPEN, SS58_PREFIX,
};
use polkadot_sdk::{
	sp_core::{
		crypto::{set_default_ss58_version, Ss58AddressFormatRegistry},
		hexdisplay::HexDisplay,
	},
	sp_io::hashing::sha2_256,
};
use std::{collections::BTreeSet, path::PathBuf};

/// The specification is raw. With the same files and the same runtime it has the same checksum
/// everywhere, whatever the files' order.
#[derive(Debug, clap::Args)]
pub struct Spec {
	/// The ceremony's parameters.
	#[arg(long, value_name = "FILE")]
	parameters: PathBuf,

	/// The operators' files.
	#[arg(long, value_name = "FILE", num_args = 1.., required = true)]
	operators: Vec<PathBuf>,

	/// Wasm blob of the runtime, compressed or not, instead of this binary's own.
	#[arg(long, value_name = "FILE")]
	runtime: Option<PathBuf>,

	/// Where to write it.
	#[arg(long, value_name = "FILE")]
	output: PathBuf,
}

impl Spec {
	/// Makes it, and shows who gets what.
	pub fn run(self) -> Result<(), String> {
		let mut parameters: Parameters = read_json(&self.parameters)?;
		let mut operators = Vec::new();
		for path in &self.operators {
			operators.push(read_json::<Operator>(path)?);
		}
		operators.sort_by(|a, b| a.account.cmp(&b.account));
		check(&operators, &parameters)?;
		let accounts: Vec<_> = operators.iter().map(|o| o.account.clone()).collect();
		let shares = parameters.shares(&accounts)?;
		let spec = build(&mut parameters, &operators, &shares, self.runtime)?;
		let json = spec.as_json(true)?;
		write_new(&self.output, &json)?;
		table(&parameters, &operators, shares);
		println!("\nsha256 {}", HexDisplay::from(&sha2_256(json.as_bytes())));
		Ok(())
	}
}

/// Whether the operators can launch a network together.
fn check(operators: &[Operator], parameters: &Parameters) -> Result<(), String> {
	let bonds = parameters.parameters.bonds.unwrap_or_default().clamped();
	if u128::from(parameters.operator_bond) * OPEN < bonds.min_collator_bond {
		return Err(format!(
			"operatorBond is below min_collator_bond, {} OPEN",
			bonds.min_collator_bond / OPEN
		));
	}
	let mut seen = BTreeSet::new();
	for operator in operators {
		operator.check(&parameters.id)?;
		let keys = &operator.session_keys;
		let mut facts = vec![
			format!("name {}", operator.name),
			format!("account {}", show(&operator.account)),
			format!("BABE key {}", keys.babe),
			format!("GRANDPA key {}", keys.grandpa),
		];
		facts.extend(operator.bootnode.as_ref().map(|node| format!("peer {}", node.peer_id)));
		for fact in facts {
			if !seen.insert(fact.clone()) {
				return Err(format!("two operators have the same {fact}"));
			}
		}
	}
	if operators.len() < 4 {
		eprintln!("Warning: finality stops with the first of fewer than 4 operators that is away.");
	}
	Ok(())
}

fn build(
	parameters: &mut Parameters,
	operators: &[Operator],
	shares: &[(String, AccountId, Balance)],
	runtime: Option<PathBuf>,
) -> Result<ChainSpec, String> {
	let (grant, bond) = (open(parameters.operator_grant), open(parameters.operator_bond));
	let holders = shares.iter().map(|(_, who, amount)| (who.clone(), *amount));
	let network = Network {
		endowed: merged(holders.chain(operators.iter().map(|o| (o.account.clone(), grant)))),
		collators: operators
			.iter()
			.map(|o| (o.account.clone(), o.session_keys.clone(), bond))
			.collect(),
		workers: Vec::new(),
		curators: Vec::new(),
		// until root appoints another
		committee: operators.iter().map(|operator| operator.account.clone()).collect(),
		pace: 1,
		sudo: None,
		parameters: std::mem::take(&mut parameters.parameters),
	};
	// the runtime that reads it knows no chain's own way to write addresses
	set_default_ss58_version(Ss58AddressFormatRegistry::SubstrateAccount.into());
	let genesis = network.genesis();
	set_default_ss58_version(SS58_PREFIX.into());
	let code = match runtime {
		None => chain_spec::own_runtime()?.to_vec(),
		Some(path) => std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?,
	};
	let bootnodes = operators.iter().filter_map(|o| o.bootnode.clone()).collect();
	Ok(ChainSpec::builder(&code, None)
		.with_name(&parameters.name)
		.with_id(&parameters.id)
		.with_chain_type(parameters.chain_type.into())
		.with_protocol_id(&parameters.protocol_id)
		.with_properties(chain_spec::properties())
		.with_boot_nodes(bootnodes)
		.with_genesis_config_patch(genesis)
		.build())
}

fn open(amount: u64) -> Balance {
	Balance::from(amount) * OPEN
}

/// One entry an account, whatever it gets it for.
fn merged(given: impl Iterator<Item = (AccountId, Balance)>) -> Vec<(AccountId, Balance)> {
	let mut sums = std::collections::BTreeMap::<AccountId, Balance>::new();
	for (who, amount) in given {
		*sums.entry(who).or_default() += amount;
	}
	sums.into_iter().collect()
}

/// Shows who gets what.
fn table(
	parameters: &Parameters,
	operators: &[Operator],
	mut shares: Vec<(String, AccountId, Balance)>,
) {
	for operator in operators {
		let grant = open(parameters.operator_grant);
		shares.push((format!("operator {}", operator.name), operator.account.clone(), grant));
	}
	let given: Vec<_> = shares.iter().map(|(_, who, amount)| (who.clone(), *amount)).collect();
	if let Some((pot, rest)) = balances(given.into_iter()).pop() {
		shares.push(("community pot".into(), pot, rest));
	}
	for (purpose, account, amount) in shares {
		println!("{purpose:<42} {} {:>15} OPEN", show(&account), amount / OPEN);
	}
}
