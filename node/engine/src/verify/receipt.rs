//! A receipt as the client's programs print it with `--json`.

use crate::error::{Error, Result};
use codec::{Decode, Encode};
use openledger_primitives::{
	api::{JobInput, JobRequest},
	merkle::blob_id,
	traits::Input,
	Balance, BlobId, BlockNumber, ModelId,
};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The longest text that is looked at, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;
/// More payouts, seats, shares or reports than any receipt has.
const MAX_ENTRIES: usize = 256;

/// A receipt, with what a job's answer follows from. Fields that are not needed are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
	/// BLAKE2-256 of its SCALE.
	pub id: String,
	/// The job.
	pub job: u64,
	/// The model asked.
	pub model: u32,
	/// BLAKE2-256 over the request.
	pub request_hash: String,
	/// The canonical answer, `0x` and hexadecimal digits.
	pub answer: String,
	/// Blob id of a larger output.
	pub output: Option<BlobId>,
	/// How the job ended: `Answered`, or `Refunded: ` and why.
	pub outcome: String,
	/// Contribution and ppm.
	pub influence: Vec<Share>,
	/// Put aside, in planck.
	#[serde(deserialize_with = "planck")]
	pub fee: Balance,
	/// Spent, in planck.
	#[serde(deserialize_with = "planck")]
	pub spent: Balance,
	/// Of the contributors' part what nobody earned, in planck.
	#[serde(deserialize_with = "planck")]
	pub unattributed: Balance,
	/// Who sat where.
	pub seats: Vec<Seat>,
	/// Who is paid what.
	pub payouts: Vec<Payout>,
	/// SCALE of the request as the chain stores it, `0x` and hexadecimal digits; the chain forgets it
	/// when the receipt matures.
	#[serde(default)]
	pub request: Option<String>,
	/// The job as engines were given it, see [`JobRequest`]; its input is null when the chain has
	/// forgotten it.
	#[serde(default)]
	pub engine_job: Option<Value>,
	/// What workers reported; the chain forgets it when the receipt matures.
	#[serde(default)]
	pub reports: Vec<Report>,
}

/// A contribution's share of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Share {
	/// Its id.
	pub contribution: u64,
	/// In parts per million.
	pub ppm: u32,
}

/// A worker's place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Seat {
	/// Its address.
	pub worker: String,
	/// `Committee`, `Audit` or `Dispute`.
	pub kind: String,
	/// Whether it earned its pay.
	pub paid: bool,
}

/// What somebody is paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Payout {
	/// An address.
	pub account: String,
	/// What for.
	pub part: String,
	/// The contribution or the model.
	#[serde(default)]
	pub of: Option<u64>,
	/// Planck.
	#[serde(deserialize_with = "planck")]
	pub amount: Balance,
}

/// What one worker said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
	/// Its address.
	pub worker: String,
	/// The canonical answer.
	pub answer: String,
	/// BLAKE2-256 of the quantised query features.
	pub query_features: String,
	/// The engine version that computed it.
	pub engine_version: u32,
	/// Contribution and ppm.
	pub influence: Vec<Share>,
}

/// A request as the chain stores it: see `pallets/inference`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
	/// The model asked.
	pub model: ModelId,
	/// Who pays.
	pub caller: [u8; 32],
	/// What is asked.
	pub input: Input,
	/// All that is held, in planck.
	pub fee: Balance,
	/// Part of the floor for the treasury.
	pub floor_base: Balance,
	/// Part of the floor for each seat.
	pub floor_per_seat: Balance,
	/// For each unit of the answer.
	pub unit_price: Balance,
	/// The Datanets' least data fees.
	pub data_fee: Balance,
	/// Seats of the committee.
	pub committee: u8,
	/// The block of the request.
	pub requested_at: BlockNumber,
}

