/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One direction of a TCP connection that the module follows: what is held, sent
 * on, probed for, acknowledged and sent again.
 *
 *   sender --to_router--> router --to_receiver--> receiver
 *   sender <--to_sender-- router <----to_acks---- receiver
 *
 * Steps and variables of the router have the names that they have in kmod/tcp/
 * (pass.c, framing.c, seqmap.c). A unit stands for some bytes. A message of IN
 * units becomes one of OUT units; a part of a message, with which the sender
 * ends, goes on as it came. A FIN takes a number, as in TCP. The value of a unit
 * is its number in the receiver's space, so that a wrong one is seen.
 *
 * The network loses, repeats and overtakes, each so often as is said below. The
 * sender sends again when nothing else can happen. If it does so more often than
 * segments can have been lost, it would do so for ever.
 *
 * FAULT seeds a mistake, so that the model itself can be tested.
 */

#ifndef MESSAGES
#define MESSAGES	2
#endif
#ifndef TAIL
#define TAIL		1	/* units of the part at the end */
#endif
#ifndef LOOSE
#define LOOSE		0
#endif
#ifndef EXCESS
#define EXCESS		1	/* units that are held of a part that is loose */
#endif
#ifndef IN
#define IN		2
#endif
#ifndef OUT
#define OUT		3
#endif
#ifndef SEND
#define SEND		3	/* units on their way; 1 is a sender with Nagle */
#endif
#ifndef WINDOW
#define WINDOW		4	/* units that the receiver takes */
#endif
#ifndef LOSSES
#define LOSSES		1
#endif
#ifndef REPEATS
#define REPEATS		1
#endif
#ifndef SWAPS
#define SWAPS		1
#endif
#ifndef FAULT
#define FAULT		0
#endif

#define EDITS		(MESSAGES + LOOSE * TAIL + 1)
#define IN_FIN		(MESSAGES * IN + TAIL)
#define OUT_FIN		(MESSAGES * OUT + TAIL)
/* Losses, repeats and overtaking can each cost a few units. */
#define RETRIES_MAX	(2 * (LOSSES + REPEATS + SWAPS) + OUT + 2)
#define PROBE		255

chan to_router = [2] of { byte };		/* number of a unit */
chan to_receiver = [2] of { byte, byte };	/* number of the first, how many */
chan to_acks = [2] of { byte };
chan to_sender = [2] of { byte };

byte losses = LOSSES, repeats = REPEATS, swaps = SWAPS;

/* --- the sender ---------------------------------------------------------------- */

byte una, nxt, retries;

active proctype sender()
{
	byte ack;

	do
	:: una <= IN_FIN && nxt <= IN_FIN && nxt < una + SEND && nfull(to_router) ->
		to_router ! nxt;
		nxt++
	:: to_sender ? ack ->
		assert(ack <= nxt);
		if
		:: ack > una -> una = ack; retries = 0
		:: else
		fi
	:: una <= IN_FIN && timeout ->
		retries++;
		/* It waits for ever. */
		assert(retries <= RETRIES_MAX);
		to_router ! una
	:: una > IN_FIN && timeout -> break
	od
}

/* --- the receiver -------------------------------------------------------------- */

byte rcv_next;
bool rcv_has[OUT_FIN + WINDOW + 1];

active proctype receiver()
{
	byte seq, n, i;

end:	do
	:: to_receiver ? seq, n ->
		d_step {
			i = 0;
			do
			:: seq != PROBE && i < n ->
				if
				:: seq + i >= rcv_next && seq + i < rcv_next + WINDOW ->
					rcv_has[seq + i] = true
				:: else
				fi;
				i++
			:: else -> break
			od;
			do
			:: rcv_next <= OUT_FIN && rcv_has[rcv_next] -> rcv_next++
			:: else -> break
			od;
			i = 0; seq = 0; n = 0
		}
		to_acks ! rcv_next
	od
}

/* --- the router ---------------------------------------------------------------- */

/* struct sipalg_seqmap */
byte in_next, out_next, acked, held;
/* struct sipalg_seq_edit */
typedef edit {
	byte in, in_len, lead, out, out_len;
	bool kept, plain;
}
edit edits[EDITS];
byte n_edits;

