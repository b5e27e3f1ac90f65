//! `reveal`.

use crate::{mock::*, Call, Error, Event, Rejection};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	pallet_prelude::{InvalidTransaction, TransactionValidityError},
};
use openledger_primitives::{mocks::State, worker::Phase, BlobId, JobId, Report, Task};
use polkadot_sdk::{frame_support, frame_system, sp_runtime};
use sp_runtime::DispatchError;

/// Refused by the pool, in a block, and by the call itself, each with its own error.
fn refused(worker: u64, report: Report, by: Rejection) {
	let error = TransactionValidityError::from(by);
	assert_eq!(validate(reveal_call(worker, &report)).unwrap_err(), error);
	assert_eq!(apply(reveal_call(worker, &report)).unwrap_err(), error);
	let Call::reveal { job, worker, report, salt, signature } = reveal_call(worker, &report) else {
		unreachable!()
	};
	assert_noop!(
		Attribution::reveal(
			frame_system::RawOrigin::Authorized.into(),
			job,
			worker,
			report,
			salt,
			signature
		),
		Error::<Test>::from(by)
	);
	check();
}

/// A round of two in which both committed to `report`, open for reveals.
fn committed(report: impl Fn(JobId) -> Report) -> (JobId, Report) {
	let job = assigned(1, &[W1, W2]);
	let report = report(job);
	commit(W1, &report);
	commit(W2, &report);
	end_block();
	(job, report)
}

#[test]
fn a_report_that_matches_its_commitment_is_accepted() {
	new_test_ext().execute_with(|| {
		let (job, report) = committed(|job| report(job, 3, &[(1, 500_000)]));
		reveal(W1, &report);
		assert_eq!(round(job).seat(&W1).unwrap().report, Some(report.clone()));
		assert_eq!(last_event(), Event::Revealed { job, worker: W1, vote: report.vote() });
		check();
	});
}

#[test]
fn the_pool_knows_a_report_by_job_worker_and_phase() {
	new_test_ext().execute_with(|| {
		let (job, report) = committed(|job| report(job, 3, &[]));
		let validity = validate(reveal_call(W1, &report)).unwrap();
		let tag = ("OpenledgerAttribution", (job, W1, Phase::Reveal)).encode();
		assert_eq!(validity.provides, vec![tag]);
	});
}

#[test]
fn a_report_before_commitments_close_comes_too_early() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let report = report(job, 3, &[]);
		commit(W1, &report);
		refused(W1, report, Rejection::TooEarly);
	});
}

#[test]
fn a_report_without_commitment_is_refused() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let report = report(job, 3, &[]);
		commit(W1, &report);
		go_to(13);
		refused(W2, report, Rejection::NotCommitted);
	});
}

#[test]
fn a_stranger_cannot_reveal() {
	new_test_ext().execute_with(|| {
		let (_, report) = committed(|job| report(job, 3, &[]));
		refused(W3, report, Rejection::NotAssigned);
	});
}

#[test]
fn a_report_for_no_job_is_refused() {
	new_test_ext().execute_with(|| refused(W1, report(JobId(7), 3, &[]), Rejection::UnknownJob));
}

#[test]
fn nobody_reveals_twice() {
	new_test_ext().execute_with(|| {
		let (_, report) = committed(|job| report(job, 3, &[]));
		reveal(W1, &report);
		refused(W1, report, Rejection::AlreadyDone);
	});
}

#[test]
fn a_late_report_is_refused() {
	new_test_ext().execute_with(|| {
		let (job, report) = committed(|job| report(job, 3, &[]));
		let deadline = round(job).deadline;
		System::set_block_number(deadline);
		assert_ok!(validate(reveal_call(W1, &report)));
		System::set_block_number(deadline + 1);
		refused(W1, report.clone(), Rejection::TooLate);
		// settled meanwhile
		next_block();
		refused(W1, report, Rejection::TooLate);
	});
}

#[test]
fn a_report_about_another_job_is_refused() {
	new_test_ext().execute_with(|| {
		let job = committed_to_another_job();
		let report = report(JobId(2), 3, &[]);
		let content = (&report, salt(W1)).encode();
		let call = Call::<Test>::reveal {
			job,
			worker: W1,
			report,
			salt: salt(W1),
			signature: sign(W1, Phase::Reveal, job, &round(job).request_hash, &content),
		};
		let error = TransactionValidityError::from(Rejection::WrongJob);
		assert_eq!(validate(call.clone()).unwrap_err(), error);
		assert_eq!(apply(call).unwrap_err(), error);
	});
}

// `commit_call` signs over the round of the report's job: here that is another
fn committed_to_another_job() -> JobId {
	let job = assigned(1, &[W1, W2]);
	let commitment = report(JobId(2), 3, &[]).commitment(&salt(W1), &W1);
	for worker in [W1, W2] {
		let signature =
			sign(worker, Phase::Commit, job, &round(job).request_hash, &commitment.encode());
		apply(Call::<Test>::commit { job, worker, commitment, signature }).unwrap().unwrap();
	}
	end_block();
	job
}

#[test]
fn a_report_of_another_engine_version_is_refused() {
	new_test_ext().execute_with(|| {
		let (_, report) =
			committed(|job| Report { engine_version: ENGINE_VERSION + 1, ..report(job, 3, &[]) });
		refused(W1, report, Rejection::WrongEngineVersion);
	});
}

