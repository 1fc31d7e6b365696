/* Which clock frames go by, and what clients are told of it. */
#include "module.h"

#define MOST_HZ 1000

/* clock real, clock manual, clock rate HZ */
void do_clock(struct harness *harness, char **words)
{
	int count = count_words(words);
	long hz;

	if (count == 2 && is_word(words[1], "real")) {
		change_clock(harness, CLOCK_REAL);
	} else if (count == 2 && is_word(words[1], "manual")) {
		change_clock(harness, CLOCK_MANUAL);
	} else if (count == 3 && is_word(words[1], "rate")) {
		if (!read_number(harness, words[2], 1, MOST_HZ, &hz))
			return;
		harness->rate_hz = (int32_t)hz;
		change_clock(harness, CLOCK_RATE);
	} else {
		return refuse(harness, "syntax", "clock real, clock manual or clock rate HZ");
	}
	show_refresh(harness);
	ok(harness);
}
