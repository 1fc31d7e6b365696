/* Mutated bytes through the real libwayland: any answer will do but a crash, a leak or a lie. */
#define _GNU_SOURCE
#include "wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PLENTY = 64 << 20, OBJECTS = WIRE_DEVICE + 1 };

static void *library;

static void *symbol(const char *prefix, const char *name)
{
	char full[96];
	void *found;

	snprintf(full, sizeof full, "%s%s", prefix, name);
	found = dlsym(library, full);
	if (!found)
		fprintf(stderr, "%s\n", dlerror());
	CHECK(found);
	return found;
}

/* In the order of journal_library_pointers. */
static const char *const functions[] = {
	"display_connect_to_fd",
	"display_disconnect",
	"display_get_fd",
	"display_get_error",
	"display_get_protocol_error",
	"display_dispatch_pending",
	"display_prepare_read",
	"display_cancel_read",
	"display_read_events",
	"display_flush",
	"proxy_get_id",
	"proxy_get_user_data",
	"proxy_destroy",
	"proxy_add_dispatcher",
	"proxy_marshal_array_flags",
	"log_set_handler_client",
};

void real_load(const char *path)
{
	journal_library_pointers pointers;
	void **each = (void **)&pointers;

	_Static_assert(sizeof pointers == sizeof functions, "one name for each function");
	library = dlopen(path, RTLD_NOW);
	if (!library)
		fprintf(stderr, "%s\n", dlerror());
	CHECK(library);
	for (size_t k = 0; k < LENGTH(functions); k++)
		each[k] = symbol("wl_", functions[k]);
	CHECK(journal_use_pointers(&pointers) == 0);
}

static journal_object *ask(journal *j, journal_object *sender, uint32_t opcode,
			   const char *interface, journal_argument *arguments)
{
	return journal_send(j, sender, opcode, symbol("", interface), 1, arguments);
}

static journal_object *bind_global(journal *j, journal_object *registry, const char *interface,
			    uint32_t version)
{
	void *found = symbol("", interface);
	journal_argument arguments[] = {{.u = 1}, {.s = *(const char **)found}, {.u = version},
					{.o = NULL}};

	return journal_send(j, registry, 0, found, version, arguments);
}

journal *real_connect(int fd, size_t limit, journal_object **objects)
{
	journal *j = journal_open(fd, 1000, limit);
	journal_argument made[] = {{.o = NULL}, {.o = NULL}};

	CHECK(j);
	objects[WIRE_REGISTRY] = ask(j, journal_display(j), 1, "wl_registry_interface", made);
	objects[WIRE_CALLBACK] = ask(j, journal_display(j), 0, "wl_callback_interface", made);
	objects[WIRE_OUTPUT] = bind_global(j, objects[WIRE_REGISTRY], "wl_output_interface", 4);
	objects[WIRE_SEAT] = bind_global(j, objects[WIRE_REGISTRY], "wl_seat_interface", 5);
	objects[WIRE_KEYBOARD] = ask(j, objects[WIRE_SEAT], 1, "wl_keyboard_interface", made);
	objects[WIRE_COMPOSITOR] = bind_global(j, objects[WIRE_REGISTRY], "wl_compositor_interface", 4);
	objects[WIRE_SURFACE] = ask(j, objects[WIRE_COMPOSITOR], 0, "wl_surface_interface", made);
	objects[WIRE_MANAGER] = bind_global(j, objects[WIRE_REGISTRY],
				     "wl_data_device_manager_interface", 3);
	made[1].o = journal_proxy(objects[WIRE_SEAT]);
	objects[WIRE_DEVICE] = ask(j, objects[WIRE_MANAGER], 1, "wl_data_device_interface", made);
	for (uint32_t id = WIRE_REGISTRY; id < OBJECTS; id++)
		CHECK(journal_wire_id(objects[id]) == id);
	CHECK(journal_flush(j) > 0);
	return j;
}

/* ---- both ends ---- */

static void send_part(int peer, const uint8_t *bytes, size_t size, int descriptors)
{
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr aligned;
	} control = {0};
	struct iovec part = {(void *)bytes, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	int sent[8];

	for (int k = 0; k < descriptors; k++)
		sent[k] = new_descriptor();
	if (descriptors) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE((size_t)descriptors * sizeof(int));
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN((size_t)descriptors * sizeof(int));
		memcpy(CMSG_DATA(&control.aligned), sent, (size_t)descriptors * sizeof(int));
	}
	CHECK(sendmsg(peer, &message, MSG_NOSIGNAL) == (ssize_t)size);
	for (int k = 0; k < descriptors; k++)
		close(sent[k]);
}

static void take_everything(journal *j)
{
	const int *descriptors;
	uint32_t count = journal_descriptors(j, &descriptors);

	for (uint32_t k = 0; k < count; k++)
		CHECK(close(descriptors[k]) == 0);
	journal_reset(j);
}

