/* The table of scenarios. */
#include "fake_library.h"
#include "scenarios.h"

#include <stdio.h>
#include <string.h>

#define SCENARIO(name) {#name, name}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	SCENARIO(arguments_are_packed_in_order),
	SCENARIO(versions_and_nulls_in_signatures_are_no_arguments),
	SCENARIO(nulls_are_packed_as_nothing),
	SCENARIO(malformed_text_is_kept_and_noticed),
	SCENARIO(large_arguments_make_the_journal_grow),
	SCENARIO(growing_leaves_room_for_the_last_byte),
	SCENARIO(an_object_argument_names_its_serial),
	SCENARIO(new_objects_get_serials_and_are_heard),
	SCENARIO(objects_go_in_any_order),
	SCENARIO(descriptors_belong_to_whoever_resets),
	SCENARIO(descriptors_not_taken_are_closed),
	SCENARIO(a_full_journal_says_so_and_keeps_nothing_more),
	SCENARIO(every_allocation_may_fail),
	SCENARIO(a_refused_dispatcher_leaks_no_proxy),
	SCENARIO(a_refused_connection_closes_the_descriptor),
	SCENARIO(watched_messages_are_noticed),
	SCENARIO(everything_can_be_noticed),
	SCENARIO(reading_goes_on_while_more_lies_ready),
	SCENARIO(reading_stops_at_what_somebody_waits_for),
	SCENARIO(reading_stops_at_the_budget),
	SCENARIO(errors_are_passed_on),
	SCENARIO(log_text_is_bounded),
	SCENARIO(a_library_with_a_gap_is_refused),
};

void list_scenarios(void)
{
	for (size_t k = 0; k < LENGTH(scenarios); k++)
		puts(scenarios[k].name);
}

int run_scenario(const char *name)
{
	snprintf(check_subject, sizeof check_subject, "%s", name);
	for (size_t k = 0; k < LENGTH(scenarios); k++) {
		if (strcmp(scenarios[k].name, name))
			continue;
		fake_begin();
		scenarios[k].run();
		CHECK(fake.live_proxies == 0);
		CHECK(fake.live_displays == 0);
		return 1;
	}
	return 0;
}
