//! What the off-chain worker remembers between runs and over restarts, in persistent local storage.
//!
//! Keyed by request hash, worker and job: neither another chain nor a re-organisation that gives a
//! job's number to another request ever meets the report of the first.

use alloc::{boxed::Box, vec::Vec};
use codec::{Decode, Encode};
use openledger_primitives::{worker::Phase, JobId, Report};
use polkadot_sdk::{sp_io, sp_runtime};
use sp_runtime::offchain::storage::{MutateStorageError, StorageValueRef};

/// Blocks until what was sent without effect is sent again.
const RESEND_AFTER: u32 = 3;
/// The longest pause between two questions about a job that fails, in blocks.
const MAX_PAUSE: u32 = 8;
/// Blocks for which the records of a round that is gone are kept: a re-organisation may bring it back.
const KEEP: u32 = 64;
/// The most jobs that are remembered.
const MAX_KNOWN: usize = 512;

/// Where the list of jobs is of which something is stored.
pub const INDEX: &[u8] = b"openledger/attribution/1/index";

/// What a worker commits to and reveals.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Prepared {
	pub report: Report,
	pub salt: [u8; 32],
}

/// What was sent last.
#[derive(Encode, Decode)]
struct Sent {
	phase: Phase,
	at: u32,
}

/// How often a job failed in a row.
#[derive(Clone, Copy, Encode, Decode)]
struct Failures {
	count: u32,
	ask_from: u32,
}

/// A job and worker of which something is stored.
#[derive(Encode, Decode)]
struct Known<AccountId> {
	request: [u8; 32],
	worker: AccountId,
	job: JobId,
	/// When the round was first seen to be gone.
	gone_at: Option<u32>,
}

/// Whose report on what: everything stored is stored under this.
#[derive(Encode)]
pub(super) struct Task<'a, AccountId> {
	pub request: &'a [u8; 32],
	pub worker: &'a AccountId,
	pub job: JobId,
}

impl<AccountId: Encode> Task<'_, AccountId> {
	fn key(&self, kind: &[u8]) -> Vec<u8> {
		[b"openledger/attribution/1/", kind, &self.encode()].concat()
	}

	fn report_key(&self) -> Vec<u8> {
		self.key(b"report/")
	}

	fn sent_key(&self) -> Vec<u8> {
		self.key(b"sent/")
	}

	/// The report stored for this, if any.
	pub fn prepared(&self) -> Option<Prepared> {
		StorageValueRef::persistent(&self.report_key()).get().ok().flatten()
	}

	/// Stores `report` with a fresh salt, unless one is stored already: then that one counts, for it
	/// may be committed to. `None` when storing failed.
	pub fn prepare(&self, report: Report) -> Option<Prepared> {
		let salt = self.fresh_salt();
		let key = self.report_key();
		let result = StorageValueRef::persistent(&key).mutate(|stored| match stored {
			Ok(Some(stored)) => Err(Box::new(stored)),
			_ => Ok(Prepared { report, salt }),
		});
		match result {
			Ok(stored) => Some(stored),
			Err(MutateStorageError::ValueFunctionFailed(stored)) => Some(*stored),
			Err(MutateStorageError::ConcurrentModification(_)) => self.prepared(),
		}
	}

	/// BLAKE2-256 of fresh randomness and what it is for: workers on one node never share a salt.
	fn fresh_salt(&self) -> [u8; 32] {
		sp_io::hashing::blake2_256(&(sp_io::offchain::random_seed(), self).encode())
	}

	/// Whether to send now: not if the same phase was sent within the last blocks.
	pub fn take_turn(&self, phase: Phase, now: u32) -> bool {
		StorageValueRef::persistent(&self.sent_key())
			.mutate(|stored| match stored {
				// heights can fall back with a re-organisation
				Ok(Some(Sent { phase: last, at }))
					if last == phase && at.abs_diff(now) < RESEND_AFTER =>
				{
					Err(())
				}
				_ => Ok(Sent { phase, at: now }),
			})
			.is_ok()
	}

	/// Forgets that something was sent.
	pub fn give_turn_back(&self) {
		StorageValueRef::persistent(&self.sent_key()).clear();
	}

	fn forget(&self) {
		StorageValueRef::persistent(&self.report_key()).clear();
		StorageValueRef::persistent(&self.sent_key()).clear();
		StorageValueRef::persistent(&failures_key(self.request)).clear();
	}
}

