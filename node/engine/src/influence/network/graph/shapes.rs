//! Nodes that only move elements or change shapes.

use super::{
	attributes::{int, ints, label},
	read::Reader,
	Op,
};
use crate::{error::bad_model, Result};
use tract_onnx::pb::NodeProto;

impl<'a> Reader<'a> {
	/// Moves axes, but that of records.
	pub fn transpose(&mut self, node: &'a NodeProto) -> Result<()> {
		let seen = self.value(node, 0)?;
		let rank = seen.shape.len();
		let perm = match ints(node, "perm")? {
			Some([0, rest @ ..]) if rest.len() == rank => rest.to_vec(),
			_ => return bad_model!("{} moves the axis of records", label(node)),
		};
		let perm: Vec<usize> = perm
			.iter()
			.filter_map(|p| usize::try_from(*p - 1).ok())
			.filter(|p| *p < rank)
			.collect();
		let mut sorted = perm.clone();
		sorted.sort_unstable();
		if sorted != (0..rank).collect::<Vec<_>>() {
			return bad_model!("{} has a `perm` that is no permutation", label(node));
		}
		let mut strides = vec![1usize; rank];
		for axis in (1..rank).rev() {
			strides[axis - 1] = strides[axis] * seen.shape[axis];
		}
		let mut from = vec![0u32];
		for axis in &perm {
			let (length, stride) = (seen.shape[*axis], strides[*axis]);
			let steps = |base: u32| (0..length).map(move |i| base + (i * stride) as u32);
			from = from.into_iter().flat_map(steps).collect();
		}
		let shape = perm.iter().map(|axis| seen.shape[*axis]).collect();
		self.step(node, Op::Reorder(from), vec![seen.value], shape)
	}

	/// The shape of a record after a node that only changes shapes.
	pub fn reshaped(&self, node: &'a NodeProto, shape: &[usize]) -> Result<Vec<usize>> {
		let elements: usize = shape.iter().product();
		let rank = shape.len() as i64 + 1;
		let wrong = || bad_model!("{} does not keep one row for each record", label(node));
		let listed = |name: &str| -> Result<Option<Vec<i64>>> {
			match (ints(node, name)?, Self::input(node, 1)) {
				(Some(own), _) => Ok(Some(own.to_vec())),
				(None, Some(input)) => self.constants.integers(node, input).map(Some),
				(None, None) => Ok(None),
			}
		};
		match node.op_type.as_str() {
			"Flatten" => match int(node, "axis", 1)? {
				axis if axis == 1 || axis == 1 - rank => Ok(vec![elements]),
				_ => wrong(),
			},
			"Reshape" => {
				if int(node, "allowzero", 0)? != 0 {
					return bad_model!("{} has `allowzero`, which is unsupported", label(node));
				}
				let Some(target) = listed("shape")? else { return wrong() };
				let Some((first, rest)) = target.split_first() else { return wrong() };
				let keeps = match first {
					0 | -1 => true,
					n => usize::try_from(*n).ok() == self.batch,
				};
				let axes = rest.iter().enumerate().map(|(axis, n)| match n {
					0 => shape.get(axis).copied(),
					-1 => Some(0),
					n => usize::try_from(*n).ok(),
				});
				let Some(mut axes) = axes.collect::<Option<Vec<_>>>() else { return wrong() };
				let known =
					axes.iter().filter(|n| **n > 0).try_fold(1usize, |n, a| n.checked_mul(*a));
				let open: Vec<_> = axes.iter_mut().filter(|n| **n == 0).collect();
				match (known, open.len(), first) {
					(Some(known), 0, _) if known == elements && keeps => {}
					(Some(known), 1, 0 | 1..)
						if keeps && known > 0 && elements.is_multiple_of(known) =>
					{
						open.into_iter().for_each(|n| *n = elements / known)
					}
					_ => return wrong(),
				}
				Ok(axes)
			}
			"Squeeze" => {
				let Some(axes) = listed("axes")? else {
					// without axes the batch would go too where it is one
					return wrong();
				};
				let mut out = shape.to_vec();
				let mut places = positions(&axes, rank).ok_or(()).or_else(|()| wrong_axes(node))?;
				places.sort_unstable_by(|a, b| b.cmp(a));
				for place in places {
					if place == 0 || out.get(place - 1) != Some(&1) {
						return wrong();
					}
					out.remove(place - 1);
				}
				Ok(out)
			}
			_ => {
				let Some(axes) = listed("axes")? else { return wrong() };
				let mut out = shape.to_vec();
				let rank = rank + axes.len() as i64;
				let mut places = positions(&axes, rank).ok_or(()).or_else(|()| wrong_axes(node))?;
				places.sort_unstable();
				for place in places {
					if place == 0 || place > out.len() + 1 {
						return wrong();
					}
					out.insert(place - 1, 1);
				}
				Ok(out)
			}
		}
	}
}

fn wrong_axes<T>(node: &NodeProto) -> Result<T> {
	bad_model!("{} has axes outside its value", label(node))
}

/// Axes counted from the front.
fn positions(axes: &[i64], rank: i64) -> Option<Vec<usize>> {
	let place = |axis: &i64| {
		let place = if *axis < 0 { axis.checked_add(rank)? } else { *axis };
		(0..rank).contains(&place).then_some(place as usize)
	};
	axes.iter().map(place).collect()
}
