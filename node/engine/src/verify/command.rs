//! From a receipt to a verdict.

use super::{
	payouts::faults,
	receipt::{is_input, Receipt, Report, Request, Share, MAX_BYTES},
};
use crate::{
	error::{printable, Error, Result},
	files,
	jobs::{Resources, Source, Workshop},
	linalg::threads,
	watch::Watch,
};
use openledger_content::{Error as ContentError, Store};
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobInput, JobRequest, JobResult, ENGINE_VERSION},
	merkle::blob_id,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Recomputes a receipt from its model's files and its input. Ends with 0 when everything is as the
/// receipt says, 1 when something differs, 2 when that cannot be told.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
	/// The receipt: what `receipt.mjs JOB --json` printed, or `request.mjs`, or `check-receipt.mjs`
	#[arg(value_name = "RECEIPT")]
	pub receipt: PathBuf,
	/// Directory of a content store that has the model, its features and the input
	#[arg(long, value_name = "DIR", required_unless_present = "blob", conflicts_with = "blob")]
	pub store: Option<PathBuf>,
	/// The same as files, in any order: each is known by its bytes
	#[arg(long, value_name = "FILE", value_delimiter = ',')]
	pub blob: Vec<PathBuf>,
	/// The input, where the receipt does not say it: f32, little-endian
	#[arg(long, value_name = "FILE")]
	pub input: Option<PathBuf>,
	/// Largest difference of a share that counts as the same, in ppm
	#[arg(long, value_name = "PPM", default_value_t = 0)]
	pub tolerance: u32,
	/// Threads [default: all cores]
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
	/// What is as the receipt says, and what was not looked at.
	pub notes: Vec<String>,
	/// What differs.
	pub differences: Vec<String>,
}

impl Verdict {
	fn same(&mut self, what: impl Into<String>) {
		self.notes.push(what.into());
	}

	fn differs(&mut self, what: impl Into<String>) {
		self.differences.push(what.into());
	}
}

impl Args {
	/// Verifies and prints.
	pub fn run(&self) -> Result<()> {
		let unknown = |e: Error| Error::CannotTell(e.line());
		let receipt = self.receipt().map_err(unknown)?;
		let verdict = self.verify(&receipt).map_err(unknown)?;
		let id = printable(&receipt.id);
		println!("receipt {id} of job {}, model {}", receipt.job, receipt.model);
		verdict.notes.iter().for_each(|note| println!("  {}", printable(note)));
		let differences = verdict.differences.iter();
		differences.for_each(|difference| println!("  DIFFERS: {}", printable(difference)));
		match verdict.differences.len() {
			0 => {
				println!("yes: what can be recomputed is as the receipt says");
				Ok(())
			}
			1 => Err(Error::Differs("the receipt differs in one point".into())),
			many => Err(Error::Differs(format!("the receipt differs in {many} points"))),
		}
	}

	fn receipt(&self) -> Result<Receipt> {
		let bytes = files::read(&self.receipt, MAX_BYTES)?;
		Receipt::parse(&bytes).map_err(|e| Error::Data(format!("{}: {e}", self.receipt.display())))
	}

	/// Compares a receipt with what comes out here. An error says why that cannot be done.
	pub fn verify(&self, receipt: &Receipt) -> Result<Verdict> {
		let mut verdict = Verdict::default();
		let request = match receipt.bound_request() {
			Ok(request) => request,
			Err(reason) => {
				verdict.differs(reason.to_string());
				None
			}
		};
		money(receipt, request.as_ref(), &mut verdict);
		let unusable = receipt.outcome == "Refunded: InputUnavailable";
		if !receipt.is_answered() && !unusable {
			if receipt.answer != "0x" || !receipt.influence.is_empty() || receipt.output.is_some() {
				verdict
					.differs("a job that was not answered has an answer, an output or influence");
			}
			verdict
				.same(format!("outcome: {}, so there is no answer to recompute", receipt.outcome));
			return Ok(verdict);
		}
		let job = self.job(receipt, request.as_ref(), &mut verdict)?;
		match self.compute(&job)? {
			Ok(result) if unusable => verdict.differs(format!(
				"the receipt says that the input cannot be used; here it gives {}",
				result.answer
			)),
			Ok(result) => compare(receipt, &result, self.tolerance, &mut verdict),
			Err(reason) if unusable => {
				verdict.same(format!("outcome: the input cannot be used ({reason})"));
			}
			Err(reason) => verdict.differs(format!("the input cannot be used: {reason}")),
		}
		Ok(verdict)
	}

