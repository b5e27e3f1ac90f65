//! Everyone can leave with what is theirs.

use crate::common::{account, stage::*, Chain};
use openledger_attribution::types::{Outcome, Part};
use openledger_primitives::{parameters::BondParameters, traits::Role, OPEN};
use openledger_runtime::{parameters::dynamic_params::staking, *};
use polkadot_sdk::{
	frame_support::traits::Get, pallet_parameters, pallet_sudo,
	sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
};

/// What `//Eve` and every other operator of a development network has bonded.
const BOND: Balance = 100_000 * OPEN;

fn unbond(role: Role) -> RuntimeCall {
	openledger_staking::Call::unbond { role, amount: BOND }.into()
}

fn withdraw_unbonded(role: Role) -> RuntimeCall {
	openledger_staking::Call::withdraw_unbonded { role }.into()
}

#[test]
fn when_all_have_left_only_deposits_for_what_stays_in_state_are_held() {
	let mut stage = Stage::set();
	let bond = |stage: &Stage, at: usize| {
		let contribution = stage.contributions[at];
		openledger_datanets::Call::release_bond { contribution }
	};

	// while two jobs are answered, one seat of three and one of one
	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &stage.contributions.map(|id| (id, 300_000)));
	let answers: Vec<_> = committee.iter().map(|who| (*who, answer.clone())).collect();
	stage.answer(job, &answers);
	let (job, committee) = stage.draw(stage.adapter, 1);
	stage.answer(job, &[(committee[0], report(job, &[]))]);

	// contributors leave first: what they gave earns nothing from now on, in any model
	let revokes = CONTRIBUTORS.iter().zip(stage.contributions).map(|(who, contribution)| {
		(*who, openledger_datanets::Call::revoke { contribution }.into())
	});
	stage.chain.all_succeed(revokes.collect());
	let (job, committee) = stage.draw(stage.base, 1);
	let answer = report(job, &stage.contributions.map(|id| (id, 300_000)));
	stage.answer(job, &[(committee[0], answer)]);
	let receipt = stage.receipt(job);
	assert_eq!(receipt.outcome, Outcome::Answered);
	assert_eq!(receipt.unattributed, 5 * OPEN + 4, "all of the contributors' part");
	let paid = |part: &Part| matches!(part, Part::Contribution(_));
	assert!(!receipt.payouts.iter().any(|payout| paid(&payout.part)));

	let early = bond(&stage, 0);
	let left = stage.chain.query(|| {
		let view = Datanets::contribution_view(stage.contributions[0]).expect("it stays known");
		view.contribution.state
	});
	assert!(matches!(left, openledger_datanets::ContributionState::Revoked { .. }));
	let window = openledger_datanets::Error::<Runtime>::ExitWindowOpen;
	let result = stage.chain.send(BYSTANDER, early);
	assert_eq!(result, Err(window.into()));
	stage.chain.skip(10);
	let bonds = (0..3).map(|at| (BYSTANDER, bond(&stage, at).into())).collect();
	stage.chain.all_succeed(bonds);

	// workers and curator
	let models = [stage.base, stage.adapter];
	let withdrawals = WORKERS.into_iter().flat_map(|who| {
		models.map(|model| (who, openledger_inference::Call::withdraw { model }.into()))
	});
	stage.chain.all_succeed(withdrawals.collect());
	let roles =
		WORKERS.map(|who| (who, Role::Worker)).into_iter().chain([(CURATOR, Role::Curator)]);
	stage.chain.all_succeed(roles.clone().map(|(who, role)| (who, unbond(role))).collect());
	let locked = openledger_staking::Error::<Runtime>::NothingUnlocked;
	let early = stage.chain.send(CURATOR, withdraw_unbonded(Role::Curator));
	assert_eq!(early, Err(locked.into()));
	stage.chain.skip(9);
	stage.chain.all_succeed(roles.map(|(who, role)| (who, withdraw_unbonded(role))).collect());
	assert_eq!(
		stage.chain.query(|| openledger_staking::WorkerKeys::<Runtime>::iter().count()),
		0,
		"no key outlives its bond"
	);

	gopen_there_and_back(&mut stage.chain);

	// everyone claims what is left
	stage.mature();
	let everyone = [CONTRIBUTORS.as_slice(), &WORKERS, &[BUILDER, OWNER]].concat();
	let claims = everyone
		.into_iter()
		.filter(|who| stage.chain.query(|| Attribution::claimable(&account(who))) > 0);
	let claims: Vec<_> = claims.collect();
	stage.chain.all_succeed(
		claims
			.into_iter()
			.map(|who| {
				let account = account(who);
				(BYSTANDER, openledger_attribution::Call::claim_for { account }.into())
			})
			.collect(),
	);
	assert_eq!(stage.chain.everything_adds_up().owed, 0);

	let datanet = RuntimeHoldReason::Datanets(openledger_datanets::HoldReason::Datanet);
	let model = RuntimeHoldReason::Models(openledger_models::HoldReason::Model);
	let collator = RuntimeHoldReason::Staking(openledger_staking::HoldReason::Collator);
	let mut holds = stage.chain.holds();
	let mut of_owner = holds.remove(&account(OWNER)).unwrap();
	of_owner.sort_by_key(|(reason, _)| *reason != datanet);
	assert_eq!(of_owner, [(datanet, 100 * OPEN), (model, 100 * OPEN)]);
	assert_eq!(holds.remove(&account(BUILDER)).unwrap(), [(model, 100 * OPEN)]);
	assert_eq!(holds.remove(&account("//Alice")).unwrap(), [(collator, BOND)], "the last collator");
	assert!(holds.is_empty(), "everyone else is free: {holds:?}");
}

