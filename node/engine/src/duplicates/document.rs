//! What was found, as a file that curators cite: the same bytes for whoever repeats it.

use openledger_primitives::{BlobId, ContributionId};
use serde::{Deserialize, Serialize};

/// What a document of this kind calls itself.
pub const FORMAT: &str = "openledger/duplicates/1";

/// Near-duplicates among the records of some contributions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
	/// `FORMAT`.
	pub format: String,
	/// How records were compared.
	pub rule: Rule,
	/// What was compared, oldest first.
	pub inputs: Vec<Input>,
	/// How many records there are.
	pub records: u64,
	/// How many of them copy an older one.
	pub copies: u64,
	/// Originals that have copies, oldest first.
	pub clusters: Vec<Cluster>,
}

/// How records were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
	/// As texts: sets of runs of characters, see [`super::shingles::characters`].
	Text {
		/// The column that holds the text; none where a record is a file.
		column: Option<String>,
		/// Characters of a run.
		characters: usize,
		/// Jaccard similarity from which a record is a copy, in ppm.
		similarity: u32,
	},
	/// As quantised features, by the rule that decides what is paid.
	Features {
		/// Blob id of the model that made them, or of the training features themselves.
		of: BlobId,
		/// Power-of-two scale of the features.
		scale: i8,
		/// Squared distance up to which records of one label are copies.
		limit: u64,
	},
}

/// The records of one contribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
	/// Its id.
	pub contribution: ContributionId,
	/// Blob id of its records; none where only their features are known.
	pub blob: Option<BlobId>,
	/// How many.
	pub records: u64,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
	/// The contribution it belongs to.
	pub contribution: ContributionId,
	/// Its position among that contribution's records, from 0.
	pub index: u64,
	/// BLAKE2-256 of it as it was contributed, `0x` and 64 hexadecimal digits.
	pub hash: String,
}

/// An original and what copies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
	/// The earliest of them.
	pub original: Place,
	/// Oldest first.
	pub copies: Vec<Found>,
}

/// A copy, and how near it is to its original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
	/// The record.
	#[serde(flatten)]
	pub place: Place,
	/// How near.
	#[serde(flatten)]
	pub near: Near,
}

/// How near a copy is to its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Near {
	/// Two texts.
	Texts {
		/// Runs of characters that both hold.
		shared: u32,
		/// Runs of characters that either holds.
		either: u32,
	},
	/// Two rows of features.
	Features {
		/// Squared distance.
		distance: u64,
	},
}

impl Document {
	/// From the records' places, oldest first, and for each the original that it copies.
	pub fn new(
		rule: Rule,
		inputs: Vec<Input>,
		places: &[Place],
		copies: &[Option<(u32, Near)>],
	) -> Self {
		let mut of = vec![vec![]; places.len()];
		for (place, copy) in places.iter().zip(copies) {
			if let Some((original, near)) = copy {
				of[*original as usize].push(Found { place: place.clone(), near: *near });
			}
		}
		let clusters = places.iter().zip(of).filter(|(_, copies)| !copies.is_empty());
		Self {
			format: FORMAT.into(),
			rule,
			inputs,
			records: places.len() as u64,
			copies: copies.iter().flatten().count() as u64,
			clusters: clusters
				.map(|(original, copies)| Cluster { original: original.clone(), copies })
				.collect(),
		}
	}

	/// Its JSON, in one line that ends.
	pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
		let mut bytes = serde_json::to_vec(self)?;
		bytes.push(b'\n');
		Ok(bytes)
	}
}
