//! What a running node says of its chain.

use super::{failed, ok, warning, Finding};
use crate::operations::{
	keystore::Key,
	rpc::{hex, unhex, Rpc},
	Failure,
};
use openledger_runtime::{AccountId, Runtime, SLOT_MILLIS};
use polkadot_sdk::*;
use serde_json::json;
use sp_core::crypto::key_types;
use std::time::{SystemTime, UNIX_EPOCH};

/// Blocks that finality may be behind; one or two rounds of voting take two or three.
const LAG_GOOD: u64 = 10;
/// Behind by more than this it stands.
const LAG_BAD: u64 = 100;
/// Seconds without a block after which the chain, or this node, stands still.
const SILENT: f64 = 30.0;
/// Seconds that a block's time may be ahead of this clock.
const AHEAD: f64 = 1.0;

/// Clock against the chain, peers, finality, keys of collators, what is kept.
pub async fn examine(rpc: &Rpc) -> Vec<Finding> {
	let findings = [
		("clock and chain", clock(rpc).await),
		("peers", peers(rpc).await),
		("finality", finality(rpc).await),
		("collator's keys", collator_keys(rpc).await),
		("pruning", pruning(rpc).await),
	];
	let unasked = |subject, why: Failure| {
		warning(subject, why, "ask again; if it stays, look into the node's log")
	};
	findings.into_iter().map(|(s, f)| f.unwrap_or_else(|why| unasked(s, why))).collect()
}

/// The best block's time beside this machine's.
async fn clock(rpc: &Rpc) -> Result<Finding, Failure> {
	const SUBJECT: &str = "clock and chain";
	let now = pallet_timestamp::Now::<Runtime>::hashed_key();
	let Some(millis) = rpc.storage::<u64>(&now).await?.filter(|millis| *millis > 0) else {
		return Ok(ok(SUBJECT, "the chain has no block yet"));
	};
	let here = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
	let age = here.as_secs_f64() - millis as f64 / 1_000.0;
	let slot = SLOT_MILLIS as f64 / 1_000.0;
	Ok(if age < -AHEAD {
		let found = format!("the best block is {:.1} s ahead of this clock", -age);
		failed(SUBJECT, found, "set this machine's clock by NTP: its own blocks would be refused")
	} else if age > SILENT {
		let found = format!("the best block is {age:.0} s old");
		let advice =
			"if peers are fine, this clock runs ahead or the chain stands: compare with others";
		warning(SUBJECT, found, advice)
	} else {
		ok(SUBJECT, format!("the best block is {age:.1} s old; one is due every {slot:.0} s"))
	})
}

async fn peers(rpc: &Rpc) -> Result<Finding, Failure> {
	const SUBJECT: &str = "peers";
	let health = rpc.call("system_health", json!([])).await?;
	let count = health["peers"].as_u64().unwrap_or_default();
	let should = health["shouldHavePeers"].as_bool().unwrap_or(true);
	let syncing = health["isSyncing"].as_bool().unwrap_or_default();
	Ok(match count {
		0 if should => failed(
			SUBJECT,
			"none",
			"give --bootnodes, and open the peers' port in the firewall for TCP",
		),
		1 | 2 if should => warning(
			SUBJECT,
			format!("{count}"),
			"give more --bootnodes, and open the peers' port so that others find this node",
		),
		_ if syncing => warning(SUBJECT, format!("{count}; still catching up"), "wait"),
		_ => ok(SUBJECT, format!("{count}")),
	})
}

async fn finality(rpc: &Rpc) -> Result<Finding, Failure> {
	const SUBJECT: &str = "finality";
	let head = rpc.call("chain_getFinalizedHead", json!([])).await?;
	let finalised = rpc.height(head.as_str()).await?;
	let lag = rpc.height(None).await?.saturating_sub(finalised);
	let found = format!("{lag} blocks behind the best, at {finalised}");
	Ok(match lag {
		0..=LAG_GOOD => ok(SUBJECT, found),
		lag if lag <= LAG_BAD => {
			warning(SUBJECT, found, "wait a minute; if it grows, see \"Finality stands\" in the handbook")
		}
		_ => failed(
			SUBJECT,
			found,
			"more than a third of the collators do not vote: see \"Finality stands\" in the handbook",
		),
	})
}

/// Whether a collator has the keys that the chain expects of it.
async fn collator_keys(rpc: &Rpc) -> Result<Finding, Failure> {
	const SUBJECT: &str = "collator's keys";
	let roles = rpc.call("system_nodeRoles", json!([])).await?;
	if !roles.as_array().is_some_and(|roles| roles.iter().any(|role| role == "Authority")) {
		return Ok(ok(SUBJECT, "none needed: this node does not run with --validator"));
	}
	let accounts: Vec<AccountId> = rpc
		.storage(&pallet_session::Validators::<Runtime>::hashed_key())
		.await?
		.unwrap_or_default();
	let mut own = Vec::new();
	for account in &accounts {
		let at = pallet_session::NextKeys::<Runtime>::hashed_key_for(account);
		let Some(bytes) =
			rpc.call("state_getStorage", json!([hex(&at)])).await?.as_str().map(unhex)
		else {
			continue;
		};
		let bytes = bytes?;
		let Some((babe, grandpa)) = bytes.split_at_checked(32) else { continue };
		let (babe, grandpa) = (
			has_key(rpc, &Key { kind: key_types::BABE, public: babe.into() }).await?,
			has_key(rpc, &Key { kind: key_types::GRANDPA, public: grandpa.into() }).await?,
		);
		if babe != grandpa {
			let (there, missing) = if babe { ("babe", "gran") } else { ("gran", "babe") };
			return Ok(failed(
				SUBJECT,
				format!("{account} has its {there} key here and not its {missing} key"),
				"run `keys rotate` and sign the call it prints, or restore the keystore",
			));
		}
		if babe {
			own.push(account.to_string());
		}
	}
	Ok(match own.as_slice() {
		[] => warning(
			SUBJECT,
			format!("none of the {} collators of this session has its keys here", accounts.len()),
			"bond as a collator, run `keys rotate` and sign the call it prints; the second session \
			 after that counts you in",
		),
		[one] => ok(SUBJECT, format!("those of {one}, a collator of this session")),
		_ => failed(
			SUBJECT,
			format!("those of several collators: {}", own.join(", ")),
			"one node is one collator: remove the other keys from the keystore",
		),
	})
}

async fn has_key(rpc: &Rpc, key: &Key) -> Result<bool, Failure> {
	let answer = rpc.call("author_hasKey", json!([hex(&key.public), key.kind_name()])).await?;
	Ok(answer.as_bool().unwrap_or_default())
}

/// How far back this node answers for states.
async fn pruning(rpc: &Rpc) -> Result<Finding, Failure> {
	const SUBJECT: &str = "pruning";
	let best = rpc.height(None).await?;
	let Some(first) = rpc.block_hash(1.min(best)).await? else {
		return Ok(ok(SUBJECT, "block 1 is not here: synced by warp, or pruned"));
	};
	let key = hex(&pallet_timestamp::Now::<Runtime>::hashed_key());
	let has_state = rpc.call("state_getStorage", json!([key, first])).await.is_ok();
	let has_body =
		rpc.call("chain_getBlock", json!([first])).await.is_ok_and(|block| !block.is_null());
	Ok(ok(
		SUBJECT,
		match (has_state, has_body) {
			(true, _) => {
				format!("archive, or less than its window: the state of block 1 of {best}")
			}
			(false, true) => "old states go, all blocks stay".into(),
			(false, false) => "old states and old blocks go".into(),
		},
	))
}
