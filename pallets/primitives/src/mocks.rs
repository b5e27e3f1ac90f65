//! Stand-ins for the doors, for the tests of a single pallet. State is per thread.

use crate::{
	traits::{
		ActiveBond, Bonding, Chance, Clock, Committees, ContributionInfo, Contributions, Datanets,
		Finding, JobInfo, Jobs, Misconduct, ModelInfo, ModelListings, ModelUse, Models, Penalties,
		RefundReason, Role, SelfRule, StakeRewards, Terms, VotingPower,
	},
	Balance, BlobId, BlockNumber, ContributionId, DatanetId, DatanetVersion, JobId, ModelId, Ppm,
	WorkerKey,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::cell::RefCell;
use polkadot_sdk::sp_runtime::{DispatchError, DispatchResult};

/// Accounts of the mock runtimes.
pub type AccountId = u64;

/// What the mocks know; change it with [`State::with`].
#[derive(Default)]
pub struct State {
	/// Seeds by height.
	pub seeds: BTreeMap<BlockNumber, [u8; 32]>,
	/// Active bonds.
	pub bonds: BTreeMap<(Role, AccountId), ActiveBond>,
	/// Hot keys.
	pub keys: BTreeMap<AccountId, WorkerKey>,
	/// Versions that exist.
	pub versions: Vec<DatanetVersion>,
	/// Datanets that take no contributions.
	pub shut: Vec<DatanetId>,
	/// Data fees; a Datanet that is not named has none.
	pub data_fees: BTreeMap<DatanetId, Balance>,
	/// Builders that may not train.
	pub forbidden: Vec<AccountId>,
	/// Who is paid for a contribution.
	pub payees: BTreeMap<ContributionId, AccountId>,
	/// Registered models.
	pub models: BTreeMap<ModelId, ModelInfo<AccountId>>,
	/// Sums of least data fees of a call.
	pub model_fees: BTreeMap<ModelId, Balance>,
	/// Bases, their owners and royalties.
	pub lineages: BTreeMap<ModelId, Vec<(ModelId, AccountId, Ppm)>>,
	/// Open jobs.
	pub jobs: BTreeMap<JobId, JobInfo<AccountId>>,
	/// Jobs that were closed, with the sum spent.
	pub closed: Vec<(JobId, AccountId, Balance)>,
	/// Terms; a Datanet that is not named allows everything.
	pub terms: BTreeMap<DatanetId, Terms>,
	/// Contributions revoked since a version.
	pub revoked: BTreeMap<DatanetVersion, u32>,
	/// What contributions earned, and from whom.
	pub earned: Vec<(ContributionId, AccountId, Balance)>,
	/// Jobs that were forgotten.
	pub forgotten: Vec<JobId>,
	/// Penalties: role, who, part of the stake, why.
	pub slashed: Vec<(Role, AccountId, Ppm, Misconduct)>,
	/// Jailed: role, who, for how many blocks.
	pub jailed: Vec<(Role, AccountId, BlockNumber)>,
	/// Rewards of stake: role, operator, planck.
	pub rewarded: Vec<(Role, AccountId, Balance)>,
	/// Blocks in which people could act.
	pub active_blocks: BlockNumber,
	/// Who is drawn when a job needs more workers, in this order.
	pub reserve: Vec<AccountId>,
	/// Models whose service ended.
	pub unserved: Vec<ModelId>,
	/// Committees that were assigned.
	pub assigned: Vec<(JobId, Vec<AccountId>)>,
	/// Jobs that were refunded.
	pub refunded: Vec<(JobId, RefundReason)>,
	/// What lone workers must expect to lose by lying.
	pub deterrence: Option<Ppm>,
	/// Policies of the Datanets that exist.
	pub policies: BTreeMap<DatanetId, u32>,
	/// The window of earnings at hand.
	pub window: u32,
	/// What was earned, by Datanet, window and account.
	pub window_earnings: BTreeMap<(DatanetId, u32, AccountId), Balance>,
	/// The latest checkpoint of gOPEN.
	pub checkpoint: u32,
	/// gOPEN, by account and the checkpoint from which it counts.
	pub gopen: BTreeMap<(AccountId, u32), Balance>,
	/// Contributions, whatever became of them.
	pub contributions: BTreeMap<ContributionId, ContributionInfo<AccountId>>,
	/// Datanets of which nobody forbids anybody to train on until a block.
	pub kept_permissions: BTreeMap<DatanetId, BlockNumber>,
	/// Datanets that were closed or delisted.
	pub gone: Vec<DatanetId>,
	/// When versions were made; a Datanet of which one is named exists.
	pub made: BTreeMap<DatanetVersion, BlockNumber>,
	/// Evaluations: model, data set, metric, what was found.
	pub evaluations: Vec<(ModelId, BlobId, Vec<u8>, Finding)>,
	/// Models that are listed.
	pub listed: Vec<ModelId>,
	/// Models that were taken off the market.
	pub delisted: Vec<ModelId>,
}

std::thread_local! {
	static STATE: RefCell<State> = RefCell::new(State::default());
}

impl State {
	/// Reads or changes what the mocks of this thread know.
	pub fn with<R>(f: impl FnOnce(&mut State) -> R) -> R {
		STATE.with(|state| f(&mut state.borrow_mut()))
	}

	/// Forgets everything; call when building the externalities of a test.
	pub fn reset() {
		Self::with(|state| *state = State::default());
	}
}

/// Answers every door.
pub struct Mock;

impl Chance for Mock {
	const HISTORY: BlockNumber = 256;

	fn seed_at(height: BlockNumber) -> Option<[u8; 32]> {
		State::with(|s| s.seeds.get(&height).copied())
	}
}

impl Bonding<AccountId> for Mock {
	fn active_bond(role: Role, who: &AccountId) -> Option<ActiveBond> {
		State::with(|s| s.bonds.get(&(role, *who)).copied())
	}

	fn members(role: Role) -> Vec<(AccountId, ActiveBond)> {
		State::with(|s| {
			s.bonds
				.iter()
				.filter(|((r, _), _)| *r == role)
				.map(|((_, who), b)| (*who, *b))
				.collect()
		})
	}

	fn worker_key(who: &AccountId) -> Option<WorkerKey> {
		State::with(|s| s.keys.get(who).cloned())
	}

	fn worker_of(key: &WorkerKey) -> Option<AccountId> {
		State::with(|s| s.keys.iter().find(|(_, k)| *k == key).map(|(who, _)| *who))
	}
}

impl Penalties<AccountId> for Mock {
	fn slash(role: Role, who: &AccountId, part: Ppm, why: Misconduct) -> Balance {
		let bonded = Self::active_bond(role, who).map_or(0, |bond| bond.amount);
		State::with(|s| s.slashed.push((role, *who, part, why)));
		bonded.saturating_mul(part.0.into()) / Balance::from(Ppm::ONE.0)
	}

	fn jail(role: Role, who: &AccountId, blocks: BlockNumber) {
		State::with(|s| s.jailed.push((role, *who, blocks)));
	}
}

impl StakeRewards<AccountId> for Mock {
	fn pot() -> AccountId {
		u64::MAX
	}

	fn reward(role: Role, operator: &AccountId, amount: Balance) {
		State::with(|s| s.rewarded.push((role, *operator, amount)));
	}
}

impl Clock for Mock {
	fn active_blocks() -> BlockNumber {
		State::with(|s| s.active_blocks)
	}
}

impl Datanets<AccountId> for Mock {
	fn version_exists(version: &DatanetVersion) -> bool {
		State::with(|s| s.versions.contains(version))
	}

	fn ensure_may_train(builder: &AccountId, _: DatanetId) -> DispatchResult {
		if State::with(|s| s.forbidden.contains(builder)) {
			return Err(DispatchError::Other("may not train"));
		}
		Ok(())
	}

	fn data_fee(datanet: DatanetId) -> Balance {
		State::with(|s| s.data_fees.get(&datanet).copied().unwrap_or_default())
	}

	fn terms(datanet: DatanetId) -> Terms {
		State::with(|s| s.terms.get(&datanet).copied().unwrap_or_default())
	}

	fn revoked_since(version: &DatanetVersion) -> u32 {
		State::with(|s| s.revoked.get(version).copied().unwrap_or_default())
	}

	fn note_earning(contribution: ContributionId, payer: &AccountId, amount: Balance) {
		State::with(|s| s.earned.push((contribution, *payer, amount)));
	}

	fn payee(contribution: ContributionId, _: &[DatanetVersion]) -> Option<AccountId> {
		State::with(|s| s.payees.get(&contribution).copied())
	}
}

impl Contributions<AccountId> for Mock {
	fn takes_contributions(id: DatanetId) -> bool {
		State::with(|s| {
			let exists = s.made.keys().any(|version| version.datanet == id);
			exists && !s.shut.contains(&id)
		})
	}

	fn exists(id: DatanetId) -> bool {
		State::with(|s| s.made.keys().any(|version| version.datanet == id))
	}

	fn is_gone(id: DatanetId) -> bool {
		State::with(|s| s.gone.contains(&id))
	}

	fn may_train(builder: &AccountId, _: DatanetId) -> bool {
		State::with(|s| !s.forbidden.contains(builder))
	}

	fn keep_permission(id: DatanetId, until: BlockNumber) {
		State::with(|s| s.kept_permissions.insert(id, until));
	}

	fn contribution(id: ContributionId) -> Option<ContributionInfo<AccountId>> {
		State::with(|s| s.contributions.get(&id).copied())
	}

	fn made_at(version: &DatanetVersion) -> Option<BlockNumber> {
		State::with(|s| s.made.get(version).copied())
	}
}

impl ModelListings<AccountId> for Mock {
	fn owner(id: ModelId) -> Option<AccountId> {
		State::with(|s| s.models.get(&id).map(|model| model.owner))
	}

	fn trained_on(id: ModelId) -> Vec<DatanetVersion> {
		State::with(|s| s.models.get(&id).map(|model| model.datanets.clone()).unwrap_or_default())
	}

	fn evaluation(id: ModelId, dataset: &BlobId, metric: &[u8]) -> Option<Finding> {
		State::with(|s| {
			let is_it = |(model, on, by, _): &&(_, _, Vec<u8>, _)| {
				(*model, on, by.as_slice()) == (id, dataset, metric)
			};
			s.evaluations.iter().find(is_it).map(|(.., finding)| *finding)
		})
	}

	fn is_delisted(id: ModelId) -> bool {
		State::with(|s| s.delisted.contains(&id))
	}

	fn list(id: ModelId) -> DispatchResult {
		if <Self as ModelListings<AccountId>>::is_delisted(id) {
			return Err(DispatchError::Other("delisted"));
		}
		State::with(|s| s.listed.push(id));
		Ok(())
	}
}

impl Models<AccountId> for Mock {
	fn exists(id: ModelId) -> bool {
		State::with(|s| s.models.contains_key(&id))
	}

	fn model(id: ModelId) -> Option<ModelInfo<AccountId>> {
		State::with(|s| s.models.get(&id).cloned())
	}

	fn data_fee(id: ModelId) -> Balance {
		State::with(|s| s.model_fees.get(&id).copied().unwrap_or_default())
	}

	fn lineage(id: ModelId) -> Vec<(ModelId, AccountId, Ppm)> {
		State::with(|s| s.lineages.get(&id).cloned().unwrap_or_default())
	}
}

impl ModelUse for Mock {
	fn jobs_of(model: ModelId) -> u32 {
		let jobs = State::with(|s| s.jobs.values().filter(|job| job.model == model).count());
		u32::try_from(jobs).unwrap_or(u32::MAX)
	}

	fn end_service(model: ModelId) {
		State::with(|s| s.unserved.push(model));
	}
}

impl Jobs<AccountId> for Mock {
	fn job(id: JobId) -> Option<JobInfo<AccountId>> {
		State::with(|s| s.jobs.get(&id).cloned())
	}

	fn draw_more(
		_: JobId,
		height: BlockNumber,
		seats: u32,
		without: &[AccountId],
	) -> Option<Vec<AccountId>> {
		Self::seed_at(height)?;
		let seats = usize::try_from(seats).ok()?;
		let reserve = State::with(|s| s.reserve.clone());
		let drawn: Vec<_> =
			reserve.into_iter().filter(|who| !without.contains(who)).take(seats).collect();
		(drawn.len() == seats).then_some(drawn)
	}

	fn close(id: JobId, to: &AccountId, spent: Balance) -> Result<(), DispatchError> {
		State::with(|s| {
			if !s.jobs.contains_key(&id) {
				return Err(DispatchError::CannotLookup);
			}
			s.closed.push((id, *to, spent));
			Ok(())
		})
	}

	fn forget(id: JobId) {
		State::with(|s| {
			s.jobs.remove(&id);
			s.forgotten.push(id);
		});
	}
}

impl Committees<AccountId> for Mock {
	fn assign(job: JobId, committee: Vec<AccountId>) -> DispatchResult {
		State::with(|s| s.assigned.push((job, committee)));
		Ok(())
	}

	fn refund(job: JobId, reason: RefundReason) -> DispatchResult {
		State::with(|s| s.refunded.push((job, reason)));
		Ok(())
	}

	fn deterrence() -> Option<Ppm> {
		State::with(|s| s.deterrence)
	}
}

/// The greatest policy that stands within the bounds of [`Mock`]'s Datanets.
pub const MAX_POLICY: u32 = 7;
/// Blocks of one window of [`Mock`]'s Datanets.
pub const WINDOW_LENGTH: BlockNumber = 100;

impl SelfRule<AccountId> for Mock {
	type Policy = u32;

	fn exists(datanet: DatanetId) -> bool {
		State::with(|s| s.policies.contains_key(&datanet))
	}

	fn window() -> u32 {
		State::with(|s| s.window)
	}

	fn window_length() -> BlockNumber {
		WINDOW_LENGTH
	}

	fn earned(datanet: DatanetId, who: &AccountId, window: u32) -> Balance {
		let key = (datanet, window, *who);
		State::with(|s| s.window_earnings.get(&key).copied().unwrap_or_default())
	}

	fn earned_by_all(datanet: DatanetId, window: u32) -> Balance {
		let all = (datanet, window, AccountId::MIN)..=(datanet, window, AccountId::MAX);
		State::with(|s| s.window_earnings.range(all).map(|(_, amount)| amount).sum())
	}

	fn within_bounds(policy: u32) -> u32 {
		policy.min(MAX_POLICY)
	}

	fn set_policy(datanet: DatanetId, policy: u32) -> DispatchResult {
		if !<Self as SelfRule<AccountId>>::exists(datanet) {
			return Err(DispatchError::CannotLookup);
		}
		let policy = <Self as SelfRule<AccountId>>::within_bounds(policy);
		State::with(|s| s.policies.insert(datanet, policy));
		Ok(())
	}
}

impl VotingPower<AccountId> for Mock {
	fn latest_checkpoint() -> u32 {
		State::with(|s| s.checkpoint)
	}

	fn held_at(who: &AccountId, checkpoint: u32) -> Balance {
		let counted = (*who, 0)..=(*who, checkpoint);
		State::with(|s| s.gopen.range(counted).map(|(_, amount)| amount).sum())
	}
}
