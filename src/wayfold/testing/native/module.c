/* wayfold's weston module: a test moves the seat, the outputs and the clock of a headless weston.
 *
 * weston loads it by --modules and inherits two descriptors: WAYFOLD_CONTROL_FD, one end of a
 * SEQPACKET socket pair, and WAYFOLD_LISTEN_FD, a socket that listens for clients. With the latter
 * alone it listens, tells how large outputs are, and nothing more. Every packet that comes in is one command of words, those that
 * are there before weston runs are obeyed before it serves anybody; every command is answered by
 * one packet, in order:
 *   ok [RESULT]            done, and what clients are told of it is already written to them
 *   error KIND MESSAGE     not done; KIND is one of the names in refuse()
 * `tick wait` and `windows wait` are answered when what they wait for has happened, or with
 * `error cancelled` as soon as the next command comes. The end of the control socket ends weston.
 * Clients see no protocol of this: their registry is that of any weston.
 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LONGEST_COMMAND 255
#define MOST_WORDS 9

static void do_ping(struct harness *harness, char **words)
{
	(void)words;
	answer(harness, "ok weston %d", WESTON_VERSION_MAJOR);
}

static void do_exit(struct harness *harness, char **words)
{
	long status;

	if (!read_number(harness, words[1], 0, 255, &status))
		return;
	ok(harness);
	weston_compositor_exit_with_code(harness->compositor, (int)status);
}

static const struct {
	const char *name;
	int least, most; /* words, with the name */
	void (*run)(struct harness *, char **words);
} commands[] = {
	{ "axis", 5, 5, do_axis },	   { "button", 3, 3, do_button },
	{ "clock", 2, 3, do_clock },	   { "exit", 2, 2, do_exit },
	{ "key", 3, 3, do_key },	   { "keyboard", 2, 2, do_keyboard },
	{ "motion", 3, 3, do_motion },	   { "output", 2, 7, do_output },
	{ "ping", 1, 1, do_ping },	   { "pointer", 2, 2, do_pointer },
	{ "seat", 2, 2, do_seat },	   { "tick", 2, 2, do_tick },
	{ "touch", 2, 5, do_touch },	   { "windows", 2, 3, do_windows },
};

static void cancel_waiting(struct harness *harness)
{
	if (harness->waiting == WAITING_FOR_NOTHING && !harness->ticked)
		return;
	harness->waiting = WAITING_FOR_NOTHING;
	harness->ticked = 0;
	refuse(harness, "cancelled", "another command came");
}

static void obey(struct harness *harness, char *text)
{
	char *words[MOST_WORDS + 1] = { NULL }, *rest = NULL;
	int count = 0;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (count == MOST_WORDS)
			return refuse(harness, "syntax", "more than %d words", MOST_WORDS);
		words[count++] = word;
	}
	if (count == 0)
		return refuse(harness, "syntax", "no word");
	for (size_t at = 0; at < sizeof commands / sizeof *commands; at++) {
		if (!is_word(words[0], commands[at].name))
			continue;
		if (count < commands[at].least || count > commands[at].most)
			return refuse(harness, "syntax", "%s with %d words", words[0], count);
		return commands[at].run(harness, words);
	}
	refuse(harness, "unknown", "no command is called '%.31s'", words[0]);
}

/* Keeps the first descriptor of a packet and closes every other one. */
static int take_descriptor(struct msghdr *message)
{
	int taken = -1;

	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
		size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t place = 0; place < count; place++) {
			int fd;

			memcpy(&fd, CMSG_DATA(at) + place * sizeof fd, sizeof fd);
			if (taken < 0)
				taken = fd;
			else
				close(fd);
		}
	}
	return taken;
}

static void handle(struct harness *harness, char *text, size_t length, bool is_whole)
{
	cancel_waiting(harness);
	text[length] = '\0';
	if (!is_whole)
		refuse(harness, "syntax", "longer than %d bytes", LONGEST_COMMAND);
	else if (strlen(text) != length)
		refuse(harness, "syntax", "a byte is zero");
	else
		obey(harness, text);
}

/* Obeys one packet and gives its length, or what recvmsg gave. */
static ssize_t take_packet(struct harness *harness, uint32_t mask)
{
	char text[LONGEST_COMMAND + 1];
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} rights;
	struct iovec part = { text, LONGEST_COMMAND };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = rights.room,
				  .msg_controllen = sizeof rights.room };
	ssize_t length =
		recvmsg(harness->control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	/* A packet may be empty; without a hang-up it is not the end of file. */
	if (length < 0 || (length == 0 && (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR))))
		return length;
	harness->received_fd = take_descriptor(&message);
	handle(harness, text, (size_t)length, !(message.msg_flags & MSG_TRUNC));
	if (harness->received_fd >= 0)
		close(harness->received_fd);
	harness->received_fd = -1;
	return length;
}

