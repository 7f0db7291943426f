// SPDX-License-Identifier: GPL-2.0
/*
 * What the devices and servers of vendors write, and what becomes of it. Each row
 * names the product, and where its messages are described if that is public. The
 * texts are made anew: names, numbers and addresses are none of theirs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define OWN	"192.168.1.10"
#define SHOWN	"203.0.113.5"

static const struct sent fields[] = {
	{ "Snom wiki, Registration: a fold within a quoted parameter",
	  "Contact: <sip:905@" OWN ":5060>;reg-id=1;q=1.0;+sip.instance=\"\n"
	  " <urn:uuid:e960df68-8f5d>\"\nX-Real-IP: " OWN "\n",
	  "Contact: <sip:905@" SHOWN ":1024>;reg-id=1;q=1.0;+sip.instance=\"\n"
	  " <urn:uuid:e960df68-8f5d>\"\nX-Real-IP: " OWN "\n" },
	{ "Snom wiki, Registration: line=",
	  "Contact: <sip:905@" OWN ":5060;line=5p2x7b>;reg-id=1\n",
	  "Contact: <sip:905@" SHOWN ":1024;line=5p2x7b>;reg-id=1\n" },
	{ "Cisco IOS, debug ccsip messages",
	  "Remote-Party-ID: \"S\" <sip:78001@" OWN ">;party=calling;screen=no"
	  ";privacy=off\nTimestamp: 1022206059\nContact: <sip:78001@" OWN ":5060>\n"
	  "Cisco-Guid: 3659524871-1844515286-2148452871-566800187\n",
	  "Remote-Party-ID: \"S\" <sip:78001@" OWN ">;party=calling;screen=no"
	  ";privacy=off\nTimestamp: 1022206059\nContact: <sip:78001@" SHOWN ":1024>\n"
	  "Cisco-Guid: 3659524871-1844515286-2148452871-566800187\n" },
	{ "Cisco IP phone, SIP line messaging guide",
	  "Contact: <sip:1000@" OWN ":5060;transport=udp>"
	  ";+sip.instance=\"<urn:uuid:0-0>\";+u.sip!devicename.ccm.cisco.com=\"SEP00112"
	  "2334455\";+u.sip!model.ccm.cisco.com=\"404\"\n",
	  "Contact: <sip:1000@" SHOWN ":1024;transport=udp>"
	  ";+sip.instance=\"<urn:uuid:0-0>\";+u.sip!devicename.ccm.cisco.com=\"SEP00112"
	  "2334455\";+u.sip!model.ccm.cisco.com=\"404\"\n" },
	{ "Cisco IP phone: Call-Info stays",
	  "Call-Info: <urn:x-cisco-remotecc:callinfo>; security= Unknown\n"
	  "Contact: <sip:1000@" OWN ":5060>\n",
	  "Call-Info: <urn:x-cisco-remotecc:callinfo>; security= Unknown\n"
	  "Contact: <sip:1000@" SHOWN ":1024>\n" },
	{ "Cisco SPA, Sipura: a display name in Contact",
	  "Contact: \"Line 1\" <sip:1000@" OWN ":5060>;expires=3600\n",
	  "Contact: \"Line 1\" <sip:1000@" SHOWN ":1024>;expires=3600\n" },
	{ "Yealink T4U administrator's guide, dialog event",
	  "Contact: <sip:10111@" OWN ":5060>\n"
	  "User-Agent: Yealink SIP-T46G 28.82.0.20\n",
	  "Contact: <sip:10111@" SHOWN ":1024>\nUser-Agent: Yealink SIP-T46G 28.82.0.20\n" },
	{ "AudioCodes MP-1xx manual 6.2, 3.3.2: a folded Contact",
	  "Contact:\n <sip:User@" OWN ":5060>;expires=3600\n"
	  "User-Agent: Sip-Gateway/v.6.00A.008.002\n",
	  "Contact:\n <sip:User@" SHOWN ":1024>;expires=3600\n"
	  "User-Agent: Sip-Gateway/v.6.00A.008.002\n" },
	{ "Polycom: blanks in methods=",
	  "Contact: <sip:1000@" OWN ":5060>;methods=\"INVITE, ACK, BYE, CANCEL, OP"
	  "TIONS, INFO\"\nAllow-Events: conference,talk,hold\n",
	  "Contact: <sip:1000@" SHOWN ":1024>;methods=\"INVITE, ACK, BYE, CANCEL, OPT"
	  "IONS, INFO\"\nAllow-Events: conference,talk,hold\n" },
	{ "Poly VVX: Contact with its own transport",
	  "Contact: <sip:1000@" OWN ":5060;transport=UDP>;methods=\"INVITE, ACK\"\n"
	  "Accept-Language: en\n",
	  "Contact: <sip:1000@" SHOWN ":1024;transport=UDP>;methods=\"INVITE, ACK\"\n"
	  "Accept-Language: en\n" },
	{ "Grandstream GXP",
	  "Contact: <sip:1000@" OWN ":5060>;reg-id=1"
	  ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000B82AABBCC>\"\n"
	  "X-Grandstream-PBX: true\n",
	  "Contact: <sip:1000@" SHOWN ":1024>;reg-id=1"
	  ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000B82AABBCC>\"\n"
	  "X-Grandstream-PBX: true\n" },
	{ "Fritz!Box: uniq=",
	  "Contact: <sip:620@" OWN ":5060;uniq=0123456789ABCDEF>\n"
	  "X-Fritz: " OWN "\n",
	  "Contact: <sip:620@" SHOWN ":1024;uniq=0123456789ABCDEF>\n"
	  "X-Fritz: " OWN "\n" },
	{ "Asterisk, chan_sip",
	  "Contact: <sip:s@" OWN ":5060>\nX-asterisk-Info: SIP re-invite\n",
	  "Contact: <sip:s@" SHOWN ":1024>\nX-asterisk-Info: SIP re-invite\n" },
	{ "Asterisk, chan_pjsip: ;ob",
	  "Contact: <sip:asterisk@" OWN ":5060;ob>\n"
	  "P-Asserted-Identity: \"A\" <sip:100@" OWN ">\n",
	  "Contact: <sip:asterisk@" SHOWN ":1024;ob>\n"
	  "P-Asserted-Identity: \"A\" <sip:100@" OWN ">\n" },
	{ "Asterisk: an escaped user",
	  "Contact: <sip:%2B4930@" OWN ":5060>\n",
	  "Contact: <sip:%2B4930@" SHOWN ":1024>\n" },
	{ "FreeSWITCH, mod_sofia: gateway on another port",
	  "Contact: <sip:gw+provider@" OWN ":5080;transport=udp;gw=provider>\n"
	  "X-FS-Support: update_display,send_info\n",
	  "Contact: <sip:gw+provider@" SHOWN ":15080;transport=udp;gw=provider>\n"
	  "X-FS-Support: update_display,send_info\n" },
	{ "FreeSWITCH, mod_sofia: mod_sofia as the user",
	  "Contact: <sip:mod_sofia@" OWN ":5060>\nX-FS-Display-Name: 1000\n",
	  "Contact: <sip:mod_sofia@" SHOWN ":1024>\nX-FS-Display-Name: 1000\n" },
	{ "Kamailio, rr module",
	  "Record-Route: <sip:" OWN ":5060;lr;ftag=as1;did=1.2>\n",
	  "Record-Route: <sip:" SHOWN ":1024;lr;ftag=as1;did=1.2>\n" },
	{ "Kamailio, rr module: r2=on",
	  "Record-Route: <sip:" OWN ":5060;transport=tcp;r2=on"
	  ";lr>, <sip:" OWN ":5060;r2=on;lr>\n",
	  "Record-Route: <sip:" SHOWN ":1024;transport=tcp;r2=on"
	  ";lr>, <sip:" SHOWN ":1024;r2=on;lr>\n" },
	{ "Kamailio, path module",
	  "Path: <sip:lb@" OWN ":5060;lr;received=sip:198.51.100.7:5060>\n",
	  "Path: <sip:lb@" SHOWN ":1024;lr;received=sip:198.51.100.7:5060>\n" },
	{ "OpenSIPS: rr with an escaped did",
	  "Record-Route: <sip:" OWN ":5060;lr;did=ab%2ecd>\n",
	  "Record-Route: <sip:" SHOWN ":1024;lr;did=ab%2ecd>\n" },
	{ "3CX: rinstance=",
	  "Contact: <sip:10001@" OWN ":5060;rinstance=0123456789abcdef>\n"
	  "User-Agent: 3CXPhoneSystem 18.0\n",
	  "Contact: <sip:10001@" SHOWN ":1024;rinstance=0123456789abcdef>\n"
	  "User-Agent: 3CXPhoneSystem 18.0\n" },
	{ "CounterPath X-Lite",
	  "Contact: <sip:100@" OWN ":5060;rinstance=d28b86f8d2c7d7ba>;expires=3600\n",
	  "Contact: <sip:100@" SHOWN ":1024;rinstance=d28b86f8d2c7d7ba>;expires=3600\n" },
	{ "Zoiper: transport in capitals",
	  "Contact: <sip:100@" OWN ":5060;transport=UDP;rinstance=d28b>\n"
	  "Allow-Events: presence, kpml, talk\n",
	  "Contact: <sip:100@" SHOWN ":1024;transport=UDP;rinstance=d28b>\n"
	  "Allow-Events: presence, kpml, talk\n" },
	{ "Mitel MiVoice 6800",
	  "Contact: \"Mitel\" <sip:1000@" OWN ":5060;transport=udp>"
	  ";+sip.instance=\"<urn:uuid:00000000>\"\nX-Aastra-Id: " OWN "\n",
	  "Contact: \"Mitel\" <sip:1000@" SHOWN ":1024;transport=udp>"
	  ";+sip.instance=\"<urn:uuid:00000000>\"\nX-Aastra-Id: " OWN "\n" },
	{ "Avaya J100, one-X",
	  "Contact: <sip:1000@" OWN ":5060;transport=udp;subid_ipcs=1234>"
	  ";+avaya.js-ver=\"1.0\"\nAv-Global-Session-ID: c4ab-11e9\n",
	  "Contact: <sip:1000@" SHOWN ":1024;transport=udp;subid_ipcs=1234>"
	  ";+avaya.js-ver=\"1.0\"\nAv-Global-Session-ID: c4ab-11e9\n" },
	{ "Avaya IP Office: Alert-Info stays",
	  "Alert-Info: <http://" OWN "/ring>;info=alert-internal\n"
	  "Contact: <sip:200@" OWN ":5060>\n",
	  "Alert-Info: <http://" OWN "/ring>;info=alert-internal\n"
	  "Contact: <sip:200@" SHOWN ":1024>\n" },
	{ "Linphone: specs",
	  "Contact: <sip:john@" OWN ":5060;transport=udp>"
	  ";+org.linphone.specs=\"ephemeral/1.1,groupchat/1.1\"\n",
	  "Contact: <sip:john@" SHOWN ":1024;transport=udp>"
	  ";+org.linphone.specs=\"ephemeral/1.1,groupchat/1.1\"\n" },
	{ "Linphone: CPIM device in the user part",
	  "Contact: <sip:john@example.org;gr=urn:uuid:1>\n",
	  "Contact: <sip:john@example.org;gr=urn:uuid:1>\n" },
	{ "IMS, TS 24.229: feature tags",
	  "Contact: <sip:001010123456789@" OWN ":5060>"
	  ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\";video\n",
	  "Contact: <sip:001010123456789@" SHOWN ":1024>"
	  ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\";video\n" },
	{ "IMS, TS 24.229: access network stays",
	  "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000000\n"
	  "Contact: <sip:u@" OWN ":5060>\n"
	  "Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=5060"
	  ";port-s=5060\n",
	  "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000000\n"
	  "Contact: <sip:u@" SHOWN ":1024>\n"
	  "Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=5060"
	  ";port-s=5060\n" },
	{ "Teams Direct Routing, learn.microsoft.com: a name without brackets",
	  "Contact: sip:sbc1.adatum.biz:5058;transport=tls\n",
	  "Contact: sip:sbc1.adatum.biz:5058;transport=tls\n" },
	{ "Teams Direct Routing: a name in Record-Route",
	  "Record-Route: <sip:sbc1.adatum.biz:5058;transport=tls;lr>\n",
	  "Record-Route: <sip:sbc1.adatum.biz:5058;transport=tls;lr>\n" },
	{ "Lync 2013: gruu and opaque",
	  "Contact: <sip:u@h;opaque=user:epid:x;gruu>;+sip.instance=\"<urn:uuid:1>\"\n",
	  "Contact: <sip:u@h;opaque=user:epid:x;gruu>;+sip.instance=\"<urn:uuid:1>\"\n" },
	{ "Lync 2013: ms-opaque",
	  "Contact: <sip:" OWN ":5060;transport=udp;ms-opaque=abc>;proxy=replace\n",
	  "Contact: <sip:" SHOWN ":1024;transport=udp;ms-opaque=abc>;proxy=replace\n" },
	{ "Alcatel OXE, paStash issue 75",
	  "Contact: <sip:0123456789@" OWN ":5060;user=phone>\n"
	  "User-Agent: OmniPCX Enterprise R12.1 m2.300.29.a\n",
	  "Contact: <sip:0123456789@" SHOWN ":1024;user=phone>\n"
	  "User-Agent: OmniPCX Enterprise R12.1 m2.300.29.a\n" },
	{ "Gigaset: text behind the comment stays",
	  "Contact: <sip:1000@" OWN ":5060>\n"
	  "User-Agent: S850A GO/42.248.00 (" OWN ")\n",
	  "Contact: <sip:1000@" SHOWN ":1024>\n"
	  "User-Agent: S850A GO/42.248.00 (" OWN ")\n" },
	{ "Ribbon, Sonus: a tgrp in the user part",
	  "Contact: <sip:+4930;tgrp=T1;trunk-context=" OWN "@" OWN ":5060"
	  ";user=phone>\n",
	  "Contact: <sip:+4930;tgrp=T1;trunk-context=" OWN "@" SHOWN ":1024"
	  ";user=phone>\n" },
	{ "Clearwater, SIP.js issue 319: Record-Route without brackets",
	  "Record-Route: sip:2x1mBRkkY9@" OWN ":5062;transport=WS;lr\n"
	  "Record-Route: sip:" OWN ":5060;transport=TCP;lr\n",
	  "Record-Route: sip:2x1mBRkkY9@" SHOWN ":15062;transport=WS;lr\n"
	  "Record-Route: sip:" SHOWN ":1024;transport=TCP;lr\n" },
	{ "JsSIP issue 698: a colon in front of a value",
	  "Contact: <sip:a@" OWN ":5060;transport=udp>;expires=390,: <sip:b@x.invalid;transport=ws>"
	  ";expires=30, <sip:c@" OWN ":5060>\n",
	  "Contact: <sip:a@" SHOWN ":1024;transport=udp>;expires=390,: <sip:b@x.invalid;transport=ws>"
	  ";expires=30, <sip:c@" SHOWN ":1024>\n" },
	{ "SIP.js issue 419: quotes in a parameter of the URI",
	  "Contact: <sip:" OWN ":5060;transport=udp;thinfo=\"VG8+PoIUYHSD/sWAZZw=\">\n",
	  "Contact: <sip:" SHOWN ":1024;transport=udp;thinfo=\"VG8+PoIUYHSD/sWAZZw=\">\n" },
	{ "FreeSWITCH, SIP.js issue 560: a user part that is no token",
	  "m:<sip:PBX#1000#90@" OWN ":5060>;expires=2519\n",
	  "m:<sip:PBX#1000#90@" SHOWN ":1024>;expires=2519\n" },
	{ "FreeSWITCH issue 2824: parameters of a telephone number",
	  "Contact: <sip:+358-555-1234567;postd=pp22@" OWN ":5060;user=phone>\n",
	  "Contact: <sip:+358-555-1234567;postd=pp22@" SHOWN ":1024;user=phone>\n" },
	{ "Sipdroid issue 476: an address of mail as the user",
	  "Contact: <sip:Name@example.net@" OWN ":5060;transport=udp>\n",
	  "Contact: <sip:Name@example.net@" SHOWN ":1024;transport=udp>\n" },
	{ "PJSIP, URI Escaping: a user whose blank nobody has escaped",
	  "Contact: <sip:good user@" OWN ":5060>\nRecord-Route: \"x\" <sip:a b@" OWN ";lr>\n",
	  "Contact: <sip:good user@" SHOWN ":1024>\nRecord-Route: \"x\" <sip:a b@" SHOWN ":1024;lr>\n" },
	{ "BroadWorks, BroadSoft interoperability: Diversion stays",
	  "Diversion: \"A\"<sip:100@" OWN ";user=phone>;reason=unconditional"
	  ";counter=1\nContact: <sip:100@" OWN ":5060>\n",
	  "Diversion: \"A\"<sip:100@" OWN ";user=phone>;reason=unconditional"
	  ";counter=1\nContact: <sip:100@" SHOWN ":1024>\n" },
};

static const struct sent descriptions[] = {
	{ "Cisco IOS, debug ccsip messages: c= on both levels",
	  "v=0\no=CiscoSystemsSIP-GW-UserAgent 5421 615 IN IP4 " OWN "\ns=SIP Call\n"
	  "c=IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 18 19\n"
	  "c=IN IP4 " OWN "\na=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\n",
	  "v=0\no=CiscoSystemsSIP-GW-UserAgent 5421 615 IN IP4 " SHOWN "\ns=SIP Call\n"
	  "c=IN IP4 " SHOWN "\nt=0 0\nm=audio 14000 RTP/AVP 18 19\nc=IN IP4 " SHOWN "\n"
	  "a=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\n" },
	{ "Cisco IP phone: bandwidth and traffic class",
	  "v=0\no=Cisco-SIPUA 26964 0 IN IP4 " OWN "\nb=AS:4064\nt=0 0\n"
	  "m=audio 4000 RTP/AVP 0 101\nc=IN IP4 " OWN "\nb=TIAS:64000\n"
	  "a=trafficclass:conversational.audio.avconf.aq:admitted\n",
	  "v=0\no=Cisco-SIPUA 26964 0 IN IP4 " SHOWN "\nb=AS:4064\nt=0 0\n"
	  "m=audio 14000 RTP/AVP 0 101\nc=IN IP4 " SHOWN "\nb=TIAS:64000\n"
	  "a=trafficclass:conversational.audio.avconf.aq:admitted\n" },
	{ "Asterisk, chan_sip",
	  "v=0\no=root 1821 1821 IN IP4 " OWN "\ns=Asterisk PBX 18\n"
	  "c=IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 0 101\n"
	  "a=silenceSupp:off - - - -\n",
	  "v=0\no=root 1821 1821 IN IP4 " SHOWN "\ns=Asterisk PBX 18\n"
	  "c=IN IP4 " SHOWN "\nt=0 0\nm=audio 14000 RTP/AVP 0 101\n"
	  "a=silenceSupp:off - - - -\n" },
	{ "Asterisk, chan_pjsip: a=rtcp",
	  "v=0\no=- 1 1 IN IP4 " OWN "\ns=Asterisk\nc=IN IP4 " OWN "\nt=0 0\n"
	  "m=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4 " OWN "\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\ns=Asterisk\nc=IN IP4 " SHOWN "\nt=0 0\n"
	  "m=audio 14000 RTP/AVP 0\na=rtcp:14001 IN IP4 " SHOWN "\n" },
	{ "FreeSWITCH: RTCP port and address",
	  "v=0\no=FreeSWITCH 1500 1501 IN IP4 " OWN "\ns=FreeSWITCH\n"
	  "c=IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 102 0\na=rtcp-mux\n"
	  "a=rtcp:4001 IN IP4 " OWN "\na=ptime:20\n",
	  "v=0\no=FreeSWITCH 1500 1501 IN IP4 " SHOWN "\ns=FreeSWITCH\n"
	  "c=IN IP4 " SHOWN "\nt=0 0\nm=audio 14000 RTP/AVP 102 0\na=rtcp-mux\n"
	  "a=rtcp:14001 IN IP4 " SHOWN "\na=ptime:20\n" },
	{ "FreeSWITCH: DTLS-SRTP",
	  "v=0\no=FreeSWITCH 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 UDP/TLS/RTP/SAVPF 111\na=fingerprint:sha-256 AA:BB\n"
	  "a=setup:actpass\na=rtcp-mux\na=rtcp:4000 IN IP4 " OWN "\n",
	  "v=0\no=FreeSWITCH 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "m=audio 14000 UDP/TLS/RTP/SAVPF 111\na=fingerprint:sha-256 AA:BB\n"
	  "a=setup:actpass\na=rtcp-mux\na=rtcp:14000 IN IP4 " SHOWN "\n" },
	{ "Grandstream GXP: video beside audio",
	  "v=0\no=1000 8000 8000 IN IP4 " OWN "\ns=SIP Call\nc=IN IP4 " OWN "\n"
	  "t=0 0\nm=audio 4000 RTP/AVP 0 8 101\nm=video 4002 RTP/AVP 99\nb=AS:256\n",
	  "v=0\no=1000 8000 8000 IN IP4 " SHOWN "\ns=SIP Call\nc=IN IP4 " SHOWN "\n"
	  "t=0 0\nm=audio 14000 RTP/AVP 0 8 101\nm=video 14002 RTP/AVP 99\nb=AS:256\n" },
	{ "Fritz!Box: RTCP without an address",
	  "v=0\no=user 9141 9141 IN IP4 " OWN "\ns=call\nc=IN IP4 " OWN "\n"
	  "t=0 0\nm=audio 4000 RTP/AVP 9 8 0\na=rtcp:4001\n",
	  "v=0\no=user 9141 9141 IN IP4 " SHOWN "\ns=call\nc=IN IP4 " SHOWN "\nt=0 0\n"
	  "m=audio 14000 RTP/AVP 9 8 0\na=rtcp:14001\n" },
	{ "Snom: SRTP keys hold what looks like ports",
	  "v=0\no=root 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 RTP/SAVP 9 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:4000/x\n",
	  "v=0\no=root 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "m=audio 14000 RTP/SAVP 9 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:4000/x\n" },
	{ "Yealink: three codecs and an inactive stream",
	  "v=0\no=- 20000 20000 IN IP4 " OWN "\ns=SDP data\nc=IN IP4 " OWN "\n"
	  "t=0 0\nm=audio 4000 RTP/AVP 9 0 8\na=sendrecv\nm=video 0 RTP/AVP 99\n",
	  "v=0\no=- 20000 20000 IN IP4 " SHOWN "\ns=SDP data\nc=IN IP4 " SHOWN "\n"
	  "t=0 0\nm=audio 14000 RTP/AVP 9 0 8\na=sendrecv\nm=video 0 RTP/AVP 99\n" },
	{ "Poly: content over BFCP",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 RTP/AVP 9\nm=video 4002 RTP/AVP 109\na=content:main\n"
	  "m=application 4004 UDP/BFCP *\na=floorctrl:c-s\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 9\n"
	  "m=video 14002 RTP/AVP 109\na=content:main\nm=application 14004 UDP/BFCP *\n"
	  "a=floorctrl:c-s\n" },
	{ "Poly: c= behind other lines of its section",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 9\na=sendrecv\n"
	  "c=IN IP4 " OWN "\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nt=0 0\nm=audio 14000 RTP/AVP 9\na=sendrecv\n"
	  "c=IN IP4 " SHOWN "\n" },
	{ "3CX: a name of several words",
	  "v=0\no=3cxPS 5 1 IN IP4 " OWN "\ns=3cxPS Audio call\n"
	  "c=IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 0 8 101\n",
	  "v=0\no=3cxPS 5 1 IN IP4 " SHOWN "\ns=3cxPS Audio call\nc=IN IP4 " SHOWN "\n"
	  "t=0 0\nm=audio 14000 RTP/AVP 0 8 101\n" },
	{ "Avaya: capability negotiation (RFC 5939) stays",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\na=csup:cap-v0\n"
	  "m=audio 4000 RTP/AVP 0\na=tcap:1 RTP/SAVP\n"
	  "a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\na=pcfg:1 t=1 a=1\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\na=csup:cap-v0\n"
	  "m=audio 14000 RTP/AVP 0\na=tcap:1 RTP/SAVP\n"
	  "a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\na=pcfg:1 t=1 a=1\n" },
	{ "Mitel: fax with its attributes",
	  "v=0\no=- 1 2 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=image 4000 udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\n",
	  "v=0\no=- 1 2 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=image 14000 udptl t38\n"
	  "a=T38FaxVersion:0\na=T38MaxBitRate:14400\n" },
	{ "Mitel: TCP transport of T.38, the sender listens",
	  "v=0\no=- 1 2 IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=image 4000 tcp t38\n"
	  "a=setup:passive\n",
	  "v=0\no=- 1 2 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=image 14000 tcp t38\n"
	  "a=setup:passive\n" },
	{ "Linphone: feedback and XR",
	  "v=0\no=john 1234 1 IN IP4 " OWN "\ns=Talk\nc=IN IP4 " OWN "\nt=0 0\n"
	  "a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL\n"
	  "m=audio 4000 RTP/AVPF 96\na=rtcp-fb:* trr-int 1000\n",
	  "v=0\no=john 1234 1 IN IP4 " SHOWN "\ns=Talk\nc=IN IP4 " SHOWN "\nt=0 0\n"
	  "a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL\n"
	  "m=audio 14000 RTP/AVPF 96\na=rtcp-fb:* trr-int 1000\n" },
	{ "IMS, IR.92: preconditions",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 RTP/AVP 97\nb=AS:41\nb=RS:0\nb=RR:0\na=rtpmap:97 AMR-WB/16000\n"
	  "a=curr:qos local none\na=des:qos mandatory local sendrecv\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "m=audio 14000 RTP/AVP 97\nb=AS:41\nb=RS:0\nb=RR:0\na=rtpmap:97 AMR-WB/16000\n"
	  "a=curr:qos local none\na=des:qos mandatory local sendrecv\n" },
	{ "IMS, RCS: chat over MSRP with CEMA",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=message 4000 TCP/MSRP *\na=accept-types:message/cpim\na=msrp-cema\n"
	  "a=path:msrp://" OWN ":4000/s1;tcp\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "m=message 14000 TCP/MSRP *\na=accept-types:message/cpim\na=msrp-cema\n"
	  "a=path:msrp://" OWN ":4000/s1;tcp\n" },
	{ "Huawei: a blank at the end of a line",
	  "v=0\no=- 1 1 IN IP4 " OWN " \nc=IN IP4 " OWN " \n"
	  "m=audio 4000 RTP/AVP 0 \n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN " \nc=IN IP4 " SHOWN " \n"
	  "m=audio 14000 RTP/AVP 0 \n" },
	{ "Kamailio, rtpproxy module: its mark stays",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 RTP/AVP 0\na=nortpproxy:yes\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n"
	  "a=nortpproxy:yes\n" },
	{ "Sipura: t= in front of c=",
	  "v=0\no=- 1 1 IN IP4 " OWN "\ns=-\nt=0 0\nc=IN IP4 " OWN "\n"
	  "m=audio 4000 RTP/AVP 0 2\na=ptime:30\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\ns=-\nt=0 0\nc=IN IP4 " SHOWN "\n"
	  "m=audio 14000 RTP/AVP 0 2\na=ptime:30\n" },
	{ "Alcatel OXE, paStash issue 75",
	  "v=0\no=OXE 1608202591 1608202591 IN IP4 " OWN "\ns=abs\n"
	  "c=IN IP4 " OWN "\nt=0 0\nm=audio 4000 RTP/AVP 8 101\n",
	  "v=0\no=OXE 1608202591 1608202591 IN IP4 " SHOWN "\ns=abs\n"
	  "c=IN IP4 " SHOWN "\nt=0 0\nm=audio 14000 RTP/AVP 8 101\n" },
	{ "Lync 2013: lines of its own",
	  "v=0\no=- 0 1 IN IP4 " OWN "\nb=CT:99980\nc=IN IP4 " OWN "\n"
	  "a=x-devicecaps:audio:send,recv\nm=audio 4000 RTP/SAVP 114 9\n"
	  "a=x-ssrc-range:4000-4000\na=rtcp:4001\n",
	  "v=0\no=- 0 1 IN IP4 " SHOWN "\nb=CT:99980\nc=IN IP4 " SHOWN "\n"
	  "a=x-devicecaps:audio:send,recv\nm=audio 14000 RTP/SAVP 114 9\n"
	  "a=x-ssrc-range:4000-4000\na=rtcp:14001\n" },
	{ "rtpengine issue 1958: v= twice",
	  "v=\nv=0\no=user1 53655765 2353687637 IN IP4 " OWN "\ns=pjmedia\nt=0 0\n"
	  "c=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=sendrecv\n",
	  "v=\nv=0\no=user1 53655765 2353687637 IN IP4 " SHOWN "\ns=pjmedia\nt=0 0\n"
	  "c=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=sendrecv\n" },
	{ "the same, and c= repeated in front of the second and behind it",
	  "v=0\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\nv=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nv=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "a text that was written with CR LF in text mode: CR twice",
	  "v=0\r\no=- 1 1 IN IP4 " OWN "\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
	  "c=IN IP4 " OWN "\r\na=rtcp:4001 IN IP4 " OWN "\r\na=rtcp-mux\r\n",
	  "v=0\r\no=- 1 1 IN IP4 " SHOWN "\r\ns=-\r\nt=0 0\r\nm=audio 14000 RTP/AVP 0\r\n"
	  "c=IN IP4 " SHOWN "\r\na=rtcp:14001 IN IP4 " SHOWN "\r\na=rtcp-mux\r\n" },
	{ "CR twice behind c= alone, and behind a port",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\r\nm=audio 4000 RTP/AVP 0\na=rtcp:4003\r\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\r\nm=audio 14000 RTP/AVP 0\na=rtcp:14003\r\n" },
	{ "tabs, or several blanks, in o= as in c=",
	  "v=0\no=-\t1\t1\tIN\tIP4\t" OWN "\nc=IN\tIP4\t" OWN "\nm=audio\t4000\tRTP/AVP\t0\n"
	  "m=video 4002 RTP/AVP 31\nc=IN  IP4  " OWN "\n",
	  "v=0\no=-\t1\t1\tIN\tIP4\t" SHOWN "\nc=IN\tIP4\t" SHOWN "\nm=audio\t14000\tRTP/AVP\t0\n"
	  "m=video 14002 RTP/AVP 31\nc=IN  IP4  " SHOWN "\n" },
	{ "PJSIP issue 4020: a refused section at an address of the other family",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nt=0 0\nm=audio 0 RTP/SAVP 0\nc=IN IP6 ::1\n"
	  "m=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nt=0 0\nm=audio 0 RTP/SAVP 0\nc=IN IP6 ::1\n"
	  "m=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n" },
	{ "PJSIP issue 4911: b= has lost its letter",
	  "v=0\no=- 1 1 IN IP4 " OWN "\ns=pjmedia\n:=17\nt=0 0\na=X-nat:0\nm=audio 4000 RTP/AVP 96\n"
	  "c=IN IP4 " OWN "\n:=6000\na=rtcp:4001 IN IP4 " OWN "\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\ns=pjmedia\n:=17\nt=0 0\na=X-nat:0\nm=audio 14000 RTP/AVP 96\n"
	  "c=IN IP4 " SHOWN "\n:=6000\na=rtcp:14001 IN IP4 " SHOWN "\n" },
	{ "PJSIP issue 1233: no formats in a refused section",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 0 RTP/AVP\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 0 RTP/AVP\nm=audio 14000 RTP/AVP 0\n" },
	{ "OpenSIPS issue 51: i= looks like an origin, b= stands above all media",
	  "v=0\no=- 1 1 IN IP4 " OWN "\ni=(o=IN IP4 " OWN ")\nb=AS:84\nm=audio 4000 RTP/AVP 97\n"
	  "c=IN IP4 " OWN "\nb=TIAS:64000\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\ni=(o=IN IP4 " OWN ")\nb=AS:84\nm=audio 14000 RTP/AVP 97\n"
	  "c=IN IP4 " SHOWN "\nb=TIAS:64000\n" },
	{ "Kamailio issue 3982: fax in the place of audio, c= beside the fax alone",
	  "v=0\no=- 1 2 IN IP4 " OWN "\nt=0 0\nm=audio 0 RTP/AVP 8\nm=image 4000 udptl t38\n"
	  "c=IN IP4 " OWN "\na=T38FaxRateManagement:transferredTCF\n",
	  "v=0\no=- 1 2 IN IP4 " SHOWN "\nt=0 0\nm=audio 0 RTP/AVP 8\nm=image 14000 udptl t38\n"
	  "c=IN IP4 " SHOWN "\na=T38FaxRateManagement:transferredTCF\n" },
	{ "GB/T 28181: a camera, with lines of its own behind the attributes",
	  "v=0\no=34020000001320000001 0 0 IN IP4 " OWN "\ns=Play\nc=IN IP4 " OWN "\nt=0 0\n"
	  "m=video 4000 RTP/AVP 96\na=sendonly\na=rtpmap:96 PS/90000\ny=0100000001\nf=v/2/5/25/1/4000a///\n",
	  "v=0\no=34020000001320000001 0 0 IN IP4 " SHOWN "\ns=Play\nc=IN IP4 " SHOWN "\nt=0 0\n"
	  "m=video 14000 RTP/AVP 96\na=sendonly\na=rtpmap:96 PS/90000\ny=0100000001\nf=v/2/5/25/1/4000a///\n" },
	{ "GB/T 28181: RTP over TCP, the sender listens",
	  "v=0\no=3402 0 0 IN IP4 " OWN "\ns=Play\nc=IN IP4 " OWN "\nt=0 0\n"
	  "m=video 4000 TCP/RTP/AVP 96 97\na=recvonly\na=setup:passive\na=connection:new\ny=0200000001\n",
	  "v=0\no=3402 0 0 IN IP4 " SHOWN "\ns=Play\nc=IN IP4 " SHOWN "\nt=0 0\n"
	  "m=video 14000 TCP/RTP/AVP 96 97\na=recvonly\na=setup:passive\na=connection:new\ny=0200000001\n" },
	{ "Lync 2013, SIPE issue 76: ICE over TCP by the names of a draft",
	  "v=0\no=- 0 0 IN IP4 " OWN "\ns=session\nc=IN IP4 " OWN "\nb=CT:99980\nt=0 0\n\n"
	  "m=applicationsharing 4000 TCP/RTP/AVP 127\n"
	  "a=candidate:1 1 TCP-ACT 2020212991 " OWN " 4000 typ host \n"
	  "a=candidate:2 1 TCP-PASS 2019819775 " OWN " 4000 typ host \n",
	  "v=0\no=- 0 0 IN IP4 " SHOWN "\ns=session\nc=IN IP4 " OWN "\nb=CT:99980\nt=0 0\n\n"
	  "m=applicationsharing 4000 TCP/RTP/AVP 127\n"
	  "a=candidate:1 1 TCP-ACT 2020212991 " OWN " 4000 typ host \n"
	  "a=candidate:2 1 TCP-PASS 2019819775 " OWN " 4000 typ host \n" },
	{ "a gateway that counts its ports in m=",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "/127\n"
	  "m=audio 4000/2 RTP/AVP 0\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "/127\n"
	  "m=audio 14000/2 RTP/AVP 0\n" },
};

static void fields_go_out(void **state)
{
	(void)state;
	assert_all_sent(fields, ARRAY_SIZE(fields), "");
}

static void descriptions_go_out(void **state)
{
	(void)state;
	assert_all_sent(descriptions, ARRAY_SIZE(descriptions),
			"Content-Type: application/sdp\n\n");
}

/* Programs in C that count the zero byte behind a string. */
static void zero_bytes(void **state)
{
	static const char *const last[] = {
		"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 " OWN,
		"c=IN IP4 " OWN "\r\nm=audio 4000 RTP/AVP 0",
		"c=IN IP4 " OWN "\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:4003",
		"c=IN IP4 " OWN "\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:4003 IN IP4 " OWN,
	};
	char lines[512], want[512];
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(last); i++) {
		struct text text, got, clean;
		size_t n = (size_t)snprintf(lines, sizeof(lines),
					    "INVITE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: <sip:a@h>;tag=1\r\n"
					    "t: <sip:b@h>\r\ni: c\r\nCSeq: 1 INVITE\r\nc: application/sdp\r\n\r\n"
					    "v=0\r\n%s", last[i]);

		world_outbound(&w, 4);
		text = guard(lines, n);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		clean = apply(&plan, text);
		assert_in_range(clean.len, 1, sizeof(want) - 2);
		memcpy(want, clean.data, clean.len);
		want[clean.len] = want[clean.len + 1] = '\0';
		assert_null(memmem(want, clean.len, OWN, sizeof(OWN) - 1));
		/* Two more change nothing, but are there. */
		lines[n] = lines[n + 1] = '\0';
		text = guard(lines, n + 2);
		assert_int_equal(find_fault(&msg, text), SIP_OK);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		got = apply(&plan, text);
		assert_int_equal(got.len, clean.len + 2);
		assert_memory_equal(got.data, want, got.len);
		free((void *)clean.data);
		free((void *)got.data);
	}
}

