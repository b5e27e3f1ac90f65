//! Money: every plan sums to what was spent, and everyone gets their part.

use crate::{
	plan::{pay_seats, refund, settle, spent, units, Earners, Plan, Price},
	types::{Part, SeatKind, SettledSeat},
};
use openledger_primitives::{
	parameters::Split, traits::MAX_ANSWER_UNITS, ContributionId, ModelId, Ppm,
};
use proptest::prelude::*;

const TREASURY: u64 = 1_000_000;
const OWNER: u64 = 1_000_001;

fn sum(plan: &Plan<u64>) -> u128 {
	plan.payouts.iter().map(|payout| payout.amount).sum()
}

fn paid(plan: &Plan<u64>, account: u64, part: Part) -> u128 {
	let of = plan.payouts.iter().filter(|p| p.account == account && p.part == part);
	of.map(|payout| payout.amount).sum()
}

fn earners(contributions: &[(u64, u32, Option<u64>)], lineage: &[(u32, u64, u32)]) -> Earners<u64> {
	let contributions = contributions.iter();
	let lineage = lineage.iter();
	Earners {
		contributions: contributions
			.map(|&(id, s, who)| (ContributionId(id), Ppm(s), who))
			.collect(),
		lineage: lineage.map(|&(id, who, royalty)| (ModelId(id), who, Ppm(royalty))).collect(),
		model: (ModelId(99), OWNER),
	}
}

#[test]
fn a_fee_is_split_as_published() {
	// net 1,000,000: data 500,000, models 200,000, workers 150,000, delegators 50,000, treasury 100,000
	let price = Price { fee: 1_000_070, floor_base: 10, floor_per_seat: 20 };
	let plan = settle(
		price,
		Split::default(),
		earners(
			&[(1, 600_000, Some(11)), (2, 100_000, None), (3, 1, Some(13))],
			&[(0, 31, 100_000)],
		),
		&[(21, true), (22, true), (23, false)],
		TREASURY,
	);
	assert_eq!(plan.spent, 1_000_070);
	assert_eq!(paid(&plan, 11, Part::Contribution(ContributionId(1))), 300_000);
	// half a planck is none
	assert_eq!(paid(&plan, 13, Part::Contribution(ContributionId(3))), 0);
	assert_eq!(plan.unattributed, 200_000);
	assert_eq!(paid(&plan, 31, Part::Model(ModelId(0))), 20_000);
	assert_eq!(paid(&plan, OWNER, Part::Model(ModelId(99))), 180_000);
	for worker in [21, 22] {
		assert_eq!(paid(&plan, worker, Part::Worker), 50_000 + 20);
		assert_eq!(paid(&plan, worker, Part::Delegators), 16_666);
	}
	assert_eq!(paid(&plan, 23, Part::Worker), 0);
	// its part, the unattributed, the unpaid seat's three, remainders of the delegators', floor base
	let treasury = 100_000 + 200_000 + (50_000 + 20 + 16_666) + 2 + 10;
	assert_eq!(paid(&plan, TREASURY, Part::Treasury), treasury);
	assert_eq!(sum(&plan), plan.spent);
	assert!(plan.payouts.iter().all(|payout| payout.amount > 0));
}

#[test]
fn lineage_is_paid_off_the_whole_models_part_so_that_adapters_dilute_nobody() {
	let price = Price { fee: 1_000_000, floor_base: 0, floor_per_seat: 0 };
	let alone =
		settle(price, Split::default(), earners(&[], &[(0, 31, 250_000)]), &[(21, true)], TREASURY);
	let inserted = settle(
		price,
		Split::default(),
		earners(&[], &[(0, 31, 250_000), (1, 32, 250_000)]),
		&[(21, true)],
		TREASURY,
	);
	assert_eq!(paid(&alone, 31, Part::Model(ModelId(0))), 50_000);
	assert_eq!(paid(&inserted, 31, Part::Model(ModelId(0))), 50_000);
	assert_eq!(paid(&inserted, OWNER, Part::Model(ModelId(99))), 100_000);
}

#[test]
fn splitting_a_contribution_never_pays_more() {
	let price = Price { fee: 1_234_567, floor_base: 0, floor_per_seat: 0 };
	let pay = |contributions: &[(u64, u32, Option<u64>)]| {
		let plan =
			settle(price, Split::default(), earners(contributions, &[]), &[(21, true)], TREASURY);
		plan.payouts
			.iter()
			.filter(|p| matches!(p.part, Part::Contribution(_)))
			.map(|p| p.amount)
			.sum::<u128>()
	};
	let whole = pay(&[(1, 333_333, Some(11))]);
	let split = pay(&[(1, 111_111, Some(11)), (2, 111_111, Some(12)), (3, 111_111, Some(13))]);
	assert!(split <= whole);
}

