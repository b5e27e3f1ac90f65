/** Records with what describes them. */
export declare class Records {
	/** The records, each as its canonical bytes. */
	readonly records: Uint8Array[];
	/** All of them as the one blob that is uploaded. */
	readonly blob: Uint8Array;
	/** A table's columns. */
	readonly columns?: string[];
	/** The Merkle root over the records as contributed by the account with this public key. */
	root(account: Uint8Array): Uint8Array;
}

/** The lines of a CSV file; `required` names columns that must be there. */
export declare function fromCsv(bytes: Uint8Array, required?: string[]): Records;

/** The records at `path`: a CSV file, or a folder whose hidden files and links are left out. */
export declare function fromPath(path: string, required?: string[]): Records;
