// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and responses of devices, trunks and servers, in the direction in which they
 * cross the router, and what becomes of them. Each row names the product or the document.
 * The texts are made anew: names, numbers and addresses are none of theirs. H and P are
 * the host and the port of the phone: all that may change, to the outside or back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define OWN	"192.168.1.10"
#define SHOWN	"203.0.113.5"

/* What names the phone's address, on either side, and stays. */
#define NAMED	"From: <sip:100@" OWN ">;tag=1\nTo: <sip:200@" SHOWN ">;tag=2\nCall-ID: 7@" OWN "\n"

#define TOP(H, P)	"Via: SIP/2.0/UDP " H ":" P ";branch=z9hG4bK1;rport\n" NAMED
#define BACK(H, P)	"Via: SIP/2.0/UDP " H ":" P ";branch=z9hG4bK1;rport=" P ";received=" H "\n" NAMED
#define THEIRS		"Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK2;received=198.51.100.7\n" NAMED

/* --- from the phone, or a server inside ------------------------------------------- */

#define REQUESTS_OUT(H, P)						\
	{ "Teams Direct Routing: OPTIONS of an SBC names itself",	\
	  "OPTIONS sip:sip.pstnhub.example SIP/2.0\n" TOP(H, P) "CSeq: 1 OPTIONS\n" \
	  "Contact: <sip:sbc.contoso.example:5061;transport=tls>\n" },	\
	{ "Genesys SIP Server: INVITE without a description",		\
	  "INVITE sip:7001@sip.example SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: <sip:7000@" H ":" P ">\nX-Genesys-CallUUID: 0A1@" OWN "\n"	\
	  "X-Genesys-geo-location: " OWN "\n" },			\
	{ "BroadWorks: subscription to call-info",			\
	  "SUBSCRIBE sip:100@as.example SIP/2.0\n" TOP(H, P) "CSeq: 1 SUBSCRIBE\n" \
	  "Event: call-info\nContact: <sip:100@" H ":" P ">\nExpires: 3600\n" }, \
	{ "BroadWorks: as-feature-event, with a body that names the phone", \
	  "SUBSCRIBE sip:100@as.example SIP/2.0\n" TOP(H, P) "CSeq: 2 SUBSCRIBE\n" \
	  "Event: as-feature-event\nContact: <sip:100@" H ":" P ">\n"	\
	  "Content-Type: application/x-as-feature-event+xml\n\n<device>" OWN "</device>\n" }, \
	{ "Ribbon SBC: trunk groups, OLI",				\
	  "INVITE sip:+4930@example.net;user=phone SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: \"T\" <sip:+4930;tgrp=A;trunk-context=" OWN "@" H ":" P ">;isup-oli=00\n" \
	  "P-Charge-Info: <sip:+4930@" OWN ">\nX-SGSBC-Peer: " OWN "\n" }, \
	{ "Twilio Elastic SIP Trunking: a PBX calls",			\
	  "INVITE sip:+1415@x.pstn.example SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: <sip:+1415@" H ":" P ";transport=udp>\n"		\
	  "Diversion: <sip:+1@" OWN ">;reason=unconditional\n"		\
	  "Remote-Party-ID: <sip:+1@" OWN ">;party=calling\n" },	\
	{ "Fanvil X: registration",					\
	  "REGISTER sip:example.net:5060 SIP/2.0\n" TOP(H, P) "CSeq: 1 REGISTER\n" \
	  "Contact: <sip:100@" H ":" P ";transport=udp>;+sip.instance=\"<urn:uuid:0>\"\n" \
	  "User-Agent: Fanvil X4 2.4.5 0c383e\n" },			\
	{ "Gigaset N510: registration, a line in the user part",	\
	  "REGISTER sip:example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 REGISTER\n" \
	  "Contact: <sip:100@" H ":" P ";line=8a3>;q=0.5;expires=180\n" }, \
	{ "Panasonic KX-TGP: compact forms",				\
	  "REGISTER sip:example.net SIP/2.0\nv: SIP/2.0/UDP " H ":" P ";branch=z9hG4bKp\n" \
	  NAMED "CSeq: 1 REGISTER\nm: <sip:100@" H ":" P ">;expires=3600\nl: 0\n" }, \
	{ "AudioCodes Mediant: alias in Via",				\
	  "INVITE sip:200@example.net SIP/2.0\nVia: SIP/2.0/UDP " H ":" P ";branch=z9hG4bKac1;alias\n" \
	  NAMED "CSeq: 1 INVITE\nContact: <sip:100@" H ":" P ";tgrp=1>\n" \
	  "X-AC-Action: abort;source=" OWN "\n" },			\
	{ "Patton SmartNode: a Contact of capitals",			\
	  "REGISTER sip:example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 REGISTER\n" \
	  "CONTACT: <SIP:100@" H ":" P ";TRANSPORT=UDP>;EXPIRES=300\n" }, \
	{ "NEC SL: a display name with commas",				\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: \"201, " OWN "\" <sip:201@" H ":" P ">\n" },	\
	{ "Unify OpenScape: maddr of the phone",			\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: <sip:100@phone.example:" P ";maddr=" H ">\n" },	\
	{ "VoLTE, IR.92: registration",					\
	  "REGISTER sip:ims.example SIP/2.0\n" TOP(H, P) "CSeq: 1 REGISTER\n" \
	  "Contact: <sip:" H ":" P ">;+sip.instance=\"<urn:gsma:imei:3>\";+g.3gpp.smsip\n" \
	  "P-Access-Network-Info: IEEE-802.11;i-wlan-node-id=" OWN "\n"	\
	  "Cellular-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1\n" \
	  "Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;port-c=5060;port-s=5060\n" }, \
	{ "RFC 3903, 11: PUBLISH has no Contact",			\
	  "PUBLISH sip:100@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 PUBLISH\nEvent: presence\n" \
	  "Content-Type: application/pidf+xml\n\n<contact>sip:100@" OWN "</contact>\n" }, \
	{ "RFC 3428, 10: MESSAGE",					\
	  "MESSAGE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 MESSAGE\n" \
	  "Content-Type: message/cpim\n\nFrom: <sip:100@" OWN ">\nc=IN IP4 " OWN "\n" }, \
	{ "RFC 4235, 4.4: a target in dialog information",		\
	  "NOTIFY sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 1 NOTIFY\nEvent: dialog\n" \
	  "Contact: <sip:100@" H ":" P ">\nSubscription-State: active;expires=60\n" \
	  "Content-Type: application/dialog-info+xml\n\n<target uri=\"sip:100@" OWN ":5060\"/>\n" }, \
	{ "RFC 6086: INFO within a call",				\
	  "INFO sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 3 INFO\n" \
	  "Content-Type: application/dtmf-relay\n\nSignal=5\nDuration=160\n" }, \
	{ "RFC 3311: UPDATE that refreshes the session and the target",	\
	  "UPDATE sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 3 UPDATE\n" \
	  "Session-Expires: 1800;refresher=uac\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 3262: PRACK has no Contact",				\
	  "PRACK sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 2 PRACK\nRAck: 1 1 INVITE\n" }, \
	{ "RFC 3261, 12.2: BYE along a route set of others",		\
	  "BYE sip:200@198.51.100.9 SIP/2.0\n" TOP(H, P) "CSeq: 4 BYE\n"	\
	  "Route: <sip:198.51.100.7;lr>, <sip:" H ":" P ";lr>\nReason: SIP;cause=200;text=\"" OWN "\"\n" }, \
	{ "RFC 5589, 7: attended transfer to a dialog of its own",	\
	  "REFER sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 3 REFER\n" \
	  "Refer-To: <sip:300@" H ":" P "?Replaces=7%40" OWN "%3Bto-tag%3D1%3Bfrom-tag%3D2>\n" \
	  "Referred-By: <sip:100@" OWN ">\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 4488: REFER without a subscription, to a telephone number", \
	  "REFER sip:200@198.51.100.7 SIP/2.0\n" TOP(H, P) "CSeq: 3 REFER\nRefer-Sub: false\n" \
	  "Refer-To: <tel:+4930;phone-context=" OWN ">\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 3966, 5.1.5: a Request-URI with a context",		\
	  "INVITE tel:7042;phone-context=" OWN " SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: <sip:100@" H ":" P ">\n" },				\
	{ "RFC 7044: History-Info with an escaped Reason",		\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "History-Info: <sip:100@" OWN "?Reason=SIP%3Bcause%3D302>;index=1," \
	  "<sip:200@" OWN ">;index=1.1\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 5626, 5.4: keep-alives are offered",			\
	  "REGISTER sip:example.net SIP/2.0\n"				\
	  "Via: SIP/2.0/UDP " H ":" P ";keep;branch=z9hG4bKk;rport\n" NAMED "CSeq: 1 REGISTER\n" \
	  "Contact: <sip:100@" H ":" P ";ob>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"\n" \
	  "Path: <sip:edge.example;lr;ob>\nSupported: path, outbound, gruu\n" }, \
	{ "RFC 5627, 5: a GRUU of its own in a call",			\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Contact: <sip:100@example.net;gr=urn:uuid:f81d4fae>\nSupported: gruu\n" }, \
	{ "RFC 6442: location by reference",				\
	  "INVITE urn:service:sos SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n"	\
	  "Geolocation: <sips:100@" OWN ";gr=1>\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 7315: charging and identity in a trusted network",	\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "P-Charging-Vector: icid-value=1;icid-generated-at=" OWN "\n"	\
	  "P-Charging-Function-Addresses: ccf=" OWN "; ecf=" OWN "\n"	\
	  "P-Asserted-Identity: <sip:100@" OWN ">, <tel:+4930>\n"	\
	  "P-Served-User: <sip:100@" OWN ">;sescase=orig\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 3261, 20: URIs for people",				\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P) "CSeq: 1 INVITE\n" \
	  "Alert-Info: <http://" OWN "/ring>\nCall-Info: <http://" OWN "/me>;purpose=info\n" \
	  "Reply-To: <sip:100@" OWN ":5060>\nIn-Reply-To: 1@" OWN "\nContact: <sip:100@" H ":" P ">\n" }, \
	{ "RFC 3581, 3: rport of capitals, with blanks",		\
	  "OPTIONS sip:200@example.net SIP/2.0\n"			\
	  "Via: SIP / 2.0 / UDP " H ":" P " ; RPORT ; branch = z9hG4bK1\n" NAMED "CSeq: 1 OPTIONS\n" }, \
	{ "Kamailio, topoh module: the far end hides behind 127.0.0.8",	\
	  "ACK sip:127.0.0.8;line=sr-N6IAzBFwMJZfM SIP/2.0\n" TOP(H, P) "CSeq: 1 ACK\n" \
	  "Route: <sip:198.51.100.7;lr;ftag=1;did=3.2>\n" },		\
	{ "Yealink: a phone behind its own outbound proxy inside",	\
	  "INVITE sip:200@example.net SIP/2.0\n" TOP(H, P)		\
	  "Via: SIP/2.0/UDP 192.168.1.77:5060;branch=z9hG4bK9;received=192.168.1.77\n" \
	  "CSeq: 1 INVITE\nRecord-Route: <sip:" H ":" P ";lr>\nContact: <sip:100@192.168.1.77>\n" }

