//! Requests and those who serve.

use crate::{
	common::stage::INPUT_BYTES,
	scene::{Mode, Plan, Scene},
};
use openledger_inference::{Call, Requests, Waiting};
use openledger_primitives::{
	traits::{Input, Role, MAX_INLINE_INPUT},
	BlobId, ModelId, OPEN,
};
use openledger_runtime::{Inference, Runtime};
use openledger_staking::WorkerKeys;

pub fn request(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let served = scene.view.served();
	// the first two are served by most
	let often = ModelId(scene.dice.below(2) as u32);
	let model = match served.contains(&often) && scene.dice.one_in(2) {
		true => Some(often),
		false => scene.dice.pick(&served).copied(),
	};
	let committee = scene.dice.one_of([1, 1, 3, 3, 3, 5]);
	let quote = model.and_then(|model| Inference::quote(model, committee));
	let payer = scene.payer(quote.unwrap_or(OPEN));
	let who = scene.person(mode, payer.as_ref())?;
	let model = scene.id(mode, model)?;
	let max_fee = scene.amount(mode, quote)?;
	let committee =
		scene.settle(mode, Some(committee), |dice, _| dice.one_of([0, 2, 4, 6, 7, u8::MAX]))?;
	let input = match (mode, scene.dice.below(6)) {
		(_, 0) => Input::Blob(BlobId(scene.dice.bytes())),
		(Mode::Adversarial | Mode::Random, 1) => {
			let length = scene.dice.below(u64::from(MAX_INLINE_INPUT) + 1) as usize;
			Input::Inline(vec![1; length].try_into().unwrap())
		}
		_ => Input::Inline(vec![5; INPUT_BYTES as usize].try_into().unwrap()),
	};
	Plan::signed(who, Call::request { model, input, max_fee, committee })
}

pub fn cancel(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let job = scene.dice.pick(&scene.view.waiting).copied();
	let job = job.filter(|job| Waiting::<Runtime>::contains_key(job));
	let caller = job.and_then(Requests::<Runtime>::get).map(|request| request.caller);
	let who = scene.person(mode, caller.as_ref())?;
	let job = scene.id(mode, job)?;
	Plan::signed(who, Call::cancel { job })
}

pub fn serve(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let workers = scene.view.members(Role::Worker);
	let worker = scene.dice.pick(&workers).cloned();
	let worker = worker.filter(|worker| WorkerKeys::<Runtime>::contains_key(worker));
	let model = scene.dice.pick(&scene.view.models).map(|(id, _)| *id);
	let serves = |(model, worker): (ModelId, _)| scene.view.servers.contains(&(model, worker));
	if mode == Mode::Valid && model.zip(worker.clone()).is_none_or(serves) {
		return None;
	}
	let who = scene.person(mode, worker.as_ref())?;
	let model = scene.id(mode, model)?;
	Plan::signed(who, Call::serve { model })
}

pub fn withdraw(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (model, worker) = scene.dice.pick(&scene.view.servers).cloned().unzip();
	let who = scene.person(mode, worker.as_ref())?;
	let model = scene.id(mode, model)?;
	Plan::signed(who, Call::withdraw { model })
}