impl<AccountId: Encode + Decode + Clone + PartialEq> Task<'_, AccountId> {
	/// Adds to the index, so that what is stored is cleaned up one day. `false` when it is full.
	pub fn remember(&self) -> bool {
		enum Refused {
			Known,
			Full,
		}
		let result = StorageValueRef::persistent(INDEX).mutate(|stored| {
			let mut known: Vec<Known<AccountId>> = stored.ok().flatten().unwrap_or_default();
			let is_this = |entry: &Known<AccountId>| {
				entry.request == *self.request
					&& entry.worker == *self.worker
					&& entry.job == self.job
			};
			if known.iter().any(is_this) {
				return Err(Refused::Known);
			}
			if known.len() >= MAX_KNOWN {
				return Err(Refused::Full);
			}
			known.push(Known {
				request: *self.request,
				worker: self.worker.clone(),
				job: self.job,
				gone_at: None,
			});
			Ok(known)
		});
		match result {
			Ok(_) | Err(MutateStorageError::ValueFunctionFailed(Refused::Known)) => true,
			Err(MutateStorageError::ValueFunctionFailed(Refused::Full))
			| Err(MutateStorageError::ConcurrentModification(_)) => false,
		}
	}
}

/// Where all that is stored lies, by the value at [`INDEX`]: what a backup keeps. An error when that is
/// no such value.
#[cfg(feature = "std")]
pub fn keys<AccountId: Encode + Decode>(index: &[u8]) -> Result<Vec<Vec<u8>>, codec::Error> {
	use codec::DecodeAll;
	let known = Vec::<Known<AccountId>>::decode_all(&mut &index[..])?;
	let keys_of = |entry: &Known<AccountId>| {
		let task = Task { request: &entry.request, worker: &entry.worker, job: entry.job };
		[task.report_key(), task.sent_key(), failures_key(task.request)]
	};
	Ok(core::iter::once(INDEX.to_vec()).chain(known.iter().flat_map(keys_of)).collect())
}

fn failures_key(request: &[u8; 32]) -> Vec<u8> {
	[b"openledger/attribution/1/failures/".as_slice(), request].concat()
}

/// Whether the pause after the last failure is over.
pub(super) fn may_ask(request: &[u8; 32], now: u32) -> bool {
	let key = failures_key(request);
	let stored = StorageValueRef::persistent(&key).get::<Failures>().ok().flatten();
	// a height far below is another history's: its pauses mean nothing here
	stored.is_none_or(|failures| {
		failures.ask_from <= now || failures.ask_from.abs_diff(now) > MAX_PAUSE
	})
}

/// Notes a failure; the next question waits 1, 2, 4, then 8 blocks. Says how many there were.
pub(super) fn note_failure(request: &[u8; 32], now: u32) -> u32 {
	let key = failures_key(request);
	let value = StorageValueRef::persistent(&key);
	let before = value.get::<Failures>().ok().flatten().map_or(0, |failures| failures.count);
	let pause = 1u32.checked_shl(before).unwrap_or(MAX_PAUSE).clamp(1, MAX_PAUSE);
	let count = before.saturating_add(1);
	value.set(&Failures { count, ask_from: now.saturating_add(pause) });
	count
}

/// Removes what belongs to rounds that have been gone for long.
pub(super) fn sweep<AccountId: Encode + Decode>(
	now: u32,
	is_alive: impl Fn(JobId, &[u8; 32]) -> bool,
) {
	let mut removed = Vec::new();
	let result = StorageValueRef::persistent(INDEX).mutate(|stored| {
		let known: Vec<Known<AccountId>> = stored.ok().flatten().unwrap_or_default();
		let mut changed = false;
		let mut kept = Vec::with_capacity(known.len());
		for mut entry in known {
			let gone_at = if is_alive(entry.job, &entry.request) {
				None
			} else {
				entry.gone_at.or(Some(now))
			};
			changed |= gone_at != entry.gone_at;
			entry.gone_at = gone_at;
			if gone_at.is_some_and(|at| now.saturating_sub(at) >= KEEP) {
				changed = true;
				removed.push(entry);
			} else {
				kept.push(entry);
			}
		}
		if changed {
			Ok(kept)
		} else {
			Err(())
		}
	});
	if result.is_err() {
		return;
	}
	for Known { request, worker, job, .. } in removed {
		Task { request: &request, worker: &worker, job }.forget();
	}
}
