//! What a principal may try, and what it is compared with.

use crate::people::{Person, CONTRIBUTORS, CURATORS, SPLIT_WORKERS, SYBILS, WORKERS};
use openledger_primitives::OPEN;
use openledger_runtime::Balance;

/// Workers that collude: a third.
pub const COALITION: u8 = WORKERS / 3;
/// Curators that collude: a third.
pub const MINORITY: u8 = CURATORS / 3;

/// Where the principal earns, and so who its honest peers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
	/// By records.
	Contributors,
	/// By verdicts.
	Curators,
	/// By answers.
	Workers,
	/// By models and calls.
	Market,
}

/// What the principal does; see the table in `docs/simulation.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // `title` says it
pub enum Strategy {
	Honest,
	Generous,
	ExactCopy,
	NearCopy,
	DisguisedCopy,
	OtherDatanet,
	SplitContributor,
	Boilerplate,
	LabelFlip,
	OutlierInflation,
	ShadowInflation,
	Squatting,
	ClusterBridging,
	RevokeAndReturn,
	LazyCurator,
	RandomCurator,
	PanelMinority,
	OwnCurators,
	LazyWorker,
	ReportCopier,
	AnswerForger,
	Coalition,
	HiddenCoalition,
	Withholding,
	SingleThief,
	SplitWorker,
	SelfDealing,
	UnfetchableInputs,
	LineageStuffing,
	ZeroPrice,
}

/// What a world and its honest twin share besides seed and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting {
	/// Bond of every worker, in planck.
	pub bond: Balance,
}

/// Bond of a worker, the least there is, in planck.
pub const WORKER_BOND: Balance = 1_000 * OPEN;

impl Strategy {
	/// All that are not honest.
	pub const ALL: [Self; 28] = [
		Self::ExactCopy,
		Self::NearCopy,
		Self::DisguisedCopy,
		Self::OtherDatanet,
		Self::SplitContributor,
		Self::Boilerplate,
		Self::LabelFlip,
		Self::OutlierInflation,
		Self::ShadowInflation,
		Self::Squatting,
		Self::ClusterBridging,
		Self::RevokeAndReturn,
		Self::LazyCurator,
		Self::RandomCurator,
		Self::PanelMinority,
		Self::OwnCurators,
		Self::LazyWorker,
		Self::ReportCopier,
		Self::AnswerForger,
		Self::Coalition,
		Self::HiddenCoalition,
		Self::Withholding,
		Self::SingleThief,
		Self::SplitWorker,
		Self::SelfDealing,
		Self::UnfetchableInputs,
		Self::LineageStuffing,
		Self::ZeroPrice,
	];

