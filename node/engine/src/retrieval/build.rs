//! From text records to an index of passages, and from one version of a Datanet to the next.

use super::{
	embedder::Embedder,
	index::{Index, MAX_PASSAGES, MAX_TEXT},
	sentences::passages,
	texts::Contribution,
	wordpiece::{Word, MAX_WORD},
};
use crate::{
	error::{Error, Result},
	progress::Progress,
};
use openledger_primitives::{BlobId, ContributionId};
use std::{collections::HashSet, ops::Range, sync::atomic::AtomicBool};

/// The fewest pieces a passage may be given room for.
pub const MIN_PIECES: u32 = 16;
/// Room of a passage unless asked otherwise, in pieces: what most models were trained on.
pub const PIECES: u32 = 126;

/// An index without passages, to which contributions are added; passages have at most `pieces`
/// pieces, or what the model takes if that is less.
pub fn empty(embedder: &Embedder, model: BlobId, pieces: u32) -> Result<Index> {
	if pieces < MIN_PIECES {
		return Err(Error::Usage(format!("{pieces} pieces a passage, at least {MIN_PIECES}")));
	}
	let prompt = embedder.tokenizer().words(&embedder.settings().passage_prompt);
	let taken = embedder.tokenizer().frame() + prompt.iter().map(|w| w.pieces.len()).sum::<usize>();
	let room = embedder.settings().max_tokens.saturating_sub(taken) as u32;
	if room < MIN_PIECES {
		return Err(Error::Model(format!("has room for {room} pieces of a text")));
	}
	Ok(Index {
		model,
		dimensions: embedder.dimensions() as u32,
		pieces: pieces.min(room),
		contributions: vec![],
		hashes: vec![],
		records: vec![],
		ends: vec![],
		embeddings: vec![],
		text: String::new(),
	})
}

/// Adds contributions, all newer than those in the index, in the order of their ids; what is there
/// is not computed again. A record that repeats an older one, byte for byte, is left out: it counts
/// once, for its first contributor. The result is the same as building anew.
pub fn append(
	index: &mut Index,
	embedder: &Embedder,
	contributions: &[Contribution],
	threads: usize,
	stop: &AtomicBool,
) -> Result<()> {
	let mut newest = index.contributions.last().copied();
	let mut known: HashSet<[u8; 32]> = index.hashes.iter().copied().collect();
	let mut added = index.clone();
	let first = added.records.len();
	for contribution in contributions {
		let id = contribution.id;
		if newest.is_some_and(|newest| newest >= id) {
			return Err(Error::Data(format!(
				"contribution {id} is given twice, or is not newer than those in the index"
			)));
		}
		newest = Some(id);
		for record in &contribution.records {
			if !known.insert(record.hash) {
				continue;
			}
			let words = embedder.tokenizer().words(&record.text).into_iter();
			let words: Vec<_> = words.flat_map(|word| parts(&record.text, word)).collect();
			let place = added.contributions.len() as u32;
			added.contributions.push(id);
			added.hashes.push(record.hash);
			for range in passages(&record.text, &words, added.pieces as usize) {
				added.text.push_str(&record.text[range]);
				added.records.push(place);
				added.ends.push(added.text.len() as u64);
			}
		}
	}
	if added.len() as u64 > MAX_PASSAGES || added.text.len() as u64 > MAX_TEXT {
		return Err(Error::Data(format!(
			"{} passages of together {} bytes are more than an index holds",
			added.len(),
			added.text.len()
		)));
	}
	let texts: Vec<&str> = (first..added.len()).map(|at| added.passage(at)).collect();
	let progress = Progress::new("passages", texts.len());
	let vectors = embedder.passages(&texts, threads, &progress, stop)?;
	progress.done();
	added.embeddings.extend(vectors.iter().flat_map(|vector| vector.elements()));
	*index = added;
	Ok(())
}

/// A word and how many pieces it counts for. What is longer than any word, one unknown piece to the
/// model, is cut, so that no passage is much longer than others.
fn parts(text: &str, word: Word) -> Vec<(Range<usize>, usize)> {
	/// Bytes of the longest word that is looked up.
	const LONGEST: usize = 4 * MAX_WORD;
	/// What a part of a longer one counts for.
	const PIECES: usize = 32;
	let Range { start, end } = word.range;
	if end - start <= LONGEST {
		return vec![(start..end, word.pieces.len())];
	}
	let mut parts = Vec::new();
	let mut from = start;
	while from < end {
		let to = text.floor_char_boundary(end.min(from + LONGEST));
		parts.push((from..to, PIECES));
		from = to;
	}
	parts
}

/// The index without the records of `contributions`, which were removed from the Datanet.
pub fn without(index: &Index, contributions: &[ContributionId]) -> Index {
	let mut rest = Index {
		contributions: vec![],
		hashes: vec![],
		records: vec![],
		ends: vec![],
		embeddings: vec![],
		text: String::new(),
		..index.clone()
	};
	let mut places = vec![None; index.contributions.len()];
	let old = index.contributions.iter().zip(&index.hashes).zip(&mut places);
	for ((id, hash), place) in old.filter(|((id, _), _)| !contributions.contains(id)) {
		*place = Some(rest.contributions.len() as u32);
		rest.contributions.push(*id);
		rest.hashes.push(*hash);
	}
	for at in 0..index.len() {
		if let Some(place) = places[index.records[at] as usize] {
			rest.text.push_str(index.passage(at));
			rest.records.push(place);
			rest.ends.push(rest.text.len() as u64);
			rest.embeddings.extend(index.embedding(at));
		}
	}
	rest
}
