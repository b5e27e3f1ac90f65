//! Utility, proxies and multisigs.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;

parameter_types! {
	/// Deposit for having proxies at all.
	pub const ProxyDepositBase: Balance = OPEN;
	/// Deposit for each proxy.
	pub const ProxyDepositFactor: Balance = OPEN / 10;
	/// Deposit for a multisig operation.
	pub const MultisigDepositBase: Balance = OPEN;
	/// Deposit for each signatory.
	pub const MultisigDepositFactor: Balance = OPEN / 10;
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no balance.
	#[codec(index = 1)]
	NonTransfer,
	/// An operator's daily work: staking, session keys, serving models.
	#[codec(index = 2)]
	Operator,
	/// Votes and gOPEN.
	#[codec(index = 3)]
	Governance,
	/// Curation: verdicts.
	#[codec(index = 4)]
	Curation,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			// a call for data pays whoever brings it
			ProxyType::NonTransfer => !matches!(
				call,
				RuntimeCall::Balances(_)
					| RuntimeCall::Launches(openledger_launches::Call::post_call { .. })
			),
			ProxyType::Operator => matches!(
				call,
				RuntimeCall::Staking(_)
					| RuntimeCall::Session(_)
					| RuntimeCall::Inference(
						openledger_inference::Call::serve { .. }
							| openledger_inference::Call::withdraw { .. }
					) | RuntimeCall::Utility(_)
			),
			ProxyType::Governance => matches!(
				call,
				RuntimeCall::Gopen(_)
					| RuntimeCall::Assembly(_)
					| RuntimeCall::Referenda(_)
					| RuntimeCall::Preimage(_)
					| RuntimeCall::Utility(_)
			),
			ProxyType::Curation => matches!(
				call,
				RuntimeCall::Datanets(
					openledger_datanets::Call::commit_verdict { .. }
						| openledger_datanets::Call::reveal_verdict { .. }
				) | RuntimeCall::Utility(_)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		self == other
			|| *self == ProxyType::Any
			|| (*self == ProxyType::NonTransfer && *other != ProxyType::Any)
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = sp_runtime::traits::BlakeTwo256;
	type AnnouncementDepositBase = ProxyDepositBase;
	type AnnouncementDepositFactor = ProxyDepositFactor;
	type BlockNumberProvider = System;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}
