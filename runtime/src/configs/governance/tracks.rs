//! The tracks on which referenda run: what each demands and how long it takes. Support counts against
//! active OPEN issuance, see [`super::Electorate`]. `docs/governance.md` has them as a table.

use super::{origins::Origin, *};
use pallet_referenda::{Curve, Track, TrackInfo};

/// The tracks of referenda, as long as [`openledger_gopen::Pallet::paced`] makes them.
pub struct Tracks;

/// A straight line from `ceil` to `floor` percent over the whole decision period.
const fn falling(ceil: u32, floor: u32) -> Curve {
	Curve::LinearDecreasing {
		length: Perbill::from_percent(100),
		floor: Perbill::from_percent(floor),
		ceil: Perbill::from_percent(ceil),
	}
}

/// Half of the votes cast suffice at last.
const MAJORITY: Curve = falling(100, 50);
/// Two of three votes cast are needed.
const SUPERMAJORITY: Curve = falling(100, 66);
/// For what moves or changes most.
const WIDE: Curve = falling(50, 20);
/// For what can be undone.
const NARROW: Curve = falling(40, 15);

struct Periods {
	prepare: BlockNumber,
	decide: BlockNumber,
	confirm: BlockNumber,
	enact: BlockNumber,
}

const fn track(
	id: u16,
	name: &'static str,
	max_deciding: u32,
	deposit: u32,
	periods: Periods,
	min_approval: Curve,
	min_support: Curve,
) -> Track<u16, Balance, BlockNumber> {
	Track {
		id,
		info: TrackInfo {
			name: s(name),
			max_deciding,
			decision_deposit: deposit as Balance * OPEN,
			prepare_period: periods.prepare,
			decision_period: periods.decide,
			confirm_period: periods.confirm,
			min_enactment_period: periods.enact,
			min_approval,
			min_support,
		},
	}
}

const SLOW: Periods = Periods { prepare: 2 * DAYS, decide: 14 * DAYS, confirm: DAYS, enact: DAYS };
const ORDINARY: Periods =
	Periods { prepare: DAYS, decide: 7 * DAYS, confirm: 12 * HOURS, enact: HOURS };
/// As much time to decide as root has; no more than an hour around it.
const WHITELISTED: Periods =
	Periods { prepare: HOURS, decide: 14 * DAYS, confirm: HOURS, enact: HOURS };
/// Within the delay of a slash, 3 days.
const FAST: Periods =
	Periods { prepare: 30 * MINUTES, decide: DAYS, confirm: 2 * HOURS, enact: 10 * MINUTES };
const AT_ONCE: Periods =
	Periods { prepare: 10 * MINUTES, decide: DAYS, confirm: 10 * MINUTES, enact: 1 };

/// What a root referendum and a whitelisted call must reach alike: the committee saves time, not votes.
static TRACKS: [Track<u16, Balance, BlockNumber>; 10] = [
	track(0, "root", 10, 10_000, SLOW, MAJORITY, WIDE),
	track(1, "whitelisted_caller", 8, 1_000, WHITELISTED, MAJORITY, WIDE),
	track(2, "treasury_small", 16, 100, ORDINARY, MAJORITY, NARROW),
	track(3, "treasury_medium", 10, 1_000, SLOW, MAJORITY, NARROW),
	track(4, "treasury_big", 5, 5_000, SLOW, MAJORITY, WIDE),
	track(5, "parameters", 10, 2_000, SLOW, MAJORITY, WIDE),
	track(6, "datanet_policy", 16, 500, ORDINARY, MAJORITY, NARROW),
	track(7, "model_listing", 16, 500, ORDINARY, MAJORITY, NARROW),
	track(8, "slash_cancellation", 16, 200, FAST, MAJORITY, NARROW),
	track(9, "emergency", 16, 1_000, AT_ONCE, SUPERMAJORITY, NARROW),
];

fn track_of(origin: &OriginCaller) -> Option<u16> {
	match origin {
		OriginCaller::system(frame_system::RawOrigin::Root) => Some(0),
		OriginCaller::Origins(origin) => Some(match origin {
			Origin::WhitelistedCaller => 1,
			Origin::SmallSpender => 2,
			Origin::MediumSpender => 3,
			Origin::BigSpender => 4,
			Origin::ParameterAdmin => 5,
			Origin::DatanetPolicy => 6,
			Origin::ModelListing => 7,
			Origin::SlashCanceller => 8,
			Origin::Emergency => 9,
		}),
		_ => None,
	}
}

/// The track at the network's pace.
fn paced(
	track: &'static Track<u16, Balance, BlockNumber>,
) -> Cow<'static, Track<u16, Balance, BlockNumber>> {
	if Gopen::pace() == 1 {
		return Cow::Borrowed(track);
	}
	let mut track = track.clone();
	let info = &mut track.info;
	info.prepare_period = Gopen::paced(info.prepare_period);
	info.decision_period = Gopen::paced(info.decision_period);
	info.confirm_period = Gopen::paced(info.confirm_period);
	info.min_enactment_period = Gopen::paced(info.min_enactment_period);
	Cow::Owned(track)
}

impl Tracks {
	/// Ids and names of all tracks. Reads no storage, so that it can be asked outside of the runtime.
	pub fn names() -> impl Iterator<Item = (u16, &'static str)> {
		TRACKS.iter().map(|track| {
			let name = core::str::from_utf8(&track.info.name).unwrap_or_default();
			(track.id, name.trim_end_matches('\0'))
		})
	}
}

impl pallet_referenda::TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = <RuntimeOrigin as frame_support::traits::OriginTrait>::PalletsOrigin;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		TRACKS.iter().map(paced)
	}

	fn track_ids() -> impl Iterator<Item = u16> {
		TRACKS.iter().map(|track| track.id)
	}

	fn info(id: u16) -> Option<Cow<'static, TrackInfo<Balance, BlockNumber>>> {
		let track = paced(TRACKS.iter().find(|track| track.id == id)?);
		Some(match track {
			Cow::Borrowed(track) => Cow::Borrowed(&track.info),
			Cow::Owned(track) => Cow::Owned(track.info),
		})
	}

	fn track_for(origin: &Self::RuntimeOrigin) -> Result<u16, ()> {
		track_of(origin).ok_or(())
	}
}
