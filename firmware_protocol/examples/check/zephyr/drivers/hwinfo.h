#include "../zephyr.h"
