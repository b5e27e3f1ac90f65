//! A worker's hot key and what it signs.

use crate::JobId;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{sp_application_crypto::KeyTypeId, sp_crypto_hashing::blake2_256};
use scale_info::TypeInfo;

/// Worker keys in a keystore: `olwk`, sr25519.
pub const WORKER_KEY_TYPE: KeyTypeId = KeyTypeId(*b"olwk");

mod app {
	use polkadot_sdk::sp_application_crypto;
	use sp_application_crypto::{app_crypto, sr25519};
	app_crypto!(sr25519, super::WORKER_KEY_TYPE);
}

/// A worker's hot key; maps to one bonded account.
pub type WorkerKey = app::Public;
/// A signature by a [`WorkerKey`].
pub type WorkerSignature = app::Signature;
/// A worker's key pair.
#[cfg(feature = "std")]
pub type WorkerPair = app::Pair;

/// Which step of a job a transaction belongs to.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Phase {
	/// The commitment.
	#[codec(index = 0)]
	Commit,
	/// The report.
	#[codec(index = 1)]
	Reveal,
}

/// What a worker key signs to submit `content` for `job` in `phase`: 32 bytes that name the chain
/// (its genesis hash), the request, and nothing that another chain, job or phase would accept.
///
/// `content` is SCALE(commitment) when committing and SCALE(report, salt) when revealing.
pub fn report_payload(
	genesis: &[u8; 32],
	phase: Phase,
	job: JobId,
	request: &[u8; 32],
	content: &[u8],
) -> [u8; 32] {
	blake2_256(
		&(b"openledger/report/1", genesis, phase, job, request, blake2_256(content)).encode(),
	)
}

/// What a worker key signs to prove that it belongs to `account` on this chain.
pub fn key_ownership_payload<AccountId: Encode>(
	genesis: &[u8; 32],
	account: &AccountId,
) -> Vec<u8> {
	(b"openledger/worker-key/1", genesis, account).encode()
}
