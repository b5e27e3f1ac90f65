//! Merkle trees over records and over a blob's chunks, and the mountain ranges behind a Datanet's
//! versions.
//!
//! Leaf = BLAKE2-256(0x00 ‖ …), node = BLAKE2-256(0x01 ‖ left ‖ right); an odd last node is carried
//! up unchanged, so that no record counts twice. The empty tree's root is BLAKE2-256(0x00).

use crate::BlobId;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
	sp_crypto_hashing::blake2_256,
	sp_runtime::{traits::ConstU32, BoundedVec},
};
use scale_info::TypeInfo;

/// A node of a tree.
pub type Hash = [u8; 32];

/// Bytes of every chunk of a blob but the last.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// Hash of two children.
pub fn node(left: &Hash, right: &Hash) -> Hash {
	let mut bytes = [1u8; 65];
	let (_, rest) = bytes.split_at_mut(1);
	let (l, r) = rest.split_at_mut(32);
	l.copy_from_slice(left);
	r.copy_from_slice(right);
	blake2_256(&bytes)
}

/// Leaf of a record in a contribution: BLAKE2-256(0x00 ‖ account ‖ BLAKE2-256(record)). The account
/// keeps a pending root from being stolen.
pub fn record_leaf(account: &[u8; 32], record: &[u8]) -> Hash {
	record_leaf_from_hash(account, &blake2_256(record))
}

/// [`record_leaf`], from the record's hash.
pub fn record_leaf_from_hash(account: &[u8; 32], record_hash: &Hash) -> Hash {
	let mut bytes = [0u8; 65];
	let (_, rest) = bytes.split_at_mut(1);
	let (a, h) = rest.split_at_mut(32);
	a.copy_from_slice(account);
	h.copy_from_slice(record_hash);
	blake2_256(&bytes)
}

/// Leaf of a blob's chunk: BLAKE2-256(0x00 ‖ chunk).
pub fn chunk_leaf(chunk: &[u8]) -> Hash {
	let mut bytes = Vec::with_capacity(chunk.len().saturating_add(1));
	bytes.push(0);
	bytes.extend_from_slice(chunk);
	blake2_256(&bytes)
}

/// Root over `leaves`.
pub fn root(leaves: &[Hash]) -> Hash {
	let mut level = leaves.to_vec();
	while level.len() > 1 {
		level = parents(&level);
	}
	level.first().copied().unwrap_or_else(|| blake2_256(&[0]))
}

fn parents(level: &[Hash]) -> Vec<Hash> {
	level
		.chunks(2)
		.map(|pair| match pair {
			[left, right] => node(left, right),
			[odd] => *odd,
			_ => Hash::default(),
		})
		.collect()
}

/// A blob's id: root over its 256 KiB chunks; an empty blob has one empty chunk.
pub fn blob_id(bytes: &[u8]) -> BlobId {
	if bytes.is_empty() {
		return BlobId(chunk_leaf(&[]));
	}
	BlobId(root(&bytes.chunks(CHUNK_BYTES).map(chunk_leaf).collect::<Vec<_>>()))
}

/// The siblings from a leaf to the root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Proof {
	/// Position of the leaf.
	pub index: u64,
	/// Number of leaves of the tree.
	pub leaves: u64,
	/// Siblings, from the leaf upwards; levels without one are skipped.
	pub siblings: Vec<Hash>,
}

/// Proof that the leaf at `index` belongs to the tree over `leaves`; `None` when there is no such
/// leaf.
pub fn prove(leaves: &[Hash], index: usize) -> Option<Proof> {
	leaves.get(index)?;
	let mut siblings = Vec::new();
	let (mut level, mut at) = (leaves.to_vec(), index);
	while level.len() > 1 {
		if let Some(sibling) = level.get(at ^ 1) {
			siblings.push(*sibling);
		}
		level = parents(&level);
		at >>= 1;
	}
	Some(Proof { index: index as u64, leaves: leaves.len() as u64, siblings })
}

/// Whether `leaf` stands where `proof` says in the tree with `root`.
///
/// The proof's own number of leaves is believed: where the leaf can be chosen by who proves, as a
/// contribution's root can, use [`verify_in`] with a number that is known.
pub fn verify(root: &Hash, leaf: &Hash, proof: &Proof) -> bool {
	verify_path(root, leaf, proof.index, proof.leaves, &proof.siblings)
}

/// [`verify`] in a tree that is known to have `leaves` leaves: a range of a Datanet's version, or
/// the records of a contribution. No inner node can pass for a leaf, and no leaf for another.
pub fn verify_in(root: &Hash, leaves: u64, leaf: &Hash, proof: &Proof) -> bool {
	proof.leaves == leaves && verify(root, leaf, proof)
}