/* struct sipalg_direction */
bool queue[IN_FIN + SEND + 1];
bool finished;
byte window_end = WINDOW;

/* struct sipalg_output */
byte out_seq, out_len;
bool out_fin;

byte k, found, limit;
bool done;

/* sipalg_seqmap_in(), where @to is not old: leaves the result in found. */
inline find_in(to)
{
	k = 0;
	do
	:: k < n_edits && to >= edits[k].out + edits[k].out_len -> k++
	:: else -> break
	od;
	if
	:: to >= out_next -> found = in_next + (to - out_next)
	:: else ->
		assert(k < n_edits);
		found = edits[k].lead + (to - edits[k].out);
		if
		:: found > edits[k].in_len - 1 -> found = edits[k].in_len - 1
		:: else
		fi;
		found = found + edits[k].in
	fi
}

/* sipalg_seqmap_out(), not below what is acknowledged: leaves the result in found. */
inline map_out(from)
{
	find_in(acked);
	if
	:: from < found -> found = acked
	:: from >= found && from > in_next - held -> found = out_next
	:: else ->
		k = 0;
		do
		:: k < n_edits && from >= edits[k].in + edits[k].in_len -> k++
		:: else -> break
		od;
		if
		:: k == n_edits -> found = out_next
		:: else ->
			if
			:: from - edits[k].in <= edits[k].lead -> found = edits[k].out
			:: else -> found = edits[k].out + (from - edits[k].in) - edits[k].lead
			fi;
			if
			:: found > edits[k].out + edits[k].out_len ->
				found = edits[k].out + edits[k].out_len
			:: else
			fi
		fi;
		if
		:: found < acked -> found = acked
		:: else
		fi
	fi
}

inline seqmap_add(in_units, out_units)
{
	edits[n_edits].in = in_next - held;
	edits[n_edits].in_len = in_units;
	edits[n_edits].lead = (FAULT == 1 -> 0 : held);
	edits[n_edits].out = out_next;
	edits[n_edits].out_len = out_units;
	edits[n_edits].kept = true;
	n_edits++
}

inline seqmap_advance(in_units, out_units)
{
	in_next = in_next + in_units;
	out_next = out_next + out_units;
	held = 0
}

/*
 * What is held, and a unit behind it. Where nothing is, kmod/tcp has no edit for it:
 * the sender has its text until that is acknowledged.
 */
inline bytes_forward()
{
	seqmap_add(held + 1, held + 1);
	edits[n_edits - 1].plain = !held;
	edits[n_edits - 1].kept = held && FAULT != 4;
	out_len = out_len + held + 1;
	seqmap_advance(1, held + 1)
}

/* text_hold(), or output_send() where the unit completes a message. */
inline framing_take()
{
	if
	:: in_next < MESSAGES * IN && held == IN - 1 ->
		seqmap_add(IN, OUT);
		seqmap_advance(1, OUT);
		out_len = out_len + OUT
	/* Of what is loose, excess_find() finds none. */
	:: LOOSE && in_next >= MESSAGES * IN &&
	   (out_next + held < window_end || held == EXCESS) ->
		bytes_forward()
	:: else ->
		in_next++;
		held++
	fi
}

/* sipalg_framing_end(): the FIN, as one more unit. */
inline framing_end()
{
	bytes_forward();
	out_len--;
	finished = true;
	out_fin = true
}

/* Of what is in order: segment_next(), and then queue_take(). */
inline segment_next()
{
	out_seq = out_next;
	do
	:: in_next < IN_FIN && queue[in_next] ->
		queue[in_next] = false;
		framing_take()
	:: in_next == IN_FIN && !finished && queue[in_next] ->
		queue[in_next] = false;
		framing_end()
	:: else -> break
	od
}

/* repeat_copy(): what has been forwarded already is there to be sent again. */
inline segment_again(seq)
{
	map_out(seq);
	out_seq = found;
	map_out(seq + 1);
	out_len = (found > out_seq -> found - out_seq : 0);
	if
	:: out_len && finished && out_seq + out_len == out_next ->
		out_fin = true;
		out_len--
	:: else
	fi;
	k = 0;
	do
	:: k < n_edits ->
		assert(edits[k].kept || edits[k].plain ||
		       out_seq >= edits[k].out + edits[k].out_len ||
		       out_seq + out_len <= edits[k].out);
		k++
	:: else -> break
	od
}

