//! Clients that are slow, many, or silent, and models that are too large: nobody else is harmed.

use super::fixtures::{Engine, World};
use crate::serve::{Health, Options};
use openledger_primitives::api::{JobErrorCode, JobStatus};
use std::time::Duration;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// Waits until the other end closes; what it said before.
async fn until_closed(stream: &mut TcpStream) -> String {
	let mut said = Vec::new();
	let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut said));
	// reset or ended: both are closed
	let _ = read.await.expect("the engine hangs up");
	String::from_utf8_lossy(&said).into_owned()
}

async fn impatient(world: &World) -> Engine {
	Engine::start(&Options { stall: 1, ..world.options() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_a_request_is_dropped() {
	let world = World::clouds().await;
	let engine = impatient(&world).await;
	let mut silent = TcpStream::connect(engine.address).await.unwrap();
	let mut partial = TcpStream::connect(engine.address).await.unwrap();
	partial.write_all(b"GET /v1/health HTTP/1.1\r\nHost: en").await.unwrap();
	let mut body = TcpStream::connect(engine.address).await.unwrap();
	let head = b"POST /v1/jobs HTTP/1.1\r\nHost: engine\r\nContent-Length: 1000\r\n\r\n{\"id\"";
	body.write_all(head).await.unwrap();
	assert_eq!(until_closed(&mut silent).await, "");
	until_closed(&mut partial).await;
	assert!(until_closed(&mut body).await.starts_with("HTTP/1.1 408"));
	assert_eq!(engine.get("/v1/health").await.0, 200);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_the_answers_is_dropped() {
	let world = World::clouds().await;
	let engine = impatient(&world).await;
	let stream = TcpStream::connect(engine.address).await.unwrap();
	let (mut read, mut write) = stream.into_split();
	// one request after another, until the pipes are full both ways
	let flood = tokio::spawn(async move {
		let request = b"GET /metrics HTTP/1.1\r\nHost: engine\r\n\r\n";
		while write.write_all(request).await.is_ok() {}
	});
	tokio::time::timeout(Duration::from_secs(20), flood).await.expect("it is dropped").unwrap();
	let mut rest = Vec::new();
	let _ = read.read_to_end(&mut rest).await;
	engine.result(&world.request(1)).await;
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_it_is_read() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let heads = [
		"POST /v1/jobs HTTP/1.1\r\nHost: engine\r\nContent-Length: 99999999999999\r\n\r\n".into(),
		format!("GET /v1/health HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(100_000)),
		format!("GET /{} HTTP/1.1\r\nHost: engine\r\n\r\n", "x".repeat(100_000)),
	];
	for (head, codes) in heads.iter().zip([["413", "413"], ["431", "431"], ["431", "414"]]) {
		let mut stream = TcpStream::connect(engine.address).await.unwrap();
		// it may be refused before all of it is sent
		let _ = stream.write_all(head.as_bytes()).await;
		let mut start = [0; 12];
		if stream.read_exact(&mut start).await.is_ok() {
			let start = String::from_utf8_lossy(&start).into_owned();
			assert!(codes.iter().any(|code| start.ends_with(code)), "{start}");
		}
	}
	// a body without end
	let mut stream = TcpStream::connect(engine.address).await.unwrap();
	let head = b"POST /v1/jobs HTTP/1.1\r\nHost: engine\r\nTransfer-Encoding: chunked\r\n\r\n";
	stream.write_all(head).await.unwrap();
	let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
	let mut sent = 0;
	while sent < 10_000 && stream.write_all(chunk.as_bytes()).await.is_ok() {
		sent += 1;
	}
	assert!(sent < 10_000, "it reads without end");
	assert_eq!(engine.get("/v1/health").await.0, 200);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_there_is_room_for_wait() {
	let world = World::clouds().await;
	let options = Options { connections: 4, ..world.options() };
	let engine = Engine::start(&options).await;
	let mut idle = Vec::new();
	for _ in 0..4 {
		let mut stream = TcpStream::connect(engine.address).await.unwrap();
		stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: engine\r\n\r\n").await.unwrap();
		let mut start = [0; 12];
		stream.read_exact(&mut start).await.unwrap();
		assert_eq!(&start[9..], b"200");
		idle.push(stream);
	}
	let mut waiting = Box::pin(engine.get("/v1/health"));
	let early = tokio::time::timeout(Duration::from_millis(200), waiting.as_mut()).await;
	assert!(early.is_err(), "there was no room");
	idle.pop();
	assert_eq!(waiting.await.0, 200);
	drop(idle);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_beyond_the_memory_fails_and_harms_nobody() {
	let world = World::slow().await;
	let small = World::clouds().await;
	for blob in [&small.file, &small.features] {
		world.put(blob.clone()).await;
	}
	let engine = Engine::start(&Options { memory: Some(16), ..world.options() }).await;
	let error = engine.error(&world.request(1)).await;
	assert_eq!(error.code, JobErrorCode::Internal);
	assert!(error.message.contains("memory"), "{error:?}");
	assert!(error.message.contains("16 MiB"), "{error:?}");
	engine.result(&small.request(2)).await;
	let health: Health = serde_json::from_str(&engine.get("/v1/health").await.1).unwrap();
	assert_eq!((health.memory_budget, health.models), (16 << 20, 1));
	assert!((1..16 << 20).contains(&health.memory_taken), "{}", health.memory_taken);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_job_is_asked_again_after_a_restart() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let before = engine.result(&world.request(1)).await;
	engine.stop().await;
	let engine = world.serve().await;
	let path = format!("/v1/jobs/{}", super::fixtures::job_id(1));
	assert_eq!(engine.get(&path).await.0, 404, "jobs are not kept on disk");
	let status = engine.finish(&world.request(1)).await;
	assert_eq!(status, JobStatus::Done { result: before });
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_models_run_is_said() {
	use crate::serve::Device;
	let world = World::clouds().await;
	let auto = Options { device: Device::Auto, ..world.options() };
	let cuda = Options { device: Device::Cuda, ..world.options() };
	let engine = Engine::start(&auto).await;
	let health: Health = serde_json::from_str(&engine.get("/v1/health").await.1).unwrap();
	match cuda.check() {
		Ok(()) => assert_eq!((health.device.as_str(), health.device_note), ("cuda", None)),
		Err(error) => {
			let note = health.device_note.expect("a reason");
			assert_eq!(health.device, "cpu");
			assert!(error.to_string().contains(&note), "{error} {note}");
		}
	}
	let (_, metrics) = engine.get("/metrics").await;
	let label = format!("device=\"{}\"}} 1\n", health.device);
	assert!(metrics.contains(&label), "{metrics}");
	engine.stop().await;
}
