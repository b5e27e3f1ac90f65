//! What is prepared, kept and computed when, within what memory.

use super::{
	bench::{endless, request_for, wait, Bench, Sizes},
	fixtures::{job_id, Random},
};
use crate::{
	jobs::{fail, Follower, Limits, Queue},
	watch::Watch,
};
use openledger_primitives::api::{JobErrorCode, JobStatus};
use std::{
	sync::{
		atomic::{AtomicBool, AtomicUsize, Ordering},
		Arc, Barrier, Mutex,
	},
	time::Duration,
};

fn ended(job: &Follower) -> bool {
	job.now().0 != JobStatus::Running
}

fn done(job: &Follower) -> bool {
	matches!(job.now().0, JobStatus::Done { .. })
}

fn error(job: &Follower) -> String {
	match job.now().0 {
		JobStatus::Failed { error } => error.message,
		other => panic!("{other:?}"),
	}
}

/// Ends a job and waits for that.
fn finish(queue: &Queue, id: u8, model: u8) -> Follower {
	let job = queue.submit(request_for(id, model)).unwrap();
	wait("the job ends", || ended(&job));
	job
}

fn models(queue: &Queue) -> Vec<u8> {
	queue.models().iter().map(|model| model.artifact.0[0]).collect()
}

/// A door that work waits at.
#[derive(Clone, Default)]
struct Gate(Arc<AtomicBool>);

impl Gate {
	fn open(&self) {
		self.0.store(true, Ordering::SeqCst);
	}

	fn pass(&self, watch: &Watch) {
		while !self.0.load(Ordering::SeqCst) && !watch.is_stopped() {
			std::thread::sleep(Duration::from_millis(1));
		}
	}
}

#[test]
fn jobs_for_one_model_are_computed_at_the_same_time() {
	// nobody passes before all three are there
	let barrier = Arc::new(Barrier::new(3));
	let bench = Bench::answering(move |request, _| {
		if request.id != job_id(9) {
			barrier.wait();
		}
		Ok(())
	});
	let prepared = bench.prepared.clone();
	let queue = bench.start(Limits { threads: 3, ..Limits::default() });
	let jobs: Vec<_> = (0..3).map(|id| queue.submit(request_for(id, 0)).unwrap()).collect();
	wait("all end", || jobs.iter().all(done));
	assert_eq!(*prepared.lock().unwrap(), [0], "prepared once for all");
	let usage = queue.stats().memory;
	// whoever came while it was prepared missed it
	assert_eq!(usage.hits + usage.misses, 3);
	assert!(usage.misses >= 1);
	assert!(done(&finish(&queue, 9, 0)));
	assert_eq!(queue.stats().memory.hits, usage.hits + 1);
}

#[test]
fn a_job_whose_model_is_being_prepared_keeps_no_other_from_its_turn() {
	let gate = Gate::default();
	let held = gate.clone();
	let prepare = Box::new(move |number: u8, watch: &Watch| {
		if number == 1 {
			held.pass(watch);
		}
		Ok(())
	});
	let queue = Bench { prepare, ..Bench::default() }.start(Limits {
		threads: 1,
		preparing: 2,
		..Limits::default()
	});
	let slow = queue.submit(request_for(1, 1)).unwrap();
	wait("the slow model is being prepared", || queue.stats().memory.work > 0);
	assert!(done(&finish(&queue, 2, 2)), "the only thread that answers is free");
	assert!(!ended(&slow));
	gate.open();
	wait("the slow one follows", || done(&slow));
}

#[test]
fn the_least_recently_used_model_goes_first() {
	let bench =
		Bench { sizes: Box::new(|_| Sizes { need: 30, kept: 30, working: 0 }), ..Bench::default() };
	let prepared = bench.prepared.clone();
	let queue = bench.start(Limits { memory: 90, ..Limits::default() });
	for (id, model) in [1, 2, 3, 1, 4].into_iter().enumerate() {
		assert!(done(&finish(&queue, id as u8, model)));
	}
	wait("the last is given back", || queue.stats().memory.work == 0);
	assert_eq!(models(&queue), [3, 1, 4], "2 was used longest ago");
	assert!(done(&finish(&queue, 9, 2)));
	assert_eq!(*prepared.lock().unwrap(), [1, 2, 3, 4, 2]);
	let usage = queue.stats().memory;
	assert_eq!((usage.hits, usage.misses, usage.evictions), (1, 5, 2));
}

