import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Every kind of code that the translation knows, with results that show a mistake. */
public final class Sample extends SampleBase implements SampleShape {
    static final String TEXT = "\"\\'\n\t\0 é € 𝄞 ecg";
    static final int WHOLE = -2_000_000_000;
    static final long LARGE = -9_000_000_000_000_000_000L;
    static final boolean YES = true;
    static int counted = 7;

    private int width = 3;
    private long total = 5;
    private double ratio = 0.25;
    private byte small = -5;
    private char letter = 'x';
    private short brief = -300;
    private boolean flag;

    public static void main(String[] arguments) throws Exception {
        Sample sample = new Sample();
        List<String> lines = new ArrayList<>();
        lines.add(TEXT + WHOLE + LARGE + YES + Float.NaN + -0.0f + 1e-40f + Math.PI + Long.MIN_VALUE);
        lines.add("integers " + sample.integers(17, -5) + " " + sample.integers(Integer.MIN_VALUE, 3));
        lines.add("longs " + sample.longs(1L << 40, -7L, 3) + " " + sample.longs(Long.MIN_VALUE, 11L, 65));
        lines.add("floats " + sample.floats(1.5f, -2.25f, 7.5, 3.0) + " " + sample.floats(Float.NaN, 1f, 0.0, -0.0));
        lines.add("casts " + sample.casts(-70_000.9, 1e20f, 123_456_789_012L, 65_601));
        lines.add("compares " + sample.compares(1, 2, 1.0, Double.NaN) + sample.compares(5, 5, 2.0, 1.0));
        lines.add("arrays " + sample.arrays(6));
        lines.add("slots " + slots());
        lines.add("fields " + sample.fields());
        for (String word : new String[] {"Aa", "BB", "ecg", "lead", "none"}) {
            lines.add("switches " + switches(word) + " " + switches(word.length() - 4));
        }
        for (int depth = 0; depth < 5; depth++) {
            lines.add("catches " + catches(depth, lines));
        }
        lines.add("objects " + sample.objects("text") + sample.objects(4) + sample.objects(null) + sample.area());
        lines.add("closed " + closed(false) + closed(true) + " " + sample.inner().run(2L, "a", 3.5, (byte) -1, true));
        String wide = many(1, 2L, 3f, 4.0, (short) 5, 'c', (byte) 6, false, "s", new int[] {8});
        lines.add("wide " + wide);
        for (String line : lines) {
            System.out.println(Arrays.toString(line.toCharArray()));
        }
    }

    private int integers(int a, int b) {
        int i = a;
        i += 100;
        i -= 128;
        i++;
        return ((a + b) ^ (a - b)) + (a * b) / (b | 1) + a % 7 + (a << 33) + (a >> 2) + (a >>> 3) + ~b + -a + (i & 0xFF);
    }

    private long longs(long a, long b, int shift) {
        long sum = a + b - a * b / (b | 1L) + a % 7L;
        return (sum ^ (a << shift)) + (a >> shift) + (b >>> shift) + -a + (a & b) + 1L;
    }

    private String floats(float a, float b, double c, double d) {
        return (a + b) + " " + (a - b * a / b) + " " + (-a % 2f) + " " + (c + d) + " " + (c - d * c / d) + " " + (-c % 2.0);
    }

    private String casts(double d, float f, long l, int i) {
        return (int) d + " " + (long) d + " " + (float) d + " " + (int) f + " " + (long) f + " " + (double) f + " " + (int) l
                + " " + (float) l + " " + (double) l + " " + (byte) i + " " + (char) i + " " + (short) i + " " + (long) i
                + " " + (float) i + " " + (double) i;
    }

    private String compares(int a, int b, double c, double d) {
        long p = a;
        float q = b;
        Object lead = flag ? TEXT : this;
        boolean mixed = a < b ^ c < d | p >= b & q <= 5f;
        return "" + (a == b) + (a != b) + (a < b) + (a >= b) + (a > b) + (a <= b) + (c < d) + (c > d) + (c >= d) + (c <= d)
                + (p == b) + (p < b) + (q > a) + (q != a) + (a > 0) + (a <= 0) + mixed + (mixed ? a : b) + (this == null) + (lead != this);
    }

