/* Each fsync and fdatasync takes 5 ms longer: a laptop's disk, for the benchmark. Preloaded (slow_sync.py). */
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int slowly(long call, int file)
{
    struct timespec left = {0, 5000000};
    int done = (int) syscall(call, file);
    int error = errno;

    while (nanosleep(&left, &left) != 0)
        ;
    errno = error;
    return done;
}

int fsync(int file)
{
    return slowly(SYS_fsync, file);
}

int fdatasync(int file)
{
    return slowly(SYS_fdatasync, file);
}
