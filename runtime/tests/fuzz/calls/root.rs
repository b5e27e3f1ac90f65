//! What governance does, sent by sudo: parameters within and beyond their bounds, slashes cancelled,
//! calls paused.

use crate::{
	dice::Dice,
	people::{ALICE, PEOPLE},
	scene::{anybody, Mode, Plan, Scene, Sender},
};
use openledger_primitives::{
	parameters::{
		AssemblyParameters, BondParameters, CurationParameters, GopenParameters, JobParameters,
		LaunchParameters, RewardParameters, RoundParameters, Split,
	},
	Balance, BlockNumber, Ppm, OPEN,
};
use openledger_runtime::{
	parameters::dynamic_params::{
		assembly, attribution, datanets, gopen, inference, launches, staking,
	},
	Runtime, RuntimeCall, RuntimeParameters, SafeMode,
};
use openledger_staking::Call;
use polkadot_sdk::{
	frame_support::traits::GetCallMetadata, pallet_parameters, pallet_safe_mode, pallet_sudo,
	pallet_treasury, pallet_tx_pause,
};

/// What parameters return to: everything short, everything in use.
pub fn calm() -> Vec<RuntimeParameters> {
	vec![
		curation(calm_curation()),
		jobs(calm_jobs()),
		rounds(calm_rounds()),
		split(Split::default()),
		bonds(calm_bonds()),
		rewards(RewardParameters::default()),
		wrapping(GopenParameters { cooldown: 10, ..Default::default() }),
		launching(calm_launches()),
		voting(AssemblyParameters { voting_period: 8, min_earned: 1, ..Default::default() }),
	]
}

fn calm_curation() -> CurationParameters {
	CurationParameters {
		panel: 3,
		commit_period: 8,
		reveal_period: 8,
		exit_window: 12,
		appeal_panel: 5,
		appeal_window: 5,
		proof_delay: 2,
		..Default::default()
	}
}

fn calm_jobs() -> JobParameters {
	JobParameters {
		maturity: 2,
		notice: 2,
		max_value: Ppm(500_000),
		attestation_period: 8,
		..Default::default()
	}
}

fn calm_rounds() -> RoundParameters {
	RoundParameters {
		commit_period: 8,
		reveal_period: 6,
		dispute_window: 8,
		receipt_retention: 24,
		audit_rate: Ppm(300_000),
		single_audit_rate: Ppm(300_000),
		audit_seats: 2,
		dispute_seats: 3,
		jail: 4,
		..Default::default()
	}
}

fn calm_bonds() -> BondParameters {
	BondParameters {
		unbonding: 10,
		max_collators: 5,
		slash_delay: 5,
		commission_notice: 4,
		min_collators: 2,
		..Default::default()
	}
}

fn calm_launches() -> LaunchParameters {
	LaunchParameters {
		bond: 2 * OPEN,
		min_budget: OPEN,
		max_budget: 40 * OPEN,
		min_records: 1,
		max_period: 40,
		max_term: 80,
		grace: 40,
		maturity: 3,
		approval_period: 12,
	}
}

fn curation(value: CurationParameters) -> RuntimeParameters {
	RuntimeParameters::Datanets(datanets::Parameters::Curation(datanets::Curation, Some(value)))
}

fn jobs(value: JobParameters) -> RuntimeParameters {
	RuntimeParameters::Inference(inference::Parameters::Jobs(inference::Jobs, Some(value)))
}

fn rounds(value: RoundParameters) -> RuntimeParameters {
	RuntimeParameters::Attribution(attribution::Parameters::Rounds(
		attribution::Rounds,
		Some(value),
	))
}

fn split(value: Split) -> RuntimeParameters {
	RuntimeParameters::Attribution(attribution::Parameters::FeeSplit(
		attribution::FeeSplit,
		Some(value),
	))
}

fn bonds(value: BondParameters) -> RuntimeParameters {
	RuntimeParameters::Staking(staking::Parameters::Bonds(staking::Bonds, Some(value)))
}

fn rewards(value: RewardParameters) -> RuntimeParameters {
	RuntimeParameters::Staking(staking::Parameters::Rewards(staking::Rewards, Some(value)))
}

fn voting(value: AssemblyParameters) -> RuntimeParameters {
	RuntimeParameters::Assembly(assembly::Parameters::Voting(assembly::Voting, Some(value)))
}

fn wrapping(value: GopenParameters) -> RuntimeParameters {
	RuntimeParameters::Gopen(gopen::Parameters::Wrapping(gopen::Wrapping, Some(value)))
}

fn launching(value: LaunchParameters) -> RuntimeParameters {
	RuntimeParameters::Launches(launches::Parameters::Launches(launches::Launches, Some(value)))
}

/// Mostly short; now and then so long that what waits for it waits for the whole episode.
fn period(dice: &mut Dice) -> BlockNumber {
	match dice.below(400) {
		0 => BlockNumber::MAX,
		1 => dice.next() as BlockNumber,
		_ => dice.below(24) as BlockNumber,
	}
}

