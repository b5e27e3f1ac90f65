//! What several tests need: small data, a model trained on them, a store, and an HTTP client.

use crate::{
	head::{Head, HeadTask},
	onnx::{
		write::{floats, linear_head, model, node, value, write_linear_head, Form},
		Model,
	},
	records::Table,
	serve::{Options, Server},
	tools::extract,
	train::{train, Samples},
};
use openledger_content::Store;
use openledger_primitives::{
	api::{JobError, JobInput, JobModel, JobRequest, JobResult, JobStatus, ENGINE_VERSION},
	BlobId, ContributionId,
};
use prost::Message;
use std::{
	net::SocketAddr,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// Numbers that look random, the same in every run.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
	/// SplitMix64.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// From 0 to below `bound`.
	pub fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound
	}
}

/// The digits and what was made of them.
pub fn digits(name: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/digits").join(name)
}

pub fn parse(text: &str, task: HeadTask) -> Table {
	Table::parse(Path::new("test.csv"), text.as_bytes(), "label", task).expect("a good CSV")
}

/// Three clouds of points around the corners of a triangle, `n` in all.
pub fn clouds(n: usize, seed: u64) -> Table {
	let mut random = Random(seed);
	let mut text = String::from("x,y,label\n");
	for i in 0..n {
		let class = i % 3;
		let (x, y) = [(0, 0), (400, 0), (0, 400)][class];
		let (dx, dy) = (random.below(120), random.below(120));
		text.push_str(&format!("{},{},{class}\n", x + dx, y + dy));
	}
	parse(&text, HeadTask::Classify)
}

/// Features of [`fog`].
pub const FOG: usize = 12;

/// Points anywhere in [`FOG`] dimensions, `n` in all, of three classes.
pub fn fog(n: usize, seed: u64) -> Table {
	let mut random = Random(seed);
	let mut text: String = (0..FOG).map(|i| format!("x{i},")).collect();
	text.push_str("label\n");
	for i in 0..n {
		(0..FOG).for_each(|_| text.push_str(&format!("{},", random.below(1000))));
		text.push_str(&format!("{}\n", i % 3));
	}
	parse(&text, HeadTask::Classify)
}

/// A line of numbers, `y = 3x + 1` and a little.
pub fn line(n: usize, seed: u64) -> Table {
	let mut random = Random(seed);
	let mut text = String::from("x,label\n");
	for i in 0..n {
		let y = 3 * i + 1;
		text.push_str(&format!("{i},{}.{}\n", y, random.below(10)));
	}
	parse(&text, HeadTask::Regress)
}

pub const L2: f64 = 0.01;

/// A model, its features and inputs in a content store on disk.
pub struct World {
	pub dir: tempfile::TempDir,
	pub store: Store,
	pub file: Vec<u8>,
	pub features: Vec<u8>,
	pub model: JobModel,
	pub input: Vec<u8>,
}

impl World {
	/// Two contributions of clouds, 5 and 9.
	pub async fn clouds() -> Self {
		Self::new(&[clouds(60, 1), clouds(45, 2)], HeadTask::Classify, 0, &[30.0, 20.0]).await
	}

	/// One contribution on a line, 5.
	pub async fn line() -> Self {
		Self::new(&[line(40, 1)], HeadTask::Regress, 8, &[12.5]).await
	}

	/// So many records, none much nearer to some than to others, that preparing them takes seconds.
	pub async fn slow() -> Self {
		Self::new(&[fog(60_000, 3)], HeadTask::Classify, 0, &[30.0; FOG]).await
	}

	pub async fn new(tables: &[Table], task: HeadTask, answer_scale: i8, input: &[f32]) -> Self {
		let samples = Samples::new(tables, task).expect("records");
		let head = train(&samples, L2).expect("training ends");
		let ids = [ContributionId(5), ContributionId(9)];
		Self::with_head(&head, tables, &ids[..tables.len()], answer_scale, input).await
	}

	pub async fn with_head(
		head: &Head,
		tables: &[Table],
		ids: &[ContributionId],
		answer_scale: i8,
		input: &[f32],
	) -> Self {
		let file = write_linear_head(head, Form::Gemm);
		Self::with_file(file, head, tables, ids, answer_scale, input).await
	}

