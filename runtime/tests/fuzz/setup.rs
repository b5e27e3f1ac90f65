//! The state on which every episode begins: the scene of `common::stage`, and around it a population
//! that bonds, serves, judges and collates, with short parameters.

use crate::{
	author::Author,
	calls::root::calm,
	common::{signed, stage::Stage},
	people::{ALICE, OTHERS, PEOPLE},
	scene::Plan,
};
use openledger_primitives::{traits::Role, worker::key_ownership_payload, ModelId, OPEN};
use openledger_runtime::*;
use polkadot_sdk::{
	pallet_balances, pallet_parameters, pallet_session, pallet_utility, sp_core::Pair,
	sp_runtime::traits::AccountIdConversion,
};
use sp_state_machine::BasicExternalities;
use std::{collections::BTreeMap, sync::LazyLock};

/// New workers.
const WORKERS: std::ops::Range<usize> = 11..24;
/// New curators; the first and the second are endowed by the preset.
const CURATORS: std::ops::Range<usize> = 9..20;
/// New collators.
const COLLATORS: std::ops::Range<usize> = 4..7;
/// What most of [`OTHERS`] start with, in planck.
const RICH: Balance = 150_000 * OPEN;
/// What every sixth of them starts with, in planck.
const POOR: Balance = 20 * OPEN;

/// See the module's documentation.
pub static BEGINNING: LazyLock<Beginning> = LazyLock::new(Beginning::new);

/// A state, and the block whose it is.
pub struct Beginning {
	state: BTreeMap<Vec<u8>, Vec<u8>>,
	head: (Header, u64),
}

impl Beginning {
	fn new() -> Self {
		let mut chain = Stage::set().chain;
		let mut author = Author::new(chain.head());
		let mut ext = BasicExternalities::from(chain.state());
		ext.execute_with(|| {
			let steps: [fn() -> _; 6] = [governance, bonds, keys, services, Vec::new, Vec::new];
			steps.into_iter().for_each(|calls| block(&mut author, calls()));
		});
		Self { state: ext.into_storages().top, head: author.head() }
	}

	/// The state, and who builds on it.
	pub fn copy(&self) -> (BasicExternalities, Author) {
		(BasicExternalities::from(self.state.clone()), Author::new(self.head.clone()))
	}
}

/// A block of calls none of which may fail; what does not fit goes into the next.
pub fn block(author: &mut Author, calls: Vec<(usize, RuntimeCall)>) {
	author.open(1, false);
	for (who, call) in calls {
		let who = PEOPLE.get(who);
		let transaction = signed(&who.pair, System::account_nonce(&who.account), call.clone());
		let mut result = author.apply(transaction.clone());
		if matches!(result, Err(error) if error.exhausted_resources()) {
			author.close();
			author.open(1, false);
			result = author.apply(transaction);
		}
		assert_eq!(result, Ok(Ok(())), "{}: {call:?}", who.name);
	}
	author.close();
}

fn root(call: impl Into<RuntimeCall>) -> (usize, RuntimeCall) {
	(ALICE, Plan::root(call).expect("a call of Alice").call)
}

fn is_poor(number: usize) -> bool {
	OTHERS.contains(&number) && number.is_multiple_of(6)
}

/// Sets the parameters; the community pays everyone's start.
fn governance() -> Vec<(usize, RuntimeCall)> {
	let source: AccountId = configs::CommunityPotId::get().into_account_truncating();
	let endow = |number: usize| -> RuntimeCall {
		pallet_balances::Call::force_transfer {
			source: source.clone().into(),
			dest: PEOPLE.account(number).into(),
			value: if is_poor(number) { POOR } else { RICH },
		}
		.into()
	};
	let calls = OTHERS.map(endow).collect();
	let mut governance = calm_parameters();
	governance.push(root(pallet_utility::Call::batch_all { calls }));
	governance
}

/// What sets the parameters that episodes begin and end with.
pub fn calm_parameters() -> Vec<(usize, RuntimeCall)> {
	let calls = calm().into_iter();
	calls.map(|key_value| root(pallet_parameters::Call::set_parameter { key_value })).collect()
}

fn bonds() -> Vec<(usize, RuntimeCall)> {
	let bond = |role, numbers: std::ops::Range<usize>, least: Balance| {
		numbers.filter(|number| !is_poor(*number)).map(move |number| {
			let amount = least * (1 + number as Balance % 5);
			(number, openledger_staking::Call::bond { role, amount }.into())
		})
	};
	bond(Role::Worker, WORKERS, 4_000 * OPEN)
		.chain(bond(Role::Curator, CURATORS, 1_500 * OPEN))
		.chain(bond(Role::Collator, COLLATORS, 11_000 * OPEN))
		.collect()
}

fn keys() -> Vec<(usize, RuntimeCall)> {
	let hot = WORKERS.filter(|number| !is_poor(*number)).map(|number| {
		let (account, pair) = (PEOPLE.account(number), &PEOPLE.get(number).hot[0]);
		let proof = pair.sign(&key_ownership_payload(&System::block_hash(0).0, &account));
		let key = pair.public();
		(number, openledger_staking::Call::set_worker_key { key, proof }.into())
	});
	let session = COLLATORS.map(|number| {
		let (keys, proof) = PEOPLE.get(number).session_keys(&PEOPLE.account(number));
		(number, pallet_session::Call::set_keys { keys, proof }.into())
	});
	hot.chain(session).collect()
}

fn services() -> Vec<(usize, RuntimeCall)> {
	let workers = WORKERS.filter(|number| !is_poor(*number));
	let serve = |number| {
		[0, 1].map(|model| {
			let model = ModelId(model);
			(number, openledger_inference::Call::serve { model }.into())
		})
	};
	workers.flat_map(serve).collect()
}
