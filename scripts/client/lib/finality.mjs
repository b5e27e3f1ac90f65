// Whether transactions are waited for until they are final.

let waits = false;

/** Whether `submit` waits, unless told otherwise, for a final block, which no other branch replaces. */
export function waitForFinality(value) {
	waits = value;
}

/** What [`waitForFinality`] was told last. */
export function waitsForFinality() {
	return waits;
}
