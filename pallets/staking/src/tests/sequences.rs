//! Long random sequences of everything: the books stay sound.

use crate::{mock::*, Event, Pallet, Pools, ROLES};
use openledger_primitives::{
	traits::{Misconduct, Penalties, Role},
	Balance, Ppm, OPEN,
};

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound
	}

	/// Odd amounts of all sizes.
	fn amount(&mut self) -> Balance {
		let size = [1, 1_000, OPEN / 7, 3 * OPEN, 20 * OPEN, 60 * OPEN][self.below(6) as usize];
		size + Balance::from(self.below(1_000))
	}
}

fn step(random: &mut Random) {
	let operator = 1 + random.below(3);
	let delegator = 10 + random.below(4);
	let role = if random.below(4) == 0 { Role::Collator } else { Role::Worker };
	let amount = random.amount();
	// what is refused is refused without a trace: [`sound`] would see it
	let _ = match random.below(17) {
		0 => Staking::bond(origin(operator), role, 120 * OPEN + amount),
		1 => Staking::bond_extra(origin(operator), role, amount),
		2 => Staking::unbond(origin(operator), role, amount),
		3 => Staking::withdraw_unbonded(origin(operator), role),
		4..=6 => Staking::delegate(origin(delegator), role, operator, amount),
		7 => Staking::undelegate(origin(delegator), role, operator, amount),
		8 => {
			let views = Pallet::<Test>::delegations_of(&delegator);
			views.first().map_or(Ok(()), |view| {
				Staking::undelegate(origin(delegator), view.role, view.operator, view.amount)
			})
		}
		9 => Staking::withdraw_undelegated(origin(delegator), role, operator),
		10 => Staking::claim_rewards(origin(delegator), role, operator)
			.and(Staking::claim_rewards(origin(operator), role, operator)),
		11 => {
			reward(role, operator, amount);
			Ok(())
		}
		12 => {
			let part = [1, 10_001, 333_333, 900_000, 1_000_000][random.below(5) as usize];
			Pallet::<Test>::slash(role, &operator, Ppm(part), Misconduct::WrongAnswer);
			Ok(())
		}
		13 => Staking::chill(origin(operator)),
		14 => {
			Pallet::<Test>::jail(role, &operator, random.below(9) as u32);
			Ok(())
		}
		15 => {
			let waiting = Pallet::<Test>::pending_slashes();
			waiting
				.last()
				.map_or(Ok(()), |view| Staking::cancel_slash(RuntimeOrigin::root(), view.id))
		}
		_ => Staking::set_commission(origin(operator), role, Ppm(random.below(250_000) as u32)),
	};
}

#[test]
fn the_books_stay_sound_whatever_happens() {
	let mut seen = std::collections::BTreeSet::new();
	for seed in 0..5 {
		let chain = Chain::default()
			.collators(&[(1, 200 * OPEN), (2, 150 * OPEN)])
			.worker(1, 50 * OPEN, Some(key(1)))
			.worker(2, 70 * OPEN, None);
		chain.run(|| {
			let mut random = Random(seed);
			for _ in 0..200 {
				step(&mut random);
				sound();
				if random.below(4) == 0 {
					run_to(System::block_number() + 1);
				}
			}
			leave_all();
			seen.extend(events().iter().map(name));
		});
	}
	// the sequences reach all of it
	for event in [
		"Slashed",
		"SlashCancelled",
		"Jailed",
		"PoolLost",
		"PoolEnded",
		"DelegationWithdrawn",
		"RewardsClaimed",
		"CommissionSet",
	] {
		assert!(seen.contains(event), "{event} never happened");
	}
}

/// The name of an event's kind.
fn name(event: &Event<Test>) -> String {
	let shown = format!("{event:?}");
	let path = shown.split(' ').next().unwrap_or_default();
	path.rsplit("::").next().unwrap_or_default().into()
}

/// Everyone takes what is theirs; nothing stays in the pot but what was lost track of by nobody.
fn leave_all() {
	let away = |who: AccountId| {
		for view in Pallet::<Test>::delegations_of(&who) {
			let _ = Staking::undelegate(origin(who), view.role, view.operator, view.amount);
		}
	};
	(10..14).for_each(away);
	run_to(System::block_number() + 40);
	for who in 10..14 {
		for view in Pallet::<Test>::delegations_of(&who) {
			let _ = Staking::withdraw_undelegated(origin(who), view.role, view.operator);
			let _ = Staking::claim_rewards(origin(who), view.role, view.operator);
		}
	}
	for who in 1..4 {
		for role in ROLES {
			let _ = Staking::claim_rewards(origin(who), role, who);
		}
	}
	assert_eq!(Pools::<Test>::iter().count(), 0, "no pool outlives its delegators");
	assert_eq!(Balances::free_balance(pot()), ED);
}
