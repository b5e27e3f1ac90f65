//! `assign` and `commit`.

use crate::{mock::*, Assignments, Error, Event, Rejection, Rounds};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
	pallet_prelude::{InvalidTransaction, TransactionValidityError},
};
use openledger_primitives::{
	mocks::State,
	traits::{Committees, RefundReason},
	worker::Phase,
	JobId,
};
use polkadot_sdk::{frame_support, frame_system, sp_runtime};
use sp_runtime::DispatchError;

fn refused(call: crate::Call<Test>, by: InvalidTransaction) {
	let error = TransactionValidityError::Invalid(by);
	assert_eq!(validate(call.clone()).unwrap_err(), error);
	assert_eq!(apply(call).unwrap_err(), error);
	check();
}

#[test]
fn a_committee_opens_a_round() {
	new_test_ext().execute_with(|| {
		let job = assigned(5, &[W1, W2, W3]);
		let round = round(job);
		assert_eq!(round.phase, Phase::Commit);
		assert_eq!((round.assigned_at, round.deadline), (1, 11));
		assert_eq!(round.engine_version, ENGINE_VERSION);
		assert!([W1, W2, W3].iter().all(|w| Assignments::<Test>::contains_key(w, job)));
		assert_eq!(
			last_event(),
			Event::RoundOpened { job, committee: vec![W1, W2, W3], deadline: 11 }
		);
		check();
	});
}

#[test]
fn a_committee_must_fit_its_job() {
	new_test_ext().execute_with(|| {
		let job = JobId(1);
		assert_noop!(Attribution::assign(job, vec![W1]), Error::<Test>::UnknownJob);
		request(job, 3);
		for wrong in [vec![], vec![W1], vec![W1, W1, W2], vec![W1, W2, W3, STRANGER]] {
			assert_noop!(Attribution::assign(job, wrong), Error::<Test>::InvalidCommittee);
		}
		assert_ok!(Attribution::assign(job, vec![W1, W2, W3]));
		assert_noop!(Attribution::assign(job, vec![W1, W2, W3]), Error::<Test>::AlreadyAssigned);
		request(JobId(2), 6);
		assert_noop!(
			Attribution::assign(JobId(2), vec![1, 2, 3, 4, 5, 6]),
			Error::<Test>::InvalidCommittee
		);
	});
}

#[test]
fn a_committee_for_a_model_that_is_gone_is_a_refund() {
	new_test_ext().execute_with(|| {
		request(JobId(1), 1);
		State::with(|state| state.models.clear());
		assert_ok!(Attribution::assign(JobId(1), vec![W1]));
		assert!(!Rounds::<Test>::contains_key(JobId(1)));
		assert_eq!(
			receipt(JobId(1)).outcome,
			crate::types::Outcome::Refunded(RefundReason::ModelGone)
		);
		check();
	});
}

#[test]
fn a_commitment_is_stored_without_fee_or_nonce() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2, W3]);
		let report = report(job, 3, &[]);
		let call = commit_call(W1, &report);
		let info = RuntimeCall::from(call.clone()).get_dispatch_info();
		assert_eq!(info.class, DispatchClass::Operational);
		// there is no signer to charge; a signed call, which fails, pays
		assert_eq!(info.pays_fee, Pays::Yes);
		assert!(info.extension_weight.ref_time() == 0 && info.call_weight.ref_time() > 0);
		let commitment = report.commitment(&salt(W1), &W1);
		assert_ok!(apply(call).unwrap());
		assert_eq!(round(job).seat(&W1).unwrap().commitment, Some(commitment));
		assert_eq!(last_event(), Event::Committed { job, worker: W1, commitment });
		assert_eq!(System::account_nonce(W1), 0);
		check();
	});
}

#[test]
fn the_pool_knows_a_commitment_by_job_worker_and_phase() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let validity = validate(commit_call(W1, &report(job, 3, &[]))).unwrap();
		let tag = ("OpenledgerAttribution", (job, W1, Phase::Commit)).encode();
		assert_eq!(validity.provides, vec![tag]);
		assert_eq!(validity.longevity, 16);
		assert!(validity.propagate && validity.requires.is_empty() && validity.priority > 0);
		// two signatures of the same are two hashes, yet the same to the pool
		let again = validate(commit_call(W1, &report(job, 3, &[]))).unwrap();
		assert_eq!(again.provides, validity.provides);
		let other = validate(commit_call(W2, &report(job, 3, &[]))).unwrap();
		assert_ne!(other.provides, validity.provides);
	});
}

#[test]
fn when_all_committed_reports_are_accepted_from_the_next_block_on() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		go_to(3);
		commit(W1, &report(job, 3, &[]));
		assert_eq!(round(job).phase, Phase::Commit);
		commit(W2, &report(job, 3, &[]));
		// whether there is an audit is known when the block ends
		let early = reveal_call(W1, &report(job, 3, &[]));
		assert_eq!(validate(early).unwrap_err(), InvalidTransaction::Future.into());
		end_block();
		assert_eq!(round(job).phase, Phase::Reveal);
		assert_eq!(round(job).deadline, 8);
		assert_eq!(last_event(), Event::RevealsOpened { job, committed: 2, deadline: 8 });
		check();
	});
}

#[test]
fn a_commitment_for_no_job_is_refused() {
	new_test_ext().execute_with(|| {
		refused(
			commit_call(W1, &report(JobId(9), 3, &[])),
			InvalidTransaction::Custom(Rejection::UnknownJob as u8),
		);
		assert_noop!(
			Attribution::commit(
				frame_system::RawOrigin::Authorized.into(),
				JobId(9),
				W1,
				[0; 32],
				sign(W1, Phase::Commit, JobId(9), &[0; 32], &[])
			),
			Error::<Test>::UnknownJob
		);
	});
}

