/* A clock that is set while a process runs: preloaded, it adds the seconds that stand in a shared file.
   What counts up steadily is left alone, as it is where somebody sets a real clock. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long *offset;

static long ahead(void)
{
    if (!offset) {
        int file = open(getenv("CLOCK_AHEAD"), O_RDONLY);
        offset = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
        if (offset == MAP_FAILED)
            _exit(9);
        close(file);
    }
    return *offset;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *now, void *zone)
{
    int failed = syscall(SYS_gettimeofday, now, zone);
    if (!failed)
        now->tv_sec += ahead();
    return failed;
}

time_t time(time_t *now)
{
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (now)
        *now = found.tv_sec;
    return found.tv_sec;
}
