//! Callers ask, workers answer, each in its way.

use super::{setup, Task, World, COMPUTING, JOBS_A_BLOCK, PRICE, SALT};
use crate::{
	chain::{self, must},
	people::{Person, CONTRIBUTORS},
	rng::Rng,
	strategy::{Strategy, COALITION},
	study::Answer,
};
use openledger_attribution::{
	types::{Outcome, Receipt, Round, SeatKind},
	Event,
};
use openledger_primitives::{
	api::ENGINE_VERSION, traits::Input, BlobId, ContributionId, JobId, ModelId, Ppm, Report, OPEN,
};
use openledger_runtime::{AccountId, Attribution, Balance, Inference, Runtime};
use polkadot_sdk::sp_runtime::ApplyExtrinsicResult;
use std::collections::BTreeMap;

/// One in so many of the honest callers' jobs is asked by the principal besides, once those are done.
const EXTRA: usize = 20;
/// One in so many calls is of the adapter.
const TO_ADAPTER: usize = 5;
/// What an answer is worth to its caller beside its fee at the usual price: a fifth more.
const WORTH: (Balance, Balance) = (6, 5);
/// What it costs a worker to look for an input in vain, in planck.
const LOOKING: Balance = COMPUTING / 10;
/// Blocks from the watcher's commitment to its proof.
const PROOF_DELAY: usize = 6;
/// A salt of the report copier's own.
const SALT_OF_COPIER: [u8; 32] = [9; 32];

/// What a caller asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
	caller: Person,
	model: ModelId,
	question: usize,
	committee: u8,
	fetchable: bool,
}

/// What a worker does with a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
	/// Computes and reports.
	Honest,
	/// Reports what is likeliest, and computes nothing.
	Guess,
	/// Reports another answer.
	Forge,
	/// Reports the answer, and that the principal's records alone shaped it.
	Steal,
}

