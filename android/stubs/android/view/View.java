package android.view;

public class View {
    public static final int SYSTEM_UI_FLAG_LIGHT_STATUS_BAR = 0x00002000;

    public native void setBackgroundColor(int colour);

    public native void setPadding(int left, int top, int right, int bottom);

    public native void setSystemUiVisibility(int flags);

    public native void setOnApplyWindowInsetsListener(OnApplyWindowInsetsListener listener);

    public interface OnApplyWindowInsetsListener {
        WindowInsets onApplyWindowInsets(View view, WindowInsets insets);
    }
}