#define RESPONSES_OUT(H, P)						\
	{ "Oracle SBC: a token as the user, on both sides",		\
	  "SIP/2.0 200 OK\n" THEIRS "CSeq: 1 INVITE\n"			\
	  "Contact: <sip:SD7f3-abc@" H ":" P ";transport=udp>\n"	\
	  "Record-Route: <sip:198.51.100.7;lr>,<sip:" H ":" P ";lr>\n" }, \
	{ "RFC 3261, 21.3: redirection with Diversion",			\
	  "SIP/2.0 302 Moved Temporarily\n" THEIRS "CSeq: 1 INVITE\n"	\
	  "Contact: <sip:300@" H ":" P ">;q=0.9, <tel:+4930>, <sip:300@example.net>\n" \
	  "Diversion: <sip:100@" OWN ">;reason=user-busy\n" },		\
	{ "RFC 3261, 11.2: capabilities",				\
	  "SIP/2.0 200 OK\n" THEIRS "CSeq: 1 OPTIONS\nContact: <sip:" H ":" P ">\n" \
	  "Allow: INVITE, ACK, BYE\nAllow-Events: talk, hold\n" },	\
	{ "RFC 7616: the challenge of a registrar inside",		\
	  "SIP/2.0 401 Unauthorized\n" THEIRS "CSeq: 1 REGISTER\n"	\
	  "WWW-Authenticate: Digest realm=\"" OWN "\",domain=\"sip:" OWN "\",nonce=\"1\"\n" \
	  "Warning: 399 " OWN " \"x\"\n" },				\
	{ "RFC 3608: a registrar inside, a phone outside",		\
	  "SIP/2.0 200 OK\n" THEIRS "CSeq: 1 REGISTER\n"		\
	  "Contact: <sip:500@198.51.100.9:5060>;expires=60\nP-Associated-URI: <sip:500@" OWN ">\n" \
	  "Path: <sip:" H ":" P ";lr>\nService-Route: <sip:" H ":" P ";lr>\n" }, \
	{ "RFC 3515: NOTIFY is answered",				\
	  "SIP/2.0 202 Accepted\n" THEIRS "CSeq: 3 REFER\nContact: <sip:100@" H ":" P ">\n" }

