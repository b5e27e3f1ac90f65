//! From assignment to settlement.

use super::{engine::*, *};
use crate::types::Outcome;
use openledger_primitives::{
	api::{JobErrorCode, JobInput, JobRequest, JobResult},
	mocks::State,
	traits::{Committees, RefundReason},
	worker::Phase,
	BlobId, Ppm, Task,
};

/// A job that was drawn in the present block.
fn drawn(node: &mut Node, job: u64, workers: &[u64]) -> JobId {
	let job = node.run(|| assigned(job, workers));
	node.engine.is_done(good());
	job
}

#[test]
fn the_engine_is_told_all_it_needs() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1, W2, W3]);
	node.work();
	let seen = node.engine.seen();
	assert_eq!(seen.len(), 1);
	assert_eq!(seen[0].method, "POST");
	assert_eq!(seen[0].url, "http://127.0.0.1:4000/v1/jobs");
	let header = |name: &str| seen[0].headers.iter().find(|(n, _)| n == name).unwrap().1.clone();
	assert_eq!(header("Authorization"), "Bearer secret");
	assert_eq!(header("Content-Type"), "application/json");
	let request: JobRequest = serde_json::from_slice(&seen[0].body).unwrap();
	let hash = node.run(|| round(job).request_hash);
	assert_eq!(request.id, format!("0x{}", hex::encode(hash)));
	assert_eq!(request.engine_version, ENGINE_VERSION);
	assert_eq!(request.input, JobInput::Inline("0x01020304".into()));
	let model = model();
	assert_eq!(
		(request.model.artifact, request.model.features, request.model.task),
		(model.artifact, model.features, model.task)
	);
	assert_eq!((request.model.input_bytes, request.model.feature_scale), (4, 8));
}

/// Drawn in N+3, committed in N+5, settled in N+6: three blocks after the draw.
#[test]
fn a_job_is_settled_three_blocks_after_its_draw() {
	let mut node = Node::new(&[W1, W2, W3]);
	let job = drawn(&mut node, 1, &[W1, W2, W3]);
	let draw = node.run(System::block_number);
	// computing starts at the tip, nothing is sent before one confirmation
	assert!(node.work().is_empty());
	assert_eq!(node.engine.asked(), 1);
	node.block(vec![]);
	let commits = node.work();
	assert_eq!(commits.len(), 3);
	assert!([W1, W2, W3].iter().all(|w| commits.iter().any(|call| is_commit(call, job, *w))));
	node.block(commits);
	assert_eq!(node.run(|| round(job).phase), Phase::Reveal);
	let reveals = node.work();
	assert!([W1, W2, W3].iter().all(|w| reveals.iter().any(|call| is_reveal(call, job, *w))));
	node.block(reveals);
	let receipt = node.run(|| receipt(job));
	assert_eq!(receipt.outcome, Outcome::Answered);
	assert_eq!(receipt.settled_at, draw + 3);
	assert!(receipt.seats.iter().all(|seat| seat.paid));
	// the engine was asked once, and no more since
	assert_eq!(node.engine.asked(), 0);
	assert!(node.work().is_empty());
}

#[test]
fn a_running_job_is_looked_at_again() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1, W2]);
	node.engine.runs();
	for _ in 0..3 {
		assert!(node.work().is_empty());
		assert_eq!(node.engine.asked(), 1);
		node.block(vec![]);
	}
	// the same, said with a body
	node.engine.says(&openledger_primitives::api::JobStatus::Running);
	assert!(node.work().is_empty());
	node.block(vec![]);
	node.engine.is_done(good());
	let sent = node.work();
	assert_eq!(sent.len(), 1);
	assert!(is_commit(&sent[0], job, W1));
}

#[test]
fn what_is_revealed_is_what_the_engine_said() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	node.block(vec![]);
	let commits = node.work();
	node.block(commits);
	let reveals = node.work();
	match &reveals[..] {
		[Call::reveal { report, .. }] => assert_eq!(*report, good_report(job)),
		other => panic!("{other:?}"),
	}
	node.block(reveals);
}

#[test]
fn local_workers_share_a_computation_but_neither_salt_nor_commitment() {
	let mut node = Node::new(&[W1, W2]);
	drawn(&mut node, 1, &[W1, W2]);
	node.work();
	assert_eq!(node.engine.asked(), 1);
	node.block(vec![]);
	let commits = node.work();
	node.block(commits.clone());
	let commitments: Vec<_> = commits
		.iter()
		.map(|call| match call {
			Call::commit { commitment, .. } => *commitment,
			other => panic!("{other:?}"),
		})
		.collect();
	assert_eq!(commitments.len(), 2);
	assert_ne!(commitments[0], commitments[1]);
	let salts: Vec<_> = node
		.work()
		.iter()
		.map(|call| match call {
			Call::reveal { salt, .. } => *salt,
			other => panic!("{other:?}"),
		})
		.collect();
	assert_eq!(salts.len(), 2);
	assert_ne!(salts[0], salts[1]);
}

