//! Estimates of Shapley values.

use super::{
	shares::{random_game, Game},
	GO,
};
use crate::retrieval::{
	estimate::{context_cite, kernel_shap, MAX_MASKS},
	shapley::{exact, Values},
	utility::Coalition,
};

fn parts(values: &Values) -> Vec<f64> {
	values.players.iter().map(|v| *v as f64 / values.scale as f64).collect()
}

fn apart(a: &Values, b: &Values) -> f64 {
	let pairs = parts(a).into_iter().zip(parts(b));
	pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn kernel_shap_on_all_coalitions_is_exact() {
	for players in 1..=9 {
		let game = random_game(players, 5);
		let exact = exact(&game, &GO).expect("few players");
		let masks = ((1usize << players) - 2).max(1);
		let estimate = kernel_shap(&game, masks, 1, &GO).expect("an estimate");
		// one step of the unit, by rounding
		assert!(apart(&exact, &estimate) <= 1.0, "{players}");
		assert_eq!(estimate.whole, exact.whole);
	}
}

#[test]
fn kernel_shap_comes_nearer_with_more_masks() {
	let game = random_game(10, 6);
	let exact = exact(&game, &GO).expect("few players");
	let error = |masks: usize| -> f64 {
		let all = (0..20)
			.map(|seed| apart(&exact, &kernel_shap(&game, masks, seed, &GO).expect("an estimate")));
		all.sum::<f64>() / 20.0
	};
	let errors = [error(64), error(256), error(900)];
	assert!(errors[0] > errors[1] && errors[1] > errors[2], "{errors:?}");
}

#[test]
fn every_mask_is_used_as_a_pair_and_the_sum_is_kept() {
	let game = random_game(14, 7);
	for seed in 0..5 {
		let values = kernel_shap(&game, 200, seed, &GO).expect("an estimate");
		let sum: i128 = values.players.iter().sum();
		assert!((sum - i128::from(values.whole)).abs() <= 14);
	}
}

#[test]
fn a_seed_gives_the_same_estimate_every_time() {
	let game = random_game(12, 8);
	let shap = |seed| kernel_shap(&game, 100, seed, &GO).expect("an estimate");
	let cite = |seed| context_cite(&game, 64, 0.01, seed, &GO).expect("an estimate");
	assert_eq!((shap(1), cite(1)), (shap(1), cite(1)));
	assert_ne!(shap(1), shap(2));
	assert_ne!(cite(1), cite(2));
}

#[test]
fn both_find_the_parts_of_a_sum() {
	// in units: 0.5, 0, −0.3, 0.2, 0, 0
	let own = [500i64, 0, -300, 200, 0, 0];
	let game = Game(6, move |coalition: Coalition| {
		(0..6).filter(|i| coalition >> i & 1 == 1).map(|i| own[i]).sum()
	});
	let shap = kernel_shap(&game, 30, 3, &GO).expect("an estimate");
	assert!(parts(&shap).iter().zip(own).all(|(found, own)| (found - own as f64).abs() <= 1.0));
	let free = context_cite(&game, 64, 0.0, 3, &GO).expect("an estimate");
	assert!(parts(&free).iter().zip(own).all(|(found, own)| (found - own as f64).abs() <= 1.0));
	// the penalty takes α/σ ≈ 0.02 of each, and what is small altogether
	let sparse = parts(&context_cite(&game, 64, 0.01, 3, &GO).expect("an estimate"));
	assert!(sparse.iter().zip(own).all(|(found, own)| (found - own as f64).abs() < 40.0));
	assert_eq!([sparse[1], sparse[4], sparse[5]], [0.0; 3]);
	assert!(sparse[0] < 500.0 && sparse[2] > -300.0);
}

#[test]
fn what_cannot_be_estimated_is_refused() {
	let game = random_game(10, 9);
	let error = |result: crate::error::Result<Values>| result.expect_err("too few").to_string();
	assert!(error(kernel_shap(&game, 0, 1, &GO)).contains("0 masks"));
	assert!(error(kernel_shap(&game, 2, 1, &GO)).contains("2 masks are too few for 10"));
	assert!(error(kernel_shap(&game, MAX_MASKS + 1, 1, &GO)).contains("masks"));
	assert!(error(context_cite(&game, 64, f64::NAN, 1, &GO)).contains("penalty"));
	assert!(error(context_cite(&game, 64, -1.0, 1, &GO)).contains("penalty"));
	// one mask says nothing, and breaks nothing
	let one = context_cite(&game, 1, 0.01, 1, &GO).expect("an estimate");
	assert_eq!(one.players, [0; 10]);
}
