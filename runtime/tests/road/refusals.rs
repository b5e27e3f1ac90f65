//! What is refused: reports before they reach a block, with their documented codes and without a
//! trace; calls with their errors.

use crate::common::{account, authorised, sign, stage::*, Chain};
use codec::Encode;
use openledger_attribution::Rejection;
use openledger_primitives::{
	worker::Phase, ContributionId, DatanetId, JobId, ModelId, Ppm, Report, OPEN,
};
use openledger_runtime::*;
use polkadot_sdk::{
	sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
	sp_runtime::{
		transaction_validity::{InvalidTransaction, TransactionValidityError},
		DispatchError,
	},
};

fn custom(rejection: Rejection) -> TransactionValidityError {
	InvalidTransaction::Custom(rejection as u8).into()
}

/// A committee of one, who it is, and who is not on it.
fn one_seat() -> (Stage, JobId, &'static str, &'static str) {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 1);
	let other = WORKERS.into_iter().find(|who| *who != committee[0]).unwrap();
	(stage, job, committee[0], other)
}

fn commitment(report: &Report, worker: &str) -> [u8; 32] {
	report.commitment(&SALT, &account(worker))
}

#[test]
fn codes_are_the_documented_ones() {
	let codes = [
		(Rejection::UnknownJob, 1),
		(Rejection::NotAssigned, 2),
		(Rejection::NotCommitted, 3),
		(Rejection::WrongJob, 4),
		(Rejection::WrongEngineVersion, 5),
		(Rejection::InvalidInfluence, 6),
		(Rejection::NotEmpty, 7),
		(Rejection::CommitmentMismatch, 8),
		(Rejection::NoWorkerKey, 9),
	];
	for (rejection, code) in codes {
		let expected = TransactionValidityError::from(InvalidTransaction::Custom(code));
		assert_eq!(TransactionValidityError::from(rejection), expected, "{rejection:?}");
	}
}

#[test]
fn a_commitment_of_an_unassigned_worker() {
	let (mut stage, job, _, other) = one_seat();
	let commit = stage.chain.commit(job, other, [1; 32]);
	assert_eq!(stage.chain.refused(commit), custom(Rejection::NotAssigned));
}

#[test]
fn a_second_commitment_and_a_second_report() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &[]);
	stage.commit_to(job, &[(committee[0], answer.clone())]);
	let again = stage.chain.commit(job, committee[0], [1; 32]);
	assert_eq!(stage.chain.refused(again), InvalidTransaction::Stale.into());

	stage.commit_to(job, &[(committee[1], answer.clone()), (committee[2], answer.clone())]);
	stage.reveal(job, &[(committee[0], answer.clone())]);
	let again = stage.chain.reveal(job, committee[0], answer, SALT);
	assert_eq!(stage.chain.refused(again), InvalidTransaction::Stale.into());
}

#[test]
fn two_commitments_of_one_worker_in_one_block() {
	let (mut stage, job, worker, _) = one_seat();
	let twice =
		vec![stage.chain.commit(job, worker, [1; 32]), stage.chain.commit(job, worker, [2; 32])];
	let results = stage.chain.build(twice);
	assert_eq!(results, [Ok(Ok(())), Err(InvalidTransaction::Stale.into())]);
	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	assert_eq!(round.seats[0].commitment, Some([1; 32]));
}

#[test]
fn a_report_with_another_salt_or_another_content() {
	let (mut stage, job, worker, _) = one_seat();
	let answer = report(job, &[(stage.contributions[0], 1)]);
	stage.commit_to(job, &[(worker, answer.clone())]);
	let salted = stage.chain.reveal(job, worker, answer, [8; 32]);
	assert_eq!(stage.chain.refused(salted), custom(Rejection::CommitmentMismatch));
	let other = stage.chain.reveal(job, worker, report(job, &[]), SALT);
	assert_eq!(stage.chain.refused(other), custom(Rejection::CommitmentMismatch));
}

#[test]
fn a_report_that_was_copied_with_its_commitment() {
	let mut stage = Stage::set();
	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &[]);
	let copied = commitment(&answer, committee[0]);
	let commits = committee.iter().map(|who| stage.chain.commit(job, who, copied)).collect();
	assert!(stage.chain.build(commits).into_iter().all(|result| result == Ok(Ok(()))));
	stage.reveal(job, &[(committee[0], answer.clone())]);
	let copy = stage.chain.reveal(job, committee[1], answer, SALT);
	assert_eq!(stage.chain.refused(copy), custom(Rejection::CommitmentMismatch));
}

