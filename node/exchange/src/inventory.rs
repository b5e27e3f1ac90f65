//! What lies in the content directory, what of it was fetched, and what has to go for more.
//!
//! `fetched/ID` marks a blob that came from other nodes; its time of modification is the blob's last
//! use. Blobs without such a mark are the operator's or the engine's, and are never evicted.

use crate::{
	error::Error,
	metrics::{Metrics, Usage},
	partial,
};
use openledger_content::{location, BlobId};
use std::{
	collections::{BTreeMap, BTreeSet},
	fs::File,
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
	time::{Duration, SystemTime},
};

const FETCHED: &str = "fetched";
/// A use is written down when the last one is this old.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
struct Blob {
	bytes: u64,
	/// The last use of what was fetched.
	fetched: Option<SystemTime>,
}

#[derive(Clone, Copy, Debug)]
struct Coming {
	/// Room that is kept for it; of what nobody fetches now, what it takes.
	bytes: u64,
	active: bool,
	used: SystemTime,
}

#[derive(Debug, Default)]
struct State {
	blobs: BTreeMap<BlobId, Blob>,
	coming: BTreeMap<BlobId, Coming>,
	pinned: BTreeSet<BlobId>,
}

/// The content directory.
pub struct Inventory {
	dir: PathBuf,
	budget: u64,
	state: Mutex<State>,
	metrics: Option<Metrics>,
}

impl Inventory {
	/// Looks at `dir`, in which everything together should take at most `budget` bytes.
	pub fn open(dir: &Path, budget: u64, metrics: Option<Metrics>) -> Result<Self, Error> {
		for folder in [FETCHED, partial::FOLDER] {
			std::fs::create_dir_all(dir.join(folder))?;
		}
		let inventory = Self { dir: dir.to_owned(), budget, state: Mutex::default(), metrics };
		inventory.rescan()?;
		inventory.find_partial()?;
		Ok(inventory)
	}

