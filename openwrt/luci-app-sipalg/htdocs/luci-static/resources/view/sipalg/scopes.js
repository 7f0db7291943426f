// SPDX-License-Identifier: GPL-2.0-only
'use strict';
'require form';
'require view';
'require tools.widgets as widgets';

/*
 * The switches: /etc/config/sipalg, which the service sets again when it is applied.
 */
return view.extend({
	render: function() {
		const map = new form.Map('sipalg', _('SIP ALG'),
			_('Puts the router\'s address in place of a phone\'s private one, and lets the media of just that call through.'));
		let section = map.section(form.NamedSection, 'main', 'sipalg');
		let option;

		option = section.option(form.Flag, 'enabled', _('Enabled'));
		option.rmempty = false;

		option = section.option(form.Value, 'sip_ports', _('SIP ports'),
			_('Up to eight, with commas between; 5060 unless set.'));
		option.placeholder = '5060';
		option.validate = function(_section, value) {
			const ports = value ? value.split(',') : [];
			const good = ports.length <= 8 && ports.every(port =>
				/^[0-9]{1,5}$/.test(port) && +port >= 1 && +port <= 65535);

			return good || _('Ports from 1 to 65535, with commas between');
		};

		section = map.section(form.GridSection, 'policy', _('Networks'));
		section.anonymous = true;
		section.addremove = true;

		section.option(widgets.NetworkSelect, 'network', _('Network')).nocreate = true;
		option = section.option(widgets.DeviceSelect, 'device', _('or device'));
		option.noaliases = true;
		option.modalonly = true;

		option = section.option(form.Value, 'zone', _('Conntrack zone'));
		option.datatype = 'range(0,65535)';
		option.modalonly = true;

		option = section.option(form.ListValue, 'mode', _('Mode'));
		option.value('on', _('on'));
		option.value('observe', _('observe: count, but change nothing'));
		option.value('off', _('off'));
		option.default = 'on';

		return map.render();
	}
});
