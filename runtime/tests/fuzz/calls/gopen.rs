//! gOPEN.

use crate::scene::{Mode, Plan, Scene};
use openledger_gopen::Call;
use openledger_primitives::OPEN;

pub fn deposit(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.payer(10 * OPEN);
	let amount = who.as_ref().and_then(|who| scene.part_of(who, OPEN));
	let who = scene.person(mode, who.as_ref())?;
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::deposit { amount })
}

pub fn withdraw(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = scene.dice.pick(&scene.view.deposits).cloned();
	let amount = found.as_ref().map(|(_, amount)| match scene.dice.below(4) {
		0 => *amount,
		_ => scene.dice.planck(amount.saturating_sub(OPEN)),
	});
	let who = scene.person(mode, found.as_ref().map(|(who, _)| who))?;
	let amount = scene.amount(mode, amount)?;
	Plan::signed(who, Call::withdraw { amount })
}

pub fn complete_withdrawal(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.dice.pick(&scene.view.withdrawals).cloned();
	let who = scene.person(mode, who.as_ref())?;
	Plan::signed(who, Call::complete_withdrawal {})
}
