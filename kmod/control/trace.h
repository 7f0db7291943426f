/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: events/sipalg in tracefs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sipalg

#if !defined(SIPALG_CONTROL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SIPALG_CONTROL_TRACE_H

#include <linux/tracepoint.h>

#include "state/notify.h"
#include "table/dialog.h"

/* Where in the message a part could not be read; -1 if all could. */
#define sipalg_trace_offset(fault) \
	((fault)->verdict ? (s32)(fault)->off : -1)

TRACE_EVENT(sipalg_message,
	TP_PROTO(const struct sipalg_report *report),
	TP_ARGS(report),
	TP_STRUCT__entry(
		__field(const void *, ct)
		__field(u32, edits)
		__field(s32, delta)
		__field(s32, skipped_field)
		__field(s32, skipped_media)
		__field(u16, status)
		__field(u8, method)
		__field(u8, mode)
		__field(u8, result)
	),
	TP_fast_assign(
		__entry->ct = report->ct;
		__entry->edits = report->plan ? report->plan->n_edits : 0;
		__entry->delta = report->plan ? report->plan->delta : 0;
		__entry->skipped_field = sipalg_trace_offset(&report->skipped_field);
		__entry->skipped_media = sipalg_trace_offset(&report->skipped_media);
		__entry->status = report->msg ? report->msg->status : 0;
		__entry->method = report->msg ? report->msg->method : 0;
		__entry->mode = report->mode;
		__entry->result = report->why;
	),
	TP_printk("ct=%p mode=%u result=%u method=%u status=%u edits=%u delta=%d skipped_field=%d skipped_media=%d",
		  __entry->ct, __entry->mode, __entry->result, __entry->method,
		  __entry->status, __entry->edits, __entry->delta,
		  __entry->skipped_field, __entry->skipped_media)
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
		const struct sipalg_endpoint shown = sipalg_binding_outside(binding);

		__entry->netns = net->ns.inum;
		sipalg_endpoint_to_sockaddr(__entry->inside, &binding->inside);
		sipalg_endpoint_to_sockaddr(__entry->outside, &shown);
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
		__field(u8, bindings)
		__field(bool, begun)
		__array(char, call_id, SIPALG_LABEL_LEN)
	),
	TP_fast_assign(
		__entry->netns = net->ns.inum;
		__entry->id = dialog->id;
		__entry->kind = dialog->kind;
		__entry->state = dialog->state;
		__entry->bindings = dialog->leases.n;
		__entry->begun = begun;
		memcpy(__entry->call_id, dialog->call_id_prefix,
		       SIPALG_LABEL_LEN);
	),
	TP_printk("netns=%u id=%llu %s kind=%u state=%u bindings=%u call-id=%s",
		  __entry->netns, __entry->id, __entry->begun ? "begun" : "ended",
		  __entry->kind, __entry->state, __entry->bindings, __entry->call_id)
);

#endif /* SIPALG_CONTROL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
