//! Proposals and ballots.

use crate::{
	AccountIdOf, Ballot, Ballots, Config, Error, Event, HoldReason, Pallet, Tally, Vote, VoteOf,
	Votes,
};
use openledger_math::{turnout_of, voting_weight};
use openledger_primitives::{
	traits::{SelfRule, VotingPower},
	Balance, DatanetId,
};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::MutateHold},
	sp_runtime::DispatchResult,
};

/// What a vote counts: a window of earnings and a checkpoint of gOPEN.
#[derive(Clone, Copy)]
pub(crate) struct Electorate {
	pub window: u32,
	pub checkpoint: u32,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_propose(
		proposer: AccountIdOf<T>,
		datanet: DatanetId,
		policy: T::Policy,
	) -> DispatchResult {
		ensure!(T::Datanets::exists(datanet), Error::<T>::UnknownDatanet);
		ensure!(!Votes::<T>::contains_key(datanet), Error::<T>::VoteUnderWay);
		let electorate = Self::electorate_now().ok_or(Error::<T>::NoWeight)?;
		let weight = Self::weight_of(&proposer, datanet, electorate);
		ensure!(weight > 0, Error::<T>::NoWeight);

		let parameters = Self::parameters();
		let Electorate { window, checkpoint } = electorate;
		let earned = T::Datanets::earned_by_all(datanet, window);
		ensure!(earned >= parameters.min_earned, Error::<T>::TooLittleEarned);
		let deposit = parameters.deposit;
		T::Currency::hold(&HoldReason::Proposal.into(), &proposer, deposit)?;
		// earnings are kept for as long as a vote of one window runs
		let period = parameters.voting_period.min(T::Datanets::window_length());
		let vote = Vote {
			proposer: proposer.clone(),
			deposit,
			policy: T::Datanets::within_bounds(policy),
			window,
			checkpoint,
			earned,
			turnout: turnout_of(earned, parameters.turnout.0),
			ends_at: Self::now().saturating_add(period),
			tally: Tally::default(),
			ballots: 0,
			decided: false,
		};
		Votes::<T>::insert(datanet, &vote);
		Self::deposit_event(Event::Proposed {
			datanet,
			proposer,
			policy: vote.policy,
			window,
			checkpoint,
			turnout: vote.turnout,
			ends_at: vote.ends_at,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_vote(who: AccountIdOf<T>, datanet: DatanetId, aye: bool) -> DispatchResult {
		let mut vote = Self::running(datanet)?;
		let weight = Self::weight_of(&who, datanet, electorate_of::<T>(&vote));
		ensure!(weight > 0, Error::<T>::NoWeight);
		let ballot = Ballot { aye, weight };
		match Ballots::<T>::get(datanet, &who) {
			Some(before) => vote.tally.take(&before),
			None => vote.ballots = vote.ballots.saturating_add(1),
		}
		vote.tally.add(&ballot);
		Ballots::<T>::insert(datanet, &who, ballot);
		Votes::<T>::insert(datanet, vote);
		Self::deposit_event(Event::Voted { datanet, who, aye, weight });
		Ok(())
	}

	pub(crate) fn do_remove_vote(who: AccountIdOf<T>, datanet: DatanetId) -> DispatchResult {
		let mut vote = Self::running(datanet)?;
		let ballot = Ballots::<T>::take(datanet, &who).ok_or(Error::<T>::NoBallot)?;
		vote.tally.take(&ballot);
		vote.ballots = vote.ballots.saturating_sub(1);
		Votes::<T>::insert(datanet, vote);
		Self::deposit_event(Event::VoteRemoved { datanet, who, weight: ballot.weight });
		Ok(())
	}

	/// A Datanet's vote, while it takes ballots.
	fn running(datanet: DatanetId) -> Result<VoteOf<T>, Error<T>> {
		let vote = Votes::<T>::get(datanet).ok_or(Error::<T>::NoVote)?;
		ensure!(Self::now() < vote.ends_at, Error::<T>::VoteOver);
		Ok(vote)
	}

	/// What a vote that begins now counts; `None` before the first window is complete.
	pub(crate) fn electorate_now() -> Option<Electorate> {
		let window = T::Datanets::window().checked_sub(1)?;
		Some(Electorate { window, checkpoint: T::Power::latest_checkpoint() })
	}

	/// What `who` weighs, in planck.
	pub(crate) fn weight_of(
		who: &AccountIdOf<T>,
		datanet: DatanetId,
		electorate: Electorate,
	) -> Balance {
		let earned = T::Datanets::earned(datanet, who, electorate.window);
		if earned == 0 {
			return 0;
		}
		voting_weight(earned, T::Power::held_at(who, electorate.checkpoint))
	}
}

/// What a vote counts.
pub(crate) fn electorate_of<T: Config>(vote: &VoteOf<T>) -> Electorate {
	Electorate { window: vote.window, checkpoint: vote.checkpoint }
}
