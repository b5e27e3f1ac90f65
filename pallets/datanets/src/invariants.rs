//! What has to hold at every block.

use crate::{
	AccountIdOf, CommitQueue, Config, Contribution, ContributionState, Contributions, Datanets,
	DrawQueue, Due, HoldReason, Leaves, NextContribution, NextDatanet, Pallet, Panels, Permissions,
	Phase, RevealQueue, Reviews, Roots, VersionRanges, Versions,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use openledger_primitives::{merkle, Balance, ContributionId, DatanetId};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect as _},
	sp_runtime::TryRuntimeError,
};

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below.
	pub fn do_try_state() -> Checked {
		Self::check_ids()?;
		Self::check_holds()?;
		Self::check_roots()?;
		Datanets::<T>::iter_keys().try_for_each(Self::check_versions)?;
		Self::check_reviews()?;
		Self::check_queues()?;
		Self::check_panels()
	}

	// 1. Ids in use are below the next one; permissions belong to a Datanet.
	fn check_ids() -> Checked {
		let next = NextDatanet::<T>::get();
		ensure!(Datanets::<T>::iter_keys().all(|id| id < next), "a Datanet has an unused id");
		let next = NextContribution::<T>::get();
		ensure!(Contributions::<T>::iter_keys().all(|id| id < next), "an unused id contributes");
		ensure!(
			Permissions::<T>::iter_keys().all(Datanets::<T>::contains_key),
			"a permission belongs to no Datanet"
		);
		Ok(())
	}

	// 2. Held is exactly what Datanets, contributions and reviews say.
	fn check_holds() -> Checked {
		let mut contributors = BTreeMap::new();
		let (mut bonds, mut fees) = (Vec::new(), Vec::new());
		for (id, contribution) in Contributions::<T>::iter() {
			bonds.push((contribution.contributor.clone(), contribution.bond));
			contributors.insert(id, contribution.contributor);
		}
		for (id, review) in Reviews::<T>::iter() {
			let contributor = contributors.get(&id).ok_or("a review is of no contribution")?;
			fees.push((contributor.clone(), review.fee));
		}
		let deposits = Datanets::<T>::iter_values().map(|d| (d.owner, d.deposit)).collect();
		Self::check_held(HoldReason::Datanet, deposits)?;
		Self::check_held(HoldReason::Contribution, bonds)?;
		Self::check_held(HoldReason::Review, fees)
	}

	fn check_held(reason: HoldReason, owed: Vec<(AccountIdOf<T>, Balance)>) -> Checked {
		let reason = reason.into();
		let mut sums = BTreeMap::<_, Balance>::new();
		for (who, amount) in owed {
			let sum = sums.entry(who).or_default();
			*sum = sum.saturating_add(amount);
		}
		ensure!(
			sums.iter().all(|(who, sum)| T::Currency::balance_on_hold(&reason, who) == *sum),
			"an account's holds differ from what is stored"
		);
		Ok(())
	}

	// 3. Contributions and taken roots belong to each other, one to one.
	fn check_roots() -> Checked {
		ensure!(
			Contributions::<T>::iter().all(|(id, c)| Roots::<T>::get(c.root) == Some(id)),
			"a contribution's root is not taken"
		);
		ensure!(
			Roots::<T>::iter_keys().count() == Contributions::<T>::iter_keys().count(),
			"a root is taken by no contribution"
		);
		Ok(())
	}

	// 4. A Datanet's versions are numbered 1 to the latest; the latest's roots, counts, records and
	//    bytes are those of the contributions.
	fn check_versions(id: DatanetId) -> Checked {
		let datanet = Datanets::<T>::get(id).ok_or("no such Datanet")?;
		ensure!(
			(1..=datanet.version).all(|number| Versions::<T>::contains_key(id, number)),
			"a version is missing"
		);
		let stored = Versions::<T>::iter_key_prefix(id).count();
		ensure!(stored == datanet.version as usize, "there is a version above the latest");

		let ranges = VersionRanges::<T>::get(id);
		let stored = Leaves::<T>::iter_key_prefix(id).count();
		ensure!(stored as u64 == ranges.accepted.leaves, "leaves are missing or too many");
		let accepted = (0..ranges.accepted.leaves)
			.map(|leaf| Self::at_leaf(id, leaf).ok_or("a leaf is no accepted contribution"))
			.collect::<Result<Vec<_>, _>>()?;
		let roots: Vec<_> = accepted.iter().map(|c| c.root).collect();
		ensure!(merkle::root(&roots) == ranges.accepted.root(), "the accepted root is wrong");

		let mut removed = Vec::new();
		let (mut records, mut bytes) = (0u64, 0u64);
		for contribution in &accepted {
			match contribution.state {
				ContributionState::Revoked { revocation, .. } => {
					removed.push((revocation.version, contribution.root))
				}
				ContributionState::Accepted(acceptance) => {
					records = records.saturating_add(contribution.records.into());
					bytes = bytes.saturating_add(acceptance.bytes);
				}
				ContributionState::Pending => return Err("a leaf is pending".into()),
			}
		}
		removed.sort_unstable();
		let removed: Vec<_> = removed.into_iter().map(|(_, root)| root).collect();
		ensure!(merkle::root(&removed) == ranges.removed.root(), "the removed root is wrong");
		ensure!(removed.len() as u64 == ranges.removed.leaves, "removed leaves are miscounted");
		ensure!(
			(records, bytes) == (ranges.records, ranges.bytes),
			"records or bytes differ from those of the contributions"
		);

		if let Some(latest) = Versions::<T>::get(id, datanet.version) {
			ensure!(
				latest.accepted_root == ranges.accepted.root()
					&& latest.removed_root == ranges.removed.root()
					&& latest.accepted == ranges.accepted.leaves
					&& latest.removed == ranges.removed.leaves
					&& (latest.records, latest.bytes) == (ranges.records, ranges.bytes),
				"the latest version is not that of the ranges"
			);
		}
		Ok(())
	}

	fn at_leaf(id: DatanetId, leaf: u64) -> Option<Contribution<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(Leaves::<T>::get(id, leaf)?)?;
		let acceptance = match &contribution.state {
			ContributionState::Accepted(acceptance)
			| ContributionState::Revoked { acceptance, .. } => acceptance,
			ContributionState::Pending => return None,
		};
		(contribution.datanet == id && acceptance.leaf == leaf).then_some(contribution)
	}

	// 5. Pending contributions, and no others, are under review; the others stand at a leaf.
	fn check_reviews() -> Checked {
		for (id, contribution) in Contributions::<T>::iter() {
			let pending = contribution.state == ContributionState::Pending;
			ensure!(
				pending == Reviews::<T>::contains_key(id),
				"pending without review, or reviewed"
			);
		}
		ensure!(
			Reviews::<T>::iter_keys().all(Contributions::<T>::contains_key),
			"a review is of no contribution"
		);
		let leaves = Leaves::<T>::iter_values().count();
		let accepted = Contributions::<T>::iter_values()
			.filter(|c| c.state != ContributionState::Pending)
			.count();
		ensure!(leaves == accepted, "an accepted contribution has no leaf");
		Ok(())
	}

	// 6. Every review waits in the queue of its phase with its deadline, so that it ends.
	fn check_queues() -> Checked {
		let entries = |peek: fn(u64) -> Option<Due>, len: u64| {
			(0..len).filter_map(peek).collect::<BTreeSet<_>>()
		};
		let draws = entries(DrawQueue::<T>::peek_at, DrawQueue::<T>::len());
		let commits = entries(CommitQueue::<T>::peek_at, CommitQueue::<T>::len());
		let reveals = entries(RevealQueue::<T>::peek_at, RevealQueue::<T>::len());
		let waits = |id: ContributionId, phase, deadline| match phase {
			Phase::Draw => draws.contains(&(id, deadline)),
			Phase::Commit => commits.contains(&(id, deadline)),
			Phase::Reveal => reveals.contains(&(id, deadline)),
		};
		ensure!(
			Reviews::<T>::iter().all(|(id, r)| waits(id, r.phase, r.deadline)),
			"a review waits in no queue"
		);
		Ok(())
	}

	// 7. The index of panels lists every seat once; a seat reveals only what it committed to.
	fn check_panels() -> Checked {
		let mut seats = 0usize;
		for (id, review) in Reviews::<T>::iter() {
			for seat in &review.seats {
				ensure!(Panels::<T>::contains_key(&seat.curator, id), "a seat is not listed");
				ensure!(
					seat.verdict.is_none() || seat.commitment.is_some(),
					"a verdict without commitment"
				);
				seats = seats.saturating_add(1);
			}
		}
		ensure!(Panels::<T>::iter_keys().count() == seats, "a listed seat is on no panel");
		Ok(())
	}
}
