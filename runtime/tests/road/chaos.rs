//! Whatever workers do, every request ends, and everything adds up after every block.

use crate::common::{account, stage::*};
use openledger_attribution::types::Outcome;
use openledger_primitives::{JobId, Report};
use openledger_runtime::*;
use polkadot_sdk::sp_io::hashing::blake2_256;

/// Rounds of requests.
const ROUNDS: u32 = 6;
/// Requests in each, one block apart.
const REQUESTS: u32 = 3;

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
	fn roll(&mut self, sides: u8) -> u8 {
		self.0 += 1;
		blake2_256(&self.0.to_le_bytes())[0] % sides
	}
}

/// What one worker has in mind for one job: most often the truth.
fn intended(dice: &mut Dice, stage: &Stage, job: JobId) -> Report {
	let [a, b, c] = stage.contributions;
	let mut report = report(job, &[(a, 400_000), (b, 300_000), (c, 200_000)]);
	match dice.roll(8) {
		0 => report.answer = Default::default(),
		1 => report.answer = vec![dice.roll(3)].try_into().unwrap(),
		2 => report.influence = Default::default(),
		_ => return report,
	}
	if report.answer.is_empty() {
		report.influence = Default::default();
	}
	report
}

#[test]
fn whatever_workers_do_every_request_ends_and_everything_adds_up() {
	let mut dice = Dice(0);
	let mut stage = Stage::set();
	let mut jobs = Vec::new();
	for round in 0..ROUNDS {
		let mut open = Vec::new();
		for _ in 0..REQUESTS {
			let model = if dice.roll(2) == 0 { stage.base } else { stage.adapter };
			let committee = [1, 3, 3, 5][usize::from(dice.roll(4))];
			open.push(stage.request(model, committee));
		}
		// in the middle of it all a contributor leaves, and a worker too
		match round {
			2 => {
				let contribution = stage.contributions[2];
				let revoke = openledger_datanets::Call::revoke { contribution };
				stage.chain.send(CONTRIBUTORS[2], revoke).unwrap();
			}
			4 => stage.chain.send(WORKERS[1], openledger_staking::Call::chill {}).unwrap(),
			_ => stage.chain.skip(1),
		}
		stage.chain.skip(2);

		let mut plans = Vec::new();
		for job in open.iter().copied() {
			let Some(round) = stage.chain.query(|| Attribution::round_of(job)) else { continue };
			for seat in round.seats {
				let worker = WORKERS.into_iter().find(|who| account(who) == seat.worker).unwrap();
				plans.push((job, worker, intended(&mut dice, &stage, job)));
			}
		}
		let commits = plans
			.iter()
			.filter(|_| dice.roll(6) > 0)
			.map(|(job, worker, report)| {
				let commitment = report.commitment(&SALT, &account(worker));
				stage.chain.commit(*job, worker, commitment)
			})
			.collect();
		stage.chain.build(commits);
		// those whose committees are complete can reveal at once, the others after the deadline
		for wait in [0, 15] {
			stage.chain.skip(wait);
			let mut reveals = Vec::new();
			for (job, worker, report) in &plans {
				let open = stage.chain.query(|| Attribution::round_of(*job)).is_some();
				if open && dice.roll(6) > 0 {
					reveals.push(stage.chain.reveal(*job, worker, report.clone(), SALT));
				}
			}
			// some are refused, as they should be
			stage.chain.build(reveals);
		}
		jobs.extend(open);
	}
	stage.chain.skip(30);

	let mut answered = 0;
	let mut refunded = 0;
	for job in &jobs {
		assert!(stage.chain.query(|| Attribution::round_of(*job)).is_none());
		assert!(stage.chain.query(|| Inference::job_view(*job)).is_none());
		let receipt = stage.receipt(*job);
		assert_eq!(receipt.payouts.iter().map(|p| p.amount).sum::<Balance>(), receipt.spent);
		match receipt.outcome {
			Outcome::Answered => answered += 1,
			Outcome::Refunded(_) => refunded += 1,
		}
	}
	assert!(answered > 3 && refunded > 3, "{answered} answered, {refunded} refunded");
	assert_eq!(stage.chain.holds().get(&account(CALLER)), None);
	assert_eq!(
		stage.chain.query(|| openledger_attribution::Assignments::<Runtime>::iter().count()),
		0
	);

	stage.mature();
	let owed: Vec<_> =
		stage.chain.query(|| openledger_attribution::Claimable::<Runtime>::iter_keys().collect());
	let claims = owed
		.into_iter()
		.map(|account| (BYSTANDER, openledger_attribution::Call::claim_for { account }.into()));
	stage.chain.all_succeed(claims.collect());
	assert_eq!(stage.chain.everything_adds_up().owed, 0, "the pot keeps its deposit only");
}
