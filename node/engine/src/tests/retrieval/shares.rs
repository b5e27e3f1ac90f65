//! Shapley values and what passages cover.

use super::{index_of, three, Random, GO};
use crate::{
	error::Result,
	retrieval::{
		answer::weigh,
		search,
		shapley::{exact, MAX_EXACT},
		utility::{everyone, Coalition, Coverage, Utility, COVERAGE_BITS, ENOUGH},
		vectors::{dot, Vector, ONE},
		Hit, Index,
	},
};
use std::sync::atomic::AtomicBool;

/// A game given by a function.
pub struct Game<F>(pub usize, pub F);

impl<F: Fn(Coalition) -> i64 + Sync> Utility for Game<F> {
	fn players(&self) -> usize {
		self.0
	}

	fn unit(&self) -> f64 {
		1000.0
	}

	fn values(&self, coalitions: &[Coalition], _: &AtomicBool) -> Result<Vec<i64>> {
		Ok(coalitions.iter().map(|coalition| self.1(*coalition)).collect())
	}
}

/// A game of random values.
pub fn random_game(players: usize, seed: u64) -> Game<impl Fn(Coalition) -> i64> {
	let mut random = Random(seed);
	let mut table: Vec<i64> =
		(0..1 << players).map(|_| random.below(2_000_001) as i64 - 1_000_000).collect();
	table[0] = 0;
	Game(players, move |coalition: Coalition| table[coalition as usize])
}

#[test]
fn values_are_the_mean_over_all_orders() {
	for players in 1..=5 {
		let game = random_game(players, players as u64);
		let mut sums = vec![0i128; players];
		let mut orders = 0;
		permutations(&mut (0..players).collect(), 0, &mut |order| {
			orders += 1;
			let mut coalition = 0;
			for player in order {
				let with = coalition | 1 << player;
				sums[*player] += i128::from(game.1(with) - game.1(coalition));
				coalition = with;
			}
		});
		let values = exact(&game, &GO).expect("few players");
		assert_eq!(values.scale, orders);
		assert_eq!(values.players, sums);
	}
}

fn permutations(order: &mut Vec<usize>, from: usize, f: &mut impl FnMut(&[usize])) {
	if from == order.len() {
		return f(order);
	}
	for at in from..order.len() {
		order.swap(from, at);
		permutations(order, from + 1, f);
		order.swap(from, at);
	}
}

#[test]
fn values_share_exactly_what_all_are_worth() {
	for players in [0, 1, 8, 12] {
		let game = random_game(players, 3);
		let values = exact(&game, &GO).expect("few players");
		let whole = i128::from(game.1(everyone(players)) - game.1(0));
		assert_eq!(values.players.iter().sum::<i128>(), whole * values.scale);
	}
	let error = exact(&Game(MAX_EXACT + 1, |_| 0), &GO).expect_err("too many");
	assert!(error.to_string().contains("choose an estimate"), "{error}");
}

#[test]
fn who_adds_nothing_gets_nothing_and_equals_get_the_same() {
	// an airport: worth what the longest runway costs
	let costs = [10i64, 10, 30, 0];
	let game = Game(4, move |coalition: Coalition| {
		(0..4).filter(|i| coalition >> i & 1 == 1).map(|i| costs[i]).max().unwrap_or(0)
	});
	let values = exact(&game, &GO).expect("few players");
	let shares: Vec<i128> = values.players.iter().map(|v| v * 3 / values.scale).collect();
	assert_eq!(shares, [10, 10, 70, 0]);
}

/// An index of vectors alone.
fn vectors(rows: &[Vec<f32>]) -> Index {
	let mut index = index_of(&three());
	index.dimensions = rows[0].len() as u32;
	index.embeddings = rows
		.iter()
		.flat_map(|row| Vector::quantise(row).expect("a direction").elements().to_vec())
		.collect();
	index.records = vec![0; rows.len()];
	index.ends = (1..=rows.len() as u64).collect();
	index.text = "x".repeat(rows.len());
	index.to_bytes().expect("a sound index");
	index
}

fn hits(index: &Index, question: &Vector) -> Vec<Hit> {
	let hit = |passage: u32| Hit {
		passage,
		similarity: dot(index.embedding(passage as usize), question.elements()),
	};
	(0..index.len() as u32).map(hit).collect()
}

fn coverage(rows: &[Vec<f32>], question: &[f32]) -> Coverage {
	let index = vectors(rows);
	let question = Vector::quantise(question).expect("a direction");
	Coverage::new(&index, &question, &hits(&index, &question))
}

fn values(coverage: &Coverage) -> Vec<f64> {
	let all: Vec<Coalition> = (0..=everyone(coverage.players())).collect();
	let values = coverage.values(&all, &GO).expect("values");
	values.iter().map(|v| *v as f64 / coverage.unit()).collect()
}

fn close(a: &[f64], b: &[f64]) -> bool {
	a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3)
}

#[test]
fn a_passage_covers_the_square_of_its_cosine() {
	let found = values(&coverage(&[vec![1.0, 0.0], vec![-1.0, 0.1]], &[0.6, 0.8]));
	// one that points away covers nothing, alone or with others
	assert!(close(&found, &[0.0, 0.36, 0.0, 0.36]), "{found:?}");
}

