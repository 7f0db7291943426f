/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of verbs, and the search in it.
 */
#ifndef VERBS_H
#define VERBS_H

#include <stddef.h>

#include "match.h"
#include "verb.h"

extern const struct verb verbs[];
extern const size_t n_verbs;

const struct verb *verbs_find_object(struct match *match, const char *word);
const struct verb *verbs_find_command(struct match *match,
				      const struct verb *first,
				      const char *word);
const struct verb *verbs_next(const struct verb *verb);

#endif /* VERBS_H */
