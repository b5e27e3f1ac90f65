//! Lets a genesis preset state parameters; pallet-parameters has no genesis of its own. It holds no
//! state and has no calls.

use polkadot_sdk::*;

pub use pallet::*;

/// See the module's documentation.
#[frame_support::pallet]
pub mod pallet {
	use crate::parameters::dynamic_params::{
		assembly, attribution, datanets, gopen, inference, launches, staking,
	};
	use crate::{Runtime, RuntimeParameters};
	use frame_support::pallet_prelude::*;
	use openledger_primitives::parameters as p;
	use polkadot_sdk::*;

	/// Only the OpenLedger runtime has these parameters.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config {}

	/// See the module's documentation.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Parameters that differ from their defaults from block 0 on.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// How contributions are judged.
		pub curation: Option<p::CurationParameters>,
		/// What a job costs.
		pub jobs: Option<p::JobParameters>,
		/// How committees answer.
		pub rounds: Option<p::RoundParameters>,
		/// How a fee is divided.
		pub split: Option<p::Split>,
		/// What roles cost.
		pub bonds: Option<p::BondParameters>,
		/// What collators earn.
		pub rewards: Option<p::RewardParameters>,
		/// gOPEN.
		pub gopen: Option<p::GopenParameters>,
		/// How the people of a Datanet decide on its policy.
		pub assembly: Option<p::AssemblyParameters>,
		/// Calls for data and launches.
		pub launches: Option<p::LaunchParameters>,
		/// No value.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let stated = [
				self.curation.map(|v| {
					RuntimeParameters::Datanets(datanets::Parameters::Curation(
						datanets::Curation,
						Some(v),
					))
				}),
				self.jobs.map(|v| {
					RuntimeParameters::Inference(inference::Parameters::Jobs(
						inference::Jobs,
						Some(v),
					))
				}),
				self.rounds.map(|v| {
					RuntimeParameters::Attribution(attribution::Parameters::Rounds(
						attribution::Rounds,
						Some(v),
					))
				}),
				self.split.map(|v| {
					RuntimeParameters::Attribution(attribution::Parameters::FeeSplit(
						attribution::FeeSplit,
						Some(v),
					))
				}),
				self.bonds.map(|v| {
					RuntimeParameters::Staking(staking::Parameters::Bonds(staking::Bonds, Some(v)))
				}),
				self.rewards.map(|v| {
					RuntimeParameters::Staking(staking::Parameters::Rewards(
						staking::Rewards,
						Some(v),
					))
				}),
				self.gopen.map(|v| {
					RuntimeParameters::Gopen(gopen::Parameters::Wrapping(gopen::Wrapping, Some(v)))
				}),
				self.assembly.map(|v| {
					RuntimeParameters::Assembly(assembly::Parameters::Voting(
						assembly::Voting,
						Some(v),
					))
				}),
				self.launches.map(|v| {
					RuntimeParameters::Launches(launches::Parameters::Launches(
						launches::Launches,
						Some(v),
					))
				}),
			];
			for parameter in stated.into_iter().flatten() {
				let (key, value) =
					frame_support::traits::dynamic_params::AggregatedKeyValue::into_parts(
						parameter,
					);
				if let Some(value) = value {
					pallet_parameters::Parameters::<Runtime>::insert(key, value);
				}
			}
		}
	}
}