/* --- to the phone ------------------------------------------------------------------ */

#define REQUESTS_IN(H, P)						\
	{ "Teams Direct Routing: a call to an SBC",			\
	  "INVITE sip:+4930@" H ":" P ";user=phone;transport=udp SIP/2.0\n" THEIRS \
	  "CSeq: 1 INVITE\nRecord-Route: <sip:sip-du.pstnhub.example:5061;transport=tls;lr>\n" \
	  "Contact: <sip:api-du.pstnhub.example:443;x-i=0;x-c=1/s/1>\n"	\
	  "P-Asserted-Identity: <tel:+49>,<sip:u@" SHOWN ">\n" },	\
	{ "Genesys: transfer by REFER from the server",			\
	  "REFER sip:7000@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 2 REFER\n"	\
	  "Refer-To: <sip:7001@" SHOWN ":1024>\nReferred-By: <sip:7000@" SHOWN ":1024>\n" }, \
	{ "BroadWorks: state of a shared line",				\
	  "NOTIFY sip:100@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 1 NOTIFY\nEvent: call-info\n" \
	  "Call-Info: <sip:" SHOWN ">;appearance-index=*;appearance-state=idle\n" \
	  "Contact: <sip:as.example>\nSubscription-State: active\n" },	\
	{ "Oracle SBC: SDTM in the branch of a call",			\
	  "INVITE sip:+49@" H ":" P ";transport=udp SIP/2.0\n"		\
	  "Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK-SDTM-1\n" NAMED "CSeq: 1 INVITE\n" \
	  "Contact: <sip:anonymous@198.51.100.7:5060;transport=udp>\n" }, \
	{ "Twilio: r2=on in Record-Route of the provider",		\
	  "INVITE sip:+1415@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 1 INVITE\n" \
	  "Record-Route: <sip:198.51.100.7:5060;r2=on;lr;ftag=1>,<sip:10.0.0.1;r2=on;lr;ftag=1>\n" \
	  "X-Twilio-AccountSid: AC1\nDiversion: <sip:+1@" SHOWN ">;reason=x\n" }, \
	{ "Kamailio, nathelper module: alias of a Contact",		\
	  "INVITE sip:100@" H ":" P ";alias=" SHOWN "~1024~1 SIP/2.0\n" THEIRS "CSeq: 1 INVITE\n" }, \
	{ "Kamailio, topoh module: a call from behind 127.0.0.8",	\
	  "INVITE sip:100@" H ":" P " SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK5\n" \
	  "Via: SIP/2.0/UDP 127.0.0.8;branch=z9hG4bKsr-N6IAzBFw\n" NAMED "CSeq: 1 INVITE\n" \
	  "Contact: <sip:127.0.0.8;line=sr-N6IAzBFwM>\nRecord-Route: <sip:198.51.100.7;lr>\n" }, \
	{ "Kamailio, topos module: a key as the user",			\
	  "BYE sip:100@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 9 BYE\n"	\
	  "Contact: <sip:btpsh-5f2-1@198.51.100.7>\n" },		\
	{ "RFC 5658: both routes of a proxy inside",			\
	  "BYE sip:100@192.168.1.77 SIP/2.0\n" THEIRS "CSeq: 9 BYE\n"	\
	  "Route: <sip:" H ":" P ";r2=on;lr>, <sip:" H ":" P ";r2=on;lr>, <sip:192.168.1.77;lr>\n" }, \
	{ "RFC 3515: progress of a transfer",				\
	  "NOTIFY sip:100@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 4 NOTIFY\nEvent: refer;id=3\n" \
	  "Subscription-State: terminated;reason=noresource\nContact: <sip:198.51.100.7>\n" \
	  "Content-Type: message/sipfrag\n\nSIP/2.0 200 OK\nContact: <sip:" SHOWN ":1024>\n" }, \
	{ "RFC 3891: a call replaces another one",			\
	  "INVITE sip:100@" H ":" P ";gr=1 SIP/2.0\n" THEIRS "CSeq: 1 INVITE\n" \
	  "Replaces: 7@" SHOWN ";to-tag=1;from-tag=2;early-only\n"	\
	  "Join: 8@" SHOWN ";to-tag=1;from-tag=2\nTarget-Dialog: 7@" SHOWN ";local-tag=1\n" }, \
	{ "RFC 3428: MESSAGE to a phone",				\
	  "MESSAGE sip:100@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 1 MESSAGE\n"	\
	  "Content-Type: text/plain\n\nhttp://" SHOWN ":1024\n" },	\
	{ "RFC 3680: state of a registration",				\
	  "NOTIFY sip:100@" H ":" P " SIP/2.0\n" THEIRS "CSeq: 1 NOTIFY\nEvent: reg\n" \
	  "Content-Type: application/reginfo+xml\n\n<uri>sip:100@" SHOWN ":1024</uri>\n" }

