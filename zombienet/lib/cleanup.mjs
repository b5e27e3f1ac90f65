// What has to be undone however a test ends.

const undo = new Set();

/** Runs `step`, which must not wait, when the process ends. Answers how to forget it. */
export function atExit(step) {
	undo.add(step);
	return () => undo.delete(step);
}

process.on('exit', () => {
	for (const step of [...undo].reverse()) {
		try {
			step();
		} catch {
			// the other steps matter as much
		}
	}
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.once(signal, () => process.exit(130));
}