#[test]
fn the_output_of_a_text_is_reported_with_its_tokens() {
	let mut node = Node::new(&[W1]);
	node.run(|| State::with(|state| state.models.get_mut(&MODEL).unwrap().task = Task::Generate));
	let output = Some(BlobId([4; 32]));
	let job = node.run(|| assigned(1, &[W1]));
	node.engine.is_done(JobResult { answer: "0x0300".into(), output, ..good() });
	node.work();
	node.block(vec![]);
	for _ in 0..2 {
		let calls = node.work();
		node.block(calls);
	}
	let receipt = node.run(|| receipt(job));
	assert_eq!((&receipt.answer[..], receipt.output), (&[3, 0][..], output));
}

#[test]
fn an_unavailable_input_is_reported_without_answer() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.engine.fails(JobErrorCode::InputUnavailable);
	node.work();
	node.block(vec![]);
	let commits = node.work();
	node.block(commits);
	let reveals = node.work();
	match &reveals[..] {
		[Call::reveal { report, .. }] => assert!(report.is_input_unavailable()),
		other => panic!("{other:?}"),
	}
	node.block(reveals);
	let outcome = node.run(|| receipt(job).outcome);
	assert_eq!(outcome, Outcome::Refunded(RefundReason::InputUnavailable));
}

#[test]
fn nothing_is_sent_twice_over_overlapping_blocks_and_sent_again_without_effect() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	node.block(vec![]);
	let first = node.work();
	assert_eq!(first.len(), 1);
	// the same height on another fork, then two blocks without it
	assert!(node.work().is_empty());
	node.block(vec![]);
	assert!(node.work().is_empty());
	node.block(vec![]);
	assert!(node.work().is_empty());
	node.block(vec![]);
	let again = node.work();
	assert_eq!(again.len(), 1);
	match (&first[0], &again[0]) {
		(
			Call::commit { commitment: a, signature: first, .. },
			Call::commit { commitment: b, signature: again, .. },
		) => {
			// the same commitment, signed anew
			assert_eq!(a, b);
			assert_ne!(first, again);
		}
		other => panic!("{other:?}"),
	}
	// both reach the chain: one is accepted, the other is stale
	node.block(vec![first[0].clone()]);
	node.run(|| assert!(apply(again[0].clone()).is_err()));
	let reveals = node.work();
	assert!(is_reveal(&reveals[0], job, W1));
	assert!(node.work().is_empty());
}

#[test]
fn a_restart_between_commit_and_reveal_loses_nothing() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	node.block(vec![]);
	let commits = node.work();
	node.block(commits);
	// killed within a run: its lock is still there; and the engine is gone
	node.run(|| {
		use codec::Encode;
		let deadline = (System::block_number() + 1, 3_000u64).encode();
		sp_io::offchain::local_storage_set(
			sp_core::offchain::StorageKind::PERSISTENT,
			b"openledger/attribution/lock",
			&deadline,
		);
		StorageValueRef::persistent(ENGINE_ENDPOINT_KEY).clear();
	});
	assert!(node.work().is_empty());
	node.block(vec![]);
	node.block(vec![]);
	node.engine.pass_time(4_000);
	let reveals = node.work();
	assert!(is_reveal(&reveals[0], job, W1));
	node.block(reveals);
	assert_eq!(node.run(|| receipt(job).outcome), Outcome::Answered);
}

#[test]
fn a_restart_before_the_commitment_keeps_the_report() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	node.engine.does(Mood::Refuses);
	node.block(vec![]);
	assert!(is_commit(&node.work()[0], job, W1));
}

#[test]
fn another_request_under_the_same_number_never_meets_the_report_of_the_first() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	node.engine.seen();
	// a re-organisation gives the number to another request
	node.run(|| {
		crate::Rounds::<Test>::mutate(job, |round| {
			round.as_mut().unwrap().request_hash = [7; 32];
		});
		State::with(|state| state.jobs.get_mut(&job).unwrap().request_hash = [7; 32]);
	});
	node.engine.runs();
	node.block(vec![]);
	assert!(node.work().is_empty());
	assert_eq!(node.engine.asked(), 1);
}

