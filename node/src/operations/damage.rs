//! What to do when a node does not start on its database.

use polkadot_sdk::*;
use sc_service::Error;
use std::path::Path;

/// `error`, and what an operator does about it when it came out of `database`.
pub fn explain(error: Error, database: Option<&Path>) -> sc_cli::Error {
	let (Some(database), Error::Client(_) | Error::Consensus(_)) = (database, &error) else {
		return sc_cli::Error::Service(error);
	};
	let said = error.to_string();
	let database = database.display();
	if said.contains("in use") {
		return sc_cli::Error::Input(format!(
			"the database {database} is in use: another node runs on it, and one at a time can ({said})"
		));
	}
	if said.contains("Incompatible pruning modes") {
		return sc_cli::Error::Input(format!(
			"the database {database} was made with another pruning mode ({said}): start with that one, or \
			 run `purge-chain` and sync anew"
		));
	}
	sc_cli::Error::Input(format!(
		"the database {database} cannot be used ({said}). If its disk was full or failed, it is damaged: \
		 run `purge-chain` with the same --chain and --base-path, which leaves keys and blobs, and start \
		 again. The node then syncs anew; --sync warp is quick"
	))
}
