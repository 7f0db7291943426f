/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the module as attributes of netlink messages.
 */
#ifndef SIPALG_CONTROL_ENCODE_H
#define SIPALG_CONTROL_ENCODE_H

#include <linux/skbuff.h>

struct sipalg_binding;
struct sipalg_dialog;
struct sipalg_report;
struct sipalg_rule;
struct sipalg_settings;

int sipalg_encode_rule(struct sk_buff *skb, const struct sipalg_rule *rule);
int sipalg_encode_settings(struct sk_buff *skb,
			   const struct sipalg_settings *settings);
int sipalg_encode_dialog(struct sk_buff *skb,
			 const struct sipalg_dialog *dialog);
int sipalg_encode_binding(struct sk_buff *skb, struct sipalg_binding *binding);
int sipalg_encode_report(struct sk_buff *skb,
			 const struct sipalg_report *report, bool with_text);
size_t sipalg_encode_report_size(const struct sipalg_report *report,
				 bool with_text);

#endif /* SIPALG_CONTROL_ENCODE_H */
