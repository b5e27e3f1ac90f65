//! Changes of what is stored.

use crate::{Config, Member, Members, Pallet, WeightInfo};
use core::marker::PhantomData;
use openledger_primitives::{traits::Role, Balance, BlockNumber};
use polkadot_sdk::{
	frame_support::{
		migrations::VersionedMigration, traits::UncheckedOnRuntimeUpgrade, weights::Weight,
		BoundedVec,
	},
	frame_system,
};

/// From version 1 to 2: members show their own bond besides all that stands behind them. Bounded by
/// the roles' places.
pub type MigrateV1ToV2<T> =
	VersionedMigration<1, 2, ToV2<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// The work of [`MigrateV1ToV2`], which looks at the version; not to be used by itself.
pub struct ToV2<T>(PhantomData<T>);

/// A member at version 1.
#[derive(codec::Encode, codec::Decode, scale_info::TypeInfo, codec::MaxEncodedLen)]
pub(crate) struct OldMember<AccountId> {
	pub(crate) who: AccountId,
	pub(crate) amount: Balance,
	pub(crate) since: BlockNumber,
}

pub(crate) type OldMembers<T> =
	BoundedVec<OldMember<<T as frame_system::Config>::AccountId>, <T as Config>::MaxMembers>;

impl<T: Config> UncheckedOnRuntimeUpgrade for ToV2<T> {
	fn on_runtime_upgrade() -> Weight {
		Members::<T>::translate(|_: Role, old: OldMembers<T>| {
			let member =
				|OldMember { who, amount, since }| Member { who, own: amount, amount, since };
			let members = old.into_iter().map(member).collect::<alloc::vec::Vec<_>>();
			// as many as before
			Some(BoundedVec::truncate_from(members))
		});
		T::WeightInfo::migrate_to_v2()
	}

	#[cfg(feature = "try-runtime")]
	fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, polkadot_sdk::sp_runtime::TryRuntimeError> {
		use codec::Encode;
		use polkadot_sdk::{frame_support::storage::unhashed, sp_runtime::SaturatedConversion};
		let count = |role: Role| -> Result<u32, polkadot_sdk::sp_runtime::TryRuntimeError> {
			let key = Members::<T>::hashed_key_for(role);
			let Some(raw) = unhashed::get_raw(&key) else { return Ok(0) };
			let members = <OldMembers<T> as codec::DecodeAll>::decode_all(&mut raw.as_slice());
			let members = members.map_err(|_| "members are not those of version 1")?;
			Ok(members.len().saturated_into())
		};
		let mut counts = alloc::vec::Vec::new();
		for role in crate::ROLES {
			counts.push(count(role)?);
		}
		Ok(counts.encode())
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(
		state: alloc::vec::Vec<u8>,
	) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
		use codec::Decode;
		use polkadot_sdk::{frame_support::ensure, sp_runtime::SaturatedConversion};
		let counts = alloc::vec::Vec::<u32>::decode(&mut state.as_slice())
			.map_err(|_| "what pre_upgrade noted cannot be read")?;
		for (role, count) in crate::ROLES.into_iter().zip(counts) {
			let members = Members::<T>::get(role);
			let now: u32 = members.len().saturated_into();
			ensure!(now == count, "a member was lost");
			for member in members {
				let bond =
					crate::Bonds::<T>::get(role, &member.who).ok_or("a member has no bond")?;
				ensure!(member.own == bond.amount, "a member differs from its bond");
				ensure!(member.amount == member.own, "delegations came out of nowhere");
			}
		}
		Ok(())
	}
}
