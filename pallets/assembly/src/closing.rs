//! The end of a vote: its outcome, the deposit, and the ballots.

use crate::{Ballots, Config, Error, Event, HoldReason, Outcome, Pallet, VoteOf, Votes};
use openledger_primitives::{traits::SelfRule, Balance, DatanetId};
use polkadot_sdk::frame_support::{
	ensure,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
		Defensive, Get,
	},
};

impl<T: Config> Pallet<T> {
	/// Answers how many ballots were cleared.
	pub(crate) fn do_close(datanet: DatanetId) -> Result<u32, Error<T>> {
		let mut vote = Votes::<T>::get(datanet).ok_or(Error::<T>::NoVote)?;
		ensure!(Self::now() >= vote.ends_at, Error::<T>::VoteRunning);
		if !vote.decided {
			Self::decide(datanet, &mut vote);
		}
		let cleared = Self::clear_ballots(datanet);
		vote.ballots = vote.ballots.saturating_sub(cleared);
		if cleared > 0 {
			let left = vote.ballots;
			Self::deposit_event(Event::BallotsCleared { datanet, cleared, left });
		}
		if vote.ballots == 0 {
			Votes::<T>::remove(datanet);
		} else {
			Votes::<T>::insert(datanet, vote);
		}
		Ok(cleared)
	}

	fn decide(datanet: DatanetId, vote: &mut VoteOf<T>) {
		let reached = vote.tally.reaches(vote.turnout);
		let outcome = if !reached {
			Outcome::TurnoutMissed
		} else if !vote.tally.carries(vote.turnout) {
			Outcome::Rejected
		} else if T::Datanets::set_policy(datanet, vote.policy.clone()).is_ok() {
			Outcome::Enacted
		} else {
			Outcome::DatanetGone
		};
		let forfeited = if reached { 0 } else { Self::forfeit(vote) };
		let returned = Self::give_back(vote, forfeited);
		vote.deposit = 0;
		vote.decided = true;
		Self::deposit_event(Event::VoteClosed {
			datanet,
			outcome,
			tally: vote.tally,
			turnout: vote.turnout,
			proposer: vote.proposer.clone(),
			returned,
			forfeited,
		});
	}

	/// Pays the deposit to the treasury: nothing where that cannot take it.
	fn forfeit(vote: &VoteOf<T>) -> Balance {
		T::Currency::transfer_on_hold(
			&HoldReason::Proposal.into(),
			&vote.proposer,
			&T::Treasury::get(),
			vote.deposit,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.unwrap_or_default()
	}

	/// Releases what was not forfeited.
	fn give_back(vote: &VoteOf<T>, forfeited: Balance) -> Balance {
		let left = vote.deposit.saturating_sub(forfeited);
		let reason = HoldReason::Proposal.into();
		let released = T::Currency::release(&reason, &vote.proposer, left, Precision::Exact);
		released.defensive_proof("a deposit is held").unwrap_or_default()
	}

	/// Removes as many ballots as one call may; answers how many those were.
	fn clear_ballots(datanet: DatanetId) -> u32 {
		let mut cleared = 0u32;
		for _ in Ballots::<T>::drain_prefix(datanet).take(T::MaxCleared::get() as usize) {
			cleared = cleared.saturating_add(1);
		}
		cleared
	}
}
