//! What chance promises.

use crate::{mock::*, Accumulator, Seeds, GENESIS_LABEL, HISTORY};
use openledger_primitives::traits::Chance as _;
use polkadot_sdk::{
	frame_support::{assert_err, traits::Hooks},
	sp_io::hashing::blake2_256,
	sp_runtime::TryRuntimeError,
};

fn hash(parts: &[[u8; 32]]) -> [u8; 32] {
	blake2_256(&parts.concat())
}

#[test]
fn the_accumulator_takes_in_every_vrf_output() {
	new_test_ext().execute_with(|| {
		let genesis = blake2_256(GENESIS_LABEL);
		assert_eq!(Accumulator::<Test>::get(), genesis);
		block(1, Some([7; 32]));
		let first = hash(&[genesis, [7; 32]]);
		assert_eq!(Chance::seed_at(1), Some(first));
		block(2, Some([8; 32]));
		assert_eq!(Chance::seed_at(2), Some(hash(&[first, [8; 32]])));
		assert_eq!(Accumulator::<Test>::get(), hash(&[first, [8; 32]]));
	});
}

#[test]
fn a_seed_is_unknown_until_its_block_has_ended() {
	new_test_ext().execute_with(|| {
		assert_eq!(Chance::seed_at(0), None);
		BlockVrf::set(Some([1; 32]));
		System::set_block_number(1);
		Chance::on_initialize(1);
		assert_eq!(Chance::seed_at(1), None);
		Chance::on_finalize(1);
		assert!(Chance::seed_at(1).is_some());
		assert_eq!(Chance::seed_at(2), None);
	});
}

#[test]
fn a_delayed_reader_gets_the_same_seed() {
	new_test_ext().execute_with(|| {
		block(1, Some([1; 32]));
		let seed = Chance::seed_at(1);
		(2..=HISTORY).for_each(|height| block(height, Some([2; 32])));
		assert_eq!(Chance::seed_at(1), seed);
	});
}

#[test]
fn the_same_output_twice_gives_other_seeds() {
	new_test_ext().execute_with(|| {
		block(1, Some([9; 32]));
		block(2, Some([9; 32]));
		assert_ne!(Chance::seed_at(1), Chance::seed_at(2));
	});
}

#[test]
fn a_block_without_an_output_still_moves_on() {
	new_test_ext().execute_with(|| {
		block(1, None);
		assert_eq!(Chance::seed_at(1), Some(blake2_256(&blake2_256(GENESIS_LABEL))));
		block(2, None);
		assert_ne!(Chance::seed_at(1), Chance::seed_at(2));
	});
}

#[test]
fn history_is_bounded() {
	new_test_ext().execute_with(|| {
		(1..=HISTORY + 10).for_each(|height| block(height, Some([3; 32])));
		assert_eq!(Chance::seed_at(10), None);
		assert!(Chance::seed_at(11).is_some());
		assert_eq!(Seeds::<Test>::iter().count(), HISTORY as usize);
	});
}

fn broken(breakage: impl FnOnce(), message: &'static str) {
	new_test_ext().execute_with(|| {
		(1..=4).for_each(|height| block(height, Some([4; 32])));
		breakage();
		assert_err!(Chance::do_try_state(), TryRuntimeError::Other(message));
	});
}

#[test]
fn try_state_sees_what_is_wrong() {
	broken(|| Seeds::<Test>::remove(2), "a seed is missing between two others");
	broken(|| Seeds::<Test>::insert(5, [0; 32]), "a seed lies in the future");
	broken(
		|| {
			System::set_block_number((2 * HISTORY).into());
			(5..=2 * HISTORY).for_each(|height| Seeds::<Test>::insert(height, [0; 32]));
		},
		"more seeds than history holds",
	);
	broken(|| Accumulator::<Test>::put([0; 32]), "the accumulator is not the newest seed");
}
