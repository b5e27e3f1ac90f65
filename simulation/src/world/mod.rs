//! One chain with one population, from genesis to the last payout.
//!
//! Agents act on events: what a block reports, they answer in the next. Everything runs within the
//! chain's externalities, so a world is one call.

mod income;
mod jobs;
mod reviews;
mod setup;

use crate::{
	chain::{self, Bonded},
	data::{DataName, DataSet, Record},
	invariants,
	offers::{offers, returned, Offer},
	people::{Person, CURATORS, SPLIT_WORKERS, SYBILS, WORKERS},
	rng::Rng,
	strategy::{Setting, Strategy},
	study::Study,
};
use jobs::Asked;
use openledger_datanets::types::Verdict;
use openledger_engine::Error;
use openledger_primitives::{
	parameters::{BondParameters, CurationParameters, JobParameters, RoundParameters},
	traits::Role,
	ContributionId, DatanetId, JobId, ModelId, Report, OPEN,
};
use openledger_runtime::{
	AccountId, Balance, BlockNumber, GenesisParametersConfig, Runtime, RuntimeEvent,
};
use reviews::Item;
use std::collections::BTreeMap;

/// Every salt.
const SALT: [u8; 32] = [7; 32];
/// Bond of a curator, in planck.
const CURATOR_BOND: Balance = 1_000 * OPEN;
/// What a call to a model costs above the floor, in planck.
pub const PRICE: Balance = 10 * OPEN;
/// Least data fee of a call, in planck: what the price leaves to data.
pub const DATA_FEE: Balance = PRICE / 2;
/// What it costs a worker to compute an answer, in planck.
pub const COMPUTING: Balance = OPEN / 20;
/// What it costs a curator to judge a contribution, in planck.
pub const JUDGING: Balance = OPEN / 20;
/// Requests of honest callers in a block.
pub const JOBS_A_BLOCK: usize = 8;
/// Blocks from one round of offers to the next.
const ROUND: BlockNumber = 20;
/// Blocks after the last request in which everything matures.
const TAIL: BlockNumber = 110;

/// What a world is about.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
	/// What the principal does.
	pub strategy: Strategy,
	/// What it shares with its honest twin.
	pub setting: Setting,
	/// Seed of chance and of callers.
	pub seed: u64,
	/// Jobs of honest callers.
	pub jobs: usize,
	/// Of how many answers of lone workers contributors recompute one; none where it is zero.
	pub checked: usize,
	/// The records and what they are worth.
	pub case: &'a Case,
}

/// Records on offer with their study; it outlives the worlds that use it.
#[derive(Debug)]
pub struct Case {
	/// Where the records are from.
	pub set: DataSet,
	/// The offers, in the order of their ids.
	pub offers: Vec<Offer>,
	/// What callers ask about.
	pub questions: Vec<Record>,
	/// What the offers are worth.
	pub study: Study,
	/// The study after the principal left and came back.
	pub returned: Option<(Vec<Offer>, Study)>,
}

impl Case {
	/// Offers by `strategy` out of `train` records, studied on the `questions` records after them.
	///
	/// # Errors
	/// The engine's.
	pub fn new(
		name: DataName,
		strategy: Strategy,
		seed: u64,
		train: usize,
		questions: usize,
	) -> Result<Self, Error> {
		let set = name.load(seed);
		let offers = offers(strategy, &set, train, seed)?;
		let questions: Vec<Record> =
			set.records.iter().skip(train).take(questions).cloned().collect();
		let study = |offers: &[Offer]| {
			let records: Vec<&[Record]> = offers.iter().map(|o| o.records.as_slice()).collect();
			Study::new(&set, &records, &questions)
		};
		let first = study(&offers)?;
		let returned = match strategy {
			Strategy::RevokeAndReturn => {
				let offers = returned(&offers);
				let study = study(&offers)?;
				Some((offers, study))
			}
			_ => None,
		};
		Ok(Self { offers, study: first, returned, questions, set })
	}
}

