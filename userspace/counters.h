/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and meanings of the module's counters.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "nf_sipalg.h"

/**
 * struct counter - a counter, or the size of a table
 * @attr: number of its attribute
 * @name: its name
 * @doc: what it counts
 */
struct counter {
	unsigned int attr;
	const char *name;
	const char *doc;
};

extern const struct counter counters[];
extern const size_t n_counters;

const char *counter_name(uint32_t stat);
const char *counter_doc(uint32_t stat);
const char *counter_advice(uint32_t stat);

#endif /* COUNTERS_H */
