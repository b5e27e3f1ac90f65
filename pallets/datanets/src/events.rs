//! What the pallet reports.

use polkadot_sdk::frame_support::pallet_macros::pallet_section;

/// What the pallet reports.
#[pallet_section]
mod events {
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
			/// From the review fee or, for an appeal, from a bond.
			amount: Balance,
		},
		/// A panel decided. The decision is final after the last block for appeals.
		VerdictReached {
			/// The contribution.
			contribution: ContributionId,
			/// What the panel found.
			outcome: Outcome,
			/// The last block for appeals.
			deadline: BlockNumber,
		},
		/// A decision was appealed against.
		Appealed {
			/// The contribution.
			contribution: ContributionId,
			/// Who appealed.
			appellant: T::AccountId,
			/// Held from the appellant.
			bond: Balance,
		},
		/// All of an appeal's bond found its owner: the three parts sum to it.
		AppealSettled {
			/// The contribution.
			contribution: ContributionId,
			/// Who had appealed.
			appellant: T::AccountId,
			/// How it ended.
			result: AppealResult,
			/// To the appeal's panel.
			curators: Balance,
			/// To the treasury.
			treasury: Balance,
			/// Back to the appellant.
			returned: Balance,
		},
		/// A contribution's bond paid what its review fee lacked for an appeal's panel.
		AppealCharged {
			/// The contribution.
			contribution: ContributionId,
			/// The contributor.
			contributor: T::AccountId,
			/// To the appeal's panel.
			amount: Balance,
		},
		/// A curator lost part of its stake.
		CuratorPenalised {
			/// The contribution.
			contribution: ContributionId,
			/// The curator.
			curator: T::AccountId,
			/// Why.
			why: Misconduct,
			/// How much, unless it is cancelled.
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
		/// A contribution was rejected: its root is free, and what is left of its bond is back.
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
			/// Root over the roots of all contributions revoked or struck out so far.
			removed_root: Hash,
		},
		/// What is left of the bond of a removed contribution went back to its contributor.
		BondReleased {
			/// The contribution.
			contribution: ContributionId,
			/// The contributor.
			contributor: T::AccountId,
			/// The bond.
			amount: Balance,
		},
		/// Somebody committed to prove that a contribution holds duplicates.
		DuplicateCommitted {
			/// The contribution.
			contribution: ContributionId,
			/// Who will prove it.
			prover: T::AccountId,
			/// See [`duplicate_commitment`].
			commitment: [u8; 32],
			/// Newly held from the prover.
			deposit: Balance,
		},
		/// Records were proven to be duplicates.
		DuplicatesProven {
			/// The contribution.
			contribution: ContributionId,
			/// The earlier one that has them too.
			original: ContributionId,
			/// Who proved it.
			prover: T::AccountId,
			/// How many this time.
			records: u32,
			/// How many by this prover so far.
			proven: u32,
		},
		/// A contributor paid for duplicates: the three parts sum to the penalty.
		DuplicatePenalised {
			/// The contribution.
			contribution: ContributionId,
			/// The contributor.
			contributor: T::AccountId,
			/// Who proved it.
			prover: T::AccountId,
			/// To the prover.
			reward: Balance,
			/// To the contributors of the originals.
			originals: Balance,
			/// To the treasury.
			treasury: Balance,
		},
		/// The contributor of an original was paid for duplicates of its records.
		OriginalPaid {
			/// The contribution with the duplicates.
			contribution: ContributionId,
			/// The original.
			original: ContributionId,
			/// Its contributor.
			contributor: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A contribution was struck out as a duplicate: it earns nothing from now on.
		ContributionStruck {
			/// The contribution.
			contribution: ContributionId,
			/// The Datanet.
			datanet: DatanetId,
			/// The first version that does not count it.
			version: u32,
			/// The block from which what is left of the bond can be released.
			bond_until: BlockNumber,
		},
		/// A prover ended its proof and has its deposit back.
		DuplicateWithdrawn {
			/// The contribution.
			contribution: ContributionId,
			/// The prover.
			prover: T::AccountId,
			/// Back to the prover.
			deposit: Balance,
		},
		/// A curator chose what kinds it judges.
		KindsSet {
			/// The curator.
			curator: T::AccountId,
			/// The kinds.
			kinds: Kinds,
			/// Held from the curator from now on.
			deposit: Balance,
		},
		/// An account that is no curator any more has the deposit for its kinds back.
		KindsForgotten {
			/// The account.
			curator: T::AccountId,
			/// Back to it.
			deposit: Balance,
		},
		/// What a Datanet's licence allows was changed.
		TermsSet {
			/// The Datanet.
			datanet: DatanetId,
			/// The terms from now on.
			terms: Terms,
		},
		/// Near-duplicate clusters of a version were published; they replace those before.
		ClustersPublished {
			/// The Datanet.
			datanet: DatanetId,
			/// The version.
			version: u32,
			/// Where they are found.
			blob: BlobId,
			/// Who published them.
			publisher: T::AccountId,
			/// Held from the publisher.
			deposit: Balance,
		},
		/// A Datanet that never accepted anything was closed.
		DatanetClosed {
			/// The Datanet.
			datanet: DatanetId,
			/// Its owner.
			owner: T::AccountId,
			/// Back to the owner.
			deposit: Balance,
		},
		/// A Datanet has another policy.
		PolicySet {
			/// The Datanet.
			datanet: DatanetId,
			/// The policy until now.
			old_value: Policy,
			/// The policy from now on, within its bounds.
			new_value: Policy,
		},
		/// A Datanet was taken off the list: it takes no contributions and no new models.
		DatanetDelisted {
			/// The Datanet.
			datanet: DatanetId,
		},
		/// A Datanet is on the list again.
		DatanetRelisted {
			/// The Datanet.
			datanet: DatanetId,
		},
		/// A dispute about a contribution's licence was lost, and with it what was left of its bond;
		/// `ContributionStruck` follows.
		BondForfeited {
			/// The contribution.
			contribution: ContributionId,
			/// Who paid.
			contributor: T::AccountId,
			/// To the treasury.
			amount: Balance,
		},
		/// What an account earned in a Datanet long ago is not kept any more.
		EarningsForgotten {
			/// The Datanet.
			datanet: DatanetId,
			/// The account.
			account: T::AccountId,
		},
	}
}
