// SPDX-License-Identifier: GPL-2.0
/*
 * Sends mutated messages through a router with the module, from a phone to a
 * server and back, and compares each message that arrives with the plan of the
 * core.
 *
 * Two such programs at a time need servers with different addresses: each
 * socket counts its own IP identifiers (RFC 6864), and reassembly, also that of
 * the router's conntrack, matches fragments by identifier, addresses and
 * protocol.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

static const char usage[] =
	"usage: fuzz [-n COUNT] [-s SEED] [-i PORT] [-o PORT] [-l] [-t] PHONE SERVER ADDRESS MESSAGE...\n"
	"\n"
	"PHONE and SERVER are network namespaces, ADDRESS is the server's. Prints a tally, a\n"
	"line each counter, and ends with status 1 at the first message that is lost or wrong,\n"
	"which is printed. -i and -o name the phone's port, inside and outside; with -l messages\n"
	"may get lost; with -t they go over TCP, from any port.";

static void print_tally(void)
{
	static const char *const names[REASONS] = {
		[SIP_NOT_SIP] = "not_sip", [SIP_BAD_START] = "bad_start",
		[SIP_BAD_HEADER] = "bad_header", [SIP_BAD_VALUE] = "bad_value",
		[SIP_BAD_LENGTH] = "bad_length", [SIP_BAD_SDP] = "bad_sdp",
		[SIP_INCOMPLETE] = "incomplete", [SIP_TOO_MANY] = "too_many",
		[SIP_TOO_LONG] = "too_long", [SIP_REFUSED] = "refused",
	};

	printf("changed %lu\nstayed %lu\nunchanged %lu\n", tally.changed,
	       tally.stayed, tally.unchanged);
	tally.parsed[SIP_NOT_SIP] += tally.not_sip;
	for (int i = SIP_OK + 1; i < REASONS; i++)
		printf("parsed_%s %lu\ntranslated_%s %lu\n", names[i],
		       tally.parsed[i], names[i], tally.translated[i]);
}

int main(int argc, char *argv[])
{
	struct options options = {.count = 10000,
				  .seed = 1,
				  .inside_port = 5060,
				  .outside_port = 1024};
	int option, i;

	while ((option = getopt(argc, argv, "n:s:i:o:lt")) >= 0) {
		switch (option) {
		case 'n':
			options.count = strtoul(optarg, NULL, 10);
			break;
		case 's':
			options.seed = strtoull(optarg, NULL, 10) *
					       0x9e3779b97f4a7c15 |
				       1;
			break;
		case 'i':
			options.inside_port = (u16)strtoul(optarg, NULL, 10);
			break;
		case 'o':
			options.outside_port = (u16)strtoul(optarg, NULL, 10);
			break;
		case 'l':
			options.lossy = true;
			break;
		case 't':
			options.tcp = true;
			break;
		default:
			errx(2, "%s", usage);
		}
	}
	if (argc - optind < (options.count ? 4 : 3))
		errx(2, "%s", usage);
	options.phone = argv[optind];
	options.server_side = argv[optind + 1];
	options.server = argv[optind + 2];
	for (i = optind + 3; i < argc; i++)
		load_message(argv[i], options.tcp);
	if (options.tcp)
		run_streams(&options);
	else
		run_datagrams(&options);
	print_tally();
	return 0;
}
