//! The node's files: keys, identity, disk.

use super::{failed, ok, warning, Finding};
use crate::operations::{
	backup::peer_of,
	keys::standing,
	keystore::keys_in,
	private_files::files_below,
	rpc::{hex, Rpc},
	Place,
};
use openledger_primitives::worker::WORKER_KEY_TYPE;
use std::{
	io::Write,
	os::unix::fs::PermissionsExt,
	path::Path,
	time::{Duration, Instant},
};

/// Free space below which a node should not go on, in bytes.
const FREE_BAD: u64 = 2 << 30;
/// Below which it is time to act.
const FREE_LOW: u64 = 20 << 30;
/// A flush to the disk that takes longer makes blocks late.
const SLOW_FLUSH: Duration = Duration::from_millis(200);

/// The keystore's keys, who may read them, and what the chain knows of them.
pub async fn keystore(place: &Place, rpc: Option<&Rpc>) -> Vec<Finding> {
	const SUBJECT: &str = "keystore";
	let dir = &place.keystore;
	if !dir.is_dir() {
		let found = format!("there is none at {}", dir.display());
		return vec![ok(SUBJECT, found)];
	}
	let mut findings = Vec::new();
	let open = open_to_others(dir);
	match open {
		Some(path) => findings.push(failed(
			SUBJECT,
			format!("others can read {path}"),
			format!("chmod -R go-rwx {}", dir.display()),
		)),
		None => findings.push(ok(SUBJECT, format!("{}, closed to others", dir.display()))),
	}
	let keys = match keys_in(dir) {
		Ok(keys) => keys,
		Err(why) => {
			findings.push(failed(SUBJECT, why, "run this as the node's user"));
			return findings;
		}
	};
	let workers = keys.iter().filter(|key| key.kind == WORKER_KEY_TYPE).count();
	let session = keys.iter().filter(|key| key.is_session()).count();
	findings.push(ok("keys", format!("{session} of sessions, {workers} of workers")));
	let Some(rpc) = rpc else { return findings };
	for key in keys.iter().filter(|key| key.kind == WORKER_KEY_TYPE) {
		findings.push(match standing(rpc, key).await {
			Ok(known) if known.in_use => {
				let owner = known.owner.map(|owner| owner.to_string()).unwrap_or_default();
				ok("worker key", format!("{} is {owner}'s", hex(&key.public)))
			}
			Ok(_) => warning(
				"worker key",
				format!("the chain does not know {}", hex(&key.public)),
				"if it was replaced, remove its file; else sign staking.setWorkerKey for it",
			),
			Err(why) => warning("worker key", why, "ask again when the node answers"),
		});
	}
	findings
}

/// A file or directory that group or others may read.
fn open_to_others(dir: &Path) -> Option<String> {
	let is_open =
		|path: &Path| path.metadata().is_ok_and(|data| data.permissions().mode() & 0o077 != 0);
	// closed above, nobody comes further
	if !is_open(dir) {
		return None;
	}
	let files = files_below(dir).ok()?;
	files
		.iter()
		.map(|file| dir.join(file))
		.find(|path| is_open(path))
		.map(|p| p.display().to_string())
}

/// The key by which peers know the node.
pub fn node_key(place: &Place) -> Finding {
	const SUBJECT: &str = "identity";
	let file = place.node_key();
	match peer_of(&file) {
		Ok(Some(peer)) => ok(SUBJECT, peer),
		Ok(None) => {
			ok(SUBJECT, "none yet: the first start with --validator needs `key generate-node-key`")
		}
		Err(why) => failed(SUBJECT, why, "restore the file from a backup, or make a new identity"),
	}
}

/// Space, speed and size.
pub fn disk(place: &Place, content: &Path) -> Vec<Finding> {
	let existing = |mut path: &Path| {
		while !path.exists() {
			match path.parent() {
				Some(parent) => path = parent,
				None => break,
			}
		}
		path.to_path_buf()
	};
	let database = existing(&place.dir);
	let mut findings = vec![space("disk", &database), writes(&database)];
	findings.push(ok(
		"database",
		format!("{} in {}", size(&place.database()), place.database().display()),
	));
	let blobs = existing(content);
	if space_of(&blobs) != space_of(&database) {
		findings.push(space("disk of content", &blobs));
	}
	findings.push(ok("content", format!("{} in {}", size(content), content.display())));
	findings
}

fn space_of(path: &Path) -> Option<u64> {
	let stat = rustix::fs::statvfs(path).ok()?;
	Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn space(subject: &'static str, path: &Path) -> Finding {
	let Some(free) = space_of(path) else {
		return warning(subject, format!("{} does not say", path.display()), "look at it with df");
	};
	let found = format!("{} free at {}", amount(free), path.display());
	let advice =
		"make room, or prune (--state-pruning, --blocks-pruning); a full disk stops the node";
	match free {
		0..FREE_BAD => failed(subject, found, advice),
		FREE_BAD..FREE_LOW => warning(subject, found, advice),
		_ => ok(subject, found),
	}
}

/// Writes a mebibyte and waits until it is on the disk.
fn writes(dir: &Path) -> Finding {
	const SUBJECT: &str = "writing";
	let path = dir.join(format!(".doctor-{}", std::process::id()));
	let started = Instant::now();
	let result = std::fs::File::create_new(&path).and_then(|mut file| {
		file.write_all(&vec![0; 1 << 20])?;
		file.sync_all()
	});
	let took = started.elapsed();
	let _ = std::fs::remove_file(&path);
	match result {
		Err(error) => failed(
			SUBJECT,
			format!("nothing can be written to {}: {error}", dir.display()),
			"run this as the node's user, and make sure that the disk is not full or read-only",
		),
		Ok(()) if took > SLOW_FLUSH => warning(
			SUBJECT,
			format!("a mebibyte was on the disk after {took:.0?}"),
			"use an SSD, or stop what else keeps the disk busy",
		),
		Ok(()) => ok(SUBJECT, format!("a mebibyte was on the disk after {took:.1?}")),
	}
}

fn size(dir: &Path) -> String {
	let files = files_below(dir).unwrap_or_default();
	let bytes = files
		.iter()
		.filter_map(|file| dir.join(file).metadata().ok())
		.fold(0u64, |sum, data| sum.saturating_add(data.len()));
	amount(bytes)
}

fn amount(bytes: u64) -> String {
	let (kib, mib, gib) = (bytes >> 10, bytes >> 20, bytes as f64 / f64::from(1u32 << 30));
	match mib {
		0 => format!("{kib} KiB"),
		1..=1_023 => format!("{mib} MiB"),
		_ => format!("{gib:.1} GiB"),
	}
}
