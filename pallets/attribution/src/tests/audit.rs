//! Chance looks over committees' shoulders.

use crate::{
	audit::is_chosen,
	mock::*,
	types::{Outcome, Part, SeatKind},
	Assignments, AuditQueue, Closing, Error, Event, MAX_CLOSING,
};
use frame_support::{assert_noop, assert_ok, pallet_prelude::InvalidTransaction, traits::Hooks};
use openledger_primitives::{mocks::State, traits::Misconduct, worker::Phase, JobId, Ppm, Report};
use polkadot_sdk::{frame_support, frame_system};

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];

const JOB: JobId = JobId(1);

fn honest() -> Report {
	report(JOB, 3, HONEST)
}

#[test]
fn chance_chooses_at_its_rate() {
	let chosen = |rate| (0..10_000).filter(|job| is_chosen(&[7; 32], JobId(*job), rate)).count();
	assert_eq!((chosen(Ppm(0)), chosen(Ppm::ONE)), (0, 10_000));
	let some = chosen(Ppm(20_000));
	assert!((150..250).contains(&some), "{some}");
	let half = chosen(Ppm(500_000));
	assert!((4_800..5_200).contains(&half), "{half}");
}

#[test]
fn a_job_that_chance_leaves_alone_is_revealed_in_the_next_block() {
	new_test_ext().execute_with(|| {
		audit_half();
		go_to_chance(JOB, false);
		let job = assigned(1, &[W1]);
		commit(W1, &report(job, 3, HONEST));
		assert!(Closing::<Test>::get().contains(&job));
		check();
		let height = System::block_number();
		end_block();
		assert_eq!((round(job).phase, round(job).deadline), (Phase::Reveal, height + 5));
		next_block();
		reveal(W1, &report(job, 3, HONEST));
		assert_eq!(receipt(job).settled_at, height + 1);
	});
}

#[test]
fn an_audit_is_drawn_of_others_after_the_committee_committed() {
	new_test_ext().execute_with(|| {
		State::with(|state| state.reserve.insert(0, W1));
		let auditors = audited(&honest());
		assert_eq!(auditors, RESERVE[..3]);
		let now = System::block_number();
		assert_eq!((round(JOB).phase, round(JOB).assigned_at), (Phase::Commit, now));
		let deadline = now + 10;
		assert_eq!(round(JOB).deadline, deadline);
		let drawn = Event::AuditDrawn { job: JOB, auditors: auditors.clone(), deadline };
		assert_eq!(last_event(), drawn);
		assert!(auditors.iter().all(|worker| Assignments::<Test>::contains_key(worker, JOB)));
		// nobody reveals before the auditors committed
		let early = reveal_call(W1, &honest());
		assert_eq!(validate(early).unwrap_err(), InvalidTransaction::Future.into());
		auditors.iter().for_each(|worker| commit(*worker, &honest()));
		assert_eq!(round(JOB).phase, Phase::Reveal);
		check();
	});
}

#[test]
fn auditors_vote_and_are_paid_by_the_treasury() {
	new_test_ext().execute_with(|| {
		let auditors = audited(&honest());
		auditors.iter().for_each(|worker| commit(*worker, &honest()));
		reveal(W1, &honest());
		auditors.iter().for_each(|worker| reveal(*worker, &honest()));
		Periods::set(USUAL);
		let unaudited = assigned(2, &[W2]);
		answer(&[(W2, report(unaudited, 3, HONEST))]);
		let receipt = receipt(JOB);
		assert_eq!(receipt.outcome, Outcome::Answered);
		assert!(receipt.is_proven() && receipt.seats.len() == 4);
		assert!(receipt.seats[1..].iter().all(|seat| seat.kind == SeatKind::Audit));
		for worker in auditors {
			assert_eq!(paid(JOB, worker, Part::Audit), FLOOR_PER_SEAT);
		}
		assert_eq!(paid(JOB, W1, Part::Worker), paid(unaudited, W2, Part::Worker));
		let treasury = |job| paid(job, TREASURY, Part::Treasury);
		assert_eq!(treasury(JOB), treasury(unaudited) - 3 * FLOOR_PER_SEAT);
		check();
	});
}

