//! A runtime of system and clock, with blocks of weight 1,000 of which reports need 100.

use crate as openledger_clock;
use core::cell::Cell;
use polkadot_sdk::{
	frame_support::{
		self, derive_impl,
		dispatch::DispatchClass,
		parameter_types,
		traits::{Get, Hooks},
		weights::Weight,
	},
	frame_system::{self, limits::BlockWeights},
	sp_io::TestExternalities,
	sp_runtime::BuildStorage,
};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Clock = openledger_clock;
}

/// A weight of `n` in both dimensions.
pub fn weight(n: u64) -> Weight {
	Weight::from_parts(n, n)
}

parameter_types! {
	pub Reserve: Weight = weight(100);
	/// Normal transactions take at most 750; operational ones have 250 for themselves.
	pub Limits: BlockWeights = BlockWeights::builder()
		.base_block(weight(1))
		.for_class(DispatchClass::all(), |class| class.base_extrinsic = weight(1))
		.for_class(DispatchClass::Normal, |class| class.max_total = Some(weight(750)))
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(weight(1_000));
			class.reserved = Some(weight(250));
		})
		.build_or_panic();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type BlockWeights = Limits;
}

std::thread_local! {
	static PAUSED: Cell<bool> = const { Cell::new(false) };
}

/// Whether calls are paused.
pub struct IsPaused;

impl IsPaused {
	pub fn set(paused: bool) {
		PAUSED.set(paused);
	}
}

impl Get<bool> for IsPaused {
	fn get() -> bool {
		PAUSED.get()
	}
}

impl openledger_clock::Config for Test {
	type IsPaused = IsPaused;
	type Reserve = Reserve;
	type WeightInfo = ();
}

pub fn new_test_ext() -> TestExternalities {
	IsPaused::set(false);
	frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into()
}

/// Builds the next block, in which normal, operational and mandatory work weigh so much.
pub fn block(normal: u64, operational: u64, mandatory: u64) {
	let height = System::block_number() + 1;
	System::set_block_number(height);
	frame_system::BlockWeight::<Test>::kill();
	Clock::on_initialize(height);
	System::register_extra_weight_unchecked(weight(normal), DispatchClass::Normal);
	System::register_extra_weight_unchecked(weight(operational), DispatchClass::Operational);
	System::register_extra_weight_unchecked(weight(mandatory), DispatchClass::Mandatory);
	Clock::on_finalize(height);
	Clock::do_try_state().unwrap();
}
