//! All worlds of a run, side by side, and what they say of each strategy.

use crate::{
	data::DataName,
	people::Person,
	stats::Estimate,
	strategy::{Setting, Strategy},
	world::{self, Case, Outcome, Spec},
};
use openledger_primitives::OPEN;
use openledger_runtime::Balance;
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex,
	},
};

/// The most that a strategy may gain.
pub const MOST_GAIN: f64 = 1.0;
/// The least of their honest income that honest peers must keep.
pub const LEAST_KEPT: f64 = 0.98;
/// What rounding in f64 may add to a ratio.
const ROUNDING: f64 = 1e-9;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
	/// Seeds 1 to this.
	pub seeds: u64,
	/// Jobs of honest callers in a world.
	pub jobs: usize,
	/// Of how many answers of lone workers contributors recompute one; none where it is zero.
	pub checked: usize,
	/// Records on offer.
	pub train: usize,
	/// Records that callers ask about.
	pub questions: usize,
	/// The strategies.
	pub strategies: Vec<Strategy>,
	/// The data sets.
	pub data: Vec<DataName>,
	/// Worlds at a time.
	pub threads: usize,
}

impl Plan {
	/// 2,000 jobs, 1,001 records, 5 seeds.
	pub fn full() -> Self {
		Self {
			seeds: 5,
			jobs: 2_000,
			checked: 2,
			train: 1_001,
			questions: 200,
			strategies: Strategy::ALL.to_vec(),
			data: DataName::ALL.to_vec(),
			threads: std::thread::available_parallelism().map_or(1, usize::from),
		}
	}

	/// 320 jobs, 301 records, 2 seeds: just long enough for who revokes to come back and be caught.
	pub fn quick() -> Self {
		Self { seeds: 2, jobs: 320, train: 301, questions: 40, ..Self::full() }
	}
}

/// What the worlds of one strategy on one data set came to.
#[derive(Clone, Debug)]
pub struct Row {
	/// The strategy.
	pub strategy: Strategy,
	/// The data set.
	pub data: DataName,
	/// The principal's net income ÷ that of the honest twin, seed by seed.
	pub gains: Vec<f64>,
	/// The same against a principal that adds no records, where the twin adds genuine ones.
	pub added: Vec<f64>,
	/// Honest peers' net income ÷ that in the honest twin.
	pub kept: Vec<f64>,
	/// OPEN that the principal gained honestly, mean.
	pub honest: f64,
	/// OPEN that it gained by the strategy, mean.
	pub strategic: f64,
	/// OPEN of that which slashes took, mean.
	pub slashed: f64,
	/// OPEN that slashes took from its honest peers, mean.
	pub peers_slashed: f64,
	/// Jobs that were disputed, mean.
	pub disputed: f64,
}

impl Row {
	/// See [`Row::gains`].
	pub fn gain(&self) -> Estimate {
		Estimate::of(&self.gains)
	}

	/// See [`Row::added`].
	pub fn against_nothing(&self) -> Option<Estimate> {
		(!self.added.is_empty()).then(|| Estimate::of(&self.added))
	}

	/// See [`Row::kept`].
	pub fn peers(&self) -> Estimate {
		Estimate::of(&self.kept)
	}

	/// Which bounds are missed, in words.
	pub fn missed(&self) -> Vec<String> {
		let name = format!("{} on {}", self.strategy.title(), self.data.name());
		let mut missed = Vec::new();
		let gain = self.gain();
		let most = MOST_GAIN + ROUNDING;
		let too_much = match self.strategy.is_by_construction() {
			true => self.gains.iter().any(|gain| *gain > most),
			false => gain.low() > most,
		};
		if self.strategy.is_bounded() && too_much {
			missed.push(format!("{name}: gain {gain} is above {MOST_GAIN:.2}"));
		}
		let peers = self.peers();
		if peers.high() < LEAST_KEPT {
			missed.push(format!("{name}: honest peers keep {peers}, less than {LEAST_KEPT}"));
		}
		missed
	}
}

