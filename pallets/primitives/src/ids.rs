//! Newtypes for everything that is counted or addressed.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

macro_rules! id {
	($(#[$doc:meta])* $name:ident($inner:ty)) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode,
			DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[serde(transparent)]
		pub struct $name(pub $inner);

		impl From<$inner> for $name {
			fn from(inner: $inner) -> Self {
				Self(inner)
			}
		}

		impl $name {
			/// The id after this one; `None` when ids are used up.
			pub fn next(self) -> Option<Self> {
				self.0.checked_add(1).map(Self)
			}
		}

		impl core::fmt::Display for $name {
			fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				self.0.fmt(f)
			}
		}
	};
}

id! {
	/// A community's data set.
	DatanetId(u32)
}
id! {
	/// A batch of records offered to a Datanet; unique over all Datanets.
	ContributionId(u64)
}
id! {
	/// A registered model or adapter.
	ModelId(u32)
}
id! {
	/// A paid request for one answer.
	JobId(u64)
}
id! {
	/// A bounty for data that a Datanet lacks.
	DataCallId(u32)
}
id! {
	/// A model that somebody proposes to train and have listed.
	LaunchId(u32)
}

/// A blob's id: the Merkle root over its chunks, see [`crate::merkle::blob_id`].
#[derive(
	Clone,
	Copy,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct BlobId(pub [u8; 32]);

impl core::fmt::Debug for BlobId {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		core::fmt::Display::fmt(self, f)
	}
}

impl core::fmt::Display for BlobId {
	/// `0x` and 64 lower-case hexadecimal digits.
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str("0x")?;
		self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
	}
}

/// What is wrong with the text of a [`BlobId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotABlobId;

impl core::fmt::Display for NotABlobId {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str("a blob id is 64 hexadecimal digits, with or without 0x before them")
	}
}

impl core::str::FromStr for BlobId {
	type Err = NotABlobId;

	fn from_str(text: &str) -> Result<Self, NotABlobId> {
		let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
		if digits.len() != 64 {
			return Err(NotABlobId);
		}
		let mut id = [0u8; 32];
		for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
			let text = core::str::from_utf8(pair).map_err(|_| NotABlobId)?;
			if !pair.iter().all(u8::is_ascii_hexdigit) {
				return Err(NotABlobId);
			}
			*byte = u8::from_str_radix(text, 16).map_err(|_| NotABlobId)?;
		}
		Ok(Self(id))
	}
}

impl Serialize for BlobId {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for BlobId {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = <alloc::string::String as Deserialize>::deserialize(deserializer)?;
		text.parse().map_err(serde::de::Error::custom)
	}
}

/// Parts per million.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(transparent)]
pub struct Ppm(pub u32);

impl Ppm {
	/// The whole.
	pub const ONE: Ppm = Ppm(1_000_000);

	/// Whether this is no more than the whole.
	pub fn is_valid(self) -> bool {
		self <= Self::ONE
	}

	/// `min(self, 1,000,000)`.
	pub fn clamped(self) -> Self {
		self.min(Self::ONE)
	}
}

impl core::fmt::Display for Ppm {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		self.0.fmt(f)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_blob_id_reads_back_what_it_prints() {
		let id = BlobId(core::array::from_fn(|i| i as u8 * 7));
		assert_eq!(alloc::format!("{id}").parse(), Ok(id));
		assert_eq!(alloc::format!("{id}").trim_start_matches("0x").parse(), Ok(id));
	}

	#[test]
	fn a_malformed_blob_id_is_refused() {
		for text in ["", "0x", "0x12", &"g".repeat(64), &"+1".repeat(32), &"a".repeat(65)] {
			assert_eq!(text.parse::<BlobId>(), Err(NotABlobId), "{text}");
		}
	}
}
