//! A whole network as the engine differentiates it: read from an ONNX graph, run forward on
//! records, run backward from cotangents of its outputs.
//!
//! Every value is f64. A record's values and gradients are the same bytes whatever batch it is in,
//! on any number of threads and, on a canonical [`Compute`], on any machine.

mod attributes;
mod backward;
mod constants;
mod elementwise;
mod forward;
mod linear;
mod read;
mod rows;
mod shapes;
mod spatial;

pub use elementwise::Activation;
pub use forward::Tape;
pub use rows::Traces;
pub use spatial::Window;

use crate::{
	error::Result,
	influence::kept::Digest,
	linalg::Compute,
	onnx::{Input, Model},
};

/// Most elements that one value of one record may have.
pub const MAX_VALUE: usize = 1 << 22;
/// Most parameters of a network.
pub const MAX_PARAMETERS: usize = 1 << 26;

/// A network.
#[derive(Clone, Debug)]
pub struct Graph {
	input: Input,
	/// Elements of every value of one record; value 0 is the input, value `i + 1` what step `i`
	/// produces.
	sizes: Vec<usize>,
	steps: Vec<Step>,
	layers: Vec<Layer>,
	/// The value that holds the outputs, and how many they are.
	output: usize,
	/// Whether a softmax followed that value.
	softmax: bool,
	/// The hash of the model it was read from.
	source: [u8; 32],
}

/// One operation on values.
#[derive(Clone, Debug)]
pub struct Step {
	op: Op,
	/// The values it reads.
	reads: Vec<usize>,
	/// Whether what it produces depends on a parameter.
	depends: bool,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Op {
	/// Multiplies each position by a layer's weights and adds its bias.
	Linear(usize),
	/// Convolves by a layer's weights and adds its bias.
	Convolve(usize, Window),
	/// A function of each element.
	Map(Activation),
	/// `a + b`, `a − b` of two values.
	Sum {
		/// Whether the second is subtracted.
		minus: bool,
	},
	/// `a · b` of two values.
	Times,
	/// `scale · a + shift` by constants, one for each element.
	Affine {
		/// Factors.
		scale: Vec<f64>,
		/// Summands.
		shift: Vec<f64>,
	},
	/// The largest of each window.
	Largest(Window),
	/// The mean of each window.
	Mean(Window),
	/// Element `i` is the input's element `from[i]`.
	Reorder(Vec<u32>),
}

/// Weights that a step multiplies by: the network's parameters.
///
/// In the vector of all parameters, layers lie in the graph's order; within a layer each output
/// has its weights, then its bias, if there is one.
#[derive(Clone, Debug)]
pub struct Layer {
	/// How messages name it.
	pub label: String,
	/// Weights `[outputs, inputs]`, of a convolution `[channels, channels / groups · kernel]`.
	pub weights: Vec<f64>,
	/// Bias `[outputs]`.
	pub bias: Option<Vec<f64>>,
	/// Outputs at one position.
	pub outputs: usize,
	/// Inputs at one position (of one group).
	pub inputs: usize,
	/// Groups of a convolution, else 1.
	pub groups: usize,
	/// Positions at which the same weights are used.
	pub positions: usize,
	/// Where its parameters begin.
	pub offset: usize,
}

impl Layer {
	/// Parameters of one output.
	pub fn block(&self) -> usize {
		self.inputs + usize::from(self.bias.is_some())
	}

	/// Parameters.
	pub fn parameters(&self) -> usize {
		self.outputs * self.block()
	}

	/// Outputs of one group.
	fn group_outputs(&self) -> usize {
		self.outputs / self.groups
	}
}

impl Graph {
	/// Reads the network from a checked model. An operator without a gradient here is an error
	/// that names the node.
	pub fn read(model: &Model) -> Result<Self> {
		read::graph(model)
	}

	/// The input of one record.
	pub fn input(&self) -> &Input {
		&self.input
	}

	/// The layers that hold parameters, in the graph's order.
	pub fn layers(&self) -> &[Layer] {
		&self.layers
	}

	/// Parameters `D`.
	pub fn parameters(&self) -> usize {
		self.layers.iter().map(Layer::parameters).sum()
	}

	/// Outputs `C` of one record: classes, or 1 for a regressor.
	pub fn outputs(&self) -> usize {
		self.sizes.get(self.output).copied().unwrap_or(0)
	}

	/// Whether the model's own output is the softmax of [`Graph::outputs`].
	pub fn has_softmax(&self) -> bool {
		self.softmax
	}

	/// Numbers that one record leaves behind on its way forward.
	pub fn elements(&self) -> usize {
		let patches = self.steps.iter().map(|step| match &step.op {
			Op::Convolve(layer, _) => {
				let layer = &self.layers[*layer];
				layer.positions.saturating_mul(layer.inputs).saturating_mul(layer.groups)
			}
			_ => 0,
		});
		patches.chain(self.sizes.iter().copied()).fold(0, usize::saturating_add)
	}

	/// All parameters, `[D]`.
	pub fn theta(&self) -> Vec<f64> {
		let mut out = Vec::with_capacity(self.parameters());
		for layer in &self.layers {
			for (o, weights) in layer.weights.chunks_exact(layer.inputs).enumerate() {
				out.extend_from_slice(weights);
				out.extend(layer.bias.as_ref().and_then(|bias| bias.get(o)));
			}
		}
		out
	}

	/// The same network at other parameters `[D]`.
	pub fn with_theta(&self, theta: &[f64]) -> Self {
		let mut graph = self.clone();
		for layer in &mut graph.layers {
			let (offset, block, inputs) = (layer.offset, layer.block(), layer.inputs);
			let rows = theta[offset..].chunks_exact(block);
			for (o, (row, weights)) in rows.zip(layer.weights.chunks_exact_mut(inputs)).enumerate()
			{
				weights.copy_from_slice(&row[..inputs]);
				if let (Some(bias), Some(value)) = (&mut layer.bias, row.get(inputs)) {
					bias[o] = *value;
				}
			}
		}
		graph
	}

	/// Adds all that tells this network from others.
	pub(in crate::influence) fn add_to(&self, digest: &mut Digest) {
		digest.add(&self.source);
		for layer in &self.layers {
			digest.add_all(&layer.weights, f64::to_le_bytes);
			digest.add_all(layer.bias.as_deref().unwrap_or_default(), f64::to_le_bytes);
		}
	}

	/// The outputs `[n, C]` of records `[n, elements]`; NaN and infinity are refused.
	pub fn run(&self, compute: Compute, inputs: &[f32]) -> Result<Vec<f64>> {
		Ok(self.forward(compute, inputs)?.into_outputs())
	}
}
