//! An engine that says what a test wants: unlike the SDK's own it knows statuses, silence and
//! broken connections.

use openledger_primitives::{
	api::{JobError, JobErrorCode, JobResult, JobStatus},
	JobId,
};
use polkadot_sdk::sp_core::{
	offchain::{
		testing::TestOffchainExt, Externalities, HttpError, HttpRequestId, HttpRequestStatus,
		OpaqueNetworkState, Timestamp,
	},
	OpaquePeerId,
};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard},
};

/// What the engine does with the next requests.
#[derive(Clone)]
pub enum Mood {
	Says(u16, Vec<u8>),
	Hangs,
	Refuses,
	/// Sends its head and then nothing.
	Stalls,
}

/// A request as the engine saw it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
	pub method: String,
	pub url: String,
	pub headers: Vec<(String, String)>,
	pub body: Vec<u8>,
}

#[derive(Default)]
pub struct State {
	mood: Option<Mood>,
	hanging: Vec<String>,
	seen: Vec<Seen>,
	open: BTreeMap<u16, usize>,
	clock: u64,
	waited: u64,
	random: u8,
}

/// The test's hand on the engine.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<State>>);

impl Script {
	fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap()
	}

	pub fn does(&self, mood: Mood) {
		self.state().mood = Some(mood);
	}

	pub fn says(&self, status: &JobStatus) {
		self.does(Mood::Says(200, serde_json::to_vec(status).unwrap()));
	}

	pub fn runs(&self) {
		self.does(Mood::Says(202, br#"{"state":"running"}"#.to_vec()));
	}

	pub fn is_done(&self, result: JobResult) {
		self.says(&JobStatus::Done { result });
	}

	/// Whatever it does else, it is silent when asked about this request.
	pub fn hangs_for(&self, request: &str) {
		self.state().hanging.push(request.into());
	}

	pub fn fails(&self, code: JobErrorCode) {
		self.says(&JobStatus::Failed { error: JobError { code, message: "so it is".into() } });
	}

	/// Requests since the last look.
	pub fn seen(&self) -> Vec<Seen> {
		std::mem::take(&mut self.state().seen)
	}

	pub fn asked(&self) -> usize {
		self.seen().iter().filter(|seen| seen.method == "POST").count()
	}

	/// Milliseconds that runs waited for since the last look.
	pub fn waited(&self) -> u64 {
		std::mem::take(&mut self.state().waited)
	}

	pub fn pass_time(&self, millis: u64) {
		self.state().clock += millis;
	}
}

/// A result that the chain accepts.
pub fn good() -> JobResult {
	JobResult {
		answer: "0x03000000".into(),
		output: None,
		query_features: format!("0x{}", "09".repeat(32)),
		engine_version: crate::mock::ENGINE_VERSION,
		influence: vec![(1, 600_000), (2, 300_000)],
	}
}

/// What `good` is on chain.
pub fn good_report(job: JobId) -> openledger_primitives::Report {
	crate::mock::report(job, 3, &[(1, 600_000), (2, 300_000)])
}

pub struct ScriptedEngine {
	storage: TestOffchainExt,
	script: Script,
}

impl ScriptedEngine {
	pub fn new(storage: TestOffchainExt, script: &Script) -> Self {
		Self { storage, script: script.clone() }
	}

	fn wait_until(&self, deadline: Option<Timestamp>) {
		let mut state = self.script.state();
		let deadline = deadline.expect("nothing waits for ever").unix_millis();
		let waited = deadline.saturating_sub(state.clock);
		state.clock += waited;
		state.waited += waited;
	}
}

impl Externalities for ScriptedEngine {
	fn is_validator(&self) -> bool {
		self.storage.is_validator()
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		self.storage.network_state()
	}

	fn timestamp(&mut self) -> Timestamp {
		Timestamp::from_unix_millis(self.script.state().clock)
	}

	fn sleep_until(&mut self, _: Timestamp) {
		panic!("the off-chain worker sleeps");
	}

	fn random_seed(&mut self) -> [u8; 32] {
		let mut state = self.script.state();
		state.random += 1;
		[state.random; 32]
	}

	fn http_request_start(
		&mut self,
		method: &str,
		url: &str,
		_: &[u8],
	) -> Result<HttpRequestId, ()> {
		let mut state = self.script.state();
		state.seen.push(Seen { method: method.into(), url: url.into(), ..Default::default() });
		Ok(HttpRequestId(u16::try_from(state.seen.len() - 1).unwrap()))
	}

	fn http_request_add_header(
		&mut self,
		id: HttpRequestId,
		name: &str,
		value: &str,
	) -> Result<(), ()> {
		let mut state = self.script.state();
		state.seen[usize::from(id.0)].headers.push((name.into(), value.into()));
		Ok(())
	}

	fn http_request_write_body(
		&mut self,
		id: HttpRequestId,
		chunk: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		assert!(deadline.is_some());
		let mut state = self.script.state();
		if matches!(state.mood, Some(Mood::Refuses)) {
			return Err(HttpError::IoError);
		}
		state.seen[usize::from(id.0)].body.extend(chunk);
		Ok(())
	}

	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		let state = self.script.state();
		let mood = state.mood.clone().expect("a test says what the engine does");
		let asked =
			|id: &HttpRequestId| String::from_utf8_lossy(&state.seen[usize::from(id.0)].body);
		let hangs = ids.iter().any(|id| state.hanging.iter().any(|job| asked(id).contains(job)));
		let mood = if hangs { Mood::Hangs } else { mood };
		drop(state);
		let status = match mood {
			Mood::Says(code, _) => HttpRequestStatus::Finished(code),
			Mood::Stalls => HttpRequestStatus::Finished(200),
			Mood::Refuses => HttpRequestStatus::IoError,
			Mood::Hangs => {
				self.wait_until(deadline);
				HttpRequestStatus::DeadlineReached
			}
		};
		ids.iter().map(|_| status).collect()
	}

	fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		Vec::new()
	}

	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		let mood = self.script.state().mood.clone();
		let Some(Mood::Says(_, body)) = mood else {
			self.wait_until(deadline);
			return Err(HttpError::DeadlineReached);
		};
		let mut state = self.script.state();
		let read = state.open.entry(id.0).or_default();
		let rest = &body[*read..];
		let size = rest.len().min(buffer.len());
		buffer[..size].copy_from_slice(&rest[..size]);
		*read += size;
		if size == 0 {
			state.open.remove(&id.0);
		}
		Ok(size)
	}

	fn set_authorized_nodes(&mut self, _: Vec<OpaquePeerId>, _: bool) {
		panic!("the off-chain worker changes the node's peers");
	}
}
