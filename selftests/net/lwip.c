// SPDX-License-Identifier: GPL-2.0
/*
 * One connection of a TCP/IP stack that is not Linux's: lwIP, as phones and
 * adapters have it. It speaks through a packet socket on a device that has no
 * address of the kernel's.
 *
 *	lwip DEVICE ADDRESS GATEWAY MTU WINDOW PORT [PEER PORT]
 *
 * listens at PORT, or connects from there. Each message that comes on standard
 * input, a socket, is written to the connection by itself; what the connection
 * brings goes to standard output. A line "ready" comes first. WINDOW is what
 * the end that connects offers at most, in bytes.
 */

#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <lwip/api.h>
#include <lwip/etharp.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcpip.h>

#define FRAME_MAX	2048
#define MESSAGE_MAX	65536
#define POLL_US		10000

static struct netif card;
static int wire;
static bool is_plugged = true;

static void check(err_t error, const char *what)
{
	if (error != ERR_OK)
		errx(1, "%s: %d", what, error);
}

/* LWIP_NETIF_TX_SINGLE_PBUF: a frame is in one piece. */
static err_t frame_send(struct netif *netif, struct pbuf *frame)
{
	(void)netif;
	if (!is_plugged)
		return ERR_OK;
	return send(wire, frame->payload, frame->len, 0) < 0 ? ERR_IF : ERR_OK;
}

static void *frames_take(void *unused)
{
	static u8_t frame[FRAME_MAX];
	struct pbuf *pbuf;
	ssize_t len;

	for (;;) {
		len = recv(wire, frame, sizeof(frame), 0);
		if (len < 0)
			break;
		/* Debian's PBUF_POOL has less space than it says. */
		pbuf = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
		if (!pbuf)
			continue;
		pbuf_take(pbuf, frame, (u16_t)len);
		if (card.input(pbuf, &card) != ERR_OK)
			pbuf_free(pbuf);
	}
	return unused;
}

static err_t card_init(struct netif *netif)
{
	netif->mtu = (u16_t)atoi(netif->state);
	netif->linkoutput = frame_send;
	netif->output = etharp_output;
	netif->hwaddr_len = ETH_HWADDR_LEN;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		       NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static void wire_open(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	struct ifreq request = {};

	at.sll_protocol = lwip_htons(ETH_P_ALL);
	at.sll_ifindex = (int)if_nametoindex(device);
	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	wire = socket(AF_PACKET, SOCK_RAW, lwip_htons(ETH_P_ALL));
	if (wire < 0 || bind(wire, (struct sockaddr *)&at, sizeof(at)) ||
	    ioctl(wire, SIOCGIFHWADDR, &request))
		err(1, "%s", device);
	memcpy(card.hwaddr, request.ifr_hwaddr.sa_data, ETH_HWADDR_LEN);
}

static void thread_start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument))
		err(1, "a thread");
}

static void stack_start(char **argv)
{
	ip4_addr_t address, mask, gateway;

	if (!ip4addr_aton(argv[2], &address) || !ip4addr_aton(argv[3], &gateway))
		errx(1, "no address");
	IP4_ADDR(&mask, 255, 255, 255, 0);
	wire_open(argv[1]);
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	if (!netif_add(&card, &address, &mask, &gateway, argv[4], card_init,
		       tcpip_input))
		errx(1, "no interface");
	netif_set_default(&card);
	netif_set_up(&card);
	UNLOCK_TCPIP_CORE();
	thread_start(frames_take, NULL);
}

static void ready_say(void)
{
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		err(1, "output");
}

static struct netconn *listen_at(struct netconn *listener)
{
	struct netconn *connection;

	check(netconn_listen(listener), "listen");
	ready_say();
	check(netconn_accept(listener, &connection), "accept");
	return connection;
}

/*
 * lwIP begins each connection with the window that it was compiled for. So its
 * first SYN is lost; the second one has the other window.
 */
static void connect_to(struct netconn *connection, const char *peer,
		       const char *port, tcpwnd_size_t window)
{
	struct tcp_pcb *pcb = connection->pcb.tcp;
	ip_addr_t address;
	err_t error;

	if (!ipaddr_aton(peer, &address))
		errx(1, "no address");
	is_plugged = false;
	netconn_set_nonblocking(connection, 1);
	error = netconn_connect(connection, &address, (u16_t)atoi(port));
	netconn_set_nonblocking(connection, 0);
	if (error != ERR_INPROGRESS)
		check(error, "connect");
	LOCK_TCPIP_CORE();
	pcb->rcv_wnd = window;
	pcb->rcv_ann_wnd = window;
	is_plugged = true;
	tcp_rexmit_rto(pcb);
	UNLOCK_TCPIP_CORE();
	while (pcb->state == SYN_SENT)
		usleep(POLL_US);
	ready_say();
}

static void *connection_take(void *argument)
{
	struct netconn *connection = argument;
	struct pbuf *pbuf, *part;

	while (netconn_recv_tcp_pbuf(connection, &pbuf) == ERR_OK) {
		for (part = pbuf; part; part = part->next)
			if (write(STDOUT_FILENO, part->payload, part->len) !=
			    part->len)
				err(1, "output");
		pbuf_free(pbuf);
	}
	shutdown(STDOUT_FILENO, SHUT_WR);
	return NULL;
}

int main(int argc, char **argv)
{
	static char message[MESSAGE_MAX];
	struct netconn *connection;
	ssize_t len;

	if (argc != 7 && argc != 9)
		errx(2, "wrong usage");
	stack_start(argv);
	connection = netconn_new(NETCONN_TCP);
	if (!connection)
		errx(1, "no connection");
	check(netconn_bind(connection, IP_ADDR_ANY, (u16_t)atoi(argv[6])),
	      "bind");
	if (argc == 9)
		connect_to(connection, argv[7], argv[8],
			   (tcpwnd_size_t)atoi(argv[5]));
	else
		connection = listen_at(connection);
	thread_start(connection_take, connection);
	for (;;) {
		len = read(STDIN_FILENO, message, sizeof(message));
		if (len <= 0)
			break;
		check(netconn_write(connection, message, (size_t)len,
				    NETCONN_COPY), "write");
	}
	check(netconn_close(connection), "close");
	return 0;
}
