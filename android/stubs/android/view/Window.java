package android.view;

public abstract class Window {
    public native void setDecorFitsSystemWindows(boolean fits);

    public native WindowInsetsController getInsetsController();

    public abstract View getDecorView();

    public abstract void setStatusBarColor(int colour);

    public abstract void setNavigationBarColor(int colour);
}
