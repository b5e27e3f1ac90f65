/** A blob's id, `0x` and 64 digits; an empty blob has one empty chunk. */
export declare function blobId(bytes: Uint8Array): `0x${string}`;
