//! gOPEN.

use crate::{
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene},
};
use openledger_gopen::{Call, TrackId, Vote};
use openledger_primitives::OPEN;

/// Tracks there are, and one there is not.
const TRACKS: u64 = 11;

/// A track; root's most often, where most happens.
pub fn track(scene: &mut Scene) -> TrackId {
	match scene.dice.below(2) {
		0 => 0,
		_ => scene.dice.below(TRACKS) as TrackId,
	}
}

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

pub fn delegate_votes(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.dice.pick(&scene.view.deposits).map(|(who, _)| who.clone());
	let who = scene.person(mode, who.as_ref())?;
	let fit = PEOPLE.account(anybody(&mut scene.dice));
	let to = scene.account(mode, Some(fit))?;
	Plan::signed(who, Call::delegate_votes { track: track(scene), to })
}

pub fn undelegate_votes(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = scene.dice.pick(&scene.view.vote_delegations).cloned();
	let who = scene.person(mode, found.as_ref().map(|(who, _)| who))?;
	let track = found.map_or_else(|| track(scene), |(_, track)| track);
	Plan::signed(who, Call::undelegate_votes { track })
}

pub fn vote(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = match scene.dice.below(3) {
		0 => scene.dice.pick(&scene.view.vote_delegates).cloned(),
		_ => scene.dice.pick(&scene.view.deposits).map(|(who, _)| who.clone()),
	};
	let who = scene.person(mode, who.as_ref())?;
	let referendum = scene.dice.pick(&scene.view.running).copied();
	let referendum = scene.number(mode, referendum)?;
	let vote = scene.dice.one_of([Vote::Aye, Vote::Aye, Vote::Aye, Vote::Nay, Vote::Abstain]);
	Plan::signed(who, Call::vote { referendum, vote })
}

pub fn remove_vote(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let found = scene.dice.pick(&scene.view.ballots).cloned();
	let who = scene.person(mode, found.as_ref().map(|(who, ..)| who))?;
	let referendum = scene.number(mode, found.map(|(.., referendum)| referendum))?;
	Plan::signed(who, Call::remove_vote { referendum })
}

pub fn forget(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let sender = anybody(&mut scene.dice);
	let found = scene.dice.pick(&scene.view.ballots).cloned();
	let track = found.as_ref().map_or_else(|| track(scene), |(_, track, _)| *track);
	let who = scene.account(mode, found.map(|(who, ..)| who))?;
	Plan::signed(sender, Call::forget { who, track })
}

pub fn time_out(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = anybody(&mut scene.dice);
	let running = scene.dice.pick(&scene.view.running).copied();
	let referendum = scene.number(mode, running)?;
	Plan::signed(who, Call::time_out { referendum })
}