#[test]
fn no_more_models_are_kept_than_asked_for() {
	let queue = Bench::default().start(Limits { models: 2, ..Limits::default() });
	for id in 0..5 {
		assert!(done(&finish(&queue, id, id)));
	}
	wait("the last is at rest", || queue.models().iter().all(|model| model.users == 0));
	wait("the third is dropped", || models(&queue) == [3, 4]);
}

#[test]
fn models_that_jobs_wait_for_do_not_drop_each_other() {
	let gate = Gate::default();
	let held = gate.clone();
	let bench = Bench::answering(move |_, watch| {
		held.pass(watch);
		Ok(())
	});
	let prepared = bench.prepared.clone();
	let limits = Limits { threads: 1, preparing: 2, models: 1, ..Limits::default() };
	let queue = bench.start(limits);
	let jobs: Vec<_> = (0..4).map(|id| queue.submit(request_for(id, id)).unwrap()).collect();
	wait("all are prepared while the only thread is busy", || queue.models().len() == 4);
	std::thread::sleep(Duration::from_millis(20));
	assert_eq!(prepared.lock().unwrap().len(), 4, "each once");
	gate.open();
	wait("all end", || jobs.iter().all(done));
	wait("one is kept", || queue.models().len() == 1);
	assert_eq!(prepared.lock().unwrap().len(), 4, "none was dropped while its job waited");
}

#[test]
fn what_cannot_fit_fails_before_it_is_tried() {
	let bench = Bench {
		sizes: Box::new(|number| match number {
			1 => Sizes { need: 101, kept: 1, working: 1 },
			2 => Sizes { need: 60, kept: 60, working: 41 },
			_ => Sizes { need: 90, kept: 90, working: 10 },
		}),
		..Bench::default()
	};
	let (prepared, memory) = (bench.prepared.clone(), bench.memory.clone());
	let queue = bench.start(Limits { memory: 100, ..Limits::default() });
	for (model, what) in [(1, "preparing the model"), (2, "an answer of this model")] {
		let message = error(&finish(&queue, model, model));
		assert!(message.contains(what) && message.contains("memory"), "{message}");
	}
	assert!(done(&finish(&queue, 3, 3)), "just as much as there is");
	assert_eq!(*prepared.lock().unwrap(), [2, 3]);
	assert!(memory.most() <= 100);
}

#[test]
fn memory_stays_within_the_budget_whatever_comes() {
	for seed in 0..4 {
		let sizes = move |number: u8| {
			let mut random = Random(u64::from(number) + 1000 * seed);
			let kept = 1 + random.below(50) as usize;
			let need = kept + random.below(40) as usize;
			Sizes { need, kept, working: random.below(100 - kept as u64) as usize }
		};
		let pause = |most: u64| {
			let random = Mutex::new(Random(seed));
			move || {
				let micros = random.lock().unwrap().below(most);
				std::thread::sleep(Duration::from_micros(micros));
				Ok(())
			}
		};
		let (prepare, answer) = (pause(300), pause(200));
		let bench = Bench {
			sizes: Box::new(sizes),
			prepare: Box::new(move |_, _| prepare()),
			answer: Box::new(move |_, _| answer()),
			..Bench::default()
		};
		let memory = bench.memory.clone();
		let limits = Limits { threads: 4, preparing: 2, memory: 100, ..Limits::default() };
		let queue = bench.start(limits);
		let mut random = Random(seed);
		let jobs: Vec<_> = (0..250)
			.map(|id| queue.submit(request_for(id, random.below(12) as u8)).unwrap())
			.collect();
		for id in (0..250).step_by(7) {
			queue.forget(&job_id(id)).unwrap();
		}
		wait("all end", || jobs.iter().all(ended));
		wait("all is given back", || queue.stats().memory.work == 0);
		assert!(memory.most() <= 100, "{} of 100 in use", memory.most());
		assert!(jobs.iter().filter(|job| done(job)).count() >= 200);
		assert_eq!(queue.stats().memory.models, memory.now());
	}
}

