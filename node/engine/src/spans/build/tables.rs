//! What is kept of the order: pointers, sampled keys, checkpoints of contributors.

use super::{merge::Merged, text::Documents, work::each, Sink};
use crate::{
	error::Result,
	spans::{
		format::{Layout, Shape, SAMPLE},
		packed::{self, Packer},
	},
};

/// Suffixes written at once: a multiple of every table's step.
const PIECE: usize = 1 << 17;
/// Places in the text that share an entry of [`Places`].
const COARSE: usize = 256;

/// The distinct contributors, increasing, and for each document the place of its own.
pub fn owners(contributors: &[u64]) -> (Vec<u64>, Vec<u32>) {
	let mut ids = contributors.to_vec();
	ids.sort_unstable();
	ids.dedup();
	let place = |id: &u64| ids.partition_point(|known| known < id) as u32;
	let owners = contributors.iter().map(place).collect();
	(ids, owners)
}

/// Whose each place of the text is.
pub struct Places<'a> {
	starts: &'a [usize],
	/// Of the documents that are not empty.
	owners: Vec<u32>,
	/// Which of those is at every [`COARSE`]th place.
	coarse: Vec<u32>,
}

impl<'a> Places<'a> {
	/// From where each document begins, and its contributor's place.
	pub fn new(documents: &'a Documents, owners: &[u32]) -> Self {
		let starts = &documents.starts;
		let owners = documents.full.iter().map(|document| owners[*document]).collect();
		let end = starts.last().copied().unwrap_or(0);
		let mut document = 0;
		let coarse = (0..=end / COARSE)
			.map(|entry| {
				while starts.get(document + 1).is_some_and(|start| *start <= entry * COARSE) {
					document += 1;
				}
				document as u32
			})
			.collect();
		Self { starts, owners, coarse }
	}

	/// The place of the contributor of the text's code at `place`.
	#[inline]
	fn owner(&self, place: usize) -> u32 {
		let from = self.coarse[place / COARSE] as usize;
		let to = self.coarse.get(place / COARSE + 1).map_or(self.owners.len() - 1, |d| *d as usize);
		let within = &self.starts[from + 1..=to];
		self.owners[from + within.partition_point(|start| *start <= place)]
	}
}

/// Writes pointers and checkpoints; returns every [`SAMPLE`]th pointer.
pub fn pointers(
	merged: &Merged,
	places: &Places,
	shape: &Shape,
	layout: &Layout,
	sink: &Sink,
	threads: usize,
) -> Result<Vec<u32>> {
	let piece = PIECE.max(layout.block);
	let counted = shape.contributors > 1;
	let pieces = each(threads, shape.tokens.div_ceil(piece), |i| {
		let range = i * piece..((i + 1) * piece).min(shape.tokens);
		let mut packer = Packer::new(range.len(), layout.pointer_bits);
		let mut samples = Vec::with_capacity(range.len() / SAMPLE + 1);
		let mut owned = vec![0u32; if counted { shape.contributors } else { 0 }];
		let mut blocks = vec![];
		let mut index = range.start;
		merged.each(range.clone(), |place| {
			packer.push(place);
			if index.is_multiple_of(SAMPLE) {
				samples.push(place as u32);
			}
			index += 1;
			if counted {
				owned[places.owner(place as usize) as usize] += 1;
				if index.is_multiple_of(layout.block) {
					blocks.extend_from_slice(&owned);
					owned.fill(0);
				}
			}
		});
		let at = range.start / 8 * layout.pointer_bits as usize;
		sink.put(layout.pointers.start + at, &packer.finish())?;
		Ok((samples, blocks))
	})?;
	let (samples, blocks): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
	let mut owned = vec![0u64; shape.contributors];
	let mut checkpoints = vec![];
	for block in blocks.iter().flat_map(|blocks| blocks.chunks_exact(shape.contributors)) {
		owned.iter_mut().zip(block).for_each(|(sum, count)| *sum += u64::from(*count));
		checkpoints.extend_from_slice(&owned);
	}
	let packed = packed::pack(checkpoints.into_iter(), layout.pointer_bits);
	sink.put(layout.checkpoints.start, &packed)?;
	Ok(samples.concat())
}

/// Writes the first eight bytes of the suffixes at `samples`. They are read in the text's order, as
/// it may not be in memory.
pub fn keys(
	samples: Vec<u32>,
	text: &[u8],
	layout: &Layout,
	sink: &Sink,
	threads: usize,
) -> Result<()> {
	each(threads, samples.len().div_ceil(PIECE), |i| {
		let range = i * PIECE..((i + 1) * PIECE).min(samples.len());
		let mut places: Vec<(u32, u32)> = samples[range.clone()].iter().copied().zip(0..).collect();
		places.sort_unstable();
		let mut keys = vec![0u8; range.len() * 8];
		for (place, index) in places {
			let suffix = &text[place as usize * layout.width..];
			let key = key(suffix, layout.width).to_le_bytes();
			keys[index as usize * 8..][..8].copy_from_slice(&key);
		}
		sink.put(layout.keys.start + range.start * 8, &keys)
	})?;
	Ok(())
}

/// The first eight bytes of a suffix, zeros behind its document's end.
fn key(suffix: &[u8], width: usize) -> u64 {
	let mut key = [0; 8];
	for (to, code) in key.chunks_exact_mut(width).zip(suffix.chunks_exact(width)) {
		if code.iter().all(|byte| *byte == 0) {
			break;
		}
		to.copy_from_slice(code);
	}
	u64::from_be_bytes(key)
}
