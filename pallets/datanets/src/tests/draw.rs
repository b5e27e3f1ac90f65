use crate::{
	mock::{Datanets, *},
	*,
};
use openledger_primitives::{mocks::State, traits::Chance, OPEN};
use polkadot_sdk::frame_support::{traits::Hooks, weights::Weight};

#[test]
fn the_panel_is_drawn_at_the_end_of_the_third_block() {
	test(|| {
		create();
		let id = contribute(ALICE, 1);
		let offered_at = now();
		run_to(offered_at + DRAW_DELAY);
		assert_eq!(Reviews::<Test>::get(id).unwrap().phase, Phase::Draw);
		next_block();
		let review = Reviews::<Test>::get(id).unwrap();
		assert_eq!(review.phase, Phase::Commit);
		let deadline = offered_at + DRAW_DELAY + small().commit_period;
		assert_eq!(review.deadline, deadline);
		let curators = panel(id);
		assert_eq!(curators.len(), 3);
		assert!(curators.iter().all(|curator| CURATORS.contains(curator)));
		assert_eq!(
			events().last(),
			Some(&Event::PanelDrawn { contribution: id, curators, deadline })
		);
	});
}

#[test]
fn owner_and_contributor_never_sit_on_the_panel() {
	test(|| {
		create();
		bond(OWNER, 0);
		bond(ALICE, 0);
		let mut seen = std::collections::BTreeSet::new();
		for n in 0..20 {
			let (_, panel) = drawn(ALICE, n);
			let distinct: std::collections::BTreeSet<_> = panel.iter().copied().collect();
			assert_eq!(distinct.len(), 3);
			seen.extend(distinct);
		}
		assert_eq!(seen, CURATORS.into_iter().collect());
	});
}

#[test]
fn who_bonds_after_the_offer_does_not_sit_on_its_panel() {
	test(|| {
		create();
		State::with(|state| state.bonds.clear());
		run_to(5);
		for curator in [11, 12, 13] {
			bond(curator, 5);
		}
		for curator in [14, 15] {
			bond(curator, 6);
		}
		let (_, mut panel) = drawn(ALICE, 1);
		panel.sort();
		assert_eq!(panel, [11, 12, 13]);
	});
}

#[test]
fn a_large_bond_is_drawn_more_often() {
	test(|| {
		create();
		Parameters::set(|p| p.panel = 1);
		State::with(|state| {
			for bond in state.bonds.values_mut() {
				bond.amount = OPEN;
			}
			state.bonds.values_mut().next().unwrap().amount = 96 * OPEN;
		});
		let large = (0..20).filter(|n| drawn(ALICE, *n).1 == [CURATORS[0]]).count();
		assert!(large >= 15, "{large} of 20");
	});
}

#[test]
fn too_few_curators_reject_and_return_everything() {
	test(|| {
		create();
		State::with(|state| state.bonds.retain(|(_, who), _| *who < 13));
		let id = contribute(ALICE, 1);
		run_to(now() + DRAW_DELAY + 1);
		assert_eq!(rejection(id), Some(RejectionReason::TooFewCurators));
		assert_eq!(fee_shares(id), (0, 0, OPEN + 1));
		assert_eq!(Balances::free_balance(ALICE), START);
		assert!(!Contributions::<Test>::contains_key(id));
	});
}

#[test]
fn draws_are_bounded_and_a_late_one_uses_the_seed_of_its_height() {
	test(|| {
		create();
		let ids: Vec<_> = (0..5).map(|n| contribute(ALICE, n)).collect();
		let height = now() + DRAW_DELAY;
		run_to(height + 1);
		let drawn = |id| Reviews::<Test>::get(id).unwrap().phase == Phase::Commit;
		assert_eq!(ids.iter().filter(|id| drawn(**id)).count(), 2);
		// the seeds of later heights do not matter
		State::with(|state| state.seeds.insert(height + 1, [0xee; 32]));
		let mut other = new_test_ext();
		let late = panel_of_fifth(&mut other, height, 9);
		let later = panel_of_fifth(&mut new_test_ext(), height, 200);
		assert_eq!(late, later);
	});
}

/// The panel of the fifth contribution when the chain waits, without drawing, until `wait` blocks
/// after the seed of `height` was known.
fn panel_of_fifth(
	ext: &mut polkadot_sdk::sp_io::TestExternalities,
	height: u32,
	wait: u32,
) -> Vec<AccountId> {
	ext.execute_with(|| {
		create();
		for n in 0..4 {
			contribute(ALICE, n);
		}
		let fifth = contribute(ALICE, 4);
		System::set_block_number(u64::from(height + wait));
		State::with(|state| state.seeds.insert(height, seed(height)));
		while Reviews::<Test>::get(fifth).unwrap().phase == Phase::Draw {
			next_block();
		}
		panel(fifth)
	})
}

#[test]
fn a_draw_waits_for_its_seed_and_gives_up_when_it_is_lost() {
	test(|| {
		create();
		let id = contribute(ALICE, 1);
		let height = now() + DRAW_DELAY;
		while now() < height + <Test as Config>::Chance::HISTORY {
			next_block_without_seed();
			assert!(Reviews::<Test>::contains_key(id));
		}
		next_block_without_seed();
		assert_eq!(rejection(id), Some(RejectionReason::SeedLost));
		assert_eq!(Balances::free_balance(ALICE), START);
	});
}

#[test]
fn the_weight_of_the_blocks_end_is_reserved_at_its_start() {
	test(|| {
		create();
		let look = <() as WeightInfo>::look;
		let draw = <() as WeightInfo>::draw_panel(100).max(<() as WeightInfo>::fail_draw(100));
		let candidates = <() as WeightInfo>::candidates(100);
		let reserved = || Datanets::on_initialize(System::block_number());
		assert_eq!(reserved(), look(0));
		for n in 0..3 {
			contribute(ALICE, n);
		}
		assert_eq!(reserved(), look(0));
		run_to(now() + DRAW_DELAY);
		assert_eq!(reserved(), look(2) + candidates + draw * 2);
		next_block();
		assert_eq!(reserved(), look(1) + candidates + draw);
		next_block();
		assert_eq!(reserved(), look(0));
		run_to(now() + small().commit_period - 2);
		assert_eq!(reserved(), look(2) + <() as WeightInfo>::end_phase() * 2);
		assert!(reserved().any_gt(Weight::zero()));
	});
}

#[test]
fn the_panel_size_is_clamped() {
	test(|| {
		create();
		for curator in 16..30 {
			bond(curator, 0);
		}
		Parameters::set(|p| p.panel = 1_000);
		assert_eq!(drawn(ALICE, 1).1.len(), MAX_PANEL as usize);
		Parameters::set(|p| p.panel = 0);
		assert_eq!(drawn(ALICE, 2).1.len(), 1);
	});
}
