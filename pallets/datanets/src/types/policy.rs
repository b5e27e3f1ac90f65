//! What the people of a Datanet and governance decide, and what people earned there lately.

use super::MAX_PANEL;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_math::window::{self, Buckets};
use openledger_primitives::{parameters::Clamp, Balance, Ppm, OPEN};
use scale_info::TypeInfo;

/// The highest data fee that a policy asks for, in planck.
pub const MAX_POLICY_FEE: Balance = 1_000 * OPEN;

/// The rules of one Datanet. The default changes nothing.
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
pub struct Policy {
	/// Whether contributions are taken.
	pub accepting: bool,
	/// Least quality, the lower median of the accepting curators' marks, of what is accepted. Counts
	/// for what is offered from then on.
	pub min_quality: Ppm,
	/// Least number of curators on a first panel, from 1 to [`MAX_PANEL`]; none means as many as on
	/// every other. Counts for what is offered from then on.
	pub panel: Option<u32>,
	/// Least data fee of one call, in planck, up to [`MAX_POLICY_FEE`]; what the owner asks for counts
	/// where it is more.
	pub min_data_fee: Balance,
}

impl Default for Policy {
	fn default() -> Self {
		Self { accepting: true, min_quality: Ppm(0), panel: None, min_data_fee: 0 }
	}
}

impl Clamp for Policy {
	fn clamped(self) -> Self {
		Self {
			accepting: self.accepting,
			min_quality: self.min_quality.clamped(),
			panel: self.panel.map(|seats| seats.clamp(1, MAX_PANEL)),
			min_data_fee: self.min_data_fee.min(MAX_POLICY_FEE),
		}
	}
}

/// What somebody earned in a Datanet in the latest windows of time.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RecentEarnings {
	/// The latest window in which anything was earned.
	pub latest: u32,
	/// Planck in that window and the two before it, the latest first.
	pub amounts: Buckets,
}

impl RecentEarnings {
	/// Adds `amount` planck to `window`.
	pub fn note(&mut self, window: u32, amount: Balance) {
		window::note(&mut self.latest, &mut self.amounts, window, amount);
	}

	/// Planck that were earned in `window`; nothing for one that is not kept.
	pub fn in_window(&self, window: u32) -> Balance {
		window::noted(self.latest, &self.amounts, window)
	}

	/// Whether everything that is kept lies before the latest three windows, of which `window` is the
	/// last.
	pub fn is_stale(&self, window: u32) -> bool {
		window::is_stale(self.latest, window)
	}
}
