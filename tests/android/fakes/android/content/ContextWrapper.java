package android.content;

import android.content.res.AssetManager;
import android.content.res.Resources;
import java.io.File;

public class ContextWrapper extends Context {
    @Override
    public AssetManager getAssets() {
        return new AssetManager();
    }

    @Override
    public ContentResolver getContentResolver() {
        return new ContentResolver();
    }

    @Override
    public native Resources getResources();

    @Override
    public native File getCacheDir();

    @Override
    public native Resources.Theme getTheme();

    @Override
    public native void startActivity(Intent intent);
}
