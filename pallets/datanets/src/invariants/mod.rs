//! What has to hold at every block.

mod policies;
mod reviews;
mod versions;

use crate::{
	AccountIdOf, Config, ContributionEarnings, ContributionState, Contributions, CuratorKinds,
	DatanetEarnings, DatanetTerms, Datanets, DuplicateProofs, HoldReason, LatestClusters,
	NextContribution, NextDatanet, Pallet, Pending, Permissions, Reviews, Roots, Versions,
};
use alloc::{collections::BTreeMap, vec::Vec};
use openledger_primitives::{Balance, DatanetId};
use polkadot_sdk::{
	frame_support::{ensure, traits::fungible::hold::Inspect as _},
	sp_runtime::TryRuntimeError,
};

type Checked = Result<(), TryRuntimeError>;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants, numbered below and in this module's files.
	pub fn do_try_state() -> Checked {
		Self::check_ids()?;
		Self::check_holds()?;
		Self::check_roots()?;
		Datanets::<T>::iter_keys().try_for_each(Self::check_versions)?;
		Self::check_reviews()?;
		Self::check_decisions()?;
		Self::check_queues()?;
		Self::check_panels()?;
		Self::check_pending()?;
		Self::check_duplicates()?;
		Self::check_earnings()?;
		Self::check_policies()?;
		Self::check_windows()
	}

	// 1. Ids in use are below the next one; what is said of a Datanet is said of one that exists.
	fn check_ids() -> Checked {
		let next = NextDatanet::<T>::get();
		ensure!(Datanets::<T>::iter_keys().all(|id| id < next), "a Datanet has an unused id");
		let next = NextContribution::<T>::get();
		ensure!(Contributions::<T>::iter_keys().all(|id| id < next), "an unused id contributes");
		ensure!(
			Permissions::<T>::iter_keys().all(Datanets::<T>::contains_key),
			"a permission belongs to no Datanet"
		);
		ensure!(
			DatanetTerms::<T>::iter_keys().all(Datanets::<T>::contains_key),
			"terms belong to no Datanet"
		);
		ensure!(
			LatestClusters::<T>::iter().all(|(id, c)| Versions::<T>::contains_key(id, c.version)),
			"clusters belong to no version"
		);
		Ok(())
	}

	// 2. Held is exactly what Datanets, contributions, reviews, appeals and records say.
	fn check_holds() -> Checked {
		let mut contributors = BTreeMap::new();
		let (mut bonds, mut fees, mut appeals) = (Vec::new(), Vec::new(), Vec::new());
		for (id, contribution) in Contributions::<T>::iter() {
			bonds.push((contribution.contributor.clone(), contribution.bond));
			contributors.insert(id, contribution.contributor);
		}
		for (id, review) in Reviews::<T>::iter() {
			let contributor = contributors.get(&id).ok_or("a review is of no contribution")?;
			fees.push((contributor.clone(), review.fee));
			appeals.extend(review.appeal.map(|appeal| (appeal.appellant, appeal.bond)));
		}
		let deposits = Datanets::<T>::iter_values().map(|d| (d.owner, d.deposit)).collect();
		let proofs = DuplicateProofs::<T>::iter().map(|(_, who, proof)| (who, proof.deposit));
		let kinds = CuratorKinds::<T>::iter().map(|(who, judging)| (who, judging.deposit));
		let clusters = LatestClusters::<T>::iter_values().map(|c| (c.publisher, c.deposit));
		Self::check_held(HoldReason::Datanet, deposits)?;
		Self::check_held(HoldReason::Contribution, bonds)?;
		Self::check_held(HoldReason::Review, fees)?;
		Self::check_held(HoldReason::Appeal, appeals)?;
		Self::check_held(HoldReason::Record, proofs.chain(kinds).chain(clusters).collect())
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

	// 10. Contributions are counted while they are pending, by contributor and by Datanet.
	fn check_pending() -> Checked {
		let mut by_account = BTreeMap::<_, u32>::new();
		let mut by_datanet = BTreeMap::<DatanetId, u32>::new();
		for contribution in Contributions::<T>::iter_values() {
			if contribution.state == ContributionState::Pending {
				let count = by_account.entry(contribution.contributor).or_default();
				*count = count.saturating_add(1);
				let count = by_datanet.entry(contribution.datanet).or_default();
				*count = count.saturating_add(1);
			}
		}
		ensure!(
			Pending::<T>::iter().collect::<BTreeMap<_, _>>() == by_account,
			"an account's pending contributions are miscounted"
		);
		ensure!(
			Datanets::<T>::iter()
				.all(|(id, d)| by_datanet.get(&id).copied().unwrap_or_default() == d.pending),
			"a Datanet's pending contributions are miscounted"
		);
		Ok(())
	}

	// 11. No more records are proven than there are, and no bond is larger than before a penalty.
	fn check_duplicates() -> Checked {
		for contribution in Contributions::<T>::iter_values() {
			if let ContributionState::Struck { strike, .. } = contribution.state {
				ensure!(
					strike.proven <= contribution.records && contribution.bond <= strike.bond,
					"more was struck out than there was"
				);
			}
		}
		for proof in DuplicateProofs::<T>::iter_values() {
			let unshared = proof.originals.iter().map(|original| u64::from(original.unshared));
			ensure!(
				proof.proven <= proof.next
					&& unshared.fold(0, u64::saturating_add) <= u64::from(proof.proven),
				"a proof counts a record twice"
			);
			ensure!(!proof.originals.is_empty(), "a proof commits to nothing");
		}
		Ok(())
	}

	// 12. A Datanet earned what its contributions earned.
	fn check_earnings() -> Checked {
		let mut sums = BTreeMap::<DatanetId, Balance>::new();
		for (id, amount) in ContributionEarnings::<T>::iter() {
			let contribution = Contributions::<T>::get(id).ok_or("nothing earned something")?;
			let sum = sums.entry(contribution.datanet).or_default();
			*sum = sum.saturating_add(amount);
		}
		let stored = DatanetEarnings::<T>::iter().map(|(id, earnings)| (id, earnings.amount));
		ensure!(
			stored.collect::<BTreeMap<_, _>>() == sums,
			"a Datanet's earnings are not those of its contributions"
		);
		Ok(())
	}
}
