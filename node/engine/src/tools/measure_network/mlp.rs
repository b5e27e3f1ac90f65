//! A small perceptron trained many times: f32, one record after another, so that its bytes depend
//! on seeds alone.

use crate::onnx::write::{floats, int, model, node, value};
use crate::tools::random::Random;
use prost::Message;
use tract_onnx::pb::GraphProto;

/// How a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
	/// Width of the hidden layer, after which comes a ReLU.
	pub hidden: usize,
	/// Passes over the records.
	pub epochs: usize,
	/// Records of one step.
	pub batch: usize,
	/// Learning rate, falling to zero in a straight line if `falls`.
	pub rate: f32,
	/// Whether it falls.
	pub falls: bool,
	/// Adam (β 0.9 and 0.999) instead of gradient descent with momentum 0.9.
	pub adam: bool,
	/// λ of `(λ/2)‖θ‖²`, its gradient added to the loss's.
	pub decay: f32,
}

/// Records of two classes and more.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
	/// Features `[n, width]`.
	pub x: &'a [f32],
	/// Classes `[n]`.
	pub y: &'a [usize],
	/// Features of a record.
	pub width: usize,
	/// Classes.
	pub classes: usize,
}

/// Inputs, one hidden layer with ReLU, classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
	/// `[width, hidden]`, `[hidden]`, `[hidden, classes]`, `[classes]`, one after another.
	theta: Vec<f32>,
	sizes: [usize; 3],
}

/// Room for one record on its way.
struct Scratch {
	hidden: Vec<f32>,
	out: Vec<f32>,
	back: Vec<f32>,
}

impl Mlp {
	/// A network whose parameters are uniform within `±1/√(inputs)`.
	pub fn random(sizes: [usize; 3], random: &mut Random) -> Self {
		let [width, hidden, classes] = sizes;
		let mut theta = Vec::with_capacity(Self::parameters(sizes));
		for (inputs, outputs) in [(width, hidden), (hidden, classes)] {
			let bound = 1.0 / (inputs as f64).sqrt();
			let draw = |_| ((2.0 * random.unit() - 1.0) * bound) as f32;
			theta.extend((0..(inputs + 1) * outputs).map(draw));
		}
		Self { theta, sizes }
	}

	/// How many parameters there are.
	pub fn parameters([width, hidden, classes]: [usize; 3]) -> usize {
		(width + 1) * hidden + (hidden + 1) * classes
	}

	/// Trains on the records `rows` of `data`.
	pub fn train(data: Labelled, rows: &[usize], recipe: &Recipe, seed: u64, stream: u64) -> Self {
		let mut random = Random::new(seed, stream);
		let mut own = Self::random([data.width, recipe.hidden, data.classes], &mut random);
		let mut rows = rows.to_vec();
		let batch = recipe.batch.clamp(1, rows.len().max(1));
		let steps = (recipe.epochs * rows.len().div_ceil(batch)).max(1);
		let mut gradient = vec![0f32; own.theta.len()];
		let (mut first, mut second) = (vec![0f32; own.theta.len()], vec![0f32; own.theta.len()]);
		let mut scratch = own.scratch();
		let mut step = 0usize;
		for _ in 0..recipe.epochs {
			random.shuffle(&mut rows);
			for rows in rows.chunks(batch) {
				gradient.fill(0.0);
				for row in rows {
					let x = &data.x[row * data.width..(row + 1) * data.width];
					own.add_gradient(x, data.y[*row], &mut scratch, &mut gradient);
				}
				let left = if recipe.falls { 1.0 - step as f32 / steps as f32 } else { 1.0 };
				step += 1;
				let share = 1.0 / rows.len() as f32;
				let gradient =
					gradient.iter().zip(&own.theta).map(|(g, t)| g * share + recipe.decay * t);
				let gradient: Vec<f32> = gradient.collect();
				own.update(&gradient, recipe, left * recipe.rate, step, &mut first, &mut second);
			}
		}
		own
	}

	fn update(
		&mut self,
		gradient: &[f32],
		recipe: &Recipe,
		rate: f32,
		step: usize,
		first: &mut [f32],
		second: &mut [f32],
	) {
		let moments = self.theta.iter_mut().zip(gradient).zip(first);
		if !recipe.adam {
			moments.for_each(|((t, g), m)| {
				*m = 0.9 * *m + g;
				*t -= rate * *m;
			});
			return;
		}
		let power = |base: f64| (1.0 - libm::pow(base, step as f64)) as f32;
		let (correct, also) = (1.0 / power(0.9), 1.0 / power(0.999));
		moments.zip(second).for_each(|(((t, g), m), v)| {
			*m = 0.9 * *m + 0.1 * g;
			*v = 0.999 * *v + 0.001 * g * g;
			*t -= rate * (*m * correct) / ((*v * also).sqrt() + 1e-8);
		});
	}

	fn scratch(&self) -> Scratch {
		let [_, hidden, classes] = self.sizes;
		Scratch { hidden: vec![0.0; hidden], out: vec![0.0; classes], back: vec![0.0; hidden] }
	}

