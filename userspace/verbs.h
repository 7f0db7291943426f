/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Search in a table of verbs. The verbs of an object follow each other, and the
 * table ends with an empty one.
 */
#ifndef VERBS_H
#define VERBS_H

#include "match.h"
#include "verb.h"

const struct verb *verbs_next_object(const struct verb *verb);
const struct verb *verbs_find_object(const struct verb *verbs,
				     struct match *match, const char *word);
const struct verb *verbs_find_command(struct match *match,
				      const struct verb *first,
				      const char *word);
const struct verb *verbs_next(const struct verb *verb);
void verbs_expand(const struct verb *verb, struct args *args);

#endif /* VERBS_H */
