"""The C dispatcher and the journal that it writes; `journal.h` tells what is in there."""