	/// The job as engines were given it.
	fn job(
		&self,
		receipt: &Receipt,
		request: Option<&Request>,
		verdict: &mut Verdict,
	) -> Result<JobRequest> {
		let given = match &self.input {
			Some(path) => {
				let bytes = files::read(path, files::MAX)?;
				Some(JobInput::Inline(format!("0x{}", hex::encode(bytes))))
			}
			None => None,
		};
		let Some(job) = receipt.job(given.as_ref())? else {
			return Err(Error::Data(
				"the receipt does not say how the job was given to engines (`engineJob`): print it \
				 anew while the chain keeps the model"
					.into(),
			));
		};
		if job.engine_version != ENGINE_VERSION {
			return Err(Error::Data(format!(
				"the job is for engine version {}, this is version {ENGINE_VERSION}",
				job.engine_version
			)));
		}
		if !job.id.eq_ignore_ascii_case(&receipt.request_hash) {
			verdict.differs(format!(
				"the job was given as {}, the receipt is of request {}",
				job.id, receipt.request_hash
			));
		}
		match request {
			Some(request) => {
				if request.model.0 != receipt.model {
					verdict.differs(format!(
						"the request asks model {}, the receipt says {}",
						request.model, receipt.model
					));
				}
				if is_input(&job.input, &request.input) {
					verdict.same(format!("input: that of request {}", receipt.request_hash));
				} else {
					verdict.differs("the input given to engines is not that of the request");
				}
			}
			None => verdict.same("input: as given; nothing here binds it to the request's hash"),
		}
		Ok(job)
	}

	/// What comes out here; inside, why the input cannot be used.
	fn compute(&self, job: &JobRequest) -> Result<std::result::Result<JobResult, String>> {
		let runtime = tokio::runtime::Builder::new_multi_thread()
			.worker_threads(1)
			.build()
			.map_err(|e| Error::Usage(format!("no thread can be started: {e}")))?;
		let store = runtime.block_on(self.open())?;
		if let JobInput::Blob(id) = &job.input {
			// what is not here may well be elsewhere
			runtime.block_on(store.get(id)).map_err(|e| Error::Data(format!("input: {e}")))?;
		}
		let source = Source::new(store, runtime.handle().clone());
		let threads = self.threads.unwrap_or_else(threads::available).max(1);
		let workshop = Workshop::new(source, Resources::cpu(threads));
		match workshop.compute(job, &Watch::new()) {
			Ok(result) => Ok(Ok(result)),
			Err(JobError { code: JobErrorCode::InputUnavailable, message }) => Ok(Err(message)),
			Err(JobError { message, .. }) => Err(Error::Data(message)),
		}
	}

	async fn open(&self) -> Result<Store> {
		let unusable = |e: ContentError| Error::Data(e.to_string());
		match &self.store {
			// opening creates what is not there
			Some(dir) if !dir.is_dir() => {
				Err(Error::Usage(format!("--store {}: there is no such directory", dir.display())))
			}
			Some(dir) => Ok(Store::open(dir).map_err(unusable)?.with_max_bytes(files::MAX)),
			None => {
				let store = Store::in_memory().with_max_bytes(files::MAX);
				for path in &self.blob {
					let bytes = files::read(path, files::MAX)?;
					let id = blob_id(&bytes);
					let stored = store.put(bytes).await.map_err(unusable)?;
					debug_assert_eq!(stored, id);
				}
				Ok(store)
			}
		}
	}
}

