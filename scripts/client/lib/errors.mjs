// Errors that end a program with one sentence.

/** Something went wrong that the user can act on; exits with 1. */
export class Failure extends Error {}

/** The command line is wrong; exits with 2. */
export class Usage extends Error {}