inline output_trim()
{
	limit = (window_end > out_seq -> window_end - out_seq : 0);
	if
	:: out_len > limit -> out_len = limit; out_fin = false
	:: out_len == limit && out_fin -> out_fin = false
	:: else
	fi
}

/* Each unit that the sender may forget is here, or with the receiver. */
inline ack_must_hold(upto)
{
	assert(upto <= in_next);
	k = 0;
	do
	:: k < n_edits ->
		assert(edits[k].kept || edits[k].in >= upto ||
		       rcv_next >= edits[k].out + edits[k].out_len);
		k++
	:: else -> break
	od
}

/* sipalg_seqmap_ack() */
inline seqmap_ack(to)
{
	if
	:: to > acked ->
		acked = to;
		k = 0;
		do
		:: k < n_edits ->
			if
			:: to >= edits[k].out + (FAULT == 3 -> 1 : edits[k].out_len) ->
				edits[k].kept = false
			:: else
			fi;
			k++
		:: else -> break
		od
	:: else
	fi
}

active proctype router()
{
	byte seq, ack;

end:	do
	:: to_router ? seq ->
		d_step {
			out_len = 0;
			out_fin = false;
			if
			:: seq > in_next || (seq == in_next && !finished) ->
				queue[seq] = true;
				segment_next()
			:: else ->
				segment_again(seq)
			fi;
			output_trim();
			found = 0; k = 0; limit = 0
		}
		if
		:: out_len + out_fin -> to_receiver ! out_seq, out_len + out_fin
		:: FAULT == 2 && held -> skip
		:: else -> to_receiver ! PROBE, 0
		fi;
		d_step { out_seq = 0; out_len = 0; out_fin = false; seq = 0 }
	:: to_acks ? ack ->
		d_step {
			seqmap_ack(ack);
			if
			:: ack + WINDOW > window_end -> window_end = ack + WINDOW
			:: else
			fi;
			if
			:: ack < acked -> done = true	/* old: says nothing new */
			:: else ->
				done = false;
				find_in(ack);
				ack_must_hold(found)
			fi;
			ack = found; found = 0; k = 0
		}
		if
		:: done
		:: else -> to_sender ! ack
		fi;
		d_step { ack = 0; done = false }
	od
}

/* --- the network ---------------------------------------------------------------- */

active proctype network()
{
	byte a, b;

end:	do
	:: atomic { losses && nempty(to_router) -> to_router ? _; losses-- }
	:: atomic { losses && nempty(to_receiver) -> to_receiver ? _, _; losses-- }
	:: atomic { losses && nempty(to_acks) -> to_acks ? _; losses-- }
	:: atomic { losses && nempty(to_sender) -> to_sender ? _; losses-- }
	:: atomic { repeats && len(to_router) == 1 -> to_router ? <a>; to_router ! a; repeats-- }
	:: atomic { repeats && len(to_receiver) == 1 ->
		to_receiver ? <a, b>; to_receiver ! a, b; repeats-- }
	:: atomic { repeats && len(to_acks) == 1 -> to_acks ? <a>; to_acks ! a; repeats-- }
	:: atomic { repeats && len(to_sender) == 1 -> to_sender ? <a>; to_sender ! a; repeats-- }
	:: atomic { swaps && len(to_router) == 2 -> to_router ? a; to_router ! a; swaps-- }
	:: atomic { swaps && len(to_receiver) == 2 ->
		to_receiver ? a, b; to_receiver ! a, b; swaps-- }
	:: atomic { swaps && len(to_acks) == 2 -> to_acks ? a; to_acks ! a; swaps-- }
	:: atomic { swaps && len(to_sender) == 2 -> to_sender ? a; to_sender ! a; swaps-- }
	od
}

/* The sender is done when the receiver has all of it, and a FIN. */
active proctype end_of_it()
{
	una > IN_FIN && timeout -> assert(rcv_next == OUT_FIN + 1)
}
