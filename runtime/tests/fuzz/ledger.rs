//! The books, kept once more from what pallets store: every hold has its reasons, and every pot has
//! what it owes, its deposit and its gifts, to the planck.

use crate::view::{pots, POTS};
use codec::Encode;
use openledger_primitives::traits::Role;
use openledger_runtime::*;
use polkadot_sdk::{frame_support::traits::fungible::Inspect, pallet_balances};
use std::collections::BTreeMap;

/// Account, encoded reason → planck.
type Holds = BTreeMap<(AccountId, Vec<u8>), Balance>;

/// Compares pots and holds with what is stored; `gifts` are what pots were sent unasked. The error
/// names the first that differs.
pub fn check(gifts: [Balance; POTS]) -> Result<(), String> {
	pots_hold_what_they_owe(gifts)?;
	let (expected, found) = (expected_holds(), found_holds());
	let differs = |(key, amount): (&(AccountId, Vec<u8>), &Balance), other: &Holds| {
		let there = other.get(key).copied().unwrap_or_default();
		(there != *amount).then(|| format!("{:?}: {amount} and {there} planck", described(key)))
	};
	let missing = expected.iter().find_map(|entry| differs(entry, &found));
	let baseless = found.iter().find_map(|entry| differs(entry, &expected));
	match (missing, baseless) {
		(Some(missing), _) => Err(format!("stored and held differ: {missing}")),
		(None, Some(baseless)) => Err(format!("held and stored differ: {baseless}")),
		(None, None) => Ok(()),
	}
}

/// Whether each pot has exactly what it owes, its existential deposit and its gifts.
pub fn pots_hold_what_they_owe(gifts: [Balance; POTS]) -> Result<(), String> {
	let owed = [openledger_attribution::Owed::<Runtime>::get(), owed_by_staking(), owed_by_calls()];
	for ((pot, owed), gifts) in pots().into_iter().zip(owed).zip(gifts) {
		let (has, needs) = (Balances::total_balance(&pot), owed + EXISTENTIAL_DEPOSIT + gifts);
		if has != needs {
			return Err(format!("pot {pot} has {has} planck, and must have {needs}"));
		}
	}
	Ok(())
}

fn owed_by_staking() -> Balance {
	use openledger_staking::{Operators, Pools};
	let pools = Pools::<Runtime>::iter_values()
		.map(|pool| pool.stake + pool.unbonding_stake + pool.unclaimed)
		.sum::<Balance>();
	pools + Operators::<Runtime>::iter_values().map(|operator| operator.reward).sum::<Balance>()
}

fn owed_by_calls() -> Balance {
	openledger_launches::Calls::<Runtime>::iter_values().map(|call| call.left).sum()
}

/// Reasons that our pallets have; the SDK's are its own business.
fn is_ours(reason: &RuntimeHoldReason) -> bool {
	matches!(
		reason,
		RuntimeHoldReason::Staking(_)
			| RuntimeHoldReason::Datanets(_)
			| RuntimeHoldReason::Models(_)
			| RuntimeHoldReason::Inference(_)
			| RuntimeHoldReason::Attribution(_)
			| RuntimeHoldReason::Gopen(_)
			| RuntimeHoldReason::Assembly(_)
			| RuntimeHoldReason::Launches(_)
	)
}

fn found_holds() -> Holds {
	pallet_balances::Holds::<Runtime>::iter()
		.flat_map(|(who, holds)| holds.into_iter().map(move |hold| (who.clone(), hold)))
		.filter(|(_, hold)| is_ours(&hold.id) && hold.amount > 0)
		.map(|(who, hold)| ((who, hold.id.encode()), hold.amount))
		.collect()
}

fn expected_holds() -> Holds {
	let mut holds = Holds::new();
	let mut add = |who: AccountId, reason: RuntimeHoldReason, amount: Balance| {
		if amount > 0 {
			*holds.entry((who, reason.encode())).or_default() += amount;
		}
	};
	staking(&mut add);
	datanets(&mut add);
	models(&mut add);
	jobs(&mut add);
	gopen(&mut add);
	assembly(&mut add);
	launches(&mut add);
	holds
}

type Add<'a> = &'a mut dyn FnMut(AccountId, RuntimeHoldReason, Balance);

