//! The suffixes of all blocks in one order.

use super::{ranks::Ranks, Block, Text};
use crate::{
	error::Result,
	spans::bytes::{Column, Room},
};
use std::{ops::Range, path::Path, sync::atomic::AtomicU32};

/// Words of bits between two known counts.
const STRIDE: usize = 512;

/// For every suffix of a block or of the blocks behind it, in order, whether it is the block's own.
struct Choice {
	bits: Column<u64>,
	/// Set bits before every [`STRIDE`]th word.
	ones: Vec<u64>,
}

/// Blocks whose suffixes are known in their common order.
pub struct Merged<'a> {
	blocks: &'a [Block],
	/// One for each block but the last.
	choices: Vec<Choice>,
}

impl Choice {
	fn new(gaps: &[AtomicU32], later: usize) -> Result<Self> {
		let own = gaps.len() - 1;
		let mut bits = Room::<u64>::new((own + later).div_ceil(64))?;
		let mut at = 0;
		for gap in &gaps[..own] {
			at += gap.load(std::sync::atomic::Ordering::Relaxed) as usize;
			bits[at / 64] |= 1 << (at % 64);
			at += 1;
		}
		let mut ones = Vec::with_capacity(bits.len() / STRIDE + 1);
		let mut sum = 0;
		for words in bits.chunks(STRIDE) {
			ones.push(sum);
			sum += words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
		}
		Ok(Self { bits: Column::Owned(bits), ones })
	}

	/// Set bits before `at`.
	fn ones(&self, at: usize) -> usize {
		let word = at / 64;
		let stride = word / STRIDE;
		let words = &self.bits[(stride * STRIDE).min(self.bits.len())..word.min(self.bits.len())];
		let partial = self.bits.get(word).map_or(0, |bits| bits & ((1 << (at % 64)) - 1));
		let sum: u32 = words.iter().map(|word| word.count_ones()).sum::<u32>();
		let before = self.ones.get(stride).copied().unwrap_or(0);
		before as usize + sum as usize + partial.count_ones() as usize
	}
}

impl<'a> Merged<'a> {
	/// Finds the common order of `blocks` of `text`; bits go to `spill` where that is given.
	pub fn new(
		text: &Text,
		blocks: &'a [Block],
		threads: usize,
		spill: Option<&Path>,
	) -> Result<Self> {
		let end = blocks.last().map_or(0, |block| block.text.end);
		let mut later: usize = blocks.iter().map(Block::tokens).sum();
		let mut choices = vec![];
		for block in blocks.iter().take(blocks.len().saturating_sub(1)) {
			later -= block.tokens();
			let behind = block.text.end..end;
			let gaps = match text.width {
				1 => Ranks::<1>::new(text, block)?.gaps(behind, threads),
				2 => Ranks::<2>::new(text, block)?.gaps(behind, threads),
				_ => Ranks::<4>::new(text, block)?.gaps(behind, threads),
			}?;
			let mut choice = Choice::new(&gaps, later)?;
			if let Some(folder) = spill {
				choice.bits = choice.bits.spill(folder)?;
			}
			choices.push(choice);
		}
		Ok(Self { blocks, choices })
	}

	/// Calls `f` with where each of the suffixes in `range` of the common order begins.
	pub fn each(&self, range: Range<usize>, mut f: impl FnMut(u64)) {
		let mut at = range.start;
		// for every block the next bit, and the next of its own suffixes
		let mut bits = vec![];
		let mut own = vec![];
		for choice in &self.choices {
			bits.push(at);
			own.push(choice.ones(at));
			at -= choice.ones(at);
		}
		own.push(at);
		let sources: Vec<(&[i32], u64)> = self
			.blocks
			.iter()
			.map(|block| (&block.order[block.documents..], block.text.start as u64))
			.collect();
		let choices: Vec<&[u64]> = self.choices.iter().map(|choice| &*choice.bits).collect();
		for _ in range {
			let mut from = 0;
			for (choice, bit) in choices.iter().zip(&mut bits) {
				let word = choice[*bit / 64] >> (*bit % 64);
				*bit += 1;
				if word & 1 == 1 {
					break;
				}
				from += 1;
			}
			let (order, base) = sources[from];
			f(base + order[own[from]] as u64);
			own[from] += 1;
		}
	}
}