#[test]
fn a_refund_spends_the_floor_and_pays_those_that_revealed() {
	let price = Price { fee: 1_000_070, floor_base: 10, floor_per_seat: 20 };
	let plan = refund(price, 3, &[(21, true), (22, false), (23, true)], TREASURY);
	assert_eq!(plan.spent, 70);
	assert_eq!(paid(&plan, 21, Part::Worker), 20);
	assert_eq!(paid(&plan, 22, Part::Worker), 0);
	assert_eq!(paid(&plan, 23, Part::Worker), 20);
	assert_eq!(paid(&plan, TREASURY, Part::Treasury), 30);
	let without = refund(price, 3, &[], TREASURY);
	assert_eq!(without.payouts.len(), 1);
	assert_eq!(paid(&without, TREASURY, Part::Treasury), 70);
}

#[test]
fn a_fee_below_the_floor_is_all_that_is_spent() {
	let price = Price { fee: 40, floor_base: 10, floor_per_seat: 20 };
	let plan = settle(
		price,
		Split::default(),
		earners(&[(1, 1_000_000, Some(11))], &[]),
		&[(21, true), (22, true), (23, true)],
		TREASURY,
	);
	assert_eq!(paid(&plan, 21, Part::Worker), 10);
	assert_eq!(paid(&plan, 11, Part::Contribution(ContributionId(1))), 0);
	assert_eq!(sum(&plan), 40);
	assert_eq!(sum(&refund(price, 3, &[(21, true)], TREASURY)), 40);
}

#[test]
fn a_started_unit_of_the_answer_counts() {
	assert_eq!([0, 1, 4, 5, 8, 256].map(units), [0, 1, 1, 2, 2, 64]);
}

#[test]
fn units_that_the_answer_does_not_use_are_not_spent() {
	// floor 70, net 6,930, of which the units are 64 · 100
	let price = Price { fee: 7_000, floor_base: 10, floor_per_seat: 20 };
	assert_eq!(spent(price, 3, 100, 64, 0), 7_000);
	assert_eq!(spent(price, 3, 100, 2, 0), 7_000 - 62 * 100);
	assert_eq!(spent(price, 3, 0, 2, 0), 7_000);
	// never below the floor and what contributors are owed, and never above the fee
	assert_eq!(spent(price, 3, 100, 2, 5_000), 5_070);
	assert_eq!(spent(price, 3, 100, 2, 100_000), 7_000);
	assert_eq!(spent(price, 3, 10_000, 2, 0), 70);
	assert_eq!(spent(price, 3, 100, 99, 0), 7_000);
}

#[test]
fn an_audit_is_paid_by_the_treasury_alone_and_as_far_as_it_goes() {
	let price = Price { fee: 1_000_070, floor_base: 10, floor_per_seat: 20 };
	let plan = || {
		let earners = earners(&[(1, 1_000_000, Some(11))], &[]);
		settle(price, Split::default(), earners, &[(21, true), (22, true)], TREASURY)
	};
	let seat = |worker, kind, paid| SettledSeat { worker, kind, paid, fault: None };
	let seats = [
		seat(21, SeatKind::Committee, true),
		seat(41, SeatKind::Audit, true),
		seat(42, SeatKind::Audit, false),
		seat(43, SeatKind::Audit, true),
		seat(51, SeatKind::Dispute, true),
	];
	let mut audited = plan();
	pay_seats(&mut audited, &seats, SeatKind::Audit, 20);
	for who in [41, 43] {
		assert_eq!(paid(&audited, who, Part::Audit), 20);
	}
	let treasury = |plan: &Plan<u64>| paid(plan, TREASURY, Part::Treasury);
	assert_eq!(treasury(&audited), treasury(&plan()) - 40);
	let others = |plan: Plan<u64>| {
		let of_others = |part: &Part| !matches!(part, Part::Treasury | Part::Audit);
		plan.payouts.into_iter().filter(|p| of_others(&p.part)).collect::<Vec<_>>()
	};
	assert_eq!(others(audited), others(plan()));
	// not more than there is
	let mut poor = plan();
	pay_seats(&mut poor, &seats, SeatKind::Audit, 1_000_000_000);
	assert_eq!(paid(&poor, 41, Part::Audit), treasury(&plan()));
	assert_eq!((treasury(&poor), paid(&poor, 43, Part::Audit)), (0, 0));
	assert_eq!(sum(&poor), poor.spent);
	// the committee is not paid so
	let mut same = plan();
	pay_seats(&mut same, &seats, SeatKind::Committee, 20);
	assert_eq!(same, plan());
}

