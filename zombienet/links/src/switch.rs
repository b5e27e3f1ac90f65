//! What becomes of a frame: pure, with the time given from outside.

use std::{
	cmp::Ordering,
	collections::{BinaryHeap, HashMap},
	time::{Duration, Instant},
};

/// Destination and source of an Ethernet frame, 6 bytes each, and its type.
const HEADER_BYTES: usize = 14;
/// Set in the first byte of an address that stands for many.
const GROUP_BIT: u8 = 1;
/// How long a frame may wait for its turn on a link of limited rate.
const QUEUE: Duration = Duration::from_millis(500);
/// Most frames on the way.
const MAX_WAITING: usize = 65_536;
/// Most addresses that are remembered.
const MAX_ADDRESSES: usize = 4_096;

/// Place of a port in the list it was given in.
pub type PortId = usize;
type Address = [u8; 6];

/// What every link between two nodes is like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
	/// Time a frame takes, one way.
	pub delay: Duration,
	/// Chance of a frame to be lost, out of [`LOSS_SCALE`].
	pub loss: u32,
	/// Most that a port sends, in bits per second.
	pub rate: Option<u64>,
	/// Group of each port; without groups everyone is reached.
	pub groups: Option<Vec<Option<usize>>>,
}

/// A loss of one.
pub const LOSS_SCALE: u32 = 1_000_000;

/// Frames counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
	/// Copies delivered.
	pub forwarded: u64,
	/// Bytes of these.
	pub bytes: u64,
	/// Lost by chance.
	pub lost: u64,
	/// Dropped between groups.
	pub cut: u64,
	/// Dropped where a link was full.
	pub overflowed: u64,
}

struct Waiting {
	due: Instant,
	number: u64,
	to: PortId,
	frame: Vec<u8>,
}

impl Ord for Waiting {
	/// The earliest is the greatest; of one instant, the one that came first.
	fn cmp(&self, other: &Self) -> Ordering {
		(other.due, other.number).cmp(&(self.due, self.number))
	}
}
impl PartialOrd for Waiting {
	fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
		Some(self.cmp(other))
	}
}
impl PartialEq for Waiting {
	fn eq(&self, other: &Self) -> bool {
		self.cmp(other).is_eq()
	}
}
impl Eq for Waiting {}

/// A switch that learns who is where.
pub struct Switch {
	ports: usize,
	host: Option<PortId>,
	conditions: Conditions,
	places: HashMap<Address, PortId>,
	/// When each port has sent all it was given.
	free_at: Vec<Option<Instant>>,
	waiting: BinaryHeap<Waiting>,
	counter: u64,
	chance: u64,
	stats: Stats,
}

impl Switch {
	/// A switch of `ports` ports, of which `host` knows neither delay nor loss nor partition.
	pub fn new(ports: usize, host: Option<PortId>, seed: u64) -> Self {
		Self {
			ports,
			host,
			conditions: Conditions::default(),
			places: HashMap::new(),
			free_at: vec![None; ports],
			waiting: BinaryHeap::new(),
			counter: 0,
			chance: seed,
			stats: Stats::default(),
		}
	}

	/// What links are like.
	pub fn conditions(&self) -> &Conditions {
		&self.conditions
	}

	/// Changes what links are like, for frames yet to come.
	pub fn set_conditions(&mut self, conditions: Conditions) {
		self.conditions = conditions;
	}

	/// Counts so far.
	pub fn stats(&self) -> Stats {
		self.stats
	}

	/// Takes a frame that port `from` sent.
	pub fn receive(&mut self, now: Instant, from: PortId, frame: &[u8]) {
		let Some((destination, source)) = addresses(frame) else { return };
		if source[0] & GROUP_BIT == 0
			&& (self.places.len() < MAX_ADDRESSES || self.places.contains_key(&source))
		{
			self.places.insert(source, from);
		}
		let known = self.places.get(&destination).copied();
		match known.filter(|_| destination[0] & GROUP_BIT == 0) {
			Some(to) if to == from => {}
			Some(to) => self.forward(now, from, to, frame),
			None => {
				for to in (0..self.ports).filter(|to| *to != from) {
					self.forward(now, from, to, frame);
				}
			}
		}
	}