    private String arrays(int count) {
        int[] squares = new int[count];
        long[] cubes = new long[count];
        byte[] bytes = new byte[count];
        char[] chars = new char[count];
        short[] shorts = new short[count];
        double[] halves = new double[count];
        float[] thirds = new float[count];
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            squares[i] = i * i;
            squares[i] += i;
            squares[count - 1]++;
            cubes[i] = (long) i * i * i;
            cubes[i] -= 2;
            bytes[i] = (byte) (i * 50);
            chars[i] = (char) ('a' + i);
            shorts[i] = (short) (i * 9000);
            halves[i] = i / 2.0;
            thirds[i] = i / 3f;
            names[i] = i == 2 ? null : "n" + i;
        }
        double read = bytes[3] + chars[3] + shorts[3] + halves[3] + thirds[3];
        return read + Arrays.toString(squares) + Arrays.toString(cubes) + Arrays.toString(bytes) + new String(chars)
                + Arrays.toString(shorts) + Arrays.toString(halves) + Arrays.toString(thirds) + Arrays.toString(names);
    }

    private static double slots() {
        long whole = counted;
        float single = whole > 0L ? whole / 4f : 0f;
        double both = single + whole;
        both(single); // its result is not used
        return both == 0.0 ? both : both(single) + half(both);
    }

    private static double both(float value) {
        double more = 2.0 * value;
        return more;
    }

    private static float half(double value) {
        return (float) value / 2;
    }

    private String fields() {
        int before = width++;
        int after = ++width;
        total += 10;
        ratio *= 3;
        small += 3;
        letter++;
        brief -= 1;
        flag = !flag;
        int both = counted = width = 40;
        counted--;
        return before + " " + after + " " + total + " " + ratio + " " + small + letter + brief + flag + both + counted;
    }

    private static String switches(String word) {
        switch (word) {
            case "Aa":
                return "first";
            case "BB": // the same hash
                return "second";
            case "ecg":
            case "lead":
                return "third";
            default:
                return "other";
        }
    }

    @SuppressWarnings("fallthrough")
    private static int switches(int value) {
        int result = 0;
        switch (value) {
            case -2:
                result += 1;
            case -1:
                result += 10;
                break;
            case 0:
                result += 100;
                break;
            default:
                result = -1;
        }
        return result;
    }

    private static String catches(int depth, List<String> lines) {
        StringBuilder trail = new StringBuilder();
        try {
            try {
                trail.append("t");
                if (depth == 1) {
                    throw new IOException("one");
                } else if (depth == 2) {
                    lines.get(-1);
                } else if (depth == 3) {
                    throw new IllegalStateException("three");
                } else if (depth == 4) {
                    return trail.append("r").toString();
                }
            } catch (IOException | IndexOutOfBoundsException caught) {
                trail.append(caught instanceof IOException ? "io" : "index");
            } finally {
                trail.append("f");
            }
        } catch (RuntimeException caught) {
            trail.append(caught.getMessage());
        }
        return trail.toString();
    }

    private static String closed(boolean fails) {
        StringBuilder trail = new StringBuilder();
        AutoCloseable resource = new AutoCloseable() {
            @Override
            public void close() {
                trail.append("c");
            }
        };
        try (AutoCloseable open = resource) {
            trail.append(open == resource);
            if (fails) {
                throw new IOException("inside");
            }
        } catch (Exception caught) {
            trail.append(caught.getMessage());
        }
        return trail.toString();
    }

    private String objects(Object value) {
        String text = value instanceof String ? (String) value : String.valueOf(value);
        Object[] all = {text, 1, 2L, 'c', Sample.class.getSimpleName(), int[].class.getName()};
        return text + all.length + all[4] + all[5];
    }

    @Override
    public String area() {
        SampleShape shape = this;
        return "own " + super.area() + shape.sides();
    }

    @Override
    public int sides() {
        return 4;
    }

    private SampleTask inner() {
        final int offset = width;
        return new SampleTask() {
            private int calls;

            @Override
            public String run(long a, String b, double c, byte d, boolean e) {
                calls++;
                width += offset;
                return a + b + c + d + e + calls + width;
            }
        };
    }

    private static String many(
            int a, long b, float c, double d, short e, char f, byte g, boolean h, String i, int[] j) {
        long sum = a + b;
        return a + " " + b + c + d + e + f + g + h + i + j[0] + sum;
    }
}

class SampleBase {
    public String area() {
        return "base ";
    }
}

interface SampleShape {
    int sides();
}

interface SampleTask {
    String run(long a, String b, double c, byte d, boolean e);
}
