//! Chance looks over committees' shoulders.

use crate::{
	audit::is_chosen,
	mock::*,
	types::{Outcome, Part, SeatKind},
	Assignments, AuditQueue, Closing, Error, Event, MAX_CLOSING,
};
use frame_support::{assert_noop, assert_ok, pallet_prelude::InvalidTransaction};
use openledger_primitives::{
	mocks::State,
	traits::{Misconduct, RefundReason},
	worker::Phase,
	JobId, Ppm,
};
use polkadot_sdk::{frame_support, frame_system};

const HONEST: &[(u64, u32)] = &[(1, 600_000), (2, 300_000)];

/// Every job is audited: the seeds of these blocks are chosen so.
fn audit_all() {
	Periods::mutate(|periods| periods.audit_rate = Ppm(500_000));
}

/// Goes on to the first block at whose end chance chooses `job`, or leaves it alone.
fn go_to_chance(job: JobId, chosen: bool) {
	let is_so = |height: u32| is_chosen(&[height as u8; 32], job, Ppm(500_000)) == chosen;
	while !is_so(System::block_number()) {
		next_block();
	}
}

/// An audited job of W1 alone, whose auditors are in their first block.
fn audited() -> (JobId, u32) {
	audit_all();
	let job = JobId(1);
	go_to_chance(job, true);
	let job = assigned(job.0, &[W1]);
	commit(W1, &report(job, 3, HONEST));
	let closed_at = System::block_number();
	next_block();
	(job, closed_at)
}

fn auditors(job: JobId) -> Vec<u64> {
	let seats = round(job).seats.into_iter().filter(|seat| seat.kind == SeatKind::Audit);
	seats.map(|seat| seat.worker).collect()
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
		audit_all();
		go_to_chance(JobId(1), false);
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
		let (job, closed_at) = audited();
		let of_audit = auditors(job);
		assert_eq!(of_audit, RESERVE[..3]);
		let deadline = closed_at + 1 + 10;
		let round = round(job);
		assert_eq!((round.phase, round.deadline), (Phase::Commit, deadline));
		assert_eq!(round.assigned_at, closed_at + 1);
		assert_eq!(last_event(), Event::AuditDrawn { job, auditors: of_audit.clone(), deadline });
		assert!(of_audit.iter().all(|worker| Assignments::<Test>::contains_key(worker, job)));
		// nobody reveals before the auditors committed
		let early = reveal_call(W1, &report(job, 3, HONEST));
		assert_eq!(validate(early).unwrap_err(), InvalidTransaction::Future.into());
		for worker in &of_audit {
			commit(*worker, &report(job, 3, HONEST));
		}
		assert_eq!(crate::mock::round(job).phase, Phase::Reveal);
		check();
	});
}

#[test]
fn auditors_vote_and_are_paid_by_the_treasury() {
	new_test_ext().execute_with(|| {
		let (job, _) = audited();
		let unaudited = assigned(2, &[W2]);
		State::with(|state| state.seeds.clear());
		let honest = report(job, 3, HONEST);
		auditors(job).iter().for_each(|worker| commit(*worker, &honest));
		reveal(W1, &honest);
		auditors(job).iter().for_each(|worker| reveal(*worker, &honest));
		Periods::mutate(|periods| periods.audit_rate = Ppm(0));
		answer(&[(W2, report(unaudited, 3, HONEST))]);
		let receipt = receipt(job);
		assert_eq!(receipt.outcome, Outcome::Answered);
		assert!(receipt.is_proven() && receipt.seats.len() == 4);
		for worker in &RESERVE[..3] {
			assert_eq!(paid(job, *worker, Part::Audit), FLOOR_PER_SEAT);
		}
		assert_eq!(paid(job, W1, Part::Worker), paid(unaudited, W2, Part::Worker));
		let treasury = |job| paid(job, TREASURY, Part::Treasury);
		assert_eq!(treasury(job), treasury(unaudited) - 3 * FLOOR_PER_SEAT);
		check();
	});
}

