package android.content.res;

public class Resources {
    public native boolean getBoolean(int id);

    public final class Theme {
        public native void applyStyle(int id, boolean force);
    }
}