fn money(receipt: &Receipt, request: Option<&Request>, verdict: &mut Verdict) {
	let wrong = faults(receipt, request);
	if wrong.is_empty() {
		verdict.same(format!("payouts: {} add up to the planck", receipt.payouts.len()));
	}
	wrong.into_iter().for_each(|fault| verdict.differs(fault));
}

fn compare(receipt: &Receipt, result: &JobResult, tolerance: u32, verdict: &mut Verdict) {
	let mut equal = |what: &str, says: &str, here: &str| {
		if says.eq_ignore_ascii_case(here) {
			verdict.same(format!("{what}: {here}"));
		} else {
			verdict.differs(format!("{what}: the receipt says {says}, here it is {here}"));
		}
	};
	equal("answer", &receipt.answer, &result.answer);
	let name = |id: Option<_>| {
		id.map_or("none".into(), |id: openledger_primitives::BlobId| id.to_string())
	};
	if receipt.output.is_some() || result.output.is_some() {
		equal("output", &name(receipt.output), &name(result.output));
	}
	let apart = differences(&receipt.influence, &result.influence, tolerance);
	if apart.is_empty() {
		verdict.same(format!("influence: {} contributions", result.influence.len()));
	}
	for (id, says, here) in apart {
		verdict.differs(format!(
			"influence of contribution {id}: the receipt says {says} ppm, here it is {here} ppm"
		));
	}
	said(receipt, result, tolerance, verdict);
}

/// Contributions whose shares differ by more than `tolerance`: id, the first's share, the second's.
fn differences(says: &[Share], here: &[(u64, u32)], tolerance: u32) -> Vec<(u64, u32, u32)> {
	let mut both = BTreeMap::<u64, (u32, u32)>::new();
	says.iter().for_each(|share| both.entry(share.contribution).or_default().0 = share.ppm);
	here.iter().for_each(|(id, ppm)| both.entry(*id).or_default().1 = *ppm);
	let apart = both.into_iter().map(|(id, (says, here))| (id, says, here));
	apart.filter(|(_, says, here)| says.abs_diff(*here) > tolerance).collect()
}

/// What workers reported, where the chain still has it: features, version, answer and influence.
fn said(receipt: &Receipt, result: &JobResult, tolerance: u32, verdict: &mut Verdict) {
	let paid = |report: &&Report| {
		receipt.seats.iter().any(|seat| seat.paid && seat.worker == report.worker)
	};
	let of_paid: Vec<&Report> = receipt.reports.iter().filter(paid).collect();
	if of_paid.is_empty() {
		let hash = &result.query_features;
		verdict.same(format!("query features: {hash} here; no report says what workers had"));
		return;
	}
	for report in of_paid {
		let mut wrong = vec![];
		if report.engine_version != result.engine_version {
			wrong.push(format!("engine version {}", report.engine_version));
		}
		if !report.query_features.eq_ignore_ascii_case(&result.query_features) {
			wrong.push(format!(
				"query features {} instead of {}",
				report.query_features, result.query_features
			));
		}
		if !report.answer.eq_ignore_ascii_case(&result.answer) {
			wrong.push(format!("answer {} instead of {}", report.answer, result.answer));
		}
		let apart = differences(&report.influence, &result.influence, tolerance);
		wrong.extend(
			apart
				.iter()
				.map(|(id, says, here)| format!("contribution {id} {says} instead of {here} ppm")),
		);
		if wrong.is_empty() {
			verdict.same(format!("report of {}: the same", report.worker));
		} else {
			verdict.differs(format!(
				"{} was paid for reporting {}",
				report.worker,
				wrong.join(", ")
			));
		}
	}
}
