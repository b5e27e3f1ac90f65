//! `keys`: which keys a node has and which the chain knows, and new ones in their place.

use super::{
	block_on,
	keystore::{keys_in, Key},
	rpc::{hex, unhex, Rpc, RpcParams},
	Failure, Place, PlaceParams,
};
use codec::{DecodeAll, Encode};
use openledger_primitives::worker::{key_ownership_payload, WORKER_KEY_TYPE};
use openledger_runtime::{opaque::SessionKeys, AccountId, Runtime, RuntimeCall};
use polkadot_sdk::*;
use sc_keystore::LocalKeystore;
use sc_service::config::KeystoreConfig;
use serde_json::{json, Value};
use sp_core::{
	crypto::{key_types, KeyTypeId, Ss58Codec},
	sr25519,
};
use sp_keystore::Keystore;
use sp_runtime::traits::OpaqueKeys;

/// Look at this node's keys, or make new ones.
#[derive(Debug, clap::Subcommand)]
pub enum KeysCmd {
	/// Make new keys on this node, and print the call by which the account takes them up.
	Rotate(RotateCmd),

	/// List the keys in the keystore and what the running node's chain knows of them.
	Show(ShowCmd),
}

/// How to make new keys.
#[derive(Debug, clap::Parser)]
pub struct RotateCmd {
	/// The account whose keys they become: the collator's, or with `--worker` the worker's.
	#[arg(long, value_name = "ADDRESS", value_parser = parse_account)]
	pub account: AccountId,

	/// A new worker key (`olwk`) instead of new session keys.
	#[arg(long)]
	pub worker: bool,

	/// Print JSON.
	#[arg(long)]
	pub json: bool,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub rpc: RpcParams,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub place: PlaceParams,
}

/// How to list keys.
#[derive(Debug, clap::Parser)]
pub struct ShowCmd {
	/// Print JSON.
	#[arg(long)]
	pub json: bool,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub rpc: RpcParams,

	#[allow(missing_docs)]
	#[clap(flatten)]
	pub place: PlaceParams,
}

impl KeysCmd {
	/// Does it.
	pub fn run(&self) -> sc_cli::Result<()> {
		match self {
			Self::Rotate(cmd) => cmd.run(),
			Self::Show(cmd) => cmd.run(),
		}
	}
}

/// What the account has to sign.
struct Rotation {
	call_name: &'static str,
	call: RuntimeCall,
	fields: Vec<(&'static str, String)>,
	advice: &'static str,
}

impl RotateCmd {
	fn run(&self) -> sc_cli::Result<()> {
		let rpc = self.rpc.client();
		let rotation = if self.worker {
			let genesis = block_on(genesis_hash(&rpc))??;
			self.worker_key(genesis)?
		} else {
			block_on(session_keys(&rpc, &self.account))??
		};
		rotation.print(&self.account, self.json);
		Ok(())
	}

	/// A new key in this node's keystore, which the running node reads as well.
	fn worker_key(&self, genesis: [u8; 32]) -> sc_cli::Result<Rotation> {
		let place = Place::of(&self.place)?;
		let KeystoreConfig::Path { path, password } =
			self.place.keystore_params.keystore_config(&place.dir)?
		else {
			return Err("keys are in no directory".into());
		};
		if !path.is_dir() {
			return Err(format!(
				"there is no keystore {}: give the running node's --chain and --base-path",
				path.display()
			)
			.into());
		}
		let refused = |e: &dyn std::fmt::Display| {
			sc_cli::Error::Input(format!("the keystore {} takes no key: {e}", path.display()))
		};
		let keystore = LocalKeystore::open(&path, password).map_err(|e| refused(&e))?;
		let key: sr25519::Public =
			keystore.sr25519_generate_new(WORKER_KEY_TYPE, None).map_err(|e| refused(&e))?;
		let payload = key_ownership_payload(&genesis, &self.account);
		let proof = keystore
			.sr25519_sign(WORKER_KEY_TYPE, &key, &payload)
			.map_err(|e| refused(&e))?
			.ok_or_else(|| refused(&"it does not sign with the new key"))?;
		let call = openledger_staking::Call::<Runtime>::set_worker_key {
			key: key.into(),
			proof: proof.into(),
		};
		Ok(Rotation {
			call_name: "staking.setWorkerKey",
			call: call.into(),
			fields: vec![("key", hex(&key.0)), ("proof", hex(&proof.0))],
			advice:
				"The old key signs until this call is in a finalised block. Leave its file in the \
			         keystore until then; afterwards the chain refuses what it signs, and it can go.",
		})
	}
}

impl Rotation {
	fn print(&self, account: &AccountId, as_json: bool) {
		let call_data = hex(&self.call.encode());
		if as_json {
			let fields: serde_json::Map<String, Value> =
				self.fields.iter().map(|(name, value)| ((*name).into(), json!(value))).collect();
			println!(
				"{:#}",
				json!({
					"account": account.to_ss58check(),
					"call": self.call_name,
					"arguments": fields,
					"call_data": call_data,
					"advice": self.advice,
				})
			);
			return;
		}
		println!("New keys are in this node's keystore. For the chain to know them, sign with");
		println!("  {}", account.to_ss58check());
		println!("the call {}:", self.call_name);
		for (name, value) in &self.fields {
			println!("  {name}: {value}");
		}
		println!("or, the same as call data for polkadot.js Apps (Developer, Extrinsics, Decode):");
		println!("  {call_data}");
		println!("{}", self.advice);
	}
}

/// New session keys, made and kept by the running node.
async fn session_keys(rpc: &Rpc, account: &AccountId) -> Result<Rotation, Failure> {
	let owner = account.encode();
	let made = rpc.call("author_rotateKeysWithOwner", json!([hex(&owner)])).await?;
	let text = |field: &str| {
		made[field].as_str().ok_or_else(|| format!("the node made no session {field}"))
	};
	let (keys, proof) = (unhex(text("keys")?)?, unhex(text("proof")?)?);
	let session = SessionKeys::decode_all(&mut keys.as_slice())
		.map_err(|_| "the node made session keys that this binary does not know".to_string())?;
	if !session.ownership_proof_is_valid(&owner, &proof) {
		return Err("the node's proof of ownership does not hold for this account".into());
	}
	let fields = vec![("keys", hex(&keys)), ("proof", hex(&proof))];
	let call = pallet_session::Call::<Runtime>::set_keys { keys: session, proof };
	Ok(Rotation {
		call_name: "session.setKeys",
		call: call.into(),
		fields,
		advice: "The old keys sign until the second session after this call. Leave their files in \
		         the keystore until `keys show` says `in use` beside the new ones.",
	})
}

async fn genesis_hash(rpc: &Rpc) -> Result<[u8; 32], Failure> {
	let hash = rpc.block_hash(0).await?.ok_or("the node has no first block")?;
	unhex(&hash)?.try_into().map_err(|_| "the node sent no block hash".into())
}

/// What the chain knows of a key.
#[derive(Debug, Clone, Default)]
pub struct Standing {
	/// Whose it is.
	pub owner: Option<AccountId>,
	/// Whether this session's blocks or votes, or reports, are signed with it.
	pub in_use: bool,
}

impl Standing {
	fn words(&self) -> &'static str {
		match (self.in_use, &self.owner) {
			(true, _) => "in use",
			(false, Some(_)) => "registered, not in use",
			(false, None) => "unknown to the chain",
		}
	}
}

