//! Nodes with weights, and arithmetic with constants.

use super::{
	attributes::{float, int, label},
	constants::transpose,
	read::{output, Reader, Seen},
	spatial::Window,
	Layer, Op,
};
use crate::{error::bad_model, Result};
use tract_onnx::pb::NodeProto;

impl<'a> Reader<'a> {
	/// Weights that become parameters: in one place only, or their gradient would be a sum over
	/// places that influence of layers does not know.
	fn weights(&mut self, node: &'a NodeProto, at: usize) -> Result<(Vec<usize>, Vec<f64>)> {
		let Some(name) = Self::input(node, at).filter(|name| self.constants.has(name)) else {
			return bad_model!("{} multiplies two values, or by no constant", label(node));
		};
		let own = self.constants.reals(node, name)?;
		if let Some(other) = self.taken.insert(name, label(node)) {
			return bad_model!("{} shares the weights `{name}` with {other}", label(node));
		}
		if own.1.is_empty() {
			return bad_model!("{} has no weights", label(node));
		}
		Ok(own)
	}

	/// A bias with one element for each of `outputs`.
	fn bias(&self, node: &'a NodeProto, name: &str, outputs: usize) -> Result<Vec<f64>> {
		let (dims, data) = self.constants.reals(node, name)?;
		match data.as_slice() {
			[one] => Ok(vec![*one; outputs]),
			all if all.len() == outputs && dims.last() == Some(&outputs) => Ok(data),
			_ => bad_model!("{} has a bias of shape {dims:?}", label(node)),
		}
	}

	fn linear(
		&mut self,
		node: &'a NodeProto,
		seen: Seen,
		outputs: usize,
		weights: Vec<f64>,
		bias: Option<Vec<f64>>,
	) -> Result<()> {
		let inputs = weights.len() / outputs;
		let mut shape = seen.shape;
		let positions = shape.iter().rev().skip(1).product();
		if shape.last() != Some(&inputs) {
			return bad_model!(
				"{} has weights for {inputs} inputs and reads a value of shape {shape:?}",
				label(node)
			);
		}
		if let Some(last) = shape.last_mut() {
			*last = outputs;
		}
		let label = label(node);
		let layer =
			Layer { label, weights, bias, outputs, inputs, groups: 1, positions, offset: 0 };
		self.layers.push(layer);
		self.step(node, Op::Linear(self.layers.len() - 1), vec![seen.value], shape)
	}

	/// `α·x·W + β·c`.
	pub fn gemm(&mut self, node: &'a NodeProto) -> Result<()> {
		let seen = self.value(node, 0)?;
		if int(node, "transA", 0)? != 0 || seen.shape.len() != 1 {
			return bad_model!("{} does not read one row for each record", label(node));
		}
		let (dims, data) = self.weights(node, 1)?;
		let (outputs, mut weights) = match (dims.as_slice(), int(node, "transB", 0)?) {
			(&[_, columns], 0) => (columns, transpose(&data, columns)),
			(&[rows, _], _) => (rows, data),
			_ => return bad_model!("{} has weights of shape {dims:?}", label(node)),
		};
		let alpha = float(node, "alpha", 1.0)?;
		weights.iter_mut().for_each(|w| *w *= alpha);
		let bias = match Self::input(node, 2) {
			None => None,
			Some(name) => {
				let beta = float(node, "beta", 1.0)?;
				let mut bias = self.bias(node, name, outputs)?;
				bias.iter_mut().for_each(|b| *b *= beta);
				Some(bias)
			}
		};
		self.linear(node, seen, outputs, weights, bias)
	}

	/// `x·W`; an Add of a constant that follows brings the bias.
	pub fn product(&mut self, node: &'a NodeProto) -> Result<()> {
		let seen = self.value(node, 0)?;
		let (dims, data) = self.weights(node, 1)?;
		let [_, columns] = *dims.as_slice() else {
			return bad_model!("{} has weights of shape {dims:?}", label(node));
		};
		self.linear(node, seen, columns, transpose(&data, columns), None)
	}