#[test]
fn a_signature_of_anyone_but_the_workers_key() {
	let (mut stage, job, worker, other) = one_seat();
	let genesis = stage.chain.genesis_hash();
	let content = [1u8; 32].encode();
	let payload = stage.chain.payload(genesis, Phase::Commit, job, &content);
	let commit = |signature| {
		authorised(openledger_attribution::Call::commit {
			job,
			worker: account(worker),
			commitment: [1; 32],
			signature,
		})
	};
	let bad = TransactionValidityError::from(InvalidTransaction::BadProof);
	assert_eq!(stage.chain.refused(commit(sign(other, &payload))), bad, "another worker's");
	assert_eq!(stage.chain.refused(commit(sign(worker, &[0; 32]))), bad, "over something else");
	let for_reveal = stage.chain.payload(genesis, Phase::Reveal, job, &content);
	assert_eq!(stage.chain.refused(commit(sign(worker, &for_reveal))), bad, "of another phase");
	let mut results = stage.chain.build(vec![commit(sign(worker, &payload))]);
	assert_eq!(results.remove(0), Ok(Ok(())), "while the right one is taken");
}

#[test]
fn a_signature_for_another_chain() {
	let (mut stage, job, worker, _) = one_seat();
	let elsewhere = Chain::new(LOCAL_TESTNET_RUNTIME_PRESET).genesis_hash();
	assert_ne!(elsewhere, stage.chain.genesis_hash());
	let payload = stage.chain.payload(elsewhere, Phase::Commit, job, &[1u8; 32].encode());
	let replayed = authorised(openledger_attribution::Call::commit {
		job,
		worker: account(worker),
		commitment: [1; 32],
		signature: sign(worker, &payload),
	});
	assert_eq!(stage.chain.refused(replayed), InvalidTransaction::BadProof.into());
}

/// What a committed report is refused for when it is revealed.
fn refused_report(
	change: impl FnOnce(&mut Report, [ContributionId; 3]),
) -> TransactionValidityError {
	let (mut stage, job, worker, _) = one_seat();
	let mut answer = report(job, &[]);
	change(&mut answer, stage.contributions);
	stage.commit_to(job, &[(worker, answer.clone())]);
	let reveal = stage.chain.reveal(job, worker, answer, SALT);
	stage.chain.refused(reveal)
}

fn influence(pairs: &[(ContributionId, u32)]) -> openledger_primitives::InfluenceVector {
	let pairs = pairs.iter().map(|(id, share)| (*id, Ppm(*share))).collect::<Vec<_>>();
	pairs.try_into().unwrap()
}

#[test]
fn a_report_of_another_engine_version() {
	let error = refused_report(|report, _| report.engine_version += 1);
	assert_eq!(error, custom(Rejection::WrongEngineVersion));
}

#[test]
fn an_influence_vector_that_is_not_sorted() {
	let error = refused_report(|report, [a, b, _]| report.influence = influence(&[(b, 1), (a, 1)]));
	assert_eq!(error, custom(Rejection::InvalidInfluence));
	let error = refused_report(|report, [a, ..]| report.influence = influence(&[(a, 1), (a, 1)]));
	assert_eq!(error, custom(Rejection::InvalidInfluence));
}

#[test]
fn an_influence_vector_above_the_whole() {
	let error = refused_report(|report, [a, b, _]| {
		report.influence = influence(&[(a, 500_000), (b, 500_001)]);
	});
	assert_eq!(error, custom(Rejection::InvalidInfluence));
}

#[test]
fn a_report_about_another_job_or_with_influence_but_no_answer() {
	let error = refused_report(|report, _| report.job = JobId(99));
	assert_eq!(error, custom(Rejection::WrongJob));
	let error = refused_report(|report, [a, ..]| {
		report.answer = Default::default();
		report.influence = influence(&[(a, 1)]);
	});
	assert_eq!(error, custom(Rejection::NotEmpty));
}

#[test]
fn reports_that_come_too_early_or_too_late() {
	let mut stage = Stage::set();
	let unknown = authorised(openledger_attribution::Call::commit {
		job: JobId(99),
		worker: account(WORKERS[0]),
		commitment: [1; 32],
		signature: sign(WORKERS[0], &[0; 32]),
	});
	assert_eq!(stage.chain.refused(unknown), custom(Rejection::UnknownJob));

	// whom chance will seat is not known yet
	let job = stage.request(stage.base, 1);
	let commit = |signature| {
		authorised(openledger_attribution::Call::commit {
			job,
			worker: account(WORKERS[0]),
			commitment: [1; 32],
			signature,
		})
	};
	let early = commit(sign(WORKERS[0], &[0; 32]));
	assert_eq!(stage.chain.refused(early), InvalidTransaction::Future.into());

	let (job, committee) = stage.draw(stage.base, 3);
	let answer = report(job, &[]);
	stage.commit_to(job, &[(committee[0], answer.clone())]);
	let early = stage.chain.reveal(job, committee[0], answer.clone(), SALT);
	assert_eq!(stage.chain.refused(early), InvalidTransaction::Future.into());

	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	stage.chain.skip(round.deadline - stage.chain.height());
	let late = stage.chain.commit(job, committee[1], [1; 32]);
	assert_eq!(stage.chain.refused(late), InvalidTransaction::Stale.into());
	stage.chain.skip(1);
	let uncommitted = stage.chain.reveal(job, committee[1], answer, SALT);
	assert_eq!(stage.chain.refused(uncommitted), custom(Rejection::NotCommitted));
}

