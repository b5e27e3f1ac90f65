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

mod appeals;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clusters;
mod contributions;
mod curation;
mod curators;
mod decision;
mod doors;
mod duplicates;
mod errors;
mod events;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod ownership;
mod panel;
mod penalty;
mod policy;
mod purse;
mod queues;
mod removals;
pub mod runtime_api;
mod striking;
pub mod types;
mod versions;
mod views;
pub mod weights;
mod windows;

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
	frame_support::{pallet_macros::import_section, traits::Get},
	frame_system,
	sp_runtime::traits::SaturatedConversion,
};

/// Blocks from an offer to the block whose seed draws the panel: nobody knows the seed at the offer.
pub const DRAW_DELAY: BlockNumber = 3;

pub(crate) type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// A contribution and the block at whose end it is due.
pub(crate) type Due = (ContributionId, BlockNumber);
pub(crate) type DrawQueue<T> = Queue<Due, DrawBounds<T>, Draws<T>>;
pub(crate) type CommitQueue<T> = Queue<Due, CommitBounds<T>, CommitDeadlines<T>>;
pub(crate) type RevealQueue<T> = Queue<Due, RevealBounds<T>, RevealDeadlines<T>>;
pub(crate) type AppealQueue<T> = Queue<Due, AppealBounds<T>, AppealDeadlines<T>>;