#[test]
fn a_large_model_does_not_starve_among_small_ones() {
	let bench = Bench {
		sizes: Box::new(|number| match number {
			9 => Sizes { need: 100, kept: 100, working: 0 },
			_ => Sizes { need: 20, kept: 20, working: 0 },
		}),
		answer: Box::new(|_, _| {
			std::thread::sleep(Duration::from_millis(1));
			Ok(())
		}),
		..Bench::default()
	};
	let queue = bench.start(Limits { threads: 2, memory: 100, ..Limits::default() });
	for id in 0..8 {
		queue.submit(request_for(id, id % 2)).unwrap();
	}
	let large = queue.submit(request_for(200, 9)).unwrap();
	let mut id = 8;
	wait("the large one ends while small ones keep coming", || {
		if queue.counts().waiting < 8 {
			queue.submit(request_for(id, id % 2)).unwrap();
			id = 8 + (id - 7) % 180;
			queue.forget(&job_id(id)).unwrap();
		}
		ended(&large)
	});
	assert!(done(&large));
}

#[test]
fn a_model_at_work_is_not_dropped() {
	let gate = Gate::default();
	let held = gate.clone();
	let bench = Bench {
		sizes: Box::new(|_| Sizes { need: 60, kept: 60, working: 0 }),
		answer: Box::new(move |request, watch| {
			if request.id == job_id(1) {
				held.pass(watch);
			}
			Ok(())
		}),
		..Bench::default()
	};
	let memory = bench.memory.clone();
	let queue = bench.start(Limits { threads: 2, memory: 100, ..Limits::default() });
	let first = queue.submit(request_for(1, 1)).unwrap();
	wait("the first is at work", || queue.counts().running == 1);
	let second = queue.submit(request_for(2, 2)).unwrap();
	wait("the second waits for memory", || queue.counts().preparing == 1);
	assert_eq!((models(&queue), memory.now()), (vec![1], 60));
	gate.open();
	wait("both end", || done(&first) && done(&second));
	assert!(memory.most() <= 100);
}

#[test]
fn a_waiting_job_is_deleted_wherever_it_waits() {
	let (sizing, preparing) = (Gate::default(), Gate::default());
	let (size, prepare) = (sizing.clone(), preparing.clone());
	let stopped = Arc::new(AtomicUsize::new(0));
	let count = stopped.clone();
	let bench = Bench {
		sizes: Box::new(|_| Sizes { need: 60, kept: 60, working: 0 }),
		size: Box::new(move |number, watch| {
			if number == 1 {
				size.pass(watch);
			}
			Ok(())
		}),
		prepare: Box::new(move |number, watch| {
			if number == 2 {
				prepare.pass(watch);
				count.fetch_add(usize::from(watch.is_stopped()), Ordering::SeqCst);
				watch.run(crate::watch::check).map_err(crate::jobs::stopped)?;
			}
			Ok(())
		}),
		..Bench::default()
	};
	let prepared = bench.prepared.clone();
	let queue = bench.start(Limits { preparing: 1, memory: 100, ..Limits::default() });
	let gone = |id: u8| {
		assert_eq!(queue.forget(&job_id(id)), Ok(true));
		assert_eq!(queue.status(&job_id(id)), Ok(None));
	};

	// while its model's size is found out
	let job = queue.submit(request_for(1, 1)).unwrap();
	wait("it is sized", || queue.counts().preparing == 1);
	gone(1);
	assert_eq!(error(&job), "the job was deleted");
	wait("nothing is left of it", || queue.counts().preparing == 0);

	// while its model is prepared, and another waits for that too
	let first = queue.submit(request_for(2, 2)).unwrap();
	queue.submit(request_for(3, 2)).unwrap();
	wait("it is prepared", || queue.stats().memory.work == 60);
	// one that waits for memory behind it
	let behind = queue.submit(request_for(4, 3)).unwrap();
	gone(2);
	assert_eq!(error(&first), "the job was deleted");
	std::thread::sleep(Duration::from_millis(20));
	assert_eq!(stopped.load(Ordering::SeqCst), 0, "the other still wants it");
	gone(3);
	wait("it is stopped", || stopped.load(Ordering::SeqCst) == 1);
	wait("the one behind gets its turn", || done(&behind));

	// who asks for it again gets it
	preparing.open();
	assert!(done(&finish(&queue, 5, 2)));
	assert_eq!(*prepared.lock().unwrap(), [3, 2]);
	let stats = queue.stats().kinds["head"];
	assert_eq!((stats.done, stats.cancelled, stats.failed), (2, 3, 0));
}

