//! Launches: proposed, approved, delivered, and concluded or expired.

use crate::{
	AccountIdOf, Config, Error, Event, HoldReason, Launch, LaunchTerms, Launches, NextLaunch,
	Pallet, Stage, MAX_DELIVERIES,
};
use openledger_primitives::{
	traits::{Attested, Contributions, Finding, ModelListings},
	Balance, BlockNumber, LaunchId, ModelId,
};
use polkadot_sdk::{
	frame_support::{
		ensure,
		traits::{
			fungible::MutateHold,
			tokens::{Fortitude, Precision, Restriction},
			Get,
		},
	},
	sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_propose(proposer: AccountIdOf<T>, terms: LaunchTerms) -> DispatchResult {
		Self::check_launch(&proposer, &terms)?;
		let parameters = Self::parameters();
		let id = NextLaunch::<T>::get();
		NextLaunch::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);
		let bond = parameters.bond;
		T::Currency::hold(&HoldReason::Launch.into(), &proposer, bond)?;
		let until = Self::now().saturating_add(parameters.approval_period);
		Self::deposit_event(Event::LaunchProposed {
			launch: id,
			proposer: proposer.clone(),
			datanet: terms.datanet,
			budget: terms.call.budget,
			bond,
			until,
		});
		let stage = Stage::Proposed { until };
		Launches::<T>::insert(id, Launch { proposer, terms, bond, stage });
		Ok(())
	}

	/// Whether a launch with these terms may be proposed now, and may be approved.
	fn check_launch(proposer: &AccountIdOf<T>, terms: &LaunchTerms) -> Result<(), Error<T>> {
		let parameters = Self::parameters();
		Self::check_call(terms.datanet, &terms.call)?;
		ensure!(T::Datanets::may_train(proposer, terms.datanet), Error::<T>::TrainingNotPermitted);
		ensure!(terms.call.budget <= parameters.max_budget, Error::<T>::BudgetTooLarge);
		// a model that was trained on what the call brought needs more time than the call
		let period = terms.period;
		let long_enough = period > terms.call.period && period <= parameters.max_term;
		ensure!(long_enough, Error::<T>::InvalidPeriod);
		ensure!(terms.goal.is_valid(), Error::<T>::InvalidValue);
		let texts: [&[u8]; 3] = [&terms.name, &terms.note, &terms.metric];
		texts.into_iter().try_for_each(Self::check_text)
	}

	pub(crate) fn do_approve(id: LaunchId) -> DispatchResult {
		let mut launch = Self::existing(id)?;
		let Stage::Proposed { until } = launch.stage else {
			return Err(Error::<T>::AlreadyApproved.into());
		};
		let approved_at = Self::now();
		ensure!(approved_at <= until, Error::<T>::TooLate);
		// parameters may have changed since
		Self::check_launch(&launch.proposer, &launch.terms)?;
		let LaunchTerms { datanet, call, period, .. } = &launch.terms;
		let call = Self::open_call(T::Treasury::get(), *datanet, call.clone())?;
		let deadline = approved_at.saturating_add(*period);
		// nobody else decides whether the promise can be kept
		T::Datanets::keep_permission(*datanet, deadline);
		launch.stage = Stage::Open { call, approved_at, deadline, delivered: None, deliveries: 0 };
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::LaunchApproved { launch: id, call, deadline });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: AccountIdOf<T>, id: LaunchId) -> DispatchResult {
		let launch = Self::proposed_by(&who, id)?;
		ensure!(matches!(launch.stage, Stage::Proposed { .. }), Error::<T>::AlreadyApproved);
		let released = Self::release(id, &launch)?;
		Self::deposit_event(Event::LaunchWithdrawn { launch: id, released });
		Ok(())
	}

	pub(crate) fn do_deliver(who: AccountIdOf<T>, id: LaunchId, model: ModelId) -> DispatchResult {
		let mut launch = Self::proposed_by(&who, id)?;
		ensure!(Self::reached(&launch).is_err(), Error::<T>::GoalReached);
		let LaunchTerms { datanet, holdout, metric, .. } = &launch.terms;
		let Stage::Open { approved_at, deadline, ref mut delivered, ref mut deliveries, .. } =
			launch.stage
		else {
			return Err(Error::<T>::NotApproved.into());
		};
		ensure!(Self::now() <= deadline, Error::<T>::TooLate);
		ensure!(*deliveries < MAX_DELIVERIES, Error::<T>::TooManyDeliveries);
		let owner = T::Models::owner(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(owner == who, Error::<T>::NotModelOwner);
		ensure!(!T::Models::is_delisted(model), Error::<T>::ModelDelisted);
		let is_new = |version| T::Datanets::made_at(version).is_some_and(|at| at > approved_at);
		let trained = T::Models::trained_on(model)
			.iter()
			.any(|version| version.datanet == *datanet && is_new(version));
		ensure!(trained, Error::<T>::NotTrainedOnIt);
		// or one would have models evaluated until chance draws one's own workers, and deliver that one
		let evaluation = T::Models::evaluation(model, holdout, metric);
		ensure!(evaluation.is_none(), Error::<T>::AlreadyEvaluated);
		*deliveries = deliveries.saturating_add(1);
		*delivered = Some(model);
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::ModelDelivered { launch: id, model });
		Ok(())
	}

	pub(crate) fn do_conclude(id: LaunchId) -> DispatchResult {
		let launch = Self::existing(id)?;
		let (model, Attested { number, value, .. }) = Self::reached(&launch)?;
		T::Models::list(model)?;
		let released = Self::release(id, &launch)?;
		Self::deposit_event(Event::LaunchConcluded {
			launch: id,
			model,
			evaluation: number,
			value,
			released,
		});
		Ok(())
	}

	pub(crate) fn do_expire(id: LaunchId) -> DispatchResult {
		let launch = Self::existing(id)?;
		ensure!(Self::now() > last_block(&launch.stage), Error::<T>::NotExpired);
		let (released, forfeited) = match launch.stage {
			// that nobody voted for it is no fault; how many are proposed is bounded by bonds
			Stage::Proposed { .. } => (Self::release(id, &launch)?, 0),
			Stage::Open { .. } => {
				ensure!(Self::reached(&launch).is_err(), Error::<T>::GoalReached);
				// nobody trains on a Datanet that is gone; one that only takes no more data is no excuse
				match T::Datanets::is_gone(launch.terms.datanet) {
					true => (Self::release(id, &launch)?, 0),
					false => (0, Self::forfeit(id, &launch)?),
				}
			}
		};
		Self::deposit_event(Event::LaunchExpired { launch: id, released, forfeited });
		Ok(())
	}

	/// The delivered model and the evaluation that reached the goal in time.
	pub(crate) fn reached(
		launch: &Launch<AccountIdOf<T>>,
	) -> Result<(ModelId, Attested), Error<T>> {
		let Stage::Open { deadline, delivered, .. } = launch.stage else {
			return Err(Error::<T>::NotApproved);
		};
		let model = delivered.ok_or(Error::<T>::NotDelivered)?;
		ensure!(T::Models::owner(model).is_some(), Error::<T>::UnknownModel);
		ensure!(!T::Models::is_delisted(model), Error::<T>::ModelDelisted);
		let LaunchTerms { holdout, metric, goal, .. } = &launch.terms;
		match T::Models::evaluation(model, holdout, metric) {
			Some(Finding::Attested(found)) if found.at <= deadline && found.value >= *goal => {
				Ok((model, found))
			}
			_ => Err(Error::<T>::GoalMissed),
		}
	}

	fn existing(id: LaunchId) -> Result<Launch<AccountIdOf<T>>, Error<T>> {
		Launches::<T>::get(id).ok_or(Error::<T>::UnknownLaunch)
	}

	/// The launch, if `who` proposed it.
	fn proposed_by(who: &AccountIdOf<T>, id: LaunchId) -> Result<Launch<AccountIdOf<T>>, Error<T>> {
		let launch = Self::existing(id)?;
		ensure!(launch.proposer == *who, Error::<T>::NotProposer);
		Ok(launch)
	}

	/// Forgets a launch and gives its bond back.
	fn release(id: LaunchId, launch: &Launch<AccountIdOf<T>>) -> Result<Balance, DispatchError> {
		Launches::<T>::remove(id);
		let reason = HoldReason::Launch.into();
		T::Currency::release(&reason, &launch.proposer, launch.bond, Precision::Exact)
	}

	/// Forgets a launch; its bond is the treasury's.
	fn forfeit(id: LaunchId, launch: &Launch<AccountIdOf<T>>) -> Result<Balance, DispatchError> {
		Launches::<T>::remove(id);
		T::Currency::transfer_on_hold(
			&HoldReason::Launch.into(),
			&launch.proposer,
			&T::Treasury::get(),
			launch.bond,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
	}
}

/// The last block of a stage.
fn last_block(stage: &Stage) -> BlockNumber {
	match stage {
		Stage::Proposed { until } => *until,
		Stage::Open { deadline, .. } => *deadline,
	}
}