/// [`verify`], from the parts of a proof.
pub fn verify_path(root: &Hash, leaf: &Hash, index: u64, leaves: u64, siblings: &[Hash]) -> bool {
	if index >= leaves {
		return false;
	}
	let (mut hash, mut at, mut width) = (*leaf, index, leaves);
	let mut siblings = siblings.iter();
	while width > 1 {
		if at ^ 1 < width {
			let Some(sibling) = siblings.next() else { return false };
			hash = if at & 1 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
		}
		at >>= 1;
		width = width.div_ceil(2);
	}
	siblings.next().is_none() && hash == *root
}

/// An append-only mountain range: the peaks of perfect trees, highest first, one for each bit set
/// in `leaves`.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Peaks {
	/// Leaves appended so far.
	pub leaves: u64,
	peaks: BoundedVec<Hash, ConstU32<64>>,
}

impl Peaks {
	/// Appends a leaf.
	pub fn push(&mut self, leaf: Hash) {
		let (mut hash, mut carry) = (leaf, self.leaves);
		while carry & 1 == 1 {
			if let Some(left) = self.peaks.pop() {
				hash = node(&left, &hash);
			}
			carry >>= 1;
		}
		// as many peaks as bits in `leaves`, hence never more than 64
		let _ = self.peaks.try_push(hash);
		self.leaves = self.leaves.saturating_add(1);
	}

	/// The root: peaks bagged from the lowest up; equal to [`root`] over all leaves.
	pub fn root(&self) -> Hash {
		let mut peaks = self.peaks.iter().rev();
		let Some(last) = peaks.next() else { return root(&[]) };
		peaks.fold(*last, |right, left| node(left, &right))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn leaves(n: usize) -> Vec<Hash> {
		(0..n).map(|i| chunk_leaf(&i.to_le_bytes())).collect()
	}

	#[test]
	fn every_leaf_proves_itself_and_no_other() {
		for n in 1..=33 {
			let leaves = leaves(n);
			let root = root(&leaves);
			for i in 0..n {
				let proof = prove(&leaves, i).unwrap();
				assert!(verify(&root, &leaves[i], &proof), "{i} of {n}");
				if n > 1 {
					assert!(!verify(&root, &leaves[(i + 1) % n], &proof));
					let elsewhere = Proof { index: ((i + 1) % n) as u64, ..proof.clone() };
					assert!(!verify(&root, &leaves[i], &elsewhere));
				}
				let mut longer = proof.clone();
				longer.siblings.push(root);
				assert!(!verify(&root, &leaves[i], &longer));
			}
			assert!(prove(&leaves, n).is_none());
		}
	}

	#[test]
	fn an_inner_node_is_no_leaf_where_the_number_of_leaves_is_known() {
		for n in 2..=33usize {
			let leaves = leaves(n);
			let root = root(&leaves);
			let inner = node(&leaves[0], &leaves[1]);
			let mut higher = prove(&leaves, 0).unwrap();
			assert!(verify_in(&root, n as u64, &leaves[0], &higher));
			assert!(!verify_in(&root, n as u64 + 1, &leaves[0], &higher));
			higher.siblings.remove(0);
			higher.leaves = (n as u64).div_ceil(2);
			assert!(verify(&root, &inner, &higher), "{n}: a tree of half the size");
			assert!(!verify_in(&root, n as u64, &inner, &higher));
			higher.leaves = n as u64;
			assert!(!verify_in(&root, n as u64, &inner, &higher));
		}
	}

	#[test]
	fn a_range_proves_what_was_appended() {
		let leaves = leaves(21);
		let mut peaks = Peaks::default();
		for (i, leaf) in leaves.iter().enumerate() {
			peaks.push(*leaf);
			let so_far = &leaves[..=i];
			for (at, leaf) in so_far.iter().enumerate() {
				let proof = prove(so_far, at).unwrap();
				assert!(verify_in(&peaks.root(), peaks.leaves, leaf, &proof));
			}
			let next = prove(&leaves, i).unwrap();
			assert!(i == 20 || !verify_in(&peaks.root(), peaks.leaves, leaf, &next));
		}
	}

	#[test]
	fn a_mountain_range_has_the_trees_root() {
		let mut peaks = Peaks::default();
		assert_eq!(peaks.root(), root(&[]));
		let leaves = leaves(70);
		for (i, leaf) in leaves.iter().enumerate() {
			peaks.push(*leaf);
			assert_eq!(peaks.root(), root(&leaves[..=i]), "after {}", i + 1);
		}
	}

	#[test]
	fn a_blob_of_one_chunk_is_its_leaf() {
		assert_eq!(blob_id(b"abc").0, chunk_leaf(b"abc"));
		assert_eq!(blob_id(b"").0, chunk_leaf(b""));
		let two = alloc::vec![7u8; CHUNK_BYTES + 1];
		let expected = node(&chunk_leaf(&two[..CHUNK_BYTES]), &chunk_leaf(&[7]));
		assert_eq!(blob_id(&two).0, expected);
	}
}
