/* SPDX-License-Identifier: GPL-2.0-only */
/* See assign_str_2.c. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM sipalg_probe

#if !defined(SIPALG_PROBE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SIPALG_PROBE_TRACE_H

#include <linux/tracepoint.h>

#ifdef PROBE_HAVE
#define sipalg_probe_assign_str(dst, src) __assign_str(dst, src)
#else
#define sipalg_probe_assign_str(dst, src) __assign_str(dst)
#endif

TRACE_EVENT(sipalg_probe,
	TP_PROTO(const char *text),
	TP_ARGS(text),
	TP_STRUCT__entry(__string(text, text)),
	TP_fast_assign(sipalg_probe_assign_str(text, text);),
	TP_printk("%s", __get_str(text))
);

#endif /* SIPALG_PROBE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE assign_str_2
#include <trace/define_trace.h>