	/// A convolution.
	pub fn convolution(&mut self, node: &'a NodeProto) -> Result<()> {
		let seen = self.value(node, 0)?;
		let (dims, weights) = self.weights(node, 1)?;
		let [outputs, inputs, kernel @ ..] = dims.as_slice() else {
			return bad_model!("{} has weights of shape {dims:?}", label(node));
		};
		let window = Window::read(node, &seen.shape, Some(kernel))?;
		let groups = usize::try_from(int(node, "group", 1)?).unwrap_or(0);
		let fits = groups > 0
			&& outputs % groups == 0
			&& inputs.checked_mul(groups) == Some(window.channels);
		if !fits {
			return bad_model!(
				"{} has weights of shape {dims:?} in {groups} groups and reads {} channels",
				label(node),
				window.channels
			);
		}
		let bias = match Self::input(node, 2) {
			None => None,
			Some(name) => Some(self.bias(node, name, *outputs)?),
		};
		let mut shape = vec![*outputs];
		shape.extend_from_slice(&window.output[3 - seen.shape.len()..]);
		self.layers.push(Layer {
			label: label(node),
			weights,
			bias,
			outputs: *outputs,
			inputs: inputs * window.taps(),
			groups,
			positions: window.positions(),
			offset: 0,
		});
		self.step(node, Op::Convolve(self.layers.len() - 1, window), vec![seen.value], shape)
	}

	/// Normalisation by fixed statistics: folded into the layer before it, else constants.
	pub fn normalisation(&mut self, node: &'a NodeProto) -> Result<()> {
		let seen = self.value(node, 0)?;
		if int(node, "training_mode", 0)? != 0 {
			return bad_model!(
				"{} is in training mode: records would depend on each other",
				label(node)
			);
		}
		let epsilon = float(node, "epsilon", 1e-5)?;
		let channels = seen.shape.first().copied().unwrap_or(1);
		let mut rows = vec![];
		for at in 1..5 {
			let Some(name) = Self::input(node, at) else {
				return bad_model!("{} lacks a scale, bias, mean or variance", label(node));
			};
			let (_, row) = self.constants.reals(node, name)?;
			if row.len() != channels {
				return bad_model!(
					"{} has {} statistics for {channels} channels",
					label(node),
					row.len()
				);
			}
			rows.push(row);
		}
		let deviation = rows[3].iter().map(|v| (v + epsilon).sqrt());
		let scale: Vec<f64> = rows[0].iter().zip(deviation).map(|(s, d)| s / d).collect();
		let shift: Vec<f64> =
			rows[1].iter().zip(&rows[2]).zip(&scale).map(|((b, m), s)| b - m * s).collect();
		if !scale.iter().chain(&shift).all(|v| v.is_finite()) {
			return bad_model!("{} divides by a variance that is not positive", label(node));
		}
		let before = Self::input(node, 0).and_then(|name| self.step_before(name));
		let layer = before.and_then(|at| match &self.steps[at].op {
			Op::Convolve(layer, _) => Some(*layer),
			Op::Linear(layer) if seen.shape.len() == 1 => Some(*layer),
			_ => None,
		});
		if let Some(layer) = layer {
			let layer = &mut self.layers[layer];
			let bias = layer.bias.get_or_insert_with(|| vec![0.0; channels]);
			let weights = layer.weights.chunks_exact_mut(layer.inputs);
			for (((weights, bias), scale), shift) in weights.zip(bias).zip(&scale).zip(&shift) {
				weights.iter_mut().for_each(|w| *w *= scale);
				*bias = *bias * scale + shift;
			}
			return self.alias(node, seen.value, seen.shape);
		}
		let pixels: usize = seen.shape.iter().skip(1).product();
		let spread = |row: Vec<f64>| row.into_iter().flat_map(|v| vec![v; pixels]).collect();
		let op = Op::Affine { scale: spread(scale), shift: spread(shift) };
		self.step(node, op, vec![seen.value], seen.shape)
	}

