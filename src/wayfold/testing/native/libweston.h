/*
 * What libweston 10 and 14 call differently, and what both export but declare in a header that is
 * not installed (libweston/backend.h of either release).
 */
#ifndef WAYFOLD_LIBWESTON_H
#define WAYFOLD_LIBWESTON_H

#include <libweston/libweston.h>
#include <libweston/version.h>
#include <libweston/windowed-output-api.h>

#if WESTON_VERSION_MAJOR != 10 && WESTON_VERSION_MAJOR != 14
#error "this module knows libweston 10 and 14"
#endif
#define IS_10 (WESTON_VERSION_MAJOR == 10)

int weston_seat_init_keyboard(struct weston_seat *, struct xkb_keymap *);
int weston_seat_init_pointer(struct weston_seat *);
int weston_seat_init_touch(struct weston_seat *);
void notify_axis(struct weston_seat *, const struct timespec *, struct weston_pointer_axis_event *);
void notify_axis_source(struct weston_seat *, uint32_t source);
void notify_button(struct weston_seat *, const struct timespec *, int32_t button,
		   enum wl_pointer_button_state);
void notify_key(struct weston_seat *, const struct timespec *, uint32_t key,
		enum wl_keyboard_key_state, enum weston_key_state_update);
void notify_pointer_frame(struct weston_seat *);
void notify_touch_frame(struct weston_touch_device *);
void weston_compositor_read_presentation_clock(struct weston_compositor *, struct timespec *);
void weston_output_damage(struct weston_output *);
void weston_head_set_connection_status(struct weston_head *, bool connected);
void weston_head_set_physical_size(struct weston_head *, int32_t mm_width, int32_t mm_height);
int weston_output_mode_set_native(struct weston_output *, struct weston_mode *, int32_t scale);
void weston_output_finish_frame(struct weston_output *, const struct timespec *, uint32_t flags);
void weston_seat_init(struct weston_seat *, struct weston_compositor *, const char *name);
void weston_seat_release(struct weston_seat *);
void weston_seat_release_keyboard(struct weston_seat *);
void weston_seat_release_pointer(struct weston_seat *);
void weston_seat_release_touch(struct weston_seat *);
struct weston_touch_device *weston_touch_create_touch_device(struct weston_touch *,
	const char *path, void *data, const struct weston_touch_device_ops *);
void weston_touch_device_destroy(struct weston_touch_device *);

/* How struct headless_output begins: its timer is what ends a frame. */
struct headless_output {
	struct weston_output base;
#if !IS_10
	void *backend;
#endif
	struct weston_mode mode;
	struct wl_event_source *finish_frame_timer;
};

#if IS_10
#define REPAINT_PARAMETERS struct weston_output *output, pixman_region32_t *damage, void *data
#define REPAINT_ARGUMENTS output, damage, data
typedef int (*repaint_function)(struct weston_output *, pixman_region32_t *, void *);

void notify_motion_absolute(struct weston_seat *, const struct timespec *, double x, double y);
void notify_touch_normalized(struct weston_touch_device *, const struct timespec *, int id,
			     double x, double y, const void *normalized, int type);
#else
#define REPAINT_PARAMETERS struct weston_output *output
#define REPAINT_ARGUMENTS output
typedef int (*repaint_function)(struct weston_output *);

void notify_motion_absolute(struct weston_seat *, const struct timespec *,
			    struct weston_coord_global);
void notify_touch_normalized(struct weston_touch_device *, const struct timespec *, int id,
			     const struct weston_coord_global *, const void *normalized, int type);
#endif

static inline void move_pointer(struct weston_seat *seat, const struct timespec *time, double x,
				double y)
{
#if IS_10
	notify_motion_absolute(seat, time, x, y);
#else
	struct weston_coord_global place = { .c = weston_coord(x, y) };

	notify_motion_absolute(seat, time, place);
#endif
}

/* A finger that is lifted has no place. */
static inline void touch_at(struct weston_touch_device *device, const struct timespec *time, int id,
			    double x, double y, int type)
{
#if IS_10
	notify_touch_normalized(device, time, id, x, y, NULL, type);
#else
	struct weston_coord_global place = { .c = weston_coord(x, y) };

	notify_touch_normalized(device, time, id, type == WL_TOUCH_UP ? NULL : &place, NULL, type);
#endif
}

static inline void view_origin(struct weston_view *view, double *x, double *y)
{
#if IS_10
	float view_x, view_y;

	weston_view_to_global_float(view, 0, 0, &view_x, &view_y);
	*x = view_x;
	*y = view_y;
#else
	struct weston_coord_surface corner = weston_coord_surface(0, 0, view->surface);
	struct weston_coord_global place = weston_coord_surface_to_global(view, corner);

	*x = place.c.x;
	*y = place.c.y;
#endif
}

static inline void output_origin(const struct weston_output *output, int *x, int *y)
{
#if IS_10
	*x = output->x;
	*y = output->y;
#else
	*x = output->pos.c.x;
	*y = output->pos.c.y;
#endif
}

static inline void move_output(struct weston_output *output, int x, int y)
{
#if IS_10
	weston_output_move(output, x, y);
#else
	struct weston_coord_global place = { .c = weston_coord(x, y) };

	weston_output_move(output, place);
#endif
}

static inline const struct weston_windowed_output_api *
windowed_output_api(struct weston_compositor *compositor)
{
#if IS_10
	return weston_windowed_output_get_api(compositor);
#else
	return weston_windowed_output_get_api(compositor, WESTON_WINDOWED_OUTPUT_HEADLESS);
#endif
}

static inline int create_head(const struct weston_windowed_output_api *api,
			      struct weston_compositor *compositor, const char *name)
{
#if IS_10
	return api->create_head(compositor, name);
#else
	return api->create_head(compositor->primary_backend, name);
#endif
}

static inline struct weston_output *create_output(struct weston_compositor *compositor,
						  struct weston_head *head)
{
#if IS_10
	return weston_compositor_create_output_with_head(compositor, head);
#else
	return weston_compositor_create_output(compositor, head, head->name);
#endif
}

/* 10 keeps the scale twice, and uses either. */
static inline void keep_scale(struct weston_output *output, int scale)
{
#if IS_10
	output->scale = scale;
#else
	(void)output;
	(void)scale;
#endif
}

#endif
