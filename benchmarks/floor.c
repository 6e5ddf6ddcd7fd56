/* How fast this machine reads memory: sums BYTES of words, again and again over GIGA of them, with THREADS.
 * cc -O3 -march=native -fopenmp floor.c -o floor && ./floor BYTES THREADS   prints seconds for BYTES (median)
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECES 8
#define ROUNDS 5

static int order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **given) {
    if (count != 3) return 2;
    size_t words = strtoull(given[1], NULL, 10) / 8;
    omp_set_num_threads(atoi(given[2]));
    long *piece[PIECES], sink = 0;
    double took[PIECES * ROUNDS];
    for (int p = 0; p < PIECES; p++) {
        if (!(piece[p] = malloc(words * 8))) return 1;
#pragma omp parallel for
        for (size_t i = 0; i < words; i++) piece[p][i] = (long)i;
    }
    for (int r = 0; r < PIECES * ROUNDS; r++) { /* another piece each time, so that no cache holds it */
        const long *here = piece[r % PIECES];
        long sum = 0;
        double start = omp_get_wtime();
#pragma omp parallel for simd reduction(+ : sum)
        for (size_t i = 0; i < words; i++) sum += here[i];
        took[r] = omp_get_wtime() - start;
        sink ^= sum;
    }
    qsort(took, PIECES * ROUNDS, sizeof took[0], order);
    printf("%.6f\n", took[PIECES * ROUNDS / 2]);
    return sink == 42 ? 3 : 0; /* so that the sums are not left out */
}
