//! A second Datanet that is offered something in every block, and the panels that judge it. Three
//! offers in four are good, one in five is junk, one in twenty a known item that its offerer declared.

use super::{setup, Task, World, JUDGING, SALT};
use crate::{
	chain::{height, must, send},
	people::{Person, OFFERERS},
	strategy::{Strategy, MINORITY},
};
use openledger_datanets::{
	types::{duplicate_commitment, Outcome, Verdict},
	Call, Event,
};
use openledger_primitives::{ContributionId, Ppm};
use openledger_runtime::Runtime;

/// Records of an offer to the stream.
const RECORDS: usize = 4;
/// Percent of offers that are junk.
const JUNK: usize = 20;
/// Percent of offers that are known items.
const KNOWN: usize = 5;

/// What an offer is in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
	/// To be accepted.
	Good,
	/// To be rejected.
	Junk,
	/// To be rejected: a copy, declared to test curators.
	Known(ContributionId),
}

/// An offer under review.
#[derive(Clone, Debug)]
pub(super) struct Item {
	pub by: Person,
	pub lines: Vec<Vec<u8>>,
	worth: Worth,
}

impl Item {
	/// What panels let pass.
	pub fn passing(by: Person, lines: Vec<Vec<u8>>) -> Self {
		Self { by, lines, worth: Worth::Good }
	}
}

impl World<'_> {
	/// The block's offer to the stream.
	pub(super) fn offer_item(&mut self) {
		let draw = self.offerer.below(100);
		let by = Person::Offerer(self.offerer.below(usize::from(OFFERERS)) as u8);
		let fresh = || {
			let line = |record: usize| format!("{}/{record}", height()).into_bytes();
			(0..RECORDS).map(line).collect::<Vec<_>>()
		};
		let (worth, lines) = match self.known_original(by) {
			// once only: a second copy by the same account would have the same root
			Some(at) if draw < KNOWN => {
				let original = self.final_items.remove(at);
				(Worth::Known(original), self.items[&original].lines.clone())
			}
			_ if draw < KNOWN + JUNK => (Worth::Junk, fresh()),
			_ => (Worth::Good, fresh()),
		};
		let id = setup::offer_lines(by, self.stream, &lines);
		self.items.insert(id, Item { by, lines, worth });
		if let Worth::Known(original) = worth {
			let commitment = duplicate_commitment(id, original, &SALT, &by.account());
			must(by, Call::<Runtime>::commit_duplicate { contribution: id, commitment });
		}
	}

	/// Where among what is final the newest of another offerer stands.
	fn known_original(&self, by: Person) -> Option<usize> {
		self.final_items.iter().rposition(|id| self.items[id].by != by)
	}

	pub(super) fn learn_of_review(&mut self, event: Event<Runtime>) {
		match event {
			Event::PanelDrawn { contribution, curators, .. } => {
				let panel: Vec<Person> = curators.iter().map(|who| self.person(who)).collect();
				self.tasks.extend(panel.iter().map(|who| Task::Judge(contribution, *who)));
				self.panels.insert(contribution, panel);
			}
			Event::RevealOpened { contribution, .. } => {
				let panel = self.panels.get(&contribution).cloned().unwrap_or_default();
				self.tasks.extend(panel.into_iter().map(|who| Task::Speak(contribution, who)));
			}
			Event::VerdictReached { contribution, outcome, .. } => {
				self.answer_verdict(contribution, outcome);
			}
			Event::ContributionAccepted { contribution, datanet, .. } if datanet == self.stream => {
				self.outcome.judged += 1;
				if self.items[&contribution].worth == Worth::Good {
					self.final_items.push(contribution);
				}
			}
			Event::ContributionRejected { datanet, .. } if datanet == self.stream => {
				self.outcome.judged += 1;
			}
			_ => {}
		}
	}

	/// Offerers prove their known items, the watcher appeals where a panel was wrong.
	fn answer_verdict(&mut self, contribution: ContributionId, outcome: Outcome) {
		let accepted = outcome.accepts();
		match self.items[&contribution].worth {
			Worth::Known(_) => self.tasks.push(Task::ProveItem(contribution)),
			worth if accepted != (worth == Worth::Good) => {
				self.tasks.push(Task::Appeal(contribution));
			}
			_ => {}
		}
	}

	pub(super) fn judge(&mut self, contribution: ContributionId, curator: Person) {
		let item = &self.items[&contribution];
		let claimed: u64 = item.lines.iter().map(|line| line.len() as u64).sum();
		let honest = item.worth == Worth::Good;
		let (accept, looked) = match self.spec.strategy {
			_ if !self.begun => (honest, true),
			Strategy::LazyCurator if curator == Person::Curator(0) => (true, false),
			Strategy::RandomCurator if curator == Person::Curator(0) => {
				(self.coin.below(2) == 0, false)
			}
			Strategy::PanelMinority if is_colluding(curator) => {
				(honest || item.worth == Worth::Junk, true)
			}
			Strategy::OwnCurators if is_colluding(curator) => (item.worth == Worth::Junk, true),
			_ => (honest, true),
		};
		if looked {
			self.spend(curator, JUDGING);
		}
		let verdict = Verdict { accept, quality: Ppm(800_000), bytes: claimed };
		let commitment = verdict.commitment(&SALT, &curator.account(), contribution);
		must(curator, Call::<Runtime>::commit_verdict { contribution, commitment });
		self.verdicts.insert((contribution, curator), verdict);
	}

	pub(super) fn speak(&mut self, contribution: ContributionId, curator: Person) {
		if let Some(verdict) = self.verdicts.remove(&(contribution, curator)) {
			must(curator, Call::<Runtime>::reveal_verdict { contribution, verdict, salt: SALT });
		}
	}

	pub(super) fn appeal(&mut self, contribution: ContributionId) {
		// too few curators may be left for a panel that could judge
		let _ = send(Person::Watcher, Call::<Runtime>::appeal { contribution });
	}

	pub(super) fn prove_item(&mut self, contribution: ContributionId) {
		let item = &self.items[&contribution];
		if let Worth::Known(original) = item.worth {
			self.prove_all(item.by, contribution, original);
		}
	}
}

fn is_colluding(curator: Person) -> bool {
	matches!(curator, Person::Curator(i) if i < MINORITY)
}
