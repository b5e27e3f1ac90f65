// Calls that are proposed often.

import { blake2AsHex } from '@polkadot/util-crypto';

import { Failure, Usage } from './errors.mjs';
import { parseOpen } from './money.mjs';

const camel = (word) => word.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** A call from its bytes in hexadecimal, as other programs and Apps show it. */
export function hexCall(api, hex) {
	if (!/^0x([0-9a-f]{2})+$/i.test(hex)) {
		throw new Usage('the call is its bytes, as 0x and hexadecimal digits');
	}
	const wrong = new Usage('these bytes are no call of this chain');
	let call;
	try {
		call = api.createType('Call', hex);
	} catch {
		throw wrong;
	}
	// what is missing at the end would be taken for zeros
	if (call.toHex() !== hex.toLowerCase()) {
		throw wrong;
	}
	return call;
}

/** The treasury pays `amount` planck to `beneficiary`, as soon as somebody asks for it. */
export function spendCall(api, amount, beneficiary) {
	return api.tx.treasury.spend(null, amount, beneficiary, null).method;
}

/** Lets anybody apply the runtime `code`. */
export function upgradeCall(api, code) {
	return api.tx.system.authorizeUpgrade(blake2AsHex(code, 256)).method;
}

/** What the whitelist's track proposes for a call: { call, hash }; the committee whitelists the hash. */
export function whitelisted(api, call) {
	return { call: api.tx.whitelist.dispatchWhitelistedCallWithPreimage(call).method, hash: blake2AsHex(call.toU8a(), 256) };
}

/** The parameter that `text` names, as Attribution.FeeSplit or Attribution::FeeSplit: { path, name, type, empty }. */
function parameterOf(api, text) {
	const [pallet, name, ...rest] = String(text).split(/::|\./);
	const type = api.tx.parameters.setParameter.meta.args[0].type.toString();
	const { defKeys } = api.createType(type);
	if (!defKeys.includes(pallet)) {
		throw new Usage(`a parameter is named Pallet.Name, and no pallet is ${pallet}: there are ${defKeys.join(', ')}`);
	}
	const names = api.createType(type, { [pallet]: null }).inner.defKeys;
	if (!names.includes(name) || rest.length) {
		throw new Usage(`${pallet} has no parameter ${name}: it has ${names.join(', ')}`);
	}
	// all of its fields at nothing
	const empty = api.createType(type, { [pallet]: { [name]: [null, {}] } }).inner.inner[1].unwrap();
	return { pallet, name, type, empty };
}

/** `json` in the fields of a parameter: names in either spelling, '5 OPEN' as planck. */
export function fieldsFrom(json, known) {
	let given;
	try {
		given = JSON.parse(json);
	} catch {
		throw new Usage(`the value is no JSON: ${json}`);
	}
	if (given === null || typeof given !== 'object' || Array.isArray(given)) {
		throw new Usage(`the value is a JSON object with some of ${known.join(', ')}`);
	}
	const planck = (value) => (/^[\d._]+\s*(OPEN|planck)$/i.test(value) ? parseOpen(value).toString() : value);
	const fields = Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), planck(value)]));
	const unknown = Object.keys(fields).filter((name) => !known.includes(name));
	if (unknown.length) {
		throw new Usage(`there is no ${unknown.join(', ')} in it: there are ${known.join(', ')}`);
	}
	return fields;
}

/**
 * Sets a parameter: fields that `json` does not name stay as they are stored; { call, changes } with the changes as
 * [field, before, after].
 */
export async function parameterCall(api, text, json) {
	const { pallet, name, type, empty } = parameterOf(api, text);
	const known = Object.keys(empty.toJSON());
	const fields = fieldsFrom(json, known);
	const stored = await api.query.parameters.parameters({ [pallet]: { [name]: null } });
	const before = stored.isSome ? stored.unwrap().inner.inner : null;
	const missing = before ? [] : known.filter((field) => !Object.hasOwn(fields, field));
	if (missing.length) {
		throw new Failure(`${pallet}.${name} has its default, which is not stored: give all of it, ${missing.join(', ')} too`);
	}
	const value = api.createType(type, { [pallet]: { [name]: [null, { ...before?.toJSON(), ...fields }] } });
	const after = value.inner.inner[1].unwrap();
	const changes = Object.keys(fields).map((field) => [field, before ? before[field].toString() : 'the default', after[field].toString()]);
	return { call: api.tx.parameters.setParameter(value).method, changes };
}