/// The pallet.
// what FRAME writes for storage expects; the logic lies outside this module
#[allow(clippy::expect_used)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use openledger_primitives::{
		merkle::Hash,
		traits::{Bonding, Chance, Misconduct, Penalties, Terms},
		Balance, BlobId, DatanetId, Ppm,
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

		/// Takes part of a curator's stake.
		type Penalties: Penalties<Self::AccountId>;

		/// Gets what absent curators leave of a review fee; kept alive by the runtime.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Deposit for a small record, in planck: a proof of duplicates, a curator's kinds,
		/// published clusters.
		#[pallet::constant]
		type RecordDeposit: Get<Balance>;

		/// Most curators that [`Config::Curators`] lists; for weights.
		#[pallet::constant]
		type MaxCurators: Get<u32>;

		/// Most panels drawn at the end of a block.
		#[pallet::constant]
		type MaxDrawsPerBlock: Get<u32>;

		/// Most commit phases, most reveal phases and most windows for appeals that are ended by
		/// their deadline at the end of a block.
		#[pallet::constant]
		type MaxDeadlinesPerBlock: Get<u32>;

		/// Who sets a Datanet's policy against its people's will, takes Datanets off the list, and
		/// decides disputes about licences.
		type PolicyOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Blocks of one window of earnings; never changes.
		type EarningWindow: Get<BlockNumber>;

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
		/// Bond of an appeal.
		#[codec(index = 3)]
		Appeal,
		/// Deposit for a small record, see [`Config::RecordDeposit`].
		#[codec(index = 4)]
		Record,
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

	/// Datanet → what its licence allows; none means everything.
	#[pallet::storage]
	pub type DatanetTerms<T> = StorageMap<_, Twox64Concat, DatanetId, Terms, ValueQuery>;

	/// Contribution → what it is, while pending and once accepted, removed ones included.
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

	/// Datanet, leaf → the contribution at that leaf of the removed range.
	#[pallet::storage]
	pub type RemovedLeaves<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		u64,
		ContributionId,
		OptionQuery,
	>;

	/// Datanet, node from 1 → removed contributions among the leaves of the accepted range under
	/// that node of a Fenwick tree; none means none.
	#[pallet::storage]
	pub type RemovedCounts<T> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, u64, u32, ValueQuery>;

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

	/// Account → its contributions that are pending.
	#[pallet::storage]
	pub type Pending<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The latest block that took contributions, and how many.
	#[pallet::storage]
	pub type Taken<T> = StorageValue<_, (BlockNumber, u32), ValueQuery>;

	/// Contribution, prover → how far the prover has come in proving duplicates.
	#[pallet::storage]
	pub type DuplicateProofs<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ContributionId,
		Blake2_128Concat,
		T::AccountId,
		DuplicateProof,
		OptionQuery,
	>;

	/// Curator → what kinds it judges; none means all.
	#[pallet::storage]
	pub type CuratorKinds<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Judging, OptionQuery>;

	/// Datanet → the latest clusters of near-duplicates.
	#[pallet::storage]
	pub type LatestClusters<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Clusters<T::AccountId>, OptionQuery>;

	/// Datanet → what its contributions earned, and from how many.
	#[pallet::storage]
	pub type DatanetEarnings<T> = StorageMap<_, Twox64Concat, DatanetId, Earnings, ValueQuery>;

	/// Contribution → planck that it earned.
	#[pallet::storage]
	pub type ContributionEarnings<T> =
		StorageMap<_, Twox64Concat, ContributionId, Balance, ValueQuery>;

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

	/// Head and tail of [`AppealDeadlines`].
	#[pallet::storage]
	pub type AppealBounds<T> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Place in the queue → contribution with a decision, and the last block for appeals. One that
	/// was appealed against is passed over when its place comes up.
	#[pallet::storage]
	pub type AppealDeadlines<T> =
		StorageMap<_, Twox64Concat, u64, (ContributionId, BlockNumber), OptionQuery>;

	/// Datanet → its policy; none means nothing special.
	#[pallet::storage]
	pub type Policies<T> = StorageMap<_, Twox64Concat, DatanetId, Policy, ValueQuery>;

	/// Datanet that was taken off the list → the block of that.
	#[pallet::storage]
	pub type DelistedSince<T> = StorageMap<_, Twox64Concat, DatanetId, BlockNumber, OptionQuery>;

	/// Datanet → the last block in which its owner may not forbid anybody to train on it.
	#[pallet::storage]
	pub type PermissionKept<T> = StorageMap<_, Twox64Concat, DatanetId, BlockNumber, OptionQuery>;

	/// Pending contribution → the policy that it was offered under; none means nothing special.
	#[pallet::storage]
	pub type OfferedUnder<T> = StorageMap<_, Twox64Concat, ContributionId, Policy, ValueQuery>;

	/// Datanet, account → what others paid it there in the latest windows.
	#[pallet::storage]
	pub type EarnedLately<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Blake2_128Concat,
		T::AccountId,
		RecentEarnings,
		ValueQuery,
	>;

	/// Datanet → the sum of [`EarnedLately`] over all accounts.
	#[pallet::storage]
	pub type EarnedLatelyByAll<T> =
		StorageMap<_, Twox64Concat, DatanetId, RecentEarnings, ValueQuery>;

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
		/// `UnknownDatanet`, `Delisted`, `NotAccepting`, `ContributionEmpty`, `RootTaken`,
		/// `TooManyPending`, `BlockFull`, `IdsExhausted`; the token's own when bond or fee cannot be held.
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
		/// panel decides; the decision is final when nobody appealed in the window.
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

		/// Appeals against a panel's decision, once for each contribution: a larger panel of others,
		/// drawn three blocks later, decides anew. Holds the appeal's bond, which comes back when the
		/// decision is overturned, and otherwise pays that panel and the treasury.
		///
		/// ### Errors
		/// `UnknownContribution`, `AlreadyAppealed`, `NothingToAppeal`, `AppealClosed`; the token's
		/// own when the bond cannot be held.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::appeal())]
		pub fn appeal(origin: OriginFor<T>, contribution: ContributionId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_appeal(who, contribution)
		}

		/// Commits the caller to prove that a contribution holds duplicates of an earlier one, see
		/// [`duplicate_commitment`]; once for each earlier one. The first holds a deposit.
		///
		/// A contributor that calls this on its own contribution before the panel is drawn declares a
		/// known item: proven after its panel found anything, it costs the contributor nothing more, and
		/// the curators that accepted it part of their stake. The commitment does not say whether
		/// there is anything to prove.
		///
		/// ### Errors
		/// `UnknownContribution`, `BeyondProof`, `DeclarationClosed`, `TooManyOriginals`; the token's
		/// own when the deposit cannot be held.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::commit_duplicate())]
		pub fn commit_duplicate(
			origin: OriginFor<T>,
			contribution: ContributionId,
			commitment: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_duplicate(who, contribution, commitment)
		}

		/// Proves that records of `contribution` are records of `original`, an earlier contribution
		/// to any Datanet. Calls add up; once their records reach the threshold the contribution is
		/// rejected or struck out, and its contributor pays in proportion to what is proven, then and
		/// with every later call.
		///
		/// ### Errors
		/// `UnknownContribution`, `BeyondProof`, `ProofNotCommitted`, `CommitmentMismatch`,
		/// `ProofTooEarly`, `ReservedForContributor`, `VerdictOutstanding`, `NotAnOriginal`,
		/// `EvidenceMissing`, `EvidenceOutOfOrder`, `EvidenceWrong`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::prove_duplicate(evidence.len() as u32))]
		pub fn prove_duplicate(
			origin: OriginFor<T>,
			contribution: ContributionId,
			original: ContributionId,
			evidence: Evidence,
			salt: [u8; 32],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_prove_duplicate(who, contribution, original, evidence, salt)
		}

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

		/// Says who may register models trained on a Datanet. Registered models stay. While a launch runs
		/// there, the only change is to open it.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`, `PermissionKept`.
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

		/// Gives what is left of the bond of a revoked or struck out contribution back to its
		/// contributor, once the exit window is over. Anyone may call it.
		///
		/// ### Errors
		/// `UnknownContribution`, `NotRevoked`, `BondAlreadyReleased`, `ExitWindowOpen`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::release_bond())]
		pub fn release_bond(origin: OriginFor<T>, contribution: ContributionId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_bond(contribution)
		}

		/// Says what kinds a curator judges: it is drawn for those offered from now on. Holds a
		/// deposit the first time. An account that is no curator gets it back by naming no kind.
		///
		/// ### Errors
		/// `NotCurator`, `KindsMissing`; the token's own when the deposit cannot be held.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::set_kinds())]
		pub fn set_kinds(origin: OriginFor<T>, kinds: Kinds) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_kinds(who, kinds)
		}

		/// Says what a Datanet's licence allows, in terms that the chain enforces. Fixed from the
		/// first contribution on.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`, `TermsFixed`.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(origin: OriginFor<T>, datanet: DatanetId, terms: Terms) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_terms(who, datanet, terms)
		}

		/// Publishes the near-duplicate clusters that an engine found in a version of a Datanet, for
		/// curators to cite. The Datanet's owner and every bonded curator may. They replace those
		/// before, whose publisher gets its deposit back. Holds a deposit.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotCurator`, `UnknownVersion`, `ClustersOutdated`; the token's own when
		/// the deposit cannot be held.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::publish_clusters())]
		pub fn publish_clusters(
			origin: OriginFor<T>,
			datanet: DatanetId,
			version: u32,
			blob: BlobId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_publish_clusters(who, datanet, version, blob)
		}

		/// Ends the caller's proof against a contribution and gives its deposit back. What was proven
		/// and had its consequences stays.
		///
		/// ### Errors
		/// `ProofNotCommitted`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::withdraw_duplicate())]
		pub fn withdraw_duplicate(
			origin: OriginFor<T>,
			contribution: ContributionId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_duplicate(who, contribution)
		}

		/// Closes a Datanet that never accepted anything and has nothing under review; its owner gets
		/// the deposit back.
		///
		/// ### Errors
		/// `UnknownDatanet`, `NotOwner`, `DatanetInUse`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(who, datanet)
		}

		/// Gives a Datanet another policy, each field brought within its bounds. What concerns
		/// contributions counts for those offered from then on. By the origin of policies alone.
		///
		/// ### Errors
		/// `BadOrigin`, `UnknownDatanet`.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::set_policy())]
		pub fn set_policy(
			origin: OriginFor<T>,
			datanet: DatanetId,
			policy: Policy,
		) -> DispatchResult {
			T::PolicyOrigin::ensure_origin(origin)?;
			Self::do_set_policy(datanet, policy)
		}

		/// Takes a Datanet off the list: it takes no contributions, and no new models may be trained
		/// on it. What is under review is judged, and what models hold goes on being paid. By the
		/// origin of policies alone.
		///
		/// ### Errors
		/// `BadOrigin`, `UnknownDatanet`, `AlreadyDelisted`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::delist())]
		pub fn delist(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			T::PolicyOrigin::ensure_origin(origin)?;
			Self::do_delist(datanet)
		}

		/// Puts a Datanet on the list again. By the origin of policies alone.
		///
		/// ### Errors
		/// `BadOrigin`, `UnknownDatanet`, `NotDelisted`.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::relist())]
		pub fn relist(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			T::PolicyOrigin::ensure_origin(origin)?;
			Self::do_relist(datanet)
		}

		/// Strikes out an accepted or revoked contribution whose contributor lost a dispute about its
		/// licence: it earns nothing from this block on, in any model, and what is left of its bond
		/// goes to the treasury. Its root stays taken. By the origin of policies alone.
		///
		/// ### Errors
		/// `BadOrigin`, `UnknownContribution`, `StillPending`, `AlreadyStruck`.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::strike())]
		pub fn strike(origin: OriginFor<T>, contribution: ContributionId) -> DispatchResult {
			T::PolicyOrigin::ensure_origin(origin)?;
			Self::do_strike(contribution)
		}

		/// Forgets what an account earned in a Datanet before the latest three windows, or in one that
		/// was closed. Anyone may call it, and pays nothing for it.
		///
		/// ### Errors
		/// `NothingToForget`.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::forget_earnings())]
		pub fn forget_earnings(
			origin: OriginFor<T>,
			datanet: DatanetId,
			account: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_forget_earnings(datanet, account)?;
			Ok(Pays::No.into())
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
			Self::end_appeal_windows(now);
		}

		fn integrity_test() {
			assert!(T::MaxDrawsPerBlock::get() > 0, "panels would never be drawn");
			assert!(T::MaxDeadlinesPerBlock::get() > 0, "reviews would never end");
			assert!(
				DRAW_DELAY < <T::Chance as Chance>::HISTORY,
				"every seed would be lost before its draw"
			);
			assert!(
				T::AccountId::max_encoded_len() <= 32,
				"records could not be proven: an account is longer than in a leaf"
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