/// What a world came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
	/// Planck that everyone gained, costs taken off.
	pub net: BTreeMap<Person, i128>,
	/// Planck that everyone lost to slashes; part of `net`.
	pub slashed: BTreeMap<Person, Balance>,
	/// What the principal would have gained honestly, where no honest world says it.
	pub reference: Option<i128>,
	/// Jobs that were answered.
	pub answered: usize,
	/// Jobs that were refunded.
	pub refunded: usize,
	/// Jobs that were disputed.
	pub disputed: usize,
	/// Contributions that were judged while jobs ran.
	pub judged: usize,
}

impl Outcome {
	/// What `people` gained together, in planck.
	pub fn net_of(&self, people: &[Person]) -> i128 {
		people.iter().filter_map(|person| self.net.get(person)).sum()
	}
}

/// What an agent does in the next block.
#[derive(Clone, Copy, Debug)]
enum Task {
	Commit(JobId, Person),
	/// The commitment of one who waits to see another's.
	CopyCommit(JobId, Person),
	Reveal(JobId, Person),
	CopyReveal(JobId, Person),
	Dispute(JobId, Person),
	Judge(ContributionId, Person),
	Speak(ContributionId, Person),
	Appeal(ContributionId),
	ProveItem(ContributionId),
}

struct World<'a> {
	spec: Spec<'a>,
	bonded: Bonded,
	people: BTreeMap<AccountId, Person>,
	tasks: Vec<Task>,
	/// What everyone spent outside the chain, less what it got there, in planck.
	costs: BTreeMap<Person, i128>,
	outcome: Outcome,
	/// Whether everyone is set and strategies begin.
	begun: bool,
	// contributions
	main: DatanetId,
	stream: DatanetId,
	elsewhere: Option<DatanetId>,
	/// Of the offers, in their order.
	contributions: Vec<ContributionId>,
	returned: Vec<ContributionId>,
	items: BTreeMap<ContributionId, Item>,
	panels: BTreeMap<ContributionId, Vec<Person>>,
	verdicts: BTreeMap<(ContributionId, Person), Verdict>,
	/// Contributions of the stream that are final.
	final_items: Vec<ContributionId>,
	// jobs
	base: ModelId,
	adapter: ModelId,
	/// The model with the returned records.
	successor: Option<ModelId>,
	asked: BTreeMap<JobId, Asked>,
	requested: usize,
	reports: BTreeMap<(JobId, Person), Report>,
	caller: Rng,
	offerer: Rng,
	coin: Rng,
}

/// Runs a world to its end.
///
/// # Errors
/// Which invariant of the chain is broken at the end.
pub fn run(spec: Spec<'_>) -> Result<Outcome, String> {
	let bonded = bonded(&spec);
	let mut externalities = chain::genesis(&bonded, parameters(), spec.seed);
	externalities.execute_with(|| World::new(spec, bonded).run())
}

/// Who is bonded, with what.
fn bonded(spec: &Spec<'_>) -> Bonded {
	let bond = spec.setting.bond;
	let first = match spec.strategy {
		Strategy::SplitWorker => (SPLIT_WORKERS..SPLIT_WORKERS + SYBILS)
			.map(|i| (Person::Worker(i), bond / Balance::from(SYBILS)))
			.collect(),
		_ => vec![(Person::Worker(0), bond)],
	};
	let others = (1..WORKERS).map(|i| (Person::Worker(i), bond));
	Bonded {
		workers: first.into_iter().chain(others).collect(),
		curators: (0..CURATORS).map(|i| (Person::Curator(i), CURATOR_BOND)).collect(),
	}
}

/// The defaults, with periods short enough for a world of a few hundred blocks.
pub fn parameters() -> GenesisParametersConfig {
	GenesisParametersConfig {
		curation: Some(CurationParameters {
			commit_period: 10,
			reveal_period: 10,
			appeal_window: 8,
			exit_window: 5_000,
			..Default::default()
		}),
		jobs: Some(JobParameters { maturity: 3, notice: 1, ..Default::default() }),
		rounds: Some(RoundParameters { dispute_window: 12, jail: 30, ..Default::default() }),
		bonds: Some(BondParameters { unbonding: 10, slash_delay: 5, ..Default::default() }),
		..Default::default()
	}
}

