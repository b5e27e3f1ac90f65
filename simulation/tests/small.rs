//! Small worlds, each run to its end and checked for every invariant of the chain.

use openledger_simulation::{
	campaign::ratio,
	data::DataName,
	people::Person,
	strategy::Strategy,
	world::{run, Case, Outcome, Spec},
};
use std::sync::OnceLock;

const SEED: u64 = 1;
/// Ten blocks of them: copies are proven in the eighth.
const JOBS: usize = 80;
const TRAIN: usize = 140;
const QUESTIONS: usize = 20;

fn case(strategy: Strategy) -> Case {
	Case::new(DataName::Texts, strategy, SEED, TRAIN, QUESTIONS).unwrap()
}

/// Records nobody changed, studied once for all tests.
fn honest_case() -> &'static Case {
	static CASE: OnceLock<Case> = OnceLock::new();
	CASE.get_or_init(|| case(Strategy::Honest))
}

/// The world of `strategy`; [`run`] fails where money or an invariant is lost.
fn world(strategy: Strategy, case: &Case) -> Outcome {
	let setting = strategy.setting();
	run(Spec { strategy, setting, seed: SEED, jobs: JOBS, checked: 2, case }).unwrap()
}

fn honest() -> &'static Outcome {
	static OUTCOME: OnceLock<Outcome> = OnceLock::new();
	OUTCOME.get_or_init(|| world(Strategy::Honest, honest_case()))
}

fn gain(strategy: Strategy, outcome: &Outcome) -> f64 {
	let principal = strategy.principal();
	ratio(outcome.net_of(&principal), honest().net_of(&principal))
}

#[test]
fn honesty_is_worth_itself_and_nobody_honest_is_slashed() {
	assert_eq!(honest().answered, JOBS);
	assert_eq!(honest(), &world(Strategy::Honest, honest_case()), "the same seed, the same world");
	assert!(honest().slashed.is_empty());
	for earner in [Person::Contributor(0), Person::Worker(0), Person::Builder, Person::Adapter] {
		assert!(honest().net[&earner] > 0, "{earner:?} earns {}", honest().net[&earner]);
	}
}

#[test]
fn exact_copies_and_splits_never_pay() {
	for strategy in [Strategy::ExactCopy, Strategy::OtherDatanet, Strategy::SplitContributor] {
		let gain = gain(strategy, &world(strategy, &case(strategy)));
		assert!(gain <= 1.0, "{} gains {gain}", strategy.title());
		assert!(gain.is_finite());
	}
}

#[test]
fn who_forges_an_answer_loses() {
	let outcome = world(Strategy::AnswerForger, honest_case());
	let forger = gain(Strategy::AnswerForger, &outcome);
	assert!(forger < 1.0, "it gains {forger}");
	assert!(outcome.slashed.keys().eq([&Person::Worker(0)]), "{:?}", outcome.slashed);
}