fn gopen_there_and_back(chain: &mut Chain) {
	use openledger_gopen::{Call, Error, HoldReason};
	let before = chain.holds();
	chain.send(CALLER, Call::deposit { amount: 5 * OPEN }).unwrap();
	let held = |reason| vec![(RuntimeHoldReason::Gopen(reason), 5 * OPEN)];
	assert_eq!(chain.holds()[&account(CALLER)], held(HoldReason::Deposit));
	chain.send(CALLER, Call::withdraw { amount: 5 * OPEN }).unwrap();
	assert_eq!(chain.holds()[&account(CALLER)], held(HoldReason::Cooldown));
	let early = chain.send(CALLER, Call::complete_withdrawal {});
	assert_eq!(early, Err(Error::<Runtime>::NothingReady.into()));
	chain.skip(8);
	chain.send(CALLER, Call::complete_withdrawal {}).unwrap();
	assert_eq!(chain.holds(), before);
}

#[test]
fn the_last_collator_cannot_stop_the_chain() {
	use openledger_staking::{Call, Error};
	let mut chain = Chain::dev();
	let last = Err(Error::<Runtime>::TooFewCollators.into());
	assert_eq!(chain.send("//Alice", unbond(Role::Collator)), last);
	assert_eq!(chain.send("//Alice", Call::chill {}), last);

	// nor can governance, by a bond that nobody has
	let bonds = chain.query(staking::Bonds::get);
	let out_of_reach = BondParameters { min_collator_bond: 1_000_000 * OPEN, ..bonds };
	let key_value =
		RuntimeParameters::Staking(staking::Parameters::Bonds(staking::Bonds, Some(out_of_reach)));
	let call = Box::new(pallet_parameters::Call::set_parameter { key_value }.into());
	chain.send("//Alice", pallet_sudo::Call::sudo { call }).unwrap();
	// two epochs, at the end of which an empty set would have come into force
	chain.skip(2 * EPOCH_SLOTS as u32 + 5);
	assert_eq!(chain.query(Session::validators), [account("//Alice")]);
	// it counts no more, so that it may leave; what it unbonds answers while it collates
	chain.send("//Alice", unbond(Role::Collator)).unwrap();
	chain.skip(12);
	let early = chain.send("//Alice", withdraw_unbonded(Role::Collator));
	assert_eq!(early, Err(Error::<Runtime>::StillCollating.into()));
}

#[test]
fn a_collator_leaves_with_its_bond_after_its_last_session() {
	let mut chain = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET);
	let set: Vec<_> = ["//Alice", "//Bob", "//Charlie", "//Dave"].map(account).into();
	let sorted = |mut accounts: Vec<AccountId>| {
		accounts.sort();
		accounts
	};
	assert_eq!(sorted(chain.query(Session::validators)), sorted(set.clone()));
	chain.send("//Dave", unbond(Role::Collator)).unwrap();
	chain.skip(10);
	let early = chain.send("//Dave", withdraw_unbonded(Role::Collator));
	let collating = openledger_staking::Error::<Runtime>::StillCollating;
	assert_eq!(early, Err(collating.into()), "unlocked, but still answerable for blocks");

	// decided at the end of this session, in force from the one after the next
	chain.skip(EPOCH_SLOTS as u32);
	assert_eq!(sorted(chain.query(Session::validators)), sorted(set.clone()));
	chain.skip(EPOCH_SLOTS as u32);
	assert_eq!(sorted(chain.query(Session::validators)), sorted(set[..3].to_vec()));
	assert_eq!(chain.query(|| Babe::authorities().len()), 3);
	assert_eq!(chain.query(|| Grandpa::grandpa_authorities().len()), 3);
	chain.send("//Dave", withdraw_unbonded(Role::Collator)).unwrap();
	let worker = RuntimeHoldReason::Staking(openledger_staking::HoldReason::Worker);
	assert_eq!(chain.holds()[&account("//Dave")], [(worker, BOND)], "its other role stays");
}
