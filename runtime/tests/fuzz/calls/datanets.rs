//! Datanets and what is offered to them.

use crate::{
	memory::Records,
	people::PEOPLE,
	scene::{anybody, Mode, Plan, Scene},
};
use openledger_datanets::{
	types::{ContributionState, Kind, Metadata, Permission},
	Call, Roots,
};
use openledger_primitives::{merkle::Hash, traits::Terms, BlobId, ContributionId, DatanetId, OPEN};
use openledger_runtime::{AccountId, Runtime};
use std::collections::BTreeSet;

/// What an honest contribution's records take, in bytes each.
const RECORD_BYTES: u64 = 40;

fn metadata(scene: &mut Scene, mode: Mode) -> Metadata {
	let text = |text: &[u8]| text.to_vec();
	let mut metadata = Metadata {
		name: text(b"Weather").try_into().unwrap(),
		description: text(b"Hourly measurements").try_into().unwrap(),
		licence: text(b"CC-BY-4.0").try_into().unwrap(),
	};
	if mode == Mode::Valid || scene.dice.one_in(2) {
		return metadata;
	}
	match scene.dice.below(5) {
		0 => metadata.name = Default::default(),
		1 => metadata.licence = Default::default(),
		2 => metadata.name = vec![0xff; 3].try_into().unwrap(),
		3 => metadata.description = vec![b'x'; 512].try_into().unwrap(),
		_ => metadata.licence = text(b"MIT").try_into().unwrap(),
	}
	metadata
}

/// A Datanet and its owner.
fn owned(scene: &mut Scene) -> (Option<DatanetId>, Option<AccountId>) {
	let found = scene.dice.pick(&scene.view.datanets);
	found.map(|(id, datanet)| (*id, datanet.owner.clone())).unzip()
}

