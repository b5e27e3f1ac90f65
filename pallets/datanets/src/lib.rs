#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]
#![cfg_attr(
	not(test),
	deny(
		clippy::unwrap_used,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::arithmetic_side_effects
	)
)]

extern crate alloc;

mod contributions;
mod curation;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod ownership;
mod panel;
pub mod runtime_api;
pub mod types;
mod versions;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use openledger_primitives::{
	parameters::{Clamp, CurationParameters},
	queue::Queue,
	BlockNumber, ContributionId,
};
use polkadot_sdk::{
	frame_support::traits::Get, frame_system, sp_runtime::traits::SaturatedConversion,
};

/// Blocks from an offer to the block whose seed draws the panel: nobody knows the seed at the offer.
pub const DRAW_DELAY: BlockNumber = 3;

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// A contribution and the block at whose end it is due.
pub(crate) type Due = (ContributionId, BlockNumber);
pub(crate) type DrawQueue<T> = Queue<Due, DrawBounds<T>, Draws<T>>;
pub(crate) type CommitQueue<T> = Queue<Due, CommitBounds<T>, CommitDeadlines<T>>;
pub(crate) type RevealQueue<T> = Queue<Due, RevealBounds<T>, RevealDeadlines<T>>;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use openledger_primitives::{
		merkle::Hash,
		traits::{Bonding, Chance},
		Balance, DatanetId, Ppm,
	};
	use polkadot_sdk::{
		frame_support::{
			pallet_prelude::*,
			traits::fungible::{hold, Inspect, Mutate, MutateHold},
		},
		frame_system::pallet_prelude::*,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime gives.
	#[pallet::config]
	pub trait Config: polkadot_sdk::frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN, in planck.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ Mutate<Self::AccountId>
			+ hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// What governance may turn.
		type Parameters: Get<CurationParameters>;

		/// Seeds by height. Its `on_finalize` comes before this pallet's.
		type Chance: Chance;

		/// Who is bonded as a curator.
		type Curators: Bonding<Self::AccountId>;

		/// Gets what absent curators leave of a review fee; kept alive by the runtime.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Most curators that [`Config::Curators`] lists; for weights.
		#[pallet::constant]
		type MaxCurators: Get<u32>;

		/// Most panels drawn at the end of a block.
		#[pallet::constant]
		type MaxDrawsPerBlock: Get<u32>;

		/// Most commit phases, and most reveal phases, ended by their deadline at the end of a block.
		#[pallet::constant]
		type MaxDeadlinesPerBlock: Get<u32>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why OPEN is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a Datanet.
		#[codec(index = 0)]
		Datanet,
		/// Bond of a contribution.
		#[codec(index = 1)]
		Contribution,
		/// Fee of a review that is not settled.
		#[codec(index = 2)]
		Review,
	}

	/// The id of the next Datanet.
	#[pallet::storage]
	pub type NextDatanet<T> = StorageValue<_, DatanetId, ValueQuery>;

	/// The id of the next contribution.
	#[pallet::storage]
	pub type NextContribution<T> = StorageValue<_, ContributionId, ValueQuery>;

	/// Datanet → what it is.
	#[pallet::storage]
	pub type Datanets<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Datanet<T::AccountId>, OptionQuery>;

	/// Datanet → who may train on it; none means everyone.
	#[pallet::storage]
	pub type Permissions<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Permission<T::AccountId>, ValueQuery>;

	/// Contribution → what it is, while pending and once accepted, revoked ones included.
	#[pallet::storage]
	pub type Contributions<T: Config> =
		StorageMap<_, Twox64Concat, ContributionId, Contribution<T::AccountId>, OptionQuery>;

	/// Root → the one contribution that has it, in whichever Datanet.
	#[pallet::storage]
	pub type Roots<T> = StorageMap<_, Blake2_128Concat, Hash, ContributionId, OptionQuery>;

	/// Datanet, leaf → the contribution at that leaf of the accepted range.
	#[pallet::storage]
	pub type Leaves<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		u64,
		ContributionId,
		OptionQuery,
	>;

	/// Datanet → the mountain ranges behind its next version.
	#[pallet::storage]
	pub type VersionRanges<T> = StorageMap<_, Twox64Concat, DatanetId, Ranges, ValueQuery>;

	/// Datanet, number from 1 → the version.
	#[pallet::storage]
	pub type Versions<T> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, u32, Version, OptionQuery>;

	/// Pending contribution → its review.
	#[pallet::storage]
	pub type Reviews<T: Config> =
		StorageMap<_, Twox64Concat, ContributionId, Review<T::AccountId>, OptionQuery>;

	/// Curator, contribution → present while the curator sits on its panel.
	#[pallet::storage]
	pub type Panels<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		ContributionId,
		(),
		OptionQuery,
	>;

	/// Head and tail of [`Draws`].
	#[pallet::storage]
	pub type DrawBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Place in the queue → contribution that waits for a panel, and the height of its seed.
	#[pallet::storage]
	pub type Draws<T> =
		StorageMap<_, Twox64Concat, u64, (ContributionId, BlockNumber), OptionQuery>;

	/// Head and tail of [`CommitDeadlines`].
	#[pallet::storage]
	pub type CommitBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Place in the queue → contribution whose panel was drawn, and the last block for commitments.
	/// A panel that committed early is passed over when its place comes up.
	#[pallet::storage]
	pub type CommitDeadlines<T> =
		StorageMap<_, Twox64Concat, u64, (ContributionId, BlockNumber), OptionQuery>;

	/// Head and tail of [`RevealDeadlines`].
	#[pallet::storage]
	pub type RevealBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Place in the queue → contribution whose panel reveals, and the last block for verdicts. A
	/// panel that revealed early is passed over when its place comes up.
	#[pallet::storage]
	pub type RevealDeadlines<T> =
		StorageMap<_, Twox64Concat, u64, (ContributionId, BlockNumber), OptionQuery>;

	/// What happened. Amounts in planck.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A Datanet was created.
		DatanetCreated {
			/// Its id.
			datanet: DatanetId,
			/// Its owner.
			owner: T::AccountId,
			/// What its records are.
			kind: Kind,
			/// Held from the owner.
			deposit: Balance,
		},
		/// A Datanet's metadata was replaced.
		MetadataSet {
			/// The Datanet.
			datanet: DatanetId,
		},
		/// Who may train on a Datanet was changed.
		PermissionSet {
			/// The Datanet.
			datanet: DatanetId,
			/// Who may from now on.
			permission: Permission<T::AccountId>,
		},
		/// A Datanet's least data fee was changed.
		DataFeeSet {
			/// The Datanet.
			datanet: DatanetId,
			/// The fee before, for one call.
			old_value: Balance,
			/// The fee from now on, for one call.
			new_value: Balance,
		},
		/// Records were offered to a Datanet.
		ContributionOffered {
			/// Its id.
			contribution: ContributionId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who offered it.
			contributor: T::AccountId,
			/// Merkle root over its records.
			root: Hash,
			/// Number of records.
			records: u32,
			/// Their size, as the contributor says.
			bytes: u64,
			/// Held as bond.
			bond: Balance,
			/// Held for the panel.
			review_fee: Balance,
		},
		/// A panel was drawn.
		PanelDrawn {
			/// The contribution to judge.
			contribution: ContributionId,
			/// Who sits on the panel.
			curators: Vec<T::AccountId>,
			/// The last block for commitments.
			deadline: BlockNumber,
		},
		/// A curator committed to a verdict.
		VerdictCommitted {
			/// The contribution.
			contribution: ContributionId,
			/// The curator.
			curator: T::AccountId,
			/// See [`Verdict::commitment`].
			commitment: [u8; 32],
		},
		/// Commitments closed; verdicts can be revealed.
		RevealOpened {
			/// The contribution.
			contribution: ContributionId,
			/// The last block for verdicts.
			deadline: BlockNumber,
		},
		/// A curator revealed a verdict.
		VerdictRevealed {
			/// The contribution.
			contribution: ContributionId,
			/// The curator.
			curator: T::AccountId,
			/// The verdict.
			verdict: Verdict,
		},
		/// A curator was paid for a verdict.
		CuratorPaid {
			/// The contribution.
			contribution: ContributionId,
			/// The curator.
			curator: T::AccountId,
			/// From the review fee.
			amount: Balance,
		},
		/// All of a review fee found its owner: the three parts sum to it.
		ReviewFeeSettled {
			/// The contribution.
			contribution: ContributionId,
			/// To curators.
			curators: Balance,
			/// To the treasury.
			treasury: Balance,
			/// Back to the contributor.
			returned: Balance,
		},
		/// A contribution became part of its Datanet.
		ContributionAccepted {
			/// The contribution.
			contribution: ContributionId,
			/// The Datanet.
			datanet: DatanetId,
			/// The first version that holds it.
			version: u32,
			/// How good it is.
			quality: Ppm,
			/// Its size, as measured.
			bytes: u64,
		},
		/// A contribution was rejected: its bond is back and its root is free.
		ContributionRejected {
			/// The contribution.
			contribution: ContributionId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who had offered it.
			contributor: T::AccountId,
			/// Why.
			reason: RejectionReason,
			/// Back to the contributor.
			bond: Balance,
		},
		/// A contributor withdrew an accepted contribution: it earns nothing from now on.
		ContributionRevoked {
			/// The contribution.
			contribution: ContributionId,
			/// The Datanet.
			datanet: DatanetId,
			/// The first version that no longer counts it.
			version: u32,
			/// The block from which the bond can be released.
			bond_until: BlockNumber,
		},
		/// A Datanet has a new version.
		VersionCreated {
			/// The Datanet.
			datanet: DatanetId,
			/// The version's number.
			version: u32,
			/// Root over the roots of all contributions accepted so far.
			accepted_root: Hash,
			/// Root over the roots of all contributions revoked so far.
			removed_root: Hash,
		},
		/// The bond of a revoked contribution went back to its contributor.
		BondReleased {
			/// The contribution.
			contribution: ContributionId,
			/// The contributor.
			contributor: T::AccountId,
			/// The bond.
			amount: Balance,
		},
	}

	/// Why a call changed nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no Datanet with this id.
		UnknownDatanet,
		/// There is no contribution with this id, or it was rejected.
		UnknownContribution,
		/// Only the Datanet's owner can do this.
		NotOwner,
		/// Only the account that offered this contribution can revoke it.
		NotContributor,
		/// Give the Datanet a name.
		NameMissing,
		/// Name the licence that records are offered under.
		LicenceMissing,
		/// Name, description and licence have to be UTF-8 text.
		MetadataNotText,
		/// Records were already offered under the present licence: create another Datanet for
		/// another licence.
		LicenceFixed,
		/// The data fee is above all OPEN there is, so that nobody could pay it.
		DataFeeTooHigh,
		/// This Datanet does not let this account train on it: ask its owner.
		TrainingNotPermitted,
		/// A contribution has at least one record and one byte.
		ContributionEmpty,
		/// A contribution with this root is pending, accepted or revoked already.
		RootTaken,
		/// This contribution is not under review.
		NotUnderReview,
		/// This account does not sit on the contribution's panel.
		NotOnPanel,
		/// Commitments are not open: the panel is not drawn yet, or it reveals already.
		CommitClosed,
		/// Verdicts cannot be revealed now: not everyone committed yet, or the deadline is over.
		RevealClosed,
		/// This curator committed already.
		AlreadyCommitted,
		/// This curator did not commit in time.
		NotCommitted,
		/// This curator revealed already.
		AlreadyRevealed,
		/// Verdict and salt are not those that this curator committed to.
		CommitmentMismatch,
		/// Quality is in parts per million, hence at most 1,000,000.
		QualityTooHigh,
		/// Only an accepted contribution that is not revoked yet can be revoked.
		NotAccepted,
		/// The bond stays until the contribution is revoked.
		NotRevoked,
		/// The bond of this contribution was released already.
		BondAlreadyReleased,
		/// The exit window of this contribution is not over yet.
		ExitWindowOpen,
		/// All ids are used up.
		IdsExhausted,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates a Datanet that belongs to the caller, open to every builder and without a data
		/// fee. Holds the deposit.
		///
		/// ### Errors
		/// `NameMissing`, `LicenceMissing`, `MetadataNotText`, `IdsExhausted`; the token's own when
		/// the deposit cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create())]
		pub fn create(origin: OriginFor<T>, kind: Kind, metadata: Metadata) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_create(who, kind, metadata)
		}

		/// Offers `records` records of together `bytes` bytes to `datanet`: `root` is the Merkle root
		/// over their leaves, `uri` the place where curators and builders find them. Holds the bond,
		/// which grows with the bytes, and the review fee.
		///
		/// ### Errors
		/// `UnknownDatanet`, `ContributionEmpty`, `RootTaken`, `IdsExhausted`; the token's own when
		/// bond or fee cannot be held.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::contribute())]
		pub fn contribute(
			origin: OriginFor<T>,
			datanet: DatanetId,
			root: Hash,
			records: u32,
			bytes: u64,
			uri: BoundedVec<u8, ConstU32<MAX_URI>>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_contribute(who, datanet, root, records, bytes, uri)
		}

		/// Commits a curator of the panel to a verdict, see [`Verdict::commitment`]. Once all have
		/// committed, verdicts can be revealed.
		///
		/// ### Errors
		/// `NotUnderReview`, `NotOnPanel`, `CommitClosed`, `AlreadyCommitted`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::commit_verdict())]
		pub fn commit_verdict(
			origin: OriginFor<T>,
			contribution: ContributionId,
			commitment: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_verdict(who, contribution, commitment)
		}

		/// Reveals the verdict that a curator committed to. Once all who committed have revealed, the
		/// review is settled.
		///
		/// ### Errors
		/// `NotUnderReview`, `NotOnPanel`, `RevealClosed`, `NotCommitted`, `AlreadyRevealed`,
		/// `QualityTooHigh`, `CommitmentMismatch`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::reveal_verdict())]
		pub fn reveal_verdict(
			origin: OriginFor<T>,
			contribution: ContributionId,
			verdict: Verdict,
			salt: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal_verdict(who, contribution, verdict, salt)
		}

		// 4, 5 and 6 are kept for `appeal`, `commit_duplicate` and `prove_duplicate`.

		/// Withdraws an accepted contribution: it earns nothing from this block on, in any model. Its
		/// root stays taken; its bond stays held for the exit window.
		///
		/// ### Errors
		/// `UnknownContribution`, `NotContributor`, `NotAccepted`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, contribution: ContributionId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke(who, contribution)
		}

		/// Replaces a Datanet's metadata. The licence is fixed from the first contribution on.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`, `NameMissing`, `LicenceMissing`, `MetadataNotText`,
		/// `LicenceFixed`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_metadata())]
		pub fn set_metadata(
			origin: OriginFor<T>,
			datanet: DatanetId,
			metadata: Metadata,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_metadata(who, datanet, metadata)
		}

		/// Says who may register models trained on a Datanet. Registered models stay.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_permission())]
		pub fn set_permission(
			origin: OriginFor<T>,
			datanet: DatanetId,
			permission: Permission<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_permission(who, datanet, permission)
		}

		/// Sets the least data fee, in planck, of one call to any model trained on a Datanet.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`, `DataFeeTooHigh`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_data_fee())]
		pub fn set_data_fee(
			origin: OriginFor<T>,
			datanet: DatanetId,
			fee: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_data_fee(who, datanet, fee)
		}

		/// Gives the bond of a revoked contribution back to its contributor, once the exit window is
		/// over. Anyone may call it.
		///
		/// ### Errors
		/// `UnknownContribution`, `NotRevoked`, `BondAlreadyReleased`, `ExitWindowOpen`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::release_bond())]
		pub fn release_bond(origin: OriginFor<T>, contribution: ContributionId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_bond(contribution)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Reserves what the end of this block works off: nothing that a call of this block adds is
		/// due in it.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::weight_of_due(Self::now())
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			let now = Self::now();
			Self::draw_panels(now);
			Self::end_commit_phases(now);
			Self::end_reveal_phases(now);
		}

		fn integrity_test() {
			assert!(T::MaxDrawsPerBlock::get() > 0, "panels would never be drawn");
			assert!(T::MaxDeadlinesPerBlock::get() > 0, "reviews would never end");
			assert!(
				DRAW_DELAY < <T::Chance as Chance>::HISTORY,
				"every seed would be lost before its draw"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(
			_: BlockNumberFor<T>,
		) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn parameters() -> CurationParameters {
		T::Parameters::get().clamped()
	}
}
