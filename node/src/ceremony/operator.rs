//! What an operator publishes for a launch.

use codec::Encode;
use openledger_runtime::{opaque::SessionKeys, AccountId, SS58_PREFIX};
use polkadot_sdk::{
	sc_network::config::MultiaddrWithPeerId,
	sp_core::{
		bytes,
		crypto::{Ss58AddressFormat, Ss58Codec},
	},
	sp_runtime::traits::OpaqueKeys,
};
use serde::{Deserialize, Serialize};

/// The longest name, in characters.
const MAX_NAME: usize = 32;

/// One file of a ceremony. Nothing in it is secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operator {
	/// Letters, digits and dashes.
	pub name: String,
	/// The account that gets the grant and holds the bond. Its key lies on no node.
	#[serde(with = "address")]
	pub account: AccountId,
	/// What the node signs blocks and votes with.
	pub session_keys: SessionKeys,
	/// Signatures by these keys over [`Operator::claim`].
	#[serde(with = "bytes")]
	pub proof: Vec<u8>,
	/// Where others find the node: it becomes a bootnode.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub bootnode: Option<MultiaddrWithPeerId>,
}

impl Operator {
	/// What session keys sign to say that they belong to `account` on the chain with id `chain`.
	pub fn claim(chain: &str, account: &AccountId) -> Vec<u8> {
		(b"openledger/ceremony", chain, account).encode()
	}

	/// Whether others may rely on it for the chain with id `chain`.
	pub fn check(&self, chain: &str) -> Result<(), String> {
		check_name(&self.name)?;
		let claim = Self::claim(chain, &self.account);
		if !self.session_keys.ownership_proof_is_valid(&claim, &self.proof) {
			return Err(format!(
				"operator {}: the proof does not fit the keys, the account and the chain id \
				 `{chain}`; make the file again with `ceremony join`",
				self.name
			));
		}
		Ok(())
	}
}

/// Whether `name` can be shown in a table and a file name.
pub fn check_name(name: &str) -> Result<(), String> {
	let fits = (1..=MAX_NAME).contains(&name.len());
	if fits && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
		return Ok(());
	}
	Err(format!("`{name}` is no name: 1 to {MAX_NAME} letters, digits and dashes"))
}

/// An account as this chain writes it.
pub fn show(account: &AccountId) -> String {
	account.to_ss58check_with_version(Ss58AddressFormat::custom(SS58_PREFIX))
}

/// An account that was written for this chain.
pub fn parse_account(text: &str) -> Result<AccountId, String> {
	let (account, format) = AccountId::from_ss58check_with_version(text)
		.map_err(|_| format!("`{text}` is no address"))?;
	if format != Ss58AddressFormat::custom(SS58_PREFIX) {
		return Err(format!("`{text}` is another chain's way to write {}", show(&account)));
	}
	Ok(account)
}

/// Accounts in JSON.
mod address {
	use super::{parse_account, show, AccountId};
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(account: &AccountId, to: S) -> Result<S::Ok, S::Error> {
		to.serialize_str(&show(account))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<AccountId, D::Error> {
		parse_account(&String::deserialize(from)?).map_err(D::Error::custom)
	}
}
