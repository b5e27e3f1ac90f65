//! Public keys of development accounts that the SDK's keyring does not know. Each is derived from the
//! development phrase by the path in its comment or name; a test derives them again.

use polkadot_sdk::sp_core;
use sp_core::hex2array;

/// `//Grace` and so on: contributors, a caller and a builder.
pub(super) const CAST: [(&str, [u8; 32]); 5] = [
	("//Grace", hex2array!("3639103416b054f3362b835dded8ca33c11f11d4360a6f434034e9b46662693d")),
	("//Heidi", hex2array!("0ae1adab2f9cccccb43988491aa4a8b0be71497a06472bbc93ab001b85a1be08")),
	("//Mallory", hex2array!("2e7a680a577dec1951e26b7c955a7f142bb730b54fa73fd328ecb897251efb4f")),
	("//Ivan", hex2array!("ec45b5f4481d620bdeb1193911665614d4035df9dd0c7cacb1bb7df3ea9fab43")),
	("//Judy", hex2array!("c4a56eb34eee8a6df43d64b0d48d499400bf30d5bb8f168996de9ced82e90415")),
];

/// `//Bob//worker`, `//Charlie//worker`, `//Dave//worker`.
pub(super) const WORKER_KEYS: [[u8; 32]; 3] = [
	hex2array!("c406f0636e27e7bb858d01d7683eafa66827d32cec3ad3d44287e35848abab2a"),
	hex2array!("70b86fb59af3aa4a6aeb778b86a1402731a3c2118772d886d60d08c91027a840"),
	hex2array!("506978e899cd086157035e54acae66310e2a23db9a7f82ef29d9f277014c051c"),
];

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{sr25519, Pair};

	fn public(path: &str) -> [u8; 32] {
		sr25519::Pair::from_string(path, None).unwrap().public().0
	}

	#[test]
	fn keys_are_what_their_paths_derive() {
		for (path, key) in CAST {
			assert_eq!(public(path), key, "{path}");
		}
		for (name, key) in ["//Bob", "//Charlie", "//Dave"].into_iter().zip(WORKER_KEYS) {
			assert_eq!(public(&format!("{name}//worker")), key, "{name}");
		}
	}
}
