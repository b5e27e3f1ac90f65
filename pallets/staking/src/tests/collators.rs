//! What blocks earn, and what becomes of collators that make none.

use crate::{mock::*, Authored, Error, Event, Idle, Operators};
use openledger_math::block_reward;
use openledger_primitives::{
	parameters::DAYS,
	traits::{Bonding, Role},
	Balance, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok, assert_storage_noop},
	pallet_authorship::EventHandler,
	sp_runtime::testing::UintAuthorityId,
};

const C: Role = Role::Collator;
const FOUR: [(AccountId, Balance); 4] =
	[(1, 400 * OPEN), (2, 300 * OPEN), (3, 200 * OPEN), (4, 100 * OPEN)];

/// Notes `blocks` blocks of each author.
fn make(blocks: &[(AccountId, u32)]) {
	for (author, blocks) in blocks {
		(0..*blocks).for_each(|_| <Staking as EventHandler<_, _>>::note_author(*author));
	}
}

fn earned(who: AccountId) -> Balance {
	Operators::<Test>::get(C, who).reward
}

/// Whether `who` has an active bond as a collator.
fn active(who: AccountId) -> bool {
	<Staking as Bonding<AccountId>>::active_bond(C, &who).is_some()
}

#[test]
fn each_block_earns_its_author_the_same_from_the_community_pot() {
	Chain::default().collators(&FOUR).run(|| {
		let before = Balances::free_balance(COMMUNITY);
		make(&[(1, 3), (2, 1), (4, 1)]);
		end_session();
		let each = block_reward(OPEN, DAYS, 5);
		assert_eq!([1, 2, 3, 4].map(earned), [3 * each, each, 0, each]);
		assert_eq!(Balances::free_balance(COMMUNITY), before - 5 * each);
		let rewarded = Event::BlocksRewarded { session: 0, blocks: 5, amount: 5 * each };
		assert!(events().contains(&rewarded));
		assert_eq!(Authored::<Test>::iter().count(), 0, "the next session counts anew");
		end_session();
		assert_eq!(earned(1), 3 * each);

		let free = Balances::free_balance(1);
		assert_ok!(Staking::claim_rewards(origin(1), C, 1));
		assert_eq!(Balances::free_balance(1), free + 3 * each);
	});
}

#[test]
fn delegators_share_what_blocks_earn() {
	Chain::default().collators(&FOUR).run(|| {
		assert_ok!(Staking::delegate(origin(50), C, 2, 300 * OPEN));
		make(&[(2, 4)]);
		end_session();
		let all = 4 * block_reward(OPEN, DAYS, 5);
		assert_eq!(earned(2), all / 2);
		let free = Balances::free_balance(50);
		assert_ok!(Staking::claim_rewards(origin(50), C, 2));
		let paid = Balances::free_balance(50) - free;
		// what does not divide by 300 OPEN of shares is carried on
		assert!((all / 2 - 300..=all / 2).contains(&paid), "{paid} of {all} planck");
	});
}

#[test]
fn jobs_and_balances_do_not_change_what_a_block_earns() {
	let reward_of = |prepare: fn()| {
		let mut reward = 0;
		Chain::default().collators(&FOUR).run(|| {
			prepare();
			make(&[(1, 1)]);
			end_session();
			reward = earned(1);
		});
		reward
	};
	let plain = reward_of(|| ());
	assert_eq!(plain, block_reward(OPEN, DAYS, 5));
	assert_eq!(plain, reward_of(|| reward(Role::Worker, 9, OPEN)));
	assert_eq!(
		plain,
		reward_of(|| {
			assert_ok!(Staking::bond_extra(origin(1), C, 9 * OPEN));
		})
	);
}

#[test]
fn a_pot_that_runs_dry_pays_what_it_has_and_keeps_its_deposit() {
	Chain::default().collators(&FOUR).run(|| {
		use polkadot_sdk::frame_support::traits::{
			fungible::Mutate, tokens::Preservation::Preserve,
		};
		let all = Balances::free_balance(COMMUNITY);
		Balances::transfer(&COMMUNITY, &200, all - ED - 1_000, Preserve).unwrap();
		make(&[(1, 2), (2, 1)]);
		end_session();
		// 1,000 planck for three blocks
		assert_eq!((earned(1), earned(2)), (666, 333));
		assert_eq!(Balances::free_balance(COMMUNITY), ED + 1);
		make(&[(1, 2)]);
		end_session();
		assert_eq!(earned(1), 666, "and nothing when nothing is left");
	});
}

