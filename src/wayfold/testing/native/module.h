/* What the files of wayfold's weston module share; module.c tells what it is. */
#ifndef WAYFOLD_MODULE_H
#define WAYFOLD_MODULE_H

#include "libweston.h"

#include <stdio.h>

#define MOST_CODES 0x300 /* KEY_CNT of linux/input-event-codes.h */
#define FIRST_BUTTON 0x100
#define END_OF_BUTTONS 0x160
#define MOST_FINGERS 32

enum clock_kind { CLOCK_REAL, CLOCK_RATE, CLOCK_MANUAL };
enum waiting { WAITING_FOR_NOTHING, WAITING_FOR_TICK, WAITING_FOR_WINDOWS };

struct harness {
	struct weston_compositor *compositor;
	int control_fd;
	struct wl_event_source *control;
	struct wl_listener compositor_destroyed, output_created;
	struct wl_list outputs; /* watched.link */

	struct weston_seat *seat;
	struct weston_touch_device *touch;
	bool has_pointer, has_keyboard;
	bool is_pressed[MOST_CODES]; /* keys and buttons: their codes do not meet */
	bool is_down[MOST_FINGERS];

	enum clock_kind clock;
	int32_t rate_hz, repaint_msec;
	int timer_fd;
	struct wl_event_source *timer;
	int unsettled; /* frames that the last tick began and that are not painted yet */
	int ticked;

	enum waiting waiting;
	int wanted_windows;
	int received_fd; /* came with the command at hand; -1 once it is taken */
};

/* An output whose frames begin when the clock says so. */
struct watched {
	struct wl_list link;
	struct harness *harness;
	struct weston_output *output;
	struct wl_listener destroyed;
	int (*start)(struct weston_output *);
	repaint_function repaint;
	struct wl_event_source *settling;
	bool is_held;	   /* has something to paint, and waits for the clock */
	bool is_unsettled; /* was let go by a tick */
};

/* answers.c */
void send_answer(struct harness *, const char *text, size_t length);
void answer(struct harness *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ok(struct harness *);
/* KIND: unknown, syntax, range, missing, exists, state, failed or cancelled. */
void refuse(struct harness *, const char *kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Answers by what `write` writes behind "ok". */
void answer_long(struct harness *, void (*write)(struct harness *, FILE *));
bool read_number(struct harness *, const char *word, long least, long most, long *number);
bool read_place(struct harness *, const char *word, double *place);
bool is_word(const char *word, const char *expected);
int count_words(char **words);

/* devices.c */
bool need_device(struct harness *, const char *name, bool is_there);
void drop_seat(struct harness *);
void do_seat(struct harness *, char **words);
void do_pointer(struct harness *, char **words);
void do_keyboard(struct harness *, char **words);
bool may_change(struct harness *, char **words, bool is_there);
void change_touch(struct harness *);

/* input.c */
void do_axis(struct harness *, char **words);
void do_button(struct harness *, char **words);
void do_key(struct harness *, char **words);
void do_motion(struct harness *, char **words);
void do_touch(struct harness *, char **words);

/* windows.c */
int count_windows(struct harness *);
int count_windows_within_reach(struct harness *);
void do_windows(struct harness *, char **words);

/* frames.c */
void watch(struct harness *, struct weston_output *);
void unwatch(struct watched *);
struct watched *watched_of(struct weston_output *);
void resume_timer(struct watched *);
int on_timer(int fd, uint32_t mask, void *data);
void change_clock(struct harness *, enum clock_kind);
void do_tick(struct harness *, char **words);

/* outputs.c */
void show_refresh(struct harness *);
void size_outputs(struct weston_compositor *);
void do_output(struct harness *, char **words);

/* clock.c */
void do_clock(struct harness *, char **words);

#endif
