/* What a compositor sends in a scripted exchange, byte for byte, and mutants of it. */
#ifndef WAYFOLD_TESTS_WIRE_H
#define WAYFOLD_TESTS_WIRE_H

#include "check.h"

/* Object ids, in the order in which real_connect asks for the objects. */
enum {
	WIRE_DISPLAY = 1,
	WIRE_REGISTRY,
	WIRE_CALLBACK,
	WIRE_OUTPUT,
	WIRE_SEAT,
	WIRE_KEYBOARD,
	WIRE_COMPOSITOR,
	WIRE_SURFACE,
	WIRE_MANAGER,
	WIRE_DEVICE,
	WIRE_OFFER = 0xff000000,
};

typedef struct {
	uint8_t bytes[32768];
	size_t length;
	size_t starts[64];
	uint32_t count;
	int descriptors; /* how many are sent along */
} wire;

void wire_record(wire *exchange);
void wire_protocol_error(wire *exchange);
void wire_mutate(wire *exchange);

/* The client's side of it, on the libwayland-client at that path. */
void real_load(const char *path);
journal *real_connect(int fd, size_t limit, journal_object **objects);

#endif
