//! How each call is made. Every maker takes how its arguments are to be chosen, and answers with
//! nothing where a valid call has nothing to act on.

mod assemblies;
mod curation;
mod datanets;
mod duplicates;
mod gopen;
mod inference;
mod launches;
mod models;
mod offences;
mod referenda;
mod reports;
pub mod root;
mod staking;
pub mod standard;

use crate::{
	dice::Dice,
	scene::{Mode, Plan, Scene},
};
use std::sync::LazyLock;

/// Makes a call.
pub type Maker = fn(&mut Scene, Mode) -> Option<Plan>;

/// Makers, by how often they are asked.
const MAKERS: &[(u64, Maker)] = &[
	(2, datanets::create),
	(8, datanets::contribute),
	(2, datanets::revoke),
	(1, datanets::set_metadata),
	(1, datanets::set_permission),
	(2, datanets::set_data_fee),
	(3, datanets::release_bond),
	(1, datanets::set_terms),
	(2, datanets::publish_clusters),
	(1, datanets::close),
	(22, curation::commit_verdict),
	(22, curation::reveal_verdict),
	(4, curation::appeal),
	(2, curation::set_kinds),
	(5, duplicates::commit_duplicate),
	(6, duplicates::prove_duplicate),
	(1, duplicates::withdraw_duplicate),
	(3, models::register),
	(3, models::register_adapter),
	(2, models::set_price),
	(1, models::set_unit_price),
	(2, models::set_status),
	(1, models::set_engine_version),
	(2, models::record_evaluation),
	(5, models::attest_evaluation),
	(2, models::retire),
	(1, models::list),
	(1, models::delist),
	(3, launches::post_call),
	(1, launches::fund_call),
	(4, launches::claim_call),
	(2, launches::close_call),
	(2, launches::propose),
	(2, launches::approve),
	(1, launches::withdraw),
	(3, launches::deliver),
	(2, launches::conclude),
	(2, launches::expire),
	(7, inference::request),
	(1, inference::cancel),
	(6, inference::serve),
	(1, inference::withdraw),
	(32, reports::commit),
	(32, reports::reveal),
	(2, reports::dispute),
	(2, reports::claim),
	(2, reports::claim_for),
	(6, staking::bond),
	(3, staking::bond_extra),
	(2, staking::unbond),
	(3, staking::withdraw_unbonded),
	(5, staking::delegate),
	(3, staking::undelegate),
	(3, staking::withdraw_undelegated),
	(3, staking::claim_rewards),
	(3, staking::set_worker_key),
	(1, staking::chill),
	(2, staking::set_commission),
	(3, gopen::deposit),
	(3, gopen::withdraw),
	(2, gopen::complete_withdrawal),
	(3, gopen::delegate_votes),
	(1, gopen::undelegate_votes),
	(8, gopen::vote),
	(1, gopen::remove_vote),
	(1, gopen::forget),
	(2, gopen::time_out),
	(2, referenda::submit),
	(3, referenda::place_decision_deposit),
	(1, referenda::refund),
	(1, referenda::payout),
	(3, assemblies::propose),
	(6, assemblies::vote),
	(1, assemblies::remove_vote),
	(3, assemblies::close),
	(1, assemblies::forget_earnings),
	(2, assemblies::rule),
	(3, standard::transfer),
	(1, standard::transfer_all),
	(1, standard::gift),
	(1, standard::burn),
	(1, standard::batch),
	(1, standard::add_proxy),
	(1, standard::remove_proxy),
	(2, standard::proxy),
	(1, standard::set_keys),
	(1, standard::purge_keys),
	(1, standard::note_preimage),
	(1, offences::report_equivocation),
	(2, root::set_parameter),
	(1, root::cancel_slash),
	(1, root::pause),
	(1, root::ordinary),
	(1, root::spend),
];

static WHOLE: LazyLock<u64> = LazyLock::new(|| MAKERS.iter().map(|(often, _)| often).sum());

/// One of the makers.
pub fn pick(dice: &mut Dice) -> Maker {
	let mut at = dice.below(*WHOLE);
	for (often, maker) in MAKERS {
		match at.checked_sub(*often) {
			Some(rest) => at = rest,
			None => return *maker,
		}
	}
	unreachable!("the roll lies below the sum")
}
