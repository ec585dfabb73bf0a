package android.graphics;

public final class Insets {
    public final int left = left();
    public final int top = left();
    public final int right = left();
    public final int bottom = left();

    private static native int left();
}