#[test]
fn a_thief_alone_in_its_committee_is_outvoted_by_its_audit() {
	new_test_ext().execute_with(|| {
		let (job, _) = audited();
		let honest = report(job, 4, HONEST);
		auditors(job).iter().for_each(|worker| commit(*worker, &honest));
		reveal(W1, &report(job, 3, HONEST));
		auditors(job).iter().for_each(|worker| reveal(*worker, &honest));
		let receipt = receipt(job);
		assert_eq!(receipt.answer, honest.answer);
		assert_eq!(receipt.seats[0].fault, Some(Misconduct::WrongAnswer));
		assert_eq!(paid(job, W1, Part::Worker), 0);
		next_block();
		go_to(receipt.matures_at);
		let slashed = State::with(|state| state.slashed.clone());
		assert_eq!(slashed.len(), 1);
		assert_eq!((slashed[0].1, slashed[0].3), (W1, Misconduct::WrongAnswer));
	});
}

#[test]
fn auditors_have_a_deadline_of_their_own() {
	new_test_ext().execute_with(|| {
		let (job, closed_at) = audited();
		let [first, second, ..] = auditors(job)[..] else { unreachable!() };
		let honest = report(job, 3, HONEST);
		commit(first, &honest);
		// the committee's deadline passes meanwhile
		let deadline = closed_at + 11;
		go_to(deadline);
		assert_eq!(round(job).phase, Phase::Commit);
		assert_ok!(validate(commit_call(second, &honest)));
		next_block();
		assert_eq!(round(job).phase, Phase::Reveal);
		assert!(validate(commit_call(second, &honest)).is_err());
		reveal(first, &honest);
		reveal(W1, &honest);
		// two of four are no majority
		let receipt = receipt(job);
		assert_eq!(receipt.outcome, Outcome::Refunded(RefundReason::NoMajority));
		assert_eq!(paid(job, first, Part::Audit), FLOOR_BASE);
		let faults: Vec<_> = receipt.seats.iter().map(|seat| seat.fault).collect();
		let absent = Some(Misconduct::NotCommitted);
		assert_eq!(faults, [None, None, absent, absent]);
		check();
	});
}

#[test]
fn a_committee_cannot_commit_late_because_its_audit_may() {
	new_test_ext().execute_with(|| {
		audit_all();
		let job = assigned(1, &[W1, W2]);
		commit(W1, &report(job, 3, HONEST));
		// at block 12 commitments close: chance is asked at its end
		State::with(|state| state.seeds.clear());
		System::set_block_number(11);
		let seed = (0..=255).find(|byte| is_chosen(&[*byte; 32], job, Ppm(500_000))).unwrap();
		let _ = {
			use frame_support::traits::Hooks;
			System::set_block_number(12);
			let _ = Attribution::on_initialize(12);
			assert!(round(job).awaits_audit());
			State::with(|state| state.seeds.insert(12, [seed; 32]));
			Attribution::on_finalize(12);
			System::set_block_number(13);
			Attribution::on_initialize(13)
		};
		assert!(round(job).is_audited());
		let late = commit_call(W2, &report(job, 3, HONEST));
		assert_eq!(validate(late).unwrap_err(), InvalidTransaction::Stale.into());
		let honest = report(job, 3, HONEST);
		auditors(job).iter().for_each(|worker| commit(*worker, &honest));
		assert_eq!(round(job).phase, Phase::Reveal);
		check();
	});
}

#[test]
fn an_audit_takes_fewer_or_none_where_there_are_no_more() {
	new_test_ext().execute_with(|| {
		State::with(|state| state.reserve = vec![W1, 31]);
		let (job, _) = audited();
		assert_eq!(auditors(job), [31]);
	});
	new_test_ext().execute_with(|| {
		State::with(|state| state.reserve = vec![W1]);
		let (job, closed_at) = audited();
		assert_eq!((round(job).phase, round(job).deadline), (Phase::Reveal, closed_at + 1 + 5));
		assert!(!round(job).is_audited());
		reveal(W1, &report(job, 3, HONEST));
		assert_eq!(receipt(job).outcome, Outcome::Answered);
	});
}

#[test]
fn an_audit_waits_for_its_turn_and_no_deadline_takes_it_over() {
	new_test_ext().execute_with(|| {
		audit_all();
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
		audit_all();
		let job = assigned(1, &[W1]);
		commit(W1, &report(job, 3, HONEST));
		use frame_support::traits::Hooks;
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
