/* A compositor of one wl_output that answers as fast as it is read: flood_server SOCKET EVENTS
 *
 * A client binds the output and is told its properties, then asks for wl_display.sync twice. Before
 * the second answer come EVENTS wl_output.mode events, so that every client can do the same two
 * roundtrips to connect and measure the third. No wl_output.done follows: that would have the group
 * folded at once. Clients are served one after another. "ready" is printed once it listens.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { DISPLAY = 1, GLOBAL_NAME = 1, OUTPUT_VERSION = 3, MODE_WORDS = 6 };

struct client {
	int fd;
	uint32_t registry, output, syncs;
	uint32_t words[1024];
	size_t filled; /* bytes */
};

static uint32_t *flood;
static uint32_t flood_events;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void send_all(struct client *client, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t sent = write(client->fd, at, size);

		if (sent <= 0)
			return;
		at += sent;
		size -= (size_t)sent;
	}
}

static uint32_t head(uint32_t words, uint32_t opcode)
{
	return words * 4 << 16 | opcode;
}

static void advertise(struct client *client)
{
	uint32_t global[] = {client->registry, head(8, 0), GLOBAL_NAME, sizeof "wl_output",
			     0, 0, 0, OUTPUT_VERSION};

	memcpy(&global[4], "wl_output", sizeof "wl_output");
	send_all(client, global, sizeof global);
}

static void describe(struct client *client)
{
	uint32_t id = client->output;
	uint32_t geometry[] = {id, head(12, 0), 0, 0, 340, 190, 0, 1, 0, 1, 0, 0}; /* make, model "" */
	uint32_t mode[MODE_WORDS] = {id, head(MODE_WORDS, 1), 1, 1920, 1080, 60000};
	uint32_t done[] = {id, head(2, 2)};

	send_all(client, geometry, sizeof geometry);
	send_all(client, mode, sizeof mode);
	send_all(client, done, sizeof done);
}

static void send_flood(struct client *client)
{
	for (uint32_t k = 0; k < flood_events; k++)
		flood[(size_t)k * MODE_WORDS] = client->output;
	send_all(client, flood, (size_t)flood_events * MODE_WORDS * 4);
}

static void answer_sync(struct client *client, uint32_t callback)
{
	uint32_t answer[] = {callback, head(3, 0), 0, DISPLAY, head(3, 1), callback};

	if (client->output && ++client->syncs == 2)
		send_flood(client);
	send_all(client, answer, sizeof answer);
}

static void hear(struct client *client, const uint32_t *request, uint32_t words)
{
	uint32_t opcode = request[1] & 0xffff;

	if (request[0] == DISPLAY && opcode == 0) {
		answer_sync(client, request[2]);
	} else if (request[0] == DISPLAY && opcode == 1) {
		client->registry = request[2];
		advertise(client);
	} else if (request[0] == client->registry && opcode == 0) {
		client->output = request[words - 1];
		describe(client);
	}
}

static void serve(int fd)
{
	struct client client = {.fd = fd};

	for (;;) {
		ssize_t got = read(fd, (char *)client.words + client.filled,
				   sizeof client.words - client.filled);
		size_t at = 0;

		if (got <= 0)
			return;
		client.filled += (size_t)got;
		while (client.filled - at >= 8) {
			const uint32_t *request = &client.words[at / 4];
			uint32_t size = request[1] >> 16;

			if (size < 8 || size % 4 || size > sizeof client.words)
				return;
			if (size > client.filled - at)
				break;
			hear(&client, request, size / 4);
			at += size;
		}
		client.filled -= at;
		memmove(client.words, (char *)client.words + at, client.filled);
	}
}

static void prepare_flood(const char *events)
{
	flood_events = (uint32_t)strtoul(events, NULL, 10);
	flood = malloc(((size_t)flood_events + 1) * MODE_WORDS * 4);
	if (!flood)
		fail("flood");
	for (uint32_t k = 0; k < flood_events; k++) {
		uint32_t mode[MODE_WORDS] = {0, head(MODE_WORDS, 1), 1, 1920, 1080, 60001 + k};

		memcpy(&flood[(size_t)k * MODE_WORDS], mode, sizeof mode);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path) {
		fputs("flood_server: the socket's path is too long\n", stderr);
		exit(2);
	}
	strcpy(address.sun_path, path);
	if (listener < 0 || bind(listener, (void *)&address, sizeof address) || listen(listener, 8))
		fail(path);
	return listener;
}

int main(int count, char **arguments)
{
	int listener;

	if (count != 3) {
		fputs("usage: flood_server SOCKET EVENTS\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	prepare_flood(arguments[2]);
	listener = listen_at(arguments[1]);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			fail("accept");
		serve(fd);
		close(fd);
	}
}