	/// The places of both layers in `theta`.
	fn split(theta: &[f32], [width, hidden, classes]: [usize; 3]) -> [&[f32]; 4] {
		let (first, rest) = theta.split_at(width * hidden);
		let (bias, rest) = rest.split_at(hidden);
		let (second, last) = rest.split_at(hidden * classes);
		[first, bias, second, last]
	}

	/// Logits into `scratch.out`.
	fn forward(&self, x: &[f32], scratch: &mut Scratch) {
		let [_, hidden, classes] = self.sizes;
		let [first, bias, second, last] = Self::split(&self.theta, self.sizes);
		scratch.hidden.copy_from_slice(bias);
		for (x, row) in x.iter().zip(first.chunks_exact(hidden)) {
			if *x != 0.0 {
				scratch.hidden.iter_mut().zip(row).for_each(|(h, w)| *h += x * w);
			}
		}
		scratch.hidden.iter_mut().for_each(|h| *h = h.max(0.0));
		scratch.out.copy_from_slice(last);
		for (h, row) in scratch.hidden.iter().zip(second.chunks_exact(classes)) {
			if *h != 0.0 {
				scratch.out.iter_mut().zip(row).for_each(|(o, w)| *o += h * w);
			}
		}
	}

	fn add_gradient(&self, x: &[f32], class: usize, scratch: &mut Scratch, gradient: &mut [f32]) {
		let [width, hidden, classes] = self.sizes;
		self.forward(x, scratch);
		let out = &mut scratch.out;
		let top = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
		let mut sum = 0.0;
		for o in out.iter_mut() {
			*o = libm::expf(*o - top);
			sum += *o;
		}
		out.iter_mut().for_each(|o| *o /= sum);
		out[class] -= 1.0;
		let second = Self::split(&self.theta, self.sizes)[2];
		let (first_gradient, rest) = gradient.split_at_mut(width * hidden);
		let (bias_gradient, rest) = rest.split_at_mut(hidden);
		let (second_gradient, last_gradient) = rest.split_at_mut(hidden * classes);
		last_gradient.iter_mut().zip(out.iter()).for_each(|(g, o)| *g += o);
		let rows = second.chunks_exact(classes).zip(second_gradient.chunks_exact_mut(classes));
		for ((h, back), (row, gradient)) in scratch.hidden.iter().zip(&mut scratch.back).zip(rows) {
			*back = 0.0;
			if *h > 0.0 {
				for ((g, w), o) in gradient.iter_mut().zip(row).zip(out.iter()) {
					*g += h * o;
					*back += w * o;
				}
			}
		}
		bias_gradient.iter_mut().zip(&scratch.back).for_each(|(g, b)| *g += b);
		for (x, gradient) in x.iter().zip(first_gradient.chunks_exact_mut(hidden)) {
			if *x != 0.0 {
				gradient.iter_mut().zip(&scratch.back).for_each(|(g, b)| *g += x * b);
			}
		}
	}

	/// `ln p_y − ln(1 − p_y)` of every record: how sure the network is of the record's class.
	pub fn margins(&self, data: Labelled) -> Vec<f32> {
		let mut scratch = self.scratch();
		let rows = data.x.chunks_exact(data.width).zip(data.y);
		rows.map(|(x, class)| {
			self.forward(x, &mut scratch);
			let own = f64::from(scratch.out[*class]);
			let others = || scratch.out.iter().enumerate().filter(|(c, _)| c != class);
			let top = others().fold(f64::NEG_INFINITY, |top, (_, o)| top.max(f64::from(*o)));
			let sum = others().fold(0.0, |sum, (_, o)| sum + libm::exp(f64::from(*o) - top));
			(own - top - libm::log(sum)) as f32
		})
		.collect()
	}

	/// The network as an ONNX file: Gemm, Relu, Gemm, Softmax.
	pub fn to_onnx(&self) -> Vec<u8> {
		let [width, hidden, classes] = self.sizes;
		let [first, bias, second, last] = Self::split(&self.theta, self.sizes);
		let mut softmax = node("Softmax", &["logits"], "y");
		softmax.attribute.push(int("axis", -1));
		model(GraphProto {
			name: "mlp".into(),
			node: vec![
				node("Gemm", &["x", "first", "first_bias"], "before"),
				node("Relu", &["before"], "hidden"),
				node("Gemm", &["hidden", "second", "second_bias"], "logits"),
				softmax,
			],
			initializer: vec![
				floats("first", &[width, hidden], first.to_vec()),
				floats("first_bias", &[hidden], bias.to_vec()),
				floats("second", &[hidden, classes], second.to_vec()),
				floats("second_bias", &[classes], last.to_vec()),
			],
			input: vec![value("x", &[None, Some(width)])],
			output: vec![value("y", &[None, Some(classes)])],
			..Default::default()
		})
		.encode_to_vec()
	}
}