#[test]
fn unpaid_seats_forfeit_their_part_and_their_stakes() {
	let price = Price { fee: 1_000_070, floor_base: 10, floor_per_seat: 20 };
	let of = |seats: [(u64, bool); 3]| {
		settle(price, Split::default(), earners(&[], &[]), &seats, TREASURY).forfeited
	};
	assert_eq!(of([(21, true), (22, true), (23, true)]), 0);
	assert_eq!(of([(21, true), (22, false), (23, false)]), 2 * (50_000 + 20 + 16_666));
}

/// Any split that sums to the whole, and any that governance cannot store but a bug could.
fn splits() -> impl Strategy<Value = Split> {
	let of = |[data, models, workers, delegators, treasury]: [u32; 5]| Split {
		data: Ppm(data),
		models: Ppm(models),
		workers: Ppm(workers),
		delegators: Ppm(delegators),
		treasury: Ppm(treasury),
	};
	prop_oneof![
		prop::array::uniform4(0u32..=1_000_000).prop_map(move |mut cuts| {
			cuts.sort_unstable();
			let [a, b, c, d] = cuts;
			of([a, b - a, c - b, d - c, 1_000_000 - d])
		}),
		prop::array::uniform5(any::<u32>()).prop_map(of),
	]
}

fn amounts() -> impl Strategy<Value = u128> {
	prop_oneof![0u128..1_000, 0u128..10u128.pow(27), any::<u128>()]
}

/// Shares that sum to at most the whole, some without a payee.
fn contributions() -> impl Strategy<Value = Vec<(u64, u32, Option<u64>)>> {
	prop::collection::vec((0u32..=60_000, prop::option::weighted(0.8, 100u64..120)), 0..=64)
		.prop_map(|shares| {
			let mut left = 1_000_000u32;
			let entry = |(id, (share, who)): (usize, (u32, Option<u64>))| {
				let share = share.min(left);
				left -= share;
				(id as u64, share, who)
			};
			shares.into_iter().enumerate().map(entry).collect()
		})
}

