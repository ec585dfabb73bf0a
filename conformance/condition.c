/* The conditioning of a bundle for microcontrollers, as a firmware calls it, on windows of ten seconds:
   cc -std=c11 -I BUNDLE condition.c -o condition -lm && ./condition MV_PER_UNIT < windows > inputs

   stdin: int16 [n][5000][12] at 500 Hz, in units of MV_PER_UNIT millivolts. stdout: int8 [n][1000][12], what micro.tflite
   takes. The last sample is held for 40 ms, which the decimation looks ahead. */
#include <stdio.h>
#include <stdlib.h>

#include "ecglite_conditioning.h"

enum { N_IN = ECGLITE_N_SAMPLES * ECGLITE_DECIMATION };

static int16_t window[N_IN][ECGLITE_N_LEADS];
static int16_t slow[ECGLITE_N_SAMPLES][ECGLITE_N_LEADS];
static int8_t input[ECGLITE_N_SAMPLES * ECGLITE_N_LEADS];

int main(int argc, char **argv) {
    const float mv_per_unit = argc == 2 ? strtof(argv[1], NULL) : 0.0f;
    if (!(mv_per_unit > 0.0f)) return 2;
    while (fread(window, sizeof window, 1, stdin) == 1) {
        ecglite_decimator decimator = {0};
        for (int k = 0, n = 0; n < ECGLITE_N_SAMPLES; ++k)
            n += ecglite_decimate(&decimator, window[k < N_IN ? k : N_IN - 1], slow[n]);
        ecglite_condition((const int16_t(*)[ECGLITE_N_LEADS])slow, mv_per_unit, input);
        if (fwrite(input, sizeof input, 1, stdout) != 1) return 1;
    }
    return 0;
}
