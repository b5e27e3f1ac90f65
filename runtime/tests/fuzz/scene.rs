//! From what there is to see and to remember, and from dice, calls are made.

use crate::{
	calls,
	dice::Dice,
	memory::Memory,
	people::{ALICE, PEOPLE},
	view::View,
};
use openledger_primitives::{
	Balance, BlockNumber, ContributionId, DataCallId, DatanetId, JobId, LaunchId, ModelId, Ppm,
	OPEN, TOTAL_ISSUANCE,
};
use openledger_runtime::{AccountId, Balances, RuntimeCall, UncheckedExtrinsic};
use polkadot_sdk::frame_support::traits::{
	fungible::Inspect,
	tokens::{Fortitude, Preservation},
};

/// How often another call is tried when one finds nothing to do.
const TRIES: u32 = 12;

/// How arguments are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
	/// As somebody would who wants the call to succeed.
	Valid,
	/// Anywhere.
	Random,
	/// Like [`Mode::Valid`], but for something that is not quite right.
	Adversarial,
}

/// Who sends a call.
#[derive(Clone, Debug)]
pub enum Sender {
	/// A person, by number, with nonce and fee.
	Signed(usize),
	/// Nobody: the call authorises itself, or is a report that nobody signs.
	Authorised,
	/// Whoever sent this transaction before.
	Replayed(Box<UncheckedExtrinsic>),
}

/// Planck that go to one of [`crate::view::pots`], by number.
pub type Gift = Option<(usize, Balance)>;

/// A call to be sent.
#[derive(Clone, Debug)]
pub struct Plan {
	/// Who sends it.
	pub sender: Sender,
	/// What is sent.
	pub call: RuntimeCall,
	/// What it gives when it succeeds.
	pub gift: Gift,
}

impl Plan {
	/// A call that `who` signs.
	pub fn signed(who: usize, call: impl Into<RuntimeCall>) -> Option<Self> {
		Some(Self { sender: Sender::Signed(who), call: call.into(), gift: None })
	}

	/// A call of root.
	pub fn root(call: impl Into<RuntimeCall>) -> Option<Self> {
		let call = Box::new(call.into());
		Self::signed(ALICE, polkadot_sdk::pallet_sudo::Call::sudo { call })
	}
}

/// See the module's documentation.
pub struct Scene {
	/// Decide everything.
	pub dice: Dice,
	/// As it was when the block began.
	pub view: View,
	/// Of all blocks.
	pub memory: Memory,
	/// Of a hundred calls, how many are valid, and how many adversarial; the others are random.
	tempers: (u64, u64),
}

impl Scene {
	/// A scene whose calls follow from `seed`.
	pub fn new(seed: u64) -> Self {
		let mut dice = Dice::new(seed);
		let valid = dice.between(45, 85);
		let tempers = (valid, dice.between(5, 95 - valid));
		Self { dice, view: View::default(), memory: Memory::of_stage(), tempers }
	}

	/// The next call.
	pub fn plan(&mut self) -> Plan {
		if self.dice.one_in(50) {
			if let Some((sent, gift)) = self.memory.sent(&mut self.dice) {
				let call = sent.function.clone();
				return Plan { sender: Sender::Replayed(Box::new(sent)), call, gift };
			}
		}
		let mut mode = self.mode();
		for _ in 0..TRIES {
			let make = calls::pick(&mut self.dice);
			if let Some(plan) = make(self, mode) {
				return calls::standard::wrapped(self, plan);
			}
		}
		mode = Mode::Random;
		loop {
			let make = calls::pick(&mut self.dice);
			if let Some(plan) = make(self, mode) {
				return plan;
			}
		}
	}

	fn mode(&mut self) -> Mode {
		let (valid, adversarial) = self.tempers;
		match self.dice.below(100) {
			roll if roll < valid => Mode::Valid,
			roll if roll < valid + adversarial => Mode::Adversarial,
			_ => Mode::Random,
		}
	}

	/// `fit` in valid calls; in others now and then what `stray` makes of it, or of nothing.
	pub fn settle<T>(
		&mut self,
		mode: Mode,
		fit: Option<T>,
		stray: impl FnOnce(&mut Dice, Option<T>) -> T,
	) -> Option<T> {
		match (mode, fit) {
			(Mode::Valid, fit) => fit,
			(_, None) => Some(stray(&mut self.dice, None)),
			(Mode::Random, Some(fit)) if self.dice.one_in(3) => Some(fit),
			(Mode::Random, _) => Some(stray(&mut self.dice, None)),
			(Mode::Adversarial, fit) if self.dice.one_in(3) => Some(stray(&mut self.dice, fit)),
			(Mode::Adversarial, fit) => fit,
		}
	}