#define RESPONSES_IN(H, P)						\
	{ "TS 24.229: a registration is granted",			\
	  "SIP/2.0 200 OK\n" BACK(H, P) "CSeq: 1 REGISTER\n"		\
	  "Contact: <sip:100@" H ":" P ">;expires=600000\nPath: <sip:term@pcscf.ims.example;lr>\n" \
	  "Service-Route: <sip:orig@scscf.ims.example:6060;lr>\n"	\
	  "P-Associated-URI: <sip:+49@ims.example>, <tel:+49>\n" },	\
	{ "RFC 3261, 10.3: three contacts, one of them the phone's",	\
	  "SIP/2.0 200 OK\n" BACK(H, P) "CSeq: 2 REGISTER\n"		\
	  "Contact: <sip:100@198.51.100.9>;expires=60, <sip:100@" H ":" P ">;expires=3600\n" \
	  "Contact: \"x\" <sip:100@192.168.1.77:5060>;expires=9\n" },	\
	{ "RFC 5627, 5.3: GRUUs are assigned",				\
	  "SIP/2.0 200 OK\n" BACK(H, P) "CSeq: 2 REGISTER\n"		\
	  "Contact: <sip:100@" H ":" P ";ob>;pub-gruu=\"sip:100@example.net;gr=urn:uuid:1\"" \
	  ";temp-gruu=\"sip:tgruu.7hs@example.net;gr\";expires=3600\nFlow-Timer: 30\n" }, \
	{ "RFC 6223: keep-alives are agreed",				\
	  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " H ":" P ";keep=30;branch=z9hG4bK1;received=" H \
	  ";rport=" P "\n" NAMED "CSeq: 1 REGISTER\n" },		\
	{ "RFC 3581: parameters of capitals, rport first",		\
	  "SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP " H ":" P ";RPORT=" P ";Received=" H \
	  ";Branch=z9hG4bK1\n" NAMED "CSeq: 1 INVITE\nContact: <sip:200@198.51.100.9>\n" }, \
	{ "RFC 3903: PUBLISH is answered",				\
	  "SIP/2.0 200 OK\n" BACK(H, P) "CSeq: 1 PUBLISH\nSIP-ETag: dx200xyz\nExpires: 1800\n" }, \
	{ "RFC 7616: the phone is challenged",				\
	  "SIP/2.0 407 Proxy Authentication Required\n" BACK(H, P) "CSeq: 1 INVITE\n" \
	  "Proxy-Authenticate: Digest realm=\"" SHOWN "\",nonce=\"1\",qop=\"auth,auth-int\"\n" }, \
	{ "Yealink: a proxy inside gets what it recorded",		\
	  "SIP/2.0 200 OK\n" BACK(H, P)					\
	  "Via: SIP/2.0/UDP 192.168.1.77:5060;branch=z9hG4bK9;received=192.168.1.77\n" \
	  "CSeq: 1 INVITE\nRecord-Route: <sip:198.51.100.7;lr>, <sip:" H ":" P ";lr>\n" \
	  "Contact: <sip:200@198.51.100.9;transport=udp>\n" },		\
	{ "Fritz!Box: Contact of a response without brackets",		\
	  "SIP/2.0 200 OK\n" BACK(H, P) "CSeq: 3 REGISTER\nContact: sip:100@" H ":" P ";expires=300\n" }, \
	{ "3CX: 183 with a description that names the router",		\
	  "SIP/2.0 183 Session Progress\n" BACK(H, P) "CSeq: 1 INVITE\n"	\
	  "Content-Type: application/sdp\n\nv=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" }

