/*
 * Loads a store that speaks RESP, at a steady rate whatever it answers (an open loop): SETs of random keys, sent at times that were
 * set beforehand, in turn on so many connections. A request's latency is counted from the time that it was to be sent, so that
 * one which waits behind a slow one counts as waiting too.
 *
 * usage: gcc -O2 -o /tmp/kv_load bench/kv_load.c -lm && /tmp/kv_load PORT CONNECTIONS REQUESTS_A_SECOND KEYS VALUE_BYTES
 *
 * At each line of its input it prints what was seen since the last one, and begins anew: requests, milliseconds of p50, p99, p99.9,
 * the longest. It ends with its input. Keys are key:000000000000 up to KEYS, as redis-benchmark's.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, WAITING = 1 << 16, BUCKETS = 4096, REPLY = 5 };

struct connection {
    int fd;
    uint64_t due[WAITING]; /* a ring: when each request that isn't answered yet was to be sent */
    unsigned sent, answered;
    int got; /* bytes of the reply that is arriving */
};

static struct connection *connections[MOST];
static uint64_t buckets[BUCKETS], count, longest;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Buckets grow by 0.5 %, from 1 us on. */
static void seen(uint64_t nanos) {
    double at = nanos <= 1000 ? 0 : log(nanos / 1000.0) / log(1.005);
    buckets[at >= BUCKETS ? BUCKETS - 1 : (int)at]++;
    count++;
    if (nanos > longest) {
        longest = nanos;
    }
}

static double percentile(double share) {
    uint64_t left = count * share;
    int i = 0;
    while (i < BUCKETS - 1 && left >= buckets[i]) {
        left -= buckets[i++];
    }
    return pow(1.005, i + 1) / 1000;
}

static void tell(void) {
    printf("%lu %.3f %.3f %.3f %.3f\n", count, percentile(0.5), percentile(0.99), percentile(0.999), longest / 1e6);
    fflush(stdout);
    memset(buckets, 0, sizeof buckets);
    count = longest = 0;
}

static struct connection *open_to(int port) {
    struct connection *c = calloc(1, sizeof *c);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0) {
        err(1, "connecting to port %d", port);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return c;
}

static void send_one(struct connection *c, uint64_t due, long keys, int bytes) {
    static char request[1 << 20];
    static char *value;
    if (!value) {
        value = malloc(bytes);
        memset(value, 'x', bytes);
    }
    if (c->sent - c->answered == WAITING) {
        errx(1, "%d requests of one connection wait for an answer: the rate is more than the store takes", WAITING);
    }
    int n = sprintf(request, "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012ld\r\n$%d\r\n%.*s\r\n", random() % keys, bytes, bytes, value);
    for (int at = 0; at < n;) {
        ssize_t wrote = write(c->fd, request + at, n - at);
        if (wrote < 0) {
            err(1, "write");
        }
        at += wrote;
    }
    c->due[c->sent++ % WAITING] = due;
}

static void receive(struct connection *c) {
    static char bytes[64 << 10];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        errx(1, "the store closed a connection");
    }
    uint64_t at = now();
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != "+OK\r\n"[c->got]) {
            errx(1, "answered: %.*s", (int)(n - i), bytes + i);
        }
        if (++c->got == REPLY) {
            c->got = 0;
            seen(at - c->due[c->answered++ % WAITING]);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 6 || atoi(argv[2]) < 1 || atoi(argv[2]) > MOST || atol(argv[3]) < 1 || atol(argv[4]) < 1 || atoi(argv[5]) < 1
        || atoi(argv[5]) > 1000000) {
        errx(2, "usage: kv_load PORT CONNECTIONS(1-%d) REQUESTS_A_SECOND KEYS VALUE_BYTES(1-1000000)", MOST);
    }
    int n = atoi(argv[2]), poller = epoll_create1(0);
    for (int i = 0; i < n; i++) {
        connections[i] = open_to(atoi(argv[1]));
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = connections[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, connections[i]->fd, &e);
    }
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, 0, &input) < 0) {
        err(1, "standard input is to be a pipe");
    }
    uint64_t step = 1000000000ull / atol(argv[3]), due = now();
    for (int turn = 0;;) {
        uint64_t at = now();
        for (int burst = 0; due <= at && burst < 64; burst++, due += step) {
            send_one(connections[turn++ % n], due, atol(argv[4]), atoi(argv[5]));
        }
        struct timespec wait = {.tv_nsec = due > at ? (due - at) % 1000000000 : 0};
        struct epoll_event events[64];
        int ready = epoll_pwait2(poller, events, 64, &wait, NULL);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) {
                receive(events[i].data.ptr);
                continue;
            }
            char line[64];
            ssize_t got = read(0, line, sizeof line);
            if (got <= 0) {
                return 0;
            }
            tell();
        }
    }
}
