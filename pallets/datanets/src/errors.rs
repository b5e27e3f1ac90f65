//! Why calls are refused.

use polkadot_sdk::frame_support::pallet_macros::pallet_section;

/// Why calls are refused.
#[pallet_section]
mod errors {
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
		/// A contribution with this root is pending, accepted, revoked or struck out already.
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
		/// What is revealed, with this salt, is not what this account committed to.
		CommitmentMismatch,
		/// Quality is in parts per million, hence at most 1,000,000.
		QualityTooHigh,
		/// Only an accepted contribution that is neither revoked nor struck out can be revoked.
		NotAccepted,
		/// The bond stays until the contribution is revoked or struck out.
		NotRevoked,
		/// Nothing is left of this contribution's bond: it was released, or lost when it was struck out.
		BondAlreadyReleased,
		/// The exit window of this contribution is not over yet.
		ExitWindowOpen,
		/// All ids are used up.
		IdsExhausted,
		/// This account has as many contributions under review as one may: wait for a decision.
		TooManyPending,
		/// This block took as many contributions as it may: offer it again in the next.
		BlockFull,
		/// The contribution has no decision that could be appealed against.
		NothingToAppeal,
		/// A decision can be appealed against once.
		AlreadyAppealed,
		/// The window for appeals is over.
		AppealClosed,
		/// The contribution has left, and its bond is no longer at stake.
		BeyondProof,
		/// The panel of this known item is drawn: nothing can be added to what was declared.
		DeclarationClosed,
		/// One proof names up to eight earlier contributions.
		TooManyOriginals,
		/// Commit to the proof first.
		ProofNotCommitted,
		/// The commitment to this proof is too young: wait for the proof delay.
		ProofTooEarly,
		/// A known item is proven between the verdict of its panel and the end of its review.
		VerdictOutstanding,
		/// While the review of this contribution lasts, only its contributor may prove anything
		/// against it: prove it once it is accepted.
		ReservedForContributor,
		/// An original is an earlier contribution that was accepted for good and not struck out; a
		/// known item's was accepted before the item was offered.
		NotAnOriginal,
		/// Name at least one record.
		EvidenceMissing,
		/// Name records in the order of the contribution, each once over all calls.
		EvidenceOutOfOrder,
		/// A record does not stand where the evidence says, in one of the two contributions.
		EvidenceWrong,
		/// Only a bonded curator can do this.
		NotCurator,
		/// A bonded curator judges at least one kind: chill to judge none.
		KindsMissing,
		/// Records were already offered under the present terms: create another Datanet for others.
		TermsFixed,
		/// The Datanet has no such version.
		UnknownVersion,
		/// Clusters of a later version are published already.
		ClustersOutdated,
		/// The Datanet accepted contributions, which models may use, or has some under review.
		DatanetInUse,
		/// This Datanet's policy is to take no contributions: offer them to another, or wait for
		/// another policy.
		NotAccepting,
		/// This Datanet was taken off the list: it takes no contributions and no new models.
		Delisted,
		/// This Datanet was taken off the list before.
		AlreadyDelisted,
		/// This Datanet is on the list.
		NotDelisted,
		/// The contribution is under review: it can be struck out once it is accepted.
		StillPending,
		/// This contribution was struck out before.
		AlreadyStruck,
		/// This account has nothing noted in this Datanet, or something of the latest three windows.
		NothingToForget,
		/// The community pays for data here so that somebody can train on it: until `PermissionKept` is over
		/// a Datanet's owner may allow more builders by opening it, and forbid none.
		PermissionKept,
	}
}