#[test]
fn a_thief_alone_in_its_committee_is_outvoted_by_its_audit() {
	new_test_ext().execute_with(|| {
		let stolen = report(JOB, 4, HONEST);
		let auditors = audited(&stolen);
		auditors.iter().for_each(|worker| commit(*worker, &honest()));
		reveal(W1, &stolen);
		auditors.iter().for_each(|worker| reveal(*worker, &honest()));
		let receipt = receipt(JOB);
		assert_eq!(receipt.answer, honest().answer);
		assert_eq!(receipt.seats[0].fault, Some(Misconduct::WrongAnswer));
		assert_eq!(paid(JOB, W1, Part::Worker), 0);
		go_to(receipt.matures_at);
		let slashed = State::with(|state| state.slashed.clone());
		assert_eq!(slashed.len(), 1);
		assert_eq!((slashed[0].1, slashed[0].3), (W1, Misconduct::WrongAnswer));
	});
}

#[test]
fn auditors_have_a_deadline_of_their_own() {
	new_test_ext().execute_with(|| {
		let auditors = audited(&honest());
		let deadline = System::block_number() + 10;
		commit(auditors[0], &honest());
		// the committee's deadline passes meanwhile
		go_to(deadline);
		assert_eq!(round(JOB).phase, Phase::Commit);
		assert_ok!(validate(commit_call(auditors[1], &honest())));
		next_block();
		assert_eq!(round(JOB).phase, Phase::Reveal);
		assert!(validate(commit_call(auditors[1], &honest())).is_err());
		reveal(auditors[0], &honest());
		reveal(W1, &honest());
		// who is absent has no vote
		let receipt = receipt(JOB);
		assert_eq!(receipt.outcome, Outcome::Answered);
		assert!(receipt.is_proven());
		assert_eq!(paid(JOB, auditors[0], Part::Audit), FLOOR_PER_SEAT);
		let faults: Vec<_> = receipt.seats.iter().map(|seat| seat.fault).collect();
		let absent = Some(Misconduct::NotCommitted);
		assert_eq!(faults, [None, None, absent, absent]);
		check();
	});
}

#[test]
fn sleeping_auditors_undo_nothing_and_prove_nothing() {
	new_test_ext().execute_with(|| {
		let auditors = audited(&honest());
		go_to(System::block_number() + 11);
		assert_eq!(round(JOB).phase, Phase::Reveal);
		reveal(W1, &honest());
		let receipt = receipt(JOB);
		assert_eq!(receipt.outcome, Outcome::Answered);
		assert!(receipt.is_audited() && !receipt.is_proven());
		assert!(paid(JOB, W1, Part::Worker) > 0);
		assert!(auditors.iter().all(|worker| paid(JOB, *worker, Part::Audit) == 0));
		check();
	});
}

#[test]
fn false_influence_is_slashed_once_auditors_prove_it() {
	new_test_ext().execute_with(|| {
		let stolen = report(JOB, 3, &[(2, 900_000)]);
		let auditors = audited(&stolen);
		auditors.iter().for_each(|worker| commit(*worker, &honest()));
		reveal(W1, &stolen);
		auditors.iter().for_each(|worker| reveal(*worker, &honest()));
		let receipt = receipt(JOB);
		assert_eq!(receipt.seats[0].fault, Some(Misconduct::Outlier));
		assert_eq!(receipt.influence, honest().influence);
		go_to(receipt.matures_at);
		let slashed = State::with(|state| state.slashed.clone());
		assert_eq!(slashed.len(), 1);
		assert_eq!((slashed[0].1, slashed[0].2), (W1, USUAL.outlier_slash));
	});
}

#[test]
fn who_lied_gains_nothing_by_withholding_once_it_is_audited() {
	new_test_ext().execute_with(|| {
		let stolen = report(JOB, 4, HONEST);
		let auditors = audited(&stolen);
		auditors.iter().for_each(|worker| commit(*worker, &honest()));
		auditors.iter().for_each(|worker| reveal(*worker, &honest()));
		let deadline = round(JOB).deadline;
		go_to(deadline + 1);
		let receipt = receipt(JOB);
		assert_eq!(receipt.seats[0].fault, Some(Misconduct::Withheld));
		go_to(receipt.matures_at);
		let slashed = State::with(|state| state.slashed.clone());
		assert_eq!((slashed[0].1, slashed[0].2), (W1, USUAL.wrong_answer_slash));
	});
}

