//! What workers pay for their faults, once nobody can dispute them any more.

use crate::{
	types::{Receipt, SeatKind},
	Config, Event, Pallet,
};
use openledger_primitives::{
	parameters::RoundParameters,
	traits::{Misconduct, Penalties, Role},
	JobId, Ppm,
};

/// `parameters` with penalties in their order: withholding and outliers cost at least what no commitment
/// costs; or a worker in doubt would choose the worse for the chain.
pub fn ordered(parameters: RoundParameters) -> RoundParameters {
	let outlier_slash = parameters.outlier_slash.max(parameters.no_commit_slash);
	let withhold_slash = parameters.withhold_slash.max(parameters.no_commit_slash);
	let outlier_tolerance = parameters.outlier_tolerance.max(parameters.tolerance);
	RoundParameters { outlier_slash, withhold_slash, outlier_tolerance, ..parameters }
}

/// What is known of a fault besides its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
	/// An audit or a dispute had the last word: without, a report is out-voted and not yet false.
	pub proven: bool,
	/// The worker knew before it revealed that an audit would.
	pub audited: bool,
}

/// The part of its stake that a worker pays. Under an audit withholding costs what a false report does:
/// or who lied would rather say nothing.
pub fn part_of(parameters: &RoundParameters, fault: Misconduct, of: Circumstances) -> Ppm {
	let RoundParameters { withhold_slash, outlier_slash, wrong_answer_slash, .. } = *parameters;
	match fault {
		Misconduct::NotCommitted => parameters.no_commit_slash,
		Misconduct::Withheld if of.audited => {
			withhold_slash.max(outlier_slash).max(wrong_answer_slash)
		}
		Misconduct::Withheld => withhold_slash,
		Misconduct::Outlier if of.proven => outlier_slash,
		Misconduct::WrongAnswer if of.proven => wrong_answer_slash,
		_ => Ppm(0),
	}
}

/// See [`openledger_primitives::traits::Committees::deterrence`]: how often such jobs are audited, times
/// what a false report costs then.
pub fn deterrence(parameters: &RoundParameters) -> Option<Ppm> {
	let rate = parameters.single_audit_rate.0;
	let slash = parameters.outlier_slash.min(parameters.wrong_answer_slash).0;
	// below 10^12; the quotient is at most 10^6
	let expected = u64::from(rate).saturating_mul(slash.into()) / u64::from(Ppm::ONE.0);
	(rate > 0).then(|| Ppm(u32::try_from(expected).unwrap_or(u32::MAX)))
}

/// For how many blocks a worker is jailed: one that was silent is not drawn again at once.
pub fn jail_for(parameters: &RoundParameters, fault: Misconduct) -> u32 {
	match fault {
		Misconduct::NotCommitted | Misconduct::Withheld => parameters.jail,
		_ => 0,
	}
}

impl<T: Config> Pallet<T> {
	/// Executes what a matured receipt says of its seats; says how many were at fault.
	pub(crate) fn penalise(
		job: JobId,
		receipt: &Receipt<T::AccountId>,
		parameters: &RoundParameters,
	) -> u32 {
		let (proven, audited) = (receipt.is_proven(), receipt.is_audited());
		let mut penalised: u32 = 0;
		for seat in &receipt.seats {
			let Some(fault) = seat.fault else { continue };
			let audited = audited && seat.kind == SeatKind::Committee;
			let part = part_of(parameters, fault, Circumstances { proven, audited });
			let jail = jail_for(parameters, fault);
			if part.0 == 0 && jail == 0 {
				continue;
			}
			penalised = penalised.saturating_add(1);
			let amount = match part.0 {
				0 => 0,
				_ => T::Penalties::slash(Role::Worker, &seat.worker, part, fault),
			};
			if jail > 0 {
				T::Penalties::jail(Role::Worker, &seat.worker, jail);
			}
			Self::deposit_event(Event::Penalised {
				job,
				worker: seat.worker.clone(),
				fault,
				amount,
				jail,
			});
		}
		penalised
	}
}