/// What the chain that `rpc` follows knows of `key`.
pub async fn standing(rpc: &Rpc, key: &Key) -> Result<Standing, Failure> {
	match key.kind {
		WORKER_KEY_TYPE => {
			let Ok(public) = <[u8; 32]>::try_from(key.public.as_slice()) else {
				return Ok(Standing::default());
			};
			let public = sr25519::Public::from_raw(public).into();
			let at = openledger_staking::KeyOwners::<Runtime>::hashed_key_for::<
				openledger_primitives::WorkerKey,
			>(public);
			let owner: Option<AccountId> = rpc.storage(&at).await?;
			Ok(Standing { in_use: owner.is_some(), owner })
		}
		kind if key.is_session() => {
			let at = pallet_session::KeyOwner::<Runtime>::hashed_key_for((kind, &key.public));
			let owner = rpc.storage(&at).await?;
			Ok(Standing { owner, in_use: authority(rpc, kind, &key.public).await? })
		}
		_ => Ok(Standing::default()),
	}
}

/// Whether `public` is an authority's of this session.
async fn authority(rpc: &Rpc, kind: KeyTypeId, public: &[u8]) -> Result<bool, Failure> {
	// both lists are pairs of 32 bytes and a weight
	let key = match kind {
		key_types::BABE => pallet_babe::Authorities::<Runtime>::hashed_key(),
		_ => frame_support::storage::storage_prefix(b"Grandpa", b"Authorities"),
	};
	let authorities: Vec<([u8; 32], u64)> = rpc.storage(&key).await?.unwrap_or_default();
	Ok(authorities.iter().any(|(authority, _)| authority == public))
}

impl ShowCmd {
	fn run(&self) -> sc_cli::Result<()> {
		let place = Place::of(&self.place)?;
		let keys = keys_in(&place.keystore)?;
		let rpc = self.rpc.client();
		let standings: Result<Vec<Standing>, Failure> = block_on(async {
			let mut standings = Vec::new();
			for key in &keys {
				standings.push(standing(&rpc, key).await?);
			}
			Ok(standings)
		})?;
		if self.json {
			let of = |at: usize| standings.as_ref().ok().and_then(|all| all.get(at));
			let list: Vec<Value> = keys
				.iter()
				.enumerate()
				.map(|(at, key)| {
					json!({
						"kind": key.kind_name(),
						"public": hex(&key.public),
						"owner": of(at).and_then(|s| s.owner.as_ref()).map(Ss58Codec::to_ss58check),
						"standing": of(at).map(Standing::words),
					})
				})
				.collect();
			println!("{:#}", json!({ "keystore": place.keystore, "keys": list }));
			return Ok(());
		}
		println!("{}: {} keys", place.keystore.display(), keys.len());
		match standings {
			Ok(standings) => {
				for (key, standing) in keys.iter().zip(standings) {
					let owner = standing.owner.as_ref().map_or("-".into(), Ss58Codec::to_ss58check);
					let words = standing.words();
					println!("{}  {}  {words}  {owner}", key.kind_name(), hex(&key.public));
				}
			}
			Err(why) => {
				for key in &keys {
					println!("{}  {}", key.kind_name(), hex(&key.public));
				}
				eprintln!("what the chain knows of them was not asked: {why}");
			}
		}
		Ok(())
	}
}

/// An account's address.
fn parse_account(text: &str) -> Result<AccountId, String> {
	AccountId::from_ss58check(text).map_err(|_| "expected an account's address".into())
}
