// The command line that all programs share.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Failure, Usage } from './errors.mjs';
import { waitForFinality } from './finality.mjs';

const COMMON = {
	url: { type: 'string', default: 'ws://127.0.0.1:9944', hint: 'WS_URL', help: 'the node' },
	key: { type: 'string', hint: 'SURI', help: 'who signs: //Alice, a phrase, or 0x and a seed' },
	'key-file': { type: 'string', hint: 'FILE', help: 'a file that holds such a key' },
	best: { type: 'boolean', default: false, help: 'answer once it is in a best block, which a fork may still replace' },
	json: { type: 'boolean', default: false, help: 'print the result as JSON' },
	help: { type: 'boolean', short: 'h', default: false, help: 'show this' },
};

/** Options of programs that sign. */
const SIGNERS = ['key', 'key-file', 'best'];

/**
 * Runs a program: reads its options, hands them to `main`, prints what it returns, and turns errors
 * into one sentence and an exit code: 1 when something failed, 2 when the command line is wrong.
 *
 * `spec`: { name, about, options, positionals, signs, best, main, print }. `options` are those of
 * `util.parseArgs` with `help`, `hint` and `required`; `positionals` are names, `[name]` optional. `signs`
 * says whether a key is needed; where that depends on the arguments it is a function of them. What is signed
 * is waited for until it is final, unless `best`, --best or OPENLEDGER_BEST=1 say otherwise.
 */
export async function program(spec) {
	const options = { ...spec.options, ...COMMON };
	if (!spec.signs) {
		SIGNERS.forEach((name) => delete options[name]);
	}
	if (spec.best) {
		delete options.best;
	}
	if (spec.offline) {
		delete options.url;
	}
	// the node's library tells of extensions it does not know and of lost connections by itself
	const loud = process.env.OPENLEDGER_DEBUG === '1';
	if (!loud) {
		for (const level of ['warn', 'error', 'info']) {
			console[level] = () => {};
		}
	}
	let json = process.argv.includes('--json');
	try {
		const args = read(spec, options);
		if (args.help) {
			process.stdout.write(usage(spec, options));
			process.exit(0);
		}
		json = args.json;
		waitForFinality(Boolean(spec.signs) && !spec.best && !args.best && process.env.OPENLEDGER_BEST !== '1');
		const result = await spec.main(args);
		if (json) {
			process.stdout.write(`${toJson(result)}\n`);
		} else if (spec.print) {
			spec.print(result, args);
		}
		process.exit(result?.failed ? 1 : 0);
	} catch (error) {
		const known = error instanceof Failure || error instanceof Usage;
		const message = known ? error.message : `${error?.message ?? error}`;
		if (json) {
			process.stdout.write(`${toJson({ error: message })}\n`);
		}
		process.stderr.write(`error: ${message}\n`);
		if (error instanceof Usage) {
			process.stderr.write(`see ${spec.name} --help\n`);
		}
		if (!known && loud) {
			process.stderr.write(`${error?.stack}\n`);
		}
		process.exit(error instanceof Usage ? 2 : 1);
	}
}

/** What `actions` has under the action that was asked for. */
export function actionOf(actions, { action }) {
	if (!Object.hasOwn(actions, action)) {
		throw new Usage(`the action is one of ${Object.keys(actions).join(', ')}, and this is '${action}'`);
	}
	return actions[action];
}

/** An option that an action needs. */
export function needed(args, name) {
	if (args[name] === undefined) {
		throw new Usage(`--${name} is missing`);
	}
	return args[name];
}

function read(spec, options) {
	const config = {};
	for (const [name, option] of Object.entries(options)) {
		const { type, short, default: fallback, multiple } = option;
		config[name] = { type, ...(short && { short }), ...(multiple && { multiple }) };
		if (fallback !== undefined) {
			config[name].default = fallback;
		}
	}
	let parsed;
	try {
		parsed = parseArgs({ options: config, allowPositionals: true, strict: true });
	} catch (error) {
		throw new Usage(error.message.split('. ')[0]);
	}
	const args = { ...parsed.values };
	if (args.help) {
		return args;
	}
	const names = spec.positionals ?? [];
	if (parsed.positionals.length > names.length) {
		throw new Usage(`unexpected argument ${parsed.positionals[names.length]}`);
	}
	names.forEach((name, at) => {
		const plain = name.replace(/[[\]]/g, '');
		args[plain] = parsed.positionals[at];
		if (args[plain] === undefined && plain === name) {
			throw new Usage(`${name} is missing`);
		}
	});
	for (const [name, option] of Object.entries(options)) {
		if (option.required && args[name] === undefined) {
			throw new Usage(`--${name} is missing`);
		}
	}
	if (typeof spec.signs === 'function' ? spec.signs(args) : spec.signs) {
		args.suri = secret(args);
	}
	return args;
}

function secret(args) {
	if (args.key !== undefined && args['key-file'] !== undefined) {
		throw new Usage('give --key or --key-file, not both');
	}
	if (args['key-file'] !== undefined) {
		return readFile(args['key-file']).toString('utf8').trim();
	}
	if (args.key === undefined) {
		throw new Usage('--key or --key-file is missing: who signs?');
	}
	return args.key;
}

function usage(spec, options) {
	const places = (spec.positionals ?? []).map((name) => ` ${name.toUpperCase()}`).join('');
	const lines = [`${spec.about}`, '', `usage: ${spec.name}${places} [options]`, ''];
	for (const [name, option] of Object.entries(options)) {
		const hint = option.hint ? ` ${option.hint}` : '';
		const notes = [
			option.required && 'required',
			option.multiple && 'repeatable',
			option.type === 'string' && option.default?.length > 0 && `default ${option.default}`,
		].filter(Boolean);
		const left = `  ${option.short ? `-${option.short}, ` : ''}--${name}${hint}`;
		lines.push(`${left.padEnd(34)} ${option.help}${notes.length ? ` [${notes.join(', ')}]` : ''}`);
	}
	return `${lines.join('\n')}\n`;
}

/** A file's bytes, or one sentence why not. */
export function readFile(path) {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new Failure(`${path} cannot be read: ${error.code ?? error.message}`);
	}
}

/** A whole number within bounds, from an option. */
export function whole(text, name, min = 0, max = Number.MAX_SAFE_INTEGER) {
	const number = Number(text);
	if (!/^-?\d+$/.test(String(text).trim()) || number < min || number > max) {
		throw new Usage(`${name} is a whole number from ${min} to ${max}, and this is '${text}'`);
	}
	return number;
}

/** JSON in which big integers are decimal strings. */
export function toJson(value) {
	return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString() : v), 2);
}