#[test]
fn rewards_can_be_turned_off() {
	Chain::default().collators(&FOUR).run(|| {
		Rewards::mutate(|rewards| rewards.first_reward = 0);
		make(&[(1, 2)]);
		end_session();
		assert_eq!(earned(1), 0);
	});
}

#[test]
fn a_collator_that_misses_too_many_turns_in_a_row_is_put_out_and_can_come_back() {
	Chain::default().collators(&FOUR).run(|| {
		// ten turns of four
		make(&[(1, 13), (2, 13), (3, 13)]);
		end_session();
		assert_eq!(Idle::<Test>::get(4), 39);
		assert!(active(4));
		make(&[(1, 1)]);
		end_session();
		assert!(events().contains(&Event::CollatorIdle { who: 4, blocks: 40 }));
		assert!(!active(4));
		assert_eq!(held(C, 4), 100 * OPEN, "nothing is taken for being away");
		end_session();
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		assert_ok!(Staking::bond(origin(4), C, 0));
		assert!(active(4));
		assert_eq!(Idle::<Test>::get(4), 0);
	});
}

#[test]
fn one_block_makes_up_for_all_that_were_missed() {
	Chain::default().collators(&FOUR).run(|| {
		make(&[(1, 39)]);
		end_session();
		assert_eq!([2, 3, 4].map(Idle::<Test>::get), [39; 3]);
		make(&[(1, 39), (4, 1)]);
		end_session();
		assert_eq!([2, 3, 4].map(active), [false, false, true]);
		assert_eq!(Idle::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_chain_that_stands_still_puts_nobody_out() {
	Chain::default().collators(&FOUR).run(|| {
		(0..10).for_each(|_| end_session());
		assert_eq!([1, 2, 3, 4].map(active), [true; 4]);
	});
}

#[test]
fn the_last_collators_are_not_put_out_however_idle() {
	Chain::default().collators(&FOUR).run(|| {
		Parameters::mutate(|p| p.min_collators = 3);
		make(&[(1, 500)]);
		end_session();
		assert_eq!([1, 2, 3, 4].map(active), [true, false, true, true]);
		make(&[(1, 500)]);
		end_session();
		assert_eq!([1, 3, 4].map(active), [true; 3]);
	});
}

#[test]
fn the_last_collators_cannot_leave_by_themselves() {
	Chain::default().collators(&FOUR).run(|| {
		Parameters::mutate(|p| p.min_collators = 3);
		assert_ok!(Staking::chill(origin(4)));
		assert_noop!(Staking::chill(origin(3)), Error::<Test>::TooFewCollators);
		assert_noop!(Staking::unbond(origin(3), C, 200 * OPEN), Error::<Test>::TooFewCollators);
		// less than all of it is nobody's business
		assert_ok!(Staking::unbond(origin(3), C, 50 * OPEN));
		// nor does anyone else wait for collators
		assert_ok!(Staking::bond(origin(60), Role::Worker, 10 * OPEN));
		assert_ok!(Staking::chill(origin(60)));
		// a fifth comes, and once it collates the third may go
		assert_ok!(Staking::bond(origin(61), C, 500 * OPEN));
		end_session();
		end_session();
		assert_noop!(Staking::chill(origin(3)), Error::<Test>::TooFewCollators);
		let keys = SessionKeys { dummy: UintAuthorityId(61) };
		assert_ok!(<Session as pallet_session::SessionInterface>::set_keys(&61, keys));
		end_session();
		assert_noop!(Staking::chill(origin(3)), Error::<Test>::TooFewCollators);
		end_session();
		assert_ok!(Staking::chill(origin(3)));
	});
}

#[test]
fn whoever_leaves_is_forgotten_with_its_idle_turns() {
	Chain::default().collators(&FOUR).run(|| {
		make(&[(1, 30)]);
		end_session();
		assert_eq!(Idle::<Test>::get(2), 30);
		assert_ok!(Staking::unbond(origin(2), C, 300 * OPEN));
		make(&[(1, 1)]);
		end_session();
		assert_eq!(Idle::<Test>::get(2), 0, "it is on its way out");
		run_to(40);
		assert_ok!(Staking::withdraw_unbonded(origin(2), C));
	});
}

#[test]
fn a_session_without_blocks_changes_nothing() {
	Chain::default().collators(&FOUR).build().execute_with(|| {
		assert_storage_noop!(Staking::reward_blocks(7));
	});
}
