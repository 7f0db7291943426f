/* SPDX-License-Identifier: GPL-2.0 */
#include "linux/types.h"
#include "nf_sipalg.h"

struct sipalg_packet;
