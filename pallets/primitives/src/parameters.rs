//! What governance may turn. What must change together is one struct; [`Clamp::clamped`] keeps every
//! value within published bounds, whatever was stored. Units: planck, ppm, blocks (2 s), bytes.

use crate::{Balance, BlockNumber, Ppm, OPEN};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Blocks in a minute, at 2 s each.
pub const MINUTES: BlockNumber = 30;
/// Blocks in an hour.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// Blocks in a day.
pub const DAYS: BlockNumber = 24 * HOURS;
/// Blocks in an epoch; cannot change after genesis.
pub const EPOCH: BlockNumber = 150;

/// Brings a stored value within its published bounds.
pub trait Clamp {
	/// `self`, every field within its bounds.
	fn clamped(self) -> Self;
}

macro_rules! parameters {
	($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty = $default:expr, $min:expr => $max:expr;)* }) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking,
			MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[serde(deny_unknown_fields, default)]
		pub struct $name {
			$($(#[$field_doc])* pub $field: $ty,)*
		}

		impl Default for $name {
			fn default() -> Self {
				Self { $($field: $default,)* }
			}
		}

		impl Clamp for $name {
			fn clamped(self) -> Self {
				Self { $($field: self.$field.clamp($min, $max),)* }
			}
		}
	};
}

parameters! {
	/// How contributions are judged and what they cost.
	CurationParameters {
		/// Curators on a panel.
		panel: u32 = 3, 1 => 7;
		/// Blocks in which a panel commits its verdicts.
		commit_period: BlockNumber = 8 * HOURS, 3 => 7 * DAYS;
		/// Blocks in which a panel reveals its verdicts.
		reveal_period: BlockNumber = 8 * HOURS, 3 => 7 * DAYS;
		/// Not refundable; pays the panel. Planck.
		review_fee: Balance = OPEN, OPEN / 1_000 => 1_000 * OPEN;
		/// Bond of a contribution before its bytes count. Planck.
		bond_base: Balance = 10 * OPEN, OPEN / 100 => 10_000 * OPEN;
		/// Bond for every started KiB. Planck.
		bond_per_kib: Balance = OPEN / 100, OPEN / 1_000_000 => 10 * OPEN;
		/// Deposit for a Datanet. Planck.
		datanet_deposit: Balance = 100 * OPEN, OPEN => 100_000 * OPEN;
		/// Blocks for which revoked data keep their bond and stay slashable.
		exit_window: BlockNumber = 7 * DAYS, 3 => 60 * DAYS;
		/// Curators on the panel of an appeal.
		appeal_panel: u32 = 7, 1 => 7;
		/// Blocks from a decision in which it can be appealed; an acceptance counts after it.
		appeal_window: BlockNumber = DAYS, 2 => 30 * DAYS;
		/// Bond of an appeal; lost to the treasury when the verdict stands. Planck.
		appeal_bond: Balance = 10 * OPEN, OPEN / 100 => 10_000 * OPEN;
		/// Part of a curator's stake lost for giving no verdict.
		no_show_slash: Ppm = Ppm(10_000), Ppm(0) => Ppm(1_000_000);
		/// Part of a curator's stake lost for missing a known item, or when overturned.
		misjudgement_slash: Ppm = Ppm(20_000), Ppm(0) => Ppm(1_000_000);
		/// Part of a contribution's records that must be proven duplicates before it is struck out.
		duplicate_threshold: Ppm = Ppm(100_000), Ppm(10_000) => Ppm(1_000_000);
		/// Part of a duplicate's penalty for who proved it.
		prover_share: Ppm = Ppm(300_000), Ppm(0) => Ppm(400_000);
		/// Blocks from the commitment of a duplicate proof to its proof at the earliest.
		proof_delay: BlockNumber = 5, 1 => DAYS;
		/// Contributions that one account may have under review at once.
		max_pending: u32 = 64, 1 => 1_024;
		/// Contributions that are taken in one block; no more than panels can be drawn in one, or
		/// draws would outlive their seeds.
		max_per_block: u32 = 16, 1 => 16;
	}
}

