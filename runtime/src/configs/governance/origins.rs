//! Who a referendum speaks as: one origin for each track below root, and what each may do.

pub use pallet::*;

use super::*;
use frame_support::{
	dispatch_context::with_context,
	traits::{EitherOf, EnsureOrigin},
};

/// Origins that only referenda have. It holds no state and has no calls.
#[frame_support::pallet]
pub mod pallet {
	use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
	use frame_support::pallet_prelude::*;
	use polkadot_sdk::*;

	/// Nothing is needed.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config {}

	/// See the module's documentation.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Who a referendum speaks as.
	#[derive(
		Clone,
		Copy,
		Debug,
		PartialEq,
		Eq,
		Encode,
		Decode,
		DecodeWithMemTracking,
		MaxEncodedLen,
		TypeInfo,
	)]
	#[pallet::origin]
	pub enum Origin {
		/// Dispatches calls that the technical committee has put on the whitelist.
		#[codec(index = 0)]
		WhitelistedCaller,
		/// Spends up to 10,000 OPEN of the treasury.
		#[codec(index = 1)]
		SmallSpender,
		/// Spends up to 100,000 OPEN of the treasury.
		#[codec(index = 2)]
		MediumSpender,
		/// Spends up to 1,000,000 OPEN of the treasury.
		#[codec(index = 3)]
		BigSpender,
		/// Turns parameters.
		#[codec(index = 4)]
		ParameterAdmin,
		/// Sets Datanets' curation rules, settles disputes over licences, delists Datanets.
		#[codec(index = 5)]
		DatanetPolicy,
		/// Lists and delists models; approves launches.
		#[codec(index = 6)]
		ModelListing,
		/// Cancels slashes that wait.
		#[codec(index = 7)]
		SlashCanceller,
		/// Safe mode, pauses, cancelling and killing referenda.
		#[codec(index = 8)]
		Emergency,
	}
}

macro_rules! ensure_origins {
	($($(#[$doc:meta])* $ensure:ident = $origin:ident;)*) => {
		$(
			$(#[$doc])*
			pub struct $ensure;

			impl EnsureOrigin<RuntimeOrigin> for $ensure {
				type Success = ();

				fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
					match origin.caller() {
						OriginCaller::Origins(Origin::$origin) => Ok(()),
						_ => Err(origin),
					}
				}

				#[cfg(feature = "runtime-benchmarks")]
				fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
					Ok(Origin::$origin.into())
				}
			}
		)*
	};
}

ensure_origins! {
	/// The whitelist's track.
	EnsureWhitelistedCaller = WhitelistedCaller;
	/// The parameters' track.
	EnsureParameterAdmin = ParameterAdmin;
	/// The Datanets' track.
	EnsureDatanetPolicy = DatanetPolicy;
	/// The models' track.
	EnsureModelListing = ModelListing;
	/// The slashes' track.
	EnsureSlashCanceller = SlashCanceller;
	/// The emergencies' track.
	EnsureEmergency = Emergency;
}

type Root = EnsureRoot<AccountId>;

/// May turn parameters.
pub type ParameterOrigin = EitherOf<Root, EnsureParameterAdmin>;
/// May rule over Datanets.
pub type DatanetPolicyOrigin = EitherOf<Root, EnsureDatanetPolicy>;
/// May list models and approve launches.
pub type ModelListingOrigin = EitherOf<Root, EnsureModelListing>;
/// May cancel slashes.
pub type SlashCancelOrigin = EitherOf<Root, EnsureSlashCanceller>;
/// May stop what goes wrong.
pub type EmergencyOrigin = EitherOf<Root, EnsureEmergency>;

/// Approves launches, which the treasury pays for: one in a dispatch.
pub type LaunchOrigin = OnceInADispatch<ModelListingOrigin>;

/// Answers once in a dispatch, but for root: what an origin may do at most, no batch does several
/// times.
pub struct OnceInADispatch<Inner>(core::marker::PhantomData<Inner>);

/// Whether [`OnceInADispatch`] has answered; one for all that spend.
#[derive(Default)]
struct Answered(bool);

impl<Inner: EnsureOrigin<RuntimeOrigin>> EnsureOrigin<RuntimeOrigin> for OnceInADispatch<Inner> {
	type Success = Inner::Success;

	fn try_origin(origin: RuntimeOrigin) -> Result<Self::Success, RuntimeOrigin> {
		let is_root =
			matches!(origin.caller(), OriginCaller::system(frame_system::RawOrigin::Root));
		let success = Inner::try_origin(origin.clone())?;
		let first = || {
			with_context::<Answered, _>(|answered| {
				!core::mem::replace(&mut answered.or_default().0, true)
			})
		};
		// outside of any dispatch nothing was answered before
		(is_root || first().unwrap_or(true)).then_some(success).ok_or(origin)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Inner::try_successful_origin()
	}
}

/// May spend of the treasury, and how many planck at most.
pub type Spender = OnceInADispatch<SpenderOfTrack>;

/// [`Spender`], however often it is asked.
pub struct SpenderOfTrack;

/// The most that each of the treasury's tracks may spend at once, in planck.
pub const SPENDS: [(Origin, Balance); 3] = [
	(Origin::SmallSpender, 10_000 * OPEN),
	(Origin::MediumSpender, 100_000 * OPEN),
	(Origin::BigSpender, 1_000_000 * OPEN),
];

impl EnsureOrigin<RuntimeOrigin> for SpenderOfTrack {
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		match origin.caller() {
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(Balance::MAX),
			OriginCaller::Origins(own) => {
				let spend = SPENDS.iter().find(|(origin, _)| origin == own);
				spend.map(|(_, most)| *most).ok_or(origin)
			}
			_ => Err(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Ok(RuntimeOrigin::root())
	}
}

impl pallet::Config for Runtime {}
