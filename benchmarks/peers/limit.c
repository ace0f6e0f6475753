/* The machine's limit: nothing but the state updates, as fast as the C compiler makes them.

   limit hh N STEPS DT CURRENT     Hodgkin-Huxley, plain exponential Euler, spikes counted
   limit lif N STEPS DT            leaky integrate-and-fire with two exponential currents

   Prints seconds of wall clock, seconds of processor time and the number of spikes. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static double *filled(int n, double value) {
    double *x = aligned_alloc(64, ((size_t)n * sizeof *x + 63) / 64 * 64);
    for (int i = 0; i < n; i++) x[i] = value;
    return x;
}

/* x moves to its steady value a/b at the speed b: dx/dt = a - b x. */
#define RELAXED(x, a, b, dt) ((a) / (b) + ((x) - (a) / (b)) * exp(-(dt) * (b)))

static long hh(int n, int steps, double dt, double current) {
    const double C = 100, gNa = 12000, gK = 3600, gL = 30, ENa = 50, EK = -77, EL = -54.3;
    double *restrict v = filled(n, -65), *restrict m = filled(n, 0.0529325);
    double *restrict h = filled(n, 0.5961208), *restrict k = filled(n, 0.3176769);
    long spikes = 0;
    for (int s = 0; s < steps; s++) {
        long found = 0;
        for (int i = 0; i < n; i++) {
            double u = v[i], mi = m[i], hi = h[i], ki = k[i];
            double am = 0.1 * (u + 40) / (1 - exp(-0.1 * (u + 40)));
            double bm = 4 * exp(-(u + 65) / 18), ah = 0.07 * exp(-0.05 * (u + 65));
            double bh = 1 / (1 + exp(-0.1 * (u + 35)));
            double an = 0.01 * (u + 55) / (1 - exp(-0.1 * (u + 55)));
            double bn = 0.125 * exp(-0.0125 * (u + 65));
            double Na = gNa * mi * mi * mi * hi, K = gK * ki * ki * ki * ki;
            double a = (Na * ENa + K * EK + gL * EL + current) / C, b = (Na + K + gL) / C;
            double next = RELAXED(u, a, b, dt);
            m[i] = RELAXED(mi, am, am + bm, dt);
            h[i] = RELAXED(hi, ah, ah + bh, dt);
            k[i] = RELAXED(ki, an, an + bn, dt);
            found += u <= 0 && next > 0;
            v[i] = next;
        }
        spikes += found;
    }
    return spikes;
}

static long lif(int n, int steps, double dt) {
    const double pull = exp(-dt / 20), e_fall = exp(-dt / 5), i_fall = exp(-dt / 10);
    const double from_e = 0.0048, from_i = 0.0049, rest = -49, threshold = -50, reset = -60;
    const int hold = (int)(5 / dt);
    double *restrict v = filled(n, -60), *restrict e = filled(n, 0), *restrict g = filled(n, 0);
    int *restrict left = calloc(n, sizeof *left), *fired = malloc(n * sizeof *fired);
    long spikes = 0;
    for (int i = 0; i < n; i++) v[i] += 10.0 * i / n;
    for (int s = 0; s < steps; s++) {
        for (int i = 0; i < n; i++) {
            double next = rest + (v[i] - rest) * pull + from_e * e[i] - from_i * g[i];
            v[i] = left[i] > 0 ? v[i] : next;
            left[i] -= left[i] > 0;
            e[i] *= e_fall;
            g[i] *= i_fall;
        }
        int found = 0;
        for (int i = 0; i < n; i++) {
            fired[found] = i;
            found += v[i] > threshold;
        }
        for (int j = 0; j < found; j++) {
            v[fired[j]] = reset;
            left[fired[j]] = hold;
        }
        spikes += found;
    }
    return spikes;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    int n = atoi(argv[2]), steps = atoi(argv[3]);
    double dt = atof(argv[4]), current = argc > 5 ? atof(argv[5]) : 0;
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    long spikes = strcmp(argv[1], "hh") ? lif(n, steps, dt) : hh(n, steps, dt, current);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%.9f %.9f %ld\n", wall, cpu, spikes);
    return 0;
}
