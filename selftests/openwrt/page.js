// SPDX-License-Identifier: GPL-2.0-only
/*
 * The views of LuCI, with a document and a ubus of this test's own. Usage:
 *
 *	node page.js FOLDER-OF-VIEWS TEST
 *
 * Children of elements are taken as LuCI's dom.append() takes them: a string alone is
 * HTML, an item of an array is text. This document does not parse HTML: it is an error.
 */
'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

class Node {
	constructor(tag) {
		this.tag = tag;
		this.attrs = {};
		this.children = [];
	}

	get text() {
		return this.children.map(child => child.text === undefined ? child : child.text)
			.join(' ');
	}

	all(tag) {
		return this.children.flatMap(child => child instanceof Node ?
			(child.tag == tag ? [ child ] : []).concat(child.all(tag)) : []);
	}

	append(children) {
		if (children instanceof Node)
			this.children.push(children);
		else if (Array.isArray(children))
			this.children.push(...children.filter(child => child != null)
				.map(child => child instanceof Node ? child : String(child)));
		else if (children != null)
			assert.fail(`'${children}' gets into the page as HTML`);
	}
}

function E(tag, attrs, children) {
	const node = new Node(tag);

	assert.match(tag, /^[a-z0-9]+$/);
	assert(attrs.constructor === Object, 'attributes');
	node.attrs = attrs;
	node.append(children);
	return node;
}

/* What each method of ubus answers; polls[] are called every few seconds by LuCI. */
const answers = {};
const polls = [];
const modules = {
	view: { extend: members => members },
	rpc: {
		declare: ({ object, method }) => {
			assert.strictEqual(object, 'luci.sipalg');
			return () => Promise.resolve(answers[method]);
		}
	},
	poll: { add: poll => polls.push(poll) },
	dom: {
		content: (node, children) => {
			node.children = [];
			node.append(children);
		}
	}
};

/* As LuCI's loader: what the file requires becomes parameters of a function. */
function load(name) {
	const source = fs.readFileSync(path.join(process.argv[2], `${name}.js`), 'utf8');
	const names = [ ...source.matchAll(/^'require (\S+)(?: as (\S+))?';$/gm) ]
		.map(([ , from, as ]) => [ from, as || from ]);
	const body = new Function(...names.map(([ , as ]) => as), 'E', '_', source);

	return body(...names.map(([ from ]) => modules[from]), E, text => text);
}

async function page() {
	const view = load('status');

	return view.render(await view.load());
}

/* The rows of the table under a heading, each an array of texts. */
function rows(root, title) {
	const nodes = root.all('h3').concat(root.all('table'));
	const order = [];
	const walk = node => node.children.forEach(child => {
		if (nodes.includes(child))
			order.push(child);
		if (child instanceof Node)
			walk(child);
	});

	walk(root);
	const at = order.findIndex(node => node.tag == 'h3' && node.text == title);
	return order[at + 1].all('tr').slice(1).map(row => row.all('td').map(td => td.text));
}

const CALL = {
	id: 7, kind: 'dialog', state: 'confirmed', inside: { address: '192.168.1.2' },
	peer: { address: '203.0.113.10' }, age: 9, duration: 3, from: 'alice', to: 'bob',
	streams: [
		{ kind: 'rtp', media: 'audio', codecs: [ 'PCMU/8000' ], heard: [ 'inside' ] },
		{ kind: 'rtcp', heard: [ 'inside' ] }
	]
};

const GOOD = { name: 'module', level: 'good', text: 'the module is loaded' };

function say(status, findings) {
	answers.status = status;
	answers.check = { findings };
}