#[test]
fn a_report_without_authorisation() {
	let (mut stage, job, worker, _) = one_seat();
	let call: RuntimeCall = openledger_attribution::Call::commit {
		job,
		worker: account(worker),
		commitment: [1; 32],
		signature: sign(worker, &[0; 32]),
	}
	.into();
	// nobody can send it in their own name, and trying is not free
	let (before, fees) = (stage.chain.total(&account(CALLER)), stage.chain.fees);
	assert_eq!(stage.chain.send(CALLER, call.clone()), Err(DispatchError::BadOrigin));
	let paid = stage.chain.fees - fees;
	assert!(paid > 0, "or anyone could fill blocks with it");
	assert_eq!(stage.chain.total(&account(CALLER)), before - paid);
	// nor can root by force
	stage.chain.send(BYSTANDER, pallet_sudo_call(call)).unwrap();
	let round = stage.chain.query(|| Attribution::round_of(job)).unwrap();
	assert_eq!(round.seats[0].commitment, None);
}

fn pallet_sudo_call(call: RuntimeCall) -> RuntimeCall {
	polkadot_sdk::pallet_sudo::Call::sudo { call: Box::new(call) }.into()
}

#[test]
fn requests_that_cannot_be_met() {
	use openledger_inference::Error;
	let mut stage = Stage::set();
	let quote = stage.chain.query(|| Inference::quote(stage.base, 3)).unwrap();
	let mut refused = |call: RuntimeCall, error: Error<Runtime>| {
		let holds = stage.chain.holds();
		assert_eq!(stage.chain.send(CALLER, call), Err(error.into()));
		assert_eq!(stage.chain.holds(), holds);
	};
	refused(request(stage.base, quote - 1, 3), Error::FeeTooLow);
	refused(request(ModelId(99), quote, 3), Error::UnknownModel);
	refused(request(stage.base, quote, 2), Error::WrongCommitteeSize);
	refused(openledger_inference::Call::cancel { job: JobId(99) }.into(), Error::UnknownJob);
	refused(openledger_inference::Call::serve { model: ModelId(99) }.into(), Error::UnknownModel);
	let serve = openledger_inference::Call::serve { model: stage.base };
	refused(serve.into(), Error::NotBonded);
	let input = openledger_primitives::traits::Input::Inline(vec![0; 4].try_into().unwrap());
	let short = openledger_inference::Call::request {
		model: stage.base,
		input,
		max_fee: quote,
		committee: 3,
	};
	refused(short.into(), Error::WrongInputLength);

	let shut = openledger_models::Call::set_status { model: stage.base, active: false };
	stage.chain.send(BUILDER, shut).unwrap();
	let inactive = stage.chain.send(CALLER, request(stage.base, quote, 3));
	assert_eq!(inactive, Err(Error::<Runtime>::ModelInactive.into()));
}

#[test]
fn contributions_that_are_taken_or_lead_nowhere() {
	use openledger_datanets::{Call, Error};
	let mut stage = Stage::without_workers();
	let mut refused = |who: &str, call: RuntimeCall, error: Error<Runtime>| {
		let holds = stage.chain.holds();
		assert_eq!(stage.chain.send(who, call), Err(error.into()));
		assert_eq!(stage.chain.holds(), holds);
	};
	let mut thief = contribute(CONTRIBUTORS[0], stage.datanet);
	refused(CONTRIBUTORS[0], thief.clone(), Error::RootTaken);
	refused("//Alice//stash", thief.clone(), Error::RootTaken);
	thief = contribute("//Alice//stash", DatanetId(99));
	refused("//Alice//stash", thief, Error::UnknownDatanet);
	let contribution = ContributionId(99);
	refused(CONTRIBUTORS[0], Call::revoke { contribution }.into(), Error::UnknownContribution);
	let commitment = [1; 32];
	let unknown = Call::commit_verdict { contribution, commitment };
	refused(CURATOR, unknown.into(), Error::NotUnderReview);
	let contribution = stage.contributions[0];
	refused(BYSTANDER, Call::revoke { contribution }.into(), Error::NotContributor);
	let fee = Call::set_data_fee { datanet: stage.datanet, fee: OPEN };
	refused(BYSTANDER, fee.into(), Error::NotOwner);
}

#[test]
fn models_that_were_trained_on_nothing_known() {
	use openledger_models::{Call, Error};
	let mut stage = Stage::without_workers();
	let register = Call::register { manifest: manifest(stage.datanet, 4, Ppm(0)) };
	let unknown = Error::<Runtime>::UnknownVersion;
	assert_eq!(stage.chain.send(BUILDER, register), Err(unknown.into()));
	let mut newer = manifest(stage.datanet, 3, Ppm(0));
	newer.engine_version += 1;
	let unknown = Error::<Runtime>::UnknownEngineVersion;
	assert_eq!(stage.chain.send(BUILDER, Call::register { manifest: newer }), Err(unknown.into()));
	let base = ModelId(99);
	let manifest = manifest(stage.datanet, 3, Ppm(0));
	let adapter = Call::register_adapter { base, manifest };
	let unknown = Error::<Runtime>::UnknownModel;
	assert_eq!(stage.chain.send(BUILDER, adapter), Err(unknown.into()));
}