	/// Add, Sub, Mul and Div, of two values or of one and a constant.
	pub fn arithmetic(&mut self, node: &'a NodeProto) -> Result<()> {
		let (Some(a), Some(b), 2) = (Self::input(node, 0), Self::input(node, 1), node.input.len())
		else {
			return bad_model!("{} has not two inputs", label(node));
		};
		let op = node.op_type.as_str();
		if self.seen.contains_key(a) && self.seen.contains_key(b) {
			return self.of_two_values(node);
		}
		let (value, constant) = if self.seen.contains_key(a) { (0, b) } else { (1, a) };
		let seen = self.value(node, value)?;
		if op == "Add" && self.take_bias(node, value, constant)? {
			return Ok(());
		}
		let (dims, data) = self.constants.reals(node, constant)?;
		let Some(data) = spread(&dims, &data, &seen.shape) else {
			return bad_model!(
				"{} joins a value of shape {:?} with a constant of shape {dims:?}",
				label(node),
				seen.shape
			);
		};
		let ones = || vec![1.0; data.len()];
		let zeros = || vec![0.0; data.len()];
		let each = |f: fn(f64) -> f64| data.iter().map(|v| f(*v)).collect::<Vec<_>>();
		let (scale, shift) = match (op, value) {
			("Add", _) => (ones(), data),
			("Sub", 0) => (ones(), each(|v| -v)),
			("Sub", _) => (vec![-1.0; data.len()], data),
			("Mul", _) => (data.clone(), zeros()),
			("Div", 0) if data.iter().all(|v| *v != 0.0) => (each(|v| 1.0 / v), zeros()),
			_ => return bad_model!("{} divides by a value or by zero", label(node)),
		};
		self.step(node, Op::Affine { scale, shift }, vec![seen.value], seen.shape)
	}

	fn of_two_values(&mut self, node: &'a NodeProto) -> Result<()> {
		let (a, b) = (self.value(node, 0)?, self.value(node, 1)?);
		if a.shape != b.shape {
			return bad_model!(
				"{} joins values of shapes {:?} and {:?}; they must be the same",
				label(node),
				a.shape,
				b.shape
			);
		}
		let op = match node.op_type.as_str() {
			"Add" => Op::Sum { minus: false },
			"Sub" => Op::Sum { minus: true },
			"Mul" => Op::Times,
			_ => return bad_model!("{} divides by a value, which is unsupported", label(node)),
		};
		self.step(node, op, vec![a.value, b.value], a.shape)
	}

	/// Makes the constant the bias of the layer that the value comes from, if it has none yet.
	fn take_bias(&mut self, node: &'a NodeProto, value: usize, constant: &'a str) -> Result<bool> {
		let Some(before) = Self::input(node, value).and_then(|name| self.step_before(name)) else {
			return Ok(false);
		};
		let Op::Linear(at) = self.steps[before].op else { return Ok(false) };
		let layer = &self.layers[at];
		let (dims, data) = self.constants.reals(node, constant)?;
		let row = dims.last() == Some(&layer.outputs) && data.len() == layer.outputs;
		if layer.bias.is_some() || !row || self.taken.contains_key(constant) {
			return Ok(false);
		}
		self.taken.insert(constant, label(node));
		self.layers[at].bias = Some(data);
		let seen = self.value(node, value)?;
		self.seen.insert(output(node), seen);
		Ok(true)
	}
}

/// The elements of a constant spread over a value of `shape`: its axes are the value's last ones,
/// each as long or of length one; further axes in front, that of the batch among them, have length
/// one.
fn spread(dims: &[usize], data: &[f64], shape: &[usize]) -> Option<Vec<f64>> {
	let extra = dims.len().saturating_sub(shape.len());
	if !dims.iter().take(extra).all(|n| *n == 1) {
		return None;
	}
	let dims = &dims[extra..];
	let missing = shape.len() - dims.len();
	let mut from = vec![0usize];
	for (axis, length) in shape.iter().enumerate() {
		let own = axis.checked_sub(missing).map_or(1, |at| dims[at]);
		if own != 1 && own != *length {
			return None;
		}
		let at = |i: usize| if own == 1 { 0 } else { i };
		from = from
			.into_iter()
			.flat_map(|base| (0..*length).map(move |i| base * own + at(i)))
			.collect();
	}
	from.iter().map(|i| data.get(*i).copied()).collect()
}
