//! Jobs that are slow, that break off, that are too many.

use super::fixtures::{job_id, Engine, World};
use crate::{
	jobs::{Limits, Queue, Refusal},
	serve::Options,
};
use openledger_primitives::{
	api::{
		JobError, JobErrorCode, JobInput, JobModel, JobRequest, JobResult, JobStatus,
		ENGINE_VERSION,
	},
	BlobId, Task,
};
use std::{
	sync::atomic::{AtomicBool, Ordering},
	time::{Duration, Instant},
};

fn request(id: u8) -> JobRequest {
	JobRequest {
		id: job_id(id),
		engine_version: ENGINE_VERSION,
		model: JobModel {
			artifact: BlobId::default(),
			features: BlobId::default(),
			task: Task::Classify,
			input_bytes: 1,
			feature_scale: 0,
			answer_scale: 0,
		},
		input: JobInput::Inline("0x00".into()),
	}
}

fn result() -> Result<JobResult, JobError> {
	Ok(JobResult {
		answer: "0x00".into(),
		output: None,
		query_features: job_id(0),
		engine_version: ENGINE_VERSION,
		influence: vec![],
	})
}

/// Computes until told to stop.
fn endless(_: &JobRequest, stop: &AtomicBool) -> Result<JobResult, JobError> {
	while !stop.load(Ordering::Relaxed) {
		std::thread::sleep(Duration::from_millis(1));
	}
	result()
}

fn wait(what: &str, mut until: impl FnMut() -> bool) {
	let started = Instant::now();
	while !until() {
		assert!(started.elapsed() < Duration::from_secs(30), "{what}");
		std::thread::sleep(Duration::from_millis(1));
	}
}

#[test]
fn a_job_that_breaks_off_fails_alone() {
	let queue = Queue::start(
		Limits::default(),
		Box::new(|request, _| {
			if request.id == job_id(1) {
				panic!("on purpose");
			}
			result()
		}),
	)
	.unwrap();
	let broken = queue.submit(request(1)).unwrap();
	let good = queue.submit(request(2)).unwrap();
	wait("the second job ends", || *good.borrow() != JobStatus::Running);
	let JobStatus::Failed { error } = broken.borrow().clone() else { panic!("it broke off") };
	assert_eq!(error.code, JobErrorCode::Internal);
	assert!(matches!(*good.borrow(), JobStatus::Done { .. }));
	assert_eq!((queue.counts().done, queue.counts().failed), (1, 1));
}

#[test]
fn a_full_queue_takes_no_more_until_there_is_room() {
	let limits = Limits { waiting: 2, ..Limits::default() };
	let queue = Queue::start(limits, Box::new(endless)).unwrap();
	let first = queue.submit(request(1)).unwrap();
	wait("the first job runs", || queue.counts().running == 1);
	queue.submit(request(2)).unwrap();
	queue.submit(request(3)).unwrap();
	assert_eq!(queue.submit(request(4)).unwrap_err(), Refusal::Full);
	// what is known already is found, full or not
	assert!(queue.submit(request(3)).is_ok());

	assert_eq!(queue.forget(&job_id(2)), Ok(true));
	assert!(queue.submit(request(4)).is_ok());
	assert_eq!(queue.forget(&job_id(1)), Ok(true));
	assert!(matches!(*first.borrow(), JobStatus::Failed { .. }), "who waits is told");
	wait("the third job runs", || queue.counts().waiting == 1);
	assert_eq!(queue.status(&job_id(1)), Ok(None));
	assert_eq!(queue.forget(&job_id(1)), Ok(false));
}

#[test]
fn a_job_that_takes_too_long_fails_and_frees_its_thread() {
	let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
	let queue = Queue::start(limits, Box::new(endless)).unwrap();
	let slow = queue.submit(request(1)).unwrap();
	wait("the job is ended", || {
		queue.expire();
		*slow.borrow() != JobStatus::Running
	});
	let JobStatus::Failed { error } = slow.borrow().clone() else { panic!("it took too long") };
	assert!(error.message.contains("longer than"), "{error:?}");
	wait("its thread is free", || queue.counts().running == 0);
	assert_eq!((queue.counts().done, queue.counts().failed), (0, 1), "its late result is ignored");
	assert!(!queue.expire());
}

#[test]
fn a_job_that_hangs_is_reported() {
	let release = std::sync::Arc::new(AtomicBool::new(false));
	let held = release.clone();
	let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
	let deaf = move |_: &JobRequest, _: &AtomicBool| endless(&request(0), &held);
	let queue = Queue::start(limits, Box::new(deaf)).unwrap();
	queue.submit(request(1)).unwrap();
	// deleting it does not hide that its thread is lost
	assert_eq!(queue.forget(&job_id(1)), Ok(true));
	queue.submit(request(2)).unwrap();
	wait("it is seen to hang", || queue.expire());
	release.store(true, Ordering::Relaxed);
}

#[test]
fn only_the_latest_finished_jobs_are_remembered() {
	let limits = Limits { finished: 3, ..Limits::default() };
	let queue = Queue::start(limits, Box::new(|_, _| result())).unwrap();
	for id in 0..10 {
		let job = queue.submit(request(id)).unwrap();
		wait("it ends", || *job.borrow() != JobStatus::Running);
	}
	wait("all are counted", || queue.counts().done == 10);
	let known = |id| queue.status(&job_id(id)).unwrap().is_some();
	assert_eq!((0..10).filter(|id| known(*id)).collect::<Vec<_>>(), [7, 8, 9]);
}

#[test]
fn a_closed_queue_stops_what_runs_and_takes_no_more() {
	let queue = Queue::start(Limits::default(), Box::new(endless)).unwrap();
	queue.submit(request(1)).unwrap();
	queue.submit(request(2)).unwrap();
	queue.close();
	assert_eq!(queue.submit(request(3)).unwrap_err(), Refusal::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_job_is_answered_later_and_can_be_stopped() {
	let world = World::slow().await;
	let options = Options { threads: Some(1), queue: 1, time_limit: 60, ..world.options() };
	let engine = Engine::start(&options).await;
	let started = Instant::now();
	let (code, body) = engine.post(&world.request(1)).await;
	assert_eq!((code, body.as_str()), (202, "{\"state\":\"running\"}"));
	assert!(started.elapsed() >= Duration::from_millis(150), "it waited for a quick end");
	assert_eq!(engine.post(&world.request(2)).await.0, 202);
	assert_eq!(engine.post(&world.request(3)).await.0, 429);
	for id in [2, 1] {
		let path = format!("/v1/jobs/{}", job_id(id));
		assert_eq!(engine.ask("DELETE", &path, &[]).await.0, 204);
	}
	let stopped = Instant::now();
	while !engine.get("/metrics").await.1.contains("{state=\"running\"} 0\n") {
		assert!(stopped.elapsed() < Duration::from_secs(10), "it does not stop");
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_above_the_time_limit_fails_over_http() {
	let world = World::slow().await;
	let options = Options { threads: Some(1), time_limit: 1, ..world.options() };
	let engine = Engine::start(&options).await;
	let error = engine.error(&world.request(1)).await;
	assert_eq!(error.code, JobErrorCode::Internal);
	assert!(error.message.contains("longer than 1 s"), "{error:?}");
	engine.stop().await;
}
