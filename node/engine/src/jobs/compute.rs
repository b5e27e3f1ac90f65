//! One job, from the store's blobs to its result.

use super::{fail, Models, Query, Source};
use crate::attribution::Stopped;
use openledger_content::Error as ContentError;
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobInput, JobRequest, JobResult, ENGINE_VERSION},
	report::MAX_INFLUENCE,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// Computes `request` on what `store` holds. The result's bytes depend on nothing else.
pub fn compute(
	store: &Source,
	models: &Models,
	request: &JobRequest,
	stop: &AtomicBool,
) -> Result<JobResult, JobError> {
	if request.engine_version != ENGINE_VERSION {
		return Err(fail(
			JobErrorCode::EngineVersion,
			format!(
				"engine version {} is asked for, this is version {ENGINE_VERSION}",
				request.engine_version
			),
		));
	}
	let model = models.get(store, &request.model, stop)?;
	let bytes = input(store, &request.input, request.model.input_bytes)?;
	let query = model.query(&bytes)?;
	let Query { answer, features_hash, .. } = &query;
	if stop.load(Ordering::Relaxed) {
		return Err(super::stopped(Stopped));
	}
	let influence = model.influence(&query)?;
	debug_assert!(influence.len() <= MAX_INFLUENCE as usize);
	Ok(JobResult {
		answer: format!("0x{}", hex::encode(answer)),
		output: None,
		query_features: format!("0x{}", hex::encode(features_hash)),
		engine_version: ENGINE_VERSION,
		influence: influence.into_iter().map(|(id, share)| (id.0, share.0)).collect(),
	})
}

fn input(store: &Source, input: &JobInput, expected: u32) -> Result<Vec<u8>, JobError> {
	let unavailable = |message: String| fail(JobErrorCode::InputUnavailable, message);
	let bytes = match input {
		JobInput::Inline(text) => {
			let digits = text
				.strip_prefix("0x")
				.ok_or_else(|| unavailable("the inline input does not begin with 0x".into()))?;
			hex::decode(digits)
				.map_err(|e| unavailable(format!("the inline input is not hexadecimal: {e}")))?
		}
		JobInput::Blob(id) => match store.get(id) {
			Ok(bytes) => bytes,
			Err(
				e @ (ContentError::Missing(_)
				| ContentError::Damaged { .. }
				| ContentError::TooLarge { .. }),
			) => return Err(unavailable(format!("input: {e}"))),
			Err(e) => return Err(fail(JobErrorCode::Internal, format!("input: {e}"))),
		},
	};
	if bytes.len() != expected as usize {
		return Err(unavailable(format!(
			"the input has {} bytes, the model takes {expected}",
			bytes.len()
		)));
	}
	Ok(bytes)
}
