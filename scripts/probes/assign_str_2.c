// SPDX-License-Identifier: GPL-2.0-only
// probe: __assign_str either
//
// Until 6.10 the source of a tracepoint's string was given a second time.
// A tracepoint needs a header that is read several times: it is assign_str_2.h.

#include <linux/tracepoint.h>
#define CREATE_TRACE_POINTS
#include "assign_str_2.h"
