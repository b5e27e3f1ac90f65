//! What a ceremony agrees on before anybody has keys.

use super::operator::{check_name, parse_account};
use openledger_runtime::{
	AccountId, Balance, GenesisParametersConfig, Multisig, OPEN, TOTAL_ISSUANCE,
};
use polkadot_sdk::sc_chain_spec::ChainType;
use serde::Deserialize;

/// A ceremony's public parameters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameters {
	/// What explorers show.
	pub name: String,
	/// Names the chain's folder and its keys.
	pub id: String,
	/// Names the network's protocols.
	pub protocol_id: String,
	/// Whether OPEN has a price there.
	pub chain_type: Kind,
	/// Who gets how much of all OPEN, besides the community.
	pub allocation: Vec<Share>,
	/// What every operator gets from the community's share, in OPEN.
	pub operator_grant: u64,
	/// What of it is bonded, in OPEN.
	pub operator_bond: u64,
	/// Parameters that differ from their defaults.
	#[serde(default)]
	pub parameters: GenesisParametersConfig,
}

/// What a chain is for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
	/// A rehearsal.
	Staging,
	/// The real one.
	Live,
}

impl From<Kind> for ChainType {
	fn from(kind: Kind) -> Self {
		match kind {
			Kind::Staging => ChainType::Custom("Staging".into()),
			Kind::Live => ChainType::Live,
		}
	}
}

/// A part of all OPEN.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Share {
	/// What for.
	pub purpose: String,
	/// How much of all, in parts per million.
	pub ppm: u32,
	/// Whose.
	pub to: Holder,
}

/// Who holds a share.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Holder {
	/// The account with this address.
	Account(String),
	/// So many of the operators together.
	Multisig(u16),
}

impl Holder {
	/// The holder's account, among operators in the order of their accounts.
	fn account(&self, operators: &[AccountId]) -> Result<AccountId, String> {
		match self {
			Holder::Account(address) => parse_account(address),
			Holder::Multisig(threshold) => {
				let most = operators.len();
				// a multisig of one is an account of its own, which nobody could use
				if !(2..=most).contains(&usize::from(*threshold)) {
					return Err(format!(
						"a multisig of {threshold} of {most} operators: 2 to {most} would do"
					));
				}
				Ok(Multisig::multi_account_id(operators, *threshold))
			}
		}
	}
}

impl Parameters {
	/// Purpose, account and planck of every share, given the operators in the order of their accounts.
	pub fn shares(
		&self,
		operators: &[AccountId],
	) -> Result<Vec<(String, AccountId, Balance)>, String> {
		check_name(&self.id.replace('_', "-"))?;
		check_name(&self.protocol_id)?;
		let given = self.allocation.iter().map(|share| u64::from(share.ppm)).sum::<u64>();
		if given > 1_000_000 {
			return Err(format!("the allocation gives away {given} ppm of all OPEN"));
		}
		let community = part(1_000_000 - given);
		let grants = u128::from(self.operator_grant) * OPEN * operators.len() as u128;
		if grants > community {
			return Err(format!(
				"grants of {} OPEN to {} operators are more than the community's share of {} OPEN",
				self.operator_grant,
				operators.len(),
				community / OPEN
			));
		}
		if self.operator_bond >= self.operator_grant {
			return Err(
				"operatorBond must be less than operatorGrant, or fees cannot be paid".into()
			);
		}
		self.allocation
			.iter()
			.map(|share| {
				let account =
					share.to.account(operators).map_err(|e| format!("{}: {e}", share.purpose))?;
				Ok((share.purpose.clone(), account, part(share.ppm.into())))
			})
			.collect()
	}
}

/// So many parts per million of all OPEN, in planck.
fn part(ppm: u64) -> Balance {
	TOTAL_ISSUANCE / 1_000_000 * u128::from(ppm)
}
