//! Everyone who sends calls, with every key that they have or may come to have.

use crate::common::pair;
use codec::Encode;
use openledger_primitives::worker::WorkerPair;
use openledger_runtime::{opaque::SessionKeys, AccountId};
use polkadot_sdk::{
	sp_core::{ed25519, proof_of_possession::statement_of_ownership, sr25519, Pair},
	sp_io::hashing::blake2_256,
};
use std::{collections::BTreeMap, sync::LazyLock};

/// The number of `//Alice`, who has sudo and the first authority, and sends nothing else.
pub const ALICE: usize = 0;
/// Accounts that the `dev` preset endows.
const ENDOWED: [&str; 11] = [
	"//Alice",
	"//Bob",
	"//Charlie",
	"//Dave",
	"//Eve",
	"//Ferdie",
	"//Grace",
	"//Heidi",
	"//Mallory",
	"//Ivan",
	"//Judy",
];
/// Those that it does not know, by number.
pub const OTHERS: std::ops::Range<usize> = ENDOWED.len()..ENDOWED.len() + 27;

/// See the module's documentation.
pub static PEOPLE: LazyLock<People> = LazyLock::new(People::new);

/// Somebody.
pub struct Person {
	/// What they are called.
	pub name: String,
	/// Whose key is [`Self::pair`].
	pub account: AccountId,
	/// Signs transactions.
	pub pair: sr25519::Pair,
	/// Sign reports: the first is the one that genesis knows of its workers.
	pub hot: [WorkerPair; 2],
	babe: sr25519::Pair,
	grandpa: ed25519::Pair,
}

impl Person {
	fn new(name: String, pair: sr25519::Pair, hot: WorkerPair) -> Self {
		let seed = |what: &str| blake2_256(&(what, &name).encode());
		let babe = match name.as_str() {
			// the authority of the preset
			"//Alice" => pair.clone(),
			_ => sr25519::Pair::from_seed(&seed("babe")),
		};
		let spare = WorkerPair::from_seed(&seed("spare"));
		Self {
			account: pair.public().into(),
			hot: [hot, spare],
			babe,
			grandpa: ed25519::Pair::from_seed(&seed("grandpa")),
			pair,
			name,
		}
	}

	/// Keys with which this person collates, and the proof that they are `owner`'s.
	pub fn session_keys(&self, owner: &AccountId) -> (SessionKeys, Vec<u8>) {
		let keys =
			SessionKeys { babe: self.babe.public().into(), grandpa: self.grandpa.public().into() };
		let statement = owner.using_encoded(statement_of_ownership);
		(keys, (self.babe.sign(&statement), self.grandpa.sign(&statement)).encode())
	}
}

/// See the module's documentation.
pub struct People {
	all: Vec<Person>,
	numbers: BTreeMap<AccountId, usize>,
	authors: BTreeMap<[u8; 32], usize>,
	hot: BTreeMap<Vec<u8>, (usize, usize)>,
}

impl People {
	fn new() -> Self {
		let endowed = ENDOWED.into_iter().map(|name| {
			let hot = WorkerPair::from_string(&format!("{name}//worker"), None).unwrap();
			Person::new(name.into(), pair(name), hot)
		});
		let others = (0..OTHERS.len()).map(|number| {
			let name = format!("fuzz {number}");
			let seed = |what: &str| blake2_256(&(what, &name).encode());
			let (pair, hot) = (seed("account"), seed("worker"));
			let (pair, hot) = (sr25519::Pair::from_seed(&pair), WorkerPair::from_seed(&hot));
			Person::new(name, pair, hot)
		});
		let all: Vec<_> = endowed.chain(others).collect();
		let hot = |(number, person): (usize, &Person)| {
			[0, 1].map(|key| (person.hot[key].public().encode(), (number, key)))
		};
		Self {
			numbers: all.iter().enumerate().map(|(n, p)| (p.account.clone(), n)).collect(),
			authors: all.iter().enumerate().map(|(n, p)| (p.babe.public().0, n)).collect(),
			hot: all.iter().enumerate().flat_map(hot).collect(),
			all,
		}
	}

	/// How many there are.
	pub fn len(&self) -> usize {
		self.all.len()
	}

	/// Somebody, by number.
	pub fn get(&self, number: usize) -> &Person {
		&self.all[number]
	}

	/// Somebody's account.
	pub fn account(&self, number: usize) -> AccountId {
		self.all[number].account.clone()
	}

	/// Whose account it is.
	pub fn number(&self, account: &AccountId) -> Option<usize> {
		self.numbers.get(account).copied()
	}

	/// The key of an author of blocks.
	pub fn author(&self, public: &sr25519::Public) -> Option<&sr25519::Pair> {
		self.authors.get(&public.0).map(|number| &self.all[*number].babe)
	}

	/// The pair of a worker's hot key.
	pub fn hot(&self, key: &impl Encode) -> Option<&WorkerPair> {
		self.hot.get(&key.encode()).map(|(number, key)| &self.all[*number].hot[*key])
	}
}