impl Receipt {
	/// Reads what `receipt.mjs`, `request.mjs` or `check-receipt.mjs` printed; the latter two put it
	/// below `receipt`.
	pub fn parse(bytes: &[u8]) -> Result<Self> {
		#[derive(Deserialize)]
		struct Around {
			receipt: Receipt,
		}
		let not_one = |e: serde_json::Error| Error::Data(format!("this is no receipt: {e}"));
		let value: Value = serde_json::from_slice(bytes).map_err(not_one)?;
		let receipt: Self = if value.get("receipt").is_some_and(Value::is_object) {
			serde_json::from_value::<Around>(value).map_err(not_one)?.receipt
		} else {
			serde_json::from_value(value).map_err(not_one)?
		};
		let Self { influence, seats, payouts, reports, .. } = &receipt;
		let longest = [influence.len(), seats.len(), payouts.len(), reports.len()]
			.into_iter()
			.chain(reports.iter().map(|report| report.influence.len()))
			.max();
		if longest > Some(MAX_ENTRIES) {
			return Err(Error::Data("this is no receipt: it lists more than one can".into()));
		}
		Ok(receipt)
	}

	/// The job, with the input that it names or else `input`; `None` where it is not said.
	pub fn job(&self, input: Option<&JobInput>) -> Result<Option<JobRequest>> {
		let Some(mut job) = self.engine_job.clone() else { return Ok(None) };
		let malformed =
			|e: serde_json::Error| Error::Data(format!("`engineJob` is no job for an engine: {e}"));
		if let (Some(input), Some(fields)) = (input, job.as_object_mut()) {
			fields.insert("input".into(), serde_json::to_value(input).map_err(malformed)?);
		}
		if job.get("input").is_some_and(Value::is_null) {
			return Err(Error::Data(
				"the chain had forgotten the input when the receipt was printed: give --input"
					.into(),
			));
		}
		serde_json::from_value(job).map(Some).map_err(malformed)
	}

	/// Whether it has an answer.
	pub fn is_answered(&self) -> bool {
		self.outcome == "Answered"
	}

	/// The stored request, if it is here and is the one of this receipt.
	pub fn bound_request(&self) -> Result<Option<Request>> {
		let Some(text) = &self.request else { return Ok(None) };
		let bytes = bytes_of(text)
			.ok_or_else(|| Error::Data("the request is not 0x and hexadecimal digits".into()))?;
		let hash = format!("0x{}", hex::encode(blake2_256(&bytes)));
		if hash != self.request_hash.to_ascii_lowercase() {
			return Err(Error::Data(format!(
				"the request hashes to {hash}, the receipt is of request {}",
				self.request_hash
			)));
		}
		let mut rest = bytes.as_slice();
		match Request::decode(&mut rest) {
			Ok(request) if rest.is_empty() => Ok(Some(request)),
			_ => Err(Error::Data("the request has another form than this program knows".into())),
		}
	}
}

/// Whether a job's input is what the chain stores: the same bytes, or the blob that they are.
pub fn is_input(given: &JobInput, stored: &Input) -> bool {
	match (given, stored) {
		(JobInput::Inline(text), Input::Inline(bytes)) => {
			bytes_of(text).is_some_and(|given| given == bytes[..])
		}
		(JobInput::Inline(text), Input::Blob(id)) => {
			bytes_of(text).is_some_and(|bytes| blob_id(&bytes) == *id)
		}
		(JobInput::Blob(given), Input::Blob(id)) => given == id,
		(JobInput::Blob(_), Input::Inline(_)) => false,
	}
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
	hex::decode(text.strip_prefix("0x")?).ok()
}

/// Big numbers are decimal strings in the client's JSON.
fn planck<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Balance, D::Error> {
	#[derive(Deserialize)]
	#[serde(untagged)]
	enum Number {
		Text(String),
		Number(u64),
	}
	match Number::deserialize(from)? {
		Number::Text(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
			text.parse().map_err(serde::de::Error::custom)
		}
		Number::Text(text) => Err(serde::de::Error::custom(format!("`{text}` are no planck"))),
		Number::Number(number) => Ok(number.into()),
	}
}
