//! Data, models and an independent float64 computation for the tests.
#![allow(dead_code, missing_docs)]

use openledger_engine::{
	head::Head,
	npy,
	onnx::write::{write_linear_head, Form},
};
use std::{
	path::{Path, PathBuf},
	process::{Command, Output},
};

/// Xorshift: the same numbers everywhere.
pub struct Random(u64);

impl Random {
	pub fn new(seed: u64) -> Self {
		Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
	}

	/// Uniform in [0, 1).
	pub fn unit(&mut self) -> f64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		(self.0 >> 11) as f64 / (1u64 << 53) as f64
	}

	pub fn below(&mut self, n: usize) -> usize {
		(self.unit() * n as f64) as usize
	}
}

/// Records like the digits: grey values k/16, clustered by class.
pub struct Data {
	pub x: Vec<f32>,
	pub y: Vec<usize>,
	pub features: usize,
}

pub fn data(seed: u64, records: usize, features: usize, classes: usize) -> Data {
	let mut shapes = Random::new(7);
	let prototypes: Vec<f64> = (0..classes * features).map(|_| shapes.unit()).collect();
	let mut random = Random::new(seed);
	let (mut x, mut y) = (vec![], vec![]);
	for _ in 0..records {
		let class = random.below(classes);
		y.push(class);
		for j in 0..features {
			let value = prototypes[class * features + j] + 0.8 * (random.unit() - 0.5);
			x.push(((value.clamp(0.0, 1.0) * 16.0).round() / 16.0) as f32);
		}
	}
	Data { x, y, features }
}

pub fn head(seed: u64, features: usize, outputs: usize) -> Head {
	let mut random = Random::new(seed);
	let mut draw = |n: usize| (0..n).map(|_| (random.unit() - 0.5) as f32 * 0.6).collect();
	Head::new(draw(outputs * features), draw(outputs)).unwrap()
}

/// The loss of one record and its gradient by the head's parameters, class by class `[φ, 1]`.
pub enum Loss {
	Softmax,
	Squared,
}

impl Loss {
	fn outputs(theta: &[f64], x: &[f32]) -> Vec<f64> {
		theta
			.chunks(x.len() + 1)
			.map(|row| row.iter().zip(x).map(|(w, x)| w * *x as f64).sum::<f64>() + row[x.len()])
			.collect()
	}

	fn probabilities(theta: &[f64], x: &[f32]) -> Vec<f64> {
		let z = Self::outputs(theta, x);
		let top = z.iter().cloned().fold(f64::MIN, f64::max);
		let e: Vec<f64> = z.iter().map(|z| (z - top).exp()).collect();
		let sum: f64 = e.iter().sum();
		e.iter().map(|e| e / sum).collect()
	}

	pub fn value(&self, theta: &[f64], x: &[f32], y: f64) -> f64 {
		match self {
			Self::Softmax => -Self::probabilities(theta, x)[y as usize].ln(),
			Self::Squared => 0.5 * (Self::outputs(theta, x)[0] - y).powi(2),
		}
	}

	pub fn gradient(&self, theta: &[f64], x: &[f32], y: f64) -> Vec<f64> {
		let delta = match self {
			Self::Softmax => {
				let mut p = Self::probabilities(theta, x);
				p[y as usize] -= 1.0;
				p
			}
			Self::Squared => vec![Self::outputs(theta, x)[0] - y],
		};
		let u = |j: usize| if j < x.len() { x[j] as f64 } else { 1.0 };
		delta.iter().flat_map(|d| (0..=x.len()).map(move |j| d * u(j))).collect()
	}

	/// Adds `weight` times the record's Hessian to `h`, every element on its own.
	pub fn add_hessian(&self, theta: &[f64], x: &[f32], weight: f64, h: &mut [Vec<f64>]) {
		let block = x.len() + 1;
		let u: Vec<f64> = x.iter().map(|v| *v as f64).chain([1.0]).collect();
		let p = match self {
			Self::Softmax => Self::probabilities(theta, x),
			Self::Squared => vec![],
		};
		for (i, row) in h.iter_mut().enumerate() {
			for (k, out) in row.iter_mut().enumerate() {
				let (c, e) = (i / block, k / block);
				let curve = match self {
					Self::Softmax => p[c] * (f64::from(u8::from(c == e)) - p[e]),
					Self::Squared => 1.0,
				};
				*out += weight * curve * u[i % block] * u[k % block];
			}
		}
	}
}