impl<'a> World<'a> {
	fn new(spec: Spec<'a>, bonded: Bonded) -> Self {
		let people = Person::all().into_iter().map(|person| (person.account(), person)).collect();
		Self {
			spec,
			bonded,
			people,
			tasks: Vec::new(),
			costs: BTreeMap::new(),
			outcome: Outcome::default(),
			begun: false,
			main: DatanetId(0),
			stream: DatanetId(1),
			elsewhere: None,
			contributions: Vec::new(),
			returned: Vec::new(),
			items: BTreeMap::new(),
			panels: BTreeMap::new(),
			verdicts: BTreeMap::new(),
			final_items: Vec::new(),
			base: ModelId(0),
			adapter: ModelId(0),
			successor: None,
			asked: BTreeMap::new(),
			requested: 0,
			reports: BTreeMap::new(),
			caller: Rng::new(spec.seed, "callers"),
			offerer: Rng::new(spec.seed, "offerers"),
			coin: Rng::new(spec.seed, "coin"),
		}
	}

	fn run(mut self) -> Result<Outcome, String> {
		self.set_up();
		self.begun = true;
		let extra = self.extra_jobs();
		while self.requested < self.spec.jobs + extra {
			self.block(|world| {
				world.tend_bonds();
				world.plot();
				world.ask();
				world.offer_item();
			});
		}
		let end = chain::height() + TAIL;
		let unpaid = || openledger_inference::Requests::<Runtime>::iter_keys().next().is_some();
		while chain::height() < end || !self.tasks.is_empty() || unpaid() {
			self.block(Self::tend_bonds);
		}
		let findings = invariants::check()?;
		if findings.gifts != 0 {
			return Err(format!("{} planck of the pot are nobody's", findings.gifts));
		}
		self.settle_accounts();
		Ok(self.outcome)
	}

	/// One block: what `act` does, then what agents have to do, then what they learn from it.
	fn block(&mut self, act: impl FnOnce(&mut Self)) {
		chain::open();
		act(self);
		for task in std::mem::take(&mut self.tasks) {
			self.perform(task);
		}
		for event in chain::close() {
			self.learn(event);
		}
	}

	fn perform(&mut self, task: Task) {
		match task {
			Task::Commit(job, worker) => self.commit(job, worker),
			Task::CopyCommit(job, worker) => self.copy_commitment(job, worker),
			Task::Reveal(job, worker) => self.reveal(job, worker),
			Task::CopyReveal(job, worker) => self.copy_report(job, worker),
			Task::Dispute(job, worker) => self.dispute(job, worker),
			Task::Judge(contribution, curator) => self.judge(contribution, curator),
			Task::Speak(contribution, curator) => self.speak(contribution, curator),
			Task::Appeal(contribution) => self.appeal(contribution),
			Task::ProveItem(contribution) => self.prove_item(contribution),
		}
	}

	fn learn(&mut self, event: RuntimeEvent) {
		match event {
			RuntimeEvent::Attribution(event) => self.learn_of_job(event),
			RuntimeEvent::Datanets(event) => self.learn_of_review(event),
			RuntimeEvent::Staking(openledger_staking::Event::Slashed { who, amount, .. }) => {
				if let Some(person) = self.people.get(&who) {
					*self.outcome.slashed.entry(*person).or_default() += amount;
				}
			}
			_ => {}
		}
	}

	fn person(&self, account: &AccountId) -> Person {
		*self.people.get(account).expect("only people are bonded")
	}

	fn spend(&mut self, who: Person, amount: Balance) {
		*self.costs.entry(who).or_default() += amount as i128;
	}

	/// Whoever was slashed or jailed comes back with its whole bond as soon as it may.
	fn tend_bonds(&mut self) {
		let curators = self.bonded.curators.iter().map(|(who, bond)| (Role::Curator, *who, *bond));
		let workers = self.bonded.workers.iter().map(|(who, bond)| (Role::Worker, *who, *bond));
		for (role, who, wanted) in curators.chain(workers) {
			income::tend(role, who, wanted);
		}
	}
}
