//! What those who send calls see of the state: the lists from which their calls are made.

use openledger_attribution::{Claimable, MaturingItems, Rounds};
use openledger_datanets::{
	Contribution, Contributions, Datanet, Datanets as DatanetMap, DuplicateProof, DuplicateProofs,
	Reviews,
};
use openledger_gopen::{Ballots, Deposits, Received, ReferendumIndex, TrackId, Withdrawals};
use openledger_inference::{Servers, Waiting};
use openledger_models::{EvaluationRecord, Evaluations, Model, Models as ModelMap};
use openledger_primitives::{traits::Role, ContributionId, DatanetId, JobId, ModelId};
use openledger_runtime::{configs, AccountId, Balance, BlockNumber, Inference, Runtime, System};
use openledger_staking::{
	Bond, Bonds, Chunks, Delegation, Delegations, Operator, Operators, Slashes, Unbonding,
};
use polkadot_sdk::{
	pallet_proxy,
	pallet_referenda::{ReferendumInfo, ReferendumInfoFor},
	sp_runtime::traits::AccountIdConversion,
};

/// What a proxy may do.
pub type ProxyType = <Runtime as pallet_proxy::Config>::ProxyType;

/// See the module's documentation. Lists are in the order of their storage keys.
#[derive(Default)]
pub struct View {
	/// The block being built.
	pub now: BlockNumber,
	/// All Datanets.
	pub datanets: Vec<(DatanetId, Datanet<AccountId>)>,
	/// All contributions.
	pub contributions: Vec<(ContributionId, Contribution<AccountId>)>,
	/// Contributions under review.
	pub reviews: Vec<ContributionId>,
	/// Proofs of duplicates and their provers.
	pub proofs: Vec<(ContributionId, AccountId, DuplicateProof)>,
	/// All models.
	pub models: Vec<(ModelId, Model<AccountId>)>,
	/// All evaluations.
	pub evaluations: Vec<(ModelId, u32, EvaluationRecord<AccountId>)>,
	/// Jobs that wait for their draw.
	pub waiting: Vec<JobId>,
	/// Jobs with a committee at work.
	pub rounds: Vec<JobId>,
	/// Jobs whose receipts can still be disputed.
	pub maturing: Vec<JobId>,
	/// Who can claim.
	pub claimable: Vec<AccountId>,
	/// Who serves what.
	pub servers: Vec<(ModelId, AccountId)>,
	/// Bonds.
	pub bonds: Vec<(Role, AccountId, Bond)>,
	/// What leaves bonds.
	pub unbonding: Vec<(Role, AccountId, Chunks)>,
	/// Delegator, role, operator.
	pub delegations: Vec<(AccountId, Role, AccountId, Delegation)>,
	/// Operators.
	pub operators: Vec<(Role, AccountId, Operator)>,
	/// Slashes that wait.
	pub slashes: Vec<u64>,
	/// gOPEN, in planck.
	pub deposits: Vec<(AccountId, Balance)>,
	/// Who has gOPEN on its way out.
	pub withdrawals: Vec<AccountId>,
	/// Who delegates votes on which track.
	pub vote_delegations: Vec<(AccountId, TrackId)>,
	/// Who votes for others.
	pub vote_delegates: Vec<AccountId>,
	/// Account, track, referendum: votes.
	pub ballots: Vec<(AccountId, TrackId, ReferendumIndex)>,
	/// Referenda that run.
	pub running: Vec<ReferendumIndex>,
	/// Referenda that have ended.
	pub ended: Vec<ReferendumIndex>,
	/// Account, its proxy, and what that may do.
	pub proxies: Vec<(AccountId, AccountId, ProxyType)>,
}

