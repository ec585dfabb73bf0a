package android.os;

public class Build {
    public static class VERSION {
        public static final int SDK_INT = level(); // no constant, which a compiler would copy

        private static native int level();
    }
}
