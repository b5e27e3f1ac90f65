//! What holds after every block.

use crate::{
	AccountIdOf, Ballots, CheckpointIndex, Config, Deactivated, Delegations, Deposits, Histories,
	HoldReason, Pallet, Received, ReferendumIndex, Starts, Tally, TotalDeposits, TrackId,
	Withdrawals,
};
use alloc::{collections::BTreeMap, vec::Vec};
use openledger_math::Steps;
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{fungible::hold::Inspect, Polling},
	},
	frame_system,
	sp_runtime::TryRuntimeError,
};

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants.
	pub(crate) fn do_try_state() -> Checked {
		Self::check_holds()?;
		Self::check_deposits()?;
		Self::check_withdrawals()?;
		Self::check_histories()?;
		Self::check_received()?;
		Self::check_ballots()
	}

	// 1. What an account has deposited is held to the planck, and so is what is on its way out;
	//    nobody else's OPEN is.
	fn check_holds() -> Checked {
		for who in frame_system::Account::<T>::iter_keys() {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			let deposited = Deposits::<T>::get(&who);
			ensure!(held(HoldReason::Deposit) == deposited, "a deposit is not what is held");
			let leaving = Withdrawals::<T>::get(&who)
				.iter()
				.fold(0, |sum: Balance, withdrawal| sum.saturating_add(withdrawal.amount));
			ensure!(held(HoldReason::Cooldown) == leaving, "a withdrawal is not what is held");
		}
		Ok(())
	}

	fn check_deposits() -> Checked {
		let mut total: Balance = 0;
		for (who, amount) in Deposits::<T>::iter() {
			// 2. No deposit is empty, and whose it is exists.
			ensure!(amount > 0, "an empty deposit is stored");
			ensure!(frame_system::Account::<T>::contains_key(who), "a depositor has no account");
			total = total.saturating_add(amount);
		}
		// 3. The total is the sum of all deposits.
		ensure!(TotalDeposits::<T>::get() == total, "the total is not the sum of deposits");
		// 4. What sleeps is no more than there is.
		ensure!(
			Deactivated::<T>::get() <= openledger_primitives::TOTAL_ISSUANCE,
			"more sleeps than there is"
		);
		Ok(())
	}

	fn check_withdrawals() -> Checked {
		for (who, withdrawals) in Withdrawals::<T>::iter() {
			// 5. Neither a list of withdrawals nor a withdrawal is empty, and whose they are exists.
			ensure!(!withdrawals.is_empty(), "an empty list of withdrawals is stored");
			ensure!(withdrawals.iter().all(|w| w.amount > 0), "a withdrawal is empty");
			ensure!(frame_system::Account::<T>::contains_key(who), "who withdraws has no account");
		}
		Ok(())
	}

	fn check_histories() -> Checked {
		for (who, past) in Histories::<T>::iter() {
			// 6. Who has a history has a deposit; it never was more than now, and grew.
			let values = past.iter().map(|(_, value)| *value).chain([Deposits::<T>::get(&who)]);
			ensure!(!past.is_empty(), "an empty history is stored");
			ensure!(values.is_sorted(), "more counts than is deposited");
			// 7. No history is longer than what is kept, nor reaches beyond the next checkpoint.
			let ends = past.iter().map(|(until, _)| *until);
			ensure!(ends.clone().is_sorted_by(|a, b| a < b), "a history is out of order");
			ensure!(
				ends.max().is_some_and(|last| last <= Self::next_checkpoint()),
				"a history reaches into the future"
			);
		}
		Ok(())
	}

	fn check_received() -> Checked {
		let mut given = BTreeMap::<(TrackId, AccountIdOf<T>, CheckpointIndex), Balance>::new();
		for (who, delegations) in Delegations::<T>::iter() {
			// 8. Who delegates has a deposit.
			ensure!(Deposits::<T>::contains_key(&who), "somebody without a deposit delegates");
			let held = Self::held(&who);
			for delegation in &delegations {
				for checkpoint in Self::asked_for().filter(|c| delegation.covers(*c)) {
					let key = (delegation.track, delegation.to.clone(), checkpoint);
					let sum = given.entry(key).or_default();
					*sum = sum.saturating_add(held.at(checkpoint));
				}
			}
			// 9. At no checkpoint two vote for the same account on a track.
			for checkpoint in Self::asked_for() {
				let covering = delegations.iter().filter(|d| d.covers(checkpoint));
				let mut tracks: Vec<TrackId> = covering.map(|d| d.track).collect();
				let all = tracks.len();
				tracks.sort_unstable();
				tracks.dedup();
				ensure!(tracks.len() == all, "two accounts vote with the same gOPEN");
			}
		}
		// 10. Delegates have received what was delegated to them, at every checkpoint.
		for (track, to, amount) in Received::<T>::iter() {
			let received = Steps::from(amount);
			ensure!(!received.is_zero(), "nothing received is stored");
			for checkpoint in Self::asked_for() {
				let given = given.remove(&(track, to.clone(), checkpoint)).unwrap_or_default();
				ensure!(given == received.at(checkpoint), "a delegate has not what was delegated");
			}
		}
		ensure!(given.values().all(|given| *given == 0), "a delegate has not received anything");
		Ok(())
	}

	fn check_ballots() -> Checked {
		let mut tallies = BTreeMap::<ReferendumIndex, Tally<T::Electorate>>::new();
		for (who, track, ballots) in Ballots::<T>::iter() {
			ensure!(!ballots.is_empty(), "an empty list of votes is stored");
			for ballot in &ballots {
				let Some((of, _)) = T::Starts::start_of(ballot.referendum) else { continue };
				ensure!(of == track, "a vote is kept under another track");
				tallies
					.entry(ballot.referendum)
					.or_insert_with(|| Tally::new(0, 0, 0))
					.add(ballot.vote, ballot.power);
				// 11. What votes count is still deposited.
				if ballot.checkpoint >= Self::oldest_checkpoint() {
					ensure!(
						Self::power_at(&who, track, ballot.checkpoint) == ballot.power,
						"a vote counts what is not deposited"
					);
				}
			}
		}
		// 12. The tally of a running referendum is the sum of its votes.
		for referendum in T::Starts::running() {
			let counted = T::Polls::as_ongoing(referendum).map(|(tally, _)| tally);
			let sum = tallies.remove(&referendum).unwrap_or_else(|| Tally::new(0, 0, 0));
			ensure!(counted == Some(sum), "a tally is not the sum of its votes");
		}
		ensure!(tallies.is_empty(), "a vote counts on a referendum that does not run");
		Ok(())
	}

	/// Checkpoints at which powers matter, the next included.
	fn asked_for() -> impl Iterator<Item = CheckpointIndex> {
		Self::oldest_checkpoint()..=Self::next_checkpoint()
	}
}