	/// The clouds, with two nodes of a graph before the head.
	pub async fn graph() -> Self {
		let tables = [clouds(60, 1), clouds(45, 2)];
		let samples = Samples::new(&tables, HeadTask::Classify).expect("records");
		let head = train(&samples, L2).expect("training ends");
		let mut graph = linear_head(&head, Form::Gemm);
		graph.input = vec![value("input", &[None, Some(2)])];
		graph.initializer.push(floats("same", &[2, 2], vec![1.0, 0.0, 0.0, 1.0]));
		graph.node.insert(0, node("MatMul", &["input", "same"], "hidden"));
		graph.node.insert(1, node("Relu", &["hidden"], "x"));
		let file = model(graph).encode_to_vec();
		let ids = [ContributionId(5), ContributionId(9)];
		Self::with_file(file, &head, &tables, &ids, 0, &[30.0, 20.0]).await
	}

	async fn with_file(
		file: Vec<u8>,
		head: &Head,
		tables: &[Table],
		ids: &[ContributionId],
		answer_scale: i8,
		input: &[f32],
	) -> Self {
		let model = Model::parse(&file, None).expect("a good model");
		let features =
			extract(&model, tables, ids, L2, 3).expect("features").to_bytes().expect("an artifact");
		let dir = tempfile::tempdir().expect("a directory");
		let store = Store::open(dir.path()).expect("a store");
		let model = JobModel {
			artifact: store.put(file.clone()).await.expect("room"),
			features: store.put(features.clone()).await.expect("room"),
			task: head.task().into(),
			input_bytes: 4 * head.features() as u32,
			feature_scale: 3,
			answer_scale,
		};
		let input = input.iter().flat_map(|x| x.to_le_bytes()).collect();
		Self { dir, store, file, features, model, input }
	}

	pub async fn put(&self, bytes: Vec<u8>) -> BlobId {
		self.store.put(bytes).await.expect("room")
	}

	pub fn options(&self) -> Options {
		Options { threads: Some(2), ..Options::new(self.dir.path()) }
	}

	pub async fn serve(&self) -> Engine {
		Engine::start(&self.options()).await
	}

	pub fn request(&self, id: u8) -> JobRequest {
		JobRequest {
			id: job_id(id),
			engine_version: ENGINE_VERSION,
			model: self.model.clone(),
			input: JobInput::Inline(format!("0x{}", hex::encode(&self.input))),
		}
	}
}

pub fn job_id(id: u8) -> String {
	format!("0x{}", hex::encode([id; 32]))
}

/// A started server and a client of it.
pub struct Engine {
	server: Server,
	pub address: SocketAddr,
	pub token: Option<String>,
}

impl Engine {
	pub async fn start(options: &Options) -> Self {
		let server = Server::start(options).await.expect("it starts");
		let address = server.address();
		Self { server, address, token: None }
	}

	pub async fn stop(self) {
		self.server.stop().await.expect("it stops");
	}

	/// Status code and body.
	pub async fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
		let mut head = format!(
			"{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
			self.address,
			body.len()
		);
		if let Some(token) = &self.token {
			head.push_str(&format!("Authorization: Bearer {token}\r\n"));
		}
		head.push_str("\r\n");
		let mut stream = TcpStream::connect(self.address).await.expect("it listens");
		stream.write_all(head.as_bytes()).await.expect("it reads");
		// a body that is too large is refused before it was read
		let _ = stream.write_all(body).await;
		let mut answer = Vec::new();
		let _ = stream.read_to_end(&mut answer).await;
		let answer = String::from_utf8(answer).expect("text");
		let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
		let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a code");
		(code, body.to_owned())
	}

	pub async fn get(&self, path: &str) -> (u16, String) {
		self.ask("GET", path, &[]).await
	}

	pub async fn post(&self, request: &JobRequest) -> (u16, String) {
		self.ask("POST", "/v1/jobs", &serde_json::to_vec(request).expect("JSON")).await
	}

	/// Posts and waits for the end.
	pub async fn finish(&self, request: &JobRequest) -> JobStatus {
		let started = Instant::now();
		let (mut code, mut body) = self.post(request).await;
		loop {
			assert!(code == 200 || code == 202, "{code} {body}");
			let status = serde_json::from_str(&body).expect("a status");
			if status != JobStatus::Running {
				return status;
			}
			assert!(started.elapsed() < Duration::from_secs(60), "the job does not end");
			tokio::time::sleep(Duration::from_millis(20)).await;
			(code, body) = self.get(&format!("/v1/jobs/{}", request.id)).await;
		}
	}

	pub async fn result(&self, request: &JobRequest) -> JobResult {
		match self.finish(request).await {
			JobStatus::Done { result } => result,
			other => panic!("{other:?}"),
		}
	}

	pub async fn error(&self, request: &JobRequest) -> JobError {
		match self.finish(request).await {
			JobStatus::Failed { error } => error,
			other => panic!("{other:?}"),
		}
	}
}
