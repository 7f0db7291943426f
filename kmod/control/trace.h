/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: events/sipalg in tracefs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sipalg

#if !defined(SIPALG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SIPALG_TRACE_H

#include <linux/tracepoint.h>

#include "main.h"

TRACE_EVENT(sipalg_message,
	TP_PROTO(const struct nf_conn *ct, u8 mode, u8 verdict, const struct sip_msg *msg,
		 const struct sip_plan *plan),
	TP_ARGS(ct, mode, verdict, msg, plan),
	TP_STRUCT__entry(
		__field(const void *, ct)
		__field(u32, edits)
		__field(s32, delta)
		__field(u16, status)
		__field(u8, method)
		__field(u8, mode)
		__field(u8, verdict)
	),
	TP_fast_assign(
		__entry->ct = ct;
		__entry->edits = verdict ? 0 : plan->n_edits;
		__entry->delta = verdict ? 0 : plan->delta;
		__entry->status = verdict ? 0 : msg->status;
		__entry->method = verdict ? 0 : msg->method;
		__entry->mode = mode;
		__entry->verdict = verdict;
	),
	TP_printk("ct=%p mode=%u verdict=%u method=%u status=%u edits=%u delta=%d",
		  __entry->ct, __entry->mode, __entry->verdict, __entry->method,
		  __entry->status, __entry->edits, __entry->delta)
);

TRACE_EVENT(sipalg_binding,
	TP_PROTO(const struct net *net, const struct sipalg_binding *binding, bool made),
	TP_ARGS(net, binding, made),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(u8, inside, sizeof(struct sockaddr_in6))
		__array(u8, outside, sizeof(struct sockaddr_in6))
		__field(u8, proto)
		__field(u8, kind)
		__field(bool, made)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		sipalg_end_to_sockaddr(__entry->inside, &binding->inside);
		sipalg_end_to_sockaddr(__entry->outside, &binding->outside);
		__entry->proto = binding->inside.proto;
		__entry->kind = binding->kind;
		__entry->made = made;
	),
	TP_printk("netns=%u %s kind=%u proto=%u inside=%pISpc outside=%pISpc",
		  __entry->netns, __entry->made ? "made" : "gone", __entry->kind,
		  __entry->proto, __entry->inside, __entry->outside)
);

TRACE_EVENT(sipalg_dialog,
	TP_PROTO(const struct net *net, const struct sipalg_dialog *dialog, bool begun),
	TP_ARGS(net, dialog, begun),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u64, id)
		__field(u8, kind)
		__field(u8, state)
		__field(u8, holds)
		__field(bool, begun)
		__array(char, label, SIPALG_LABEL_LEN)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->id = dialog->id;
		__entry->kind = dialog->kind;
		__entry->state = dialog->state;
		__entry->holds = dialog->n_holds;
		__entry->begun = begun;
		memcpy(__entry->label, dialog->label, SIPALG_LABEL_LEN);
	),
	TP_printk("netns=%u id=%llu %s kind=%u state=%u bindings=%u call-id=%s",
		  __entry->netns, __entry->id, __entry->begun ? "begun" : "ended",
		  __entry->kind, __entry->state, __entry->holds, __entry->label)
);

#endif /* SIPALG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