#[test]
fn a_job_that_waits_for_memory_can_be_deleted() {
	let gate = Gate::default();
	let held = gate.clone();
	let bench = Bench {
		sizes: Box::new(|_| Sizes { need: 60, kept: 60, working: 0 }),
		answer: Box::new(move |_, watch| {
			held.pass(watch);
			Ok(())
		}),
		..Bench::default()
	};
	let queue = bench.start(Limits { threads: 2, preparing: 2, memory: 100, ..Limits::default() });
	let first = queue.submit(request_for(1, 1)).unwrap();
	wait("the first is at work", || queue.counts().running == 1);
	let second = queue.submit(request_for(2, 2)).unwrap();
	wait("the second waits for memory", || queue.counts().preparing == 1);
	let third = queue.submit(request_for(3, 1)).unwrap();
	std::thread::sleep(Duration::from_millis(20));
	assert_eq!(queue.counts().running, 1, "what is given back is kept for the second");
	assert_eq!(queue.forget(&job_id(2)), Ok(true));
	assert_eq!(error(&second), "the job was deleted");
	wait("the third runs beside the first", || queue.counts().running == 2);
	gate.open();
	wait("both end", || done(&first) && done(&third));
}

#[test]
fn a_running_job_is_deleted_and_its_memory_given_back() {
	let bench = Bench::answering(|_, watch| endless(watch));
	let queue = bench.start(Limits::default());
	let job = queue.submit(request_for(1, 1)).unwrap();
	wait("it runs", || queue.counts().running == 1);
	assert_eq!(queue.forget(&job_id(1)), Ok(true));
	assert_eq!(error(&job), "the job was deleted");
	wait("its thread is free", || queue.counts().running == 0);
	wait("its memory is free", || queue.stats().memory.work == 0);
	assert_eq!(queue.models()[0].users, 0);
}

#[test]
fn a_model_that_fails_is_tried_again_for_those_who_ask_later() {
	let tries = AtomicUsize::new(0);
	let bench = Bench {
		prepare: Box::new(move |_, _| match tries.fetch_add(1, Ordering::SeqCst) {
			0 => Err(fail(JobErrorCode::BadModel, "not this time")),
			_ => Ok(()),
		}),
		..Bench::default()
	};
	let queue = bench.start(Limits::default());
	assert_eq!(error(&finish(&queue, 1, 1)), "not this time");
	assert!(done(&finish(&queue, 2, 1)));
}

#[test]
fn another_engine_version_is_refused_at_once() {
	let queue = Bench::default().start(Limits::default());
	let mut request = request_for(1, 1);
	request.engine_version += 1;
	let job = queue.submit(request).unwrap();
	assert_eq!(error(&job), "another version");
	assert_eq!(queue.stats().memory.misses, 0);
}

#[test]
fn a_job_shows_the_stages_of_its_model_and_then_its_own() {
	let gate = Gate::default();
	let held = gate.clone();
	let bench = Bench {
		prepare: Box::new(move |_, watch| {
			watch.stage("counting", 10).add(4);
			held.pass(watch);
			Ok(())
		}),
		..Bench::default()
	};
	let queue = bench.start(Limits::default());
	let first = queue.submit(request_for(1, 1)).unwrap();
	let names =
		|job: &Follower| -> Vec<_> { job.watch.stages().iter().map(|stage| stage.name).collect() };
	wait("it is prepared", || names(&first).contains(&"counting"));
	let second = queue.submit(request_for(2, 1)).unwrap();
	let (status, progress) = second.now();
	let progress = progress.expect("it runs");
	assert_eq!(status, JobStatus::Running);
	assert_eq!((progress.stage.as_str(), progress.done, progress.total), ("counting", 4, 10));
	gate.open();
	wait("both end", || done(&first) && done(&second));
	for job in [&first, &second] {
		assert_eq!(names(job), ["waiting", "preparing", "counting", "answering"]);
		assert_eq!(job.now().1, None, "what has ended goes no further");
	}
}
