//! Weights as the protobuf holds them.

use crate::error::{bad_model, Result};
use tract_onnx::pb::{
	tensor_proto::{DataLocation, DataType},
	TensorProto,
};

/// More elements than a model file has bytes.
const MAX_ELEMENTS: usize = super::MAX_MODEL_BYTES;

/// Elements of a tensor by its shape; `None` where so many could not be, were all axes that are
/// empty of length one.
pub fn elements(tensor: &TensorProto) -> Option<usize> {
	let mut full = 1usize;
	let mut count = 1usize;
	for dim in &tensor.dims {
		let dim = usize::try_from(*dim).ok()?;
		full = full.checked_mul(dim.max(1)).filter(|n| *n <= MAX_ELEMENTS)?;
		count *= dim;
	}
	Some(count)
}

/// Refuses a tensor whose elements lie elsewhere, are not as many as its shape says, or are no
/// numbers.
pub fn check(tensor: &TensorProto, what: &str) -> Result<()> {
	if tensor.data_location == Some(DataLocation::External as i32)
		|| !tensor.external_data.is_empty()
	{
		return bad_model!("{what} lies in an external file: a model must be one file");
	}
	let Some(count) = elements(tensor) else {
		return bad_model!("{what} has the impossible shape {:?}", tensor.dims);
	};
	let Some((size, typed)) = layout(tensor) else {
		let own = DataType::try_from(tensor.data_type).map_or("unknown", |t| t.as_str_name());
		return bad_model!("{what} is of the unsupported type {own}");
	};
	let fits = if tensor.raw_data.is_empty() {
		typed == count
	} else {
		count.checked_mul(size) == Some(tensor.raw_data.len())
	};
	if !fits {
		return bad_model!("{what} does not hold the {count} elements of its shape");
	}
	if !finite(tensor) {
		return bad_model!("{what} holds NaN or infinity");
	}
	Ok(())
}

/// Bytes of one element in raw form, and how many elements the typed form holds.
fn layout(tensor: &TensorProto) -> Option<(usize, usize)> {
	let typed = tensor.int32_data.len();
	Some(match DataType::try_from(tensor.data_type).ok()? {
		DataType::Float => (4, tensor.float_data.len()),
		DataType::Double => (8, tensor.double_data.len()),
		DataType::Int64 => (8, tensor.int64_data.len()),
		DataType::Uint64 => (8, tensor.uint64_data.len()),
		DataType::Uint32 => (4, tensor.uint64_data.len()),
		DataType::Int32 => (4, typed),
		DataType::Int16 | DataType::Uint16 | DataType::Float16 | DataType::Bfloat16 => (2, typed),
		DataType::Int8 | DataType::Uint8 | DataType::Bool => (1, typed),
		_ => return None,
	})
}

fn finite(tensor: &TensorProto) -> bool {
	let halves = |exponent: u16| {
		let raw = tensor.raw_data.chunks_exact(2).map(|b| u16::from(b[0]) | u16::from(b[1]) << 8);
		let typed = tensor.int32_data.iter().map(|v| *v as u16);
		raw.chain(typed).all(|bits| bits & exponent != exponent)
	};
	match DataType::try_from(tensor.data_type) {
		Ok(DataType::Float) => floats(tensor).all(f32::is_finite),
		Ok(DataType::Double) => {
			let raw = tensor.raw_data.chunks_exact(8).map(|b| {
				let mut le = [0; 8];
				le.copy_from_slice(b);
				f64::from_le_bytes(le)
			});
			raw.chain(tensor.double_data.iter().copied()).all(f64::is_finite)
		}
		Ok(DataType::Float16) => halves(0x7c00),
		Ok(DataType::Bfloat16) => halves(0x7f80),
		_ => true,
	}
}

/// The elements of an f32 tensor that passed [`check`].
pub fn floats(tensor: &TensorProto) -> impl Iterator<Item = f32> + '_ {
	let raw = tensor.raw_data.chunks_exact(4).map(|b| {
		let mut le = [0; 4];
		le.copy_from_slice(b);
		f32::from_le_bytes(le)
	});
	raw.chain(tensor.float_data.iter().copied())
}
