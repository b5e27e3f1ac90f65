//! A parameter that was voted on alters the next settlement exactly.

use crate::{
	common::{account, stage::*},
	parliament::{enact, origin, seat},
};
use openledger_attribution::types::Part;
use openledger_primitives::{parameters::Split, JobId, Ppm, OPEN};
use openledger_runtime::{configs::governance::Origin, parameters::dynamic_params::attribution, *};
use polkadot_sdk::{frame_support::traits::Get, *};

/// What models' owners and workers with their delegators get of one answer.
fn settled(stage: &mut Stage) -> [Balance; 3] {
	let (job, committee) = stage.draw(stage.base, 3);
	let said = report(job, &[(stage.contributions[0], 1_000_000)]);
	let answers: Vec<_> = committee.iter().map(|who| (*who, said.clone())).collect();
	stage.answer(job, &answers);
	parts(stage, job)
}

fn parts(stage: &mut Stage, job: JobId) -> [Balance; 3] {
	let receipt = stage.receipt(job);
	let sum = |pick: fn(&Part) -> bool| {
		receipt.payouts.iter().filter(|p| pick(&p.part)).map(|p| p.amount).sum::<Balance>()
	};
	[
		sum(|part| matches!(part, Part::Contribution(_))),
		sum(|part| matches!(part, Part::Model(_))),
		sum(|part| matches!(part, Part::Worker)),
	]
}

fn fee_split(value: Split) -> RuntimeCall {
	let key_value = RuntimeParameters::Attribution(attribution::Parameters::FeeSplit(
		attribution::FeeSplit,
		Some(value),
	));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

#[test]
fn the_next_settlement_is_divided_as_voted() {
	let mut stage = Stage::set();
	seat(&mut stage.chain);
	// the net fee: a price of 10 OPEN and 7 planck
	let net = BASE_PRICE;
	let floor = 3 * OPEN / 100;
	let [data, models, workers] = settled(&mut stage);
	assert!(data.abs_diff(net / 2) <= 3 && models.abs_diff(net / 5) <= 1);
	assert!((workers - floor).abs_diff(net * 15 / 100) <= 3);

	let voted = Split {
		data: Ppm(700_000),
		models: Ppm(50_000),
		workers: Ppm(150_000),
		delegators: Ppm(50_000),
		treasury: Ppm(50_000),
	};
	let admin = || origin(Origin::ParameterAdmin);
	enact(&mut stage.chain, admin(), fee_split(voted));
	let [data, models, workers] = settled(&mut stage);
	assert!(data.abs_diff(net * 7 / 10) <= 3 && models.abs_diff(net / 20) <= 1);
	assert!((workers - floor).abs_diff(net * 15 / 100) <= 3);

	// no vote takes the contributors' part below its bound: the default holds
	let greedy = Split { data: Ppm(0), models: Ppm(750_000), ..voted };
	enact(&mut stage.chain, admin(), fee_split(greedy));
	assert_eq!(stage.chain.query(attribution::FeeSplit::get), greedy, "that is what was voted");
	let [data, models, _] = settled(&mut stage);
	assert!(data.abs_diff(net / 2) <= 3 && models.abs_diff(net / 5) <= 1);
	assert!(stage.chain.total(&account(BUILDER)) > 0);
}
