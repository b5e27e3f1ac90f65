//! From a proposal to a listed model, each step sent as a transaction; governance votes by sudo.

use crate::common::{account, stage::*, Chain};
use openledger_datanets::{types::Verdict, Permission};
use openledger_launches::{Call, CallTerms, LaunchTerms};
use openledger_models::types::Evaluation;
use openledger_primitives::{BlobId, ContributionId, DataCallId, LaunchId, ModelId, Ppm, OPEN};
use openledger_runtime::{configs::governance::Origin, parameters::dynamic_params as dynamic, *};
use polkadot_sdk::{
	frame_support::traits::{fungible::Inspect, Get},
	pallet_balances, pallet_sudo, pallet_utility,
	sp_runtime::DispatchResult,
};

const HOLDOUT: BlobId = BlobId([9; 32]);
const LAUNCH: LaunchId = LaunchId(0);
const CALL: DataCallId = DataCallId(0);
const BUDGET: Balance = 100 * OPEN;

/// Dispatches `call` as the track of listings does; how that ended.
fn vote(chain: &mut Chain, call: impl Into<RuntimeCall>) -> DispatchResult {
	let dispatch = pallet_utility::Call::dispatch_as {
		as_origin: Box::new(OriginCaller::Origins(Origin::ModelListing)),
		call: Box::new(call.into()),
	};
	chain.send(BYSTANDER, pallet_sudo::Call::sudo { call: Box::new(dispatch.into()) }).unwrap();
	chain.event(|event| match event {
		RuntimeEvent::Utility(pallet_utility::Event::DispatchedAs { result }) => Some(result),
		_ => None,
	})
}

fn terms(stage: &Stage) -> LaunchTerms {
	let text = |text: &str| text.as_bytes().to_vec();
	LaunchTerms {
		datanet: stage.datanet,
		name: text("forecaster").try_into().unwrap(),
		note: text("tomorrow's weather").try_into().unwrap(),
		call: CallTerms {
			budget: BUDGET,
			per_record: 2 * OPEN,
			period: 10,
			min_quality: Ppm(900_000),
			min_record_bytes: 100,
			note: text("measurements of the night").try_into().unwrap(),
		},
		holdout: HOLDOUT,
		metric: text("accuracy").try_into().unwrap(),
		goal: Ppm(900_000),
		period: 80,
	}
}

/// A launch of the builder's that is approved; the treasury had its budget.
fn approved() -> Stage {
	let mut stage = Stage::without_workers();
	let gift = pallet_balances::Call::transfer_keep_alive {
		dest: configs::TreasuryAccount::get().into(),
		value: 2 * BUDGET,
	};
	stage.chain.send(CALLER, gift).unwrap();
	let launch = terms(&stage);
	stage.chain.send(BUILDER, Call::propose { launch }).unwrap();
	vote(&mut stage.chain, Call::approve { launch: LAUNCH }).unwrap();
	stage
}

/// What the caller contributes, accepted for good.
fn contributed(stage: &mut Stage) -> ContributionId {
	let chain = &mut stage.chain;
	chain.send(CALLER, contribute(CALLER, stage.datanet)).unwrap();
	let root = records_root(CALLER);
	let contribution = chain.query(|| openledger_datanets::Roots::<Runtime>::get(root)).unwrap();
	chain.skip(openledger_datanets::DRAW_DELAY);
	let verdict = Verdict { accept: true, quality: Ppm(900_000), bytes: BYTES };
	let commitment = verdict.commitment(&SALT, &account(CURATOR), contribution);
	let commit = openledger_datanets::Call::commit_verdict { contribution, commitment };
	chain.send(CURATOR, commit).unwrap();
	let reveal = openledger_datanets::Call::reveal_verdict { contribution, verdict, salt: SALT };
	chain.send(CURATOR, reveal).unwrap();
	let window = chain.query(|| dynamic::datanets::Curation::get().appeal_window);
	chain.skip(window + 1);
	contribution
}

/// The builder's model, trained on what came in.
fn trained(stage: &mut Stage) -> ModelId {
	let manifest = manifest(stage.datanet, 4, Ppm(0));
	stage.chain.send(BUILDER, openledger_models::Call::register { manifest }).unwrap();
	stage.chain.event(|event| match event {
		RuntimeEvent::Models(openledger_models::Event::ModelRegistered { model, .. }) => {
			Some(model)
		}
		_ => None,
	})
}

/// Workers drawn by chance find `value`.
fn attested(stage: &mut Stage, model: ModelId, value: u32) {
	let metric = b"accuracy".to_vec().try_into().unwrap();
	let evaluation = Evaluation { dataset: HOLDOUT, metric, claimed: Ppm(value) };
	let record = openledger_models::Call::record_evaluation { model, evaluation };
	stage.chain.send(BUILDER, record).unwrap();
	stage.chain.skip(openledger_models::DRAW_DELAY);
	let attest = openledger_models::Call::attest_evaluation { model, number: 0, value: Ppm(value) };
	// two of three agree: nobody asks the third
	let found = WORKERS[..2].iter().map(|worker| (*worker, attest.clone().into())).collect();
	stage.chain.all_succeed(found);
}

fn bonds(stage: &mut Stage) -> usize {
	let is_bond = |hold: &(RuntimeHoldReason, _)| matches!(hold.0, RuntimeHoldReason::Launches(_));
	stage.chain.holds().values().flatten().filter(|hold| is_bond(hold)).count()
}

