//! Progress over HTTP: stages in order, one end, and not too many readers.

use super::fixtures::{job_id, Engine, World};
use crate::serve::{Options, Shown};
use openledger_primitives::api::JobStatus;
use std::time::Duration;
use tokio::{
	io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
	net::TcpStream,
};

/// A reader of a job's events.
struct Reader(BufReader<TcpStream>);

impl Reader {
	/// The reader, or the status code that it was refused with.
	async fn open(engine: &Engine, id: u8) -> Result<Self, u16> {
		let mut stream = TcpStream::connect(engine.address).await.unwrap();
		let path = format!("/v1/jobs/{}/events", job_id(id));
		let head = format!("GET {path} HTTP/1.1\r\nHost: engine\r\n\r\n");
		stream.write_all(head.as_bytes()).await.unwrap();
		let mut reader = BufReader::new(stream);
		let (mut code, mut line) = (String::new(), String::new());
		reader.read_line(&mut code).await.unwrap();
		let code: u16 = code.split(' ').nth(1).unwrap().parse().unwrap();
		while line != "\r\n" {
			line.clear();
			reader.read_line(&mut line).await.unwrap();
			if let Some(kind) = line.strip_prefix("content-type: ") {
				assert_eq!(kind.starts_with("text/event-stream"), code == 200);
			}
		}
		match code {
			200 => Ok(Self(reader)),
			code => Err(code),
		}
	}

	/// The next event: its name and what it shows. `None` at the end of the stream.
	async fn next(&mut self) -> Option<(String, Shown)> {
		let (mut name, mut line) = (String::new(), String::new());
		loop {
			line.clear();
			let read = tokio::time::timeout(Duration::from_secs(30), self.0.read_line(&mut line));
			// chunks' sizes and empty lines are between the fields
			assert!(read.await.expect("an event in time").unwrap() > 0, "it broke off");
			if line == "0\r\n" {
				return None;
			}
			if let Some(rest) = line.strip_prefix("event: ") {
				name = rest.trim_end().into();
			}
			if let Some(data) = line.strip_prefix("data: ") {
				return Some((name, serde_json::from_str(data).expect("a status")));
			}
		}
	}

	/// All events until the end.
	async fn rest(&mut self) -> Vec<(String, Shown)> {
		let mut events = Vec::new();
		while let Some(event) = self.next().await {
			events.push(event);
		}
		events
	}
}

/// Checks an ended stream: stages in order, rounds that never decrease, one end. Answers how it
/// ended and the stages.
fn check(events: &[(String, Shown)]) -> (JobStatus, Vec<String>) {
	let ((name, end), before) = events.split_last().expect("events");
	assert_eq!((name.as_str(), &end.progress), ("end", &None));
	let mut stages: Vec<(String, u64)> = Vec::new();
	for (name, shown) in before {
		assert_eq!((name.as_str(), &shown.status), ("progress", &JobStatus::Running));
		let progress = shown.progress.as_ref().expect("how far it is");
		assert!(progress.done <= progress.total);
		match stages.last_mut().filter(|(stage, _)| *stage == progress.stage) {
			Some((_, done)) => {
				assert!(*done < progress.done, "nothing is told twice");
				*done = progress.done;
			}
			None => stages.push((progress.stage.clone(), progress.done)),
		}
	}
	let stages: Vec<_> = stages.into_iter().map(|(stage, _)| stage).collect();
	let mut once = stages.clone();
	once.sort();
	once.dedup();
	assert_eq!(once.len(), stages.len(), "no stage comes back: {stages:?}");
	(end.status.clone(), stages)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_every_stage_and_the_result() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let request = world.request(1);
	let result = engine.result(&request).await;
	// before or after the end, it is told the same
	for _ in 0..2 {
		let events = Reader::open(&engine, 1).await.expect("a stream").rest().await;
		let (end, stages) = check(&events);
		assert_eq!(end, JobStatus::Done { result: result.clone() });
		let wanted = [
			"waiting",
			"fetching the model",
			"reading the model",
			"preparing influence",
			"examining records",
			"fetching the input",
			"running the model",
		];
		let told: Vec<_> = stages.iter().filter(|stage| wanted.contains(&stage.as_str())).collect();
		assert_eq!(told, wanted);
	}
	assert_eq!(Reader::open(&engine, 2).await.err(), Some(404));
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_follows_a_job_to_its_deletion() {
	let world = World::slow().await;
	let engine = world.serve().await;
	assert_eq!(engine.post(&world.request(1)).await.0, 202);
	let mut reader = Reader::open(&engine, 1).await.expect("a stream");
	let mut events = vec![reader.next().await.expect("a first event")];
	let (_, body) = engine.get(&format!("/v1/jobs/{}", job_id(1))).await;
	let shown: Shown = serde_json::from_str(&body).unwrap();
	assert!(shown.progress.is_some(), "{body}");
	// what a reader of before understands
	assert_eq!(serde_json::from_str::<JobStatus>(&body).unwrap(), JobStatus::Running);
	assert_eq!(engine.ask("DELETE", &format!("/v1/jobs/{}", job_id(1)), &[]).await.0, 204);
	events.extend(reader.rest().await);
	let (end, _) = check(&events);
	let JobStatus::Failed { error } = end else { panic!("{end:?}") };
	assert_eq!(error.message, "the job was deleted");
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_and_readers_that_leave_make_room() {
	let world = World::slow().await;
	let options = Options { streams: 3, ..world.options() };
	let engine = Engine::start(&options).await;
	assert_eq!(engine.post(&world.request(1)).await.0, 202);
	let mut readers = Vec::new();
	for _ in 0..3 {
		readers.push(Reader::open(&engine, 1).await.expect("a stream"));
	}
	assert_eq!(Reader::open(&engine, 1).await.err(), Some(429));
	let (_, metrics) = engine.get("/metrics").await;
	assert!(metrics.contains("openledger_engine_streams 3\n"), "{metrics}");
	assert!(metrics.contains("openledger_engine_streams_refused_total 1\n"), "{metrics}");
	readers.truncate(2);
	let mut tries = 0;
	let another = loop {
		match Reader::open(&engine, 1).await {
			Ok(reader) => break reader,
			Err(code) => assert_eq!((code, tries < 300), (429, true)),
		}
		tries += 1;
		tokio::time::sleep(Duration::from_millis(20)).await;
	};
	readers.push(another);
	// the engine does not wait for them when it stops
	engine.stop().await;
	for mut reader in readers {
		let mut rest = Vec::new();
		reader.0.read_to_end(&mut rest).await.unwrap();
	}
}
