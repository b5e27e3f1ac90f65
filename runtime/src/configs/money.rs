//! OPEN: never minted after genesis, never burnt. Dust, fees and slashes go to the treasury.

use crate::*;
use frame_support::{
	parameter_types,
	traits::{
		fungible::{HoldConsideration, Mutate},
		tokens::{
			imbalance::ResolveTo, Pay, PaymentStatus, Preservation::Preserve,
			UnityAssetBalanceConversion,
		},
		ConstU32, ConstU8, LinearStoragePrice, VariantCountOf,
	},
	PalletId,
};
use frame_system::EnsureRoot;
use openledger_primitives::parameters::DAYS;
use sp_runtime::{
	traits::{AccountIdConversion, IdentityLookup},
	DispatchError, FixedU128, Permill, Perquintill,
};

parameter_types! {
	/// Least balance of an account.
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	/// The treasury's pot.
	pub const TreasuryPotId: PalletId = PalletId(*b"ol/trsry");
	/// The genesis-funded pot from which block rewards come.
	pub const CommunityPotId: PalletId = PalletId(*b"ol/cmnty");
	/// That pot's account.
	pub CommunityPotAccount: AccountId = CommunityPotId::get().into_account_truncating();
	/// The treasury's account.
	pub TreasuryAccount: AccountId = TreasuryPotId::get().into_account_truncating();
	/// Planck for a picosecond of weight: 0.001 OPEN for half a millisecond.
	pub const WeightPrice: Balance = OPEN / 1_000 / 500_000_000;
	/// Planck for a byte: 0.001 OPEN for a kilobyte.
	pub const BytePrice: Balance = OPEN / 1_000_000;
	/// Fees rise while blocks are fuller than this.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees follow.
	pub AdjustmentVariable: FixedU128 = FixedU128::from_rational(75, 1_000_000);
	/// Fees never fall below a tenth of their base.
	pub MinimumMultiplier: FixedU128 = FixedU128::from_rational(1, 10);
	/// Fees never rise above this.
	pub MaximumMultiplier: FixedU128 = FixedU128::from_u32(1_000_000);
	/// Days between treasury payouts.
	pub const SpendPeriod: BlockNumber = DAYS;
	/// Days in which an approved spend can be claimed.
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	/// Deposit for a proposal or bounty.
	pub const BountyDepositBase: Balance = 10 * OPEN;
	/// Deposit for a byte of a bounty's description.
	pub const BountyDepositPerByte: Balance = OPEN / 100;
	/// Least value of a bounty.
	pub const BountyValueMinimum: Balance = 10 * OPEN;
	/// Part of a bounty's fee that its curator deposits.
	pub const CuratorDepositMultiplier: Permill = Permill::from_percent(50);
	/// Least deposit of a bounty's curator.
	pub const CuratorDepositMin: Option<Balance> = Some(OPEN);
	/// Most deposit of a bounty's curator.
	pub const CuratorDepositMax: Option<Balance> = Some(10_000 * OPEN);
	/// Deposit for a preimage.
	pub const PreimageBaseDeposit: Balance = OPEN;
	/// Deposit for a byte of a preimage.
	pub const PreimageByteDeposit: Balance = OPEN / 1_000;
	/// Why a preimage's deposit is held.
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// Credits go to the treasury.
type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DustRemoval = ToTreasury;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type WeightInfo = weights::pallet_balances::WeightInfo<Runtime>;
	type DoneSlashHandler = ();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, ToTreasury>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightToFee = sp_weights::ConstantMultiplier<Balance, WeightPrice>;
	type LengthToFee = sp_weights::ConstantMultiplier<Balance, BytePrice>;
	type FeeMultiplierUpdate = pallet_transaction_payment::TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type WeightInfo = weights::pallet_transaction_payment::WeightInfo<Runtime>;
}

/// Pays what the treasury spends, and leaves its account alive: dust, which goes to the treasury, would
/// be burnt without one.
pub struct FromTreasury;
impl Pay for FromTreasury {
	type Balance = Balance;
	type Beneficiary = AccountId;
	type AssetKind = ();
	type Id = ();
	type Error = DispatchError;

	fn pay(who: &AccountId, (): (), amount: Balance) -> Result<(), DispatchError> {
		<Balances as Mutate<_>>::transfer(&TreasuryAccount::get(), who, amount, Preserve)
			.map(|_| ())
	}

	fn check_payment((): ()) -> PaymentStatus {
		PaymentStatus::Success
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(_: &AccountId, (): (), amount: Balance) {
		<Balances as Mutate<_>>::set_balance(&TreasuryAccount::get(), amount + EXISTENTIAL_DEPOSIT);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_concluded((): ()) {}
}

impl pallet_treasury::Config for Runtime {
	type Currency = Balances;
	type RejectOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type SpendPeriod = SpendPeriod;
	type Burn = ();
	type PalletId = TreasuryPotId;
	type BurnDestination = ();
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	type SpendFunds = Bounties;
	type MaxApprovals = ConstU32<100>;
	type SpendOrigin = configs::Spender;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = FromTreasury;
	type BalanceConverter = UnityAssetBalanceConversion;
	type PayoutPeriod = PayoutPeriod;
	type BlockNumberProvider = System;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl pallet_bounties::Config for Runtime {
	type BountyDepositBase = BountyDepositBase;
	type BountyDepositPayoutDelay = SpendPeriod;
	type BountyUpdatePeriod = PayoutPeriod;
	type CuratorDepositMultiplier = CuratorDepositMultiplier;
	type CuratorDepositMax = CuratorDepositMax;
	type CuratorDepositMin = CuratorDepositMin;
	type BountyValueMinimum = BountyValueMinimum;
	type DataDepositPerByte = BountyDepositPerByte;
	type RuntimeEvent = RuntimeEvent;
	type MaximumReasonLength = ConstU32<16_384>;
	type WeightInfo = pallet_bounties::weights::SubstrateWeight<Runtime>;
	type ChildBountyManager = ();
	type OnSlash = Treasury;
	type TransferAllAssets = ();
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
	>;
}
