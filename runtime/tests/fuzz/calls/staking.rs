//! Bonds, delegations and hot keys.

use crate::{
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene},
};
use codec::Decode;
use openledger_primitives::{
	traits::Role,
	worker::{key_ownership_payload, WorkerSignature},
	Balance, Ppm, OPEN,
};
use openledger_runtime::{parameters::dynamic_params::staking::Bonds as Parameters, *};
use openledger_staking::{Call, Jails, WorkerKeys, ROLES};
use polkadot_sdk::{frame_support::traits::Get, sp_core::Pair};

fn role(scene: &mut Scene) -> Role {
	scene.dice.one_of([Role::Collator, Role::Worker, Role::Worker, Role::Curator])
}

/// The least bond in `role`, as it is stated.
fn least(role: Role) -> Balance {
	use openledger_primitives::parameters::Clamp;
	let bonds = Parameters::get().clamped();
	match role {
		Role::Collator => bonds.min_collator_bond,
		Role::Worker => bonds.min_worker_bond,
		Role::Curator => bonds.min_curator_bond,
	}
}

pub fn bond(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let role = role(scene);
	let now = scene.view.now;
	let free = |who: &AccountId| Jails::<Runtime>::get(role, who) <= now;
	let chilled = scene.view.bonds.iter().filter(|(r, _, bond)| *r == role && bond.chilled);
	let chilled: Vec<_> = chilled.filter(|(_, who, _)| free(who)).collect();
	let back = scene.dice.pick(&chilled).map(|(_, who, bond)| (who.clone(), bond.amount));
	let (who, stands) = match back.filter(|_| !scene.dice.one_in(4)) {
		Some((who, stands)) => (Some(who), stands),
		None => {
			let payer = scene.payer(least(role).saturating_add(10 * OPEN));
			(payer.filter(|who| scene.view.bond(role, who).is_none() && free(who)), 0)
		}
	};
	let missing = least(role).saturating_sub(stands);
	let amount = who.as_ref().and_then(|who| match missing {
		0 => Some(0),
		_ => scene.part_of(who, missing),
	});
	let who = scene.person(mode, who.as_ref())?;
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::bond { role, amount })
}

/// A bond: role, whose, planck.
fn bonded(scene: &mut Scene) -> Option<(Role, AccountId, Balance)> {
	let found = scene.dice.pick(&scene.view.bonds)?;
	Some((found.0, found.1.clone(), found.2.amount))
}

pub fn bond_extra(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = bonded(scene);
	let amount = found.as_ref().and_then(|(_, who, _)| scene.part_of(who, 1));
	let who = scene.person(mode, found.as_ref().map(|(_, who, _)| who))?;
	let role = found.map_or(Role::Worker, |(role, ..)| role);
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::bond_extra { role, amount })
}

pub fn unbond(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = bonded(scene);
	let amount = found.as_ref().map(|(role, _, amount)| match scene.dice.below(6) {
		0 => *amount,
		_ => scene.dice.planck(amount.saturating_sub(least(*role))),
	});
	let who = scene.person(mode, found.as_ref().map(|(_, who, _)| who))?;
	let role = found.map_or(Role::Worker, |(role, ..)| role);
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::unbond { role, amount })
}

pub fn withdraw_unbonded(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let unlocked: Vec<_> = scene
		.view
		.unbonding
		.iter()
		.filter(|(.., chunks)| chunks.iter().any(|chunk| chunk.unlock_at <= now))
		.collect();
	let found = scene.dice.pick(&unlocked).map(|(role, who, _)| (*role, who.clone()));
	let who = scene.person(mode, found.as_ref().map(|(_, who)| who))?;
	let role = found.map_or(Role::Worker, |(role, _)| role);
	Plan::signed(who, Call::withdraw_unbonded { role })
}

pub fn delegate(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let role = if scene.dice.one_in(3) { Role::Collator } else { Role::Worker };
	let members = scene.view.members(role);
	// most stake behind a few
	let few = members.len().min(4);
	let among = if scene.dice.one_in(2) { &members[..few] } else { &members[..] };
	let to = scene.dice.pick(among).cloned();
	let who = scene.payer(30 * OPEN);
	let amount = who.as_ref().and_then(|who| scene.part_of(who, 10 * OPEN));
	let who = scene.person(mode, who.as_ref())?;
	let to = scene.account(mode, to)?;
	let amount = scene.amount(mode, amount)?;
	let role = scene.settle(mode, Some(role), |dice, _| dice.one_of(ROLES))?;
	Plan::signed(who, Call::delegate { role, to, amount })
}