fn part(dice: &mut Dice) -> Ppm {
	let random = dice.below(1_000_001) as u32;
	Ppm(dice.one_of([0, 1, 10_000, 500_000, 1_000_000, 2_000_000, u32::MAX, random]))
}

fn money(dice: &mut Dice) -> Balance {
	let random = dice.planck(40 * OPEN);
	match dice.below(40) {
		0 => Balance::MAX,
		1..=3 => 0,
		4 => 1,
		_ => random,
	}
}

fn count(dice: &mut Dice) -> u32 {
	match dice.below(20) {
		0 => u32::MAX,
		_ => dice.below(10) as u32,
	}
}

fn some_curation(dice: &mut Dice) -> CurationParameters {
	let mut p = calm_curation();
	for _ in 0..dice.between(1, 3) {
		match dice.below(17) {
			0 => p.panel = count(dice),
			1 => p.commit_period = period(dice),
			2 => p.reveal_period = period(dice),
			3 => p.review_fee = money(dice),
			4 => p.bond_base = money(dice),
			5 => p.bond_per_kib = money(dice),
			6 => p.datanet_deposit = money(dice),
			7 => p.exit_window = period(dice),
			8 => p.appeal_panel = count(dice),
			9 => p.appeal_window = period(dice),
			10 => p.appeal_bond = money(dice),
			11 => p.no_show_slash = part(dice),
			12 => p.misjudgement_slash = part(dice),
			13 => p.duplicate_threshold = part(dice),
			14 => p.prover_share = part(dice),
			15 => p.proof_delay = period(dice),
			_ => (p.max_pending, p.max_per_block) = (count(dice), count(dice)),
		}
	}
	p
}

fn some_jobs(dice: &mut Dice) -> JobParameters {
	let mut p = calm_jobs();
	for _ in 0..dice.between(1, 3) {
		match dice.below(10) {
			0 => p.floor_base = money(dice),
			1 => p.floor_per_seat = money(dice),
			2 => p.maturity = period(dice),
			3 => p.seat_bond_cap = money(dice),
			4 => p.model_deposit = money(dice),
			5 => p.notice = period(dice),
			6 => p.max_value = part(dice),
			7 => p.attesters = count(dice),
			8 => p.attestation_period = period(dice),
			_ => p.evaluation_deposit = money(dice),
		}
	}
	p
}

fn some_rounds(dice: &mut Dice) -> RoundParameters {
	let mut p = calm_rounds();
	for _ in 0..dice.between(1, 3) {
		match dice.below(17) {
			0 => p.commit_period = period(dice),
			1 => p.reveal_period = period(dice),
			2 => p.dispute_window = period(dice),
			3 => p.tolerance = part(dice),
			4 => p.receipt_retention = period(dice),
			5 => p.outlier_tolerance = part(dice),
			6 => p.audit_rate = part(dice),
			7 => p.audit_seats = count(dice),
			8 => p.dispute_seats = count(dice),
			9 => p.dispute_bond = money(dice),
			10 => p.dispute_reward = money(dice),
			11 => p.no_commit_slash = part(dice),
			12 => p.outlier_slash = part(dice),
			13 => p.withhold_slash = part(dice),
			14 => p.wrong_answer_slash = part(dice),
			15 => p.single_audit_rate = part(dice),
			_ => p.jail = period(dice),
		}
	}
	p
}

fn some_bonds(dice: &mut Dice) -> BondParameters {
	let mut p = calm_bonds();
	for _ in 0..dice.between(1, 3) {
		match dice.below(13) {
			0 => p.min_collator_bond = money(dice),
			1 => p.min_worker_bond = money(dice),
			2 => p.min_curator_bond = money(dice),
			3 => p.unbonding = period(dice),
			4 => p.max_collators = count(dice),
			5 => p.slash_delay = period(dice),
			6 => p.max_commission = part(dice),
			7 => p.commission_notice = period(dice),
			8 => p.min_delegation = money(dice),
			9 => p.max_leverage = count(dice),
			10 => p.min_collators = count(dice),
			11 => p.max_idle_turns = period(dice),
			_ => p.equivocation_slash = part(dice),
		}
	}
	p
}

fn some_launches(dice: &mut Dice) -> LaunchParameters {
	let mut p = calm_launches();
	for _ in 0..dice.between(1, 3) {
		match dice.below(9) {
			0 => p.bond = money(dice),
			1 => p.min_budget = money(dice),
			2 => p.max_budget = money(dice),
			3 => p.min_records = count(dice),
			4 => p.max_period = period(dice),
			5 => p.max_term = period(dice),
			6 => p.grace = period(dice),
			7 => p.maturity = period(dice),
			_ => p.approval_period = period(dice),
		}
	}
	p
}

