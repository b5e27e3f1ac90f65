// How a node is started whose RPC strangers may use; docs/rpc.md says why. A gateway stands before it.

/** For the node. One connection of the gateway's is one of a stranger's. */
export const PUBLIC_FLAGS = [
	'--rpc-methods', 'safe',
	'--rpc-max-connections', '2200',
	'--rpc-max-subscriptions-per-connection', '128',
	'--rpc-max-request-size', '1',
	'--rpc-max-response-size', '8',
	'--content-max-mib', '3',
	'--rpc-message-buffer-capacity-per-connection', '16',
	'--rpc-max-batch-request-len', '50',
	'--rpc-rate-limit', '1200',
];
