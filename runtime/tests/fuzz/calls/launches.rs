//! Calls for data and launches. Governance is sudo.

use crate::{
	common::stage,
	scene::{anybody, Mode, Plan, Scene},
};
use openledger_datanets::Contributions;
use openledger_launches::{Call, CallTerms, Calls, Launch, LaunchTerms, Launches, Paid, Stage};
use openledger_models::Model;
use openledger_primitives::{
	traits, BlobId, ContributionId, DataCallId, DatanetVersion, LaunchId, ModelId, Ppm, OPEN,
};
use openledger_runtime::{AccountId, BlockNumber, Datanets, Models, Runtime};

/// What models of launches are evaluated on.
pub const HOLDOUT: BlobId = BlobId([9; 32]);
/// By this metric.
pub const METRIC: &[u8] = b"accuracy";

/// Terms of a call of a few OPEN.
fn call_terms(scene: &mut Scene, mode: Mode) -> Option<CallTerms> {
	let budget = scene.dice.planck(20 * OPEN) + OPEN;
	let records = scene.dice.between(1, 60);
	let quality = Ppm(scene.dice.below(300_000) as u32);
	Some(CallTerms {
		budget: scene.amount(mode, Some(budget))?,
		per_record: scene.amount(mode, Some(budget / u128::from(records)))?,
		period: scene.dice.between(4, 30) as u32,
		min_quality: scene.ppm(mode, Some(quality))?,
		min_record_bytes: scene.dice.one_of([0, 0, 1, u32::MAX]),
		note: b"what is missing".to_vec().try_into().ok()?,
	})
}

