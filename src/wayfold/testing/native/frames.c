/* When an output may paint its next frame. */
#include "module.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FRAME_MS 16
#define LONGEST_PERIOD_MS 1000 /* at 1 Hz */
#define NS_PER_S INT64_C(1000000000)

static void on_output_destroyed(struct wl_listener *listener, void *data);

struct watched *watched_of(struct weston_output *output)
{
	struct wl_listener *listener =
		wl_signal_get(&output->destroy_signal, on_output_destroyed);
	struct watched *watched;

	assert(listener);
	return wl_container_of(listener, watched, destroyed);
}

static struct wl_event_source *finish_timer(struct weston_output *output)
{
	return ((struct headless_output *)output)->finish_frame_timer;
}

/* The one look behind libweston's interface: true where the output is laid out as we think. */
static bool is_laid_out(struct weston_output *output)
{
	return output->current_mode == &((struct headless_output *)output)->mode;
}

/* After its pixels were made anew: the timer that would have ended its frame went with the old. */
void resume_timer(struct watched *watched)
{
	struct weston_output *output = watched->output;

	if (watched->harness->clock == CLOCK_REAL && !watched->is_held &&
	    output->repaint_status == REPAINT_AWAITING_COMPLETION)
		wl_event_source_timer_update(finish_timer(output), FRAME_MS);
}

static void finish_frame(struct weston_output *output)
{
	struct timespec time;

	weston_compositor_read_presentation_clock(output->compositor, &time);
	weston_output_finish_frame(output, &time, 0);
}

static void let_go(struct watched *watched)
{
	watched->is_held = false;
	watched->is_unsettled = true;
	watched->harness->unsettled++;
	finish_frame(watched->output);
}

static int let_all_go(struct harness *harness)
{
	struct watched *watched;
	int count = 0;

	wl_list_for_each(watched, &harness->outputs, link)
		if (watched->is_held) {
			let_go(watched);
			count++;
		}
	return count;
}

static void tick(struct harness *harness)
{
	harness->ticked = let_all_go(harness);
	if (!harness->ticked)
		answer(harness, "ok 0");
}

