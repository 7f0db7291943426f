// SPDX-License-Identifier: GPL-2.0
/*
 * An end of a call whose ICE is libnice's. The test does the SIP, and carries
 * the descriptions.
 *
 *	nice ADDRESS PORT COMPONENTS [offers] [lite] [tcp] [stun SERVER]
 *
 * PORT is that of the first component, the next ones follow. "lite" makes no
 * checks, "tcp" has candidates for TCP, too. A description comes first, lines of
 * SDP behind "sdp" and a blank, and then "gathered". After that it does what
 * standard input says, a line each:
 *
 *	far LINE		a line of the far end's SDP
 *	check			that was all of it
 *	plain N ADDRESS PORT	the far end knows no ICE: where its component N is
 *	restart			begin anew, with a description of new credentials
 *	speak N HEX		send a datagram from component N
 *
 * It tells of "state N STATE", of "nominated N ADDRESS PORT TYPE ADDRESS PORT
 * TYPE" (its own candidate first), and of "heard N HEX".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nice/agent.h>

#define DATAGRAM_MAX	1500
#define STREAM		"audio"
#define STUN_PORT	3478

static NiceAgent *agent;
static guint stream;
static GString *far;

static void tell_candidate(const NiceCandidate *candidate)
{
	char address[NICE_ADDRESS_STRING_LEN];

	nice_address_to_string(&candidate->addr, address);
	printf(" %s %u %s", address, nice_address_get_port(&candidate->addr),
	       nice_candidate_type_to_string(candidate->type));
}

static void tell_sdp(void)
{
	char *sdp = nice_agent_generate_local_sdp(agent);
	char **lines = g_strsplit(sdp, "\n", -1);
	char **line;

	for (line = lines; *line; line++)
		if (**line)
			printf("sdp %s\n", *line);
	puts("gathered");
	g_strfreev(lines);
	g_free(sdp);
}

static void on_state(NiceAgent *self, guint of, guint component, guint state)
{
	(void)self;
	(void)of;
	printf("state %u %s\n", component,
	       nice_component_state_to_string(state));
}

static void on_pair(NiceAgent *self, guint of, guint component,
		    NiceCandidate *own, NiceCandidate *far_one)
{
	(void)self;
	(void)of;
	printf("nominated %u", component);
	tell_candidate(own);
	tell_candidate(far_one);
	puts("");
}

static void on_datagram(NiceAgent *self, guint of, guint component, guint len,
			gchar *bytes, gpointer unused)
{
	guint i;

	(void)self;
	(void)of;
	(void)unused;
	printf("heard %u ", component);
	for (i = 0; i < len; i++)
		printf("%02x", (unsigned char)bytes[i]);
	puts("");
}

static void far_is_plain(guint component, const char *address, guint port)
{
	NiceCandidate *there = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);

	there->stream_id = stream;
	there->component_id = component;
	there->transport = NICE_CANDIDATE_TRANSPORT_UDP;
	strcpy(there->foundation, "plain");
	if (!nice_address_set_from_string(&there->addr, address))
		g_error("no address: %s", address);
	nice_address_set_port(&there->addr, port);
	if (!nice_agent_set_selected_remote_candidate(agent, stream, component,
						      there))
		g_error("component %u takes no far end", component);
	nice_candidate_free(there);
}

static void speak(guint component, const char *hex)
{
	char datagram[DATAGRAM_MAX];
	size_t len;
	unsigned int byte;

	for (len = 0; len < sizeof(datagram) && sscanf(hex, "%2x", &byte) == 1;
	     len++, hex += 2)
		datagram[len] = byte;
	if (nice_agent_send(agent, stream, component, len, datagram) !=
	    (gint)len)
		puts("not sent");
}

static gboolean on_word(GIOChannel *input, GIOCondition condition,
			gpointer loop)
{
	char address[64], *line = NULL;
	guint component, port;
	int at;

	(void)condition;
	if (g_io_channel_read_line(input, &line, NULL, NULL, NULL) !=
	    G_IO_STATUS_NORMAL) {
		g_main_loop_quit(loop);
		return FALSE;
	}
	g_strchomp(line);
	if (g_str_has_prefix(line, "far ")) {
		g_string_append_printf(far, "%s\n", line + 4);
	} else if (!strcmp(line, "check")) {
		printf("far candidates %d\n",
		       nice_agent_parse_remote_sdp(agent, far->str));
		g_string_truncate(far, 0);
	} else if (sscanf(line, "plain %u %63s %u", &component, address,
			  &port) == 3) {
		far_is_plain(component, address, port);
	} else if (!strcmp(line, "restart")) {
		nice_agent_restart(agent);
		tell_sdp();
	} else if (sscanf(line, "speak %u %n", &component, &at) == 1) {
		speak(component, line + at);
	} else {
		g_error("what is \"%s\"?", line);
	}
	g_free(line);
	return TRUE;
}

int main(int argc, char **argv)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	GIOChannel *input = g_io_channel_unix_new(0);
	NiceAgentOption options = NICE_AGENT_OPTION_REGULAR_NOMINATION;
	gboolean offers = FALSE, tcp = FALSE;
	const char *stun = NULL;
	guint i, components, port;
	NiceAddress address;
	char **word;

	if (argc < 4)
		g_error("too few arguments");
	port = atoi(argv[2]);
	components = atoi(argv[3]);
	for (word = argv + 4; *word; word++) {
		if (!strcmp(*word, "offers"))
			offers = TRUE;
		else if (!strcmp(*word, "lite"))
			options |= NICE_AGENT_OPTION_LITE_MODE;
		else if (!strcmp(*word, "tcp"))
			tcp = TRUE;
		else if (!strcmp(*word, "stun") && word[1])
			stun = *++word;
		else
			g_error("what is \"%s\"?", *word);
	}
	setlinebuf(stdout);
	far = g_string_new(NULL);
	nice_address_init(&address);
	if (!nice_address_set_from_string(&address, argv[1]))
		g_error("no address: %s", argv[1]);
	agent = nice_agent_new_full(NULL, NICE_COMPATIBILITY_RFC5245,
				    options);
	g_object_set(agent, "upnp", FALSE, "ice-tcp", tcp, "controlling-mode",
		     offers, NULL);
	if (stun)
		g_object_set(agent, "stun-server", stun, "stun-server-port",
			     STUN_PORT, NULL);
	nice_agent_add_local_address(agent, &address);
	stream = nice_agent_add_stream(agent, components);
	nice_agent_set_stream_name(agent, stream, STREAM);
	g_signal_connect(agent, "candidate-gathering-done",
			 G_CALLBACK(tell_sdp), NULL);
	g_signal_connect(agent, "component-state-changed",
			 G_CALLBACK(on_state), NULL);
	g_signal_connect(agent, "new-selected-pair-full", G_CALLBACK(on_pair),
			 NULL);
	for (i = 1; i <= components; i++, port++) {
		nice_agent_set_port_range(agent, stream, i, port, port);
		nice_agent_attach_recv(agent, stream, i, NULL, on_datagram,
				       NULL);
	}
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_word, loop);
	if (!nice_agent_gather_candidates(agent, stream))
		g_error("no candidates at %s", argv[1]);
	g_main_loop_run(loop);
	return 0;
}