pub fn post_call(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let payer = scene.payer(40 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let datanet = scene.dice.pick(&scene.view.datanets).map(|(id, _)| *id);
	let datanet = scene.id(mode, datanet)?;
	let terms = call_terms(scene, mode)?;
	Plan::signed(who, Call::post_call { datanet, terms })
}

pub fn fund_call(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let datanet = scene.dice.pick(&scene.view.datanets).map(|(id, _)| *id);
	let datanet = scene.id(mode, datanet)?;
	let terms = call_terms(scene, mode)?;
	let call = Call::fund_call { datanet, terms };
	match mode {
		Mode::Random => Plan::signed(anybody(&mut scene.dice), call),
		_ => Plan::root(call),
	}
}

/// A call that would pay a contribution now, and its contributor.
fn due() -> Option<(DataCallId, ContributionId, AccountId)> {
	Calls::<Runtime>::iter_keys().find_map(|call| {
		let pays = |contribution| {
			let claimable = openledger_runtime::Launches::claimable_view(call, contribution);
			claimable.is_ok()
		};
		let (id, contribution) = Contributions::<Runtime>::iter()
			.find(|(id, _)| !Paid::<Runtime>::contains_key(id) && pays(*id))?;
		Some((call, id, contribution.contributor))
	})
}

pub fn claim_call(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let due = due();
	let who = scene.person(mode, due.as_ref().map(|(.., who)| who))?;
	let call = scene.id(mode, due.as_ref().map(|(call, ..)| *call))?;
	let contribution = scene.id(mode, due.map(|(_, contribution, _)| contribution))?;
	let least = scene.amount(mode, Some(0))?;
	Plan::signed(who, Call::claim_call { call, contribution, least })
}

pub fn close_call(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let over = Calls::<Runtime>::iter().find(|(_, call)| call.closes_at < now).map(|(id, _)| id);
	let call = scene.id(mode, over)?;
	Plan::signed(anybody(&mut scene.dice), Call::close_call { call })
}

pub fn propose(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let payer = scene.payer(40 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let (datanet, _) = scene.dice.pick(&scene.view.datanets)?.clone();
	let call = call_terms(scene, mode)?;
	let period = call.period + scene.dice.between(1, 40) as u32;
	let goal = Ppm(scene.dice.below(200_000) as u32);
	let launch = LaunchTerms {
		datanet: scene.id(mode, Some(datanet))?,
		name: b"a model".to_vec().try_into().ok()?,
		note: b"what it is for".to_vec().try_into().ok()?,
		call,
		holdout: HOLDOUT,
		metric: METRIC.to_vec().try_into().ok()?,
		goal: scene.ppm(mode, Some(goal))?,
		period: scene.number(mode, Some(period))?,
	};
	Plan::signed(who, Call::propose { launch })
}

/// A launch at a stage that `likes`, and its proposer.
fn launch(likes: impl Fn(&Stage) -> bool) -> (Option<LaunchId>, Option<AccountId>) {
	let found = Launches::<Runtime>::iter().find(|(_, launch)| likes(&launch.stage));
	found.map(|(id, launch)| (id, launch.proposer)).unzip()
}

fn waits(stage: &Stage) -> bool {
	matches!(stage, Stage::Proposed { .. })
}

pub fn approve(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let launch = scene.id(mode, launch(waits).0)?;
	let call = Call::approve { launch };
	match mode {
		Mode::Random => Plan::signed(anybody(&mut scene.dice), call),
		_ => Plan::root(call),
	}
}

pub fn withdraw(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, proposer) = launch(waits);
	let who = scene.person(mode, proposer.as_ref())?;
	let launch = scene.id(mode, id)?;
	Plan::signed(who, Call::withdraw { launch })
}

/// A launch whose time is not over and to which nothing was delivered.
fn open_launch(now: BlockNumber) -> Option<(LaunchId, Launch<AccountId>)> {
	Launches::<Runtime>::iter().find(|(_, launch)| {
		matches!(launch.stage, Stage::Open { deadline, delivered: None, .. } if deadline >= now)
	})
}

/// The evaluation of `model` by which `launch` is measured.
fn evaluation(launch: &Launch<AccountId>, model: ModelId) -> Option<traits::Finding> {
	let LaunchTerms { holdout, metric, .. } = &launch.terms;
	<Models as traits::ModelListings<AccountId>>::evaluation(model, holdout, metric)
}

/// A model that `launch` may have.
fn fit(scene: &Scene, launch: &Launch<AccountId>) -> Option<ModelId> {
	let Stage::Open { approved_at, .. } = launch.stage else { return None };
	let is_new = |version: &DatanetVersion| {
		let made_at = <Datanets as traits::Contributions<AccountId>>::made_at(version);
		version.datanet == launch.terms.datanet && made_at.is_some_and(|at| at > approved_at)
	};
	let fits = |model: &&(ModelId, Model<AccountId>)| {
		model.1.owner == launch.proposer
			&& model.1.trained_on.iter().any(is_new)
			&& evaluation(launch, model.0).is_none()
	};
	scene.view.models.iter().find(fits).map(|(id, _)| *id)
}

/// Delivers, or first registers what can be delivered.
pub fn deliver(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, launch) = open_launch(scene.view.now).unzip();
	let model = launch.as_ref().and_then(|launch| fit(scene, launch));
	let who = scene.person(mode, launch.as_ref().map(|launch| &launch.proposer))?;
	if let (Mode::Valid, None, Some(launch)) = (mode, model, launch) {
		let datanet = launch.terms.datanet;
		let latest = scene.view.datanets.iter().find(|(id, _)| *id == datanet)?.1.version;
		let manifest = stage::manifest(datanet, latest, Ppm(0));
		return Plan::signed(who, openledger_models::Call::register { manifest });
	}
	let launch = scene.id(mode, id)?;
	let model = scene.id(mode, model)?;
	Plan::signed(who, Call::deliver { launch, model })
}

/// Concludes, or first has the model evaluated.
pub fn conclude(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let delivered = |launch: &Launch<AccountId>| match launch.stage {
		Stage::Open { delivered, .. } => delivered,
		Stage::Proposed { .. } => None,
	};
	let views = openledger_runtime::Launches::launches_view(LaunchId(0), u32::MAX);
	let reached = views.iter().find(|view| view.reached.is_some()).map(|view| view.id);
	let waiting = views.iter().find_map(|view| Some((view, delivered(&view.launch)?)));
	let unmeasured = waiting.filter(|(view, model)| evaluation(&view.launch, *model).is_none());
	if let (Mode::Valid, None, Some((view, model))) = (mode, reached, unmeasured) {
		let LaunchTerms { holdout, metric, goal, .. } = view.launch.terms.clone();
		let evaluation = openledger_models::Evaluation { dataset: holdout, metric, claimed: goal };
		let who = scene.person(mode, Some(&view.launch.proposer))?;
		let call = openledger_models::Call::record_evaluation { model, evaluation };
		return Plan::signed(who, call);
	}
	let launch = scene.id(mode, reached.or(waiting.map(|(view, _)| view.id)))?;
	Plan::signed(anybody(&mut scene.dice), Call::conclude { launch })
}

pub fn expire(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let over = launch(|stage| match stage {
		Stage::Proposed { until } => *until < now,
		Stage::Open { deadline, .. } => *deadline < now,
	});
	let launch = scene.id(mode, over.0)?;
	Plan::signed(anybody(&mut scene.dice), Call::expire { launch })
}
