//! What the clock promises.

use crate::{is_full, mock::*, Frozen};
use openledger_primitives::traits::Clock as _;
use polkadot_sdk::{
	frame_support::{assert_err, dispatch::DispatchClass, traits::Hooks, weights::Weight},
	frame_system::{limits::BlockWeights, ConsumedWeight},
	sp_runtime::TryRuntimeError,
};

#[test]
fn every_block_with_room_counts() {
	new_test_ext().execute_with(|| {
		assert_eq!(Clock::active_blocks(), 0);
		for height in 1..=5 {
			block(0, 0, 0);
			assert_eq!(Clock::active_blocks(), height);
		}
		assert_eq!(Frozen::<Test>::get(), 0);
	});
}

#[test]
fn a_block_is_full_when_no_report_fits() {
	// normal, operational, mandatory, and whether a report of 100 is still admitted
	for (normal, operational, mandatory, fits) in [
		(750, 150, 0, true),
		// within what is reserved for reports, however full the block is
		(750, 150, 100, true),
		(750, 150, 5_000, true),
		(750, 151, 0, false),
		// hooks count for the block
		(500, 200, 200, true),
		(500, 200, 201, false),
		(0, 900, 0, true),
		(0, 901, 0, false),
		(0, 0, 5_000, true),
	] {
		new_test_ext().execute_with(|| {
			block(normal, operational, mandatory);
			let expected = u32::from(fits);
			assert_eq!(Clock::active_blocks(), expected, "{normal} {operational} {mandatory}");
		});
	}
}

#[test]
fn either_dimension_fills_a_block() {
	let mut consumed = ConsumedWeight::default();
	let limits: BlockWeights = Limits::get();
	for wide in [Weight::from_parts(950, 0), Weight::from_parts(0, 950)] {
		consumed.set(wide, DispatchClass::Operational);
		assert!(is_full(&consumed, &limits, weight(100)));
		assert!(!is_full(&consumed, &limits, weight(50)));
	}
}

#[test]
fn a_class_without_limits_is_never_full() {
	let mut limits: BlockWeights = Limits::get();
	let class = limits.per_class.get_mut(DispatchClass::Operational);
	(class.max_total, class.reserved) = (None, None);
	let mut consumed = ConsumedWeight::default();
	consumed.set(Weight::MAX, DispatchClass::Operational);
	assert!(!is_full(&consumed, &limits, Weight::MAX));
}

#[test]
fn a_paused_block_is_frozen() {
	new_test_ext().execute_with(|| {
		block(0, 0, 0);
		IsPaused::set(true);
		block(0, 0, 0);
		// full and paused is frozen once
		block(750, 250, 0);
		IsPaused::set(false);
		assert_eq!((Clock::active_blocks(), Frozen::<Test>::get()), (1, 2));
		block(0, 0, 0);
		assert_eq!(Clock::active_blocks(), 2);
	});
}

#[test]
fn active_blocks_never_decrease() {
	new_test_ext().execute_with(|| {
		// as the start of a block sees it, before anything is known of that block
		let mut last = 1;
		for height in 1..=20 {
			block(0, if height % 3 == 0 { 950 } else { 0 }, 0);
			System::set_block_number(height + 1);
			let begun = Clock::active_blocks();
			assert_eq!(begun - last, u32::from(height % 3 != 0));
			last = begun;
			System::set_block_number(height);
		}
		assert_eq!(Clock::active_blocks(), 14);
	});
}

#[test]
fn a_reserve_that_never_fits_is_a_mistake_of_the_runtime() {
	new_test_ext().execute_with(Clock::integrity_test);
	assert!(is_full(&ConsumedWeight::default(), &Limits::get(), weight(1_001)));
}

#[test]
fn try_state_sees_what_is_wrong() {
	new_test_ext().execute_with(|| {
		block(0, 0, 0);
		Frozen::<Test>::put(2);
		let message = "more frozen blocks than blocks";
		assert_err!(Clock::do_try_state(), TryRuntimeError::Other(message));
	});
}