/// What the honest worlds of a data set show.
#[derive(Clone, Debug)]
pub struct Baseline {
	/// The data set.
	pub data: DataName,
	/// Part of questions answered as labelled, mean over seeds.
	pub accuracy: f64,
	/// Part of answers that nobody is paid for, mean.
	pub unattributed: f64,
	/// Jobs answered in a world, mean.
	pub answered: f64,
	/// Contributions judged in a world while jobs ran, mean.
	pub judged: f64,
}

/// All that was run.
#[derive(Clone, Debug)]
pub struct Results {
	/// What was asked for.
	pub plan: Plan,
	/// One for each strategy and data set.
	pub rows: Vec<Row>,
	/// One for each data set.
	pub baselines: Vec<Baseline>,
}

impl Results {
	/// Every bound that is missed.
	pub fn missed(&self) -> Vec<String> {
		self.rows.iter().flat_map(Row::missed).collect()
	}
}

type CaseKey = (DataName, u64, Strategy);
type WorldKey = (DataName, u64, Strategy, Setting);

/// Runs `plan`; what happens goes to standard error.
///
/// # Errors
/// The engine's, or the first world in which an invariant of the chain is broken.
pub fn run(plan: Plan) -> Result<Results, String> {
	let cases = studies(&plan)?;
	let outcomes = worlds(&plan, &cases)?;
	let rows = plan
		.data
		.iter()
		.flat_map(|data| plan.strategies.iter().map(|strategy| (*data, *strategy)))
		.map(|(data, strategy)| row(&plan, &outcomes, data, strategy))
		.collect();
	let baselines =
		plan.data.iter().map(|data| baseline(&plan, &cases, &outcomes, *data)).collect();
	Ok(Results { plan, rows, baselines })
}

fn studies(plan: &Plan) -> Result<BTreeMap<CaseKey, Case>, String> {
	let changed = plan.strategies.iter().copied().filter(|strategy| strategy.changes_records());
	let twins = plan.strategies.iter().map(|strategy| strategy.twin());
	let mut strategies: Vec<_> =
		[Strategy::Honest].into_iter().chain(twins).chain(changed).collect();
	strategies.sort_unstable();
	strategies.dedup();
	let keys = product(plan, &strategies);
	let cases = in_parallel(plan.threads, "studied", &keys, |(data, seed, strategy)| {
		Case::new(*data, *strategy, *seed, plan.train, plan.questions)
			.map_err(|e| format!("{} on {}: {e}", strategy.title(), data.name()))
	});
	keys.iter().copied().zip(cases).map(|(key, case)| Ok((key, case?))).collect()
}

fn worlds(
	plan: &Plan,
	cases: &BTreeMap<CaseKey, Case>,
) -> Result<BTreeMap<WorldKey, Outcome>, String> {
	let mut keys: Vec<WorldKey> = product(plan, &plan.strategies)
		.into_iter()
		.flat_map(|(data, seed, strategy)| {
			let setting = strategy.setting();
			[Strategy::Honest, strategy.twin(), strategy]
				.map(|strategy| (data, seed, strategy, setting))
		})
		.collect();
	keys.sort_unstable();
	keys.dedup();
	let outcomes = in_parallel(plan.threads, "simulated", &keys, |key| {
		let (data, seed, strategy, setting) = *key;
		let on_offer = if strategy.changes_records() { strategy } else { Strategy::Honest };
		let case = &cases[&(data, seed, on_offer)];
		world::run(Spec { strategy, setting, seed, jobs: plan.jobs, checked: plan.checked, case })
			.map_err(|e| format!("{} on {}, seed {seed}: {e}", strategy.title(), data.name()))
	});
	keys.iter().copied().zip(outcomes).map(|(key, outcome)| Ok((key, outcome?))).collect()
}

fn product(plan: &Plan, strategies: &[Strategy]) -> Vec<CaseKey> {
	let seeds = |data: DataName| (1..=plan.seeds).map(move |seed| (data, seed));
	let each = plan.data.iter().flat_map(|data| seeds(*data));
	each.flat_map(|(data, seed)| strategies.iter().map(move |s| (data, seed, *s))).collect()
}