pub fn create(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	// enough of them, so that contributions meet in some
	if mode == Mode::Valid && scene.view.datanets.len() > 12 {
		return None;
	}
	let payer = scene.payer(110 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let kind = scene.dice.one_of(Kind::ALL);
	let metadata = metadata(scene, mode);
	Plan::signed(who, Call::create { kind, metadata })
}

/// Records of `owner`: some new, some maybe of an earlier contribution.
fn records(scene: &mut Scene, owner: AccountId) -> Records {
	let fresh = scene.dice.between(1, 24);
	let mut hashes: Vec<_> = (0..fresh).map(|_| scene.dice.bytes()).collect();
	let copies = scene.dice.one_in(3);
	let original = scene.dice.pick(&scene.view.contributions).map(|(_, found)| found.root);
	let Some(original) = original.filter(|_| copies) else { return Records { owner, hashes } };
	if let Some(original_records) = scene.memory.records.get(&original) {
		let shared = scene.dice.between(1, 20) as usize;
		hashes.extend(original_records.hashes.iter().take(shared));
		let records = Records { owner, hashes };
		scene.memory.copies.push((records.root(), original));
		return records;
	}
	Records { owner, hashes }
}

fn a_root(scene: &mut Scene) -> Option<Hash> {
	scene.dice.pick(&scene.view.contributions).map(|(_, found)| found.root)
}

pub fn contribute(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let payer = scene.payer(15 * OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let datanet = scene.dice.pick(&scene.view.datanets).map(|(id, _)| *id);
	let datanet = scene.id(mode, datanet)?;
	let records = records(scene, PEOPLE.account(who));
	let count = records.hashes.len() as u32;
	let mut root = scene.memory.remember(records);
	if mode == Mode::Adversarial && scene.dice.one_in(6) {
		root = a_root(scene).unwrap_or(root);
	}
	let honest = u64::from(count) * RECORD_BYTES + scene.dice.below(4_096);
	let bytes = scene.id(mode, Some(honest))?;
	let count = scene.number(mode, Some(count))?;
	let uri = b"https://records.example".to_vec().try_into().unwrap();
	Plan::signed(who, Call::contribute { datanet, root, records: count, bytes, uri })
}

/// A contribution in a state that `likes`, and its contributor.
fn contribution(
	scene: &mut Scene,
	likes: impl Fn(&ContributionState) -> bool,
) -> (Option<ContributionId>, Option<AccountId>) {
	let fit: Vec<_> = scene.view.contributions.iter().filter(|(_, c)| likes(&c.state)).collect();
	scene.dice.pick(&fit).map(|(id, found)| (*id, found.contributor.clone())).unzip()
}

pub fn revoke(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, who) = contribution(scene, |state| matches!(state, ContributionState::Accepted(_)));
	let who = scene.person(mode, who.as_ref())?;
	let contribution = scene.id(mode, id)?;
	Plan::signed(who, Call::revoke { contribution })
}

pub fn release_bond(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let now = scene.view.now;
	let (id, _) = contribution(scene, |state| {
		state.revocation().is_some_and(|revocation| revocation.bond_until <= now)
	});
	let payer = scene.payer(OPEN);
	let who = scene.person(mode, payer.as_ref())?;
	let contribution = scene.id(mode, id)?;
	Plan::signed(who, Call::release_bond { contribution })
}

pub fn set_metadata(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = owned(scene);
	let who = scene.person(mode, owner.as_ref())?;
	let datanet = scene.id(mode, id)?;
	let metadata = metadata(scene, mode);
	Plan::signed(who, Call::set_metadata { datanet, metadata })
}

pub fn set_permission(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = owned(scene);
	let who = scene.person(mode, owner.as_ref())?;
	let datanet = scene.id(mode, id)?;
	let permission = match scene.dice.below(4) {
		0 => Permission::OwnerOnly,
		1 => {
			let some = (0..scene.dice.below(20)).map(|_| PEOPLE.account(anybody(&mut scene.dice)));
			Permission::Allowed(some.collect::<BTreeSet<_>>().try_into().unwrap())
		}
		_ => Permission::Open,
	};
	Plan::signed(who, Call::set_permission { datanet, permission })
}

pub fn set_data_fee(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = owned(scene);
	let who = scene.person(mode, owner.as_ref())?;
	let datanet = scene.id(mode, id)?;
	let fee = scene.dice.planck(2 * OPEN);
	let fee = scene.amount(mode, Some(fee))?;
	Plan::signed(who, Call::set_data_fee { datanet, fee })
}

pub fn set_terms(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, owner) = match scene.view.datanets.iter().find(|(_, datanet)| datanet.offered == 0) {
		Some((id, datanet)) => (Some(*id), Some(datanet.owner.clone())),
		None => owned(scene),
	};
	let who = scene.person(mode, owner.as_ref())?;
	let datanet = scene.id(mode, id)?;
	let terms = Terms { commercial: !scene.dice.one_in(4), derivatives: !scene.dice.one_in(4) };
	Plan::signed(who, Call::set_terms { datanet, terms })
}

pub fn publish_clusters(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let fit: Vec<_> = scene.view.datanets.iter().filter(|(_, net)| net.version > 0).collect();
	let found = scene.dice.pick(&fit).map(|(id, net)| (*id, net.owner.clone(), net.version));
	let (id, who, version) = match found {
		Some((id, owner, version)) => (Some(id), Some(owner), Some(version)),
		None => (None, None, None),
	};
	let curators = scene.view.members(openledger_primitives::traits::Role::Curator);
	let curator = scene.dice.pick(&curators).cloned();
	let who = if scene.dice.one_in(2) { who } else { curator };
	let who = scene.person(mode, who.as_ref())?;
	let datanet = scene.id(mode, id)?;
	let version = scene.number(mode, version)?;
	let blob = BlobId(scene.dice.bytes());
	Plan::signed(who, Call::publish_clusters { datanet, version, blob })
}

pub fn close(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let unused = |(_, net): &&(DatanetId, openledger_datanets::Datanet<AccountId>)| {
		net.version == 0 && net.pending == 0
	};
	let fit: Vec<_> = scene.view.datanets.iter().filter(unused).collect();
	let (id, owner) = scene.dice.pick(&fit).map(|(id, net)| (*id, net.owner.clone())).unzip();
	let who = scene.person(mode, owner.as_ref())?;
	let datanet = scene.id(mode, id)?;
	Plan::signed(who, Call::close { datanet })
}

/// The contribution that has `root`, if it is taken.
pub fn by_root(root: &Hash) -> Option<ContributionId> {
	Roots::<Runtime>::get(root)
}
