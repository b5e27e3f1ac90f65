//! Committees at work, disputes and claims.

use crate::{
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene, Sender},
};
use codec::Encode;
use openledger_attribution::{
	types::{Round, Seat},
	Call, Disputes, Receipts, Rounds,
};
use openledger_datanets::Contribution;
use openledger_inference::Requests;
use openledger_primitives::{
	worker::{report_payload, Phase, WorkerPair, WorkerSignature},
	BlobId, ContributionId, InfluenceVector, JobId, ModelId, Ppm, Report, Task, MAX_INFLUENCE,
	OPEN,
};
use openledger_runtime::{AccountId, Runtime, System};
use openledger_staking::WorkerKeys;
use polkadot_sdk::{sp_core::Pair, sp_io::hashing::blake2_256};

type RoundOf = Round<AccountId>;
type SeatOf = Seat<AccountId>;

/// A seat that `likes`, of a round as it is now, sought among a few.
fn seat(
	scene: &mut Scene,
	likes: impl Fn(JobId, &RoundOf, &SeatOf) -> bool,
) -> Option<(JobId, RoundOf, SeatOf)> {
	(0..8).find_map(|_| {
		let job = *scene.dice.pick(&scene.view.rounds)?;
		let round = Rounds::<Runtime>::get(job)?;
		let fit: Vec<_> = round.seats.iter().filter(|seat| likes(job, &round, seat)).collect();
		let seat = (*scene.dice.pick(&fit)?).clone();
		Some((job, round, seat))
	})
}

/// One in twenty seats is never heard of; as many commit and never reveal.
fn mood(job: JobId, worker: &AccountId) -> u8 {
	blake2_256(&(job, worker).encode())[0] / 13
}

fn is_absent(job: JobId, worker: &AccountId) -> bool {
	mood(job, worker) == 0
}

fn withholds(job: JobId, worker: &AccountId) -> bool {
	mood(job, worker) == 1
}

/// Contributions that an answer of `model` can rest on.
fn known(scene: &Scene, model: ModelId) -> Vec<ContributionId> {
	let Some((_, model)) = scene.view.models.iter().find(|(id, _)| *id == model) else {
		return Vec::new();
	};
	let trained_on = |found: &Contribution<AccountId>| {
		let accepted = found.state.acceptance().map(|acceptance| acceptance.version);
		let in_version = |by: u32| {
			model.trained_on.iter().any(|v| v.datanet == found.datanet && by <= v.version)
		};
		accepted.is_some_and(in_version)
	};
	let fit = scene.view.contributions.iter().filter(|(_, found)| trained_on(found));
	fit.map(|(id, _)| *id).collect()
}

/// What an honest worker reports.
fn honest(scene: &mut Scene, job: JobId, round: &RoundOf) -> Report {
	if let Some(report) = scene.memory.answers.get(&job) {
		return report.clone();
	}
	let known = Requests::<Runtime>::get(job).map(|request| known(scene, request.model));
	let known = known.unwrap_or_default();
	let most: u64 = if scene.dice.one_in(12) { MAX_INFLUENCE.into() } else { 6 };
	let mut ids: Vec<_> =
		(0..scene.dice.below(most + 1)).filter_map(|_| scene.dice.pick(&known).copied()).collect();
	ids.sort();
	ids.dedup();
	let each = 1_000_000 / (ids.len() as u64).max(1);
	let influence: Vec<_> =
		ids.into_iter().map(|id| (id, Ppm(scene.dice.below(each + 1) as u32))).collect();
	let answer = match (scene.dice.below(16), round.task) {
		(0, _) => Vec::new(),
		(1, _) => vec![7; scene.dice.between(1, 256) as usize],
		(_, Task::Classify) => (scene.dice.below(10) as u32).to_le_bytes().to_vec(),
		(_, Task::Regress) => scene.dice.next().to_le_bytes().to_vec(),
		(_, Task::Generate) => vec![3; 2 * scene.dice.between(1, 128) as usize],
		(_, Task::Retrieve) => vec![3; 4 * scene.dice.between(1, 8) as usize],
	};
	let influence = if answer.is_empty() { Vec::new() } else { influence };
	let has_output = !answer.is_empty() && !round.task.answers_inline();
	let report = Report {
		job,
		influence: influence.try_into().unwrap(),
		answer: answer.try_into().unwrap(),
		output: has_output.then(|| BlobId(scene.dice.bytes())),
		query_features: scene.dice.bytes(),
		engine_version: round.engine_version,
	};
	scene.memory.answers.insert(job, report.clone());
	report
}

