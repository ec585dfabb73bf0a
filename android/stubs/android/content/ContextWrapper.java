package android.content;

import android.content.res.AssetManager;
import android.content.res.Resources;
import java.io.File;

public class ContextWrapper extends Context {
    @Override
    public native AssetManager getAssets();

    @Override
    public native Resources getResources();

    @Override
    public native ContentResolver getContentResolver();

    @Override
    public native File getCacheDir();

    @Override
    public native Resources.Theme getTheme();

    @Override
    public native void startActivity(Intent intent);
}