	/// Its name in reports and for `--only`.
	pub fn title(self) -> &'static str {
		match self {
			Self::Honest => "honest",
			Self::Generous => "honest with twice the records",
			Self::ExactCopy => "exact copy",
			Self::NearCopy => "near copy",
			Self::DisguisedCopy => "disguised copy",
			Self::OtherDatanet => "copy into another Datanet",
			Self::SplitContributor => "split into 10 accounts",
			Self::Boilerplate => "boilerplate stuffing",
			Self::LabelFlip => "label flip",
			Self::OutlierInflation => "outlier inflation",
			Self::ShadowInflation => "shadow inflation",
			Self::Squatting => "squatting trivial records",
			Self::ClusterBridging => "cluster bridging",
			Self::RevokeAndReturn => "revoke and return",
			Self::LazyCurator => "lazy curator",
			Self::RandomCurator => "random curator",
			Self::PanelMinority => "colluding panel minority",
			Self::OwnCurators => "owner with own curators",
			Self::LazyWorker => "lazy worker",
			Self::ReportCopier => "report copier",
			Self::AnswerForger => "answer forger",
			Self::Coalition => "coalition of a third of bonds",
			Self::HiddenCoalition => "coalition of a third, unseen",
			Self::Withholding => "withholding after commit",
			Self::SingleThief => "K = 1 thief who contributes",
			Self::SplitWorker => "worker split into 10",
			Self::SelfDealing => "self-dealing caller",
			Self::UnfetchableInputs => "unfetchable inputs",
			Self::LineageStuffing => "lineage stuffing",
			Self::ZeroPrice => "zero-price bypass",
		}
	}

	/// Whose income counts as the principal's, in its world and in the honest one.
	pub fn principal(self) -> Vec<Person> {
		let contributor =
			|| [Person::Contributor(0)].into_iter().chain((0..SYBILS).map(Person::Sybil));
		match self {
			Self::LazyCurator | Self::RandomCurator => vec![Person::Curator(0)],
			Self::PanelMinority | Self::OwnCurators => (0..MINORITY).map(Person::Curator).collect(),
			Self::LazyWorker | Self::ReportCopier | Self::AnswerForger | Self::Withholding => {
				vec![Person::Worker(0)]
			}
			Self::Coalition | Self::HiddenCoalition => {
				(0..COALITION).map(Person::Worker).chain([Person::Contributor(0)]).collect()
			}
			Self::SingleThief => vec![Person::Worker(0), Person::Contributor(0)],
			Self::SplitWorker => [0]
				.into_iter()
				.chain(SPLIT_WORKERS..SPLIT_WORKERS + SYBILS)
				.map(Person::Worker)
				.collect(),
			Self::SelfDealing => {
				vec![Person::Contributor(0), Person::Worker(0), Person::Builder, Person::Caller(1)]
			}
			Self::UnfetchableInputs => vec![Person::Caller(1)],
			Self::LineageStuffing => vec![Person::Adapter],
			Self::ZeroPrice => vec![Person::Builder, Person::Caller(0)],
			_ => contributor().collect(),
		}
	}

	/// See [`Group`].
	pub fn group(self) -> Group {
		match self {
			Self::LazyCurator | Self::RandomCurator | Self::PanelMinority | Self::OwnCurators => {
				Group::Curators
			}
			Self::LazyWorker
			| Self::ReportCopier
			| Self::AnswerForger
			| Self::Coalition
			| Self::HiddenCoalition
			| Self::Withholding
			| Self::SingleThief
			| Self::SplitWorker => Group::Workers,
			Self::SelfDealing
			| Self::UnfetchableInputs
			| Self::LineageStuffing
			| Self::ZeroPrice => Group::Market,
			_ => Group::Contributors,
		}
	}

	/// The honest who earn as the principal does.
	pub fn peers(self) -> Vec<Person> {
		let contributors = || (0..CONTRIBUTORS).map(Person::Contributor);
		let workers = || (0..WORKERS).map(Person::Worker);
		let mut peers: Vec<_> = match self.group() {
			Group::Contributors => contributors().collect(),
			Group::Curators => (0..CURATORS).map(Person::Curator).collect(),
			// who steals as a worker takes from contributors
			Group::Workers if self.steals() => workers().chain(contributors()).collect(),
			Group::Workers => workers().collect(),
			Group::Market => workers().chain(contributors()).chain([Person::Builder]).collect(),
		};
		let principal = self.principal();
		peers.retain(|person| !principal.contains(person));
		peers
	}

	/// See [`Setting`].
	pub fn setting(self) -> Setting {
		match self {
			Self::SplitWorker => Setting { bond: WORKER_BOND * Balance::from(SYBILS) },
			_ => Setting { bond: WORKER_BOND },
		}
	}

	/// How the principal would behave honestly: with as many records where it adds some.
	pub fn twin(self) -> Self {
		match self {
			Self::NearCopy
			| Self::DisguisedCopy
			| Self::Boilerplate
			| Self::Squatting
			| Self::ClusterBridging => Self::Generous,
			_ => Self::Honest,
		}
	}

	/// Whether the gain must not exceed one; otherwise it is only reported.
	pub fn is_bounded(self) -> bool {
		self != Self::SplitWorker
	}

	/// Whether the gain is at most one by construction, in every world and not on average.
	pub fn is_by_construction(self) -> bool {
		matches!(self, Self::ExactCopy | Self::OtherDatanet | Self::SplitContributor)
	}

	fn steals(self) -> bool {
		matches!(self, Self::Coalition | Self::HiddenCoalition | Self::SingleThief)
	}

	/// Whether it changes what records are on offer.
	pub fn changes_records(self) -> bool {
		self.group() == Group::Contributors && self != Self::Honest
	}
}