/// Solves `h·v = b` by Gaussian elimination with pivoting.
pub fn eliminate(mut h: Vec<Vec<f64>>, mut b: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
	let n = h.len();
	for at in 0..n {
		let pivot = (at..n).max_by(|i, k| h[*i][at].abs().total_cmp(&h[*k][at].abs())).unwrap();
		h.swap(at, pivot);
		b.swap(at, pivot);
		let (top, own) = (h[at].clone(), b[at].clone());
		for i in at + 1..n {
			let factor = h[i][at] / top[at];
			h[i].iter_mut().zip(&top).skip(at).for_each(|(v, t)| *v -= factor * t);
			b[i].iter_mut().zip(&own).for_each(|(v, t)| *v -= factor * t);
		}
	}
	for at in (0..n).rev() {
		for k in at + 1..n {
			let (factor, solved) = (h[at][k], b[k].clone());
			b[at].iter_mut().zip(&solved).for_each(|(v, s)| *v -= factor * s);
		}
		let pivot = h[at][at];
		b[at].iter_mut().for_each(|v| *v /= pivot);
	}
	b
}

pub fn theta(head: &Head) -> Vec<f64> {
	let rows = head.weights().chunks(head.features()).zip(head.bias());
	rows.flat_map(|(w, b)| w.iter().chain([b]).map(|v| *v as f64)).collect()
}

/// Scores `[n, q]` straight from their definition.
pub fn definition(
	loss: &Loss,
	theta: &[f64],
	train: (&[f32], &[f64]),
	query: (&[f32], &[f64]),
	features: usize,
	l2: f64,
) -> Vec<f64> {
	let size = theta.len();
	let n = train.1.len();
	let mut h = vec![vec![0.0; size]; size];
	for x in train.0.chunks(features) {
		loss.add_hessian(theta, x, 1.0 / n as f64, &mut h);
	}
	(0..size).for_each(|i| h[i][i] += l2);
	let gradients: Vec<_> =
		query.0.chunks(features).zip(query.1).map(|(x, y)| loss.gradient(theta, x, *y)).collect();
	let sides = (0..size).map(|i| gradients.iter().map(|g| g[i]).collect()).collect();
	let solved = eliminate(h, sides);
	let mut out = vec![];
	for (x, y) in train.0.chunks(features).zip(train.1) {
		let g = loss.gradient(theta, x, *y);
		for q in 0..query.1.len() {
			let dot: f64 = g.iter().zip(&solved).map(|(g, v)| g * v[q]).sum();
			out.push(dot / n as f64);
		}
	}
	out
}

/// Minimises `(1/n)Σ w_i ℓ_i + (λ/2)‖θ‖²` by Newton's method.
pub fn fit(
	loss: &Loss,
	size: usize,
	x: &[f32],
	y: &[f64],
	weights: &[f64],
	features: usize,
	l2: f64,
) -> Vec<f64> {
	let n = y.len() as f64;
	let mut theta = vec![0.0; size];
	for _ in 0..60 {
		let mut h = vec![vec![0.0; size]; size];
		let mut g: Vec<f64> = theta.iter().map(|t| l2 * t).collect();
		(0..size).for_each(|i| h[i][i] += l2);
		for ((x, y), w) in x.chunks(features).zip(y).zip(weights) {
			loss.add_hessian(&theta, x, w / n, &mut h);
			let own = loss.gradient(&theta, x, *y);
			g.iter_mut().zip(own).for_each(|(g, own)| *g += w / n * own);
		}
		let step = eliminate(h, g.iter().map(|g| vec![*g]).collect());
		theta.iter_mut().zip(&step).for_each(|(t, s)| *t -= s[0]);
		if step.iter().all(|s| s[0].abs() < 1e-14) {
			return theta;
		}
	}
	panic!("Newton's method did not converge");
}

