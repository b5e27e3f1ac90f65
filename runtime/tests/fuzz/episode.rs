//! One episode: blocks of calls from the same beginning, checked one by one, and an end in which
//! everything that was begun ends.

use crate::{
	author::Author,
	calls::root,
	common::{authorised, invariants, signed},
	ledger,
	people::{ALICE, PEOPLE},
	scene::{anybody, Plan, Scene, Sender},
	setup::{self, BEGINNING},
	tally::{self, Tally},
	view::{View, POTS},
	watch,
};
use openledger_primitives::OPEN;
use openledger_runtime::*;
use polkadot_sdk::{
	frame_support::traits::fungible::Inspect,
	pallet_sudo,
	sp_runtime::{generic::Preamble, DispatchResult},
};
use sp_state_machine::BasicExternalities;
use std::collections::VecDeque;

/// Calls that are shown when something breaks.
const SHOWN: usize = 24;
/// Blocks after which what was deleted from the state is forgotten by the externalities, too.
const TIDY: u32 = 16;
/// One block in so many is executed a second time, as everyone else imports it.
const IMPORTED: u32 = 8;
/// The most blocks in which everything that was begun has to end.
const PATIENCE: u32 = 400;

/// A call that was sent.
struct Sent {
	block: BlockNumber,
	sender: Sender,
	call: RuntimeCall,
	result: String,
}

/// See the module's documentation.
pub struct Episode {
	seed: u64,
	/// Blocks from one whole check to the next.
	every: u32,
	author: Author,
	scene: Scene,
	/// What was tried so far.
	pub tally: Tally,
	calls: u64,
	planned: u64,
	gifts: [Balance; POTS],
	last: VecDeque<Sent>,
}

impl Episode {
	/// The episode of `seed`, and the state on which it begins.
	pub fn new(seed: u64, every: u32) -> (Self, BasicExternalities) {
		let (ext, author) = BEGINNING.copy();
		watch::begin();
		let episode = Self {
			seed,
			every,
			author,
			scene: Scene::new(seed),
			tally: Tally::default(),
			calls: 0,
			planned: 0,
			gifts: [0; POTS],
			last: VecDeque::new(),
		};
		(episode, ext)
	}

	/// Sends `calls` calls and lets everything end. Panics when something breaks.
	pub fn run(&mut self, mut ext: BasicExternalities, calls: u64) {
		self.planned = calls;
		while self.calls < calls {
			ext.execute_with(|| {
				for _ in 0..TIDY {
					let room = calls.saturating_sub(self.calls);
					self.block(room);
				}
			});
			ext = BasicExternalities::new(ext.into_storages());
		}
		ext.execute_with(|| self.end());
	}

	/// What was sent last, and how to send it again.
	pub fn explain(&self) -> String {
		use std::fmt::Write;
		let Self { seed, calls, planned, .. } = self;
		let mut text = format!("seed {seed}, after {calls} calls; the last of them:\n");
		for sent in &self.last {
			let sender = match &sent.sender {
				Sender::Signed(who) => PEOPLE.get(*who).name.clone(),
				Sender::Authorised => "authorised".into(),
				Sender::Replayed(_) => "sent again".into(),
			};
			let Sent { block, call, result, .. } = sent;
			let _ = writeln!(text, "  block {block}, {sender}: {call:?}: {result}");
		}
		let _ = writeln!(
			text,
			"to repeat it: scripts/fuzz.sh --seed {seed} --calls {planned} --episode {planned}"
		);
		text
	}

	/// A block with `room` calls at most, and what root does besides.
	fn block(&mut self, room: u64) {
		let dice = &mut self.scene.dice;
		let slots = match dice.below(80) {
			0 => dice.between(EPOCH_SLOTS, 5 * EPOCH_SLOTS),
			1..=8 => dice.between(2, 40),
			_ => 1,
		};
		let calls = match dice.below(12) {
			0 => dice.between(1, 3),
			1..=8 => dice.between(12, 64),
			_ => dice.between(64, 120),
		};
		let calls = calls.min(room);
		let fill = dice.one_in(30).then(|| dice.between(300, 470) * 1_000_000_000);
		let imports = self.author.height().is_multiple_of(IMPORTED);
		self.author.open(slots, imports);
		self.scene.view = View::look();
		if self.scene.dice.one_in(3) {
			root::resume().into_iter().for_each(|plan| self.send(plan));
		}
		let full_at = self.scene.dice.below(calls.max(1));
		for at in 0..calls {
			if at == full_at {
				fill.into_iter().for_each(|weight| self.send(root::fill(weight)));
			}
			let plan = self.scene.plan();
			self.send(plan);
		}
		self.author.close();
		self.check();
	}

	fn send(&mut self, plan: Plan) {
		let transaction = self.transaction(&plan);
		// reports of offences depend on who builds the block
		if !matches!(plan.call, RuntimeCall::Babe(_)) {
			self.scene.memory.note_sent(transaction.clone(), plan.gift);
		}
		self.remember(&plan, "sent".into());
		let result = self.author.apply(transaction);
		let error = tally::error(&result, sudone(&plan.call));
		if let (None, Some((pot, amount))) = (&error, plan.gift) {
			self.gifts[pot] += amount;
		}
		if let Some(last) = self.last.back_mut() {
			last.result = error.clone().unwrap_or_else(|| "succeeded".into());
		}
		self.tally.note(tally::name(&plan.call), error);
		self.calls += 1;
	}

	fn remember(&mut self, plan: &Plan, result: String) {
		if self.last.len() == SHOWN {
			self.last.pop_front();
		}
		let Plan { sender, call, .. } = plan.clone();
		let block = System::block_number();
		self.last.push_back(Sent { block, sender, call, result });
	}