proptest! {
	#[test]
	fn every_settlement_conserves_to_the_planck(
		fee in amounts(),
		floor_base in amounts(),
		floor_per_seat in amounts(),
		split in splits(),
		contributions in contributions(),
		royalties in prop::collection::vec(any::<u32>(), 0..12),
		paid_seats in prop::collection::vec(any::<bool>(), 1..=5),
	) {
		let lineage: Vec<_> =
			royalties.iter().enumerate().map(|(i, r)| (i as u32, 200 + i as u64, *r)).collect();
		let seats: Vec<_> = paid_seats.iter().enumerate().map(|(i, p)| (300 + i as u64, *p)).collect();
		let price = Price { fee, floor_base, floor_per_seat };
		let plan = settle(price, split, earners(&contributions, &lineage), &seats, TREASURY);
		prop_assert_eq!(plan.spent, fee);
		// checked: an overflow would be a wrong sum
		let total = plan.payouts.iter().try_fold(0u128, |sum, p| sum.checked_add(p.amount));
		prop_assert_eq!(total, Some(fee));
		prop_assert!(plan.payouts.len() <= crate::types::MAX_PAYOUTS as usize);
		prop_assert!(paid(&plan, TREASURY, Part::Treasury) >= plan.unattributed);
		for (worker, was_paid) in seats {
			if !was_paid {
				prop_assert!(plan.payouts.iter().all(|p| p.account != worker));
			}
		}
	}

	#[test]
	fn what_the_treasury_pays_on_conserves_to_the_planck(
		fee in amounts(),
		floor_per_seat in amounts(),
		each in prop::collection::vec((amounts(), any::<bool>()), 0..=15),
	) {
		let price = Price { fee, floor_base: 0, floor_per_seat };
		let mut plan = settle(price, Split::default(), earners(&[], &[]), &[(300, true)], TREASURY);
		let before = paid(&plan, TREASURY, Part::Treasury);
		for (account, (amount, audit)) in each.into_iter().enumerate() {
			let part = if audit { Part::Audit } else { Part::Dispute };
			plan.pay_from_treasury(400 + account as u64, part, amount);
		}
		let total = plan.payouts.iter().try_fold(0u128, |sum, p| sum.checked_add(p.amount));
		prop_assert_eq!(total, Some(fee));
		prop_assert!(paid(&plan, TREASURY, Part::Treasury) <= before);
		prop_assert!(plan.payouts.iter().all(|payout| payout.amount > 0));
	}

	#[test]
	fn what_is_spent_lies_between_floor_and_fee(
		fee in amounts(),
		floor_base in amounts(),
		floor_per_seat in amounts(),
		unit_price in amounts(),
		used in 0u32..=100,
		least_net in amounts(),
		seats in 1u32..=5,
	) {
		let price = Price { fee, floor_base, floor_per_seat };
		let spent = spent(price, seats, unit_price, used, least_net);
		let floor = floor_base.saturating_add(floor_per_seat.saturating_mul(seats.into()));
		prop_assert!(spent <= fee && spent >= fee.min(floor.saturating_add(least_net)));
		let unused = u128::from(MAX_ANSWER_UNITS.saturating_sub(used));
		prop_assert!(spent >= fee.saturating_sub(unit_price.saturating_mul(unused)));
	}

	#[test]
	fn parts_are_what_the_split_says(
		net in 0u128..10u128.pow(27),
		floor_base in 0u128..10u128.pow(18),
		floor_per_seat in 0u128..10u128.pow(18),
		contributions in contributions(),
		royalties in prop::collection::vec(0u32..=60_000, 0..=8),
		paid_seats in prop::collection::vec(any::<bool>(), 1..=5),
	) {
		let split = Split::default();
		let lineage: Vec<_> =
			royalties.iter().enumerate().map(|(i, r)| (i as u32, 200 + i as u64, *r)).collect();
		let seats: Vec<_> = paid_seats.iter().enumerate().map(|(i, p)| (300 + i as u64, *p)).collect();
		let count = seats.len() as u128;
		let fee = net + floor_base + count * floor_per_seat;
		let price = Price { fee, floor_base, floor_per_seat };
		let plan = settle(price, split, earners(&contributions, &lineage), &seats, TREASURY);
		// independent of apportion: each part is within one planck of its exact share
		let share = |ppm: Ppm| net * u128::from(ppm.0) / 1_000_000;
		let of = |wanted: fn(&Part) -> bool| -> u128 {
			plan.payouts.iter().filter(|p| wanted(&p.part)).map(|p| p.amount).sum()
		};
		let models = of(|part| matches!(part, Part::Model(_)));
		prop_assert!(models == share(split.models) || models == share(split.models) + 1);
		let data = of(|part| matches!(part, Part::Contribution(_))) + plan.unattributed;
		prop_assert!(data == share(split.data) || data == share(split.data) + 1);
		for &(id, ppm, who) in &contributions {
			let amount = of_contribution(&plan, id);
			match who {
				None => prop_assert_eq!(amount, 0),
				Some(_) => prop_assert_eq!(amount, data * u128::from(ppm) / 1_000_000),
			}
		}
		let seats_paid = paid_seats.iter().filter(|paid| **paid).count() as u128;
		let work = of(|part| *part == Part::Worker);
		let least = seats_paid * (share(split.workers) / count + floor_per_seat);
		prop_assert!(work >= least && work <= least + seats_paid);
		prop_assert!(
			paid(&plan, TREASURY, Part::Treasury)
				>= share(split.treasury) + floor_base + plan.unattributed
		);
	}

	#[test]
	fn every_refund_conserves_to_the_planck(
		fee in amounts(),
		floor_base in amounts(),
		floor_per_seat in amounts(),
		revealed in prop::collection::vec(any::<bool>(), 0..=5),
		committee in 1u32..=5,
	) {
		let seats: Vec<_> = revealed
			.iter()
			.take(committee as usize)
			.enumerate()
			.map(|(i, p)| (300 + i as u64, *p))
			.collect();
		let plan = refund(Price { fee, floor_base, floor_per_seat }, committee, &seats, TREASURY);
		let floor = floor_base.saturating_add(floor_per_seat.saturating_mul(committee.into()));
		prop_assert_eq!(plan.spent, floor.min(fee));
		let total = plan.payouts.iter().try_fold(0u128, |sum, p| sum.checked_add(p.amount));
		prop_assert_eq!(total, Some(plan.spent));
	}
}

fn of_contribution(plan: &Plan<u64>, id: u64) -> u128 {
	let part = Part::Contribution(ContributionId(id));
	plan.payouts.iter().filter(|p| p.part == part).map(|p| p.amount).sum()
}
