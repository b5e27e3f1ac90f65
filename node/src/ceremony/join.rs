//! An operator's keys.

use super::operator::{check_name, parse_account, Operator};
use openledger_runtime::{opaque::SessionKeys, AccountId};
use polkadot_sdk::{
	sc_keystore::LocalKeystore,
	sc_network::{
		config::{MultiaddrWithPeerId, NodeKeyConfig, Secret},
		Multiaddr,
	},
	sp_keystore::KeystoreExt,
	sp_state_machine::BasicExternalities,
};
use std::path::{Path, PathBuf};

/// The keys lie where a node started with `--chain SPEC --base-path DIR` looks for them.
#[derive(Debug, clap::Args)]
pub struct Join {
	/// Id of the chain, as the ceremony's parameters have it.
	#[arg(long, value_name = "ID")]
	chain_id: String,

	/// What others call you.
	#[arg(long)]
	name: String,

	/// The account for grant and bond. Its key is not needed here, and lies on no node.
	#[arg(long, value_name = "ADDRESS", value_parser = parse_account)]
	account: AccountId,

	/// The node's directory.
	#[arg(long, value_name = "DIR")]
	base_path: PathBuf,

	/// Where others find the node, for example `/dns/node.example/tcp/30333`. It becomes a bootnode.
	#[arg(long, value_name = "MULTIADDR")]
	address: Option<Multiaddr>,

	/// The file to publish.
	#[arg(long, value_name = "FILE")]
	output: PathBuf,
}

impl Join {
	/// Makes keys and file.
	pub fn run(self) -> Result<(), String> {
		check_name(&self.name)?;
		check_name(&self.chain_id.replace('_', "-"))?;
		let directory = self.base_path.join("chains").join(&self.chain_id);
		let (session_keys, proof) = self.make_keys(&directory.join("keystore"))?;
		let bootnode = match self.address {
			None => None,
			Some(multiaddr) => {
				let peer_id = peer(&directory.join("network"))?;
				Some(MultiaddrWithPeerId { multiaddr, peer_id })
			}
		};
		let (name, account) = (self.name, self.account);
		let operator = Operator { name, account, session_keys, proof, bootnode };
		operator.check(&self.chain_id)?;
		let text = serde_json::to_string_pretty(&operator).map_err(|e| e.to_string())?;
		super::write_new(&self.output, &(text + "\n"))?;
		println!("The keys are in {}: back that folder up.", directory.display());
		println!("Publish {}.", self.output.display());
		Ok(())
	}

	fn make_keys(&self, keystore: &Path) -> Result<(SessionKeys, Vec<u8>), String> {
		let occupied = std::fs::read_dir(keystore).is_ok_and(|mut files| files.next().is_some());
		if occupied {
			return Err(format!(
				"{} has keys already: a node with several keys of a kind signs twice; move them away \
				 first",
				keystore.display()
			));
		}
		let opened = LocalKeystore::open(keystore, None)
			.map_err(|e| format!("{}: {e}", keystore.display()))?;
		let mut externalities = BasicExternalities::default();
		externalities.register_extension(KeystoreExt::new(opened));
		let claim = Operator::claim(&self.chain_id, &self.account);
		let generated = externalities.execute_with(|| SessionKeys::generate(&claim, None));
		Ok((generated.keys, codec::Encode::encode(&generated.proof)))
	}
}

/// The node's identity on the network; made when it has none.
fn peer(directory: &Path) -> Result<polkadot_sdk::sc_network_types::PeerId, String> {
	let file = directory.join("secret_ed25519");
	let failed = |e: std::io::Error| format!("{}: {e}", file.display());
	std::fs::create_dir_all(directory).map_err(failed)?;
	let keypair =
		NodeKeyConfig::Ed25519(Secret::File(file.clone())).into_keypair().map_err(failed)?;
	Ok(keypair.public().to_peer_id())
}
