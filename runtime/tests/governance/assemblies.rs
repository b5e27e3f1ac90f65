//! Datanets' own people, and the track above them.

use crate::{
	common::{
		account,
		stage::{contribute, report, Stage, BYSTANDER, CONTRIBUTORS},
	},
	parliament::{origin, root},
};
use openledger_assembly::{Call, Error, Outcome};
use openledger_datanets::{Call as Datanet, Policy};
use openledger_primitives::{traits::Datanets as _, OPEN};
use openledger_runtime::{configs::governance::Origin, *};
use polkadot_sdk::{
	frame_support::traits::Get,
	sp_runtime::{traits::Dispatchable, DispatchError},
};

/// A Datanet whose contributors earned in the window before the one at hand; they hold gOPEN, and so
/// does somebody who never contributed.
fn assembled() -> Stage {
	let mut stage = Stage::set();
	let deposit = |amount| openledger_gopen::Call::deposit { amount }.into();
	let mut deposits = CONTRIBUTORS.map(|who| (who, deposit(100 * OPEN))).to_vec();
	deposits.push((BYSTANDER, deposit(500_000 * OPEN)));
	stage.chain.all_succeed(deposits);

	let (job, committee) = stage.draw(stage.base, 3);
	let shares = [300_000, 500_000, 200_000];
	let influence: Vec<_> = stage.contributions.into_iter().zip(shares).collect();
	let answers: Vec<_> =
		committee.into_iter().map(|worker| (worker, report(job, &influence))).collect();
	stage.answer(job, &answers);
	stage.mature();
	let window = stage.chain.query(Datanets::earning_window);
	while stage.chain.query(Datanets::earning_window) == window {
		stage.chain.skip(1);
	}
	stage
}

#[test]
fn who_contributes_decides_on_a_policy_and_who_only_has_money_does_not() {
	let mut stage = assembled();
	let datanet = stage.datanet;
	let policy = Policy { accepting: false, min_data_fee: 5 * OPEN, ..Default::default() };
	let chain = &mut stage.chain;
	let weights =
		CONTRIBUTORS.map(|who| chain.query(|| Assembly::weight_view(datanet, &account(who))));
	assert!(0 < weights[2] && weights[2] < weights[0] && weights[0] < weights[1], "{weights:?}");

	let no_weight = DispatchError::from(Error::<Runtime>::NoWeight);
	assert_eq!(chain.send(BYSTANDER, Call::propose { datanet, policy }), Err(no_weight));
	chain.send(CONTRIBUTORS[2], Call::propose { datanet, policy }).unwrap();
	assert_eq!(chain.send(BYSTANDER, Call::vote { datanet, aye: false }), Err(no_weight));
	chain.send(CONTRIBUTORS[0], Call::vote { datanet, aye: false }).unwrap();
	chain.send(CONTRIBUTORS[1], Call::vote { datanet, aye: true }).unwrap();
	let view = chain.query(|| Assembly::vote_view(datanet)).unwrap();
	assert!(view.carried);
	chain.skip(view.blocks_left);
	chain.send(BYSTANDER, Call::close { datanet }).unwrap();
	let (outcome, returned) = chain.event(|event| match event {
		RuntimeEvent::Assembly(openledger_assembly::Event::VoteClosed {
			outcome,
			returned,
			..
		}) => Some((outcome, returned)),
		_ => None,
	});
	assert_eq!((outcome, returned), (Outcome::Enacted, 100 * OPEN));

	assert_eq!(chain.query(|| Datanets::policy_view(datanet)), Some(policy));
	assert_eq!(chain.query(|| Datanets::data_fee(datanet)), 5 * OPEN);
	let refused = DispatchError::from(openledger_datanets::Error::<Runtime>::NotAccepting);
	assert_eq!(chain.send(BYSTANDER, contribute(BYSTANDER, datanet)), Err(refused));
	chain.everything_adds_up();
}

#[test]
fn a_vote_ends_before_its_earnings_are_forgotten() {
	let mut stage = assembled();
	stage.chain.query(|| {
		let window = configs::EarningWindow::get();
		let period = parameters::dynamic_params::assembly::Voting::get().voting_period;
		assert!(period <= window, "{period} blocks against {window}");
	});
}

#[test]
fn the_datanets_track_rules_over_datanets_and_no_other_below_root() {
	let mut stage = Stage::without_workers();
	let (datanet, contribution) = (stage.datanet, stage.contributions[0]);
	let policy = Policy { accepting: false, ..Default::default() };
	let calls: [RuntimeCall; 4] = [
		Datanet::set_policy { datanet, policy }.into(),
		Datanet::delist { datanet }.into(),
		Datanet::relist { datanet }.into(),
		Datanet::strike { contribution }.into(),
	];
	for (own, may) in [
		(root(), true),
		(origin(Origin::DatanetPolicy), true),
		(origin(Origin::ModelListing), false),
		(origin(Origin::ParameterAdmin), false),
	] {
		stage.chain.query(|| {
			for call in calls.clone() {
				let result = call.dispatch(RuntimeOrigin::from(own.clone()));
				let refused = result.map_err(|error| error.error).err();
				assert_eq!(refused, (!may).then_some(DispatchError::BadOrigin));
			}
		});
	}
}
