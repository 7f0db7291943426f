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
struct match;

/* Longest text of a value, with its zero: SIPALG_NETWORKS_MAX networks. */
#define SETTING_TEXT_LEN 896

/**
 * struct setting - what a setting is
 * @name: its name
 * @initial: its value when the module is loaded
 * @least: least value that the kernel takes
 * @greatest: greatest value that the kernel takes
 * @doc: its meaning
 */
struct setting {
	const char *name;
	uint32_t initial, least, greatest;
	const char *doc;
};

/**
 * struct settings - settings of a network namespace, or some of them
 * @has: by attribute number: the setting is there
 * @value: by attribute number
 * @ports: the SIP ports
 * @n_ports: number of them
 * @networks: what registration-source names beside the registrar
 * @n_networks: number of them
 * @has_networks: they are there, maybe none
 */
struct settings {
	bool has[SIPALG_SETTING_VALUE_MAX + 1];
	uint32_t value[SIPALG_SETTING_VALUE_MAX + 1];
	uint16_t ports[SIPALG_SIP_PORTS_MAX];
	size_t n_ports;
	struct sipalg_network networks[SIPALG_NETWORKS_MAX];
	size_t n_networks;
	bool has_networks;
};

bool setting_find(struct match *match, const char *word, unsigned int *setting);
int setting_parse(struct settings *settings, unsigned int *setting,
		  struct args *args);
const struct setting *setting_info(unsigned int setting);
const char *const *setting_names(unsigned int setting);
const char *setting_range(unsigned int setting, char text[SETTING_TEXT_LEN]);
const char *setting_name(unsigned int setting);
const char *setting_text(const struct settings *settings, unsigned int setting,
			 char text[SETTING_TEXT_LEN]);
bool setting_is_initial(const struct settings *settings, unsigned int setting);
void settings_fill(struct settings *settings);

#endif /* SETTINGS_H */