parameters! {
	/// What a job costs besides the model's price, and when workers may serve.
	JobParameters {
		/// Part of the floor fee that every job pays the treasury. Planck.
		floor_base: Balance = OPEN / 100, OPEN / 1_000_000 => OPEN;
		/// Part of the floor fee for each seat of the committee. Planck.
		floor_per_seat: Balance = OPEN / 100, OPEN / 1_000_000 => OPEN;
		/// Blocks for which bond and `serve` must have stood before a request.
		maturity: BlockNumber = EPOCH, 1 => 7 * DAYS;
		/// A seat is drawn by bond up to this. Planck.
		seat_bond_cap: Balance = 100_000 * OPEN, OPEN => 10_000_000 * OPEN;
		/// Deposit for a model. Planck.
		model_deposit: Balance = 100 * OPEN, OPEN => 100_000 * OPEN;
		/// Blocks from an announcement of a higher price or of a closed model until it counts.
		notice: BlockNumber = 150, 1 => 30 * DAYS;
		/// Part of its committee's bonds that a job's fee may reach.
		max_value: Ppm = Ppm(100_000), Ppm(1_000) => Ppm(1_000_000);
		/// Workers that attest an evaluation.
		attesters: u32 = 3, 1 => 7;
		/// Blocks in which an evaluation is attested.
		attestation_period: BlockNumber = HOURS, 3 => 7 * DAYS;
		/// Deposit for an evaluation, back when it is attested. Planck.
		evaluation_deposit: Balance = 10 * OPEN, OPEN / 100 => 10_000 * OPEN;
	}
}

parameters! {
	/// How a committee answers, and when its settlement is final.
	RoundParameters {
		/// Blocks from the draw in which commitments are accepted.
		commit_period: BlockNumber = 30, 3 => HOURS;
		/// Blocks from the last commitment in which reports are accepted.
		reveal_period: BlockNumber = 15, 3 => HOURS;
		/// Blocks from settlement until payouts can be claimed.
		dispute_window: BlockNumber = DAYS, 2 => 30 * DAYS;
		/// Distance from the median (half the sum of absolute differences) beyond which a report is
		/// not paid.
		tolerance: Ppm = Ppm(1_000), Ppm(0) => Ppm::ONE;
		/// Blocks for which a receipt stays in state after its payouts matured.
		receipt_retention: BlockNumber = 30 * DAYS, 10 => 365 * DAYS;
		/// Distance from the median beyond which a report is slashed as an outlier.
		outlier_tolerance: Ppm = Ppm(50_000), Ppm(0) => Ppm::ONE;
		/// Part of jobs that chance gives an audit between commitments and reports.
		audit_rate: Ppm = Ppm(20_000), Ppm(0) => Ppm(500_000);
		/// The same for jobs with a committee of one, whom nobody else would contradict.
		single_audit_rate: Ppm = Ppm(200_000), Ppm(0) => Ppm::ONE;
		/// Seats of an audit.
		audit_seats: u32 = 3, 1 => 5;
		/// Seats of a committee that decides a dispute.
		dispute_seats: u32 = 7, 3 => 9;
		/// Bond of a dispute; lost when the settlement stands. Planck.
		dispute_bond: Balance = 10 * OPEN, OPEN / 100 => 10_000 * OPEN;
		/// Most of what the losers' seats forfeit that a disputer is paid for its cost. Planck.
		dispute_reward: Balance = 5 * OPEN, 0 => 1_000 * OPEN;
		/// Part of a worker's stake lost for no commitment.
		no_commit_slash: Ppm = Ppm(1_000), Ppm(0) => Ppm(100_000);
		/// Part of a worker's stake lost for an influence that an audit or dispute proved false.
		outlier_slash: Ppm = Ppm(100_000), Ppm(0) => Ppm(1_000_000);
		/// Part of a worker's stake lost for withholding a report that was committed to; under an
		/// audit never less than what a false report costs.
		withhold_slash: Ppm = Ppm(20_000), Ppm(0) => Ppm(1_000_000);
		/// Part of a worker's stake lost for an answer that an audit or dispute proved wrong.
		wrong_answer_slash: Ppm = Ppm(100_000), Ppm(0) => Ppm(1_000_000);
		/// Blocks for which a worker that did not commit or withheld is jailed.
		jail: BlockNumber = 10 * MINUTES, 0 => 7 * DAYS;
	}
}