	fn lock(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Where blobs on their way lie.
	pub fn partial_folder(&self) -> PathBuf {
		self.dir.join(partial::FOLDER)
	}

	fn mark(&self, id: &BlobId) -> PathBuf {
		self.dir.join(FETCHED).join(digits(id))
	}

	/// All the room there is, in bytes.
	pub fn budget(&self) -> u64 {
		self.budget
	}

	/// Looks again; answers the blobs that are new. Engine and operator add some too.
	pub fn rescan(&self) -> Result<Vec<BlobId>, Error> {
		let mut found = BTreeMap::new();
		for folder in read_dir(&self.dir)? {
			if !folder.path().is_dir() || folder.file_name().len() != 2 {
				continue;
			}
			for file in read_dir(&folder.path())? {
				let Some(id) = id_of(&file) else { continue };
				let Ok(meta) = file.metadata() else { continue };
				let fetched = std::fs::metadata(self.mark(&id)).ok();
				let fetched = fetched.and_then(|mark| mark.modified().ok());
				found.insert(id, Blob { bytes: meta.len(), fetched });
			}
		}
		let mut state = self.lock();
		let new = found.keys().filter(|id| !state.blobs.contains_key(id)).copied().collect();
		// what came while the directory was read is there, what was evicted is not
		state.blobs.retain(|id, _| found.contains_key(id) || self.dir.join(location(id)).exists());
		for (id, blob) in found {
			if self.dir.join(location(&id)).exists() {
				state.blobs.entry(id).or_insert(blob);
			}
		}
		self.tell(&state);
		Ok(new)
	}

	/// What earlier fetches left, and marks of blobs that are gone.
	fn find_partial(&self) -> Result<(), Error> {
		let mut state = self.lock();
		for file in read_dir(&self.partial_folder())? {
			let (Some(id), Ok(meta)) = (id_of(&file), file.metadata()) else { continue };
			let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
			state.coming.insert(id, Coming { bytes: meta.len(), active: false, used });
		}
		for file in read_dir(&self.dir.join(FETCHED))? {
			if id_of(&file).is_some_and(|id| !state.blobs.contains_key(&id)) {
				std::fs::remove_file(file.path())?;
			}
		}
		self.tell(&state);
		Ok(())
	}

	/// Bytes of a blob that is here.
	pub fn size(&self, id: &BlobId) -> Option<u64> {
		self.lock().blobs.get(id).map(|blob| blob.bytes)
	}

	/// All blobs, those used last first; what is not evicted counts as used now.
	pub fn list(&self) -> Vec<BlobId> {
		let state = self.lock();
		let mut blobs: Vec<_> = state.blobs.iter().collect();
		blobs.sort_by_key(|(_, blob)| std::cmp::Reverse(blob.fetched.unwrap_or(SystemTime::now())));
		blobs.into_iter().map(|(id, _)| *id).collect()
	}

	/// A blob is used: it is the last to be evicted now.
	pub fn touch(&self, id: &BlobId) {
		let mut state = self.lock();
		let now = SystemTime::now();
		let Some(used) = state.blobs.get_mut(id).and_then(|blob| blob.fetched.as_mut()) else {
			return;
		};
		if now.duration_since(*used).unwrap_or(TOUCH_EVERY) >= TOUCH_EVERY {
			*used = now;
			let marked = File::options().write(true).open(self.mark(id));
			// a mark that cannot be written makes it older than it is
			let _ = marked.and_then(|mark| mark.set_modified(now));
		}
	}

	/// The operator put a blob: it stays, whether or not it was fetched before.
	pub fn own(&self, id: &BlobId, bytes: u64) -> Result<(), Error> {
		let mut state = self.lock();
		state.blobs.insert(*id, Blob { bytes, fetched: None });
		self.tell(&state);
		remove(&self.mark(id))
	}

	/// These, and no others, are not evicted although they were fetched.
	pub fn pin(&self, ids: BTreeSet<BlobId>) {
		ids.iter().for_each(|id| self.touch(id));
		self.lock().pinned = ids;
	}

	/// Keeps `bytes` bytes free for `id` until it is there or [`Inventory::release`]d; answers what
	/// had to go.
	pub fn reserve(&self, id: &BlobId, bytes: u64) -> Result<Vec<BlobId>, Error> {
		let mut state = self.lock();
		let now = SystemTime::now();
		let own = state.coming.remove(id);
		match self.make_room(&mut state, id, bytes) {
			Ok(evicted) => {
				state.coming.insert(*id, Coming { bytes, active: true, used: now });
				self.tell(&state);
				Ok(evicted)
			}
			Err(error) => {
				if let Some(own) = own {
					state.coming.insert(*id, Coming { active: false, ..own });
				}
				Err(error)
			}
		}
	}

	fn make_room(&self, state: &mut State, id: &BlobId, bytes: u64) -> Result<Vec<BlobId>, Error> {
		let mut free = self.budget.saturating_sub(state.taken());
		let mut candidates = state.candidates();
		candidates.sort();
		let most = candidates.iter().fold(free, |sum, (_, bytes, _)| sum.saturating_add(*bytes));
		if most < bytes {
			return Err(Error::NoRoom { id: *id, bytes, free: most, budget: self.budget });
		}
		let mut evicted = Vec::new();
		for (_, freed, candidate) in candidates {
			if free >= bytes {
				break;
			}
			self.evict(state, &candidate)?;
			free = free.saturating_add(freed);
			evicted.push(candidate);
		}
		Ok(evicted)
	}

	/// The blob first, its mark after it: a crash in between leaves no blob that seems the operator's.
	fn evict(&self, state: &mut State, id: &BlobId) -> Result<(), Error> {
		if state.coming.remove(id).is_some() {
			partial::Partial::discard(&self.partial_folder(), id)?;
			return Ok(());
		}
		remove(&self.dir.join(location(id)))?;
		state.blobs.remove(id);
		if let Some(metrics) = &self.metrics {
			metrics.evicted.inc();
		}
		log::debug!(target: crate::LOG, "Evicted blob {id}");
		remove(&self.mark(id))
	}

	/// Nobody fetches `id` now; what came of it stays until the room is needed.
	pub fn release(&self, id: &BlobId, bytes: u64) {
		let mut state = self.lock();
		match (bytes, state.coming.get_mut(id)) {
			(0, _) => drop(state.coming.remove(id)),
			(_, Some(coming)) => {
				*coming = Coming { bytes, active: false, used: SystemTime::now() };
			}
			(_, None) => {}
		}
		self.tell(&state);
	}

	/// Takes the whole and verified blob at `from` into the store.
	pub fn complete(&self, id: &BlobId, from: &Path) -> Result<u64, Error> {
		let to = self.dir.join(location(id));
		let bytes = std::fs::metadata(from)?.len();
		let mut state = self.lock();
		let blob = if to.exists() {
			// someone put it meanwhile
			state.blobs.get(id).copied().unwrap_or(Blob { bytes, fetched: None })
		} else {
			File::create(self.mark(id))?.sync_all()?;
			sync_dir(&self.dir.join(FETCHED))?;
			let folder = to.parent().unwrap_or(&self.dir);
			std::fs::create_dir_all(folder)?;
			std::fs::rename(from, &to)?;
			sync_dir(folder)?;
			sync_dir(&self.dir)?;
			Blob { bytes, fetched: Some(SystemTime::now()) }
		};
		partial::Partial::discard(&self.partial_folder(), id)?;
		state.coming.remove(id);
		state.blobs.insert(*id, blob);
		self.tell(&state);
		Ok(bytes)
	}

	/// Numbers.
	pub fn usage(&self) -> Usage {
		self.lock().usage()
	}

	fn tell(&self, state: &State) {
		if let Some(metrics) = &self.metrics {
			metrics.usage(&state.usage(), self.budget);
		}
	}
}

impl State {
	fn taken(&self) -> u64 {
		let usage = self.usage();
		usage.bytes.saturating_add(usage.partial_bytes)
	}