fn some_split(dice: &mut Dice) -> Split {
	let data = dice.between(300_000, 900_000) as u32;
	let models = dice.below(u64::from(1_000_001 - data)) as u32;
	let workers = dice.below(u64::from(1_000_001 - data - models)) as u32;
	let rest = 1_000_000 - data - models - workers;
	let delegators = dice.below(u64::from(rest) + 1) as u32;
	let [data, models, workers] = [data, models, workers].map(Ppm);
	let (delegators, treasury) = (Ppm(delegators), Ppm(rest - delegators));
	let fit = Split { data, models, workers, delegators, treasury };
	match dice.below(6) {
		0 => Split { data: part(dice), ..fit },
		_ => fit,
	}
}

fn parameters(dice: &mut Dice) -> RuntimeParameters {
	match dice.below(12) {
		10 => launching(some_launches(dice)),
		11 => {
			let (voting_period, turnout, deposit) = (period(dice), part(dice), money(dice));
			let min_earned = money(dice);
			voting(AssemblyParameters { voting_period, turnout, deposit, min_earned })
		}
		0 | 1 => curation(some_curation(dice)),
		2 => jobs(some_jobs(dice)),
		3 | 4 => rounds(some_rounds(dice)),
		5 => split(some_split(dice)),
		6 | 7 => bonds(some_bonds(dice)),
		8 => {
			let (first_reward, half_life) = (money(dice), period(dice));
			rewards(RewardParameters { first_reward, half_life })
		}
		_ => {
			let (cooldown, min_deposit) = (period(dice), money(dice));
			wrapping(GopenParameters { cooldown, min_deposit })
		}
	}
}

pub fn set_parameter(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let key_value = match scene.dice.one_in(2) {
		true => scene.dice.pick(&calm())?.clone(),
		false => parameters(&mut scene.dice),
	};
	let call = pallet_parameters::Call::set_parameter { key_value };
	match mode {
		Mode::Random => Plan::signed(anybody(&mut scene.dice), call),
		_ => Plan::root(call),
	}
}

pub fn cancel_slash(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let id = scene.dice.pick(&scene.view.slashes).copied();
	let id = scene.id(mode, id)?;
	match mode {
		Mode::Random => Plan::signed(anybody(&mut scene.dice), Call::cancel_slash { id }),
		_ => Plan::root(Call::cancel_slash { id }),
	}
}

/// The name of a call as pauses know it.
fn name(call: &RuntimeCall) -> Option<pallet_tx_pause::RuntimeCallNameOf<Runtime>> {
	let metadata = call.get_call_metadata();
	let bytes = |name: &str| name.as_bytes().to_vec().try_into().ok();
	Some((bytes(metadata.pallet_name)?, bytes(metadata.function_name)?))
}

/// Stops a call, or, seldom, nearly everything.
pub fn pause(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	if !scene.dice.one_in(3) {
		return None;
	}
	if scene.dice.one_in(3) {
		return Plan::root(pallet_safe_mode::Call::force_enter {});
	}
	let call = super::pick(&mut scene.dice)(scene, mode)?.call;
	Plan::root(pallet_tx_pause::Call::pause { full_name: name(&call)? })
}

/// Ends one pause, if there is any.
pub fn resume() -> Option<Plan> {
	if SafeMode::is_entered() {
		return Plan::root(pallet_safe_mode::Call::force_exit {});
	}
	let ident = pallet_tx_pause::PausedCalls::<Runtime>::iter_keys().next()?;
	Plan::root(pallet_tx_pause::Call::unpause { ident })
}

/// A call that is not root's, as root.
pub fn ordinary(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let plan = super::pick(&mut scene.dice)(scene, mode)?;
	let moves_money = matches!(plan.call, RuntimeCall::Balances(_));
	match plan.sender {
		Sender::Signed(ALICE) => None,
		_ if moves_money || plan.gift.is_some() => None,
		_ => Plan::root(plan.call),
	}
}

/// Out of the treasury.
pub fn spend(scene: &mut Scene, _: Mode) -> Option<Plan> {
	let beneficiary = PEOPLE.account(anybody(&mut scene.dice));
	match scene.dice.below(2) {
		0 => {
			let amount = scene.dice.planck(5 * OPEN);
			let (asset_kind, beneficiary) = (Box::new(()), Box::new(beneficiary));
			Plan::root(pallet_treasury::Call::spend {
				asset_kind,
				amount,
				beneficiary,
				valid_from: None,
			})
		}
		_ => {
			let index = scene.dice.below(20) as u32;
			Plan::signed(anybody(&mut scene.dice), pallet_treasury::Call::payout { index })
		}
	}
}

/// Fills a block to the brim, but for what inherents and hooks took: for the clock it did not count.
pub fn fill(weight: u64) -> Plan {
	use polkadot_sdk::{frame_support::weights::Weight, frame_system};
	let call = frame_system::Call::<Runtime>::set_storage { items: Vec::new() };
	let call = pallet_sudo::Call::<Runtime>::sudo_unchecked_weight {
		call: Box::new(call.into()),
		weight: Weight::from_parts(weight, 0),
	};
	Plan::signed(ALICE, call).expect("a call of Alice")
}