/// A delegation: whose, role, operator, planck.
fn delegated(scene: &mut Scene) -> Option<(AccountId, Role, AccountId, Balance)> {
	let (who, role, operator, _) = scene.dice.pick(&scene.view.delegations)?.clone();
	let views = Staking::delegations_of(&who);
	let value = views.iter().find(|view| view.role == role && view.operator == operator)?.amount;
	Some((who, role, operator, value))
}

pub fn undelegate(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = delegated(scene);
	let amount = found.as_ref().map(|(.., value)| match scene.dice.below(3) {
		0 => *value,
		_ => scene.dice.planck(value.saturating_sub(10 * OPEN)),
	});
	let who = scene.person(mode, found.as_ref().map(|(who, ..)| who))?;
	let to = scene.account(mode, found.as_ref().map(|(_, _, to, _)| to.clone()))?;
	let role = found.map_or(Role::Worker, |(_, role, ..)| role);
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::undelegate { role, to, amount })
}

pub fn withdraw_undelegated(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let unlocked: Vec<_> = scene
		.view
		.delegations
		.iter()
		.filter(|(.., found)| found.chunks.iter().any(|chunk| chunk.unlock_at <= now))
		.collect();
	let found = scene
		.dice
		.pick(&unlocked)
		.map(|(who, role, operator, _)| (who.clone(), *role, operator.clone()));
	let who = scene.person(mode, found.as_ref().map(|(who, ..)| who))?;
	let operator = scene.account(mode, found.as_ref().map(|(.., operator)| operator.clone()))?;
	let role = found.map_or(Role::Worker, |(_, role, _)| role);
	Plan::signed(who, Call::withdraw_undelegated { role, operator })
}

pub fn claim_rewards(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let own: Vec<_> = scene.view.operators.iter().filter(|(.., own)| own.reward > 0).collect();
	let own = scene.dice.pick(&own).map(|(role, who, _)| (who.clone(), *role, who.clone()));
	let delegated = delegated(scene).map(|(who, role, operator, _)| (who, role, operator));
	let found = if scene.dice.one_in(2) { own.or(delegated) } else { delegated.or(own) };
	let who = scene.person(mode, found.as_ref().map(|(who, ..)| who))?;
	let operator = scene.account(mode, found.as_ref().map(|(.., operator)| operator.clone()))?;
	let role = found.map_or(Role::Worker, |(_, role, _)| role);
	Plan::signed(who, Call::claim_rewards { role, operator })
}

pub fn set_worker_key(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let workers = scene.view.members(Role::Worker);
	let fit = scene.dice.pick(&workers).cloned();
	let who = scene.person(mode, fit.as_ref())?;
	let account = PEOPLE.account(who);
	let current = WorkerKeys::<Runtime>::get(&account);
	let owner = match mode {
		Mode::Valid => who,
		_ => scene.settle(mode, Some(who), |dice, _| anybody(dice))?,
	};
	let spare = usize::from(current == Some(PEOPLE.get(owner).hot[0].public()));
	let pair = &PEOPLE.get(owner).hot[spare];
	let payload = key_ownership_payload(&System::block_hash(0).0, &account);
	let mut proof = pair.sign(&payload);
	if mode != Mode::Valid && scene.dice.one_in(4) {
		let bytes = [scene.dice.bytes(), scene.dice.bytes()].concat();
		proof = WorkerSignature::decode(&mut &bytes[..]).expect("it is as long as a signature");
	}
	Plan::signed(who, Call::set_worker_key { key: pair.public(), proof })
}

pub fn chill(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let active: Vec<_> = scene.view.bonds.iter().filter(|(.., bond)| !bond.chilled).collect();
	let fit = scene.dice.pick(&active).map(|(_, who, _)| who.clone());
	let who = scene.person(mode, fit.as_ref())?;
	Plan::signed(who, Call::chill {})
}

pub fn set_commission(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = bonded(scene).filter(|(role, ..)| *role != Role::Curator);
	let who = scene.person(mode, found.as_ref().map(|(_, who, _)| who))?;
	let role = found.map_or(Role::Curator, |(role, ..)| role);
	let commission = Ppm(scene.dice.below(200_001) as u32);
	let commission = scene.ppm(mode, Some(commission))?;
	Plan::signed(who, Call::set_commission { role, commission })
}
