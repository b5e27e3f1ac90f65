#!/usr/bin/env node
import { connect, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { servers } from './lib/models.mjs';

await program({
	name: 'serve-model.mjs',
	about: 'Announces that a bonded worker answers for a model, or no longer does.',
	signs: true,
	positionals: ['model'],
	options: { stop: { type: 'boolean', default: false, help: 'withdraw instead' } },
	async main(args) {
		const model = whole(args.model, 'model', 0, 2 ** 32 - 1);
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const { serve, withdraw } = api.tx.inference;
		const sent = await submit(api, (args.stop ? withdraw : serve)(model), pair);
		const mine = (await servers(api, model)).find(({ worker }) => worker === pair.address);
		return { model, worker: pair.address, serves: Boolean(mine), matureAt: mine?.matureAt ?? null, block: sent.number };
	},
	print(done) {
		const drawn = done.matureAt === null ? '' : `; requests from block ${done.matureAt} on can draw it`;
		console.log(`${done.worker} ${done.serves ? 'serves' : 'no longer serves'} model ${done.model}, block ${done.block}${drawn}`);
	},
});
