// Which methods of a node are for strangers.

/** Methods that a node refuses from outside: they change the node, show its keys, or keep it busy for long. */
export const UNSAFE = [
	'author_hasKey',
	'author_hasSessionKeys',
	'author_insertKey',
	'author_removeExtrinsic',
	'author_rotateKeys',
	'author_rotateKeysWithOwner',
	'babe_epochAuthorship',
	'content_fetch',
	'content_put',
	'offchain_localStorageClear',
	'offchain_localStorageGet',
	'offchain_localStorageSet',
	'state_callRecorded',
	'state_getPairs',
	'state_queryStorage',
	'state_traceBlock',
	'system_addLogFilter',
	'system_addReservedPeer',
	'system_dryRun',
	'system_dryRunAt',
	'system_peers',
	'system_removeReservedPeer',
	'system_resetLogFilter',
	'system_unstable_networkState',
];

/** Methods whose answer has no bound but the state's size, although a node lets strangers call them. */
export const UNBOUNDED = ['childstate_getKeys', 'state_getKeys'];

/** Methods that cost a node much more than a look-up. */
export const HEAVY = [
	'author_pendingExtrinsics',
	'childstate_getKeysPaged',
	'childstate_getKeysPagedAt',
	'chain_getBlock',
	'chainHead_v1_body',
	'chainHead_v1_call',
	'chainHead_v1_storage',
	'content_get',
	'grandpa_proveFinality',
	'state_call',
	'state_callAt',
	'state_getChildReadProof',
	'state_getKeysPaged',
	'state_getKeysPagedAt',
	'state_getMetadata',
	'state_getReadProof',
	'state_getStorageSize',
	'state_getStorageSizeAt',
	'state_queryStorageAt',
];

/** Heavy methods whose answers are large, or long to make: a node works on a few of them at a time. */
const LARGE = new Set([
	'author_pendingExtrinsics',
	'childstate_getKeysPaged',
	'childstate_getKeysPagedAt',
	'content_get',
	'state_getChildReadProof',
	'state_getKeysPaged',
	'state_getKeysPagedAt',
	'state_getMetadata',
	'state_getReadProof',
	'state_getStorageSize',
	'state_getStorageSizeAt',
	'state_queryStorageAt',
]);

/** Whether a request's answer is large. Of the runtime's functions those for users are not. */
export function isLarge({ method, params }) {
	const called = { state_call: params?.[0], state_callAt: params?.[0], chainHead_v1_call: params?.[2] };
	return method in called ? !/^\w+Api_/.test(called[method]) : LARGE.has(method);
}

/** Everything else that strangers may call. */
const LIGHT = [
	'account_nextIndex',
	'author_submitAndWatchExtrinsic',
	'author_submitExtrinsic',
	'author_unwatchExtrinsic',
	'bitswap_v1_get',
	'chainHead_v1_continue',
	'chainHead_v1_follow',
	'chainHead_v1_header',
	'chainHead_v1_stopOperation',
	'chainHead_v1_unfollow',
	'chainHead_v1_unpin',
	'chainSpec_v1_chainName',
	'chainSpec_v1_genesisHash',
	'chainSpec_v1_properties',
	'chain_getBlockHash',
	'chain_getFinalisedHead',
	'chain_getFinalizedHead',
	'chain_getHead',
	'chain_getHeader',
	'chain_getRuntimeVersion',
	'chain_subscribeAllHeads',
	'chain_subscribeFinalisedHeads',
	'chain_subscribeFinalizedHeads',
	'chain_subscribeNewHead',
	'chain_subscribeNewHeads',
	'chain_subscribeRuntimeVersion',
	'chain_unsubscribeAllHeads',
	'chain_unsubscribeFinalisedHeads',
	'chain_unsubscribeFinalizedHeads',
	'chain_unsubscribeNewHead',
	'chain_unsubscribeNewHeads',
	'chain_unsubscribeRuntimeVersion',
	'childstate_getStorage',
	'childstate_getStorageEntries',
	'childstate_getStorageHash',
	'childstate_getStorageSize',
	'content_has',
	'content_status',
	'grandpa_roundState',
	'grandpa_subscribeJustifications',
	'grandpa_unsubscribeJustifications',
	'payment_queryFeeDetails',
	'payment_queryInfo',
	'rpc_methods',
	'state_getRuntimeVersion',
	'state_getStorage',
	'state_getStorageAt',
	'state_getStorageHash',
	'state_getStorageHashAt',
	'state_subscribeRuntimeVersion',
	'state_subscribeStorage',
	'state_unsubscribeRuntimeVersion',
	'state_unsubscribeStorage',
	'subscribe_newHead',
	'system_accountNextIndex',
	'system_chain',
	'system_chainType',
	'system_health',
	'system_localListenAddresses',
	'system_localPeerId',
	'system_name',
	'system_nodeRoles',
	'system_properties',
	'system_reservedPeers',
	'system_syncState',
	'system_version',
	'transactionWatch_v1_submitAndWatch',
	'transactionWatch_v1_unwatch',
	'transaction_v1_broadcast',
	'transaction_v1_stop',
	'unsubscribe_newHead',
];

/** What a gateway passes on. */
export const PUBLIC = new Set([...HEAVY, ...LIGHT]);

/** All that is known of a node's methods. */
export const KNOWN = [...UNSAFE, ...UNBOUNDED, ...PUBLIC].sort();
