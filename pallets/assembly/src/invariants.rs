//! What has to hold at every block.

use crate::{Ballots, Config, HoldReason, Pallet, Tally, VoteOf, Votes};
use alloc::collections::BTreeMap;
use openledger_primitives::{Balance, DatanetId};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect as _},
	frame_system,
	sp_runtime::TryRuntimeError,
};

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below.
	pub fn do_try_state() -> Checked {
		Votes::<T>::iter().try_for_each(|(datanet, vote)| Self::check_vote(datanet, &vote))?;
		Self::check_ballots()?;
		Self::check_deposits()
	}

	// 1. A vote knows how many ballots it has; while it takes some, its tally is their sum.
	// 2. All ballots together weigh no more than was earned, and the turnout can be reached by it.
	// 3. A vote that is decided is over, keeps no deposit, and has ballots left to clear.
	fn check_vote(datanet: DatanetId, vote: &VoteOf<T>) -> Checked {
		let (mut sum, mut count) = (Tally::default(), 0u32);
		for ballot in Ballots::<T>::iter_prefix_values(datanet) {
			sum.add(&ballot);
			count = count.saturating_add(1);
		}
		ensure!(count == vote.ballots, "a vote's ballots are miscounted");
		ensure!(vote.decided || sum == vote.tally, "a tally is not that of its ballots");
		let all = vote.tally.ayes.saturating_add(vote.tally.nays);
		ensure!(all <= vote.earned, "ballots weigh more than was earned");
		ensure!((1..=vote.earned).contains(&vote.turnout), "a turnout cannot be reached");
		let is_over = Self::now() >= vote.ends_at && vote.deposit == 0 && count > 0;
		ensure!(!vote.decided || is_over, "a decided vote runs, or keeps a deposit, or no ballot");
		Ok(())
	}

	// 4. Every ballot is one of a vote, and weighs something.
	fn check_ballots() -> Checked {
		for (datanet, _, ballot) in Ballots::<T>::iter() {
			ensure!(Votes::<T>::contains_key(datanet), "a ballot belongs to no vote");
			ensure!(ballot.weight > 0, "a ballot weighs nothing");
		}
		Ok(())
	}

	// 5. Held is exactly the deposits of proposals.
	fn check_deposits() -> Checked {
		let mut owed = BTreeMap::<_, Balance>::new();
		for vote in Votes::<T>::iter_values().filter(|vote| vote.deposit > 0) {
			let sum = owed.entry(vote.proposer).or_default();
			*sum = sum.saturating_add(vote.deposit);
		}
		let reason = HoldReason::Proposal.into();
		for who in frame_system::Account::<T>::iter_keys() {
			let sum = owed.remove(&who).unwrap_or_default();
			let held = T::Currency::balance_on_hold(&reason, &who);
			ensure!(held == sum, "a deposit is not what is held");
		}
		ensure!(owed.is_empty(), "a proposer has no account");
		Ok(())
	}
}
