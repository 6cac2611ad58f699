/*
 * What it costs a loop of io_uring to receive a datagram in two ways, in turns in one run: the ring polls the socket and recvmmsg(2)
 * takes what is there (as DatagramSocket does), or a multishot receive of the ring (IORING_OP_RECVMSG) brings each into a provided
 * buffer. Receives and nothing else, so that the difference is as large as it can be. A thread sends over loopback, so many datagrams
 * of 64 bytes at a time, when all before them were received.
 *
 * Then what it costs to send so many at a time: by one sendmmsg(2) (as DatagramOutput does), or as so many entries of the ring
 * (IORING_OP_SENDMSG), submitted by one call. Nobody reads them: where the receiver's queue is full, the kernel drops them at its end.
 *
 * usage: gcc -O2 -o /tmp/datagrams bench/datagrams.c -luring -lpthread && /tmp/datagrams [ROUNDS] [MILLISECONDS]
 *
 * Prints the thread's processor time a datagram, and its system calls a datagram.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, PIECE = 2048, BUFFERS = 256, BYTES = 64 };

static atomic_long received;
static atomic_int stop;
static int burst;
static struct sockaddr_in target;
static long calls;
static unsigned char sum;

static void check(long result, const char *what) {
    if (result < 0) {
        err(1, "%s", what);
    }
}

static void *send_bursts(void *unused) {
    static char bytes[BYTES];
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    check(connect(fd, (struct sockaddr *) &target, sizeof target), "connect");
    struct iovec piece = {bytes, sizeof bytes};
    struct mmsghdr all[BATCH] = {0};
    for (int i = 0; i < burst; i++) {
        all[i].msg_hdr.msg_iov = &piece;
        all[i].msg_hdr.msg_iovlen = 1;
    }
    for (long sent = 0; !atomic_load(&stop); sent += burst) {
        check(sendmmsg(fd, all, burst, 0), "sendmmsg");
        while (atomic_load(&received) < sent + burst && !atomic_load(&stop)) {
        }
    }
    close(fd);
    return unused;
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void take(const unsigned char *bytes) {
    sum ^= bytes[0];
    atomic_fetch_add_explicit(&received, 1, memory_order_release);
}

static void enter(struct io_uring *ring) {
    int result = io_uring_submit_and_wait(ring, 1);
    if (result < 0) {
        errx(1, "io_uring_enter: %d", result);
    }
    calls++;
}

/* The ring waits, recvmmsg(2) receives. */
static void polled(struct io_uring *ring, int fd, double end) {
    static unsigned char bytes[BATCH][PIECE];
    static struct sockaddr_storage from[BATCH];
    struct iovec pieces[BATCH];
    struct mmsghdr all[BATCH] = {0};
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec) {bytes[i], PIECE};
        all[i].msg_hdr.msg_iov = &pieces[i];
        all[i].msg_hdr.msg_iovlen = 1;
        all[i].msg_hdr.msg_name = &from[i];
    }
    while (seconds(CLOCK_MONOTONIC) < end) {
        io_uring_prep_poll_add(io_uring_get_sqe(ring), fd, POLLIN);
        struct io_uring_cqe *cqe;
        enter(ring);
        if (io_uring_peek_cqe(ring, &cqe) == 0) {
            io_uring_cqe_seen(ring, cqe);
        }
        for (int n = BATCH; n == BATCH;) {
            for (int i = 0; i < BATCH; i++) {
                all[i].msg_hdr.msg_namelen = sizeof from[i];
            }
            n = recvmmsg(fd, all, BATCH, MSG_DONTWAIT, NULL);
            calls++;
            for (int i = 0; i < n; i++) {
                take(bytes[i]);
            }
        }
    }
}

/* The ring receives. */
static void multishot(struct io_uring *ring, int fd, double end) {
    static unsigned char memory[BUFFERS][PIECE];
    struct io_uring_buf_ring *free = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg group = {.ring_addr = (unsigned long) free, .ring_entries = BUFFERS};
    int failed = io_uring_register_buf_ring(ring, &group, 0);
    if (failed) {
        errx(1, "io_uring_register_buf_ring: %d", failed);
    }
    io_uring_buf_ring_init(free);
    int mask = io_uring_buf_ring_mask(BUFFERS);
    for (int i = 0; i < BUFFERS; i++) {
        io_uring_buf_ring_add(free, memory[i], PIECE, i, mask, i);
    }
    io_uring_buf_ring_advance(free, BUFFERS);
    struct msghdr shape = {.msg_namelen = sizeof(struct sockaddr_storage)};
    int armed = 0;
    while (seconds(CLOCK_MONOTONIC) < end) {
        if (!armed) {
            struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
            io_uring_prep_recvmsg_multishot(sqe, fd, &shape, 0);
            sqe->flags |= IOSQE_BUFFER_SELECT;
            sqe->buf_group = 0;
            armed = 1;
        }
        enter(ring);
        unsigned head, seen = 0, back = 0;
        struct io_uring_cqe *cqe;
        io_uring_for_each_cqe(ring, head, cqe) {
            seen++;
            armed = (cqe->flags & IORING_CQE_F_MORE) != 0;
            if (cqe->flags & IORING_CQE_F_BUFFER) {
                int id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
                struct io_uring_recvmsg_out *out = io_uring_recvmsg_validate(memory[id], cqe->res, &shape);
                take(io_uring_recvmsg_payload(out, &shape));
                io_uring_buf_ring_add(free, memory[id], PIECE, id, mask, back++);
            }
        }
        io_uring_buf_ring_advance(free, back);
        io_uring_cq_advance(ring, seen);
    }
    io_uring_unregister_buf_ring(ring, 0);
}