#[test]
fn a_proposal_becomes_a_listed_model() {
	let mut stage = approved();
	assert_eq!(bonds(&mut stage), 1);
	let contribution = contributed(&mut stage);
	let claim = || Call::claim_call { call: CALL, contribution, least: 20 * OPEN };
	let young = openledger_launches::Error::<Runtime>::NotMature;
	assert_eq!(stage.chain.send(CALLER, claim()), Err(young.into()));
	let maturity = stage.chain.query(|| dynamic::launches::Launches::get().maturity);
	stage.chain.skip(maturity);
	let before = stage.chain.total(&account(CALLER));
	let fees = stage.chain.fees;
	stage.chain.send(CALLER, claim()).unwrap();
	let fee = stage.chain.fees - fees;
	assert_eq!(stage.chain.total(&account(CALLER)), before + 20 * OPEN - fee);

	let model = trained(&mut stage);
	stage.chain.send(BUILDER, Call::deliver { launch: LAUNCH, model }).unwrap();
	attested(&mut stage, model, 950_000);
	stage.chain.send(BYSTANDER, Call::conclude { launch: LAUNCH }).unwrap();
	let listed = stage.chain.height();
	let view = stage.chain.query(|| Models::model_view(model)).unwrap();
	assert_eq!((view.listed_since, view.delisted), (Some(listed), false));
	assert_eq!(bonds(&mut stage), 0);

	// what nobody claimed is the treasury's again
	let call = stage.chain.query(|| Launches::call_view(CALL)).unwrap().call;
	assert_eq!((call.left, call.records), (80 * OPEN, 10));
	stage.chain.skip(call.closes_at - stage.chain.height());
	stage.chain.send(BYSTANDER, Call::close_call { call: CALL }).unwrap();
	let closed = stage.chain.event(|event| match event {
		RuntimeEvent::Launches(openledger_launches::Event::CallClosed { to, returned, .. }) => {
			Some((to, returned))
		}
		_ => None,
	});
	assert_eq!(closed, (configs::TreasuryAccount::get(), 80 * OPEN));
	let pot = stage.chain.query(|| Balances::total_balance(&Launches::pot()));
	assert_eq!(pot, EXISTENTIAL_DEPOSIT);
}

#[test]
fn what_was_not_promised_is_not_listed() {
	let mut stage = approved();
	let base = stage.base;
	let deliver = |model| Call::deliver { launch: LAUNCH, model };
	let old = openledger_launches::Error::<Runtime>::NotTrainedOnIt;
	assert_eq!(stage.chain.send(BUILDER, deliver(base)), Err(old.into()));
	contributed(&mut stage);
	let model = trained(&mut stage);
	stage.chain.send(BUILDER, deliver(model)).unwrap();
	attested(&mut stage, model, 899_999);
	let conclude = || Call::conclude { launch: LAUNCH };
	let missed = openledger_launches::Error::<Runtime>::GoalMissed;
	assert_eq!(stage.chain.send(BYSTANDER, conclude()), Err(missed.into()));
	let view = stage.chain.query(|| Models::model_view(model)).unwrap();
	assert_eq!(view.listed_since, None);
	stage.chain.skip(90);
	let treasury = stage.chain.total(&configs::TreasuryAccount::get());
	let fees = stage.chain.fees;
	stage.chain.send(BYSTANDER, Call::expire { launch: LAUNCH }).unwrap();
	let bond = 1_000 * OPEN;
	let after = stage.chain.total(&configs::TreasuryAccount::get());
	assert_eq!(after, treasury + bond + stage.chain.fees - fees);
	assert_eq!(bonds(&mut stage), 0);
}

#[test]
fn an_owner_cannot_keep_a_builder_from_data_that_the_treasury_paid_for() {
	let mut stage = Stage::without_workers();
	let datanet = stage.datanet;
	let permit = |permission| openledger_datanets::Call::set_permission { datanet, permission };
	stage.chain.send(OWNER, permit(Permission::OwnerOnly)).unwrap();
	let refused = openledger_launches::Error::<Runtime>::TrainingNotPermitted;
	let launch = terms(&stage);
	assert_eq!(stage.chain.send(BUILDER, Call::propose { launch }), Err(refused.into()));

	let mut stage = approved();
	let kept = openledger_datanets::Error::<Runtime>::PermissionKept;
	let shut = stage.chain.send(OWNER, permit(Permission::OwnerOnly));
	assert_eq!(shut, Err(kept.into()));
	contributed(&mut stage);
	trained(&mut stage);
	stage.chain.skip(90);
	stage.chain.send(OWNER, permit(Permission::OwnerOnly)).unwrap();
}

#[test]
fn a_delisted_model_answers_nobody_new() {
	let mut stage = Stage::without_workers();
	let model = stage.base;
	vote(&mut stage.chain, openledger_models::Call::delist { model }).unwrap();
	let inactive = openledger_inference::Error::<Runtime>::ModelInactive;
	let refused = stage.chain.send(CALLER, request(model, 100 * OPEN, 1));
	assert_eq!(refused, Err(inactive.into()));
	let open = openledger_models::Call::set_status { model, active: true };
	let delisted = openledger_models::Error::<Runtime>::Delisted;
	assert_eq!(stage.chain.send(BUILDER, open), Err(delisted.into()));
	vote(&mut stage.chain, openledger_models::Call::list { model }).unwrap();
	stage.chain.send(CALLER, request(model, 100 * OPEN, 1)).unwrap();
}
