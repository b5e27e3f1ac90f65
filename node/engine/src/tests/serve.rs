//! The engine over HTTP.

use super::fixtures::{job_id, World};
use crate::{
	jobs::ModelInfo,
	serve::{Health, Options},
};
use openledger_primitives::{
	api::{JobErrorCode, JobInput, JobStatus, ENGINE_VERSION},
	BlobId,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_computed_once_however_often_it_is_posted() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let request = world.request(1);
	let first = engine.result(&request).await;
	assert_eq!(first.answer, "0x00000000", "the input lies in the first cloud");
	assert_eq!(first.engine_version, ENGINE_VERSION);
	assert_eq!(first.influence.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5, 9]);
	assert!(first.influence.iter().map(|(_, share)| share).sum::<u32>() <= 1_000_000);

	let (code, body) = engine.post(&request).await;
	assert_eq!(code, 200);
	let again: JobStatus = serde_json::from_str(&body).unwrap();
	assert_eq!(again, JobStatus::Done { result: first });
	let (code, body) = engine.get("/metrics").await;
	assert_eq!(code, 200);
	assert!(
		body.contains("openledger_engine_jobs_finished_total{kind=\"head\",outcome=\"done\"} 1\n"),
		"{body}"
	);

	let mut other = request.clone();
	other.model.answer_scale = 1;
	assert_eq!(engine.post(&other).await.0, 409);

	let path = format!("/v1/jobs/{}", request.id);
	assert_eq!(engine.get(&path).await.0, 200);
	assert_eq!(engine.ask("DELETE", &path, &[]).await.0, 204);
	assert_eq!(engine.get(&path).await.0, 404);
	assert_eq!(engine.ask("DELETE", &path, &[]).await.0, 404);
	// the id is free again
	engine.result(&request).await;
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_prepared_once_for_many_jobs() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let requests: Vec<_> = (0..8).map(|id| world.request(id)).collect();
	for request in &requests {
		let (code, _) = engine.post(request).await;
		assert!(code == 200 || code == 202);
	}
	for request in &requests {
		engine.result(request).await;
	}
	let (_, metrics) = engine.get("/metrics").await;
	assert!(metrics.contains("openledger_engine_models_prepared_total 1\n"), "{metrics}");
	let (code, body) = engine.get("/v1/models").await;
	assert_eq!(code, 200);
	let models: Vec<ModelInfo> = serde_json::from_str(&body).unwrap();
	assert_eq!(models.len(), 1);
	assert_eq!((models[0].artifact, models[0].records), (world.model.artifact, 105));
	let (code, body) = engine.get("/v1/health").await;
	assert_eq!(code, 200);
	let health: Health = serde_json::from_str(&body).unwrap();
	assert_eq!((health.engine_version, health.jobs.done), (ENGINE_VERSION, 8));
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_answers_as_its_head_alone_and_says_where_it_runs() {
	let (graph, alone) = (World::graph().await, World::clouds().await);
	let (engine, other) = (graph.serve().await, alone.serve().await);
	let result = engine.result(&graph.request(1)).await;
	assert_eq!(result, other.result(&alone.request(1)).await);
	for (engine, has_graph) in [(&engine, true), (&other, false)] {
		let models: Vec<ModelInfo> =
			serde_json::from_str(&engine.get("/v1/models").await.1).unwrap();
		let placement = &models[0].placement;
		assert_eq!((models[0].kind.as_str(), models[0].users), ("head", 0));
		assert_eq!(!placement.is_empty(), has_graph);
		assert!(placement.iter().all(|row| row.device == "cpu" && row.nodes > 0));
	}
	engine.stop().await;
	other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_has_its_description_and_histograms_add_up() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	engine.result(&world.request(1)).await;
	engine.result(&world.request(2)).await;
	let (_, page) = engine.get("/metrics").await;
	let mut known = std::collections::HashSet::new();
	for line in page.lines() {
		if let Some(rest) = line.strip_prefix("# TYPE ") {
			assert!(known.insert(rest.split(' ').next().unwrap()), "{line}: described twice");
		} else if !line.starts_with('#') {
			let name = line.split(['{', ' ']).next().unwrap();
			let base = ["_bucket", "_sum", "_count"];
			let base = base.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
			assert!(known.contains(name) || known.contains(base), "{line}");
			let value = line.rsplit(' ').next().unwrap();
			assert!(value.parse::<f64>().is_ok_and(|value| value >= 0.0), "{line}");
		}
	}
	let value = |name: &str| -> f64 {
		let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
		line.unwrap_or_else(|| panic!("{name} is not in {page}")).parse().unwrap()
	};
	let of = |name: &str| value(&format!("openledger_engine_{name}"));
	assert_eq!(of("jobs_finished_total{kind=\"head\",outcome=\"done\"}"), 2.0);
	assert_eq!((of("models_misses_total"), of("models_hits_total")), (1.0, 1.0));
	assert_eq!(of("prepare_seconds_count{kind=\"head\"}"), 1.0);
	for name in ["queue_seconds", "answer_seconds"] {
		assert_eq!(of(&format!("{name}_count{{kind=\"head\"}}")), 2.0);
		assert_eq!(of(&format!("{name}_bucket{{kind=\"head\",le=\"+Inf\"}}")), 2.0);
	}
	assert_eq!(of("memory_bytes{of=\"models\"}"), of("models_bytes{kind=\"head\"}"));
	assert!(of("memory_budget_bytes") > of("memory_bytes{of=\"models\"}"));
	engine.stop().await;
}