static void start_timer(struct harness *harness)
{
	int64_t period_ns = NS_PER_S / harness->rate_hz;
	struct timespec time;
	struct itimerspec at = { 0 };
	int64_t next_ns;

	clock_gettime(CLOCK_MONOTONIC, &time);
	next_ns = (time.tv_sec * NS_PER_S + time.tv_nsec) / period_ns * period_ns + period_ns;
	at.it_value = (struct timespec){ next_ns / NS_PER_S, next_ns % NS_PER_S };
	timerfd_settime(harness->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

int on_timer(int fd, uint32_t mask, void *data)
{
	struct harness *harness = data;
	uint64_t expired;

	(void)mask;
	if (read(fd, &expired, sizeof expired) == sizeof expired && harness->clock == CLOCK_RATE)
		let_all_go(harness);
	return 0;
}

static void tell_if_windows(struct harness *harness, int found)
{
	if (harness->waiting != WAITING_FOR_WINDOWS || found < harness->wanted_windows)
		return;
	harness->waiting = WAITING_FOR_NOTHING;
	answer(harness, "ok %d", found);
}

static void hold(struct watched *watched)
{
	struct harness *harness = watched->harness;

	watched->is_held = true;
	if (harness->clock == CLOCK_RATE) {
		start_timer(harness);
	} else if (harness->waiting == WAITING_FOR_TICK) {
		harness->waiting = WAITING_FOR_NOTHING;
		tick(harness);
	} else {
		/* What is held has not been painted, and will not be before the test says so. */
		tell_if_windows(harness, count_windows(harness));
	}
}

static int start_frames(struct weston_output *output)
{
	struct watched *watched = watched_of(output);

	if (watched->harness->clock == CLOCK_REAL)
		return watched->start(output);
	hold(watched);
	return 0;
}

static void count_settled(struct watched *watched)
{
	struct harness *harness = watched->harness;

	if (!watched->is_unsettled)
		return;
	watched->is_unsettled = false;
	if (--harness->unsettled == 0 && harness->ticked) {
		answer(harness, "ok %d", harness->ticked);
		harness->ticked = 0;
	}
}

/* After a repaint, when its frame callbacks have been sent.
 *
 * weston_output_finish_frame presents the frame and would begin the next one within a
 * millisecond if a client asked for it until then, and without a tick. So the repaint loop is ended
 * here, as libweston ends it where nothing is to be painted: what is asked for later comes to
 * start_frames, and what is asked for already is held.
 */
static void settle(void *data)
{
	struct watched *watched = data;
	struct weston_output *output = watched->output;

	watched->settling = NULL;
	if (watched->harness->clock != CLOCK_REAL) {
		bool is_needed = output->repaint_needed;

		/* Painted under weston's clock and settled under ours, it may still run. */
		wl_event_source_timer_update(finish_timer(output), 0);
		finish_frame(output);
		output->repaint_status = is_needed ? REPAINT_AWAITING_COMPLETION
						   : REPAINT_NOT_SCHEDULED;
		if (is_needed)
			hold(watched);
	}
	count_settled(watched);
	/* One that was mapped behind the repaint is there for nobody until the next. */
	tell_if_windows(watched->harness, count_windows_within_reach(watched->harness));
}

static int repaint(REPAINT_PARAMETERS)
{
	struct watched *watched = watched_of(output);
	struct harness *harness = watched->harness;
	struct wl_event_loop *loop = wl_display_get_event_loop(harness->compositor->wl_display);
	int status = watched->repaint(REPAINT_ARGUMENTS);

	if (status)
		return status;
	if (!watched->settling)
		watched->settling = wl_event_loop_add_idle(loop, settle, watched);
	return 0;
}

/* Takes an output over in whatever state weston's own clock has left it. */
static void take_over(struct watched *watched)
{
	struct weston_output *output = watched->output;

	if (watched->is_held || watched->settling)
		return;
	if (output->repaint_status == REPAINT_AWAITING_COMPLETION) {
		settle(watched);
	} else if (output->repaint_status == REPAINT_SCHEDULED && !watched->is_unsettled) {
		/* After each frame weston looks once more, mostly to find that nothing is needed. */
		output->repaint_status = output->repaint_needed ? REPAINT_AWAITING_COMPLETION
								: REPAINT_NOT_SCHEDULED;
		if (output->repaint_needed)
			hold(watched);
	}
}

void change_clock(struct harness *harness, enum clock_kind clock)
{
	bool was_real = harness->clock == CLOCK_REAL;
	struct watched *watched;

	harness->clock = clock;
	/* A frame begins this long before the next refresh: at once, where we are the clock. */
	harness->compositor->repaint_msec =
		clock == CLOCK_REAL ? harness->repaint_msec : LONGEST_PERIOD_MS;
	wl_list_for_each(watched, &harness->outputs, link) {
		if (was_real && clock != CLOCK_REAL)
			take_over(watched);
		if (watched->is_held && clock == CLOCK_RATE)
			start_timer(harness);
		if (watched->is_held && clock == CLOCK_REAL)
			let_go(watched);
	}
}

/* tick now: what waits is painted; tick wait: something to paint is waited for */
void do_tick(struct harness *harness, char **words)
{
	struct watched *watched;
	bool is_held = false;

	if (!is_word(words[1], "now") && !is_word(words[1], "wait"))
		return refuse(harness, "syntax", "tick now or tick wait");
	if (harness->clock != CLOCK_MANUAL)
		return refuse(harness, "state", "the clock runs by itself; set it to manual first");
	wl_list_for_each(watched, &harness->outputs, link)
		is_held |= watched->is_held;
	if (is_held || is_word(words[1], "now"))
		return tick(harness);
	harness->waiting = WAITING_FOR_TICK;
}

void unwatch(struct watched *watched)
{
	count_settled(watched);
	if (watched->settling)
		wl_event_source_remove(watched->settling);
	wl_list_remove(&watched->destroyed.link);
	wl_list_remove(&watched->link);
	free(watched);
}

static void on_output_destroyed(struct wl_listener *listener, void *data)
{
	struct watched *watched = wl_container_of(listener, watched, destroyed);

	(void)data;
	unwatch(watched);
}

void watch(struct harness *harness, struct weston_output *output)
{
	struct watched *watched = calloc(1, sizeof *watched);

	if (!watched || !is_laid_out(output)) {
		weston_log("wayfold: output %s is not as weston's headless backend makes it\n",
			   output->name);
		weston_compositor_exit_with_code(harness->compositor, EXIT_FAILURE);
		free(watched);
		return;
	}
	watched->harness = harness;
	watched->output = output;
	watched->start = output->start_repaint_loop;
	watched->repaint = output->repaint;
	output->start_repaint_loop = start_frames;
	output->repaint = repaint;
	watched->destroyed.notify = on_output_destroyed;
	wl_signal_add(&output->destroy_signal, &watched->destroyed);
	wl_list_insert(harness->outputs.prev, &watched->link);
}