/// Most often what an honest worker reports; else a little off, far off, or a lie.
fn found(scene: &mut Scene, job: JobId, round: &RoundOf) -> Report {
	let mut report = honest(scene, job, round);
	let roll = scene.dice.below(20);
	let first = report.influence.first().copied();
	match (roll, first) {
		(0, Some((id, Ppm(share)))) => {
			let lower = share.saturating_sub(scene.dice.below(1_500) as u32);
			report.influence = replaced(&report, id, lower);
		}
		(1, Some((id, _))) => report.influence = replaced(&report, id, 0),
		(2, _) => report.influence = Default::default(),
		(3, _) => {
			report.answer = vec![scene.dice.next() as u8; 4].try_into().unwrap();
		}
		(4, _) => {
			report.answer = Default::default();
			report.influence = Default::default();
		}
		_ => {}
	}
	report
}

fn replaced(report: &Report, id: ContributionId, share: u32) -> InfluenceVector {
	let shares = report.influence.iter().map(|(other, old)| match *other == id {
		true => (id, Ppm(share)),
		false => (*other, *old),
	});
	shares.collect::<Vec<_>>().try_into().unwrap()
}

/// A report that no chain should take.
fn spoilt(scene: &mut Scene, mut report: Report) -> Report {
	let pairs = |pairs: &[(u64, u32)]| -> InfluenceVector {
		let pairs = pairs.iter().map(|(id, share)| (ContributionId(*id), Ppm(*share)));
		pairs.collect::<Vec<_>>().try_into().unwrap()
	};
	match scene.dice.below(7) {
		0 => report.influence = pairs(&[(2, 1), (1, 1)]),
		1 => report.influence = pairs(&[(1, 1), (1, 1)]),
		2 => report.influence = pairs(&[(0, 1_000_000), (1, 1)]),
		3 => report.influence = pairs(&[(0, u32::MAX), (1, u32::MAX)]),
		4 => report.job = JobId(report.job.0.wrapping_add(1)),
		5 => report.engine_version = report.engine_version.wrapping_add(1),
		_ => report.output = Some(BlobId(scene.dice.bytes())),
	}
	report
}

/// The key that signs for `worker`: its own, unless there is none or mischief is meant.
fn key(scene: &mut Scene, mode: Mode, worker: &AccountId) -> Option<WorkerPair> {
	let own = WorkerKeys::<Runtime>::get(worker).and_then(|key| PEOPLE.hot(&key)).cloned();
	let strays = mode != Mode::Valid && scene.dice.one_in(8);
	match own {
		Some(own) if !strays => Some(own),
		_ if mode == Mode::Valid => None,
		_ => Some(PEOPLE.get(anybody(&mut scene.dice)).hot[0].clone()),
	}
}

fn sign(
	scene: &mut Scene,
	mode: Mode,
	key: &WorkerPair,
	(job, phase): (JobId, Phase),
	content: &[u8],
) -> WorkerSignature {
	let request = Rounds::<Runtime>::get(job).map(|round| round.request_hash).unwrap_or_default();
	let mut genesis = System::block_hash(0).0;
	let (mut phase, mut request) = (phase, request);
	if mode != Mode::Valid && scene.dice.one_in(10) {
		match scene.dice.below(3) {
			0 => genesis = scene.dice.bytes(),
			1 => request = scene.dice.bytes(),
			_ => phase = if phase == Phase::Commit { Phase::Reveal } else { Phase::Commit },
		}
	}
	key.sign(&report_payload(&genesis, phase, job, &request, content))
}

