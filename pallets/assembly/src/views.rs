//! Answers to [`crate::runtime_api::AssemblyApi`]; the runtime calls them.

use crate::{
	runtime_api::VoteView,
	voting::{electorate_of, Electorate},
	AccountIdOf, Ballot, Ballots, Config, Pallet, Votes,
};
use openledger_primitives::{Balance, DatanetId};

impl<T: Config> Pallet<T> {
	/// The vote in a Datanet, until its ballots are cleared.
	pub fn vote_view(datanet: DatanetId) -> Option<VoteView<AccountIdOf<T>, T::Policy>> {
		let vote = Votes::<T>::get(datanet)?;
		let blocks_left = vote.ends_at.saturating_sub(Self::now());
		let carried = vote.tally.carries(vote.turnout);
		Some(VoteView { vote, blocks_left, carried })
	}

	/// What `account` weighs in a Datanet's vote, or in one that would begin now.
	pub fn weight_view(datanet: DatanetId, account: &AccountIdOf<T>) -> Balance {
		let running = Votes::<T>::get(datanet).map(|vote| electorate_of::<T>(&vote));
		let electorate: Option<Electorate> = running.or_else(Self::electorate_now);
		electorate.map_or(0, |electorate| Self::weight_of(account, datanet, electorate))
	}

	/// What `account` voted in a Datanet.
	pub fn ballot_view(datanet: DatanetId, account: &AccountIdOf<T>) -> Option<Ballot> {
		Ballots::<T>::get(datanet, account)
	}
}