	/// The transaction; seldom with another nonce, or signed by another.
	fn transaction(&mut self, plan: &Plan) -> UncheckedExtrinsic {
		let who = match (&plan.sender, &plan.call) {
			(Sender::Replayed(sent), _) => return (**sent).clone(),
			(Sender::Authorised, RuntimeCall::Attribution(call)) => {
				return authorised(call.clone())
			}
			(Sender::Authorised, call) => return UncheckedExtrinsic::new_bare(call.clone()),
			(Sender::Signed(who), _) => PEOPLE.get(*who),
		};
		let mut nonce = System::account_nonce(&who.account);
		let mut signer = who;
		match self.scene.dice.below(400) {
			0 => nonce = nonce.wrapping_add(1),
			1 => signer = PEOPLE.get(anybody(&mut self.scene.dice)),
			_ => {}
		}
		let mut transaction = signed(&signer.pair, nonce, plan.call.clone());
		if let Preamble::Signed(address, ..) = &mut transaction.preamble {
			*address = who.account.clone().into();
		}
		transaction
	}

	fn check(&mut self) {
		let height = self.author.height();
		self.tally.mark("blocks", 1);
		let seen = watch::take();
		assert!(seen.is_empty(), "block {height}: the runtime reports {seen:?}");
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE, "block {height}: issuance");
		match height % self.every {
			0 => self.check_whole(),
			_ => ledger::pots_hold_what_they_owe(self.gifts)
				.unwrap_or_else(|broken| panic!("block {height}: {broken}")),
		}
	}

	fn check_whole(&mut self) {
		let height = self.author.height();
		let findings =
			invariants::check().unwrap_or_else(|broken| panic!("block {height}: {broken}"));
		assert_eq!(findings.gifts, self.gifts[0], "block {height}: gifts of the attribution pot");
		ledger::check(self.gifts).unwrap_or_else(|broken| panic!("block {height}: {broken}"));
		self.tally.mark("checks", 1);
	}

	/// Everything that was begun ends, whatever happened, and is paid out.
	fn end(&mut self) {
		self.tally.mark("frozen blocks", openledger_clock::Frozen::<Runtime>::get().into());
		self.tally.mark("sessions", Session::current_index().into());
		while let Some(plan) = root::resume() {
			setup::block(&mut self.author, vec![(ALICE, plan.call)]);
		}
		setup::block(&mut self.author, setup::calm_parameters());
		if longest_wait() > PATIENCE {
			self.tally.mark("episodes with a period too long to wait for", 1);
			return;
		}
		for _ in 0..PATIENCE {
			if nothing_is_open() {
				break;
			}
			setup::block(&mut self.author, Vec::new());
		}
		self.check_whole();
		assert!(nothing_is_open(), "after {PATIENCE} quiet blocks something is still open");
		self.claim_everything();
		self.tally.mark("episodes in which everything ended", 1);
	}

	/// What can be claimed is paid, and nothing else is owed.
	fn claim_everything(&mut self) {
		let poor = |who: &AccountId| {
			let claim = Attribution::claimable(who);
			Balances::total_balance(who) + claim < EXISTENTIAL_DEPOSIT
		};
		let claims = openledger_attribution::Claimable::<Runtime>::iter_keys()
			.filter(|who| !poor(who))
			.map(|account| (ALICE, openledger_attribution::Call::claim_for { account }.into()));
		setup::block(&mut self.author, claims.collect());
		self.check_whole();
		let left = openledger_attribution::Owed::<Runtime>::get();
		assert!(left < OPEN, "{left} planck are owed to nobody who can claim them");
	}
}

/// What came of the call inside a call of sudo.
fn sudone(call: &RuntimeCall) -> Option<DispatchResult> {
	if !matches!(call, RuntimeCall::Sudo(_)) {
		return None;
	}
	let events = System::read_events_no_consensus();
	let sudid = events.filter_map(|record| match record.event {
		RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result),
		_ => None,
	});
	sudid.last()
}

/// Whether no request, round, dispute, review or evaluation is open.
fn nothing_is_open() -> bool {
	use openledger_attribution::{Disputes, MaturingItems, OverdueItems, Rounds};
	let evaluations = openledger_models::Evaluations::<Runtime>::iter_values();
	Rounds::<Runtime>::iter_keys().next().is_none()
		&& Disputes::<Runtime>::iter_keys().next().is_none()
		&& MaturingItems::<Runtime>::iter_keys().next().is_none()
		&& OverdueItems::<Runtime>::iter_keys().next().is_none()
		&& openledger_inference::Requests::<Runtime>::iter_keys().next().is_none()
		&& openledger_datanets::Reviews::<Runtime>::iter_keys().next().is_none()
		&& evaluations.into_iter().all(|record| record.is_final())
}

/// Blocks until the last of what waits in a queue is due.
fn longest_wait() -> BlockNumber {
	use openledger_attribution as rounds;
	use openledger_datanets as nets;
	let reviews = nets::CommitDeadlines::<Runtime>::iter_values()
		.chain(nets::RevealDeadlines::<Runtime>::iter_values())
		.chain(nets::AppealDeadlines::<Runtime>::iter_values())
		.map(|(_, at)| at);
	let jobs = rounds::CommitQueueItems::<Runtime>::iter_values()
		.chain(rounds::RevealQueueItems::<Runtime>::iter_values())
		.chain(rounds::MaturingItems::<Runtime>::iter_values())
		.map(|due| due.at);
	let evaluations =
		openledger_models::DeadlineEntries::<Runtime>::iter_values().map(|due| due.at);
	let last = reviews.chain(jobs).chain(evaluations).max().unwrap_or_default();
	last.saturating_sub(System::block_number())
}
