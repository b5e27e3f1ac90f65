//! What workers pay for their faults, once nobody can dispute them any more.

use crate::{types::Receipt, Config, Event, Pallet};
use openledger_primitives::{
	parameters::RoundParameters,
	traits::{Misconduct, Penalties, Role},
	JobId, Ppm,
};

/// `parameters` with penalties in their order: withholding costs at least what an outlier costs, that at
/// least what no commitment costs; or a worker in doubt would choose the worse for the chain.
pub fn ordered(parameters: RoundParameters) -> RoundParameters {
	let outlier_slash = parameters.outlier_slash.max(parameters.no_commit_slash);
	let withhold_slash = parameters.withhold_slash.max(outlier_slash);
	let outlier_tolerance = parameters.outlier_tolerance.max(parameters.tolerance);
	RoundParameters { outlier_slash, withhold_slash, outlier_tolerance, ..parameters }
}

/// The part of its stake that a worker pays. An answer is wrong only where that is `proven`.
pub fn part_of(parameters: &RoundParameters, fault: Misconduct, proven: bool) -> Ppm {
	match fault {
		Misconduct::NotCommitted => parameters.no_commit_slash,
		Misconduct::Withheld => parameters.withhold_slash,
		Misconduct::Outlier => parameters.outlier_slash,
		Misconduct::WrongAnswer if proven => parameters.wrong_answer_slash,
		_ => Ppm(0),
	}
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
		let proven = receipt.is_proven();
		let mut penalised: u32 = 0;
		for seat in &receipt.seats {
			let Some(fault) = seat.fault else { continue };
			let part = part_of(parameters, fault, proven);
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