struct row {
	const char *source;
	const char *text;
};

static const struct row inside[] = {
	REQUESTS_OUT(OWN, "5060"), RESPONSES_OUT(OWN, "5060"),
	REQUESTS_IN(OWN, "5060"), RESPONSES_IN(OWN, "5060"),
};

static const struct row outside[] = {
	REQUESTS_OUT(SHOWN, "1024"), RESPONSES_OUT(SHOWN, "1024"),
	REQUESTS_IN(SHOWN, "1024"), RESPONSES_IN(SHOWN, "1024"),
};

static const struct row outbound[] = { REQUESTS_OUT("", ""), RESPONSES_OUT("", "") };

/* Headers without a body end here. */
static void complete(char *lines, size_t size, const char *text)
{
	snprintf(lines, size, "%s%s", text, strstr(text, "\n\n") ? "" : "\n");
}

static void check(const char *text, struct world *w, const char *wanted)
{
	char lines[2048], want[2048];
	struct text got;

	complete(lines, sizeof(lines), text);
	complete(want, sizeof(want), wanted);
	got = translated(lines, w);
	assert_text(got, want);
	free((void *)got.data);
}

static void messages_go_out(void **state)
{
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(outbound); i++) {
		world_outbound(&w, 4);
		check(inside[i].text, &w, outside[i].text);
	}
}

static void messages_come_in(void **state)
{
	struct world w;
	size_t i;

	(void)state;
	for (i = ARRAY_SIZE(outbound); i < ARRAY_SIZE(inside); i++) {
		world_inbound(&w, 4);
		check(outside[i].text, &w, inside[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_out),
		cmocka_unit_test(messages_come_in),
	};

	return cmocka_run_group_tests_name("dialogues", tests, NULL, NULL);
}
