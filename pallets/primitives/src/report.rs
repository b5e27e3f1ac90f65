//! What a worker says about one job.

use crate::{BlobId, ContributionId, JobId, Ppm};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
	sp_crypto_hashing::blake2_256,
	sp_runtime::{traits::ConstU32, BoundedVec},
};
use scale_info::TypeInfo;

/// The longest canonical answer, in bytes.
pub const MAX_ANSWER: u32 = 256;
/// The most contributions one answer can be attributed to.
pub const MAX_INFLUENCE: u32 = 64;

/// Contribution → share of the answer; ids strictly increasing, sum ≤ 1,000,000. What is missing to
/// the whole is unattributed.
pub type InfluenceVector = BoundedVec<(ContributionId, Ppm), ConstU32<MAX_INFLUENCE>>;

/// Why an influence vector is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfluenceError {
	/// Ids are not strictly increasing.
	Unsorted,
	/// The shares exceed the whole.
	AboveOne,
}

/// Whether ids strictly increase and shares sum to at most the whole.
pub fn check_influence(vector: &[(ContributionId, Ppm)]) -> Result<(), InfluenceError> {
	if vector.iter().zip(vector.iter().skip(1)).any(|((a, _), (b, _))| a >= b) {
		return Err(InfluenceError::Unsorted);
	}
	// at most 2^32 terms of 32 bits fit u64
	let sum: u64 = vector.iter().map(|(_, share)| u64::from(share.0)).fold(0, u64::saturating_add);
	if sum > u64::from(Ppm::ONE.0) {
		return Err(InfluenceError::AboveOne);
	}
	Ok(())
}

/// A worker's answer to a job, and who shaped it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Report {
	/// The job.
	pub job: JobId,
	/// The canonical answer. Empty is the verdict that the input could not be had or used; then
	/// there is neither output nor influence.
	pub answer: BoundedVec<u8, ConstU32<MAX_ANSWER>>,
	/// Blob id of an output too large for `answer`.
	pub output: Option<BlobId>,
	/// BLAKE2-256 of the quantised query features (i16, little-endian).
	pub query_features: [u8; 32],
	/// The version of the engine that computed this.
	pub engine_version: u32,
	/// Who shaped the answer.
	pub influence: InfluenceVector,
}

impl Report {
	/// Whether this says that the input could not be had or used.
	pub fn is_input_unavailable(&self) -> bool {
		self.answer.is_empty()
	}

	/// What a worker commits to before anyone reveals: BLAKE2-256 of SCALE(report, salt, worker).
	pub fn commitment<AccountId: Encode>(&self, salt: &[u8; 32], worker: &AccountId) -> [u8; 32] {
		blake2_256(&(self, salt, worker).encode())
	}

	/// What workers vote on: reports with the same key give the same answer.
	pub fn vote(&self) -> [u8; 32] {
		blake2_256(&(&self.answer, &self.output).encode())
	}

	/// The influence as plain numbers, for `openledger_math`.
	pub fn influence_pairs(&self) -> Vec<(u64, u32)> {
		self.influence.iter().map(|(id, share)| (id.0, share.0)).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn vector(pairs: &[(u64, u32)]) -> Vec<(ContributionId, Ppm)> {
		pairs.iter().map(|&(id, share)| (ContributionId(id), Ppm(share))).collect()
	}

	#[test]
	fn an_influence_vector_is_sorted_and_at_most_whole() {
		assert_eq!(check_influence(&vector(&[])), Ok(()));
		assert_eq!(check_influence(&vector(&[(1, 400_000), (2, 600_000)])), Ok(()));
		let unsorted = vector(&[(2, 1), (1, 1)]);
		assert_eq!(check_influence(&unsorted), Err(InfluenceError::Unsorted));
		let twice = vector(&[(1, 1), (1, 1)]);
		assert_eq!(check_influence(&twice), Err(InfluenceError::Unsorted));
		let above = vector(&[(1, 400_000), (2, 600_001)]);
		assert_eq!(check_influence(&above), Err(InfluenceError::AboveOne));
		let overflow = vector(&[(1, u32::MAX), (2, u32::MAX)]);
		assert_eq!(check_influence(&overflow), Err(InfluenceError::AboveOne));
	}
}