#[test]
fn influence_that_is_unsorted_or_above_one_is_refused() {
	new_test_ext().execute_with(|| {
		let (_, report) = committed(|job| report(job, 3, &[(2, 1), (1, 1)]));
		refused(W1, report, Rejection::InvalidInfluence);
	});
	new_test_ext().execute_with(|| {
		let (_, report) = committed(|job| report(job, 3, &[(1, 1_000_000), (2, 1)]));
		refused(W1, report, Rejection::InvalidInfluence);
	});
}

#[test]
fn a_verdict_without_input_has_neither_output_nor_influence() {
	new_test_ext().execute_with(|| {
		let (_, report) =
			committed(|job| Report { output: Some(BlobId([1; 32])), ..unavailable(job) });
		refused(W1, report, Rejection::NotEmpty);
	});
	new_test_ext().execute_with(|| {
		let (_, report) =
			committed(|job| Report { answer: Default::default(), ..report(job, 0, &[(1, 1)]) });
		refused(W1, report, Rejection::NotEmpty);
	});
}

#[test]
fn an_output_beside_an_answer_within_the_report_is_refused() {
	new_test_ext().execute_with(|| {
		let (_, report) =
			committed(|job| Report { output: Some(BlobId([1; 32])), ..report(job, 3, &[]) });
		refused(W1, report, Rejection::UnexpectedOutput);
	});
}

#[test]
fn the_output_of_a_text_is_voted_on_and_in_the_receipt() {
	new_test_ext().execute_with(|| {
		State::with(|state| state.models.get_mut(&MODEL).unwrap().task = Task::Generate);
		let output = Some(BlobId([1; 32]));
		let (job, report) = committed(|job| Report { output, ..report(job, 3, &[]) });
		reveal(W1, &report);
		reveal(W2, &report);
		assert_eq!(receipt(job).output, output);
	});
}

#[test]
fn another_report_or_salt_than_committed_to_is_refused() {
	new_test_ext().execute_with(|| {
		let (job, honest) = committed(|job| report(job, 3, &[]));
		refused(W1, report(job, 4, &[]), Rejection::CommitmentMismatch);
		let content = (&honest, [0; 32]).encode();
		let call = Call::<Test>::reveal {
			job,
			worker: W1,
			report: honest,
			salt: [0; 32],
			signature: sign(W1, Phase::Reveal, job, &round(job).request_hash, &content),
		};
		let error = TransactionValidityError::from(Rejection::CommitmentMismatch);
		assert_eq!(apply(call).unwrap_err(), error);
	});
}

#[test]
fn a_copied_commitment_cannot_be_revealed() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let honest = report(job, 3, &[]);
		commit(W1, &honest);
		// W2 copies what it sees, then reveals what W1 revealed
		let commitment = honest.commitment(&salt(W1), &W1);
		let request = round(job).request_hash;
		let signature = sign(W2, Phase::Commit, job, &request, &commitment.encode());
		assert_ok!(apply(Call::<Test>::commit { job, worker: W2, commitment, signature }).unwrap());
		end_block();
		reveal(W1, &honest);
		let content = (&honest, salt(W1)).encode();
		let call = Call::<Test>::reveal {
			job,
			worker: W2,
			report: honest,
			salt: salt(W1),
			signature: sign(W2, Phase::Reveal, job, &request, &content),
		};
		let error = TransactionValidityError::from(Rejection::CommitmentMismatch);
		assert_eq!(apply(call).unwrap_err(), error);
	});
}

#[test]
fn a_report_signed_by_another_key_is_refused() {
	new_test_ext().execute_with(|| {
		let (job, report) = committed(|job| report(job, 3, &[]));
		let content = (&report, salt(W1)).encode();
		let call = |signature| Call::<Test>::reveal {
			job,
			worker: W1,
			report: report.clone(),
			salt: salt(W1),
			signature,
		};
		let request = round(job).request_hash;
		let others = call(sign(W2, Phase::Reveal, job, &request, &content));
		assert_eq!(apply(others).unwrap_err(), InvalidTransaction::BadProof.into());
		let of_commit = call(sign(W1, Phase::Commit, job, &request, &content));
		assert_eq!(apply(of_commit).unwrap_err(), InvalidTransaction::BadProof.into());
	});
}

#[test]
fn a_signed_origin_cannot_reveal() {
	new_test_ext().execute_with(|| {
		let (job, report) = committed(|job| report(job, 3, &[]));
		let signature = sign(W1, Phase::Reveal, job, &[0; 32], &[]);
		let origin = RuntimeOrigin::signed(W1);
		assert_noop!(
			Attribution::reveal(origin, job, W1, report, salt(W1), signature),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_report_pays_no_fee_and_weighs_a_settlement_only_when_it_settles() {
	new_test_ext().execute_with(|| {
		let (_, report) = committed(|job| report(job, 3, &[(1, 500_000)]));
		let weigh = |worker| {
			let Call::reveal { job, worker, report, salt, signature } =
				reveal_call(worker, &report)
			else {
				unreachable!()
			};
			let origin = frame_system::RawOrigin::Authorized.into();
			Attribution::reveal(origin, job, worker, report, salt, signature)
				.unwrap()
				.actual_weight
				.unwrap()
		};
		let first = weigh(W1);
		let last = weigh(W2);
		assert!(last.ref_time() > 2 * first.ref_time());
	});
}