#[test]
fn what_cannot_be_kept_is_refused_by_its_option() {
	let good = Options::new("store");
	assert!(good.check().is_ok());
	let wrong = [
		(Options { threads: Some(0), ..good.clone() }, "--threads"),
		(Options { preparing: 0, ..good.clone() }, "--preparing"),
		(Options { memory: Some(0), ..good.clone() }, "--memory"),
		(Options { memory: Some(9), memory_limit: Some(8), ..good.clone() }, "--memory-limit 8"),
		(Options { connections: 0, ..good.clone() }, "--connections"),
		(Options { stall: 0, ..good.clone() }, "--stall"),
	];
	for (options, what) in wrong {
		let error = options.check().unwrap_err().to_string();
		assert!(error.contains(what), "{error}");
	}
	let budget = |memory, memory_limit| Options { memory, memory_limit, ..good.clone() }.budget();
	assert_eq!(budget(Some(10), Some(100)), 10 << 20);
	assert_eq!(budget(None, Some(100)), 75 << 20);
	assert!(budget(None, None) > 64 << 20, "half of this machine");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_the_same_bytes_after_a_restart_and_on_any_number_of_threads() {
	for world in [World::clouds().await, World::line().await] {
		let mut results = Vec::new();
		for threads in [1, 2, 5] {
			let options = Options { threads: Some(threads), ..world.options() };
			let engine = super::fixtures::Engine::start(&options).await;
			let result = engine.result(&world.request(1)).await;
			assert!(!result.influence.is_empty());
			results.push(serde_json::to_string(&result).unwrap());
			engine.stop().await;
		}
		assert_eq!(results[0], results[1]);
		assert_eq!(results[0], results[2]);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regressor_answers_in_its_scale() {
	let world = World::line().await;
	let engine = world.serve().await;
	let result = engine.result(&world.request(1)).await;
	let mut bytes = [0; 8];
	hex::decode_to_slice(result.answer.trim_start_matches("0x"), &mut bytes).unwrap();
	let answer = i64::from_le_bytes(bytes) as f64 / 256.0;
	assert!((answer - 38.9).abs() < 1.0, "3 · 12.5 + 1 and half of what is added: {answer}");
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_nothing_is_answered() {
	let world = World::clouds().await;
	let file = world.dir.path().join("token");
	std::fs::write(&file, "secret-of-the-test\n").unwrap();
	let options = Options { token_file: Some(file.clone()), ..world.options() };
	let mut engine = super::fixtures::Engine::start(&options).await;
	for wrong in [None, Some("secret-of-the-tes"), Some("secret-of-the-testt"), Some("")] {
		engine.token = wrong.map(str::to_owned);
		for path in ["/v1/health", "/v1/models", "/metrics", "/nowhere"] {
			assert_eq!(engine.get(path).await.0, 401, "{path} with {wrong:?}");
		}
		assert_eq!(engine.post(&world.request(1)).await.0, 401);
	}
	engine.token = Some("secret-of-the-test".into());
	assert_eq!(engine.get("/v1/health").await.0, 200);
	engine.result(&world.request(1)).await;
	engine.stop().await;

	std::fs::write(&file, " \n").unwrap();
	assert!(options.token().is_err(), "an empty token protects nothing");
	let open = Options { listen: ([0, 0, 0, 0], 0).into(), ..world.options() };
	let error = open.check().unwrap_err().to_string();
	assert!(error.contains("token"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_job_is_refused() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let large = vec![b' '; 64 * 1024 + 1];
	assert_eq!(engine.ask("POST", "/v1/jobs", &large).await.0, 413);
	let good = serde_json::to_string(&world.request(1)).unwrap();
	for garbage in [
		"",
		"{",
		"null",
		"[1,2,3]",
		"\u{0}\u{1}",
		&good.replace("\"engine_version\":1", "\"engine_version\":-1"),
		&good.replace("\"task\":\"classify\"", "\"task\":\"guess\""),
		&good.replace("\"inline\"", "\"elsewhere\""),
		&good.replace(&job_id(1), "0x12"),
		&good.replace(&job_id(1), &job_id(1)[2..]),
		&good.replace(&job_id(1), &format!("0x{}", "g".repeat(64))),
	] {
		let (code, body) = engine.ask("POST", "/v1/jobs", garbage.as_bytes()).await;
		assert_eq!(code, 400, "{garbage}: {body}");
		let error: serde_json::Value = serde_json::from_str(&body).unwrap();
		assert!(error["error"].as_str().is_some_and(|text| !text.contains('\n')), "{body}");
	}
	assert_eq!(engine.get("/v1/jobs/0x00").await.0, 400);
	assert_eq!(engine.get(&format!("/v1/jobs/{}", job_id(7))).await.0, 404);
	assert_eq!(engine.get("/v2/jobs").await.0, 404);
	assert_eq!(engine.get("/v1/jobs").await.0, 405);
	let (_, metrics) = engine.get("/metrics").await;
	assert!(!metrics.contains("outcome="), "nothing was accepted: {metrics}");
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_cannot_be_had_or_used_is_a_verdict() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let nan: Vec<u8> = [f32::NAN, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect();
	let short = world.put(world.input[..4].to_vec()).await;
	let inputs = [
		JobInput::Blob(BlobId([7; 32])),
		JobInput::Blob(short),
		JobInput::Inline("0x".into()),
		JobInput::Inline(format!("0x{}00", hex::encode(&world.input))),
		JobInput::Inline(hex::encode(&world.input)),
		JobInput::Inline(format!("0x{}", "zz".repeat(8))),
		JobInput::Inline(format!("0x{}", hex::encode(nan))),
	];
	for (i, input) in inputs.into_iter().enumerate() {
		let mut request = world.request(i as u8);
		request.input = input;
		let error = engine.error(&request).await;
		assert_eq!(error.code, JobErrorCode::InputUnavailable, "{:?}: {error:?}", request.input);
	}
	let mut request = world.request(100);
	request.input = JobInput::Blob(world.put(world.input.clone()).await);
	let by_blob = engine.result(&request).await;
	assert_eq!(by_blob, engine.result(&world.request(101)).await);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_version_is_refused() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let mut request = world.request(1);
	request.engine_version = ENGINE_VERSION + 1;
	assert_eq!(engine.error(&request).await.code, JobErrorCode::EngineVersion);
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_model_is_named_and_harms_nobody() {
	let world = World::clouds().await;
	let engine = world.serve().await;
	let truncated = world.put(world.file[..world.file.len() / 2].to_vec()).await;
	let garbage = world.put(vec![0xff; 300]).await;
	let mut nan = world.file.clone();
	let at = weights_at(&nan);
	nan[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
	let nan = world.put(nan).await;
	let short = world.put(world.features[..world.features.len() - 1].to_vec()).await;
	let other = World::line().await;
	let foreign = world.put(other.features.clone()).await;

	let mut requests = Vec::new();
	let mut with = |change: &dyn Fn(&mut openledger_primitives::api::JobModel)| {
		let mut request = world.request(requests.len() as u8);
		change(&mut request.model);
		requests.push(request);
	};
	with(&|model| model.artifact = BlobId([9; 32]));
	with(&|model| model.features = BlobId([9; 32]));
	with(&|model| model.artifact = truncated);
	with(&|model| model.artifact = garbage);
	with(&|model| model.artifact = nan);
	with(&|model| model.features = short);
	with(&|model| model.features = foreign);
	with(&|model| model.features = garbage);
	with(&|model| model.input_bytes = 12);
	with(&|model| model.feature_scale = 4);
	with(&|model| model.task = openledger_primitives::Task::Regress);
	for request in &requests {
		let error = engine.error(request).await;
		assert_eq!(error.code, JobErrorCode::BadModel, "{error:?}");
		assert!(!error.message.contains('\n'), "{error:?}");
	}
	engine.result(&world.request(200)).await;
	engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_bytes_are_not_its_ids_is_refused() {
	let world = World::clouds().await;
	let digits = world.model.artifact.to_string();
	let digits = digits.trim_start_matches("0x");
	let file = world.dir.path().join(&digits[..2]).join(digits);
	let mut bytes = std::fs::read(&file).unwrap();
	let at = weights_at(&bytes);
	bytes[at] ^= 1;
	std::fs::write(&file, bytes).unwrap();
	let engine = world.serve().await;
	let error = engine.error(&world.request(1)).await;
	assert_eq!(error.code, JobErrorCode::BadModel);
	assert!(error.message.contains("damaged"), "{error:?}");
	engine.stop().await;
}

/// Where the first weight lies in a model of three classes and two features.
fn weights_at(file: &[u8]) -> usize {
	let head = crate::onnx::Model::parse(file, None).unwrap().head().unwrap().clone();
	let first = head.weights()[0].to_le_bytes();
	file.windows(4).position(|bytes| bytes == first).unwrap()
}
