/* Every scenario runs on the fake libwayland and claims one thing about journal.c. */
#ifndef WAYFOLD_TESTS_SCENARIOS_H
#define WAYFOLD_TESTS_SCENARIOS_H

void arguments_are_packed_in_order(void);
void versions_and_nulls_in_signatures_are_no_arguments(void);
void nulls_are_packed_as_nothing(void);
void malformed_text_is_kept_and_noticed(void);
void large_arguments_make_the_journal_grow(void);
void growing_leaves_room_for_the_last_byte(void);
void an_object_argument_names_its_serial(void);

void new_objects_get_serials_and_are_heard(void);
void objects_go_in_any_order(void);
void descriptors_belong_to_whoever_resets(void);
void descriptors_not_taken_are_closed(void);
void a_full_journal_says_so_and_keeps_nothing_more(void);
void every_allocation_may_fail(void);
void a_refused_dispatcher_leaks_no_proxy(void);
void a_refused_connection_closes_the_descriptor(void);

void watched_messages_are_noticed(void);
void everything_can_be_noticed(void);
void reading_goes_on_while_more_lies_ready(void);
void reading_stops_at_what_somebody_waits_for(void);
void reading_stops_at_the_budget(void);
void errors_are_passed_on(void);
void log_text_is_bounded(void);
void a_library_with_a_gap_is_refused(void);

#endif
