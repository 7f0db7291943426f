// SPDX-License-Identifier: GPL-2.0-only
'use strict';
'require dom';
'require poll';
'require rpc';
'require view';

const callStatus = rpc.declare({ object: 'luci.sipalg', method: 'status' });
const callCheck = rpc.declare({ object: 'luci.sipalg', method: 'check' });

const POLL_SECS = 5;

const STATES = { early: _('ringing'), confirmed: _('up'), ending: _('ending') };
const LEVELS = { good: 'notice', note: 'info', problem: 'warning' };

/*
 * Names, addresses and codecs come from the network. LuCI takes a child that is a string
 * for HTML, but an item of an array for text: here, children are always arrays.
 */
function element(tag, attrs, children) {
	return E(tag, attrs, Array.isArray(children) ? children : [ children ]);
}

function cell(title, content) {
	return element('td', { 'class': 'td', 'data-title': title }, content);
}

function table(titles, rows, empty) {
	const head = element('tr', { 'class': 'tr table-titles' },
		titles.map(title => element('th', { 'class': 'th' }, title)));
	const body = rows.map(row => element('tr', { 'class': 'tr' },
		row.map((content, i) => cell(titles[i], content))));
	const none = element('tr', { 'class': 'tr placeholder' }, cell('', empty));

	return element('table', { 'class': 'table' }, [ head ].concat(rows.length ? body : none));
}

function scopeText(policy) {
	const words = [];

	if (policy.zone !== undefined)
		words.push('zone ' + policy.zone);
	if (policy.dev !== undefined)
		words.push(policy.dev);
	return words.join(' ') || _('all others');
}

function partyText(name, address) {
	return name ? name + ' (' + address.address + ')' : address.address;
}

/* Either end may have begun the call: From is the caller's name. */
function endsText(call) {
	const ends = [ partyText(call.contact, call.inside), partyText(null, call.peer) ];

	if (call.from || call.to)
		ends.push((call.from || '?') + ' → ' + (call.to || '?'));
	return ends.join(', ');
}

function streamText(stream) {
	const words = [ stream.media || stream.kind ].concat(stream.codecs || []);
	const heard = stream.heard || [];

	if (heard.length == 1)
		words.push(heard[0] == 'inside' ? _('(nothing from outside)') :
						  _('(nothing from inside)'));
	return words.join(' ');
}

function callRow(call) {
	const streams = (call.streams || []).filter(stream => stream.kind != 'rtcp');
	const secs = call.duration === undefined ? call.age : call.duration;

	return [ call.kind == 'registration' ? _('registration') : STATES[call.state] || call.state,
		 endsText(call), secs + ' s', streams.map(streamText).join(', ') ];
}

function callsNode(status) {
	if (!status.calls)
		return element('p', {}, status.counters ?
			_('Too many calls to show them here: sipalg call show brief') :
			_('The module nf_sipalg does not answer.'));
	return table([ _('State'), _('Who'), _('Time'), _('Media') ],
		     status.calls.map(callRow), _('No calls'));
}

/* Those that have never risen say nothing. */
function countersNode(counters) {
	const names = Object.keys(counters || {}).filter(name => counters[name]);

	return table([ _('Counter'), _('Value') ],
		     names.map(name => [ name, String(counters[name]) ]), _('Nothing was counted'));
}

function findingNode(finding) {
	const lines = [ element('p', {}, finding.text) ];

	if (finding.evidence)
		lines.push(element('p', {}, _('Known by: ') + finding.evidence));
	if (finding.advice)
		lines.push(element('p', {}, finding.advice));
	if (finding.command)
		lines.push(element('pre', {}, finding.command));
	return element('div', { 'class': 'alert-message ' + (LEVELS[finding.level] || 'info') },
		       lines);
}

/* What is good takes a line in sum. */
function findingsNode(findings) {
	const bad = findings.filter(finding => finding.level != 'good');
	const good = findings.length - bad.length;

	return element('div', {}, bad.map(findingNode).concat(
		element('p', {}, String(good) + ' ' + _('checks are good.'))));
}

function statusNodes(status) {
	return [
		element('h3', {}, _('Networks')),
		table([ _('Scope'), _('Mode') ],
		      (status.policies || []).map(policy => [ scopeText(policy), policy.mode ]),
		      _('The module nf_sipalg does not answer.')),
		element('h3', {}, _('Calls and registrations')),
		callsNode(status),
		element('h3', {}, _('Counters')),
		countersNode(status.counters)
	];
}

return view.extend({
	load: function() {
		return Promise.all([ callStatus(), callCheck() ]);
	},

	render: function(data) {
		const findings = element('div', {}, findingsNode(data[1].findings || []));
		const status = element('div', {}, statusNodes(data[0]));

		poll.add(() => callStatus().then(now => dom.content(status, statusNodes(now))),
			 POLL_SECS);
		return element('div', {}, [
			element('h2', {}, _('SIP ALG')),
			element('h3', {}, _('Can calls work?')),
			findings,
			element('button', {
				'class': 'btn cbi-button',
				'click': () => callCheck().then(found => dom.content(
					findings, [ findingsNode(found.findings || []) ]))
			}, _('Check again')),
			status
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