	/// The next frame whose time has come, and the port it goes to.
	pub fn due(&mut self, now: Instant) -> Option<(PortId, Vec<u8>)> {
		if self.next_due()? > now {
			return None;
		}
		let Waiting { to, frame, .. } = self.waiting.pop()?;
		self.stats.forwarded += 1;
		self.stats.bytes += frame.len() as u64;
		Some((to, frame))
	}

	/// When the next frame is due.
	pub fn next_due(&self) -> Option<Instant> {
		self.waiting.peek().map(|next| next.due)
	}

	fn forward(&mut self, now: Instant, from: PortId, to: PortId, frame: &[u8]) {
		let due = if self.host == Some(from) || self.host == Some(to) {
			now
		} else if self.is_cut(from, to) {
			self.stats.cut += 1;
			return;
		} else if self.is_lost() {
			self.stats.lost += 1;
			return;
		} else if let Some(sent) = self.sent_at(now, from, frame.len()) {
			sent + self.conditions.delay
		} else {
			self.stats.overflowed += 1;
			return;
		};
		if self.waiting.len() >= MAX_WAITING {
			self.stats.overflowed += 1;
			return;
		}
		self.counter += 1;
		self.waiting.push(Waiting { due, number: self.counter, to, frame: frame.to_vec() });
	}

	fn is_cut(&self, from: PortId, to: PortId) -> bool {
		let Some(groups) = &self.conditions.groups else { return false };
		let group = |port: PortId| groups.get(port).copied().flatten();
		group(from).is_none() || group(from) != group(to)
	}

	fn is_lost(&mut self) -> bool {
		if self.conditions.loss == 0 {
			return false;
		}
		// splitmix64: the low bits of its product are as good as chance for this
		self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut bits = self.chance;
		bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		((bits ^ (bits >> 31)) % u64::from(LOSS_SCALE)) < u64::from(self.conditions.loss)
	}

	/// When the last bit of `bytes` has left port `from`; none where too much is waiting there.
	fn sent_at(&mut self, now: Instant, from: PortId, bytes: usize) -> Option<Instant> {
		let Some(rate) = self.conditions.rate else { return Some(now) };
		let free_at = self.free_at.get_mut(from)?;
		let start = free_at.map_or(now, |free| free.max(now));
		if start > now + QUEUE {
			return None;
		}
		let nanoseconds = (bytes as u128 * 8 * 1_000_000_000) / u128::from(rate.max(1));
		let end = start + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
		*free_at = Some(end);
		Some(end)
	}
}

