//! Holders of gOPEN, and how their referenda come about.

use crate::common::{account, Chain};
use openledger_gopen::{ReferendumIndex, Vote};
use openledger_primitives::OPEN;
use openledger_runtime::{configs::governance::Origin, *};
use polkadot_sdk::{
	frame_support::traits::{schedule::DispatchTime, Bounded, QueryPreimage, StorePreimage},
	pallet_referenda::{ReferendumInfo, ReferendumInfoFor, TracksInfo},
	*,
};

/// Who deposits gOPEN.
pub const HOLDERS: [&str; 12] = [
	"//Alice",
	"//Bob",
	"//Charlie",
	"//Dave",
	"//Eve",
	"//Ferdie",
	"//Charlie//stash",
	"//Dave//stash",
	"//Grace",
	"//Heidi",
	"//Mallory",
	"//Ivan",
];
/// Deposits nothing to begin with.
pub const STRANGER: &str = "//Judy";
/// Pays deposits of referenda.
pub const PROPOSER: &str = "//Alice//stash";
/// What each holder deposits; the first five have 100,000 OPEN bonded.
pub const DEPOSIT: Balance = 850_000 * OPEN;

/// Root's origin in a referendum.
pub fn root() -> OriginCaller {
	OriginCaller::system(frame_system::RawOrigin::Root)
}

/// A track's own origin in a referendum.
pub fn origin(origin: Origin) -> OriginCaller {
	OriginCaller::Origins(origin)
}

/// The `dev` chain, whose holders' gOPEN counts.
pub fn parliament() -> Chain {
	let mut chain = Chain::dev();
	seat(&mut chain);
	chain
}

/// Lets the holders deposit, on a chain that has not a checkpoint's worth of deposits yet.
pub fn seat(chain: &mut Chain) {
	let deposit = |who| (who, openledger_gopen::Call::deposit { amount: DEPOSIT }.into());
	chain.all_succeed(HOLDERS.map(deposit).to_vec());
	let period = chain.query(Gopen::checkpoint_period);
	chain.skip(period);
}

/// Submits a referendum with its decision deposit.
pub fn propose(
	chain: &mut Chain,
	proposal_origin: OriginCaller,
	call: impl Into<RuntimeCall>,
) -> ReferendumIndex {
	let index = submit(chain, proposal_origin, call);
	let deposit = pallet_referenda::Call::place_decision_deposit { index };
	chain.send(PROPOSER, deposit).unwrap();
	index
}

/// Submits a referendum that is enacted as soon as its track allows.
pub fn submit(
	chain: &mut Chain,
	proposal_origin: OriginCaller,
	call: impl Into<RuntimeCall>,
) -> ReferendumIndex {
	submit_for(chain, proposal_origin, call, DispatchTime::After(0))
}

/// Submits a referendum that is enacted when its proposer wishes.
pub fn submit_for(
	chain: &mut Chain,
	proposal_origin: OriginCaller,
	call: impl Into<RuntimeCall>,
	enactment_moment: DispatchTime<BlockNumber>,
) -> ReferendumIndex {
	let call = call.into();
	let proposal = match chain.query(|| Preimage::bound(call.clone())).unwrap() {
		Bounded::Lookup { hash, len } => {
			use codec::Encode;
			let note = pallet_preimage::Call::note_preimage { bytes: call.encode() };
			chain.send(PROPOSER, note).unwrap();
			assert!(
				chain.query(|| Preimage::have(&Bounded::<RuntimeCall, _>::Lookup { hash, len }))
			);
			Bounded::Lookup { hash, len }
		}
		bounded => bounded,
	};
	let index = chain.query(pallet_referenda::ReferendumCount::<Runtime>::get);
	let submit = pallet_referenda::Call::submit {
		proposal_origin: Box::new(proposal_origin),
		proposal,
		enactment_moment,
	};
	chain.send(PROPOSER, submit).unwrap();
	index
}

/// Whether a referendum runs.
pub fn runs(chain: &mut Chain, index: ReferendumIndex) -> bool {
	matches!(info(chain, index), ReferendumInfo::Ongoing(_))
}

/// Whether a referendum was approved.
pub fn approved(chain: &mut Chain, index: ReferendumIndex) -> bool {
	matches!(info(chain, index), ReferendumInfo::Approved(..))
}

fn info(
	chain: &mut Chain,
	index: ReferendumIndex,
) -> pallet_referenda::ReferendumInfoOf<Runtime, ()> {
	chain.query(|| ReferendumInfoFor::<Runtime>::get(index)).expect("there is such a referendum")
}

/// Goes to the block after which votes on a referendum are taken.
pub fn prepare(chain: &mut Chain, index: ReferendumIndex) {
	let start = chain.query(|| configs::tally(index)).expect("it runs").start;
	chain.skip(start.saturating_sub(chain.height()));
}

pub fn vote(referendum: ReferendumIndex, vote: Vote) -> RuntimeCall {
	openledger_gopen::Call::vote { referendum, vote }.into()
}

/// Lets every holder vote.
pub fn all_vote(chain: &mut Chain, index: ReferendumIndex, says: Vote) {
	prepare(chain, index);
	chain.all_succeed(HOLDERS.map(|who| (who, vote(index, says))).to_vec());
}

/// Goes on until a referendum has ended.
pub fn end(chain: &mut Chain, index: ReferendumIndex) {
	let track = chain.query(|| configs::tally(index)).expect("it runs").track;
	let track = chain.query(|| configs::Tracks::info(track).unwrap().into_owned());
	let mut left = track.prepare_period + track.decision_period + 2 * track.confirm_period + 5;
	while runs(chain, index) {
		left = left.checked_sub(1).expect("a referendum ends in time");
		chain.skip(1);
	}
}

/// Lets a referendum with everyone's votes pass, and be enacted.
pub fn enact(
	chain: &mut Chain,
	proposal_origin: OriginCaller,
	call: impl Into<RuntimeCall>,
) -> ReferendumIndex {
	let index = propose(chain, proposal_origin, call);
	all_vote(chain, index, Vote::Aye);
	let track = chain.query(|| configs::tally(index)).expect("it runs").track;
	end(chain, index);
	assert!(approved(chain, index), "everyone is for it");
	let delay = chain.query(|| configs::Tracks::info(track).unwrap().min_enactment_period);
	chain.skip(delay);
	index
}

/// What support is measured against, in planck.
pub fn electorate(chain: &mut Chain) -> Balance {
	chain.query(<configs::Electorate as frame_support::traits::Get<Balance>>::get)
}

/// The treasury's account.
pub fn treasury() -> AccountId {
	configs::TreasuryAccount::get()
}

/// Gives the treasury `amount` out of accounts that vote on nothing.
pub fn fund_treasury(chain: &mut Chain, amount: Balance) {
	let gift =
		pallet_balances::Call::transfer_keep_alive { dest: treasury().into(), value: amount };
	chain.send("//Bob//stash", gift).unwrap();
}

/// What an account can spend.
pub fn free(chain: &mut Chain, who: &str) -> Balance {
	let who = account(who);
	chain.query(|| Balances::free_balance(&who))
}
