/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and values of the settings.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nf_sipalg.h"

struct args;

/* Longest text of a value, with its zero: SIPALG_SIP_PORTS_MAX ports. */
#define SETTING_TEXT_LEN 64

/**
 * struct settings - settings of a network namespace, or some of them
 * @has: by attribute number: the setting is there
 * @value: by attribute number
 * @ports: the SIP ports
 * @n_ports: number of them
 */
struct settings {
	bool has[SIPALG_SETTING_MAX + 1];
	uint32_t value[SIPALG_SETTING_MAX + 1];
	uint16_t ports[SIPALG_SIP_PORTS_MAX];
	size_t n_ports;
};

int setting_parse(struct settings *settings, unsigned int *setting,
		  struct args *args);
const char *setting_name(unsigned int setting);
const char *setting_text(const struct settings *settings, unsigned int setting,
			 char text[SETTING_TEXT_LEN]);
bool setting_is_word(unsigned int setting);
bool setting_is_initial(const struct settings *settings, unsigned int setting);
void settings_fill(struct settings *settings);

#endif /* SETTINGS_H */