/// `work` on each of `items`, in their order; progress goes to standard error.
fn in_parallel<T: Sync, R: Send>(
	threads: usize,
	done: &str,
	items: &[T],
	work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
	let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
	let results: Mutex<BTreeMap<usize, R>> = Mutex::new(BTreeMap::new());
	std::thread::scope(|scope| {
		for _ in 0..threads.clamp(1, items.len().max(1)) {
			scope.spawn(|| loop {
				let at = next.fetch_add(1, Ordering::Relaxed);
				let Some(item) = items.get(at) else { break };
				let result = work(item);
				results.lock().expect("nobody panics with it").insert(at, result);
				let count = finished.fetch_add(1, Ordering::Relaxed) + 1;
				if count % 10 == 0 || count == items.len() {
					eprintln!("{done} {count} of {}", items.len());
				}
			});
		}
	});
	results.into_inner().expect("nobody panics with it").into_values().collect()
}

fn row(
	plan: &Plan,
	outcomes: &BTreeMap<WorldKey, Outcome>,
	data: DataName,
	strategy: Strategy,
) -> Row {
	let (principal, peers) = (strategy.principal(), strategy.peers());
	let setting = strategy.setting();
	let mut row = Row {
		strategy,
		data,
		gains: Vec::new(),
		added: Vec::new(),
		kept: Vec::new(),
		honest: 0.0,
		strategic: 0.0,
		slashed: 0.0,
		peers_slashed: 0.0,
		disputed: 0.0,
	};
	let share = 1.0 / plan.seeds as f64;
	for seed in 1..=plan.seeds {
		let outcome = &outcomes[&(data, seed, strategy, setting)];
		let twin = &outcomes[&(data, seed, strategy.twin(), setting)];
		let honest = outcome.reference.unwrap_or_else(|| twin.net_of(&principal));
		let strategic = outcome.net_of(&principal);
		row.gains.push(ratio(strategic, honest));
		if strategy.twin() != Strategy::Honest {
			let alone = &outcomes[&(data, seed, Strategy::Honest, setting)];
			row.added.push(ratio(strategic, alone.net_of(&principal)));
		}
		row.kept.push(ratio(outcome.net_of(&peers), twin.net_of(&peers)));
		row.honest += share * open(honest);
		row.strategic += share * open(strategic);
		row.slashed += share * slashed(outcome, &principal);
		row.peers_slashed += share * slashed(outcome, &peers);
		row.disputed += share * outcome.disputed as f64;
	}
	row
}

/// `strategic ÷ honest`. Where honesty earns nothing, one more for each OPEN more.
pub fn ratio(strategic: i128, honest: i128) -> f64 {
	if honest > 0 {
		strategic as f64 / honest as f64
	} else {
		1.0 + open(strategic - honest)
	}
}

fn open(planck: i128) -> f64 {
	planck as f64 / OPEN as f64
}

fn slashed(outcome: &Outcome, people: &[Person]) -> f64 {
	let sum: Balance = people.iter().filter_map(|person| outcome.slashed.get(person)).sum();
	open(sum as i128)
}

fn baseline(
	plan: &Plan,
	cases: &BTreeMap<CaseKey, Case>,
	outcomes: &BTreeMap<WorldKey, Outcome>,
	data: DataName,
) -> Baseline {
	let seeds = plan.seeds as f64;
	let studies = || (1..=plan.seeds).map(|seed| &cases[&(data, seed, Strategy::Honest)].study);
	let worlds: Vec<&Outcome> = outcomes
		.iter()
		.filter(|((of, _, strategy, _), _)| *of == data && *strategy == Strategy::Honest)
		.map(|(_, outcome)| outcome)
		.collect();
	let mean = |of: &dyn Fn(&Outcome) -> usize| {
		worlds.iter().map(|outcome| of(outcome) as f64).sum::<f64>() / worlds.len().max(1) as f64
	};
	Baseline {
		data,
		accuracy: studies().map(|study| study.accuracy).sum::<f64>() / seeds,
		unattributed: studies().map(|study| study.unattributed).sum::<f64>() / seeds,
		answered: mean(&|outcome| outcome.answered),
		judged: mean(&|outcome| outcome.judged),
	}
}