static int on_control(int fd, uint32_t mask, void *data)
{
	struct harness *harness = data;
	ssize_t length = take_packet(harness, mask);

	(void)fd;
	if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
		return 0;
	if (length < 0 || (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR))) {
		wl_event_source_remove(harness->control);
		harness->control = NULL;
		weston_compositor_exit(harness->compositor);
	}
	return 0;
}

static void on_output_created(struct wl_listener *listener, void *data)
{
	struct harness *harness = wl_container_of(listener, harness, output_created);

	watch(harness, data);
}

static void on_compositor_destroyed(struct wl_listener *listener, void *data)
{
	struct harness *harness = wl_container_of(listener, harness, compositor_destroyed);
	struct watched *watched, *next;

	(void)data;
	wl_list_remove(&harness->compositor_destroyed.link);
	wl_list_remove(&harness->output_created.link);
	if (harness->control)
		wl_event_source_remove(harness->control);
	wl_event_source_remove(harness->timer);
	close(harness->timer_fd);
	drop_seat(harness);
	wl_list_for_each_safe(watched, next, &harness->outputs, link)
		unwatch(watched);
	close(harness->control_fd);
	free(harness);
}

/* Gives the descriptor that the test process named, -1 where there is none. */
static int inherited(const char *name)
{
	const char *text = getenv(name);
	int fd = text ? atoi(text) : -1;

	unsetenv(name);
	/* Not for the programs that weston starts: they would keep the socket open after its end. */
	return fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

static bool listen_to(struct weston_compositor *compositor)
{
	int listener = inherited("WAYFOLD_LISTEN_FD");

	return listener < 0 || wl_display_add_socket_fd(compositor->wl_display, listener) == 0;
}

static bool hear(struct harness *harness)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(harness->compositor->wl_display);

	if (harness->timer_fd < 0)
		return false;
	harness->control = wl_event_loop_add_fd(loop, harness->control_fd, WL_EVENT_READABLE,
						on_control, harness);
	harness->timer = wl_event_loop_add_fd(loop, harness->timer_fd, WL_EVENT_READABLE, on_timer,
					      harness);
	return harness->control && harness->timer;
}

static void look_at(struct weston_compositor *compositor, struct harness *harness)
{
	struct weston_output *output;

	harness->compositor_destroyed.notify = on_compositor_destroyed;
	wl_signal_add(&compositor->destroy_signal, &harness->compositor_destroyed);
	harness->output_created.notify = on_output_created;
	wl_signal_add(&compositor->output_created_signal, &harness->output_created);
	wl_list_for_each(output, &compositor->output_list, link)
		watch(harness, output);
}

static bool obey_from(struct weston_compositor *compositor, int control_fd)
{
	struct harness *harness = calloc(1, sizeof *harness);

	if (!harness)
		return false;
	harness->compositor = compositor;
	harness->control_fd = control_fd;
	harness->received_fd = -1;
	harness->repaint_msec = compositor->repaint_msec;
	harness->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	wl_list_init(&harness->outputs);
	if (!hear(harness)) {
		free(harness);
		return false;
	}
	look_at(compositor, harness);
	/* The desktop shell places windows by random(): now each weston in the same order. */
	srandom(1);
	/* Asked before weston ran: no client may find it undone. */
	while (take_packet(harness, WL_EVENT_HANGUP) > 0)
		;
	return true;
}

__attribute__((visibility("default"))) int wet_module_init(struct weston_compositor *compositor,
							   int *argc, char *argv[])
{
	bool only_listens = getenv("WAYFOLD_LISTEN_FD") && !getenv("WAYFOLD_CONTROL_FD");
	int control_fd = inherited("WAYFOLD_CONTROL_FD");

	(void)argc;
	(void)argv;
	size_outputs(compositor);
	if (!listen_to(compositor))
		weston_log("wayfold: WAYFOLD_LISTEN_FD names no socket that listens\n");
	else if (only_listens || (control_fd >= 0 && obey_from(compositor, control_fd)))
		return 0;
	else if (control_fd < 0)
		weston_log("wayfold: WAYFOLD_CONTROL_FD names no socket to be controlled by\n");
	return -1;
}