#[test]
fn passages_on_different_things_add_up_and_repetitions_do_not() {
	let question = [0.6, 0.8, 0.0];
	let found = values(&coverage(&[vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0]], &question));
	assert!(close(&found, &[0.0, 0.36, 0.64, 1.0]), "{found:?}");
	let same = vec![0.7, 0.1, 0.7];
	let found = values(&coverage(&[same.clone(), same], &question));
	assert!(found[1] > 0.2 && found[1] == found[2] && found[1] == found[3], "{found:?}");
}

#[test]
fn what_only_corrects_another_passage_is_worth_nothing() {
	// with negative weights the second would take from the first what is not in the question
	let found = values(&coverage(&[vec![1.0, 1.0, 0.0], vec![0.0, 1.0, 0.0]], &[1.0, 0.0, 0.0]));
	assert!(close(&found, &[0.0, 0.5, 0.0, 0.5]), "{found:?}");
}

fn random_rows(random: &mut Random, n: usize, d: usize) -> Vec<Vec<f32>> {
	let mut number = |shift: f32| random.below(2001) as f32 / 1000.0 - 1.0 + shift;
	// a common part, as embeddings of one language have it
	(0..n).map(|_| (0..d).map(|j| number(if j < 4 { 0.6 } else { 0.0 })).collect()).collect()
}

#[test]
fn more_passages_are_never_worth_less() {
	let mut random = Random(2);
	for _ in 0..40 {
		let mut rows = random_rows(&mut random, 7, 12);
		let question = rows.pop().expect("seven rows");
		rows.push(rows[0].clone());
		let found = values(&coverage(&rows, &question));
		for (coalition, value) in found.iter().enumerate() {
			assert!((0.0..=1.0).contains(value));
			(0..rows.len()).for_each(|i| assert!(*value <= found[coalition | 1 << i]));
		}
		assert_eq!(found[0], 0.0);
	}
}

#[test]
fn a_large_game_has_the_values_of_small_ones() {
	let mut random = Random(12);
	let rows = random_rows(&mut random, 11, 24);
	let question = random_rows(&mut random, 1, 24).remove(0);
	let large = coverage(&rows, &question);
	let small = coverage(&rows[..8], &question);
	let all: Vec<Coalition> = (0..=everyone(8)).collect();
	let (a, b) =
		(large.values(&all, &GO).expect("values"), small.values(&all, &GO).expect("values"));
	for (a, b) in a.iter().zip(&b) {
		assert!((a - b).abs() < 1 << (COVERAGE_BITS - 20), "{a} {b}");
	}
}

#[test]
fn a_weak_answer_leaves_a_part_unattributed() {
	let part = |cosine: f32| {
		let rest = (1.0 - cosine * cosine).sqrt();
		let coverage = coverage(&[vec![1.0, 0.0]], &[cosine, rest]);
		let weights = weigh(&coverage, &exact(&coverage, &GO).expect("one player"));
		weights.records[0] as f64 / weights.whole as f64
	};
	assert_eq!([part(1.0), part(0.6)], [1.0, 1.0]);
	assert!((part(0.25) - 0.25).abs() < 1e-3);
	assert_eq!(ENOUGH, 1 << (COVERAGE_BITS - 2));
}

#[test]
fn weights_never_exceed_the_whole_and_none_is_negative() {
	for seed in 0..50 {
		let game = random_game(6, seed);
		let weights = weigh(&game, &exact(&game, &GO).expect("few players"));
		let sum: u128 = weights.records.iter().map(|w| u128::from(*w)).sum();
		assert!(sum <= weights.whole);
	}
}

#[test]
fn the_search_is_exact_and_ties_go_to_the_earlier() {
	let mut random = Random(21);
	let mut rows = random_rows(&mut random, 200, 16);
	let question = Vector::quantise(&rows[0]).expect("a direction");
	rows[150] = rows[20].clone();
	let index = vectors(&rows);
	let allowed: Vec<u32> = (1..200).filter(|at| at % 10 != 0).collect();
	let similarity = |at: u32| dot(index.embedding(at as usize), question.elements());
	let mut wanted: Vec<u32> = allowed.clone();
	wanted.sort_by_key(|at| (-similarity(*at), *at));
	for threads in [1, 3] {
		let found = search(&index, &allowed, &question, 8, threads);
		assert_eq!(found.iter().map(|hit| hit.passage).collect::<Vec<_>>(), wanted[..8]);
		assert!(found.iter().all(|hit| hit.similarity == similarity(hit.passage)));
	}
	let twins = search(&index, &[150, 20], &question, 8, 1);
	// the second says what the first says
	assert_eq!(twins.iter().map(|hit| hit.passage).collect::<Vec<_>>(), [20]);
}

#[test]
fn what_has_nothing_to_do_with_the_question_is_cited_only_alone() {
	let index = vectors(&[vec![0.0, 1.0], vec![0.05, -1.0], vec![1.0, 0.3]]);
	let question = Vector::quantise(&[1.0, 0.0]).expect("a direction");
	let found = |allowed: &[u32]| {
		let hits = search(&index, allowed, &question, 8, 1);
		hits.iter().map(|hit| hit.passage).collect::<Vec<_>>()
	};
	assert_eq!(found(&[0, 1, 2]), [2]);
	assert_eq!(found(&[0, 1]), [1]);
	assert_eq!(found(&[]), [] as [u32; 0]);
	assert!(dot(question.elements(), question.elements()) >= ONE - 2);
}
