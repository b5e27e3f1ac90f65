//! What the exchange needs of a network.

use futures::channel::mpsc;
use openledger_content::BlobId;
use polkadot_sdk::sc_network::PeerId;

/// Why a request has no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
	/// Not connected, and not to be connected to.
	Unreachable,
	/// No response in time, or the connection broke.
	Lost,
	/// The peer is there and refuses, or does not know the protocol.
	Refused,
}

/// What a peer did that costs it reputation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
	/// A request or response that nothing of this protocol produces.
	Malformed,
	/// Leaves or bytes that do not belong to the blob.
	Lie,
}

/// The network of one node.
#[async_trait::async_trait]
pub trait Network: Send + Sync + 'static {
	/// Asks `peer` and waits for the response.
	async fn request(&self, peer: PeerId, request: Vec<u8>) -> Result<Vec<u8>, Failure>;

	/// The full peers that are connected.
	async fn connected(&self) -> Vec<PeerId>;

	/// Sends every peer that is said to keep `id` to `found`; returns when no more are expected.
	async fn find(&self, id: BlobId, found: mpsc::Sender<PeerId>);

	/// Says that this node keeps `id`, for some hours.
	fn announce(&self, id: &BlobId);

	/// Says no more that this node keeps `id`.
	fn withdraw(&self, id: &BlobId);

	/// Takes reputation from `peer`.
	fn report(&self, peer: PeerId, offence: Offence);
}
