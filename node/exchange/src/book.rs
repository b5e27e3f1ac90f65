//! What is known of peers, over all fetches.

use polkadot_sdk::sc_network::PeerId;
use std::{
	collections::HashMap,
	sync::{Mutex, MutexGuard, PoisonError},
	time::Duration,
};

/// The most peers that are remembered.
const MAX_PEERS: usize = 4096;
/// What a peer of which nothing is known is taken to need for a response.
const UNKNOWN: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug)]
struct Record {
	banned: bool,
	/// In a row.
	failures: u32,
	/// For a response, smoothed.
	needs: Duration,
	/// Count of what was noted, so that the oldest can be forgotten.
	noted: u64,
}

#[derive(Debug, Default)]
struct State {
	peers: HashMap<PeerId, Record>,
	noted: u64,
}

/// Which peers are worth asking.
#[derive(Debug, Default)]
pub struct Book(Mutex<State>);

/// The smaller, the sooner a peer is asked: failures in a row, then the time it takes.
pub type Rank = (u32, Duration);

impl Book {
	fn lock(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn note(&self, peer: PeerId, change: impl FnOnce(&mut Record)) {
		let mut state = self.lock();
		state.noted = state.noted.wrapping_add(1);
		let noted = state.noted;
		if state.peers.len() >= MAX_PEERS && !state.peers.contains_key(&peer) {
			// liars are remembered longest
			let oldest = state.peers.iter().min_by_key(|(_, known)| (known.banned, known.noted));
			if let Some(oldest) = oldest.map(|(peer, _)| *peer) {
				state.peers.remove(&oldest);
			}
		}
		let new = Record { banned: false, failures: 0, needs: UNKNOWN, noted };
		let record = state.peers.entry(peer).or_insert(new);
		record.noted = noted;
		change(record);
	}

	/// It answered after `took`.
	pub fn answered(&self, peer: PeerId, took: Duration) {
		self.note(peer, |record| {
			record.failures = 0;
			record.needs = (record.needs.saturating_mul(3).saturating_add(took)) / 4;
		});
	}

	/// It did not answer.
	pub fn failed(&self, peer: PeerId) {
		self.note(peer, |record| record.failures = record.failures.saturating_add(1));
	}

	/// It lied: nothing is taken from it any more.
	pub fn ban(&self, peer: PeerId) {
		self.note(peer, |record| record.banned = true);
	}

	/// Whether it lied.
	pub fn is_banned(&self, peer: &PeerId) -> bool {
		self.lock().peers.get(peer).is_some_and(|record| record.banned)
	}

	/// How many are banned.
	pub fn banned(&self) -> usize {
		self.lock().peers.values().filter(|record| record.banned).count()
	}

	/// How soon to ask it.
	pub fn rank(&self, peer: &PeerId) -> Rank {
		let state = self.lock();
		state.peers.get(peer).map_or((0, UNKNOWN), |record| (record.failures, record.needs))
	}
}
