//! A runtime of system and chance.

use crate as openledger_chance;
use core::cell::RefCell;
use polkadot_sdk::{
	frame_support::{self, derive_impl, traits::Hooks},
	frame_system,
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
	pub type Chance = openledger_chance;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

std::thread_local! {
	static VRF: RefCell<Option<[u8; 32]>> = const { RefCell::new(None) };
}

/// The VRF output of the block being built.
pub struct BlockVrf;

impl BlockVrf {
	pub fn set(vrf: Option<[u8; 32]>) {
		VRF.with(|v| *v.borrow_mut() = vrf);
	}
}

impl frame_support::traits::Get<Option<[u8; 32]>> for BlockVrf {
	fn get() -> Option<[u8; 32]> {
		VRF.with(|v| *v.borrow())
	}
}

impl openledger_chance::Config for Test {
	type BlockVrf = BlockVrf;
	type WeightInfo = ();
}

pub fn new_test_ext() -> TestExternalities {
	BlockVrf::set(None);
	frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into()
}

/// Builds block `height` with `vrf` and checks the state after it.
pub fn block(height: u32, vrf: Option<[u8; 32]>) {
	BlockVrf::set(vrf);
	System::set_block_number(height.into());
	Chance::on_initialize(height.into());
	Chance::on_finalize(height.into());
	Chance::do_try_state().unwrap();
}