	/// Who sends a call.
	pub fn person(&mut self, mode: Mode, fit: Option<&AccountId>) -> Option<usize> {
		let fit = fit.and_then(|account| PEOPLE.number(account)).filter(|number| *number != ALICE);
		self.settle(mode, fit, |dice, _| anybody(dice))
	}

	/// An account in a call.
	pub fn account(&mut self, mode: Mode, fit: Option<AccountId>) -> Option<AccountId> {
		self.settle(mode, fit, |dice, _| match dice.below(12) {
			0 => dice.bytes().into(),
			_ => PEOPLE.account(anybody(dice)),
		})
	}

	/// Planck.
	pub fn amount(&mut self, mode: Mode, fit: Option<Balance>) -> Option<Balance> {
		self.settle(mode, fit, |dice, fit| {
			let fit = fit.unwrap_or_else(|| dice.planck(1_000 * OPEN));
			match dice.below(9) {
				0 => 0,
				1 => 1,
				2 => fit.saturating_sub(1),
				3 => fit.saturating_add(1),
				4 => fit.saturating_mul(2),
				5 => fit / 2,
				6 => TOTAL_ISSUANCE,
				7 => Balance::MAX,
				_ => dice.planck(100_000 * OPEN),
			}
		})
	}

	/// A number of something.
	pub fn id<I: Id>(&mut self, mode: Mode, fit: Option<I>) -> Option<I> {
		self.settle(mode, fit, |dice, fit| {
			let fit = fit.map_or_else(|| dice.next() >> dice.between(50, 63), I::number);
			I::numbered(match dice.below(7) {
				0 => 0,
				1 => u64::MAX,
				2 => fit.wrapping_add(1),
				3 => fit.wrapping_sub(1),
				4 => fit / 2,
				_ => fit,
			})
		})
	}

	/// A block, a version or a count.
	pub fn number(&mut self, mode: Mode, fit: Option<u32>) -> Option<u32> {
		self.id(mode, fit)
	}

	/// Parts per million.
	pub fn ppm(&mut self, mode: Mode, fit: Option<Ppm>) -> Option<Ppm> {
		self.settle(mode, fit, |dice, _| Ppm(dice.one_of([0, 1, 999_999, 1_000_001, u32::MAX])))
	}

	/// A hash, a commitment, a salt.
	pub fn hash(&mut self, mode: Mode, fit: Option<[u8; 32]>) -> Option<[u8; 32]> {
		self.settle(mode, fit, |dice, fit| match fit {
			Some(mut fit) => {
				fit[dice.below(32) as usize] ^= 1 << dice.below(8);
				fit
			}
			None => dice.bytes(),
		})
	}

	/// Somebody who can spend more than `needed`, sought among a few.
	pub fn payer(&mut self, needed: Balance) -> Option<AccountId> {
		(0..6).map(|_| PEOPLE.account(anybody(&mut self.dice))).find(|who| spendable(who) > needed)
	}

	/// A part of what `who` can spend, at least `least`.
	pub fn part_of(&mut self, who: &AccountId, least: Balance) -> Option<Balance> {
		let most = spendable(who).checked_sub(OPEN)?.checked_sub(least)?;
		let parts = Balance::from(self.dice.between(2, 40));
		Some(least + self.dice.planck(most / parts))
	}
}

/// Planck that `who` can spend and stay alive.
pub fn spendable(who: &AccountId) -> Balance {
	Balances::reducible_balance(who, Preservation::Preserve, Fortitude::Polite)
}

/// Anybody but Alice.
pub fn anybody(dice: &mut Dice) -> usize {
	dice.between(1, PEOPLE.len() as u64 - 1) as usize
}

/// Something that is numbered.
pub trait Id: Copy {
	/// Its number.
	fn number(self) -> u64;
	/// The one with this number, as far as numbers go.
	fn numbered(number: u64) -> Self;
}

macro_rules! ids {
	($($name:ident: $inner:ty),*) => {$(
		impl Id for $name {
			fn number(self) -> u64 {
				self.0.into()
			}
			fn numbered(number: u64) -> Self {
				Self(number as $inner)
			}
		}
	)*};
}

ids!(
	DatanetId: u32,
	ModelId: u32,
	ContributionId: u64,
	JobId: u64,
	DataCallId: u32,
	LaunchId: u32
);

impl Id for BlockNumber {
	fn number(self) -> u64 {
		self.into()
	}
	fn numbered(number: u64) -> Self {
		number as Self
	}
}

impl Id for u64 {
	fn number(self) -> u64 {
		self
	}
	fn numbered(number: u64) -> Self {
		number
	}
}
