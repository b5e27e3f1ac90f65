//! The SDK's calls that move money or wrap other calls.

use crate::{
	people::PEOPLE,
	scene::{anybody, spendable, Mode, Plan, Scene, Sender},
	view::{pots, ProxyType},
};
use codec::Decode;
use openledger_primitives::{traits::Role, Balance, OPEN};
use openledger_runtime::{AccountId, Runtime, RuntimeCall};
use polkadot_sdk::{
	pallet_balances, pallet_preimage, pallet_proxy, pallet_session, pallet_utility,
};

type BalancesCall = pallet_balances::Call<Runtime>;

/// Kinds of proxies.
const PROXY_TYPES: u64 = 5;
/// The most calls in a batch.
const BATCH: u64 = 6;

pub fn transfer(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let from = scene.payer(2 * OPEN);
	let value = from.as_ref().and_then(|from| scene.part_of(from, 1));
	let who = scene.person(mode, from.as_ref())?;
	let fit = PEOPLE.account(anybody(&mut scene.dice));
	let dest = scene.account(mode, Some(fit))?.into();
	let value = scene.amount(mode, value)?;
	match scene.dice.below(3) {
		0 => Plan::signed(who, BalancesCall::transfer_allow_death { dest, value }),
		_ => Plan::signed(who, BalancesCall::transfer_keep_alive { dest, value }),
	}
}

pub fn transfer_all(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	// few are rich enough for all the deposits: those who are stay so
	let poor = |scene: &mut Scene| {
		let who = PEOPLE.account(anybody(&mut scene.dice));
		(spendable(&who) < 1_000 * OPEN).then_some(who)
	};
	let from = (0..4).find_map(|_| poor(scene))?;
	let who = scene.person(Mode::Valid, Some(&from))?;
	let fit = PEOPLE.account(anybody(&mut scene.dice));
	let dest = scene.account(mode, Some(fit))?.into();
	let keep_alive = scene.dice.one_in(2);
	Plan::signed(who, BalancesCall::transfer_all { dest, keep_alive })
}

/// To a pot, which must not mind.
pub fn gift(scene: &mut Scene, _: Mode) -> Option<Plan> {
	let from = scene.payer(2 * OPEN)?;
	let value: Balance = scene.dice.between(1, 1_000).into();
	let pot = scene.dice.below(pots().len() as u64) as usize;
	let dest = pots()[pot].clone().into();
	let who = scene.person(Mode::Valid, Some(&from))?;
	let call = BalancesCall::transfer_keep_alive { dest, value };
	Plan::signed(who, call).map(|plan| Plan { gift: Some((pot, value)), ..plan })
}

pub fn burn(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.person(mode, None).unwrap_or_else(|| anybody(&mut scene.dice));
	let value = scene.dice.planck(OPEN);
	Plan::signed(who, BalancesCall::burn { value, keep_alive: true })
}

/// `plan`, now and then inside a call that does the same.
pub fn wrapped(scene: &mut Scene, plan: Plan) -> Plan {
	let Sender::Signed(who) = plan.sender else { return plan };
	if plan.gift.is_some() || who == crate::people::ALICE || !scene.dice.one_in(30) {
		return plan;
	}
	let calls = vec![plan.call.clone()];
	let call: RuntimeCall = match scene.dice.below(3) {
		0 => pallet_utility::Call::batch { calls }.into(),
		1 => pallet_utility::Call::batch_all { calls }.into(),
		_ => pallet_utility::Call::force_batch { calls }.into(),
	};
	Plan { call, ..plan }
}

/// Several calls of one sender, made for whoever would make each.
pub fn batch(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let mut signer = None;
	let mut calls = Vec::new();
	for _ in 0..scene.dice.between(2, BATCH) {
		let Some(plan) = super::pick(&mut scene.dice)(scene, mode) else { continue };
		match plan.sender {
			Sender::Signed(crate::people::ALICE) => continue,
			Sender::Signed(who) => signer = signer.or(Some(who)),
			Sender::Authorised | Sender::Replayed(_) => {}
		}
		if plan.gift.is_none() {
			calls.push(plan.call);
		}
	}
	let who = signer?;
	match scene.dice.below(3) {
		0 => Plan::signed(who, pallet_utility::Call::batch { calls }),
		1 => Plan::signed(who, pallet_utility::Call::batch_all { calls }),
		_ => Plan::signed(who, pallet_utility::Call::force_batch { calls }),
	}
}

fn proxy_type(scene: &mut Scene) -> ProxyType {
	let index = scene.dice.below(PROXY_TYPES) as u8;
	ProxyType::decode(&mut &[index][..]).expect("there are as many")
}

pub fn add_proxy(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let payer = scene.payer(5 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let delegate = PEOPLE.account(anybody(&mut scene.dice)).into();
	let proxy_type = proxy_type(scene);
	Plan::signed(who, pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 })
}

/// Account, its proxy, and what that may do.
fn a_proxy(scene: &mut Scene) -> Option<(AccountId, AccountId, ProxyType)> {
	scene.dice.pick(&scene.view.proxies).cloned()
}

pub fn remove_proxy(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (real, delegate, proxy_type) = a_proxy(scene)?;
	let who = scene.person(mode, Some(&real))?;
	let delegate = delegate.into();
	Plan::signed(who, pallet_proxy::Call::remove_proxy { delegate, proxy_type, delay: 0 })
}

/// A call of one, sent by its proxy.
pub fn proxy(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (real, delegate, _) = a_proxy(scene)?;
	let plan = super::pick(&mut scene.dice)(scene, mode)?;
	if plan.gift.is_some() || matches!(plan.sender, Sender::Signed(crate::people::ALICE)) {
		return None;
	}
	let who = scene.person(mode, Some(&delegate))?;
	let (real, call) = (real.into(), Box::new(plan.call));
	Plan::signed(who, pallet_proxy::Call::proxy { real, force_proxy_type: None, call })
}

pub fn set_keys(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let collators = scene.view.members(Role::Collator);
	let fit = scene.dice.pick(&collators).cloned();
	let who = scene.person(mode, fit.as_ref())?;
	let owner = scene.settle(mode, Some(who), |dice, _| anybody(dice))?;
	let (keys, mut proof) = PEOPLE.get(owner).session_keys(&PEOPLE.account(who));
	if mode != Mode::Valid && scene.dice.one_in(3) {
		proof.truncate(64);
	}
	Plan::signed(who, pallet_session::Call::set_keys { keys, proof })
}

pub fn purge_keys(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	if mode == Mode::Valid && !scene.dice.one_in(4) {
		return None;
	}
	let who = anybody(&mut scene.dice);
	Plan::signed(who, pallet_session::Call::purge_keys {})
}

pub fn note_preimage(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let payer = scene.payer(5 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let bytes = vec![scene.dice.below(16) as u8; scene.dice.below(64) as usize];
	if scene.dice.one_in(2) {
		let hash = polkadot_sdk::sp_io::hashing::blake2_256(&bytes).into();
		return Plan::signed(who, pallet_preimage::Call::unnote_preimage { hash });
	}
	Plan::signed(who, pallet_preimage::Call::note_preimage { bytes })
}