fn staking(add: Add) {
	use openledger_staking::{Bonds, HoldReason, Unbonding};
	let reason = |role| {
		RuntimeHoldReason::Staking(match role {
			Role::Collator => HoldReason::Collator,
			Role::Worker => HoldReason::Worker,
			Role::Curator => HoldReason::Curator,
		})
	};
	for (role, who, bond) in Bonds::<Runtime>::iter() {
		add(who, reason(role), bond.amount);
	}
	for (role, who, chunks) in Unbonding::<Runtime>::iter() {
		add(who, reason(role), chunks.iter().map(|chunk| chunk.amount).sum());
	}
}

fn datanets(add: Add) {
	use openledger_datanets::*;
	let reason = RuntimeHoldReason::Datanets;
	for datanet in Datanets::<Runtime>::iter_values() {
		add(datanet.owner, reason(HoldReason::Datanet), datanet.deposit);
	}
	for (id, contribution) in Contributions::<Runtime>::iter() {
		if let Some(review) = Reviews::<Runtime>::get(id) {
			add(contribution.contributor.clone(), reason(HoldReason::Review), review.fee);
			if let Some(appeal) = review.appeal {
				add(appeal.appellant, reason(HoldReason::Appeal), appeal.bond);
			}
		}
		add(contribution.contributor, reason(HoldReason::Contribution), contribution.bond);
	}
	for (_, who, proof) in DuplicateProofs::<Runtime>::iter() {
		add(who, reason(HoldReason::Record), proof.deposit);
	}
	for (who, judging) in CuratorKinds::<Runtime>::iter() {
		add(who, reason(HoldReason::Record), judging.deposit);
	}
	for clusters in LatestClusters::<Runtime>::iter_values() {
		add(clusters.publisher, reason(HoldReason::Record), clusters.deposit);
	}
}

fn models(add: Add) {
	use openledger_models::{Evaluations, HoldReason, Models};
	for (id, model) in Models::<Runtime>::iter() {
		for record in Evaluations::<Runtime>::iter_prefix_values(id) {
			let reason = RuntimeHoldReason::Models(HoldReason::Evaluation);
			add(model.owner.clone(), reason, record.deposit);
		}
		add(model.owner, RuntimeHoldReason::Models(HoldReason::Model), model.deposit);
	}
}

fn jobs(add: Add) {
	use openledger_inference::{Closed, HoldReason, Requests};
	for (job, request) in Requests::<Runtime>::iter() {
		if !Closed::<Runtime>::contains_key(job) {
			add(request.caller, RuntimeHoldReason::Inference(HoldReason::Fee), request.fee);
		}
	}
	for dispute in openledger_attribution::Disputes::<Runtime>::iter_values() {
		let reason = openledger_attribution::HoldReason::Dispute;
		add(dispute.disputer, RuntimeHoldReason::Attribution(reason), dispute.bond);
	}
}

fn assembly(add: Add) {
	use openledger_assembly::{HoldReason, Votes};
	for vote in Votes::<Runtime>::iter_values() {
		add(vote.proposer, RuntimeHoldReason::Assembly(HoldReason::Proposal), vote.deposit);
	}
}

fn gopen(add: Add) {
	use openledger_gopen::{Deposits, HoldReason, Withdrawals};
	for (who, amount) in Deposits::<Runtime>::iter() {
		add(who, RuntimeHoldReason::Gopen(HoldReason::Deposit), amount);
	}
	for (who, withdrawals) in Withdrawals::<Runtime>::iter() {
		let amount = withdrawals.iter().map(|withdrawal| withdrawal.amount).sum();
		add(who, RuntimeHoldReason::Gopen(HoldReason::Cooldown), amount);
	}
}

fn launches(add: Add) {
	use openledger_launches::{HoldReason, Launches};
	for launch in Launches::<Runtime>::iter_values() {
		add(launch.proposer, RuntimeHoldReason::Launches(HoldReason::Launch), launch.bond);
	}
}

fn described((who, reason): &(AccountId, Vec<u8>)) -> (String, Option<RuntimeHoldReason>) {
	use codec::Decode;
	(who.to_string(), RuntimeHoldReason::decode(&mut &reason[..]).ok())
}