static void check_error(journal *j)
{
	const char *interface = "none was given";
	uint32_t id = 0;

	CHECK(journal_error(j) != 0);
	if (journal_error(j) != EPROTO)
		return;
	journal_protocol_error(j, &interface, &id);
	CHECK(!interface || *interface);
}

/* Never blocks: libwayland reads what is there. Negative once the connection has failed. */
static int read_once(journal *j)
{
	char text[512];
	int result = 0;

	while (result >= 0 && journal_prepare(j) != 0)
		result = journal_dispatch(j);
	if (result >= 0)
		result = journal_read(j, 4096);
	journal_take_log(text, sizeof text);
	check_journal(j);
	if (result < 0)
		check_error(j);
	return result;
}

static void destroy_some(journal *j, journal_object **objects)
{
	uint32_t id = WIRE_REGISTRY + chance(OBJECTS - WIRE_REGISTRY);

	if (objects[id])
		journal_destroy(j, objects[id]);
	objects[id] = NULL;
}

static void feed(journal *j, journal_object **objects, int peer, const wire *exchange)
{
	int descriptors = exchange->descriptors, result = 0;
	size_t size;

	for (size_t at = 0; at < exchange->length && result >= 0; at += size) {
		size = 1 + chance(chance(2) ? 64 : 4096);
		if (size > exchange->length - at)
			size = exchange->length - at;
		send_part(peer, exchange->bytes + at, size, descriptors);
		descriptors = 0;
		result = read_once(j);
		if (!chance(4))
			take_everything(j);
		if (!chance(20))
			destroy_some(j, objects);
	}
	shutdown(peer, SHUT_RDWR);
	for (int k = 0; k < 200 && result >= 0; k++)
		result = read_once(j);
	CHECK(result < 0);
}

static void try_mutant(void)
{
	journal_object *objects[OBJECTS] = {NULL};
	int ends[2];
	journal *j;
	wire exchange;

	wire_record(&exchange);
	wire_mutate(&exchange);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	j = real_connect(ends[0], chance(8) ? PLENTY : 64 + chance(1024), objects);
	feed(j, objects, ends[1], &exchange);
	journal_close(j);
	close(ends[1]);
}

/* Without a mutation every event must arrive; otherwise the mutants prove little. */
static void try_original(void)
{
	journal_object *objects[OBJECTS] = {NULL};
	const journal_notable *notables;
	const int *descriptors;
	int ends[2];
	journal *j;
	wire exchange;

	wire_record(&exchange);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	j = real_connect(ends[0], PLENTY, objects);
	send_part(ends[1], exchange.bytes, exchange.length, exchange.descriptors);
	CHECK(journal_prepare(j) == 0 && journal_read(j, PLENTY) == 0);
	check_journal(j);
	CHECK(journal_count(j) == exchange.count - 1); /* delete_id stays within libwayland */
	CHECK(journal_notables(j, &notables) == 4);
	CHECK(journal_descriptors(j, &descriptors) == 2);
	CHECK(objects[WIRE_OUTPUT]->version == 6 && objects[WIRE_REGISTRY]->version == 5);
	take_everything(j);
	journal_close(j);
	close(ends[1]);
}

static void try_protocol_error(void)
{
	journal_object *objects[OBJECTS] = {NULL};
	const char *interface;
	char text[512] = "";
	uint32_t id;
	int ends[2];
	journal *j;
	wire exchange;

	wire_record(&exchange);
	wire_protocol_error(&exchange);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	j = real_connect(ends[0], PLENTY, objects);
	send_part(ends[1], exchange.bytes, exchange.length, exchange.descriptors);
	CHECK(journal_prepare(j) == 0 && journal_read(j, PLENTY) < 0);
	CHECK(journal_error(j) == EPROTO);
	CHECK(journal_protocol_error(j, &interface, &id) == 3);
	CHECK(!strcmp(interface, "wl_output") && id == WIRE_OUTPUT);
	CHECK(journal_take_log(text, sizeof text - 1) && strstr(text, "invalid transform"));
	journal_close(j);
	close(ends[1]);
}

void run_mutants(const char *path, uint32_t seed, uint32_t first, uint32_t count)
{
	int before;

	real_load(path);
	snprintf(check_subject, sizeof check_subject, "the exchange as recorded");
	try_original();
	snprintf(check_subject, sizeof check_subject, "a protocol error");
	try_protocol_error();
	before = open_descriptors();
	for (uint32_t k = first; k < first + count; k++) {
		snprintf(check_subject, sizeof check_subject, "seed %u, mutant %u", seed, k);
		chance_seed((uint64_t)seed << 32 | k);
		try_mutant();
		CHECK(open_descriptors() == before);
	}
}
