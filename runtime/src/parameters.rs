//! What governance may turn, in pallet-parameters; see `docs/parameters.md` for units and bounds.
//! What must change together is one value; pallets clamp what they read.

use crate::*;
use frame_support::dynamic_params::{dynamic_pallet_params, dynamic_params};
use openledger_primitives::parameters as p;

/// Every parameter, by the pallet that reads it.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Datanets.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod datanets {
		/// How contributions are judged and what they cost.
		#[codec(index = 0)]
		pub static Curation: p::CurationParameters = p::CurationParameters::default();
	}

	/// Inference.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod inference {
		/// What a job costs besides the model's price.
		#[codec(index = 0)]
		pub static Jobs: p::JobParameters = p::JobParameters::default();
	}

	/// Attribution.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod attribution {
		/// How a committee answers and when its settlement is final.
		#[codec(index = 0)]
		pub static Rounds: p::RoundParameters = p::RoundParameters::default();
		/// How a fee is divided.
		#[codec(index = 1)]
		pub static FeeSplit: p::Split = p::Split::default();
	}

	/// Staking.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod staking {
		/// What a role costs and how long leaving it takes.
		#[codec(index = 0)]
		pub static Bonds: p::BondParameters = p::BondParameters::default();
		/// What collators earn.
		#[codec(index = 1)]
		pub static Rewards: p::RewardParameters = p::RewardParameters::default();
	}

	/// gOPEN.
	#[dynamic_pallet_params]
	#[codec(index = 4)]
	pub mod gopen {
		/// Cooldown and least deposit.
		#[codec(index = 0)]
		pub static Wrapping: p::GopenParameters = p::GopenParameters::default();
	}

	/// Datanets' assemblies.
	#[dynamic_pallet_params]
	#[codec(index = 5)]
	pub mod assembly {
		/// How the people of a Datanet decide on its policy.
		#[codec(index = 0)]
		pub static Voting: p::AssemblyParameters = p::AssemblyParameters::default();
	}

	/// Launches.
	#[dynamic_pallet_params]
	#[codec(index = 6)]
	pub mod launches {
		/// What calls for data and launches may ask for, and their times.
		#[codec(index = 0)]
		pub static Launches: p::LaunchParameters = p::LaunchParameters::default();
	}
}