#[test]
fn a_committee_cannot_commit_late_because_its_audit_may() {
	new_test_ext().execute_with(|| {
		audit_half();
		let job = JobId((1..).find(|job| is_chosen(&[12; 32], JobId(*job), Ppm(500_000))).unwrap());
		assigned(job.0, &[W1, W2]);
		let honest = report(job, 3, HONEST);
		commit(W1, &honest);
		// commitments close at block 12, and chance is asked at its end
		go_to(12);
		assert!(round(job).awaits_audit());
		let late = || validate(commit_call(W2, &honest)).unwrap_err();
		assert_eq!(late(), InvalidTransaction::Stale.into());
		next_block();
		assert!(round(job).is_audited());
		assert_eq!(late(), InvalidTransaction::Stale.into());
		RESERVE[..3].iter().for_each(|worker| commit(*worker, &honest));
		assert_eq!(round(job).phase, Phase::Reveal);
		check();
	});
}

#[test]
fn an_audit_takes_fewer_or_none_where_there_are_no_more() {
	new_test_ext().execute_with(|| {
		State::with(|state| state.reserve = vec![W1, 31]);
		assert_eq!(audited(&honest()), [31]);
	});
	new_test_ext().execute_with(|| {
		State::with(|state| state.reserve = vec![W1]);
		assert!(audited(&honest()).is_empty());
		let deadline = System::block_number() + 5;
		assert_eq!((round(JOB).phase, round(JOB).deadline), (Phase::Reveal, deadline));
		reveal(W1, &honest());
		assert_eq!(receipt(JOB).outcome, Outcome::Answered);
	});
}

#[test]
fn audits_wait_for_their_turn() {
	new_test_ext().execute_with(|| {
		audit_half();
		let mut jobs = Vec::new();
		let height = System::block_number();
		for id in 1..40 {
			if is_chosen(&[height as u8; 32], JobId(id), Ppm(500_000)) && jobs.len() < 5 {
				jobs.push(assigned(id, &[W1]));
			}
		}
		jobs.iter().for_each(|job| commit(W1, &report(*job, 3, HONEST)));
		// two a block
		next_block();
		let drawn = || jobs.iter().filter(|job| round(**job).is_audited()).count();
		assert_eq!((drawn(), AuditQueue::<Test>::len()), (2, 3));
		next_block();
		assert_eq!(drawn(), 4);
		next_block();
		assert_eq!((drawn(), AuditQueue::<Test>::len()), (5, 0));
	});
}

#[test]
fn without_chance_nothing_is_audited() {
	new_test_ext().execute_with(|| {
		audit_half();
		let job = assigned(1, &[W1]);
		commit(W1, &report(job, 3, HONEST));
		Attribution::on_finalize(1);
		assert_eq!(round(job).phase, Phase::Reveal);
	});
}

#[test]
fn more_rounds_than_a_block_can_close_wait_for_the_next() {
	new_test_ext().execute_with(|| {
		let job = assigned(1, &[W1]);
		let full: Vec<_> = (0..MAX_CLOSING).map(|id| JobId(1_000 + u64::from(id))).collect();
		Closing::<Test>::put(frame_support::BoundedVec::try_from(full).unwrap());
		let commitment = report(job, 3, HONEST).commitment(&salt(W1), &W1);
		let crate::Call::commit { signature, .. } = commit_call(W1, &report(job, 3, HONEST)) else {
			unreachable!()
		};
		assert_noop!(
			Attribution::commit(
				frame_system::RawOrigin::Authorized.into(),
				job,
				W1,
				commitment,
				signature
			),
			Error::<Test>::TooBusy
		);
		next_block();
		commit(W1, &report(job, 3, HONEST));
		check();
	});
}
