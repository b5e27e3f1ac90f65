//! The keys in a keystore's directory, by the names of its files.

use super::{private_files::files_below, rpc::unhex, Failure};
use polkadot_sdk::sp_core::crypto::{key_types, KeyTypeId};
use std::path::Path;

/// A key that is in the keystore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
	/// What it is for.
	pub kind: KeyTypeId,
	/// Its public part.
	pub public: Vec<u8>,
}

impl Key {
	/// The four letters of its kind.
	pub fn kind_name(&self) -> String {
		String::from_utf8_lossy(&self.kind.0).into()
	}

	/// Whether collators sign with it.
	pub fn is_session(&self) -> bool {
		matches!(self.kind, key_types::BABE | key_types::GRANDPA)
	}
}

/// The keys in `dir`, in the order of their kinds; files that hold none are passed over.
pub fn keys_in(dir: &Path) -> Result<Vec<Key>, Failure> {
	let key = |file: &Path| {
		let bytes = unhex(file.to_str()?).ok()?;
		let (kind, public) = bytes.split_at_checked(4)?;
		let kind = KeyTypeId(kind.try_into().ok()?);
		(!public.is_empty()).then(|| Key { kind, public: public.to_vec() })
	};
	Ok(files_below(dir)?.iter().filter_map(|file| key(file)).collect())
}