#[test]
fn a_request_under_another_number_is_reported_anew() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	node.work();
	let hash = node.run(|| round(job).request_hash);
	node.run(|| {
		Attribution::refund(job, RefundReason::NoAnswer).unwrap();
		request(JobId(2), 1);
		State::with(|state| state.jobs.get_mut(&JobId(2)).unwrap().request_hash = hash);
		Attribution::assign(JobId(2), vec![W1]).unwrap();
	});
	node.block(vec![]);
	let commits = node.work();
	assert!(is_commit(&commits[0], JobId(2), W1));
	node.block(commits);
	let reveals = node.work();
	assert!(matches!(&reveals[..], [Call::reveal { report, .. }] if report.job == JobId(2)));
	node.block(reveals);
}

#[test]
fn only_seats_of_local_keys_are_tended() {
	let mut node = Node::new(&[W1]);
	drawn(&mut node, 1, &[W2, W3]);
	node.work();
	node.block(vec![]);
	assert!(node.work().is_empty());
	assert_eq!(node.engine.asked(), 0);
	// nor without any key
	let mut node = Node::new(&[]);
	drawn(&mut node, 1, &[W1]);
	node.work();
	node.block(vec![]);
	assert!(node.work().is_empty());
}

#[test]
fn nothing_is_sent_that_would_be_late() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1, W2]);
	node.work();
	let deadline = node.run(|| round(job).deadline);
	node.run(|| System::set_block_number(deadline));
	assert!(node.work().is_empty());
}

#[test]
fn records_are_kept_for_a_while_and_then_removed() {
	let mut node = Node::new(&[W1]);
	let job = drawn(&mut node, 1, &[W1]);
	let hash = node.run(|| round(job).request_hash);
	let key = report_key(hash, W1, job);
	let stored = |node: &mut Node| {
		node.run(|| {
			sp_io::offchain::local_storage_get(sp_core::offchain::StorageKind::PERSISTENT, &key)
				.is_some()
		})
	};
	for _ in 0..4 {
		let sent = node.work();
		node.block(sent);
	}
	assert!(node.run(|| Attribution::receipt_of(job).is_some()));
	assert!(stored(&mut node));
	for _ in 0..63 {
		node.work();
		node.block(vec![]);
	}
	assert!(stored(&mut node));
	node.work();
	assert!(!stored(&mut node));
}

#[test]
fn an_auditor_answers_for_its_seat_and_the_committee_waits_for_it() {
	let mut node = Node::new(&[W1, 31, 32, 33]);
	node.engine.is_done(good());
	// its commitment comes two blocks after the draw, when chance chooses it
	let job = node.run(|| {
		audit_half();
		let seed = [System::block_number() as u8 + 2; 32];
		let chosen = |job: &u64| crate::audit::is_chosen(&seed, JobId(*job), Ppm(500_000));
		assigned((1..).find(chosen).unwrap(), &[W1])
	});
	node.work();
	node.block(vec![]);
	let commits = node.work();
	assert!(commits.len() == 1 && is_commit(&commits[0], job, W1));
	node.block(commits);
	assert!(node.run(|| round(job).awaits_audit()));
	assert!(node.work().is_empty());
	node.block(vec![]);
	assert!(node.run(|| round(job).is_audited()));
	// as for a committee: computing at the tip, sending after one confirmation
	assert!(node.work().is_empty());
	assert_eq!(node.engine.asked(), 2);
	node.block(vec![]);
	let commits = node.work();
	assert_eq!(commits.len(), 3);
	assert!([31, 32, 33].iter().all(|w| commits.iter().any(|call| is_commit(call, job, *w))));
	node.block(commits);
	let reveals = node.work();
	assert_eq!(reveals.len(), 4);
	node.block(reveals);
	let receipt = node.run(|| receipt(job));
	assert_eq!(receipt.outcome, Outcome::Answered);
	assert!(receipt.seats.iter().all(|seat| seat.paid));
}

#[test]
fn a_dispute_is_decided_as_a_job_is_answered() {
	let mut node = Node::new(&[W1, 31, 32, 33]);
	let job = drawn(&mut node, 1, &[W1]);
	for _ in 0..3 {
		let sent = node.work();
		node.block(sent);
	}
	node.run(|| {
		State::with(|state| state.reserve.truncate(3));
		Attribution::dispute(RuntimeOrigin::signed(DISPUTER), job).unwrap();
	});
	let since = node.run(System::block_number);
	for _ in 0..7 {
		let sent = node.work();
		node.block(sent);
	}
	// drawn in the fourth block, committed to two later, decided in the next
	let decided = node.run(|| receipt(job));
	assert_eq!(decided.dispute, Some(crate::types::Decision::Stood));
	assert_eq!(node.run(System::block_number), since + 7);
	assert!(decided.seats.iter().all(|seat| seat.paid) && decided.seats.len() == 4);
}
