//! Engines that hang, lie, break or are not there.

use super::{engine::*, *};
use crate::types::Outcome;
use openledger_primitives::{
	api::{JobErrorCode, JobResult},
	mocks::State,
	traits::{Input, RefundReason},
	Task, WorkerKey,
};
use polkadot_sdk::sp_core::Pair;

/// Runs through the whole commit phase with an engine that does this: nothing may be committed, no
/// run may wait for long, and the job ends in a refund. Says how often the engine was asked.
fn never_commits(mood: impl FnOnce(&Script)) -> usize {
	never_commits_to(Task::Classify, mood)
}

/// As [`never_commits`], of a model that answers with `task`.
fn never_commits_to(task: Task, mood: impl FnOnce(&Script)) -> usize {
	let mut node = Node::new(&[W1, W2]);
	node.run(|| State::with(|state| state.models.get_mut(&MODEL).unwrap().task = task));
	let job = node.run(|| assigned(1, &[W1, W2]));
	mood(&node.engine);
	let mut asked = 0;
	for _ in 0..12 {
		assert!(node.work().is_empty());
		asked += node.engine.asked();
		assert!(node.engine.waited() <= 600, "two short exchanges at most");
		node.block(vec![]);
	}
	let outcome = node.run(|| receipt(job).outcome);
	assert_eq!(outcome, Outcome::Refunded(RefundReason::NoAnswer));
	asked
}

#[test]
fn an_engine_that_fails_in_any_way_is_asked_with_growing_pauses() {
	// within ten blocks at pauses of 1, 2 and 4 blocks: at 1, 2, 4 and 8
	let garbage = Mood::Says(200, b"<html>".to_vec());
	let internal = Mood::Says(500, b"oops".to_vec());
	let empty = Mood::Says(200, Vec::new());
	for mood in [Mood::Hangs, Mood::Refuses, Mood::Stalls, garbage, internal, empty] {
		assert_eq!(never_commits(|engine| engine.does(mood)), 4);
	}
	for code in [JobErrorCode::BadModel, JobErrorCode::EngineVersion, JobErrorCode::Internal] {
		assert_eq!(never_commits(|engine| engine.fails(code)), 4);
	}
}

#[test]
fn a_result_that_no_chain_would_accept_is_not_committed_to() {
	let wrong = [
		JobResult { engine_version: ENGINE_VERSION + 1, ..good() },
		JobResult { influence: vec![(1, 600_000), (2, 400_001)], ..good() },
		JobResult { influence: vec![(2, 1), (1, 1)], ..good() },
		JobResult { influence: (0..65).map(|id| (id, 1)).collect(), ..good() },
		JobResult { answer: "0x".into(), ..good() },
		JobResult { answer: "03000000".into(), ..good() },
		JobResult { answer: "0x0300000".into(), ..good() },
		JobResult { answer: "0x0300000000".into(), ..good() },
		JobResult { answer: format!("0x{}", "00".repeat(257)), ..good() },
		JobResult { query_features: "0x09".into(), ..good() },
		JobResult { output: Some(openledger_primitives::BlobId([1; 32])), ..good() },
	];
	for result in wrong {
		assert_eq!(never_commits(|engine| engine.is_done(result)), 4);
	}
}

#[test]
fn a_text_without_its_output_is_not_committed_to() {
	let output = Some(openledger_primitives::BlobId([1; 32]));
	let wrong = [
		(Task::Generate, JobResult { answer: "0x0300".into(), output: None, ..good() }),
		(Task::Generate, JobResult { answer: "0x030000".into(), output, ..good() }),
		(Task::Retrieve, JobResult { answer: "0x0300".into(), output, ..good() }),
	];
	for (task, result) in wrong {
		let never = never_commits_to(task, |engine| engine.is_done(result));
		assert_eq!(never, 4);
	}
}

#[test]
fn a_body_that_never_ends_is_not_read() {
	let mut body =
		serde_json::to_vec(&openledger_primitives::api::JobStatus::Done { result: good() })
			.unwrap();
	body.resize(64 * 1024, b' ');
	// at the limit all is well
	let mut node = Node::new(&[W1]);
	let job = node.run(|| assigned(1, &[W1]));
	node.engine.does(Mood::Says(200, body.clone()));
	node.work();
	node.block(vec![]);
	assert!(is_commit(&node.work()[0], job, W1));
	body.push(b' ');
	assert_eq!(never_commits(|engine| engine.does(Mood::Says(200, body))), 4);
}

#[test]
fn a_failed_job_is_forgotten_by_the_engine_so_that_it_runs_again() {
	let mut node = Node::new(&[W1]);
	let job = node.run(|| assigned(1, &[W1]));
	node.engine.fails(JobErrorCode::Internal);
	node.work();
	let hash = node.run(|| round(job).request_hash);
	let seen = node.engine.seen();
	assert_eq!(seen[1].method, "DELETE");
	assert_eq!(seen[1].url, format!("http://127.0.0.1:4000/v1/jobs/0x{}", hex::encode(hash)));
	// it comes back, and the job is committed to in time
	node.engine.is_done(good());
	node.block(vec![]);
	assert!(is_commit(&node.work()[0], job, W1));
}

