/* The journal: one connection to a compositor and the packed record of every event it was told.
 *
 * libwayland is reached through the function table handed to journal_use_library, never linked.
 * No function here calls Python. One thread at a time may use a journal.
 */
#ifndef WAYFOLD_JOURNAL_H
#define WAYFOLD_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

struct wl_display;
struct wl_interface;
struct wl_message;
struct wl_proxy;

typedef struct journal journal;

typedef struct {
	size_t size;
	size_t alloc;
	void *data;
} journal_array;

typedef union {
	int32_t i;
	uint32_t u;
	int32_t f;
	const char *s;
	void *o;
	uint32_t n;
	journal_array *a;
	int32_t h;
} journal_argument;

typedef int (*journal_dispatcher)(const void *, void *, uint32_t, const struct wl_message *,
				  journal_argument *);

/* libwayland-client's functions, by the names of wayland-client-core.h. */
typedef struct {
	struct wl_display *(*display_connect_to_fd)(int);
	void (*display_disconnect)(struct wl_display *);
	int (*display_get_fd)(struct wl_display *);
	int (*display_get_error)(struct wl_display *);
	uint32_t (*display_get_protocol_error)(struct wl_display *, const struct wl_interface **,
					       uint32_t *);
	int (*display_dispatch_pending)(struct wl_display *);
	int (*display_prepare_read)(struct wl_display *);
	void (*display_cancel_read)(struct wl_display *);
	int (*display_read_events)(struct wl_display *);
	int (*display_flush)(struct wl_display *);
	uint32_t (*proxy_get_id)(struct wl_proxy *);
	void *(*proxy_get_user_data)(struct wl_proxy *);
	void (*proxy_destroy)(struct wl_proxy *);
	int (*proxy_add_dispatcher)(struct wl_proxy *, journal_dispatcher, const void *, void *);
	struct wl_proxy *(*proxy_marshal_array_flags)(struct wl_proxy *, uint32_t,
						      const struct wl_interface *, uint32_t,
						      uint32_t, journal_argument *);
	void (*log_set_handler_client)(void *);
} journal_library;

/* A Wayland object: its serial, how many records it is the subject of, its proxy. */
typedef struct journal_object {
	uint32_t serial;
	uint32_t version;
	struct wl_proxy *proxy;
	struct journal_object *previous;
	struct journal_object *next;
} journal_object;

/* What precedes the packed arguments of every event; no padding, so 28 bytes. */
typedef struct {
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	uint64_t message;  /* address of its wl_message */
	uint32_t serial;   /* of the object it was sent to */
	uint32_t version;  /* the record's place within its subject */
	uint32_t size;     /* header and arguments, bytes */
} __attribute__((packed)) journal_header;

/* An event that somebody must see at once: where it is, and why. */
typedef struct {
	uint32_t offset;
	uint32_t index;
	uint32_t reasons;
} journal_notable;

/* Consecutive events of one message, one size and one object. */
typedef struct {
	uint64_t message;
	uint32_t serial;
	uint32_t size;
	uint32_t offset;
	uint32_t index;
	uint32_t count;
} journal_run;

enum {
	JOURNAL_NEW_OBJECT = 1,
	JOURNAL_DESCRIPTOR = 2,
	JOURNAL_MALFORMED = 4,
	JOURNAL_DESTRUCTOR = 8,
	JOURNAL_GROUP_END = 16,
	JOURNAL_HANDLER = 32,
};

enum {
	JOURNAL_OK = 0,
	JOURNAL_FULL = 1,
	JOURNAL_NO_MEMORY = 2,
	JOURNAL_BAD_SIGNATURE = 3,
};

/* The same table as plain addresses, as found by a dynamic loader. */
typedef struct {
	void *display_connect_to_fd;
	void *display_disconnect;
	void *display_get_fd;
	void *display_get_error;
	void *display_get_protocol_error;
	void *display_dispatch_pending;
	void *display_prepare_read;
	void *display_cancel_read;
	void *display_read_events;
	void *display_flush;
	void *proxy_get_id;
	void *proxy_get_user_data;
	void *proxy_destroy;
	void *proxy_add_dispatcher;
	void *proxy_marshal_array_flags;
	void *log_set_handler_client;
} journal_library_pointers;

const char *journal_load(const char *path);
int journal_use_pointers(const journal_library_pointers *pointers);
void journal_use_library(const journal_library *library);
size_t journal_take_log(char *text, size_t size);

journal *journal_open(int fd, uint32_t first_serial, size_t limit);
void journal_close(journal *j);
journal_object *journal_display(journal *j);
int journal_fd(journal *j);
uint32_t journal_wire_id(const journal_object *object);
journal_object *journal_object_at(uint64_t address);
void *journal_proxy(const journal_object *object);

int journal_make_way(journal *j, size_t size);
journal_object *journal_send(journal *j, journal_object *sender, uint32_t opcode,
			     const void *interface, uint32_t version, journal_argument *arguments);
void journal_destroy(journal *j, journal_object *object);
uint32_t journal_next_serial(const journal *j);

int journal_prepare(journal *j);
void journal_cancel(journal *j);
int journal_flush(journal *j);
int journal_read(journal *j, size_t budget);
int journal_dispatch(journal *j);
int journal_error(journal *j);
uint32_t journal_protocol_error(journal *j, const char **interface, uint32_t *wire_id);

int journal_watch(journal *j, uint64_t message, uint32_t reasons);
void journal_watch_everything(journal *j, int everything);

const uint8_t *journal_data(const journal *j);
size_t journal_length(const journal *j);
uint32_t journal_count(const journal *j);
int journal_status(const journal *j);
uint32_t journal_notables(const journal *j, const journal_notable **notables);
uint32_t journal_descriptors(const journal *j, const int **descriptors);
void journal_reset(journal *j);

uint32_t journal_index(const uint8_t *data, size_t length, uint32_t *offsets, uint32_t room);
uint32_t journal_runs(const uint8_t *data, size_t length, size_t *from, uint32_t *index,
		      journal_run *runs, uint32_t room);

#endif