/// As it is meant, or, in vain, in somebody's name.
fn sent(scene: &mut Scene, mode: Mode, call: Call<Runtime>) -> Option<Plan> {
	if mode != Mode::Valid && scene.dice.one_in(12) {
		return Plan::signed(anybody(&mut scene.dice), call);
	}
	Some(Plan { sender: Sender::Authorised, call: call.into(), gift: None })
}

pub fn commit(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let open = seat(scene, |job, round, seat| {
		round.accepts_commitment(seat) && seat.commitment.is_none() && !is_absent(job, &seat.worker)
	});
	let job = scene.id(mode, open.as_ref().map(|(job, ..)| *job))?;
	let worker = scene.account(mode, open.as_ref().map(|(.., seat)| seat.worker.clone()))?;
	let salt = scene.dice.bytes();
	let mut commitment = scene.dice.bytes();
	if let Some((job, round, _)) = &open {
		let mut report = found(scene, *job, round);
		if mode != Mode::Valid && scene.dice.one_in(4) {
			report = spoilt(scene, report);
		}
		commitment = report.commitment(&salt, &worker);
		scene.memory.reports.insert(commitment, (report, salt));
		// a copy of another seat's
		let copied = round.seats.iter().find_map(|seat| seat.commitment);
		if let (Mode::Adversarial, Some(copied), true) = (mode, copied, scene.dice.one_in(6)) {
			commitment = copied;
		}
	}
	let key = key(scene, mode, &worker)?;
	let signature = sign(scene, mode, &key, (job, Phase::Commit), &commitment.encode());
	sent(scene, mode, Call::commit { job, worker, commitment, signature })
}

pub fn reveal(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let open = seat(scene, |job, round, seat| {
		round.phase == Phase::Reveal
			&& seat.commitment.is_some()
			&& seat.report.is_none()
			&& !withholds(job, &seat.worker)
	});
	let secret = open.as_ref().and_then(|(.., seat)| scene.memory.reports.get(&seat.commitment?));
	let (report, salt) = secret.cloned().unzip();
	let job = scene.id(mode, open.as_ref().map(|(job, ..)| *job))?;
	let worker = scene.account(mode, open.as_ref().map(|(.., seat)| seat.worker.clone()))?;
	let mut report = match (mode, report) {
		(_, Some(report)) => report,
		(Mode::Valid, None) => return None,
		_ => scene.memory.answers.values().next_back()?.clone(),
	};
	if mode != Mode::Valid && scene.dice.one_in(4) {
		report = spoilt(scene, report);
	}
	let salt = scene.hash(mode, salt)?;
	let key = key(scene, mode, &worker)?;
	let signature = sign(scene, mode, &key, (job, Phase::Reveal), &(&report, salt).encode());
	sent(scene, mode, Call::reveal { job, worker, report, salt, signature })
}

pub fn dispute(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let job = (0..8).find_map(|_| {
		let job = *scene.dice.pick(&scene.view.maturing)?;
		let receipt = Receipts::<Runtime>::get(job)?;
		let open = receipt.is_disputable() && receipt.dispute.is_none();
		(open && !Disputes::<Runtime>::contains_key(job)).then_some(job)
	});
	let payer = scene.payer(20 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let job = scene.id(mode, job)?;
	Plan::signed(who, Call::dispute { job })
}

pub fn claim(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let who = scene.dice.pick(&scene.view.claimable).cloned();
	let who = scene.person(mode, who.as_ref())?;
	Plan::signed(who, Call::claim {})
}

pub fn claim_for(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let account = scene.dice.pick(&scene.view.claimable).cloned();
	let payer = scene.payer(OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let account = scene.account(mode, account)?;
	Plan::signed(who, Call::claim_for { account })
}