parameters! {
	/// What a role costs and how long leaving it takes.
	BondParameters {
		/// Least bond of a collator. Planck.
		min_collator_bond: Balance = 10_000 * OPEN, OPEN => 10_000_000 * OPEN;
		/// Least bond of a worker. Planck.
		min_worker_bond: Balance = 1_000 * OPEN, OPEN => 10_000_000 * OPEN;
		/// Least bond of a curator. Planck.
		min_curator_bond: Balance = 1_000 * OPEN, OPEN => 10_000_000 * OPEN;
		/// Blocks from `unbond` to `withdraw_unbonded`.
		unbonding: BlockNumber = 7 * DAYS, 3 => 60 * DAYS;
		/// Most collators in a session.
		max_collators: u32 = 32, 1 => 100;
		/// Blocks from an offence to its slash; shorter than `unbonding`, so that nobody escapes.
		slash_delay: BlockNumber = 3 * DAYS, 1 => 30 * DAYS;
		/// The most that an operator keeps of what its delegators earn.
		max_commission: Ppm = Ppm(200_000), Ppm(0) => Ppm(500_000);
		/// Blocks from the announcement of a higher commission until it counts.
		commission_notice: BlockNumber = 7 * DAYS, 1 => 60 * DAYS;
		/// Least delegation. Planck.
		min_delegation: Balance = 10 * OPEN, OPEN / 100 => 10_000 * OPEN;
		/// Most delegated to an operator, in times its own bond.
		max_leverage: u32 = 10, 0 => 100;
		/// Part of the bond that an equivocating collator loses.
		equivocation_slash: Ppm = Ppm(50_000), Ppm(1_000) => Ppm::ONE;
		/// Collators of which none may leave, nor be put out for idleness.
		min_collators: u32 = 4, 1 => 100;
		/// Turns to make a block that a collator may miss in a row, as the others' blocks tell.
		max_idle_turns: u32 = 20, 10 => 10_000;
	}
}

parameters! {
	/// What collators earn from the community pot.
	RewardParameters {
		/// What a block would have earned at height 0. Planck.
		first_reward: Balance = OPEN / 2, 0 => 10 * OPEN;
		/// Blocks in which the reward halves.
		half_life: BlockNumber = 4 * 365 * DAYS, DAYS => 20 * 365 * DAYS;
	}
}

parameters! {
	/// gOPEN.
	GopenParameters {
		/// Blocks from `withdraw` to `complete_withdrawal`.
		cooldown: BlockNumber = 7 * DAYS, 3 => 60 * DAYS;
		/// Least deposit. Planck.
		min_deposit: Balance = OPEN, OPEN / 100 => 1_000 * OPEN;
	}
}

parameters! {
	/// How the people of a Datanet decide on its policy.
	AssemblyParameters {
		/// Blocks in which a vote runs; a window of earnings at most, whatever is set.
		voting_period: BlockNumber = 5 * DAYS, 3 => 14 * DAYS;
		/// Part of all that was earned in a Datanet that has to vote.
		turnout: Ppm = Ppm(200_000), Ppm(50_000) => Ppm::ONE;
		/// Held from who proposes, lost where too few vote. Planck.
		deposit: Balance = 100 * OPEN, OPEN => 100_000 * OPEN;
		/// What has to be earned in a Datanet in a window for its people to vote on it. Planck.
		min_earned: Balance = 100 * OPEN, 1 => 1_000_000 * OPEN;
	}
}