#[test]
fn a_commitment_before_the_draw_comes_too_early() {
	new_test_ext().execute_with(|| {
		request(JobId(1), 3);
		refused(commit_call(W1, &report(JobId(1), 3, &[])), InvalidTransaction::Future);
	});
}

#[test]
fn a_stranger_cannot_commit() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		refused(
			commit_call(W3, &report(job, 3, &[])),
			InvalidTransaction::Custom(Rejection::NotAssigned as u8),
		);
	});
}

#[test]
fn nobody_commits_twice() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		commit(W1, &report(job, 3, &[]));
		refused(commit_call(W1, &report(job, 4, &[])), InvalidTransaction::Stale);
		let kept = report(job, 3, &[]).commitment(&salt(W1), &W1);
		assert_eq!(round(job).seat(&W1).unwrap().commitment, Some(kept));
	});
}

#[test]
fn a_late_commitment_is_refused() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		commit(W1, &report(job, 3, &[]));
		System::set_block_number(11);
		assert_ok!(validate(commit_call(W2, &report(job, 3, &[]))));
		// past the deadline, before the queue was worked off
		System::set_block_number(12);
		refused(commit_call(W2, &report(job, 3, &[])), InvalidTransaction::Stale);
		// and after
		next_block();
		assert!(round(job).awaits_audit());
		refused(commit_call(W2, &report(job, 3, &[])), InvalidTransaction::Stale);
		next_block();
		assert_eq!(round(job).phase, Phase::Reveal);
		refused(commit_call(W2, &report(job, 3, &[])), InvalidTransaction::Stale);
	});
}

#[test]
fn a_commitment_to_a_settled_job_is_stale() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		let call = commit_call(W1, &report(job, 3, &[]));
		answer(&[(W1, report(job, 3, &[]))]);
		refused(call, InvalidTransaction::Stale);
	});
}

#[test]
fn only_the_workers_key_signs_and_only_this_chain_job_phase_and_content() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let other = assigned(2, &[W1, W2]);
		let request = round(job).request_hash;
		let commitment = [5; 32];
		let content = commitment.encode();
		let by = |signature| crate::Call::<Test>::commit { job, worker: W1, commitment, signature };
		let wrong = [
			sign(W2, Phase::Commit, job, &request, &content),
			sign(W1, Phase::Reveal, job, &request, &content),
			sign(W1, Phase::Commit, other, &request, &content),
			sign(W1, Phase::Commit, job, &round(other).request_hash, &content),
			sign(W1, Phase::Commit, job, &request, &[6; 32].encode()),
			{
				use polkadot_sdk::sp_core::Pair;
				let payload = openledger_primitives::worker::report_payload(
					&[1; 32],
					Phase::Commit,
					job,
					&request,
					&content,
				);
				pair(W1).sign(&payload)
			},
		];
		for signature in wrong {
			refused(by(signature), InvalidTransaction::BadProof);
		}
		assert_ok!(validate(by(sign(W1, Phase::Commit, job, &request, &content))));
	});
}

#[test]
fn a_worker_without_a_key_is_refused() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		State::with(|state| state.keys.remove(&W1));
		refused(
			commit_call(W1, &report(job, 3, &[])),
			InvalidTransaction::Custom(Rejection::NoWorkerKey as u8),
		);
	});
}

#[test]
fn a_signed_or_root_origin_cannot_commit() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1, W2]);
		let signature = sign(W1, Phase::Commit, job, &round(job).request_hash, &[0; 32].encode());
		for origin in [RuntimeOrigin::signed(W1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(
				Attribution::commit(origin, job, W1, [0; 32], signature.clone()),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn every_rejection_is_an_error_and_a_validity() {
	use Rejection::*;
	let all: [(Rejection, Error<Test>, InvalidTransaction); 14] = [
		(UnknownJob, Error::UnknownJob, InvalidTransaction::Custom(1)),
		(NotAssigned, Error::NotAssigned, InvalidTransaction::Custom(2)),
		(NotCommitted, Error::NotCommitted, InvalidTransaction::Custom(3)),
		(WrongJob, Error::WrongJob, InvalidTransaction::Custom(4)),
		(WrongEngineVersion, Error::WrongEngineVersion, InvalidTransaction::Custom(5)),
		(InvalidInfluence, Error::InvalidInfluence, InvalidTransaction::Custom(6)),
		(NotEmpty, Error::NotEmpty, InvalidTransaction::Custom(7)),
		(CommitmentMismatch, Error::CommitmentMismatch, InvalidTransaction::Custom(8)),
		(NoWorkerKey, Error::NoWorkerKey, InvalidTransaction::Custom(9)),
		(TooEarly, Error::TooEarly, InvalidTransaction::Future),
		(TooLate, Error::TooLate, InvalidTransaction::Stale),
		(AlreadyDone, Error::AlreadyDone, InvalidTransaction::Stale),
		(BadSignature, Error::BadSignature, InvalidTransaction::BadProof),
		(UnexpectedOutput, Error::UnexpectedOutput, InvalidTransaction::Custom(14)),
	];
	for (rejection, error, validity) in all {
		assert_eq!(Error::<Test>::from(rejection).encode(), error.encode());
		assert_eq!(
			TransactionValidityError::from(rejection),
			TransactionValidityError::Invalid(validity)
		);
	}
}
