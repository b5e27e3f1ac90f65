//! Models, adapters and their evaluations.

use super::launches::{HOLDOUT, METRIC};
use crate::{
	common::stage,
	scene::{anybody, Mode, Plan, Scene},
};
use openledger_models::{
	types::{Evaluation, Progress},
	Call, Evaluations, Model,
};
use openledger_primitives::{
	api::ENGINE_VERSION, BlobId, DatanetVersion, Manifest, ModelId, Ppm, Task, OPEN,
};
use openledger_runtime::{AccountId, Runtime};
use polkadot_sdk::sp_io::hashing::blake2_256;

/// Registered models are enough from here on.
const ENOUGH: usize = 24;

/// A manifest over up to three Datanets.
fn manifest(scene: &mut Scene, mode: Mode) -> Option<Manifest> {
	let fit = scene.view.datanets.iter().filter(|(_, net)| net.version > 0);
	let mut versions: Vec<_> = fit
		.map(|(id, net)| DatanetVersion { datanet: *id, version: net.version })
		.filter(|_| scene.dice.one_in(3))
		.take(3)
		.collect();
	versions.sort();
	for version in &mut versions {
		version.version = scene.dice.between(1, version.version.into()) as u32;
	}
	let first = *versions.first()?;
	let royalty = scene.dice.below(150_000) as u32;
	let mut manifest = stage::manifest(first.datanet, first.version, Ppm(royalty));
	manifest.artifact = BlobId(scene.dice.bytes());
	if scene.dice.one_in(4) {
		manifest.task = scene.dice.one_of([Task::Regress, Task::Generate, Task::Retrieve]);
	}
	if mode != Mode::Valid && scene.dice.one_in(2) {
		match scene.dice.below(6) {
			0 => versions.reverse(),
			1 => versions.clear(),
			2 => versions[0].version = u32::MAX,
			3 => manifest.royalty = Ppm(1_000_001),
			4 => manifest.engine_version = scene.dice.one_of([0, ENGINE_VERSION + 1, u32::MAX]),
			_ => manifest.input_bytes = scene.dice.one_of([0, 3, u32::MAX]),
		}
	}
	manifest.datanets = versions.try_into().ok()?;
	Some(manifest)
}

pub fn register(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	if mode == Mode::Valid && scene.view.models.len() > ENOUGH {
		return None;
	}
	let payer = scene.payer(110 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let manifest = manifest(scene, mode)?;
	Plan::signed(who, Call::register { manifest })
}

pub fn register_adapter(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	if mode == Mode::Valid && scene.view.models.len() > ENOUGH {
		return None;
	}
	let base = scene.dice.pick(&scene.view.models).map(|(id, _)| *id);
	let payer = scene.payer(110 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let manifest = manifest(scene, mode)?;
	let base = scene.id(mode, base)?;
	Plan::signed(who, Call::register_adapter { base, manifest })
}

/// A model that `likes`, and its owner.
fn model(
	scene: &mut Scene,
	likes: impl Fn(&(ModelId, Model<AccountId>)) -> bool,
) -> (Option<ModelId>, Option<AccountId>) {
	let fit: Vec<_> = scene.view.models.iter().filter(|model| likes(model)).collect();
	scene.dice.pick(&fit).map(|(id, model)| (*id, model.owner.clone())).unzip()
}

pub fn set_price(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = model(scene, |_| true);
	let who = scene.person(mode, owner.as_ref())?;
	let model = scene.id(mode, id)?;
	let price = scene.dice.planck(5 * OPEN);
	let price = scene.amount(mode, Some(price))?;
	Plan::signed(who, Call::set_price { model, price })
}

pub fn set_unit_price(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = model(scene, |_| true);
	let who = scene.person(mode, owner.as_ref())?;
	let model = scene.id(mode, id)?;
	let unit_price = scene.dice.planck(OPEN / 20);
	let unit_price = scene.amount(mode, Some(unit_price))?;
	Plan::signed(who, Call::set_unit_price { model, unit_price })
}

pub fn set_status(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = model(scene, |_| true);
	let who = scene.person(mode, owner.as_ref())?;
	// two of the models stay open, so that there is always somebody to ask
	let active = id.is_some_and(|id| id.0 < 2) || scene.dice.one_in(2);
	let model = scene.id(mode, id)?;
	Plan::signed(who, Call::set_status { model, active })
}

pub fn set_engine_version(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = model(scene, |_| true);
	let who = scene.person(mode, owner.as_ref())?;
	let model = scene.id(mode, id)?;
	let at = scene.view.now.saturating_add(scene.dice.between(3, 40) as u32);
	let at = scene.number(mode, Some(at))?;
	let version = scene.number(mode, Some(ENGINE_VERSION))?;
	Plan::signed(who, Call::set_engine_version { model, version, at })
}

pub fn record_evaluation(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = model(scene, |_| true);
	let who = scene.person(mode, owner.as_ref())?;
	let model = scene.id(mode, id)?;
	let claimed = Ppm(scene.dice.below(1_000_001) as u32);
	let claimed = scene.ppm(mode, Some(claimed))?;
	let metric = match mode {
		Mode::Adversarial if scene.dice.one_in(3) => vec![0xff],
		_ => METRIC.to_vec(),
	};
	let dataset = match scene.dice.one_in(2) {
		true => HOLDOUT,
		false => BlobId(scene.dice.bytes()),
	};
	let evaluation = Evaluation { dataset, metric: metric.try_into().unwrap(), claimed };
	Plan::signed(who, Call::record_evaluation { model, evaluation })
}

pub fn attest_evaluation(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = (0..8).find_map(|_| {
		let (model, number, _) = scene.dice.pick(&scene.view.evaluations)?;
		let record = Evaluations::<Runtime>::get(model, number)?;
		let Progress::Open { attesters, .. } = record.progress else { return None };
		let attester = attesters.into_iter().find(|attester| attester.value.is_none())?;
		Some((*model, *number, attester.worker))
	});
	let who = scene.person(mode, found.as_ref().map(|(.., worker)| worker))?;
	let model = scene.id(mode, found.as_ref().map(|(model, ..)| *model))?;
	let number = scene.number(mode, found.map(|(_, number, _)| number))?;
	let honest = u32::from(blake2_256(&number.to_le_bytes())[0]).saturating_mul(1_000);
	let value = if scene.dice.one_in(6) { honest.saturating_add(1) } else { honest };
	let value = scene.ppm(mode, Some(Ppm(value)))?;
	Plan::signed(who, Call::attest_evaluation { model, number, value })
}

pub fn retire(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let (id, owner) = model(scene, |(id, model)| {
		let idle = openledger_inference::ModelJobs::<Runtime>::get(id) == 0;
		!model.active.at(now) && model.adapters == 0 && idle
	});
	let who = scene.person(mode, owner.as_ref())?;
	let model = scene.id(mode, id)?;
	Plan::signed(who, Call::retire { model })
}

/// As governance lists and delists; of the models that always have to be asked none.
fn governed(scene: &mut Scene, mode: Mode, call: fn(ModelId) -> Call<Runtime>) -> Option<Plan> {
	let (id, _) = model(scene, |(id, _)| id.0 >= 2);
	let id = scene.id(mode, id)?;
	match mode {
		Mode::Valid => Plan::root(call(id)),
		_ => Plan::signed(anybody(&mut scene.dice), call(id)),
	}
}

pub fn list(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	governed(scene, mode, |model| Call::list { model })
}

pub fn delist(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	governed(scene, mode, |model| Call::delist { model })
}
