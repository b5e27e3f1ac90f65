//! tract's `EinSum` of two f32 tensors as products of matrices.

use super::product::{product, Panels, Places};
use tract_onnx::{prelude::*, tract_hir::internal::*, tract_hir::tract_core::ops::einsum::EinSum};

/// What an axis does, by the inputs that have it and whether the output has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
	/// In both inputs and the output.
	Batch,
	/// In the output, by the first input.
	Row,
	/// In the output, by the second input.
	Column,
	/// Summed over.
	Term,
}

/// Where an axis stands in the two inputs and the output.
type Standing = (Option<usize>, Option<usize>, Option<usize>);

/// Where the axes of one role lie in the two inputs and the output.
struct Group {
	a: Vec<usize>,
	b: Vec<usize>,
	out: Vec<usize>,
}

/// The axes of a product, sorted by what they do.
struct Layout {
	batch: Group,
	row: Group,
	column: Group,
	term: Group,
	shape: Vec<usize>,
}

/// Steps between neighbours along each axis; none along an axis of one element.
fn strides(shape: &[usize]) -> Vec<usize> {
	let mut strides = vec![0; shape.len()];
	let mut step = 1;
	for (stride, size) in strides.iter_mut().zip(shape).rev() {
		*stride = if *size == 1 { 0 } else { step };
		step *= size;
	}
	strides
}

/// Places of all elements of axes with these sizes and strides, the last axis fastest.
fn places(axes: &[(usize, usize)]) -> Vec<usize> {
	axes.iter().fold(vec![0], |places, (size, stride)| {
		places.iter().flat_map(|at| (0..*size).map(move |i| at + i * stride)).collect()
	})
}

impl Layout {
	fn new(op: &EinSum, a: &[usize], b: &[usize]) -> TractResult<Self> {
		let mut axes = Vec::<Standing>::new();
		for axis in op.axes.iter_all_axes() {
			let of = |slot: InOut| match axis.interface(slot) {
				[] => Ok(None),
				[at] => Ok(Some(*at)),
				_ => bail!("an axis that stands twice in one tensor has no canonical product"),
			};
			axes.push((of(InOut::In(0))?, of(InOut::In(1))?, of(InOut::Out(0))?));
		}
		let size = |at: &Option<usize>, shape: &[usize]| at.and_then(|at| shape.get(at).copied());
		let rank = axes.iter().filter(|(_, _, out)| out.is_some()).count();
		let mut shape = vec![1; rank];
		let mut roles = Vec::new();
		for (in_a, in_b, out) in &axes {
			let (own_a, own_b) = (size(in_a, a).unwrap_or(1), size(in_b, b).unwrap_or(1));
			let length = own_a.max(own_b);
			ensure!([own_a, own_b].iter().all(|own| [1, length].contains(own)), "axes differ");
			let role = match out.and_then(|at| shape.get_mut(at)) {
				Some(out) => {
					*out = length;
					match (own_a, own_b) {
						(1, 1) if in_b.is_none() => Role::Row,
						(1, 1) if in_a.is_none() => Role::Column,
						(1, 1) => Role::Batch,
						(_, 1) => Role::Row,
						(1, _) => Role::Column,
						_ => Role::Batch,
					}
				}
				None => {
					ensure!(own_a == own_b, "summing over one of the tensors is no product");
					Role::Term
				}
			};
			roles.push((role, length));
		}
		let (in_a, in_b, in_out) = (strides(a), strides(b), strides(&shape));
		let group = |wanted: Role| {
			let own = |stride: &dyn Fn(&Standing) -> usize| {
				let chosen = axes.iter().zip(&roles).filter(|(_, (role, _))| *role == wanted);
				places(&chosen.map(|(axis, (_, size))| (*size, stride(axis))).collect::<Vec<_>>())
			};
			let step = |at: Option<usize>, strides: &[usize]| {
				at.and_then(|at| strides.get(at).copied()).unwrap_or(0)
			};
			Group {
				a: own(&|axis| step(axis.0, &in_a)),
				b: own(&|axis| step(axis.1, &in_b)),
				out: own(&|axis| step(axis.2, &in_out)),
			}
		};
		Ok(Self {
			batch: group(Role::Batch),
			row: group(Role::Row),
			column: group(Role::Column),
			term: group(Role::Term),
			shape,
		})
	}
}

/// Whether [`multiply`] takes this operator.
pub fn is_product(op: &EinSum) -> bool {
	op.q_params.is_none() && op.operating_dt == f32::datum_type() && op.axes.input_count() == 2
}

/// The constant second factor of a product, packed, if every one of its axes is a column or summed
/// over whatever the first factor is.
pub fn pack(op: &EinSum, b: &Tensor) -> TractResult<Option<Panels>> {
	let fixed = op.axes.iter_all_axes().all(|axis| {
		let alone = axis.inputs[0].is_empty() != axis.outputs[0].is_empty();
		let single = axis.inputs[1].iter().all(|at| b.shape().get(*at) == Some(&1));
		alone || single || axis.inputs[1].is_empty()
	});
	if !is_product(op) || b.datum_type() != f32::datum_type() || !fixed {
		return Ok(None);
	}
	// the first factor with one row: its summed axes as long as the second's, all others 1
	let mut a = vec![1; op.axes.rank(InOut::In(0))];
	for axis in op.axes.iter_all_axes().filter(|axis| axis.outputs[0].is_empty()) {
		for (at, own) in axis.inputs[0].iter().zip(&axis.inputs[1]) {
			a[*at] = b.shape()[*own];
		}
	}
	let layout = Layout::new(op, &a, b.shape())?;
	let places = Places { rows: &layout.term.b, columns: &layout.column.b };
	Ok(Some(Panels::pack(b.try_as_plain_ram()?.as_slice::<f32>()?, 0, places)))
}

/// The product of `a` and `b`; `packed` is what [`pack`] made of `b`.
pub fn multiply(
	op: &EinSum,
	a: &Tensor,
	b: &Tensor,
	packed: Option<&Panels>,
) -> TractResult<Tensor> {
	let layout = Layout::new(op, a.shape(), b.shape())?;
	let Layout { batch, row, column, term, .. } = &layout;
	let mut out = Tensor::zero::<f32>(&layout.shape)?;
	let (a, b) = (a.try_as_plain_ram()?, b.try_as_plain_ram()?);
	let (a, b) = (a.as_slice::<f32>()?, b.as_slice::<f32>()?);
	let mut plain = out.try_as_plain_ram_mut()?;
	let values = plain.as_slice_mut::<f32>()?;
	for ((from_a, from_b), to) in batch.a.iter().zip(&batch.b).zip(&batch.out) {
		let factor = Places { rows: &row.a, columns: &term.a };
		let result = Places { rows: &row.out, columns: &column.out };
		let own;
		let panels = match packed {
			Some(packed) => packed,
			None => {
				let places = Places { rows: &term.b, columns: &column.b };
				own = Panels::pack(b, *from_b, places);
				&own
			}
		};
		product((a, *from_a, factor), panels, (values, *to, result));
	}
	Ok(out)
}

/// Places of a tensor's elements with the `axes` at their first, and of the elements along `axes`.
pub fn split(shape: &[usize], axes: &[usize]) -> (Vec<usize>, Vec<usize>) {
	let strides = strides(shape);
	let own = |along: bool| {
		let all = shape.iter().copied().zip(strides.iter().copied()).enumerate();
		let chosen = all.filter(|(axis, _)| axes.contains(axis) == along);
		places(&chosen.map(|(_, axis)| axis).collect::<Vec<_>>())
	};
	(own(false), own(true))
}