impl View {
	/// Looks at the state at hand.
	pub fn look() -> Self {
		let servers = Servers::<Runtime>::iter().flat_map(|(model, servers)| {
			servers.into_iter().map(move |server| (model, server.worker))
		});
		let proxies = pallet_proxy::Proxies::<Runtime>::iter().flat_map(|(real, (proxies, _))| {
			let of = move |proxy: pallet_proxy::ProxyDefinition<_, _, _>| {
				(real.clone(), proxy.delegate, proxy.proxy_type)
			};
			proxies.into_iter().map(of)
		});
		let delegations = Delegations::<Runtime>::iter()
			.map(|((who, role, operator), delegation)| (who, role, operator, delegation));
		let vote_delegations =
			openledger_gopen::Delegations::<Runtime>::iter().flat_map(|(who, to)| {
				to.into_iter().filter(|d| d.until.is_none()).map(move |d| (who.clone(), d.track))
			});
		let ballots = Ballots::<Runtime>::iter().flat_map(|(who, track, ballots)| {
			ballots.into_iter().map(move |ballot| (who.clone(), track, ballot.referendum))
		});
		let (running, ended): (Vec<_>, Vec<_>) = ReferendumInfoFor::<Runtime>::iter()
			.partition(|(_, info)| matches!(info, ReferendumInfo::Ongoing(_)));
		let numbers = |referenda: Vec<_>| referenda.into_iter().map(|(index, _)| index).collect();
		Self {
			now: System::block_number(),
			datanets: DatanetMap::<Runtime>::iter().collect(),
			contributions: Contributions::<Runtime>::iter().collect(),
			reviews: Reviews::<Runtime>::iter_keys().collect(),
			proofs: DuplicateProofs::<Runtime>::iter().collect(),
			models: ModelMap::<Runtime>::iter().collect(),
			evaluations: Evaluations::<Runtime>::iter().collect(),
			waiting: Waiting::<Runtime>::iter_keys().collect(),
			rounds: Rounds::<Runtime>::iter_keys().collect(),
			maturing: MaturingItems::<Runtime>::iter_values().map(|due| due.job).collect(),
			claimable: Claimable::<Runtime>::iter_keys().collect(),
			servers: servers.collect(),
			bonds: Bonds::<Runtime>::iter().collect(),
			unbonding: Unbonding::<Runtime>::iter().collect(),
			delegations: delegations.collect(),
			operators: Operators::<Runtime>::iter().collect(),
			slashes: Slashes::<Runtime>::iter_keys().collect(),
			deposits: Deposits::<Runtime>::iter().collect(),
			withdrawals: Withdrawals::<Runtime>::iter_keys().collect(),
			vote_delegations: vote_delegations.collect(),
			vote_delegates: Received::<Runtime>::iter_keys().map(|(_, who)| who).collect(),
			ballots: ballots.collect(),
			running: numbers(running),
			ended: numbers(ended),
			proxies: proxies.collect(),
		}
	}

	/// The bond of `who` in `role`.
	pub fn bond(&self, role: Role, who: &AccountId) -> Option<&Bond> {
		self.bonds.iter().find(|(r, w, _)| *r == role && w == who).map(|(.., bond)| bond)
	}

	/// Who has a bond in `role` that is not chilled.
	pub fn members(&self, role: Role) -> Vec<AccountId> {
		let active = |(r, _, bond): &&(Role, AccountId, Bond)| *r == role && !bond.chilled;
		self.bonds.iter().filter(active).map(|(_, who, _)| who.clone()).collect()
	}

	/// Models that take requests and that somebody serves.
	pub fn served(&self) -> Vec<ModelId> {
		let models: std::collections::BTreeSet<_> =
			self.servers.iter().map(|(model, _)| *model).collect();
		models.into_iter().filter(|model| Inference::quote(*model, 1).is_some()).collect()
	}
}

/// How many [`pots`] there are.
pub const POTS: usize = 3;

/// Accounts whose balance is an invariant of its own.
pub fn pots() -> [AccountId; POTS] {
	[
		configs::AttributionPotId::get().into_account_truncating(),
		configs::StakingPotId::get().into_account_truncating(),
		configs::LaunchesPotId::get().into_account_truncating(),
	]
}