static double measure(void (*receive)(struct io_uring *, int, double), const char *name, int millis) {
    struct io_uring ring;
    int flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    check(io_uring_queue_init(512, &ring, flags), "io_uring_queue_init");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int room = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    target = (struct sockaddr_in) {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    check(bind(fd, (struct sockaddr *) &target, sizeof target), "bind");
    socklen_t length = sizeof target;
    check(getsockname(fd, (struct sockaddr *) &target, &length), "getsockname");
    atomic_store(&received, 0);
    atomic_store(&stop, 0);
    calls = 0;
    pthread_t sender;
    pthread_create(&sender, NULL, send_bursts, NULL);
    double before = seconds(CLOCK_THREAD_CPUTIME_ID);
    receive(&ring, fd, seconds(CLOCK_MONOTONIC) + millis / 1e3);
    double nanos = (seconds(CLOCK_THREAD_CPUTIME_ID) - before) * 1e9 / atomic_load(&received);
    atomic_store(&stop, 1);
    pthread_join(sender, NULL);
    printf("  %-9s %5.0f ns, %.3f calls, %6.0f/s", name, nanos, (double) calls / atomic_load(&received),
           atomic_load(&received) * 1e3 / millis);
    close(fd);
    io_uring_queue_exit(&ring);
    return nanos;
}

static struct mmsghdr outgoing[BATCH];

/* One call sends them all. */
static long send_by_call(struct io_uring *unused, int fd) {
    (void) unused;
    check(sendmmsg(fd, outgoing, burst, MSG_DONTWAIT), "sendmmsg");
    calls++;
    return burst;
}

/* The ring sends them. */
static long send_by_ring(struct io_uring *ring, int fd) {
    for (int i = 0; i < burst; i++) {
        io_uring_prep_sendmsg(io_uring_get_sqe(ring), fd, &outgoing[i].msg_hdr, MSG_DONTWAIT);
    }
    enter(ring);
    unsigned head, seen = 0;
    struct io_uring_cqe *cqe;
    io_uring_for_each_cqe(ring, head, cqe) {
        check(cqe->res, "IORING_OP_SENDMSG");
        seen++;
    }
    io_uring_cq_advance(ring, seen);
    return seen;
}

static double measure_send(long (*send)(struct io_uring *, int), const char *name, int millis) {
    static char bytes[BYTES];
    static struct iovec piece = {bytes, sizeof bytes};
    struct io_uring ring;
    check(io_uring_queue_init(512, &ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN), "io_uring_queue_init");
    int sink = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
    target = (struct sockaddr_in) {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    check(bind(sink, (struct sockaddr *) &target, sizeof target), "bind");
    socklen_t length = sizeof target;
    check(getsockname(sink, (struct sockaddr *) &target, &length), "getsockname");
    for (int i = 0; i < BATCH; i++) {
        outgoing[i].msg_hdr = (struct msghdr) {&target, sizeof target, &piece, 1, NULL, 0, 0};
    }
    calls = 0;
    long sent = 0;
    double end = seconds(CLOCK_MONOTONIC) + millis / 1e3;
    double before = seconds(CLOCK_THREAD_CPUTIME_ID);
    while (seconds(CLOCK_MONOTONIC) < end) {
        sent += send(&ring, fd);
    }
    double nanos = (seconds(CLOCK_THREAD_CPUTIME_ID) - before) * 1e9 / sent;
    printf("  %-9s %5.0f ns, %.3f calls", name, nanos, (double) calls / sent);
    close(fd);
    close(sink);
    io_uring_queue_exit(&ring);
    return nanos;
}

int main(int count, char **words) {
    int rounds = count > 1 ? atoi(words[1]) : 3;
    int millis = count > 2 ? atoi(words[2]) : 1000;
    int bursts[] = {1, 8, 64};
    for (int b = 0; b < 3; b++) {
        burst = bursts[b];
        for (int i = 0; i < rounds; i++) {
            printf("%2d at a time:", burst);
            double one = measure(polled, "recvmmsg", millis);
            double two = measure(multishot, "multishot", millis);
            printf("  1 to %.2f\n", two / one);
        }
    }
    for (int b = 0; b < 3; b++) {
        burst = bursts[b];
        for (int i = 0; i < rounds; i++) {
            printf("%2d at a time:", burst);
            double one = measure_send(send_by_call, "sendmmsg", millis);
            double two = measure_send(send_by_ring, "SENDMSG", millis);
            printf("  1 to %.2f\n", two / one);
        }
    }
    return sum == 1; /* it is 0: the bytes were read */
}
