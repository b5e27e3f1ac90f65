//! Votes on referenda, and the gOPEN that they lock.

use crate::{
	AccountIdOf, Ballot, BallotView, Ballots, BallotsOf, Config, Delegations, Error, Event, Pallet,
	ReferendumIndex, Starts, TrackId, Vote, MAX_BALLOTS, MAX_DELEGATIONS,
};
use alloc::vec::Vec;
use openledger_primitives::Balance;
use polkadot_sdk::{
	frame_support::{
		defensive_assert, ensure,
		pallet_prelude::DispatchResult,
		traits::{PollStatus, Polling},
	},
	sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_vote(
		who: &AccountIdOf<T>,
		referendum: ReferendumIndex,
		vote: Vote,
	) -> DispatchResult {
		let (track, start) = T::Starts::start_of(referendum).ok_or(Error::<T>::NotRunning)?;
		ensure!(start <= Self::now(), Error::<T>::NotStarted);
		let checkpoint = Self::checkpoint_at(start);
		ensure!(checkpoint >= Self::oldest_checkpoint(), Error::<T>::TooOld);
		let power = Self::power_at(who, track, checkpoint);
		ensure!(power > 0, Error::<T>::NoPower);

		let mut ballots = Ballots::<T>::get(who, track);
		let old = take(&mut ballots, referendum);
		if ballots.is_full() {
			ballots.retain(Self::is_running);
		}
		ballots
			.try_push(Ballot { referendum, checkpoint, vote, power })
			.map_err(|_| Error::<T>::TooManyVotes)?;
		Ballots::<T>::insert(who, track, ballots);
		T::Polls::try_access_poll(referendum, |poll| -> Result<(), DispatchError> {
			let PollStatus::Ongoing(tally, _) = poll else {
				return Err(Error::<T>::NotRunning.into());
			};
			if let Some(old) = old {
				tally.remove(old.vote, old.power);
			}
			tally.add(vote, power);
			Ok(())
		})?;
		Self::deposit_event(Event::Voted { who: who.clone(), referendum, vote, power });
		Ok(())
	}

	pub(crate) fn do_remove_vote(
		who: &AccountIdOf<T>,
		referendum: ReferendumIndex,
	) -> DispatchResult {
		let track = match T::Starts::start_of(referendum) {
			Some((track, _)) => track,
			None => Self::track_of_ballot(who, referendum).ok_or(Error::<T>::NoVote)?,
		};
		let mut ballots = Ballots::<T>::get(who, track);
		let ballot = take(&mut ballots, referendum).ok_or(Error::<T>::NoVote)?;
		Self::put_ballots(who, track, ballots);
		if Self::is_running(&ballot) {
			T::Polls::access_poll(referendum, |poll| {
				if let PollStatus::Ongoing(tally, _) = poll {
					tally.remove(ballot.vote, ballot.power);
				}
			});
		}
		let power = ballot.power;
		Self::deposit_event(Event::VoteRemoved { who: who.clone(), referendum, power });
		Ok(())
	}

	/// Where a vote on a referendum that has ended is found.
	fn track_of_ballot(who: &AccountIdOf<T>, referendum: ReferendumIndex) -> Option<TrackId> {
		T::Polls::classes().into_iter().find(|track| {
			Ballots::<T>::get(who, track).iter().any(|ballot| ballot.referendum == referendum)
		})
	}

	pub(crate) fn do_forget(who: &AccountIdOf<T>, track: TrackId) -> DispatchResult {
		let mut ballots = Ballots::<T>::get(who, track);
		let votes = ballots.len();
		ballots.retain(Self::is_running);
		let mut delegations = Delegations::<T>::get(who);
		let given = delegations.len();
		Self::clear_over(&mut delegations, Some(track));
		let received = crate::Received::<T>::get(track, who);
		Self::change_received(track, who, |_| {});
		let less = ballots.len() < votes
			|| delegations.len() < given
			|| crate::Received::<T>::get(track, who) != received;
		ensure!(less, Error::<T>::NothingToClear);
		Self::put_ballots(who, track, ballots);
		Self::put_delegations(who, delegations);
		Self::deposit_event(Event::Cleared { who: who.clone(), track });
		Ok(())
	}

	fn put_ballots(who: &AccountIdOf<T>, track: TrackId, ballots: BallotsOf) {
		if ballots.is_empty() {
			Ballots::<T>::remove(who, track);
		} else {
			Ballots::<T>::insert(who, track, ballots);
		}
	}

	/// Whether the referendum of a vote runs.
	pub(crate) fn is_running(ballot: &Ballot) -> bool {
		T::Starts::start_of(ballot.referendum).is_some()
	}

	/// What of the deposit of `who` running referenda count, and how many votes were looked at: its
	/// own, and those of delegates with its gOPEN. Deposits of one account are taken out youngest
	/// first, so that what was there at the latest of those checkpoints is all that has to stay.
	pub(crate) fn locked(who: &AccountIdOf<T>) -> (Balance, u32) {
		let delegations = Delegations::<T>::get(who);
		let mut looked = 0u32;
		let mut latest = None;
		let mut look = |ballots: BallotsOf, counts: &dyn Fn(&Ballot) -> bool| {
			for ballot in ballots.iter().filter(|ballot| counts(ballot)) {
				looked = looked.saturating_add(1);
				if Self::is_running(ballot) {
					latest = latest.max(Some(ballot.checkpoint));
				}
			}
		};
		for track in T::Polls::classes() {
			let another_votes = |ballot: &Ballot| {
				delegations.iter().any(|d| d.track == track && d.covers(ballot.checkpoint))
			};
			look(Ballots::<T>::get(who, track), &|ballot| !another_votes(ballot));
		}
		for delegation in &delegations {
			let ballots = Ballots::<T>::get(&delegation.to, delegation.track);
			look(ballots, &|ballot| delegation.covers(ballot.checkpoint));
		}
		let locked = latest.map_or(0, |checkpoint| Self::held(who).at(checkpoint));
		(locked, looked)
	}

	/// What of the deposit of `who` running votes lock, in planck.
	pub fn locked_of(who: &AccountIdOf<T>) -> Balance {
		Self::locked(who).0
	}

	/// The most votes that [`Self::locked`] looks at.
	pub(crate) fn most_ballots() -> u32 {
		let tracks = T::Polls::classes().len() as u32;
		tracks.saturating_add(MAX_DELEGATIONS).saturating_mul(MAX_BALLOTS)
	}

	/// gOPEN with which `who` can vote on a referendum, in planck.
	pub fn power_on(who: &AccountIdOf<T>, referendum: ReferendumIndex) -> Balance {
		let Some((track, start)) = T::Starts::start_of(referendum) else { return 0 };
		let checkpoint = Self::checkpoint_at(start);
		if start > Self::now() || checkpoint < Self::oldest_checkpoint() {
			return 0;
		}
		Self::power_at(who, track, checkpoint)
	}

	/// Votes of `who`.
	pub fn ballots_of(who: &AccountIdOf<T>) -> Vec<BallotView> {
		let view = |track, ballot: Ballot| BallotView {
			track,
			referendum: ballot.referendum,
			checkpoint: ballot.checkpoint,
			vote: ballot.vote,
			power: ballot.power,
			running: Self::is_running(&ballot),
		};
		let on = |track| Ballots::<T>::get(who, track).into_iter().map(move |b| view(track, b));
		T::Polls::classes().into_iter().flat_map(on).collect()
	}
}

fn take(ballots: &mut BallotsOf, referendum: ReferendumIndex) -> Option<Ballot> {
	let at = ballots.iter().position(|ballot| ballot.referendum == referendum)?;
	let ballot = ballots.remove(at);
	defensive_assert!(ballot.power > 0, "a vote has gOPEN behind it");
	Some(ballot)
}