#[test]
fn an_engine_that_hangs_delays_neither_reveals_nor_stored_commitments() {
	let mut node = Node::new(&[W1]);
	let first = node.run(|| assigned(1, &[W1]));
	node.engine.is_done(good());
	node.work();
	node.block(vec![]);
	let commits = node.work();
	let second = node.run(|| assigned(2, &[W1]));
	node.work();
	node.block(commits);
	// two more jobs, for which the engine hangs
	node.run(|| (assigned(3, &[W1]), assigned(4, &[W1])));
	node.engine.does(Mood::Hangs);
	node.engine.waited();
	node.engine.seen();
	let sent = node.work();
	assert!(is_reveal(&sent[0], first, W1));
	assert!(is_commit(&sent[1], second, W1));
	assert_eq!(sent.len(), 2);
	assert_eq!(node.engine.waited(), 600);
	assert_eq!(node.engine.asked(), 2);
}

#[test]
fn jobs_that_hang_do_not_starve_another() {
	let mut node = Node::new(&[W1]);
	// more than one run has time for, all older than the good one
	let hanging: Vec<_> = (1..=6).map(|id| node.run(|| assigned(id, &[W1]))).collect();
	let job = node.run(|| assigned(7, &[W1]));
	for id in hanging {
		let hash = node.run(|| round(id).request_hash);
		node.engine.hangs_for(&format!("0x{}", hex::encode(hash)));
	}
	node.engine.is_done(good());
	let mut committed = false;
	for _ in 0..6 {
		let sent = node.work();
		assert!(node.engine.waited() <= 1_500, "no run takes long");
		committed |= sent.iter().any(|call| is_commit(call, job, W1));
		node.block(sent);
	}
	assert!(committed);
}

#[test]
fn an_engine_that_is_not_there_is_asked_once_a_run() {
	let mut node = Node::new(&[W1]);
	node.run(|| (assigned(1, &[W1]), assigned(2, &[W1])));
	node.engine.does(Mood::Refuses);
	node.work();
	assert_eq!(node.engine.asked(), 1);
}

#[test]
fn a_node_without_engine_does_nothing() {
	let mut node = Node::new(&[W1]);
	node.run(|| {
		StorageValueRef::persistent(ENGINE_ENDPOINT_KEY).clear();
		assigned(1, &[W1]);
	});
	node.work();
	node.block(vec![]);
	assert!(node.work().is_empty());
	assert_eq!(node.engine.asked(), 0);
}

#[test]
fn a_damaged_record_is_made_anew() {
	let mut node = Node::new(&[W1]);
	let job = node.run(|| assigned(1, &[W1]));
	let hash = node.run(|| round(job).request_hash);
	let key = report_key(hash, W1, job);
	node.run(|| {
		sp_io::offchain::local_storage_set(
			sp_core::offchain::StorageKind::PERSISTENT,
			&key,
			b"damaged",
		);
	});
	node.engine.is_done(good());
	node.work();
	node.block(vec![]);
	let commits = node.work();
	node.block(commits);
	assert!(is_reveal(&node.work()[0], job, W1));
}

#[test]
fn a_reveal_of_what_is_not_stored_here_is_not_tried() {
	let mut node = Node::new(&[W1]);
	let job = node.run(|| assigned(1, &[W1]));
	// committed from elsewhere
	let elsewhere = node.run(|| commit_call(W1, &good_report(job)));
	node.block(vec![elsewhere]);
	assert!(node.work().is_empty());
}

/// A job whose input is a blob, drawn in the present block.
fn with_blob(node: &mut Node) -> JobId {
	node.run(|| {
		let job = assigned(1, &[W1]);
		let input = Input::Blob(openledger_primitives::BlobId([7; 32]));
		State::with(|state| state.jobs.get_mut(&job).unwrap().input = input);
		job
	})
}

#[test]
fn a_blob_that_is_not_here_is_awaited_until_shortly_before_the_deadline() {
	let mut node = Node::new(&[W1]);
	let job = with_blob(&mut node);
	node.engine.fails(JobErrorCode::InputUnavailable);
	let deadline = node.run(|| Attribution::round_deadline(job)).unwrap();
	// the engine is asked in every block, and made to forget what it found
	while node.run(|| System::block_number()) + 5 < deadline {
		assert!(node.work().is_empty());
		let seen = node.engine.seen();
		let methods: Vec<_> = seen.iter().map(|seen| seen.method.as_str()).collect();
		assert_eq!(methods, ["POST", "DELETE"]);
		node.block(vec![]);
	}
	let commits = node.work();
	assert!(matches!(&commits[..], [call] if is_commit(call, job, W1)));
	node.block(commits);
	let reveals = node.work();
	node.block(reveals);
	let outcome = node.run(|| receipt(job).outcome);
	assert_eq!(outcome, Outcome::Refunded(RefundReason::InputUnavailable));
}

#[test]
fn a_blob_that_comes_in_time_is_answered() {
	let mut node = Node::new(&[W1]);
	let job = with_blob(&mut node);
	node.engine.fails(JobErrorCode::InputUnavailable);
	for _ in 0..3 {
		assert!(node.work().is_empty());
		node.block(vec![]);
	}
	node.engine.is_done(good());
	for _ in 0..2 {
		let calls = node.work();
		node.block(calls);
	}
	assert_eq!(node.run(|| receipt(job).outcome), Outcome::Answered);
}

#[test]
fn a_worker_key_leads_to_its_account_and_its_seats() {
	let mut node = Node::new(&[W1]);
	node.run(|| {
		let jobs = [2, 1].map(|job| assigned(job, &[W1, W2]));
		let key = |worker| WorkerKey::from(pair(worker).public());
		assert_eq!(Attribution::seats_of(&key(W1)), Some((W1, vec![jobs[1], jobs[0]])));
		assert_eq!(Attribution::seats_of(&key(W3)).map(|(_, jobs)| jobs), Some(vec![]));
		assert_eq!(Attribution::seats_of(&key(77)), None);
	});
}
