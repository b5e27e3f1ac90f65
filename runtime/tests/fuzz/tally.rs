//! What was tried, and what came of it.

use openledger_runtime::RuntimeCall;
use polkadot_sdk::{
	frame_support::traits::GetCallMetadata,
	pallet_sudo,
	sp_runtime::{ApplyExtrinsicResult, DispatchError, DispatchResult},
};
use std::{collections::BTreeMap, fmt};

/// Pallet and call.
pub type Name = (&'static str, &'static str);

/// Pallets of which every call has to be tried.
pub const OURS: [&str; 7] =
	["Staking", "Datanets", "Models", "Inference", "Attribution", "Gopen", "Launches"];

/// How often a call was sent, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
	/// All.
	pub tried: u64,
	/// Of these, dispatched without an error.
	pub succeeded: u64,
	/// Error → how often.
	pub errors: BTreeMap<String, u64>,
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
	/// By call.
	pub calls: BTreeMap<Name, Count>,
	/// What else happened → how often.
	pub marks: BTreeMap<&'static str, u64>,
}

impl Tally {
	/// Counts a call.
	pub fn note(&mut self, name: Name, error: Option<String>) {
		let count = self.calls.entry(name).or_default();
		count.tried += 1;
		match error {
			None => count.succeeded += 1,
			Some(error) => *count.errors.entry(error).or_default() += 1,
		}
	}

	/// Counts something else.
	pub fn mark(&mut self, what: &'static str, times: u64) {
		*self.marks.entry(what).or_default() += times;
	}

	/// Adds another tally.
	pub fn add(&mut self, other: Self) {
		for (name, theirs) in other.calls {
			let count = self.calls.entry(name).or_default();
			count.tried += theirs.tried;
			count.succeeded += theirs.succeeded;
			for (error, times) in theirs.errors {
				*count.errors.entry(error).or_default() += times;
			}
		}
		for (what, times) in other.marks {
			self.mark(what, times);
		}
	}

	/// Calls of our pallets that nobody tried.
	pub fn untried(&self) -> Vec<Name> {
		let names = |pallet| RuntimeCall::get_call_names(pallet).iter().map(move |n| (pallet, *n));
		OURS.into_iter().flat_map(names).filter(|name| !self.calls.contains_key(name)).collect()
	}

	/// Those of `names` that never succeeded.
	pub fn failed(&self, names: &[Name]) -> Vec<Name> {
		let succeeded = |name| self.calls.get(name).is_some_and(|count| count.succeeded > 0);
		names.iter().filter(|name| !succeeded(name)).copied().collect()
	}

	/// How often `what` happened.
	pub fn marked(&self, what: &str) -> u64 {
		self.marks.get(what).copied().unwrap_or_default()
	}
}

impl fmt::Display for Tally {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		for ((pallet, call), count) in &self.calls {
			let Count { tried, succeeded, errors } = count;
			writeln!(f, "{pallet}.{call}: {tried} tried, {succeeded} succeeded")?;
			let mut errors: Vec<_> = errors.iter().collect();
			errors.sort_by_key(|(_, times)| core::cmp::Reverse(**times));
			for (error, times) in errors {
				writeln!(f, "    {times} {error}")?;
			}
		}
		self.marks.iter().try_for_each(|(what, times)| writeln!(f, "{what}: {times}"))
	}
}

/// What a call is counted as: what sudo sends, as itself.
pub fn name(call: &RuntimeCall) -> Name {
	let call = match call {
		RuntimeCall::Sudo(
			pallet_sudo::Call::sudo { call }
			| pallet_sudo::Call::sudo_unchecked_weight { call, .. },
		) => &**call,
		call => call,
	};
	let metadata = call.get_call_metadata();
	(metadata.pallet_name, metadata.function_name)
}

/// Why a transaction was refused, or its call failed; `sudone` is what came of a call of sudo.
pub fn error(result: &ApplyExtrinsicResult, sudone: Option<DispatchResult>) -> Option<String> {
	match result {
		Err(refused) => Some(format!("refused: {refused:?}")),
		Ok(result) => result.and(sudone.unwrap_or(Ok(()))).err().map(text),
	}
}

fn text(error: DispatchError) -> String {
	match error {
		DispatchError::Module(module) => {
			module.message.map_or_else(|| format!("{module:?}"), Into::into)
		}
		error => format!("{error:?}"),
	}
}
