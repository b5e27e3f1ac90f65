//! How a model writes.

use super::fixture::{graph, proto, small, EMBEDDING, VOCABULARY, WIDTH};
use crate::text::{tokenizer::END, Model, ANSWER_TOKENS};
use prost::Message;
use std::{collections::HashMap, sync::atomic::AtomicBool};
use tract_onnx::pb::GraphProto;

static GO: AtomicBool = AtomicBool::new(false);

/// The small model in f64, straight from its definition.
struct Definition {
	weights: HashMap<String, Vec<Vec<f64>>>,
}

impl Definition {
	fn new(graph: &GraphProto) -> Self {
		let f32s = |name: &str| -> Vec<f64> {
			let weight = graph.initializer.iter().find(|w| w.name == name).unwrap();
			let floats = weight.raw_data.chunks(4);
			floats.map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
		};
		let mut weights = HashMap::new();
		for weight in &graph.initializer {
			let values = match weight.name.strip_suffix("_int8") {
				Some(name) => {
					let scales = f32s(&format!("{name}_scale"));
					let rows = weight.raw_data.chunks(weight.dims[1] as usize).zip(scales);
					let row = |(row, scale): (&[u8], f64)| {
						row.iter().map(|x| f64::from(*x as i8) * scale).collect()
					};
					weights.insert(name.to_string(), rows.map(row).collect());
					continue;
				}
				None if weight.name.ends_with("_scale") => continue,
				None => f32s(&weight.name),
			};
			weights.insert(weight.name.clone(), vec![values]);
		}
		Self { weights }
	}

	fn times(&self, name: &str, x: &[f64]) -> Vec<f64> {
		let dot = |row: &Vec<f64>| row.iter().zip(x).map(|(w, x)| w * x).sum();
		self.weights[name].iter().map(dot).collect()
	}

	fn step(&self, token: u16, h: &mut Vec<f64>) -> Vec<f64> {
		let x = self.weights["E"][usize::from(token)].clone();
		let gate = |name: &str, reset: Option<&[f64]>| -> Vec<f64> {
			let of_x = self.times(&format!("W{name}"), &x);
			let of_h = self.times(&format!("U{name}"), h);
			let bias = &self.weights[&format!("b{name}")][0];
			let sum = |i: usize| of_x[i] + bias[i] + reset.map_or(1.0, |r| r[i]) * of_h[i];
			let squash = |v: f64| match reset {
				Some(_) => v.tanh(),
				None => 1.0 / (1.0 + (-v).exp()),
			};
			(0..WIDTH).map(|i| squash(sum(i))).collect()
		};
		let (r, z) = (gate("r", None), gate("z", None));
		let n = gate("n", Some(&r));
		*h = (0..WIDTH).map(|i| n[i] + z[i] * (h[i] - n[i])).collect();
		let q = self.times("P", h);
		assert_eq!(q.len(), EMBEDDING);
		let logits = self.times("E", &q);
		logits.iter().zip(&self.weights["b"][0]).map(|(l, b)| l + b).collect()
	}
}

fn log_p(logits: &[f64], token: u16) -> f64 {
	let top = logits.iter().copied().fold(f64::MIN, f64::max);
	let sum: f64 = logits.iter().map(|l| (l - top).exp()).sum();
	logits[usize::from(token)] - top - sum.ln()
}

#[test]
fn whole_numbers_compute_what_the_graph_says() {
	for seed in [1, 2, 3] {
		let graph = graph(seed);
		let definition = Definition::new(&graph);
		let model = Model::parse(&proto(graph).encode_to_vec()).unwrap();
		let text = model.tokenizer().encode("ab abab, 17 times ab: naïve ab.");
		let own = model.surprise(&text);
		assert_eq!(own.len(), text.len() + 1);
		let mut h = vec![0.0; WIDTH];
		let mut logits = definition.step(END, &mut h);
		for (token, nats) in text.iter().chain(&[END]).zip(own) {
			assert!((nats + log_p(&logits, *token)).abs() < 0.01, "{nats}");
			logits = definition.step(*token, &mut h);
		}
	}
}

#[test]
fn an_answer_is_the_same_every_time_and_stays_within_bounds() {
	let model = Model::parse(&small()).unwrap();
	let mut ended = 0;
	for prompt in ["", "ab", "ab ab", "x", "Fellow-Citizens", "99 z é"] {
		let tokens = model.tokenizer().encode(prompt);
		let answer = model.write(&tokens, &GO).unwrap();
		assert_eq!(answer, model.write(&tokens, &GO).unwrap());
		assert!((1..=ANSWER_TOKENS).contains(&answer.len()));
		assert!(answer.iter().all(|token| usize::from(*token) < VOCABULARY));
		assert_ne!(answer[0], END, "an answer that says nothing");
		let inside = &answer[..answer.len() - 1];
		assert!(!inside.contains(&END), "goes on after its end");
		ended += usize::from(answer.len() < ANSWER_TOKENS);
		if answer.len() < ANSWER_TOKENS {
			assert_eq!(answer.last(), Some(&END));
		}
	}
	assert!(ended < 6, "no answer is as long as it may be");
}

/// A graph whose logits are a bias alone.
fn constant(logits: &[(u16, f32)]) -> Model {
	let mut graph = graph(1);
	for weight in &mut graph.initializer {
		if weight.name == "E_int8" {
			weight.raw_data.fill(0);
		}
		if weight.name == "b" {
			let mut values = vec![-1f32; VOCABULARY];
			logits.iter().for_each(|(token, logit)| values[usize::from(*token)] = *logit);
			weight.raw_data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
		}
	}
	Model::parse(&proto(graph).encode_to_vec()).unwrap()
}

#[test]
fn the_likeliest_token_is_written_and_of_equal_ones_the_lower() {
	let model = constant(&[(70, 2.0), (71, 1.0), (90, 2.0)]);
	assert_eq!(model.write(&[5], &GO).unwrap()[..2], [70, 70]);
}

#[test]
fn no_run_of_tokens_is_written_twice() {
	let model = constant(&[(70, 2.0), (71, 1.0)]);
	let answer = model.write(&[70, 70, 70, 70, 70, 70], &GO).unwrap();
	// a sixth 70 would repeat the prompt
	assert_eq!(answer[0], 71);
	let all: Vec<u16> = [70; 6].into_iter().chain(answer).collect();
	let mut runs: Vec<&[u16]> = all.windows(6).collect();
	let before = runs.len();
	runs.sort_unstable();
	runs.dedup();
	assert_eq!(runs.len(), before);
}

#[test]
fn an_answer_says_something_before_it_ends() {
	let model = constant(&[(END, 3.0), (71, 1.0)]);
	assert_eq!(model.write(&[5], &GO).unwrap(), [71, END]);
}

#[test]
fn a_job_that_is_stopped_writes_nothing() {
	let model = Model::parse(&small()).unwrap();
	let error = model.write(&[5], &AtomicBool::new(true)).unwrap_err();
	assert_eq!(error.line(), "the job was stopped");
}