fn addresses(frame: &[u8]) -> Option<(Address, Address)> {
	if frame.len() < HEADER_BYTES {
		return None;
	}
	Some((frame.get(..6)?.try_into().ok()?, frame.get(6..12)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
	use super::*;

	const SEED: u64 = 7;

	fn frame(to: u8, from: u8, bytes: usize) -> Vec<u8> {
		let mut frame = vec![0; bytes];
		frame[..6].copy_from_slice(&[2, 0, 0, 0, 0, to]);
		frame[6..12].copy_from_slice(&[2, 0, 0, 0, 0, from]);
		frame
	}

	fn broadcast(from: u8) -> Vec<u8> {
		let mut frame = frame(0, from, 60);
		frame[..6].fill(0xff);
		frame
	}

	/// Ports 0 to `ports`, each known by an address of its own number.
	fn introduced(ports: usize, host: Option<PortId>, now: Instant) -> Switch {
		let mut switch = Switch::new(ports, host, SEED);
		for port in 0..ports {
			switch.receive(now, port, &broadcast(port as u8));
		}
		while switch.due(now).is_some() {}
		switch
	}

	fn delivered(switch: &mut Switch, now: Instant) -> Vec<PortId> {
		std::iter::from_fn(|| switch.due(now).map(|(to, _)| to)).collect()
	}

	fn with(switch: &mut Switch, change: impl FnOnce(&mut Conditions)) {
		let mut conditions = switch.conditions().clone();
		change(&mut conditions);
		switch.set_conditions(conditions);
	}

	#[test]
	fn a_known_address_gets_its_frames_alone_and_an_unknown_one_is_looked_for_everywhere() {
		let now = Instant::now();
		let mut switch = introduced(4, None, now);
		switch.receive(now, 0, &frame(2, 0, 60));
		assert_eq!(delivered(&mut switch, now), [2]);
		switch.receive(now, 0, &frame(9, 0, 60));
		assert_eq!(delivered(&mut switch, now), [1, 2, 3]);
		switch.receive(now, 3, &broadcast(3));
		assert_eq!(delivered(&mut switch, now), [0, 1, 2]);
	}

	#[test]
	fn frames_take_the_delay_and_keep_their_order() {
		let now = Instant::now();
		let mut switch = introduced(2, None, now);
		with(&mut switch, |c| c.delay = Duration::from_millis(100));
		for bytes in 60..70 {
			switch.receive(now, 0, &frame(1, 0, bytes));
		}
		assert_eq!(switch.due(now + Duration::from_millis(99)), None);
		let later = now + Duration::from_millis(100);
		let sizes: Vec<_> =
			std::iter::from_fn(|| switch.due(later).map(|(_, frame)| frame.len())).collect();
		assert_eq!(sizes, (60..70).collect::<Vec<_>>());
	}

	#[test]
	fn the_loss_is_what_was_asked_for_and_the_same_for_one_seed() {
		const FRAMES: u64 = 20_000;
		let now = Instant::now();
		let run = || {
			let mut switch = introduced(2, None, now);
			with(&mut switch, |c| c.loss = LOSS_SCALE / 100);
			for _ in 0..FRAMES {
				switch.receive(now, 0, &frame(1, 0, 60));
			}
			assert_eq!(delivered(&mut switch, now).len() as u64, FRAMES - switch.stats().lost);
			switch.stats().lost
		};
		let lost = run();
		// five standard deviations about one in a hundred
		assert!((130..=270).contains(&lost), "{lost}");
		assert_eq!(run(), lost);
	}

	#[test]
	fn a_partition_cuts_between_groups_and_the_host_sees_everyone() {
		let now = Instant::now();
		let mut switch = introduced(5, Some(4), now);
		with(&mut switch, |c| {
			c.groups = Some(vec![Some(0), Some(0), Some(1), None, None]);
			c.delay = Duration::from_secs(1);
		});
		let later = now + Duration::from_secs(1);
		switch.receive(now, 0, &broadcast(0));
		assert_eq!(delivered(&mut switch, now), [4]);
		assert_eq!(delivered(&mut switch, later), [1]);
		// two ports of no group are no group
		switch.receive(now, 3, &broadcast(3));
		assert_eq!(delivered(&mut switch, later), [4]);
		switch.receive(now, 4, &frame(3, 4, 60));
		assert_eq!(delivered(&mut switch, now), [3]);
		with(&mut switch, |c| c.groups = None);
		switch.receive(now, 0, &frame(2, 0, 60));
		assert_eq!(delivered(&mut switch, later), [2]);
	}

	#[test]
	fn a_rate_spaces_frames_and_drops_what_does_not_fit() {
		let now = Instant::now();
		let mut switch = introduced(2, None, now);
		// 1,000 bytes take a tenth of a second
		with(&mut switch, |c| c.rate = Some(80_000));
		for _ in 0..20 {
			switch.receive(now, 0, &frame(1, 0, 1_000));
		}
		assert_eq!(delivered(&mut switch, now + Duration::from_millis(99)).len(), 0);
		assert_eq!(delivered(&mut switch, now + Duration::from_millis(100)).len(), 1);
		assert_eq!(delivered(&mut switch, now + Duration::from_secs(9)).len(), 5);
		assert_eq!(switch.stats().overflowed, 14);
		// what the port sends later finds the link free
		let later = now + Duration::from_secs(10);
		switch.receive(later, 0, &frame(1, 0, 1_000));
		assert_eq!(delivered(&mut switch, later + Duration::from_millis(100)).len(), 1);
	}

	#[test]
	fn what_is_no_frame_is_dropped() {
		let now = Instant::now();
		let mut switch = introduced(2, None, now);
		switch.receive(now, 0, &[]);
		switch.receive(now, 0, &[0xff; HEADER_BYTES - 1]);
		assert_eq!(switch.next_due(), None);
	}
}
