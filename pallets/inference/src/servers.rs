//! Who serves which model.

use crate::{pallet::*, runtime_api::ServerView, Server};
use alloc::vec::Vec;
use openledger_primitives::{
	traits::{Bonding, ModelUse, Models, Role},
	Balance, ModelId,
};
use polkadot_sdk::{
	frame_support::ensure,
	sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_serve(worker: T::AccountId, model: ModelId) -> DispatchResult {
		ensure!(T::Models::exists(model), Error::<T>::UnknownModel);
		ensure!(T::Bonding::active_bond(Role::Worker, &worker).is_some(), Error::<T>::NotBonded);
		ensure!(T::Bonding::worker_key(&worker).is_some(), Error::<T>::NoWorkerKey);
		let ended = Servers::<T>::try_mutate(model, |servers| {
			ensure!(servers.iter().all(|s| s.worker != worker), Error::<T>::AlreadyServing);
			let mut ended = Vec::new();
			if servers.is_full() {
				// who cannot be drawn anyway must not keep others out
				servers.retain(|server| {
					let bonded = T::Bonding::active_bond(Role::Worker, &server.worker).is_some();
					if !bonded {
						ended.push(server.worker.clone());
					}
					bonded
				});
			}
			servers
				.try_push(Server { worker: worker.clone(), since: Self::now() })
				.map_err(|_| Error::<T>::TooManyServers)?;
			Ok::<_, DispatchError>(ended)
		})?;
		for worker in ended {
			Self::deposit_event(Event::ServingEnded { model, worker });
		}
		Self::deposit_event(Event::ServingStarted { model, worker });
		Ok(())
	}

	pub(crate) fn do_withdraw(worker: T::AccountId, model: ModelId) -> DispatchResult {
		Servers::<T>::try_mutate_exists(model, |slot| {
			let mut servers = slot.take().ok_or(Error::<T>::NotServing)?;
			let before = servers.len();
			servers.retain(|server| server.worker != worker);
			ensure!(servers.len() < before, Error::<T>::NotServing);
			*slot = Some(servers).filter(|servers| !servers.is_empty());
			Ok::<_, DispatchError>(())
		})?;
		Self::deposit_event(Event::ServingEnded { model, worker });
		Ok(())
	}

	/// The workers that serve `model`, for the runtime API.
	pub fn server_views(model: ModelId) -> Vec<ServerView<T::AccountId>> {
		let maturity = Self::parameters().maturity;
		Servers::<T>::get(model)
			.into_iter()
			.map(|Server { worker, since }| {
				let bond = T::Bonding::active_bond(Role::Worker, &worker);
				ServerView {
					bond: bond.map_or(0, |bond| bond.amount),
					mature_at: bond.map(|bond| since.max(bond.since).saturating_add(maturity)),
					worker,
					since,
				}
			})
			.collect()
	}

	/// The models that `worker` serves, for the runtime API: it goes through all models.
	pub fn served_by(worker: &T::AccountId) -> Vec<ModelId> {
		let mut models: Vec<_> = Servers::<T>::iter()
			.filter(|(_, servers)| servers.iter().any(|server| server.worker == *worker))
			.map(|(model, _)| model)
			.collect();
		models.sort();
		models
	}

	/// Who can be drawn for a request for `model` at `requested_at`.
	pub(crate) fn candidates(model: ModelId, requested_at: u32) -> Vec<Candidate<T::AccountId>> {
		let parameters = Self::parameters();
		let mature = |since: u32| since.saturating_add(parameters.maturity) <= requested_at;
		Servers::<T>::get(model)
			.into_iter()
			.filter(|server| mature(server.since))
			.filter_map(|server| {
				let bond = T::Bonding::active_bond(Role::Worker, &server.worker)?;
				mature(bond.since).then(|| Candidate {
					worker: server.worker,
					bond: bond.amount,
					weight: bond.amount.min(parameters.seat_bond_cap),
				})
			})
			.collect()
	}
}

impl<T: Config> ModelUse for Pallet<T> {
	fn jobs_of(model: ModelId) -> u32 {
		ModelJobs::<T>::get(model)
	}

	fn end_service(model: ModelId) {
		for Server { worker, .. } in Servers::<T>::take(model) {
			Self::deposit_event(Event::ServingEnded { model, worker });
		}
	}
}

/// A server that can be drawn.
pub(crate) struct Candidate<AccountId> {
	pub worker: AccountId,
	/// Its active bond, in planck.
	pub bond: Balance,
	/// What it is drawn by: its bond, capped.
	pub weight: Balance,
}
