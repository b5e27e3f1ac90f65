//! Jobs that are slow, that break off, that are too many.

use super::{
	bench::{endless, request, request_for, wait, Bench},
	fixtures::{job_id, Engine, World},
};
use crate::{
	jobs::{Limits, Refusal},
	serve::Options,
};
use openledger_primitives::api::{JobErrorCode, JobStatus};
use std::{
	sync::atomic::{AtomicBool, Ordering},
	time::{Duration, Instant},
};

fn is_running(follower: &crate::jobs::Follower) -> bool {
	*follower.status.borrow() == JobStatus::Running
}

#[test]
fn a_job_that_breaks_off_fails_alone() {
	let queue = Bench::answering(|request, _| {
		assert!(request.id != job_id(1), "on purpose");
		Ok(())
	})
	.start(Limits::default());
	let broken = queue.submit(request(1)).unwrap();
	let good = queue.submit(request(2)).unwrap();
	wait("the second job ends", || !is_running(&good));
	let JobStatus::Failed { error } = broken.now().0 else { panic!("it broke off") };
	assert_eq!(error.code, JobErrorCode::Internal);
	assert!(matches!(good.now().0, JobStatus::Done { .. }));
	assert_eq!((queue.counts().done, queue.counts().failed), (1, 1));
}

#[test]
fn a_model_that_breaks_off_fails_its_jobs_alone() {
	let bench = Bench {
		prepare: Box::new(|number, _| {
			assert!(number != 1, "on purpose");
			Ok(())
		}),
		..Bench::default()
	};
	let queue = bench.start(Limits::default());
	let broken: Vec<_> = (1..4).map(|id| queue.submit(request_for(id, 1)).unwrap()).collect();
	let good = queue.submit(request_for(9, 2)).unwrap();
	wait("all end", || broken.iter().chain([&good]).all(|job| !is_running(job)));
	assert!(broken.iter().all(|job| matches!(job.now().0, JobStatus::Failed { .. })));
	assert!(matches!(good.now().0, JobStatus::Done { .. }));
}

#[test]
fn a_full_queue_takes_no_more_until_there_is_room() {
	let limits = Limits { waiting: 2, ..Limits::default() };
	let queue = Bench::answering(|_, watch| endless(watch)).start(limits);
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
	assert!(matches!(first.now().0, JobStatus::Failed { .. }), "who waits is told");
	wait("the third job runs", || queue.counts().waiting == 1);
	assert_eq!(queue.status(&job_id(1)), Ok(None));
	assert_eq!(queue.forget(&job_id(1)), Ok(false));
}

#[test]
fn a_job_that_takes_too_long_fails_and_frees_its_thread() {
	let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
	let queue = Bench::answering(|_, watch| endless(watch)).start(limits);
	let slow = queue.submit(request(1)).unwrap();
	wait("the job is ended", || {
		queue.expire();
		!is_running(&slow)
	});
	let JobStatus::Failed { error } = slow.now().0 else { panic!("it took too long") };
	assert!(error.message.contains("longer than"), "{error:?}");
	wait("its thread is free", || queue.counts().running == 0);
	assert_eq!((queue.counts().done, queue.counts().failed), (0, 1), "its late result is ignored");
	assert!(!queue.expire());
}

#[test]
fn a_model_that_takes_too_long_fails_its_jobs_and_frees_its_thread() {
	let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
	let prepare = Box::new(|number: u8, watch: &crate::watch::Watch| match number {
		1 => endless(watch),
		_ => Ok(()),
	});
	let queue = Bench { prepare, ..Bench::default() }.start(limits);
	let slow: Vec<_> = (0..3).map(|id| queue.submit(request_for(id, 1)).unwrap()).collect();
	wait("the jobs are ended", || {
		queue.expire();
		slow.iter().all(|job| !is_running(job))
	});
	let JobStatus::Failed { error } = slow[2].now().0 else { panic!("it took too long") };
	assert!(error.message.contains("preparing the model took longer"), "{error:?}");
	wait("its thread is free", || queue.counts().preparing == 0);
	let other = queue.submit(request_for(9, 2)).unwrap();
	wait("another model is prepared", || !is_running(&other));
	assert!(!queue.expire());
}

#[test]
fn a_job_that_hangs_is_reported() {
	static RELEASE: AtomicBool = AtomicBool::new(false);
	let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
	let deaf = |_: &_, _: &_| {
		while !RELEASE.load(Ordering::Relaxed) {
			std::thread::sleep(Duration::from_millis(1));
		}
		Ok(())
	};
	let queue = Bench::answering(deaf).start(limits);
	queue.submit(request(1)).unwrap();
	wait("it runs", || queue.counts().running == 1);
	// deleting it does not hide that its thread is lost
	assert_eq!(queue.forget(&job_id(1)), Ok(true));
	queue.submit(request(2)).unwrap();
	wait("it is seen to hang", || queue.expire());
	RELEASE.store(true, Ordering::Relaxed);
}

#[test]
fn only_the_latest_finished_jobs_are_remembered() {
	let limits = Limits { finished: 3, ..Limits::default() };
	let queue = Bench::default().start(limits);
	for id in 0..10 {
		let job = queue.submit(request(id)).unwrap();
		wait("it ends", || !is_running(&job));
	}
	wait("all are counted", || queue.counts().done == 10);
	let known = |id| queue.status(&job_id(id)).unwrap().is_some();
	assert_eq!((0..10).filter(|id| known(*id)).collect::<Vec<_>>(), [7, 8, 9]);
}

#[test]
fn a_closed_queue_stops_what_runs_and_takes_no_more() {
	let bench = Bench {
		prepare: Box::new(|number, watch| if number == 1 { endless(watch) } else { Ok(()) }),
		answer: Box::new(|_, watch| endless(watch)),
		..Bench::default()
	};
	let queue = bench.start(Limits { preparing: 2, ..Limits::default() });
	queue.submit(request(1)).unwrap();
	queue.submit(request(2)).unwrap();
	queue.submit(request_for(3, 1)).unwrap();
	wait("all are busy", || queue.counts().running == 1 && queue.counts().preparing == 1);
	queue.close();
	assert_eq!(queue.submit(request(4)).unwrap_err(), Refusal::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_job_is_answered_later_and_can_be_stopped() {
	let world = World::slow().await;
	let options = Options { threads: Some(1), queue: 2, time_limit: 60, ..world.options() };
	let engine = Engine::start(&options).await;
	let started = Instant::now();
	let (code, body) = engine.post(&world.request(1)).await;
	assert!(started.elapsed() >= Duration::from_millis(150), "it waited for a quick end");
	assert_eq!(code, 202);
	// what a reader of before understands
	assert_eq!(serde_json::from_str::<JobStatus>(&body).unwrap(), JobStatus::Running);
	assert_eq!(engine.post(&world.request(2)).await.0, 202);
	assert_eq!(engine.post(&world.request(3)).await.0, 429);
	for id in [2, 1] {
		let path = format!("/v1/jobs/{}", job_id(id));
		assert_eq!(engine.ask("DELETE", &path, &[]).await.0, 204);
	}
	let stopped = Instant::now();
	while !engine.get("/metrics").await.1.contains("openledger_engine_models_preparing 0\n") {
		assert!(stopped.elapsed() < Duration::from_secs(10), "it does not stop");
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
	let (_, metrics) = engine.get("/metrics").await;
	assert!(metrics.contains("{kind=\"head\",outcome=\"cancelled\"} 2\n"), "{metrics}");
	assert!(metrics.contains("openledger_engine_models_prepared_total 0\n"), "{metrics}");
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
