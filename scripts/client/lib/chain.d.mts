/** An account's key. */
export interface Pair {
	readonly address: string;
	readonly publicKey: Uint8Array;
	sign(message: Uint8Array): Uint8Array;
}

/** The key pair behind a secret such as //Alice. */
export declare function pairOf(suri: string): Promise<Pair>;
