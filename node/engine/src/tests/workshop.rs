//! From blobs to results: inputs, outputs, and what no report can hold.

use super::fixtures::World;
use crate::{
	jobs::{kind, Answer, Answerer, Details, Peek, Resources, Source, Work, Workshop},
	watch::Watch,
};
use openledger_content::{merkle, Store};
use openledger_primitives::{
	api::{JobError, JobErrorCode, JobInput, JobResult},
	BlobId, ContributionId, Ppm,
};
use std::path::Path;

/// A model that always answers the same.
struct Fixed(Answer);

impl Answerer for Fixed {
	fn answer(&self, _: &[u8], _: &Watch) -> Result<Answer, JobError> {
		Ok(self.0.clone())
	}

	fn memory(&self) -> usize {
		1
	}

	fn working_memory(&self) -> usize {
		1
	}

	fn details(&self) -> Details {
		Details::default()
	}
}

fn answer() -> Answer {
	Answer {
		answer: vec![1, 2, 3],
		output: None,
		query_features: [7; 32],
		influence: vec![(ContributionId(1), Ppm(400_000)), (ContributionId(5), Ppm(600_000))],
	}
}

fn workshop(store: Store) -> Workshop {
	let resources = Resources::cpu(1);
	Workshop::new(Source::new(store, tokio::runtime::Handle::current()), resources)
}

/// What becomes of `answer` in a store.
async fn outcome(world: &World, store: &Store, answer: Answer) -> Result<JobResult, JobError> {
	let (workshop, request) = (workshop(store.clone()), world.request(1));
	let work = move || workshop.answer(&Fixed(answer), &request, &Watch::new());
	tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_output_is_a_blob_that_others_can_fetch() {
	let world = World::clouds().await;
	let output = vec![42; 700_000];
	let with = Answer { output: Some(output.clone()), ..answer() };
	let result = outcome(&world, &world.store, with).await.unwrap();
	assert_eq!(result.answer, "0x010203");
	assert_eq!(result.influence, [(1, 400_000), (5, 600_000)]);
	let id = result.output.expect("a blob");
	assert_eq!(id, merkle::blob_id(&output));
	// as a node that serves the same directory finds it
	let other = Store::open(world.dir.path()).unwrap();
	assert_eq!(other.get(&id).await.unwrap(), output);
	let again = Answer { output: Some(output), ..answer() };
	assert_eq!(outcome(&world, &world.store, again).await.unwrap().output, Some(id));
	assert_eq!(outcome(&world, &world.store, answer()).await.unwrap().output, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_cannot_be_stored_fails_the_job_and_says_why() {
	let world = World::clouds().await;
	let with = || Answer { output: Some(vec![42; 1000]), ..answer() };
	let small = world.store.clone().with_max_bytes(999);
	// a directory that is none any more
	let dir = tempfile::tempdir().unwrap();
	let gone = Store::open(dir.path().join("store")).unwrap();
	std::fs::remove_dir(dir.path().join("store")).unwrap();
	std::fs::write(dir.path().join("store"), "").unwrap();
	for (store, what) in [(small, "larger than"), (gone, "cannot be used")] {
		let error = outcome(&world, &store, with()).await.unwrap_err();
		assert_eq!(error.code, JobErrorCode::Internal);
		assert!(error.message.contains("the output cannot be stored"), "{error:?}");
		assert!(error.message.contains(what), "{error:?}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_report_can_hold_is_no_result() {
	let world = World::clouds().await;
	let shares = |list: &[(u64, u32)]| -> Vec<_> {
		list.iter().map(|(id, share)| (ContributionId(*id), Ppm(*share))).collect()
	};
	let many: Vec<_> = (0..65).map(|id| (id, 1)).collect();
	for (wrong, what) in [
		(Answer { answer: vec![], ..answer() }, "an answer"),
		(Answer { answer: vec![0; 257], ..answer() }, "an answer"),
		(Answer { influence: shares(&many), ..answer() }, "more contributions"),
		(Answer { influence: shares(&[(2, 1), (2, 1)]), ..answer() }, "not sorted"),
		(Answer { influence: shares(&[(1, 600_000), (2, 400_001)]), ..answer() }, "the whole"),
	] {
		let error = outcome(&world, &world.store, wrong).await.unwrap_err();
		assert_eq!(error.code, JobErrorCode::Internal);
		assert!(error.message.contains(what), "{error:?}");
	}
	let full = Answer { answer: vec![0; 256], influence: shares(&many[..64]), ..answer() };
	assert!(outcome(&world, &world.store, full).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_of_another_size_is_not_even_read() {
	let world = World::clouds().await;
	let large = world.put(vec![0; 1 << 20]).await;
	// its bytes are wrong too, which only a reader would find
	let digits = large.to_string();
	let digits = digits.trim_start_matches("0x");
	std::fs::write(world.dir.path().join(&digits[..2]).join(digits), vec![1; 1 << 20]).unwrap();
	let mut request = world.request(1);
	request.input = JobInput::Blob(large);
	let workshop = workshop(world.store.clone());
	let work = move || workshop.answer(&Fixed(answer()), &request, &Watch::new());
	let error = tokio::task::spawn_blocking(work).await.unwrap().unwrap_err();
	assert_eq!(error.code, JobErrorCode::InputUnavailable);
	assert!(error.message.contains("1048576 bytes, the model takes 8"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_needs_is_known_from_its_headers() {
	let world = World::clouds().await;
	let workshop = workshop(world.store.clone());
	let model = world.model.clone();
	let need = tokio::task::spawn_blocking(move || workshop.need(&model)).await.unwrap().unwrap();
	assert!(need > world.file.len() + world.features.len(), "{need}");

	let peek = |size: usize, head: &[u8]| Peek { size, head: head.to_vec() };
	let (file, features) = (world.file.len(), &world.features[..]);
	let ask = |size: usize, head: &[u8]| {
		kind(world.model.task).need(&world.model, &peek(file, &[]), &peek(size, head))
	};
	assert_eq!(ask(features.len(), &features[..36]), Ok(need));
	// a header that promises what its blob does not hold costs nothing
	let mut hostile = features[..36].to_vec();
	hostile[20..28].copy_from_slice(&(1u64 << 22).to_le_bytes());
	let error = ask(features.len(), &hostile).unwrap_err();
	assert_eq!(error.code, JobErrorCode::BadModel);
	for length in 0..36 {
		assert!(ask(features.len(), &features[..length]).is_err());
	}
	// a head beyond the limit is refused when it is read, without its Hessian
	let mut wide = features[..36].to_vec();
	wide[12..16].copy_from_slice(&60_000u32.to_le_bytes());
	assert!(ask(features.len(), &wide).unwrap() < 1 << 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_is_looked_at_without_being_read() {
	let world = World::clouds().await;
	let source = Source::new(world.store.clone(), tokio::runtime::Handle::current());
	let (large, empty) = (world.put(vec![5; 10_000]).await, world.put(vec![]).await);
	let small = Source::new(
		Store::open(world.dir.path()).unwrap().with_max_bytes(9_999),
		tokio::runtime::Handle::current(),
	);
	let look = move || {
		assert_eq!(source.peek(&large).unwrap(), Peek { size: 10_000, head: vec![5; 4096] });
		assert_eq!(source.peek(&empty).unwrap(), Peek { size: 0, head: vec![] });
		assert!(source.peek(&BlobId([3; 32])).unwrap_err().to_string().contains("no blob"));
		assert!(small.peek(&large).unwrap_err().to_string().contains("larger"));
	};
	tokio::task::spawn_blocking(look).await.unwrap();
	assert!(Path::new(world.dir.path()).exists());
}
