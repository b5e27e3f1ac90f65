//! A look at a model's bytes before they are decoded: an empty message takes two bytes in the file
//! and up to a kilobyte and a half in memory.

use crate::error::{bad_model, Result};

/// Most messages of all kinds: nodes, attributes, weights, types, dimensions.
const MAX_MESSAGES: usize = 1 << 18;
/// Most fields of all messages together, a packed list counting once.
const MAX_FIELDS: usize = 1 << 22;
/// Deeper than the decoder goes.
const MAX_DEPTH: usize = 128;

/// Messages of `onnx.proto`, as far as the decoder knows them.
#[derive(Clone, Copy)]
enum Message {
	Model,
	Graph,
	Node,
	Attribute,
	Tensor,
	Sparse,
	Value,
	Type,
	TensorType,
	Shape,
	Annotation,
	Training,
	Function,
	/// Holds no others.
	Leaf,
}

impl Message {
	/// What the field `number` holds, where that is a message.
	fn field(self, number: u64) -> Option<Self> {
		Some(match (self, number) {
			(Self::Model, 7) => Self::Graph,
			(Self::Model, 20) => Self::Training,
			(Self::Model, 25) => Self::Function,
			(Self::Graph, 1) | (Self::Function, 7) => Self::Node,
			(Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::Sparse, 1 | 2) => Self::Tensor,
			(Self::Graph, 11..=13) => Self::Value,
			(Self::Graph, 14) => Self::Annotation,
			(Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::Sparse,
			(Self::Node, 5) => Self::Attribute,
			(Self::Attribute, 6 | 11) | (Self::Training, 1 | 2) => Self::Graph,
			(Self::Attribute, 15) | (Self::Value, 2) => Self::Type,
			(Self::Type, 1) => Self::TensorType,
			(Self::TensorType, 2) => Self::Shape,
			(Self::Model, 8 | 14)
			| (Self::Tensor, 3 | 13)
			| (Self::Shape, 1)
			| (Self::Annotation, 2)
			| (Self::Training, 3 | 4)
			| (Self::Function, 9) => Self::Leaf,
			_ => return None,
		})
	}
}

#[derive(Default)]
struct Count {
	messages: usize,
	fields: usize,
}

/// Refuses a file that would take far more memory than it has bytes. What is malformed is left to
/// the decoder, which stops where this does.
pub fn check(bytes: &[u8]) -> Result<()> {
	let mut count = Count::default();
	walk(bytes, Message::Model, 0, &mut count);
	if count.messages > MAX_MESSAGES {
		return bad_model!("has more than {MAX_MESSAGES} nodes, weights, attributes and the like");
	}
	if count.fields > MAX_FIELDS {
		return bad_model!("has more than {MAX_FIELDS} names and numbers outside of weights");
	}
	Ok(())
}

/// `None` where it cannot go on, or need not.
fn walk(mut bytes: &[u8], message: Message, depth: usize, count: &mut Count) -> Option<()> {
	count.messages += 1;
	while !bytes.is_empty() {
		if count.messages > MAX_MESSAGES || count.fields > MAX_FIELDS || depth > MAX_DEPTH {
			return None;
		}
		count.fields += 1;
		let key = varint(&mut bytes)?;
		match key & 7 {
			0 => drop(varint(&mut bytes)?),
			1 => drop(take(&mut bytes, 8)?),
			2 => {
				let length = varint(&mut bytes)?;
				let content = take(&mut bytes, length)?;
				if let Some(inner) = message.field(key >> 3) {
					walk(content, inner, depth + 1, count)?;
				}
			}
			5 => drop(take(&mut bytes, 4)?),
			_ => return None,
		}
	}
	Some(())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
	let mut number = 0;
	for shift in (0..64).step_by(7) {
		let (byte, rest) = bytes.split_first()?;
		*bytes = rest;
		number |= u64::from(byte & 0x7f) << shift;
		if *byte < 0x80 {
			return Some(number);
		}
	}
	None
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
	let (taken, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
	*bytes = rest;
	Some(taken)
}
