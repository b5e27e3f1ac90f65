// Any call by its name, as the chain's metadata describes it.

import { Usage } from './errors.mjs';

/** The call `pallet.name`, in either spelling: set_data_fee or setDataFee. */
function find(api, text) {
	const camel = (word) => word.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
	const [pallet, name, ...rest] = text.split('.').map(camel);
	if (name === undefined || rest.length) {
		throw new Usage(`a call is named pallet.call, and this is '${text}'`);
	}
	const calls = api.tx[pallet];
	if (!calls) {
		throw new Usage(`there is no pallet ${pallet}: there are ${Object.keys(api.tx).join(', ')}`);
	}
	if (!calls[name]) {
		throw new Usage(`${pallet} has no call ${name}: it has ${Object.keys(calls).join(', ')}`);
	}
	return calls[name];
}

const argumentsOf = (api, call) => call.meta.args.map(({ name, typeName, type }) => [
	name.toString(),
	typeName.isSome ? typeName.unwrap().toString() : api.registry.createLookupType(type),
]);

/** What a call takes: { call, docs, args: [[name, type]] }. */
export function signatureOf(api, text) {
	const call = find(api, text);
	const [docs = ''] = call.meta.docs.map((line) => line.toString().trim());
	return { call: `${call.section}.${call.method}`, docs, args: argumentsOf(api, call) };
}

/** A call with arguments from JSON: an object by name, or a list in the call's order. */
export function callOf(api, text, json) {
	const call = find(api, text);
	const names = argumentsOf(api, call).map(([name]) => name);
	let given;
	try {
		given = JSON.parse(json);
	} catch {
		throw new Usage(`the arguments are no JSON: ${json}`);
	}
	if (given === null || typeof given !== 'object') {
		throw new Usage('the arguments are a JSON object by name, or a JSON list');
	}
	const values = Array.isArray(given) ? given : byName(call, names, given);
	if (values.length !== names.length) {
		throw new Usage(`${text} takes ${names.length} arguments (${names.join(', ')}), and here are ${values.length}`);
	}
	try {
		return call(...values);
	} catch (error) {
		throw new Usage(`the arguments do not fit ${text}: ${error.message}`);
	}
}

function byName(call, names, given) {
	const unknown = Object.keys(given).filter((name) => !names.includes(name));
	const missing = names.filter((name) => !Object.hasOwn(given, name));
	if (unknown.length || missing.length) {
		const lists = [unknown.length && `it has no ${unknown.join(', ')}`, missing.length && `${missing.join(', ')} is missing`];
		throw new Usage(`${call.section}.${call.method} takes ${names.join(', ') || 'nothing'}: ${lists.filter(Boolean).join('; ')}`);
	}
	return names.map((name) => given[name]);
}