/* SIPp issue 59: IPv6 in SDP as in a URI. */
static void brackets(void **state)
{
	static const char head[] = "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\n"
				   "To: <sip:b@h>\nCall-ID: c\nCSeq: 1 INVITE\n"
				   "Content-Type: application/sdp\n\n";
	char in[1024], out[1024];
	struct text got;
	struct world w;

	(void)state;
	snprintf(in, sizeof(in), "%sv=0\no=user1 53655765 2353687637 IN IP6 [2001:db8:1::10]\ns=-\n"
		 "c=IN IP6 [2001:db8:1::10]\nt=0 0\nm=audio 6000 RTP/AVP 0\n", head);
	snprintf(out, sizeof(out), "%sv=0\no=user1 53655765 2353687637 IN IP6 [2001:db8:2::5]\ns=-\n"
		 "c=IN IP6 [2001:db8:2::5]\nt=0 0\nm=audio 16000 RTP/AVP 0\n", head);
	world_outbound(&w, 6);
	got = translated(in, &w);
	assert_text(got, out);
	free((void *)got.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_go_out),
		cmocka_unit_test(descriptions_go_out),
		cmocka_unit_test(zero_bytes),
		cmocka_unit_test(brackets),
	};

	return cmocka_run_group_tests_name("vendors", tests, NULL, NULL);
}