impl World<'_> {
	/// Jobs that the principal asks besides the honest callers'.
	pub(super) fn extra_jobs(&self) -> usize {
		match self.spec.strategy {
			Strategy::SelfDealing | Strategy::UnfetchableInputs => self.spec.jobs / EXTRA,
			_ => 0,
		}
	}

	/// A block's requests.
	pub(super) fn ask(&mut self) {
		let until = self.spec.jobs + self.extra_jobs();
		for _ in 0..JOBS_A_BLOCK.min(until - self.requested) {
			let asked = match self.requested < self.spec.jobs {
				true => self.honest_question(),
				false => self.extra_question(),
			};
			self.request(asked);
			self.requested += 1;
		}
	}

	/// One job in five has a committee of one, one in five of five.
	fn honest_question(&mut self) -> Asked {
		let committee = [1, 3, 3, 3, 5][self.caller.below(5)];
		let question = self.caller.below(self.spec.case.questions.len());
		let to_adapter = self.caller.below(TO_ADAPTER) == 0;
		let model = if to_adapter { self.adapter } else { self.successor.unwrap_or(self.base) };
		Asked { caller: Person::Caller(0), model, question, committee, fetchable: true }
	}

	fn extra_question(&mut self) -> Asked {
		let fetchable = self.spec.strategy != Strategy::UnfetchableInputs;
		// who deals with itself asks what its own records answer best, with as few others as it can
		let own = |answer: &Answer| {
			let offers = &self.spec.case.offers;
			let shares = answer.influence.iter();
			let own = shares.filter(|(offer, _)| offers[*offer].by == Person::Contributor(0));
			own.map(|(_, share)| share.0).sum::<u32>()
		};
		let answers = &self.spec.case.study.answers;
		let question = (0..answers.len()).max_by_key(|at| own(&answers[*at])).unwrap_or_default();
		let committee = if fetchable { 1 } else { 3 };
		Asked { caller: Person::Caller(1), model: self.base, question, committee, fetchable }
	}

	fn request(&mut self, asked: Asked) {
		let input = match asked.fetchable {
			true => Input::Inline(
				self.spec.case.questions[asked.question]
					.input()
					.try_into()
					.expect("256 bytes at most"),
			),
			false => Input::Blob(BlobId([13; 32])),
		};
		let Asked { caller, model, committee, .. } = asked;
		let max_fee = Inference::quote(model, committee).expect("the model is open");
		let job = openledger_inference::NextJob::<Runtime>::get();
		must(
			caller,
			openledger_inference::Call::<Runtime>::request { model, input, max_fee, committee },
		);
		self.asked.insert(job, asked);
		if !asked.fetchable {
			let surplus = worth(committee) - usual_fee(committee);
			*self.outcome.reference.get_or_insert_default() += surplus as i128;
		}
	}

	pub(super) fn learn_of_job(&mut self, event: Event<Runtime>) {
		match event {
			Event::RoundOpened { job, committee, .. } => self.assign(job, &committee),
			Event::AuditDrawn { job, auditors, .. } => self.assign(job, &auditors),
			Event::RevealsOpened { job, .. } => self.call_for_reports(job),
			Event::Settled { job, outcome, .. } => self.settled(job, outcome),
			Event::Disputed { .. } => self.outcome.disputed += 1,
			_ => {}
		}
	}

	fn assign(&mut self, job: JobId, workers: &[AccountId]) {
		for account in workers {
			let worker = self.person(account);
			let copies =
				self.spec.strategy == Strategy::ReportCopier && worker == Person::Worker(0);
			self.tasks.push(match copies {
				true => Task::CopyCommit(job, worker),
				false => Task::Commit(job, worker),
			});
		}
	}

	fn call_for_reports(&mut self, job: JobId) {
		let Some(round) = Attribution::round_of(job) else { return };
		for seat in round.seats.iter().filter(|seat| seat.report.is_none()) {
			let worker = self.person(&seat.worker);
			let task = match self.spec.strategy {
				Strategy::ReportCopier if worker == Person::Worker(0) => {
					Task::CopyReveal(job, worker)
				}
				_ => Task::Reveal(job, worker),
			};
			if seat.commitment.is_some() {
				self.tasks.push(task);
			}
		}
	}

	pub(super) fn commit(&mut self, job: JobId, worker: Person) {
		let Some(round) = Attribution::round_of(job) else { return };
		let deed = self.deed(&round, worker);
		let report = self.report(job, deed);
		let computing = match report.is_input_unavailable() {
			true => LOOKING,
			false => COMPUTING,
		};
		let commitment = report.commitment(&SALT, &worker.account());
		let first_try = self.reports.insert((job, worker), report).is_none();
		if deed != Deed::Guess && first_try {
			self.spend(worker, computing);
		}
		let result = chain::commit(job, worker, commitment);
		self.included(result, Task::Commit(job, worker));
	}

	/// Where the block was full, `task` is for the next.
	fn included(&mut self, result: ApplyExtrinsicResult, task: Task) {
		match result {
			Ok(Ok(())) => {}
			Err(error) if error.exhausted_resources() => self.tasks.push(task),
			refused => panic!("{task:?}: {refused:?}"),
		}
	}

	pub(super) fn reveal(&mut self, job: JobId, worker: Person) {
		if self.withholds(job, worker) {
			return;
		}
		let Some(report) = self.reports.get(&(job, worker)) else { return };
		let result = chain::reveal(job, worker, report.clone(), SALT);
		self.included(result, Task::Reveal(job, worker));
	}

	/// Commits to what another committed to, once that is known; with nobody to copy it says nothing.
	pub(super) fn copy_commitment(&mut self, job: JobId, worker: Person) {
		let Some(round) = Attribution::round_of(job) else { return };
		let others = || round.seats.iter().filter(|seat| seat.worker != worker.account());
		match others().find_map(|seat| seat.commitment) {
			Some(commitment) => {
				// the deadline may just have passed
				let _ = chain::commit(job, worker, commitment);
			}
			None if others().next().is_some() && round.deadline > chain::height() => {
				self.tasks.push(Task::CopyCommit(job, worker));
			}
			None => {}
		}
	}

	/// Reveals what another revealed, with its own salt and with the other's: a commitment names its
	/// worker, so both are refused.
	pub(super) fn copy_report(&mut self, job: JobId, worker: Person) {
		let Some(round) = Attribution::round_of(job) else { return };
		match round.seats.iter().find_map(|seat| seat.report.clone()) {
			Some(report) => {
				for salt in [SALT, SALT_OF_COPIER] {
					let result = chain::reveal(job, worker, report.clone(), salt);
					assert!(result.is_err(), "job {job}: a copied report is accepted");
				}
			}
			None if round.deadline > chain::height() => {
				self.tasks.push(Task::CopyReveal(job, worker));
			}
			None => {}
		}
	}

	/// An honest worker that is not paid for what it computed disputes: it knows that it is right.
	fn settled(&mut self, job: JobId, outcome: Outcome) {
		let Some(asked) = self.asked.get(&job).copied() else { return };
		match outcome {
			Outcome::Answered => {
				self.outcome.answered += 1;
				// who deals with itself knows the answer
				if self.spec.strategy != Strategy::SelfDealing || asked.caller == Person::Caller(0)
				{
					let worth = worth(asked.committee) as i128;
					*self.costs.entry(asked.caller).or_default() -= worth;
				}
			}
			Outcome::Refunded(_) => self.outcome.refunded += 1,
		}
		let Some(receipt) = Attribution::receipt_of(job) else { return };
		let honest = self.report(job, Deed::Honest);
		if let Some(checker) = self.checker(job, &receipt) {
			self.spend(checker, COMPUTING);
		}
		let wronged = receipt.seats.iter().find_map(|seat| {
			let worker = self.person(&seat.worker);
			let was_honest = self.reports.get(&(job, worker)) == Some(&honest);
			(was_honest && !seat.paid && !self.withholds(job, worker)).then_some(worker)
		});
		let robbed = || self.checker(job, &receipt).filter(|_| !tells(&receipt, &honest));
		if let Some(disputer) = wronged.or_else(robbed).filter(|_| receipt.is_disputable()) {
			self.tasks.push(Task::Dispute(job, disputer));
		}
	}

	/// The contributor that recomputes what a lone worker answered, if one does.
	fn checker(&self, job: JobId, receipt: &Receipt<AccountId>) -> Option<Person> {
		let mut rng = Rng::new(self.spec.seed, &format!("check/{}", job.0));
		let is_alone = receipt.seats.len() == 1 && receipt.outcome == Outcome::Answered;
		let is_checked = self.spec.checked > 0 && rng.below(self.spec.checked) == 0;
		let checker = Person::Contributor(rng.below(usize::from(CONTRIBUTORS)) as u8);
		// the first is the principal of most strategies: neither it nor its honest twin does
		let is_honest = checker != Person::Contributor(0);
		(is_alone && is_checked && is_honest).then_some(checker)
	}

	/// Every other report, once it is too late for anybody to answer in its place.
	fn withholds(&self, job: JobId, worker: Person) -> bool {
		self.spec.strategy == Strategy::Withholding
			&& worker == Person::Worker(0)
			&& job.0.is_multiple_of(2)
	}

	pub(super) fn dispute(&mut self, job: JobId, worker: Person) {
		must(worker, openledger_attribution::Call::<Runtime>::dispute { job });
	}

	fn deed(&self, round: &Round<AccountId>, worker: Person) -> Deed {
		let (first, seats) = (worker == Person::Worker(0), round.seats.len());
		match self.spec.strategy {
			Strategy::LazyWorker if first => Deed::Guess,
			Strategy::AnswerForger if first => Deed::Forge,
			Strategy::SingleThief if first && is_alone(round) => Deed::Steal,
			Strategy::Coalition if is_colluding(worker) && 2 * self.colluding(round) > seats => {
				Deed::Steal
			}
			Strategy::HiddenCoalition if self.colluding(round) == seats => Deed::Steal,
			_ => Deed::Honest,
		}
	}

	/// How many of the seats that are known are the coalition's.
	fn colluding(&self, round: &Round<AccountId>) -> usize {
		round.seats.iter().filter(|seat| is_colluding(self.person(&seat.worker))).count()
	}

	fn report(&self, job: JobId, deed: Deed) -> Report {
		let asked = self.asked[&job];
		let blank = Report {
			job,
			answer: Default::default(),
			output: None,
			query_features: [0; 32],
			engine_version: ENGINE_VERSION,
			influence: Default::default(),
		};
		if !asked.fetchable {
			return blank;
		}
		let (study, ids) = match &self.spec.case.returned {
			Some((_, study)) if Some(asked.model) == self.successor => (study, &self.returned),
			_ => (&self.spec.case.study, &self.contributions),
		};
		let computed = &study.answers[asked.question];
		let answer = match deed {
			Deed::Guess => likeliest(&study.answers),
			_ => computed,
		};
		let class = match deed {
			Deed::Forge => (answer.class + 1) % self.spec.case.set.classes,
			_ => answer.class,
		};
		let influence: Vec<(ContributionId, Ppm)> = match deed {
			Deed::Steal => vec![(self.own_contribution(), Ppm::ONE)],
			_ => answer.influence.iter().map(|(offer, share)| (ids[*offer], *share)).collect(),
		};
		Report {
			answer: class.to_le_bytes().to_vec().try_into().expect("four bytes"),
			query_features: computed.features_hash,
			influence: influence.try_into().expect("the engine keeps 64 at most"),
			..blank
		}
	}

	fn own_contribution(&self) -> ContributionId {
		let mut offers = self.spec.case.offers.iter().zip(&self.contributions);
		let own = offers.find(|(offer, _)| offer.by == Person::Contributor(0));
		*own.expect("the principal contributes").1
	}

	/// What the principal does besides, and the watcher against it.
	pub(super) fn plot(&mut self) {
		const PROOF: usize = 2;
		const PROVEN: usize = PROOF + PROOF_DELAY;
		let block = self.requested / JOBS_A_BLOCK;
		let copies = self.copies();
		match block {
			PROOF => copies.iter().for_each(|(copy, original)| self.commit_proof(*copy, *original)),
			PROVEN => copies
				.iter()
				.for_each(|(copy, original)| self.prove_all(Person::Watcher, *copy, *original)),
			_ => {}
		}
		if self.spec.case.returned.is_some() {
			self.revoke_and_return(block);
		}
	}

	/// Exact copies among the offers, each with its original.
	fn copies(&self) -> Vec<(ContributionId, ContributionId)> {
		let offers = self.spec.case.offers.iter().zip(&self.contributions);
		let copied = offers.filter_map(|(offer, id)| Some((*id, offer.copied_from?)));
		let of = |person: Person| {
			let position = self.spec.case.offers.iter().position(|offer| offer.by == person);
			self.contributions[position.expect("who is copied contributes")]
		};
		copied.map(|(copy, person)| (copy, of(person))).collect()
	}

	/// A third of the way through the principal revokes and offers the same records again. Once they
	/// are accepted callers ask a model of them; then the watcher proves what they are.
	fn revoke_and_return(&mut self, block: usize) {
		let leaves_at = self.spec.jobs / JOBS_A_BLOCK / 3;
		let back_at = leaves_at + setup::REVIEW;
		let (case, own) = (self.spec.case, self.own_contribution());
		let Some(offer) = case.returned.as_ref().and_then(|(offers, _)| offers.last()) else {
			return;
		};
		if block == leaves_at {
			setup::revoke(Person::Contributor(0), own);
			let back = self.contribute(offer);
			let kept = self.contributions.iter().copied().filter(|id| *id != own);
			self.returned = kept.chain([back]).collect();
			return;
		}
		let Some(back) = self.returned.last().copied() else { return };
		if block == back_at {
			self.register_successor();
			self.commit_proof(back, own);
		} else if block == back_at + PROOF_DELAY {
			self.prove_all(Person::Watcher, back, own);
		}
	}
}

fn is_alone(round: &Round<AccountId>) -> bool {
	matches!(round.seats.as_slice(), [seat] if seat.kind == SeatKind::Committee)
}

fn is_colluding(worker: Person) -> bool {
	matches!(worker, Person::Worker(i) if i < COALITION)
}

/// The first answer with the class that most answers have.
fn likeliest(answers: &[Answer]) -> &Answer {
	let mut counts = BTreeMap::<u32, usize>::new();
	answers.iter().for_each(|answer| *counts.entry(answer.class).or_default() += 1);
	let class = counts.into_iter().max_by_key(|(_, count)| *count).map(|(class, _)| class);
	let found = answers.iter().find(|answer| Some(answer.class) == class);
	found.expect("somebody asks something")
}

/// What a job with so many seats costs at the usual price, in planck.
fn usual_fee(committee: u8) -> Balance {
	PRICE + (1 + Balance::from(committee)) * OPEN / 100
}

fn worth(committee: u8) -> Balance {
	usual_fee(committee) * WORTH.0 / WORTH.1
}

/// Whether `receipt` says what `report` does.
fn tells(receipt: &Receipt<AccountId>, report: &Report) -> bool {
	receipt.answer == report.answer && receipt.influence == report.influence
}
