//! The peers of one fetch: who keeps the blob, who has something to do, who rests.

use crate::{
	book::Book,
	pace::{backed_off, Pace},
};
use polkadot_sdk::sc_network::PeerId;
use std::{collections::HashMap, sync::Arc};
use tokio::time::Instant;

/// Requests of one fetch to one peer under way at the same time.
pub(crate) const MAX_PER_PEER: usize = 4;
/// The most peers of one fetch.
const MAX_CANDIDATES: usize = 128;
/// Failures in a row after which a peer may as well not be there.
const LOST: u32 = 6;

/// What a peer says of the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	/// It was not heard yet.
	Unknown,
	/// It does not keep it, or not all of it.
	Missing,
	/// It keeps it, in this many chunks.
	Keeps(u32),
}

#[derive(Debug)]
struct Candidate {
	standing: Standing,
	busy: usize,
	failures: u32,
	rests_until: Instant,
}

/// The peers of one fetch.
pub struct Candidates {
	book: Arc<Book>,
	pace: Pace,
	peers: HashMap<PeerId, Candidate>,
}

impl Candidates {
	/// None yet.
	pub fn new(book: Arc<Book>, pace: Pace) -> Self {
		Self { book, pace, peers: HashMap::new() }
	}

	/// A peer that may keep the blob.
	pub fn add(&mut self, peer: PeerId) {
		if self.peers.len() < MAX_CANDIDATES && !self.book.is_banned(&peer) {
			self.peers.entry(peer).or_insert_with(|| Candidate {
				standing: Standing::Unknown,
				busy: 0,
				failures: 0,
				rests_until: Instant::now(),
			});
		}
	}

	/// It is asked for nothing more.
	pub fn remove(&mut self, peer: &PeerId) {
		self.peers.remove(peer);
	}

	/// Peers that can be given a request now because they have at most `busy`, the best first.
	pub fn ready(&mut self, now: Instant, busy: usize) -> Vec<PeerId> {
		let book = &self.book;
		// others find out who lies, too
		self.peers.retain(|peer, _| !book.is_banned(peer));
		let mut ready = Vec::new();
		for (peer, candidate) in &mut self.peers {
			if candidate.rests_until > now || candidate.busy > busy.min(MAX_PER_PEER) {
				continue;
			}
			if candidate.standing == Standing::Missing {
				candidate.standing = Standing::Unknown;
			}
			ready.push(*peer);
		}
		ready.sort_by_key(|peer| book.rank(peer));
		ready
	}

	/// When the next peer has rested.
	pub fn next_ready(&self, now: Instant) -> Option<Instant> {
		self.peers.values().map(|peer| peer.rests_until).filter(|until| *until > now).min()
	}

	/// What a peer said.
	pub fn standing(&self, peer: &PeerId) -> Option<Standing> {
		self.peers.get(peer).map(|candidate| candidate.standing)
	}

	/// How many requests it has.
	pub fn busy(&self, peer: &PeerId) -> usize {
		self.peers.get(peer).map_or(0, |candidate| candidate.busy)
	}

	/// It has one more request.
	pub fn started(&mut self, peer: &PeerId) {
		self.change(peer, |candidate| candidate.busy = candidate.busy.saturating_add(1));
	}

	/// It has one request less.
	pub fn ended(&mut self, peer: &PeerId) {
		self.change(peer, |candidate| candidate.busy = candidate.busy.saturating_sub(1));
	}

	/// It keeps the blob, in `chunks` chunks.
	pub fn keeps(&mut self, peer: &PeerId, chunks: u32) {
		self.change(peer, |candidate| {
			candidate.standing = Standing::Keeps(chunks);
			candidate.failures = 0;
		});
	}

	/// It does not keep the blob, or no longer.
	pub fn lacks(&mut self, peer: &PeerId) {
		let again = Instant::now() + self.pace.missing_again;
		self.change(peer, |candidate| {
			candidate.standing = Standing::Missing;
			candidate.rests_until = again;
		});
	}

	/// It did not answer.
	pub fn failed(&mut self, peer: &PeerId) {
		self.book.failed(*peer);
		let rest = self.pace.rest;
		self.change(peer, |candidate| {
			candidate.rests_until = Instant::now() + backed_off(rest, candidate.failures, 6);
			candidate.failures = candidate.failures.saturating_add(1);
		});
	}

	/// Those who said that the blob has fewer than `chunks` chunks.
	pub fn who_named_less(&self, chunks: u32) -> Vec<PeerId> {
		let less =
			|candidate: &Candidate| matches!(candidate.standing, Standing::Keeps(n) if n < chunks);
		self.peers.iter().filter(|(_, candidate)| less(candidate)).map(|(peer, _)| *peer).collect()
	}

	/// How many keep the blob and answer.
	pub fn keepers(&self) -> usize {
		let keeps = |candidate: &&Candidate| {
			matches!(candidate.standing, Standing::Keeps(_)) && candidate.failures < LOST
		};
		self.peers.values().filter(keeps).count()
	}

	/// Whether there is nobody who keeps the blob or has not said otherwise.
	pub fn none_may_keep(&self) -> bool {
		self.peers
			.values()
			.all(|candidate| candidate.standing == Standing::Missing || candidate.failures >= LOST)
	}

	/// How many were asked, and how many of them do not keep the blob.
	pub fn asked(&self) -> (usize, usize) {
		let missing = |candidate: &&Candidate| candidate.standing == Standing::Missing;
		(self.peers.len(), self.peers.values().filter(missing).count())
	}

	fn change(&mut self, peer: &PeerId, change: impl FnOnce(&mut Candidate)) {
		if let Some(candidate) = self.peers.get_mut(peer) {
			change(candidate);
		}
	}
}