	fn usage(&self) -> Usage {
		let sum = |fetched: bool| {
			let blobs = self.blobs.values().filter(|blob| !fetched || blob.fetched.is_some());
			blobs.fold(0u64, |sum, blob| sum.saturating_add(blob.bytes))
		};
		Usage {
			blobs: self.blobs.len() as u64,
			bytes: sum(false),
			fetched_bytes: sum(true),
			partial_bytes: self.coming.values().fold(0, |sum, c| sum.saturating_add(c.bytes)),
			pinned: self.pinned.iter().filter(|id| self.blobs.contains_key(id)).count() as u64,
		}
	}

	/// What may go: last use, bytes, id.
	fn candidates(&self) -> Vec<(SystemTime, u64, BlobId)> {
		let blobs =
			self.blobs.iter().filter_map(|(id, blob)| Some((blob.fetched?, blob.bytes, *id)));
		let coming = self.coming.iter().filter(|(_, coming)| !coming.active);
		let coming = coming.map(|(id, coming)| (coming.used, coming.bytes, *id));
		blobs.chain(coming).filter(|(_, _, id)| !self.pinned.contains(id)).collect()
	}
}

fn digits(id: &BlobId) -> String {
	id.to_string().split_off(2)
}

fn id_of(file: &std::fs::DirEntry) -> Option<BlobId> {
	file.file_name().to_str().filter(|name| name.len() == 64)?.parse().ok()
}

fn read_dir(dir: &Path) -> std::io::Result<Vec<std::fs::DirEntry>> {
	std::fs::read_dir(dir)?.collect()
}

fn remove(path: &Path) -> Result<(), Error> {
	match std::fs::remove_file(path) {
		Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
		_ => Ok(()),
	}
}

/// Brings a directory's entries to disk.
fn sync_dir(dir: &Path) -> std::io::Result<()> {
	if cfg!(unix) {
		File::open(dir)?.sync_all()?;
	}
	Ok(())
}
