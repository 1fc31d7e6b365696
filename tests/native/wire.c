/* The scripted exchange as a compositor puts it on the wire, and what can go wrong with it. */
#include "wire.h"

#include <stdarg.h>
#include <string.h>

static void put_u32(wire *to, uint32_t value)
{
	CHECK(to->length + sizeof value <= sizeof to->bytes);
	memcpy(to->bytes + to->length, &value, sizeof value);
	to->length += sizeof value;
}

static void put_padded(wire *to, const void *from, size_t size)
{
	size_t padded = (size + 3) & ~(size_t)3;

	put_u32(to, (uint32_t)size);
	CHECK(to->length + padded <= sizeof to->bytes);
	memset(to->bytes + to->length, 0, padded);
	memcpy(to->bytes + to->length, from, size);
	to->length += padded;
}

static void set_head(wire *to, size_t start, uint32_t size, uint32_t opcode)
{
	uint32_t word = size << 16 | opcode;

	memcpy(to->bytes + start + 4, &word, sizeof word);
}

/* kinds: u a number, s a string, a an array of three numbers, h a descriptor sent along. */
static void put_event(wire *to, uint32_t id, uint32_t opcode, const char *kinds, ...)
{
	size_t start = to->length;
	va_list values;

	CHECK(to->count < LENGTH(to->starts));
	to->starts[to->count++] = start;
	put_u32(to, id);
	put_u32(to, 0);
	va_start(values, kinds);
	for (; *kinds; kinds++) {
		if (*kinds == 'u') {
			put_u32(to, va_arg(values, uint32_t));
		} else if (*kinds == 's') {
			const char *text = va_arg(values, const char *);

			put_padded(to, text, strlen(text) + 1);
		} else if (*kinds == 'a') {
			put_padded(to, "\1\0\0\0\2\0\0\0\3\0\0\0", 12);
		} else {
			to->descriptors++;
		}
	}
	va_end(values);
	set_head(to, start, (uint32_t)(to->length - start), opcode);
}

static void record_globals(wire *to)
{
	put_event(to, WIRE_REGISTRY, 0, "usu", 1, "wl_compositor", 6);
	put_event(to, WIRE_REGISTRY, 0, "usu", 2, "wl_output", 4);
	put_event(to, WIRE_REGISTRY, 0, "usu", 3, "wl_seat", 9);
	put_event(to, WIRE_REGISTRY, 0, "usu", 4, "wl_data_device_manager", 3);
	put_event(to, WIRE_CALLBACK, 0, "u", 1);
	put_event(to, WIRE_DISPLAY, 1, "u", WIRE_CALLBACK);
}

static void record_output(wire *to)
{
	put_event(to, WIRE_OUTPUT, 0, "uuuuussu", 0, 0, 340, 190, 0, "Weston",
		  "headless \xc3\xa9", 0);
	put_event(to, WIRE_OUTPUT, 1, "uuuu", 3, 1920, 1080, 60000);
	put_event(to, WIRE_OUTPUT, 1, "uuuu", 0, 1024, 768, 60000);
	put_event(to, WIRE_OUTPUT, 3, "u", 1);
	put_event(to, WIRE_OUTPUT, 4, "s", "headless");
	put_event(to, WIRE_OUTPUT, 2, "");
	put_event(to, WIRE_REGISTRY, 1, "u", 2);
}

static void record_seat(wire *to)
{
	put_event(to, WIRE_SEAT, 0, "u", 3);
	put_event(to, WIRE_SEAT, 1, "s", "seat0");
	put_event(to, WIRE_KEYBOARD, 0, "uhu", 1, 4096);
	put_event(to, WIRE_KEYBOARD, 5, "uu", 25, 600);
	put_event(to, WIRE_KEYBOARD, 1, "uua", 7, WIRE_SURFACE);
	put_event(to, WIRE_KEYBOARD, 3, "uuuu", 8, 1000, 30, 1);
	put_event(to, WIRE_KEYBOARD, 0, "uhu", 1, 8192);
	put_event(to, WIRE_DEVICE, 0, "u", WIRE_OFFER);
	put_event(to, WIRE_OFFER, 0, "s", "text/plain;charset=utf-8");
	put_event(to, WIRE_DEVICE, 5, "u", WIRE_OFFER);
	put_event(to, WIRE_DEVICE, 0, "u", WIRE_OFFER + 1);
	put_event(to, WIRE_DEVICE, 5, "u", 0);
}

void wire_record(wire *exchange)
{
	memset(exchange, 0, sizeof *exchange);
	record_globals(exchange);
	record_output(exchange);
	record_seat(exchange);
}

