/* What the model expects of its input, in C11 and C++11: decimation, baseline removal, scaling, quantisation.
   The same as ecglite.lab.conditioning, from which the constants in ecglite_model.h come. */
#ifndef ECGLITE_CONDITIONING_H
#define ECGLITE_CONDITIONING_H

#include <math.h>
#include <stdint.h>

#include "ecglite_model.h"

/* Samples at 500 Hz on their way to 100 Hz. Start with one of zeros: `ecglite_decimator d = {0}`. */
typedef struct {
    int16_t ring[ECGLITE_N_TAPS][ECGLITE_N_LEADS];
    int32_t newest; /* row of the ring */
    int32_t until;  /* samples until the next output */
    int32_t begun;
} ecglite_decimator;

/* Takes one sample of every lead at 500 Hz. Every fifth time `out` is one at 100 Hz and the result is 1, else 0.
   An output lies 20 samples (40 ms) behind its input. The first sample is taken to have lasted before. */
static inline int ecglite_decimate(ecglite_decimator *d, const int16_t in[ECGLITE_N_LEADS],
                                   int16_t out[ECGLITE_N_LEADS]) {
    if (!d->begun) {
        for (int row = 0; row < ECGLITE_N_TAPS; ++row) {
            for (int lead = 0; lead < ECGLITE_N_LEADS; ++lead) d->ring[row][lead] = in[lead];
        }
        d->until = ECGLITE_N_TAPS / 2 + 1;
        d->begun = 1;
    }
    d->newest = (d->newest + 1) % ECGLITE_N_TAPS;
    for (int lead = 0; lead < ECGLITE_N_LEADS; ++lead) d->ring[d->newest][lead] = in[lead];
    if (--d->until) return 0;
    d->until = ECGLITE_DECIMATION;
    for (int lead = 0; lead < ECGLITE_N_LEADS; ++lead) {
        float sum = 0.0f;
        for (int tap = 0; tap < ECGLITE_N_TAPS; ++tap) { /* the taps are symmetric: either end may come first */
            sum += ecglite_taps[tap] * (float)d->ring[(d->newest + 1 + tap) % ECGLITE_N_TAPS][lead];
        }
        sum = fminf(fmaxf(sum, -32768.0f), 32767.0f);
        out[lead] = (int16_t)lrintf(sum);
    }
    return 1;
}

/* Ten seconds at 100 Hz -> the model's input.

   samples: in units of the recorder; an absent lead is zeros.
   mv_per_unit: millivolts of one unit.
   input: int8 [1000][12], the input tensor's data. */
static inline void ecglite_condition(const int16_t samples[ECGLITE_N_SAMPLES][ECGLITE_N_LEADS], float mv_per_unit,
                                     int8_t *input) {
    for (int lead = 0; lead < ECGLITE_N_LEADS; ++lead) {
        float power = 0.0f, per_unit = 0.0f;
        for (int pass = 0; pass < 2; ++pass) { /* first the power, then the output */
            int32_t sum = 0, n = 0;
            for (int k = 0; k < ECGLITE_BASELINE_HALF; ++k) sum += samples[k][lead], ++n;
            for (int k = 0; k < ECGLITE_N_SAMPLES; ++k) {
                if (k + ECGLITE_BASELINE_HALF < ECGLITE_N_SAMPLES) sum += samples[k + ECGLITE_BASELINE_HALF][lead], ++n;
                if (k > ECGLITE_BASELINE_HALF) sum -= samples[k - ECGLITE_BASELINE_HALF - 1][lead], --n;
                const float x = (float)samples[k][lead] - (float)sum / (float)n;
                if (pass == 0) {
                    power += x * x;
                    continue;
                }
                const float scaled = fminf(fmaxf(x * per_unit, -ECGLITE_CLIP), ECGLITE_CLIP) / ECGLITE_INPUT_SCALE;
                const int32_t q = (int32_t)lrintf(scaled) + ECGLITE_INPUT_ZERO_POINT;
                input[k * ECGLITE_N_LEADS + lead] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
            }
            if (pass == 0) {
                power *= mv_per_unit * mv_per_unit / (float)ECGLITE_N_SAMPLES;
                per_unit = mv_per_unit / sqrtf(power + ECGLITE_FLOOR_MV * ECGLITE_FLOOR_MV);
            }
        }
    }
}

#endif