const tests = {
	shows: async () => {
		say({ policies: [ { mode: 'rule', default: true }, { mode: 'on', dev: 'wan', zone: 3 } ],
		      counters: { messages: 4, passed_bad_sdp: 0 },
		      calls: [ CALL, { ...CALL, kind: 'registration', streams: [], contact: 'al',
				       from: undefined, to: undefined, duration: undefined } ] },
		    [ GOOD, { name: 'related', level: 'problem', text: 'a rule drops media',
			      evidence: 'its way', advice: 'accept it', command: 'nft add' } ]);
		const root = await page();

		assert.deepStrictEqual(rows(root, 'Networks'), [
			[ 'all others', 'rule' ], [ 'zone 3 wan', 'on' ]
		]);
		assert.deepStrictEqual(rows(root, 'Calls and registrations'), [
			[ 'up', '192.168.1.2, 203.0.113.10, alice → bob', '3 s',
			  'audio PCMU/8000 (nothing from outside)' ],
			[ 'registration', 'al (192.168.1.2), 203.0.113.10', '9 s', '' ]
		]);
		assert.deepStrictEqual(rows(root, 'Counters'), [ [ 'messages', '4' ] ]);
		assert.deepStrictEqual(root.all('pre').map(pre => pre.text), [ 'nft add' ]);
		assert.match(root.text, /a rule drops media Known by: its way accept it/);
		assert.match(root.text, /1 checks are good/);
	},

	escapes: async () => {
		const evil = '<img src=x onerror=alert(1)>';
		const call = { ...CALL, from: evil, to: evil, contact: evil, state: evil,
			       streams: [ { kind: evil, media: evil, codecs: [ evil ], heard: [] } ] };

		say({ policies: [ { mode: evil, dev: evil } ], counters: { [evil]: 1 },
		      calls: [ call ] },
		    [ { name: evil, level: evil, text: evil, evidence: evil, advice: evil,
			command: evil } ]);
		const root = await page();

		assert.strictEqual(root.all('img').length, 0);
		assert(root.text.split(evil).length > 12, 'it is all there, as text');
		assert.strictEqual(root.all('div').filter(
			div => (div.attrs.class || '').includes(evil)).length, 0);
	},

	refreshes: async () => {
		say({ policies: [], counters: {}, calls: [] }, []);
		const root = await page();

		assert.deepStrictEqual(rows(root, 'Calls and registrations'), [ [ 'No calls' ] ]);
		say({ policies: [], counters: {}, calls: [ CALL ] },
		    [ { name: 'nat', level: 'note', text: 'there is no NAT' } ]);
		assert.strictEqual(polls.length, 1);
		await polls[0]();
		assert.strictEqual(rows(root, 'Calls and registrations').length, 1);
		assert.match(rows(root, 'Calls and registrations')[0][1], /alice/);
		assert.doesNotMatch(root.text, /there is no NAT/);
		await root.all('button')[0].attrs.click();
		assert.match(root.text, /there is no NAT/);
	},

	silent: async () => {
		say({ policies: null, counters: null, calls: null }, null);
		assert.match((await page()).text, /nf_sipalg does not answer/);
		say({ policies: [], counters: { calls_now: 50000 }, calls: null }, []);
		assert.match((await page()).text, /Too many calls/);
	},

	/* What the form writes: every option is one that the service reads. */
	form: async () => {
		const options = {};
		const make = () => ({
			option: (kind, name) => options[name] = { kind, value: () => {} }
		});

		modules['tools.widgets'] = { NetworkSelect: 'network', DeviceSelect: 'device' };
		modules.form = {
			Map: function(config) {
				assert.strictEqual(config, 'sipalg');
				this.section = make;
				this.render = () => 'rendered';
			}
		};
		assert.strictEqual(await load('scopes').render(), 'rendered');
		assert.deepStrictEqual(Object.keys(options).sort(),
			[ 'device', 'enabled', 'mode', 'network', 'sip_ports', 'zone' ]);
		for (const [ ports, good ] of [ [ '', true ], [ '5060,5070', true ], [ '0', false ],
						[ '65536', false ], [ '5060;reboot', false ],
						[ '1,2,3,4,5,6,7,8,9', false ] ])
			assert.strictEqual(options.sip_ports.validate('main', ports) === true, good, ports);
	}
};

tests[process.argv[3]]().catch(error => {
	console.log(error.message);
	process.exitCode = 1;
});