void wire_protocol_error(wire *exchange)
{
	put_event(exchange, WIRE_DISPLAY, 0, "uus", WIRE_OUTPUT, 3, "invalid transform");
}

/* ---- mutations ---- */

static size_t some_event(const wire *exchange)
{
	return exchange->starts[chance(exchange->count)];
}

static void flip_bits(wire *exchange)
{
	for (uint32_t k = 1 + chance(8); k; k--)
		exchange->bytes[chance((uint32_t)exchange->length)] ^= (uint8_t)(1 << chance(8));
}

static void cut_off(wire *exchange)
{
	exchange->length = 1 + chance((uint32_t)exchange->length - 1);
	while (exchange->count > 1 && exchange->starts[exchange->count - 1] + 8 > exchange->length)
		exchange->count--;
	if (exchange->length < 8)
		exchange->length = 8;
}

static void lie_about_size(wire *exchange)
{
	static const uint32_t lies[] = {0, 4, 7, 8, 9, 12, 16, 20, 24, 40, 4092, 4096, 4100, 65532,
					65535};
	size_t start = some_event(exchange);

	set_head(exchange, start, lies[chance(LENGTH(lies))],
		 u32_at(exchange->bytes + start + 4) & 0xffff);
}

static void change_opcode(wire *exchange)
{
	size_t start = some_event(exchange);

	set_head(exchange, start, u32_at(exchange->bytes + start + 4) >> 16,
		 chance(4) ? chance(12) : chance(65536));
}

static void change_id(wire *exchange)
{
	static const uint32_t ids[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 1000, 0xfeffffff,
				       0xff000000, 0xff000001, 0xff000002, 0xff001000, 0xffffffff};

	memcpy(exchange->bytes + some_event(exchange), &ids[chance(LENGTH(ids))], 4);
}

/* Any word may be a number, the length of a string or an array, or an object. */
static void change_word(wire *exchange)
{
	static const uint32_t words[] = {0, 1, 2, 3, 5, 10, 255, 4096, 65536, 0x7fffffff,
					 0x80000000, 0xff000000, 0xff000001, 0xfffffffc,
					 0xffffffff};
	size_t at = 4 * chance((uint32_t)exchange->length / 4);

	memcpy(exchange->bytes + at, &words[chance(LENGTH(words))], 4);
}

static void spoil_text(wire *exchange)
{
	static const char *const spoils[] = {"\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80",
					     "\0"};
	const char *spoil = spoils[chance(LENGTH(spoils))];
	size_t size = *spoil ? strlen(spoil) : 1;

	for (size_t at = 8 + chance((uint32_t)exchange->length); at + 4 < exchange->length; at++) {
		if (exchange->bytes[at] < 'a' || exchange->bytes[at] > 'z')
			continue;
		memcpy(exchange->bytes + at, spoil, size);
		return;
	}
}

/* An event over again in another's place: new objects of used ids, missing descriptors. */
static void repeat_event(wire *exchange)
{
	uint32_t picked = chance(exchange->count), place = chance(exchange->count);
	size_t start = exchange->starts[picked], at = exchange->starts[place];
	size_t end = picked + 1 < exchange->count ? exchange->starts[picked + 1] : exchange->length;
	size_t size = end - start;
	uint8_t event[sizeof exchange->bytes];

	if (exchange->count == LENGTH(exchange->starts) ||
	    exchange->length + size > sizeof exchange->bytes)
		return;
	memcpy(event, exchange->bytes + start, size);
	memmove(exchange->bytes + at + size, exchange->bytes + at, exchange->length - at);
	memcpy(exchange->bytes + at, event, size);
	exchange->length += size;
	for (uint32_t k = exchange->count++; k > place; k--)
		exchange->starts[k] = exchange->starts[k - 1] + size;
}

static void change_descriptors(wire *exchange)
{
	exchange->descriptors = (int)chance(6);
}

static void refuse(wire *exchange)
{
	if (exchange->count < LENGTH(exchange->starts) &&
	    exchange->length + 64 < sizeof exchange->bytes)
		wire_protocol_error(exchange);
}

void wire_mutate(wire *exchange)
{
	static void (*const mutations[])(wire *) = {
		flip_bits, cut_off, lie_about_size, change_opcode, change_id,
		change_word, spoil_text, repeat_event, change_descriptors, refuse,
	};

	for (uint32_t k = 1 + chance(3); k; k--)
		mutations[chance(LENGTH(mutations))](exchange);
}
