//! What a referendum's votes add up to.

use crate::Vote;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{traits::VoteTally, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound},
	sp_runtime::{traits::Get, Perbill},
};
use scale_info::TypeInfo;

/// Votes in planck of gOPEN. Support is measured against active issuance, not against what is
/// deposited, so that few deposits never decide. The fields are those of the SDK's conviction
/// voting, which explorers know how to show.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(Electorate))]
#[codec(mel_bound())]
pub struct Tally<Electorate: 'static> {
	/// For.
	pub ayes: Balance,
	/// Against.
	pub nays: Balance,
	/// For, or abstaining.
	pub support: Balance,
	electorate: PhantomData<Electorate>,
}

impl<Electorate> Tally<Electorate> {
	/// A tally of these votes.
	pub fn new(ayes: Balance, nays: Balance, support: Balance) -> Self {
		Self { ayes, nays, support, electorate: PhantomData }
	}

	fn parts(&mut self, vote: Vote) -> (Option<&mut Balance>, Option<&mut Balance>) {
		match vote {
			Vote::Aye => (Some(&mut self.ayes), Some(&mut self.support)),
			Vote::Nay => (Some(&mut self.nays), None),
			Vote::Abstain => (None, Some(&mut self.support)),
		}
	}

	/// Counts a vote.
	pub fn add(&mut self, vote: Vote, power: Balance) {
		let (votes, support) = self.parts(vote);
		for part in votes.into_iter().chain(support) {
			*part = part.saturating_add(power);
		}
	}

	/// Counts a vote no more.
	pub fn remove(&mut self, vote: Vote, power: Balance) {
		let (votes, support) = self.parts(vote);
		for part in votes.into_iter().chain(support) {
			*part = part.saturating_sub(power);
		}
	}
}

impl<Electorate: Get<Balance>, Class> VoteTally<Balance, Class> for Tally<Electorate> {
	fn new(_: Class) -> Self {
		Self::new(0, 0, 0)
	}

	fn ayes(&self, _: Class) -> Balance {
		self.ayes
	}

	fn support(&self, _: Class) -> Perbill {
		Perbill::from_rational(self.support, Electorate::get())
	}

	fn approval(&self, _: Class) -> Perbill {
		match self.ayes.saturating_add(self.nays) {
			0 => Perbill::zero(),
			all => Perbill::from_rational(self.ayes, all),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn unanimity(_: Class) -> Self {
		Self::new(Electorate::get(), 0, Electorate::get())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn rejection(_: Class) -> Self {
		Self::new(0, Electorate::get(), 0)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn from_requirements(support: Perbill, approval: Perbill, _: Class) -> Self {
		let ayes = support.mul_ceil(Electorate::get());
		let all = approval.saturating_reciprocal_mul(ayes);
		Self::new(ayes, all.saturating_sub(ayes), ayes)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn setup(_: Class, _: Perbill) {}
}
