//! What Datanets' people decide, and governance about them.

use crate::scene::{anybody, Mode, Plan, Scene};
use openledger_assembly::{Ballots, Call, Votes};
use openledger_datanets::{Call as Datanet, ContributionState, EarnedLately, Policy};
use openledger_primitives::{DatanetId, Ppm, OPEN};
use openledger_runtime::{AccountId, Runtime, RuntimeCall};

fn policy(scene: &mut Scene) -> Policy {
	let panel = scene.dice.below(9) as u32;
	Policy {
		accepting: !scene.dice.one_in(8),
		min_quality: Ppm(scene.dice.one_of([0, 0, 100_000, 700_000, 2_000_000])),
		panel: (panel > 4).then_some(panel),
		min_data_fee: scene.dice.planck(OPEN),
	}
}

/// Somebody who earned something, and where.
fn earner(scene: &mut Scene) -> (Option<DatanetId>, Option<AccountId>) {
	let earners: Vec<_> = EarnedLately::<Runtime>::iter_keys().collect();
	scene.dice.pick(&earners).cloned().unzip()
}

pub fn propose(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (datanet, who) = earner(scene);
	let who = scene.person(mode, who.as_ref())?;
	let datanet = scene.id(mode, datanet)?;
	let policy = policy(scene);
	Plan::signed(who, Call::propose { datanet, policy })
}

pub fn vote(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (datanet, who) = earner(scene);
	let who = scene.person(mode, who.as_ref())?;
	let datanet = scene.id(mode, datanet)?;
	let aye = !scene.dice.one_in(3);
	Plan::signed(who, Call::vote { datanet, aye })
}

pub fn remove_vote(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let voters: Vec<_> = Ballots::<Runtime>::iter_keys().collect();
	let (datanet, who) = scene.dice.pick(&voters).cloned().unzip();
	let who = scene.person(mode, who.as_ref())?;
	let datanet = scene.id(mode, datanet)?;
	Plan::signed(who, Call::remove_vote { datanet })
}

pub fn close(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let votes: Vec<_> = Votes::<Runtime>::iter_keys().collect();
	let datanet = scene.dice.pick(&votes).copied();
	let datanet = scene.id(mode, datanet)?;
	Plan::signed(anybody(&mut scene.dice), Call::close { datanet })
}

pub fn forget_earnings(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (datanet, account) = earner(scene);
	let datanet = scene.id(mode, datanet)?;
	let account = scene.account(mode, account)?;
	Plan::signed(anybody(&mut scene.dice), Datanet::forget_earnings { datanet, account })
}

/// The origin of policies decides, which is root here.
pub fn rule(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let datanet = scene.dice.pick(&scene.view.datanets).map(|(id, _)| *id);
	let datanet = scene.id(mode, datanet)?;
	let call: RuntimeCall = match scene.dice.below(8) {
		0 => Datanet::delist { datanet }.into(),
		1 | 2 => Datanet::relist { datanet }.into(),
		3 => {
			let fit = scene
				.view
				.contributions
				.iter()
				.filter(|(_, found)| !matches!(found.state, ContributionState::Pending));
			let fit: Vec<_> = fit.map(|(id, _)| *id).collect();
			let contribution = scene.dice.pick(&fit).copied();
			Datanet::strike { contribution: scene.id(mode, contribution)? }.into()
		}
		_ => {
			let policy = policy(scene);
			Datanet::set_policy { datanet, policy }.into()
		}
	};
	match mode {
		Mode::Random => Plan::signed(anybody(&mut scene.dice), call),
		_ => Plan::root(call),
	}
}
