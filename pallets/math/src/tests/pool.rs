use crate::{accrue, earned, issue, portion, redeem, worth, REWARD_SCALE};
use proptest::prelude::*;

const OPEN: u128 = 1_000_000_000_000_000_000;
const SUPPLY: u128 = 1_000_000_000 * OPEN;

#[test]
fn portions_by_hand() {
	assert_eq!(portion(10, 1, 3), 3);
	assert_eq!(portion(10, 3, 3), 10);
	assert_eq!(portion(10, 0, 0), 0);
	assert_eq!(portion(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
	assert_eq!(portion(u128::MAX, u128::MAX - 1, u128::MAX), u128::MAX - 1);
	assert_eq!(portion(SUPPLY, SUPPLY, 7 * SUPPLY), SUPPLY / 7);
	assert_eq!(portion(u128::MAX, 2, 1), u128::MAX, "saturates where the part exceeds the whole");
}

#[test]
fn shares_by_hand() {
	assert_eq!(issue(100, 0, 0), Some(100));
	// a third was slashed: 80 planck cost 120 shares
	assert_eq!(issue(80, 200, 300), Some(120));
	assert_eq!(redeem(80, 200, 300), Some(120));
	assert_eq!(worth(120, 200, 300), 80);
	assert_eq!(redeem(1, 200, 300), Some(2), "in favour of the pool");
	assert_eq!(worth(1, 200, 300), 0);
	assert_eq!(worth(5, 0, 0), 0);
	assert_eq!(issue(1, 0, 5), None, "nobody joins shares that lost all");
	assert_eq!(redeem(1, 0, 5), None);
	assert_eq!(issue(u128::MAX, 1, 2), None);
	assert_eq!(issue(u128::MAX, 1, 1), None, "the sum of shares must fit");
}

#[test]
fn rewards_by_hand() {
	// ten planck on three shares: nine and a third of a part remain for the next
	let (per_share, carry) = accrue(10, 3, 0, 0).unwrap();
	assert_eq!((earned(1, per_share, 0), earned(3, per_share, 0)), (3, 9));
	assert_eq!(carry, 10 * REWARD_SCALE % 3);
	let (per_share, carry) = accrue(2, 3, per_share, carry).unwrap();
	assert_eq!((earned(3, per_share, 0), carry), (12, 0), "what was carried is paid");
	assert_eq!(accrue(1, 0, 0, 0), None);
	assert_eq!(accrue(u128::MAX, 1, 0, 0), None);
	assert_eq!(accrue(0, 2, u128::MAX, 0), Some((u128::MAX, 0)));
	assert_eq!(accrue(1, 1, u128::MAX, 0), None);
	assert_eq!(earned(5, 1, 2), 0);
}

/// What may happen to a pool with four members.
#[derive(Clone, Debug)]
enum Step {
	Join(usize, u128),
	/// Ppm of what one has.
	Leave(usize, u32),
	Reward(u128),
	/// Ppm of the stake, less than all.
	Slash(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![1..100u128, OPEN..SUPPLY / 100];
	prop_oneof![
		(0..4usize, amount.clone()).prop_map(|(who, amount)| Step::Join(who, amount)),
		(0..4usize, 0..=1_000_000u32).prop_map(|(who, ppm)| Step::Leave(who, ppm)),
		amount.prop_map(Step::Reward),
		(0..900_000u32).prop_map(Step::Slash),
	]
}

#[derive(Clone, Copy, Default)]
struct Member {
	shares: u128,
	paid: u128,
	pending: u128,
	taken: u128,
	given: u128,
}

#[derive(Default)]
struct Pool {
	stake: u128,
	shares: u128,
	per_share: u128,
	carry: u128,
	credited: u128,
	slashed: u128,
	members: [Member; 4],
}

impl Pool {
	fn settle(&mut self, who: usize) {
		let member = &mut self.members[who];
		member.pending += earned(member.shares, self.per_share, member.paid);
		member.paid = self.per_share;
	}

	fn apply(&mut self, step: Step) {
		match step {
			Step::Join(who, amount) => {
				self.settle(who);
				let Some(issued) = issue(amount, self.stake, self.shares) else { return };
				assert!(issued >= amount);
				self.members[who].shares += issued;
				self.members[who].given += amount;
				self.shares += issued;
				self.stake += amount;
			}
			Step::Leave(who, ppm) => {
				self.settle(who);
				let own = self.members[who].shares;
				let value = worth(own, self.stake, self.shares);
				let amount = portion(value, ppm.into(), 1_000_000);
				if amount == 0 {
					return;
				}
				let given = redeem(amount, self.stake, self.shares).unwrap();
				assert!(given <= own, "what is worth it can pay for it");
				self.members[who].shares -= given;
				self.members[who].taken += amount;
				self.shares -= given;
				self.stake -= amount;
			}
			Step::Reward(amount) => {
				if let Some(new) = accrue(amount, self.shares, self.per_share, self.carry) {
					(self.per_share, self.carry) = new;
					self.credited += amount;
				}
			}
			Step::Slash(ppm) => {
				let lost = portion(self.stake, ppm.into(), 1_000_000);
				self.stake -= lost;
				self.slashed += lost;
			}
		}
	}

	fn run(steps: Vec<Step>) -> Self {
		let mut pool = Self::default();
		for step in steps {
			pool.apply(step);
			assert!(pool.stake <= pool.shares, "a share is worth at most a planck");
			assert_eq!(pool.stake == 0, pool.shares == 0);
			let shares: u128 = pool.members.iter().map(|member| member.shares).sum();
			assert_eq!(shares, pool.shares);
		}
		pool
	}
}

/// `floor(a · b / c)` by adding and doubling.
fn reference(a: u128, b: u128, c: u128) -> u128 {
	let (mut quotient, mut rest) = (0u128, 0u128);
	for bit in (0..128).rev() {
		// quotient · c + rest = (b's bits so far) · a
		quotient *= 2;
		rest *= 2;
		if b >> bit & 1 == 1 {
			quotient += a / c;
			rest += a % c;
		}
		quotient += rest / c;
		rest %= c;
	}
	quotient
}

proptest! {
	#[test]
	fn portions_are_exact(a in 0..=SUPPLY, b in 0..=SUPPLY, c in 1..=SUPPLY) {
		prop_assume!(b <= c);
		prop_assert_eq!(portion(a, b, c), reference(a, b, c));
	}

	#[test]
	fn portions_fit_their_part(amount: u128, part: u128, whole: u128) {
		prop_assume!(part <= whole && amount <= whole);
		prop_assert!(portion(amount, part, whole) <= part);
		prop_assert!(portion(amount, part, whole) <= amount);
		// a part is taken whole only with everything
		if part > 0 && amount < whole {
			prop_assert!(portion(amount, part, whole) < part);
		}
	}

	#[test]
	fn stake_is_conserved(steps in prop::collection::vec(step(), 0..60)) {
		let pool = Pool::run(steps);
		let sum = |f: fn(&Member) -> u128| pool.members.iter().map(f).sum::<u128>();
		prop_assert_eq!(sum(|m| m.given), sum(|m| m.taken) + pool.slashed + pool.stake);
		let worth: u128 =
			pool.members.iter().map(|m| worth(m.shares, pool.stake, pool.shares)).sum();
		prop_assert!(worth <= pool.stake && pool.stake - worth <= 4);
	}

	#[test]
	fn no_reward_is_created(steps in prop::collection::vec(step(), 0..60)) {
		let mut pool = Pool::run(steps);
		(0..4).for_each(|who| pool.settle(who));
		let paid: u128 = pool.members.iter().map(|member| member.pending).sum();
		prop_assert!(paid <= pool.credited);
	}

	#[test]
	fn all_but_dust_of_a_reward_is_paid(
		stakes in prop::array::uniform4(OPEN..SUPPLY / 100),
		rewards in prop::collection::vec(0..SUPPLY / 100, 1..10),
	) {
		let mut steps: Vec<_> = stakes.iter().enumerate().map(|(i, s)| Step::Join(i, *s)).collect();
		steps.extend(rewards.into_iter().map(Step::Reward));
		let mut pool = Pool::run(steps);
		(0..4).for_each(|who| pool.settle(who));
		let paid: u128 = pool.members.iter().map(|member| member.pending).sum();
		// the carry is less than a part of every share; each member's floor less than a planck
		prop_assert!(pool.credited - paid <= 4 + pool.shares / REWARD_SCALE + 1);
	}

	#[test]
	fn the_order_of_rewards_and_settlements_hardly_matters(
		stakes in prop::array::uniform4(OPEN..SUPPLY / 100),
		rewards in prop::collection::vec(0..SUPPLY / 100, 1..10),
		settlers in prop::collection::vec(0..4usize, 0..10),
	) {
		let joins: Vec<_> = stakes.iter().enumerate().map(|(i, s)| Step::Join(i, *s)).collect();
		let forward = rewards.iter().map(|reward| Step::Reward(*reward));
		let mut one = Pool::run(joins.iter().cloned().chain(forward).collect());
		let backward = rewards.iter().rev().map(|reward| Step::Reward(*reward));
		let mut other = Pool::run(joins.iter().rev().cloned().collect());
		let mut settlers = settlers.into_iter();
		for step in backward {
			other.apply(step);
			if let Some(who) = settlers.next() {
				other.settle(who);
			}
		}
		for who in 0..4 {
			one.settle(who);
			other.settle(who);
			// the sum of rewards per share is the same, each settlement floors once
			prop_assert!(one.members[who].pending.abs_diff(other.members[who].pending) <= 11);
		}
		prop_assert_eq!(one.per_share, other.per_share);
	}

	#[test]
	fn a_slash_takes_the_same_part_of_everyone(
		stakes in prop::array::uniform4(OPEN..SUPPLY / 100),
		ppm in 0..900_000u32,
	) {
		let joins = stakes.iter().enumerate().map(|(i, s)| Step::Join(i, *s));
		let mut pool = Pool::run(joins.collect());
		pool.apply(Step::Slash(ppm));
		for (member, stake) in pool.members.iter().zip(stakes) {
			let left = worth(member.shares, pool.stake, pool.shares);
			let expected = stake - portion(stake, ppm.into(), 1_000_000);
			prop_assert!(left.abs_diff(expected) <= 1);
		}
	}

	#[test]
	fn who_joins_after_a_slash_is_not_diluted(
		before in OPEN..SUPPLY / 100,
		amount in OPEN..SUPPLY / 100,
		ppm in 0..900_000u32,
	) {
		let pool = Pool::run(vec![Step::Join(0, before), Step::Slash(ppm), Step::Join(1, amount)]);
		let value = worth(pool.members[1].shares, pool.stake, pool.shares);
		prop_assert!(value <= amount && amount - value <= 1);
	}
}