parameters! {
	/// Calls for data, and launches of models.
	LaunchParameters {
		/// Bond of a launch: back when its model is listed, the treasury's when it misses its goal.
		/// Planck.
		bond: Balance = 1_000 * OPEN, OPEN => 1_000_000 * OPEN;
		/// Least budget of a call for data. Planck.
		min_budget: Balance = 100 * OPEN, OPEN => 100_000 * OPEN;
		/// Most that a launch may ask of the treasury for its call: no more than the treasury's medium
		/// track spends. Planck.
		max_budget: Balance = 100_000 * OPEN, OPEN => 100_000 * OPEN;
		/// Records that the budget of a call pays at least.
		min_records: u32 = 100, 1 => 1_000_000;
		/// Most blocks in which a call takes offers.
		max_period: BlockNumber = 90 * DAYS, 10 => 365 * DAYS;
		/// Most blocks from a launch's approval until its goal is reached.
		max_term: BlockNumber = 365 * DAYS, 20 => 2 * 365 * DAYS;
		/// Blocks after the last offer in which a call still pays: for reviews, appeals and maturity.
		grace: BlockNumber = 14 * DAYS, 3 => 120 * DAYS;
		/// Blocks from an acceptance until it is paid for: time to prove duplicates.
		maturity: BlockNumber = 3 * DAYS, 1 => 60 * DAYS;
		/// Blocks in which a proposed launch can be approved.
		approval_period: BlockNumber = 30 * DAYS, 10 => 365 * DAYS;
	}
}

/// How the fee above the floor is divided. The parts sum to the whole.
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
	Serialize,
	Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Split {
	/// To contributors, by influence; what is unattributed goes to the treasury.
	pub data: Ppm,
	/// To the model's lineage, base first.
	pub models: Ppm,
	/// To the committee, by seat.
	pub workers: Ppm,
	/// To those who delegate to the committee.
	pub delegators: Ppm,
	/// To the treasury.
	pub treasury: Ppm,
}

impl Default for Split {
	fn default() -> Self {
		Self {
			data: Ppm(500_000),
			models: Ppm(200_000),
			workers: Ppm(150_000),
			delegators: Ppm(50_000),
			treasury: Ppm(100_000),
		}
	}
}

impl Split {
	/// Weights in the order data, models, workers, delegators, treasury.
	pub fn weights(&self) -> [u32; 5] {
		[self.data.0, self.models.0, self.workers.0, self.delegators.0, self.treasury.0]
	}
}

impl Clamp for Split {
	/// A split whose parts do not sum to the whole, or that leaves contributors less than 300,000
	/// ppm or more than 900,000, is replaced by the default.
	fn clamped(self) -> Self {
		let sum: u64 = self.weights().iter().map(|w| u64::from(*w)).fold(0, u64::saturating_add);
		let data_in_bounds = (300_000..=900_000).contains(&self.data.0);
		if sum == u64::from(Ppm::ONE.0) && data_in_bounds {
			self
		} else {
			Self::default()
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn defaults_lie_within_their_bounds() {
		assert_eq!(CurationParameters::default().clamped(), CurationParameters::default());
		assert_eq!(JobParameters::default().clamped(), JobParameters::default());
		assert_eq!(RoundParameters::default().clamped(), RoundParameters::default());
		assert_eq!(BondParameters::default().clamped(), BondParameters::default());
		assert_eq!(RewardParameters::default().clamped(), RewardParameters::default());
		assert_eq!(GopenParameters::default().clamped(), GopenParameters::default());
		assert_eq!(AssemblyParameters::default().clamped(), AssemblyParameters::default());
		assert_eq!(LaunchParameters::default().clamped(), LaunchParameters::default());
		assert_eq!(Split::default().clamped(), Split::default());
	}

	#[test]
	fn what_lies_outside_is_brought_to_its_bound() {
		let p =
			RoundParameters { commit_period: 0, tolerance: Ppm(2_000_000), ..Default::default() };
		assert_eq!(p.clamped().commit_period, 3);
		assert_eq!(p.clamped().tolerance, Ppm::ONE);
	}

	#[test]
	fn a_split_that_is_not_whole_is_replaced() {
		let short = Split { treasury: Ppm(99_999), ..Default::default() };
		assert_eq!(short.clamped(), Split::default());
		let greedy = Split { data: Ppm(0), treasury: Ppm(600_000), ..Default::default() };
		assert_eq!(greedy.clamped(), Split::default());
		let overflow = Split { data: Ppm(u32::MAX), models: Ppm(u32::MAX), ..Default::default() };
		assert_eq!(overflow.clamped(), Split::default());
	}
}
