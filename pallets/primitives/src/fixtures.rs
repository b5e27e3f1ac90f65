//! State of one pallet that the benchmarks of another start from. Each trait is implemented by the
//! pallet that keeps the state; where that fails, so does the benchmark.

use crate::{
	traits::Role, Balance, BlobId, BlockNumber, ContributionId, DatanetId, DatanetVersion, JobId,
	ModelId, Ppm, WorkerKey,
};
use alloc::vec::Vec;

/// Bonds and worker keys. Implemented by staking.
pub trait BondFixtures<AccountId> {
	/// Gives `who` `amount` planck and bonds them in `role`, as if in block 0: the bond has matured.
	fn bond(role: Role, who: &AccountId, amount: Balance);
	/// Gives `who` `amount` planck and delegates them to `operator`.
	fn delegate(role: Role, who: &AccountId, operator: &AccountId, amount: Balance);
	/// Makes `key` the hot key of the worker `who`, without a proof.
	fn set_worker_key(who: &AccountId, key: &WorkerKey);
	/// Lets as many slashes wait as may, so that each further one executes the oldest. The `oldest`
	/// oldest take all that stands behind a worker: bond, delegations, and what of both unbonds.
	fn fill_slashes(oldest: u32);
}

/// Seeds. Implemented by chance.
pub trait ChanceFixtures {
	/// Stores `seed` as that of the end of block `height`.
	fn set_seed(height: BlockNumber, seed: [u8; 32]);
}

/// Datanets. Implemented by datanets.
pub trait DatanetFixtures<AccountId> {
	/// Creates an open Datanet of `owner` with a data fee of `data_fee` planck, nothing accepted.
	fn datanet(owner: &AccountId, data_fee: Balance) -> DatanetId;
	/// Accepts a contribution of `contributor`; answers its id and the version that it makes.
	fn contribution(
		datanet: DatanetId,
		contributor: &AccountId,
	) -> (ContributionId, DatanetVersion);
}

/// Models. Implemented by models.
pub trait ModelFixtures {
	/// Registers an adapter at the end of a lineage as long as it may be, each model of another owner
	/// and with prices, trained on as many Datanets as may be, each with a data fee and one accepted
	/// contribution. Answers the adapter and the contributions in the order of their ids.
	fn deepest_model() -> (ModelId, Vec<ContributionId>);
}

/// Evaluated models. Implemented by models.
pub trait ListingFixtures<AccountId> {
	/// Registers a model of `owner` that was trained on `version`, with as many attested evaluations
	/// as are kept.
	fn evaluated_model(owner: &AccountId, version: DatanetVersion) -> ModelId;
	/// Makes one of them an evaluation by `metric` on `dataset`, attested now at `value`: the one that
	/// a search comes to last.
	fn attested(model: ModelId, dataset: BlobId, metric: &[u8], value: Ppm);
}

/// Requests. Implemented by inference.
pub trait JobFixtures<AccountId> {
	/// Lets as many workers as may serve `model`, each with a bond and delegations, as if since block
	/// 0; answers them.
	fn serve_fully(model: ModelId) -> Vec<AccountId>;
	/// Gives `caller` what `model` asks for `committee` seats, holds it, and opens the job with the
	/// longest inline input, as if its committee were drawn.
	fn drawn_job(model: ModelId, caller: &AccountId, committee: u8) -> JobId;
	/// Keeps the request of a closed job of `model`, which need not exist.
	fn closed_job(model: ModelId, caller: &AccountId) -> JobId;
}

/// Datanets with people who vote on them. Implemented by datanets.
pub trait SelfRuleFixtures<AccountId, Policy> {
	/// Lets `who` have earned `amount` planck in `datanet` in the window before the one at hand, of
	/// which there is one.
	fn earn(datanet: DatanetId, who: &AccountId, amount: Balance);
	/// Rules that are not the default.
	fn policy() -> Policy;
}

/// gOPEN. Implemented by gopen.
pub trait VotingPowerFixtures<AccountId> {
	/// Gives `who` `amount` planck, deposits them, and makes a checkpoint of it.
	fn deposit(who: &AccountId, amount: Balance);
}