/// `max|Δ| / max|s|`.
pub fn apart(wanted: &[f64], got: &[f64]) -> f64 {
	assert_eq!(wanted.len(), got.len());
	let top = wanted.iter().fold(0.0f64, |m, s| m.max(s.abs()));
	wanted.iter().zip(got).fold(0.0f64, |m, (a, b)| m.max((a - b).abs())) / top
}

/// FNV-1a over the numbers' bytes.
pub fn fnv(values: &[f64]) -> u64 {
	values.iter().flat_map(|v| v.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
		(hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
	})
}

/// A directory with the files of one command.
pub struct Bench {
	pub dir: tempfile::TempDir,
}

impl Bench {
	pub fn new() -> Self {
		Self { dir: tempfile::tempdir().unwrap() }
	}

	pub fn path(&self, name: &str) -> PathBuf {
		self.dir.path().join(name)
	}

	pub fn put(&self, name: &str, bytes: &[u8]) {
		std::fs::write(self.path(name), bytes).unwrap();
	}

	pub fn put_x(&self, name: &str, x: &[f32], features: usize) {
		npy::write(&self.path(name), &[x.len() / features, features], x).unwrap();
	}

	pub fn put_y(&self, name: &str, y: &[usize]) {
		let y: Vec<i64> = y.iter().map(|c| *c as i64).collect();
		npy::write(&self.path(name), &[y.len()], &y).unwrap();
	}

	/// A model and data for `influence`: 60 records and 5 queries of 3 classes by 8 features.
	pub fn small() -> Self {
		let bench = Self::new();
		let (train, query) = (data(1, 60, 8, 3), data(2, 5, 8, 3));
		bench.put("m.onnx", &write_linear_head(&head(3, 8, 3), Form::Gemm));
		bench.put_x("x.npy", &train.x, 8);
		bench.put_y("y.npy", &train.y);
		bench.put_x("q.npy", &query.x, 8);
		bench.put_y("qy.npy", &query.y);
		bench
	}

	pub fn engine(&self, args: &[&str]) -> Output {
		let engine = env!("CARGO_BIN_EXE_openledger-engine");
		Command::new(engine).current_dir(self.dir.path()).args(args).output().unwrap()
	}

	/// Runs `influence` on the usual names with `more` arguments.
	pub fn influence(&self, more: &[&str]) -> Output {
		let mut args = vec!["influence", "--model", "m.onnx", "--train-x", "x.npy"];
		args.extend(["--train-y", "y.npy", "--query-x", "q.npy", "--out", "scores.npy"]);
		if !more.contains(&"--l2") {
			args.extend(["--l2", "0.001"]);
		}
		args.extend(more);
		self.engine(&args)
	}

	pub fn infer(&self) -> Output {
		self.engine(&["infer", "--model", "m.onnx", "--input", "x.npy", "--out", "out.npy"])
	}

	pub fn scores(&self) -> npy::Array<f32> {
		npy::read(&self.path("scores.npy")).unwrap()
	}
}

/// Asserts that a command refused with one line that says `wanted`, and left no `out`.
pub fn refused(output: &Output, wanted: &str, out: &Path) {
	let text = String::from_utf8_lossy(&output.stderr);
	assert!(!output.status.success(), "succeeded, expected: {wanted}");
	assert_eq!(text.trim_end().lines().count(), 1, "not one line: {text}");
	assert!(text.starts_with("error: "), "{text}");
	assert!(text.contains(wanted), "expected `{wanted}` in: {text}");
	assert!(!out.exists(), "an output file was left");
	let rest = std::fs::read_dir(out.parent().unwrap()).unwrap();
	assert!(
		rest.flatten().all(|f| !f.file_name().to_string_lossy().ends_with(".part")),
		"a partial file was left"
	);
}

pub fn succeeded(output: &Output) -> String {
	let text = String::from_utf8_lossy(&output.stderr).into_owned();
	assert!(output.status.success(), "{text}");
	text
}
